package chatstream

import "math"

// What of a replay is most frequent: all values that differ have a place of their own in
// a chunk with one choice, and are read straight into it.

// hole is a value that differs from one event to the next.
type hole struct {
	valueMark
	seat
	text  bool   // it is one, and has a seat: its quotation marks belong to what is around it
	after []byte // what stands between it and the next one, or the end of the event
	last  uint64 // the eight bytes of the event that end there
	shift uint8  // by the bits of them that stand before after

	// Of a part: whether it is the first or the last of its raw value that is a hole.
	first, final bool
	lead, trail  uint16 // how many bytes of the raw value stand before it and after it
}

// seat is the place of a member that often differs, in a chunk with one choice and no
// list within it but Extra. What is read there goes straight to a copy of the
// remembered chunk, which can so be made before anything is compared: the comparing
// does not wait for it, as the copying would for what was just read.
type seat struct {
	kind  seatKind
	index uint8 // of a member of Extra
}

type seatKind uint8

const (
	noSeat seatKind = iota
	createdSeat
	// Texts.
	obfuscationSeat
	contentSeat
	reasoningSeat
	reasoningContentSeat
	// Members of Extra.
	chunkExtraSeat
	choiceExtraSeat
	deltaExtraSeat
)

func (k seatKind) isText() bool { return k >= obfuscationSeat && k <= reasoningContentSeat }

// seatOf returns the seat of a value of the remembered chunk.
func (r *replay) seatOf(m *valueMark) seat {
	if !r.single || m.form == markMisfit {
		return seat{}
	}
	c := r.chunk
	choice := &c.Choices[0]
	switch m.field {
	case &c.Created:
		return seat{kind: createdSeat}
	case &c.Obfuscation:
		return seat{kind: obfuscationSeat}
	case &choice.Delta.Content:
		return seat{kind: contentSeat}
	case &choice.Delta.Reasoning:
		return seat{kind: reasoningSeat}
	case &choice.Delta.ReasoningContent:
		return seat{kind: reasoningContentSeat}
	}
	for i, extra := range [...][]Member{c.Extra, choice.Extra, choice.Delta.Extra} {
		for k := range min(len(extra), math.MaxUint8+1) {
			if m.field == &extra[k].Value {
				return seat{chunkExtraSeat + seatKind(i), uint8(k)}
			}
		}
	}
	return seat{}
}

// textOf returns the text that has the seat in a chunk.
func (s seat) textOf(c *CreateChatCompletionData) *Text {
	switch s.kind {
	case contentSeat:
		return &c.Choices[0].Delta.Content.Value
	case reasoningSeat:
		return &c.Choices[0].Delta.Reasoning.Value
	case reasoningContentSeat:
		return &c.Choices[0].Delta.ReasoningContent.Value
	}
	return &c.Obfuscation.Value
}

// raw returns the raw value that has the seat in a chunk.
func (s seat) raw(c *CreateChatCompletionData) *RawValue {
	switch s.kind {
	case chunkExtraSeat:
		return &c.Extra[s.index].Value
	case choiceExtraSeat:
		return &c.Choices[0].Extra[s.index].Value
	}
	return &c.Choices[0].Delta.Extra[s.index].Value
}

// hit is try for what is most frequent: all that differs has a seat. It returns 0
// where that is not so.
func (r *replay) hit(b []byte, dst *CreateChatCompletionData) int {
	p := dst.parser
	if !r.seated || p == nil || cap(p.choices) == 0 {
		return 0
	}
	i := len(r.head)
	if i >= len(b) || string(b[:i]) != string(r.head) {
		return 0
	}
	*dst = *r.chunk
	dst.parser = p
	dst.Choices = p.choices[:1:1]
	copy(dst.Choices, r.chunk.Choices)
	if r.extras {
		p.copyExtras(dst)
	}
	for h := range r.holes {
		hole := &r.holes[h]
		if hole.text && i+16 <= len(b) {
			end := i + firstOf(unusual(load64(b, i)), unusual(load64(b, i+8)))
			if hole.precedes(b, end) { // so it is plain ASCII, and short
				*hole.textOf(dst) = Text(b[i:end:end])
				i = end + len(hole.after)
				continue
			}
		}
		if i = r.readSeat(p, b, i, hole, dst); i <= 0 || !hole.precedes(b, i) {
			return 0
		}
		i += len(hole.after)
	}
	switch {
	case len(p.text) > 0:
		emptied(p, &p.text)
	case p.large:
		p.resetLists()
	}
	return i
}

