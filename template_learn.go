package chatstream

import (
	"bytes"
	"encoding/binary"
	"hash/maphash"
	"slices"
)

// How a template is made. The parser tells a recorder where the values stand in a payload
// and in its chunk; a placer finds the seat of each; then the event and the chunk are
// copied, and what is in the holes is wiped.

// placer visits all values of a chunk, in the order in which copyChunk copies them, and
// notes the seat of each in its mark.
type placer struct {
	*recorder
	n    placed // elements that were visited
	next int    // the mark where the search for the next field begins
}

// find returns the mark of the value in a field. Most values are visited in the order in
// which they were read.
func (w *placer) find(field any) *valueMark {
	for range w.marks {
		if w.next == len(w.marks) {
			w.next = 0
		}
		m := &w.marks[w.next]
		w.next++
		if m.field == field {
			m.placed = true
			return m
		}
	}
	w.failed = true
	return new(valueMark)
}

// count counts elements of a list and returns the number of the first.
func count(n *int, elements int) (first int) {
	first = *n
	*n += elements
	return first
}

func (w *placer) text(field *Optional[Text], at seat, fixed bool) {
	if field.state == set {
		m := w.find(field)
		if m.at, m.fixed = at, fixed; !fixed {
			m.kind = textHole
			m.start++
			m.end--
		}
	}
}

func (w *placer) integer(field *Optional[int64], at seat) {
	if field.state == set {
		m := w.find(field)
		m.at, m.kind = at, integerHole
	}
}

func (w *placer) number(field *Optional[float64], at seat) {
	if field.state == set {
		m := w.find(field)
		m.at, m.kind = at, numberHole
	}
}

func (w *placer) integers(field *Optional[[]int64], at seat) {
	if field.state == set {
		m := w.find(field)
		m.at, m.kind = at, integersHole
	}
}

// raw is for a member that may be of any type: null stands there as a rule.
func (w *placer) raw(field *Optional[RawValue]) { w.failed = w.failed || field.state == set }

func (w *placer) members(extra []Member) {
	for i := range extra {
		m := w.find(&extra[i].Value)
		m.at, m.kind = seat{atMember, uint16(w.n.members + i)}, rawHole
		m.fixed = string(extra[i].Value) == "null"
		if m.misfit {
			m.kind = misfitHole
		}
	}
	w.n.members += len(extra)
}

// isPlain reports whether the event that was found is one line of data and an empty line,
// and small enough to be learned.
func (out *finding) isPlain() bool {
	raw := out.event.Raw
	if out.data > len("data: ") || len(raw) > maxTemplate || !bytes.HasPrefix(raw, []byte("data:")) {
		return false
	}
	switch string(raw[out.data+len(out.event.Data):]) {
	case "\n\n", "\r\n\r\n":
		return true
	}
	return false
}

// place finds the seats of all values of c, which was parsed while r recorded. It
// reports whether there can be a template, and how many elements the lists have.
func (r *recorder) place(c *CreateChatCompletionData) (n placed, ok bool) {
	w := placer{recorder: r}
	w.chunk(c, 0)
	end := 0
	for i := range r.marks {
		m := &r.marks[i]
		r.failed = r.failed || !m.placed || int(m.start) < end
		end = int(m.end)
	}
	return w.n, !r.failed && w.n.elements()-w.n.members <= maxTemplateElements
}

