package chatstream

import "math/bits"

const (
	maxTracked  = 128 // how many choices of a stream are tracked
	trackedBits = 64  // those with a lower index take a bit
)

// finishTracker knows which choices a stream has begun and which it has finished.
type finishTracker struct {
	seen, finished uint64        // choices with an index below trackedBits, a bit each
	others         *otherChoices // nil until there is one
}

// otherChoices are those whose index is no bit's. Few streams have any.
type otherChoices struct {
	list []otherChoice // in the order of their appearance
	lost bool          // there were more choices than are tracked
}

type otherChoice struct {
	index    int64
	finished bool
}

// observe notes what the chunk says of its choices. A choice without an index is
// the first one; an empty finish reason is none.
func (t *finishTracker) observe(c *CreateChatCompletionData) {
	for i := range c.Choices {
		choice := &c.Choices[i]
		index, finished := choice.Index.Value, choice.FinishReason.Value != ""
		if uint64(index) >= trackedBits || finished || t.seen>>uint(index)&1 == 0 { // otherwise it is known
			t.note(index, finished)
		}
	}
}

func (t *finishTracker) note(index int64, finished bool) {
	if uint64(index) < trackedBits {
		bit := uint64(1) << index
		if t.seen&bit == 0 && t.full() {
			t.makeOthers().lost = true
		}
		t.seen |= bit
		if finished {
			t.finished |= bit
		}
		return
	}
	others := t.makeOthers()
	for i := range others.list {
		if o := &others.list[i]; o.index == index {
			o.finished = o.finished || finished
			return
		}
	}
	if t.full() {
		others.lost = true
		return
	}
	others.list = append(others.list, otherChoice{index, finished})
}

// makeOthers returns the other choices, which may be new.
func (t *finishTracker) makeOthers() *otherChoices {
	if t.others == nil {
		t.others = new(otherChoices)
	}
	return t.others
}

// again returns the tracker for the next stream. It keeps memory.
func (t *finishTracker) again() finishTracker {
	if o := t.others; o != nil {
		*o = otherChoices{list: o.list[:0]}
	}
	return finishTracker{others: t.others}
}

// full reports whether no further choice can be tracked.
func (t *finishTracker) full() bool {
	n := bits.OnesCount64(t.seen)
	if t.others != nil {
		n += len(t.others.list)
	}
	return n >= maxTracked
}

// complete reports whether there was a choice, and each has been finished.
func (t *finishTracker) complete() bool {
	if t.seen != t.finished {
		return false
	}
	if t.others == nil {
		return t.seen != 0
	}
	for _, o := range t.others.list {
		if !o.finished {
			return false
		}
	}
	return !t.others.lost && (t.seen != 0 || len(t.others.list) > 0)
}