// precedes reports whether what stands after the hole stands at i.
func (h *hole) precedes(b []byte, i int) bool {
	n := len(h.after)
	if n > len(b)-i {
		return false
	}
	if n <= 8 {
		return (load64(b, i+n-8)^h.last)>>(h.shift&63) == 0
	}
	return string(b[i:i+n]) == string(h.after)
}

// readSeat reads the value at i for the seat of a hole. It returns the index where what
// stands after it should begin.
func (r *replay) readSeat(p *parser, b []byte, i int, hole *hole, dst *CreateChatCompletionData) int {
	if i == len(b) {
		return 0
	}
	p.b = b
	switch {
	case hole.text:
		i = p.string(i-1, hole.textOf(dst)) - 1
	case hole.kind == createdSeat:
		n, end := digits(b, i)
		dst.Created.Value = float64(n)
		return end
	case hole.form == markPart:
		return r.readPart(b, i, hole, hole.raw(dst))
	default:
		i = p.rawLine(i, int(hole.depth), hole.raw(dst))
	}
	p.at, p.fault = 0, ok
	return i
}

// readPart reads a string within a raw value, and at the last one the raw value; whether
// that ends as the remembered one does has yet to be compared. It returns the index after
// the string, 0 where there is none, and len(b) where b ends before the raw value.
func (r *replay) readPart(b []byte, i int, hole *hole, dst *RawValue) int {
	if hole.first {
		r.rawFrom = i - int(hole.lead)
	}
	if b[i] != '"' {
		return 0
	}
	end, f := skipString(b, i)
	if f != ok {
		if end == len(b) {
			return end
		}
		return 0
	}
	if hole.final {
		to := end + int(hole.trail)
		if to > len(b) {
			return len(b)
		}
		*dst = RawValue(b[r.rawFrom:to:to])
	}
	return end
}

// measure notes what stands before and after a new hole.
func (r *replay) measure(h int) {
	for k := max(h-1, 0); k <= min(h+1, len(r.holes)-1); k++ {
		hole := &r.holes[k]
		hole.text = hole.kind.isText()
		hole.after = r.ref[hole.to():]
		if k+1 < len(r.holes) {
			next := &r.holes[k+1]
			next.text = next.kind.isText()
			hole.after = r.ref[hole.to():next.from()]
		}
		hole.last = load64(r.ref, hole.to()+len(hole.after)-8)
		hole.shift = uint8(64 - 8*min(len(hole.after), 8))
		if hole.form == markPart {
			whole := &r.marks[hole.depth]
			hole.first = k == 0 || !hole.shares(&r.holes[k-1])
			hole.final = k+1 == len(r.holes) || !hole.shares(&r.holes[k+1])
			hole.lead, hole.trail = hole.start-whole.start, whole.end-hole.end
		}
	}
	r.head = r.ref[:r.holes[0].from()]
}

// from and to are what of the remembered event is the hole to a hit.
func (h *hole) from() int {
	if h.text {
		return int(h.start) + 1
	}
	return int(h.start)
}

func (h *hole) to() int {
	if h.text {
		return int(h.end) - 1
	}
	return int(h.end)
}

// shares reports whether two holes are parts of one raw value.
func (h *hole) shares(other *hole) bool {
	return h.form == markPart && other.form == markPart && h.depth == other.depth
}

// copyExtras gives a chunk with one choice an Extra of its own.
func (p *parser) copyExtras(dst *CreateChatCompletionData) {
	choice := &dst.Choices[0]
	carve(&p.members, &dst.Extra)
	carve(&p.members, &choice.Extra)
	carve(&p.members, &choice.Delta.Extra)
	p.members = p.members[:0]
}
