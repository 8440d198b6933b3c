package chatstream

import (
	"github.com/seed-08fc7208/chatstream/internal/jsonwire"
)

// Consecutive events of a stream mostly differ in one or two values: the next word,
// and perhaps the padding that hides its length. A template remembers one event and
// what the parser made of it, a chunk with the place of every value in it. An event
// that has the same bytes but for some of these values, and in their place others
// of the same type, makes the same chunk but for these.
//
// That is exact: a parser that has read equal bytes is in an equal state, so that a
// value stands where a value stood. It is read from its first byte on by the
// parser's own functions; its end is where they stop, and what follows must be
// equal again. Whatever else is found is a miss, and the parser reads the event.
type template struct {
	ref      []byte                    // the event, from "data:" to the end of its empty line
	data     span                      // its payload
	chunk    *CreateChatCompletionData // what the parser made of it
	recorder                           // its values, in their order
	holes    []hole                    // those of them that have differed, in order
	head     []byte                    // what stands before the first hole
	least    int                       // how long it is without what is in the holes
	target

	known   bool  // there is an event to compare with
	flat    bool  // its chunk has no list but choices
	single  bool  // it has one choice, and no list in that but Extra
	extras  bool  // it has an Extra
	seated  bool  // all holes have a seat, and there are some
	waiting bool  // for the end of the event at hand, which has begun in the same way
	missed  bool  // the event at hand is another, whatever is still to be read of it
	rawFrom int   // where in the event at hand the raw value begins whose parts are read
	misses  int   // since the last hit
	hits    int64 // that have paid for it
	debt    int   // hits that learning has to be worth before it goes on
	off     bool  // in tests: never hit
	eager   bool  // in tests: remember each miss
	created tick  // the last one that was read
}

const (
	maxTemplate = 16 << 10 // bytes of an event that is remembered; a mark can say 64 KiB
	// maxTemplateChoices is how many choices it may have, since a choice that is {}
	// takes 200 times its size in memory, for as long as the stream lasts.
	maxTemplateChoices = 16
	// learnCost is how many hits pay for remembering an event, and maxDebt how many may
	// be outstanding. A stream that never pays has one in rareMisses events remembered,
	// so that it costs next to nothing and still has a way back.
	learnCost  = 4
	maxDebt    = 16
	rareMisses = 64
	// lastMisses is how many events may be alone at the end of a stream: one that has the
	// finish reason, one that has the usage, and perhaps another.
	lastMisses = 3
)

// reset forgets the event. It keeps the memory.
func (r *template) reset() {
	r.unbind()
	r.recorder.reset()
	*r = template{ref: r.ref[:0], chunk: r.chunk, recorder: r.recorder, holes: r.holes[:0], off: r.off, eager: r.eager}
}

// forget forgets the event and gives up its memory. Its marks and holes go too, since
// they point into the chunk.
func (r *template) forget() {
	*r = template{misses: r.misses, debt: r.debt, hits: r.hits, off: r.off, eager: r.eager}
}

// give makes dst what the remembered event is. Its texts stay what they are as long as
// nothing else is remembered.
func (r *template) give(dst *CreateChatCompletionData) {
	p := parserOf(dst)
	p.makeChunk(dst, r.chunk, r.flat)
	p.reset()
}

// try compares the event that b begins with to the remembered one, and makes its
// chunk. It returns the event's length, or 0 at a miss; short tells that b has
// ended before there was a difference.
func (r *template) try(b []byte, dst *CreateChatCompletionData) (n int, short bool) {
	p := parserOf(dst)
	p.text = renew(p.text, len(r.ref))
	p.b = b
	if n, short = r.compare(p, b); n > 0 {
		p.makeChunk(dst, r.chunk, r.flat)
	}
	p.reset()
	return n, short
}