// newTemplate makes the template of a plain event. r has the marks of the values of c, which
// was parsed from it, and their seats.
func newTemplate(out *finding, c *CreateChatCompletionData, r *recorder, n *placed) *template {
	t := &template{
		event: bytes.Clone(out.event.Raw),
		from:  out.data,
		rest:  len(out.event.Raw) - out.data - len(out.event.Data),
		chunk: *c,
		n:     *n,
	}
	if t.holes = t.few[:0]; len(r.marks) >= len(t.few) {
		t.holes = make([]hole, 0, len(r.marks)+1)
	}
	own := parser{lists: newLists()}
	own.lists.choice = t.choices[:0]
	own.lists.reserve(n)
	own.copyChunk(&t.chunk)
	t.chunk.parser = nil
	at := 0 // the first byte after the last hole
	for i := range r.marks {
		m := &r.marks[i]
		start, end := t.from+int(m.start), t.from+int(m.end)
		if m.fixed {
			if m.at.of == atMember {
				t.own((*Text)(&own.lists.members[m.at.index].Value))
			} else {
				t.own(&own.textAt(&t.chunk, m.at).Value)
			}
			if poisoned {
				t.fixed = append(t.fixed, m.at)
			}
			continue
		}
		h := hole{kind: m.kind, at: m.at, depth: m.depth}
		if n := m.end - m.start; n >= 16 && n < 128 {
			h.usual = uint8(n)
		}
		t.empty(&h, &own)
		t.append(t.event[at:start], h)
		clear(t.event[start:end])
		at = end
	}
	t.append(t.event[at:], hole{kind: noHole})
	end := bytes.IndexByte(t.event, '\n')
	t.tail.bytes = binary.LittleEndian.Uint64(t.event[end-8:])
	if n := end - at; n > 0 {
		t.tail.mask = ^uint64(0) << (8 * max(8-n, 0))
	}
	for h := range t.holes[1:] {
		t.holes[h].next = &t.holes[h+1]
	}
	for i := range own.lists.members {
		t.own(&own.lists.members[i].Name)
	}
	t.single = c.isFlat() && len(c.Choices) == 1 && n.members <= usualElements
	t.open = t.single && c.Choices[0].FinishReason.Value == ""
	return t
}

// own gives a text or name, which is fixed, memory of the template's: it stands in the event,
// unless it has escapes there.
func (t *template) own(text *Text) {
	if at := bytes.Index(t.event, *text); at >= 0 {
		*text = Text(t.event[at : at+len(*text) : at+len(*text)])
	} else {
		*text = slices.Clip(append(Text{}, *text...))
	}
}

// empty empties the value of a hole in the template's chunk, whose lists are own's, and
// notes where it is.
func (t *template) empty(h *hole, own *parser) {
	switch h.kind {
	case textHole:
		field := own.textAt(&t.chunk, h.at)
		h.sitText(&t.chunk, &field.Value)
		field.Value = nil
	case integerHole:
		field := own.integerAt(&t.chunk, h.at)
		h.sitInteger(&t.chunk, &field.Value)
		field.Value = 0
	case numberHole:
		field := own.numberAt(&t.chunk, h.at)
		h.sitNumber(&t.chunk, &field.Value)
		field.Value = 0
	case integersHole:
		field := own.integersAt(&t.chunk, h.at)
		clear(field.Value)
		field.Value = nil
	default:
		own.lists.members[h.at.index].Value = nil
	}
}

// append adds a hole, before which stand the fixed bytes.
func (t *template) append(fixed []byte, h hole) {
	t.least += len(fixed)
	h.before = fixed
	t.holes = append(t.holes, h)
}

// seed makes digests what nobody else can know.
var seed = maphash.MakeSeed()

// digest is the same for events that have the same template. It hashes what stands between
// the holes, and what kind they are.
func (r *recorder) digest(out *finding) uint64 {
	return r.hash(out, func(m *valueMark) bool { return !m.fixed })
}

// outline is the same for events whose templates have other fixed texts at most.
func (r *recorder) outline(out *finding) uint64 {
	return r.hash(out, func(*valueMark) bool { return true })
}

// hash hashes what stands outside of some of the values, and what kind these are.
func (r *recorder) hash(out *finding, isHole func(*valueMark) bool) uint64 {
	raw, at := out.event.Raw, 0
	r.between = r.between[:0]
	for i := range r.marks {
		if m := &r.marks[i]; isHole(m) {
			r.between = append(append(r.between, raw[at:out.data+int(m.start)]...), byte(m.kind))
			at = out.data + int(m.end)
		}
	}
	r.between = append(r.between, raw[at:]...)
	sum := maphash.Bytes(seed, r.between)
	clear(r.between)
	return sum
}

// loosen makes holes of the texts that are fixed.
func (r *recorder) loosen() {
	for i := range r.marks {
		if m := &r.marks[i]; m.fixed && m.at.of != atMember {
			m.kind, m.fixed = textHole, false
			m.start++
			m.end--
		}
	}
}
