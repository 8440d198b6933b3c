package chatstream

import "github.com/seed-08fc7208/chatstream/internal/jsonwire"

// Events mostly differ in a few values: the ids, the time, the next word, and perhaps the
// padding that hides its length. A template is an event with holes in their places, and
// the chunk that a parser made of the rest. An event that has the same bytes but for
// the holes, and values of the same type in these, makes the same chunk but for these
// values.
//
// That is exact: a parser that has read equal bytes is in an equal state, so that a
// value stands where a value stood. It is read from its first byte on by the
// parser's own functions; its end is where they stop, and what follows must be
// equal again. Whatever else is found is a miss, and the parser reads the event.
//
// A template is shared by all streams that look like it, and does not change once it is
// published. It has nothing of the stream that it was learned from but names, punctuation,
// enumerations, null, and the texts whose fields are tagged as fixed in chunk.go: what
// stood in its holes is wiped.
type template struct {
	event []byte // from "data:" to the end of the empty line; zeros stand in the holes
	from  int    // where its payload begins
	tail  int    // how many bytes follow the payload
	head  []byte // what stands before the first hole
	least int    // how long an event is without what is in the holes
	holes []hole // in order
	fixed []seat // of the texts that are none

	block  block  // the chunk, without what is in the holes
	n      placed // how many elements its lists have
	single bool   // it has one choice, and no other list
	isChat bool   // its events are chunks: what says so is fixed

	// mark tells the template from others. Templates of the same events have the same,
	// whoever has learned them.
	mark uint32
}

// block is a chunk with the choice that most have.
type block struct {
	chunk   CreateChatCompletionData
	choices [1]Choice
}

// hole is a value that differs from one event to the next.
type hole struct {
	kind  holeKind
	at    seat
	depth uint16 // of the arrays and objects around a raw value
	after []byte // what stands between it and the next one, or the end of the event
	next  uint64 // the first eight bytes of after
	mask  uint64 // as many of them as it has
}

type holeKind uint8

const (
	textHole holeKind = iota // its quotation marks belong to what is around it
	integerHole
	numberHole
	integersHole
	rawHole
	misfitHole // neither a string nor null although its member should be
)

// seat is where a chunk has a value: a field of an element of a list, or a member of an
// Extra. It holds for any chunk of the template.
type seat struct {
	of    seatOf
	index uint16
}

const (
	maxTemplate = 8 << 10 // bytes of an event that is learned; a mark can say 64 KiB
	maxMarks    = 160     // values of it
	// maxTemplateElements is how many elements the lists of its chunk may have, since one
	// that is {} takes 70 times its size in memory.
	maxTemplateElements = 64
)

// fill makes dst, the chunk of p, what the template is without its holes.
func (t *template) fill(p *parser, dst *CreateChatCompletionData) {
	if t.single && cap(p.lists.choice) > 0 {
		p.lists.choice = p.lists.choice[:1] // in use, until reset
		choices := p.lists.choice[:1:1]
		*dst = t.block.chunk
		choices[0] = t.block.choices[0]
		dst.parser, dst.Choices = p, choices
		return
	}
	p.lists.reserve(&t.n)
	*dst = t.block.chunk
	dst.parser = p
	p.copyChunk(dst)
}

// reserve sees to it that a list, which is empty, has memory for n elements.
func reserve[T any](list *[]T, n int) {
	if cap(*list) < n {
		*list = make([]T, 0, n)
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

// append adds a hole, before which stand the fixed bytes.
func (t *template) append(fixed []byte, h hole) {
	t.end(fixed)
	t.holes = append(t.holes, h)
}

// end notes the fixed bytes after the last hole.
func (t *template) end(fixed []byte) {
	t.least += len(fixed)
	if n := len(t.holes); n > 0 {
		h := &t.holes[n-1]
		h.after = fixed
		var next [8]byte
		n := copy(next[:], fixed)
		h.next, h.mask = jsonwire.Load64(next[:], 0), 1<<(8*n)-1
		return
	}
	t.head = fixed
}