// compare reads the values in the holes into the remembered chunk.
func (r *template) compare(p *parser, b []byte) (n int, short bool) {
	at, i := 0, 0 // in ref and in b
	for h := 0; ; h++ {
		next := len(r.ref)
		if h < len(r.holes) {
			next = int(r.holes[h].start)
		}
		fixed := r.ref[at:next]
		if len(fixed) > len(b)-i || string(b[i:i+len(fixed)]) != string(fixed) {
			k := jsonwire.CommonPrefix(fixed, b[i:])
			if i+k == len(b) {
				return 0, true
			}
			m := r.markAt(at + k)
			if m < 0 {
				return 0, false
			}
			if w := r.widen(m); w >= 0 {
				h = w - 1
				if start := int(r.holes[w].start); start < at { // parts of it have been read
					at, i = start, r.rawFrom
				}
				continue
			}
			if int(r.marks[m].start) < at {
				return 0, false
			}
			next = r.open(h, m)
		}
		i += next - at
		if h == len(r.holes) {
			return i, false
		}
		if i == len(b) {
			return 0, true
		}
		hole := &r.holes[h]
		if hole.form == markPart {
			i = r.readPart(b, i, hole, hole.field.(*RawValue))
			if i == len(b) {
				return 0, true
			}
			if i == 0 {
				h = r.widen(int(hole.depth)) - 1
				at, i = int(r.holes[h+1].start), r.rawFrom
				continue
			}
		} else if i = r.read(p, i, &hole.valueMark); i <= 0 {
			short = p.fault != jsonwire.NoFault && p.at == len(b)
			p.at, p.fault = 0, jsonwire.NoFault
			return 0, short
		}
		at = int(hole.end)
	}
}

// markAt returns the value that stands at a position of the remembered event, or
// ends there, since a number that goes on differs at its end; or -1.
func (r *template) markAt(i int) int {
	for m := len(r.marks) - 1; m >= 0; m-- {
		switch mark := &r.marks[m]; {
		case i < int(mark.start):
		case i <= int(mark.end) && (i < int(mark.end) || mark.form != markPart):
			return m
		case mark.form != markPart:
			return -1
		}
	}
	return -1
}

// read reads the value at i in the place of m. It returns the index after it, or 0
// or less where there is no value of that type.
func (r *template) read(p *parser, i int, m *valueMark) int {
	b := p.b
	switch field := m.field.(type) {
	case *Optional[Text]:
		if b[i] == '"' {
			return p.string(i, &field.Value)
		}
	case *RawValue:
		if m.form == markMisfit && (b[i] == '"' || b[i] == 'n') {
			return 0
		}
		return p.rawLine(i, int(m.depth), field)
	case *Optional[int64]:
		n, end := jsonwire.Digits(b, i)
		field.Value = n
		return end
	case *Optional[float64]:
		if jsonwire.IsNumber(b, i) {
			if end, fits := p.float(i, &field.Value); end < 0 || fits {
				return end
			}
		}
	case *Optional[[]int64]:
		if b[i] == '[' {
			if end := p.intList(i, &field.Value); end <= 0 || !jsonwire.HasLineEnd(b[i:end]) {
				return end
			}
		}
	}
	return 0
}

// makeChunk makes dst equal to src, with lists of its own. In a flat chunk there are
// none but choices.
func (p *parser) makeChunk(dst, src *CreateChatCompletionData, flat bool) {
	*dst = *src
	dst.parser = p
	if flat {
		carve(&p.lists.choice, &dst.Choices)
	} else {
		p.copyChunk(dst)
	}
}

// carve replaces a list by a copy of it in the arena.
func carve[S ~[]T, T any](arena *[]T, list *S) {
	if *list == nil {
		return
	}
	n := len(*arena)
	*arena = append(*arena, *list...)
	*list = (*arena)[n:len(*arena):len(*arena)]
}

// carvePointer replaces what a pointer points to by a copy of it in the arena.
func carvePointer[T any](arena *[]T, pointer **T) {
	*arena = append(*arena, **pointer)
	*pointer = &(*arena)[len(*arena)-1]
}

// hasExtra reports whether the chunk, one of its choices or a delta has an Extra.
func (c *CreateChatCompletionData) hasExtra() bool {
	has := c.Extra != nil
	for i := range c.Choices {
		has = has || c.Choices[i].Extra != nil || c.Choices[i].Delta.Extra != nil
	}
	return has
}
