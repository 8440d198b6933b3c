package chatstream

import "math/bits"

// maxTracked is how many choices of a stream are tracked.
const maxTracked = 128

// finishTracker knows which choices a stream has begun and which it has finished.
type finishTracker struct {
	// Choices with an index below maxTracked, a bit each.
	seen, finished [maxTracked / 64]uint64
	// The others, in the order of their appearance.
	others []otherChoice
	lost   bool // there were more choices than are tracked
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
		if uint64(index) >= 64 || finished || t.seen[0]>>uint(index)&1 == 0 { // otherwise it is known
			t.note(index, finished)
		}
	}
}

func (t *finishTracker) note(index int64, finished bool) {
	if index >= 0 && index < maxTracked {
		word, bit := index/64, uint64(1)<<(index%64)
		if t.seen[word]&bit == 0 && t.full() {
			t.lost = true
		}
		t.seen[word] |= bit
		if finished {
			t.finished[word] |= bit
		}
		return
	}
	for i := range t.others {
		if t.others[i].index == index {
			t.others[i].finished = t.others[i].finished || finished
			return
		}
	}
	if t.full() {
		t.lost = true
		return
	}
	t.others = append(t.others, otherChoice{index, finished})
}

// full reports whether no further choice can be tracked.
func (t *finishTracker) full() bool {
	return bits.OnesCount64(t.seen[0])+bits.OnesCount64(t.seen[1])+len(t.others) >= maxTracked
}

// complete reports whether there was a choice, and each has been finished.
func (t *finishTracker) complete() bool {
	if t.lost || t.seen != t.finished {
		return false
	}
	for _, o := range t.others {
		if !o.finished {
			return false
		}
	}
	return t.seen != [len(t.seen)]uint64{} || len(t.others) > 0
}
