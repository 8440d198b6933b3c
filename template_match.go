package chatstream

import (
	"math"

	"github.com/seed-08fc7208/chatstream/internal/jsonwire"
)

// What of a template is most frequent: all values that differ have a place of their own in
// a chunk with one choice, and are read straight into it.

// hole is a value that differs from one event to the next.
type hole struct {
	valueMark
	seat
	text  bool   // it is one, and has a seat: its quotation marks belong to what is around it
	into  *Text  // where it is read to, in the target
	after []byte // what stands between it and the next one, or the end of the event
	next  uint64 // the first eight bytes of after
	mask  uint64 // as many of them as it has

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
func (r *template) seatOf(m *valueMark) seat {
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

// target is what a hit decodes into. As it is mostly the same chunk each time, where each
// text goes is looked up once.
type target struct {
	dst     *CreateChatCompletionData
	parser  *parser  // of dst
	choices []Choice // of dst: the one that it will have
	choice  *Choice  // that one
	model   *Choice  // the remembered one
}

// tick is a time that was read, a number of ten digits: it is the same for many events.
type tick struct {
	first, last uint64  // eight of the digits
	value       float64 // 0 if none was read
}

// bind makes dst the target, if there can be a hit.
func (r *template) bind(dst *CreateChatCompletionData) bool {
	p := dst.parser
	if !r.seated || p == nil || p.owner != dst || cap(p.lists.choice) == 0 {
		return false
	}
	choices := p.lists.choice[:1:1]
	choice := &choices[0]
	r.target = target{dst, p, choices, choice, &r.chunk.Choices[0]}
	for h := range r.holes {
		hole := &r.holes[h]
		switch hole.kind {
		case obfuscationSeat:
			hole.into = &dst.Obfuscation.Value
		case contentSeat:
			hole.into = &choice.Delta.Content.Value
		case reasoningSeat:
			hole.into = &choice.Delta.Reasoning.Value
		case reasoningContentSeat:
			hole.into = &choice.Delta.ReasoningContent.Value
		}
	}
	return true
}

// unbind lets go of the target.
func (r *template) unbind() {
	r.target = target{}
	for h := range r.holes {
		r.holes[h].into = nil
	}
}

// hit is try for what is most frequent: all that differs has a seat. It returns 0
// where that is not so. Past its end b may have any bytes up to its capacity.
func (r *template) hit(b []byte, dst *CreateChatCompletionData) int {
	if dst != r.dst || dst.parser != r.parser {
		if !r.bind(dst) {
			return 0
		}
	}
	if len(b) < r.least || !jsonwire.HasPrefix(b, r.head) {
		return 0
	}
	*dst = *r.chunk
	dst.parser = r.parser
	dst.Choices = r.choices
	*r.choice = *r.model
	if r.extras {
		r.parser.copyExtras(dst)
	}
	i, h, all, holes := len(r.head), 0, b[:cap(b)], r.holes
texts:
	// Short texts of plain ASCII, without a call. Each load is within all.
	for ; h < len(holes) && i+24 <= len(all); h++ {
		hole := &holes[h]
		if hole.into == nil {
			break
		}
		end := i + jsonwire.FirstOf(jsonwire.Unusual(jsonwire.Load64(all, i)), jsonwire.Unusual(jsonwire.Load64(all, i+8)))
		if (jsonwire.Load64(all, end)^hole.next)&hole.mask != 0 {
			break
		}
		n := len(hole.after)
		if n > 8 {
			if n > len(all)-end {
				break
			}
			k := n - 32
			for ; k > 0; k -= 32 {
				if (jsonwire.Load64(all, end+k)^jsonwire.Load64(hole.after, k))|(jsonwire.Load64(all, end+k+8)^jsonwire.Load64(hole.after, k+8))|
					(jsonwire.Load64(all, end+k+16)^jsonwire.Load64(hole.after, k+16))|(jsonwire.Load64(all, end+k+24)^jsonwire.Load64(hole.after, k+24)) != 0 {
					break texts
				}
			}
			for k += 32; k > 8; k -= 8 {
				if jsonwire.Load64(all, end+k-8) != jsonwire.Load64(hole.after, k-8) {
					break texts
				}
			}
		}
		*hole.into = Text(all[i:end:end])
		i = end + n
	}
	if h < len(holes) {
		hole := &holes[h]
		if i = r.readSeat(b, i, hole, dst); i <= 0 || !hole.precedes(b, i) {
			return 0
		}
		i += len(hole.after)
		h++
		goto texts
	}
	if i > len(b) {
		return 0
	}
	switch p := r.parser; {
	case p.large: // of the text, too
		p.resetLists()
	case len(p.text) > 0:
		emptied(p, &p.text, maxIdleScratch)
	}
	return i
}

// precedes reports whether what stands after the hole stands at i.
func (h *hole) precedes(b []byte, i int) bool {
	n := len(h.after)
	return n <= len(b)-i && string(b[i:i+n]) == string(h.after)
}

// readSeat reads the value at i for the seat of a hole. It returns the index where what
// stands after it should begin.
func (r *template) readSeat(b []byte, i int, hole *hole, dst *CreateChatCompletionData) int {
	p := r.parser
	if i >= len(b) {
		return 0
	}
	p.b = b
	switch {
	case hole.into != nil:
		i = p.string(i-1, hole.into) - 1
	case hole.kind == createdSeat:
		if t := &r.created; t.value != 0 && i+10 <= len(b) && jsonwire.Load64(b, i) == t.first && jsonwire.Load64(b, i+2) == t.last {
			dst.Created.Value = t.value
			return i + 10
		}
		n, end := jsonwire.Digits(b, i)
		dst.Created.Value = float64(n)
		if end == i+10 {
			r.created = tick{jsonwire.Load64(b, i), jsonwire.Load64(b, i+2), float64(n)}
		}
		return end
	case hole.form == markPart:
		return r.readPart(b, i, hole, hole.raw(dst))
	default:
		i = p.rawLine(i, int(hole.depth), hole.raw(dst))
	}
	p.at, p.fault = 0, jsonwire.NoFault
	return i
}

// readPart reads a string within a raw value, and at the last one the raw value; whether
// that ends as the remembered one does has yet to be compared. It returns the index after
// the string, 0 where there is none, and len(b) where b ends before the raw value.
func (r *template) readPart(b []byte, i int, hole *hole, dst *RawValue) int {
	if hole.first {
		r.rawFrom = i - int(hole.lead)
	}
	if b[i] != '"' {
		return 0
	}
	end, f := jsonwire.SkipString(b, i)
	if f != jsonwire.NoFault {
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
func (r *template) measure(h int) {
	for k := max(h-1, 0); k <= min(h+1, len(r.holes)-1); k++ {
		hole := &r.holes[k]
		hole.text = hole.kind.isText()
		hole.after = r.ref[hole.to():]
		if k+1 < len(r.holes) {
			next := &r.holes[k+1]
			next.text = next.kind.isText()
			hole.after = r.ref[hole.to():next.from()]
		}
		n := min(len(hole.after), 8)
		var next [8]byte
		copy(next[:], hole.after)
		hole.next, hole.mask = jsonwire.Load64(next[:], 0), 1<<(8*n)-1
		if hole.form == markPart {
			whole := &r.marks[hole.depth]
			hole.first = k == 0 || !hole.shares(&r.holes[k-1])
			hole.final = k+1 == len(r.holes) || !hole.shares(&r.holes[k+1])
			hole.lead, hole.trail = hole.start-whole.start, whole.end-hole.end
		}
	}
	r.head = r.ref[:r.holes[0].from()]
	r.unbind()
	r.least = len(r.head)
	for h := range r.holes {
		r.least += len(r.holes[h].after)
	}
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
	carve(&p.lists.members, &dst.Extra)
	carve(&p.lists.members, &choice.Extra)
	carve(&p.lists.members, &choice.Delta.Extra)
	p.lists.members = p.lists.members[:0]
}
