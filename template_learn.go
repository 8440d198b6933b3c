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

// placer has the values of a payload, with their seats in the chunk that was parsed from it.
// It visits the values of the chunk in the order in which copyChunk copies them.
type placer struct {
	recorder
	payload []byte
	values  []placedValue // one for each mark
	n       placed        // elements that were visited
	next    int           // the value where the search for the next field begins
	between []byte        // what stands between the values, while that is hashed
}

type placedValue struct {
	valueMark
	kind  holeKind
	at    seat
	found bool // the seat was found
	fixed bool // it is the same in many streams, and no hole
}

// reset forgets the values, and what they point to.
func (w *placer) reset() {
	w.recorder.reset()
	clear(w.values)
	w.payload, w.values, w.n, w.next = nil, w.values[:0], placed{}, 0
}

// find returns the value in a field. Most values are visited in the order in which they were
// read.
func (w *placer) find(field any) *placedValue {
	for range w.values {
		if w.next == len(w.values) {
			w.next = 0
		}
		v := &w.values[w.next]
		w.next++
		if v.field == field {
			v.found = true
			return v
		}
	}
	w.failed = true
	return new(placedValue)
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
		m.at = at
		// What is fixed is a part of the event. A text that has escapes is none.
		if m.fixed = fixed && string(w.payload[m.start+1:m.end-1]) == string(field.Value); !m.fixed {
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

func (w *placer) raw(field *Optional[RawValue], at seat) {
	if field.state == set {
		m := w.find(field)
		m.at, m.kind = at, rawFieldHole
	}
}

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

// plainEvent is an event of one line of data and an empty line.
type plainEvent struct {
	raw      []byte
	from, to int // of the payload
}

// plain returns the event that was found, without the comments and empty lines before it. It reports
// whether the rest is a plain event, and neither too short nor too long for a template.
func (out *finding) plain() (e plainEvent, ok bool) {
	raw := out.event.Raw
	for len(raw) > 0 && (raw[0] == ':' || raw[0] == '\n' || raw[0] == '\r') {
		raw = raw[1+max(bytes.IndexByte(raw, '\n'), 0):] // line ends are as in what follows
	}
	e = plainEvent{raw: raw, from: out.data - (len(out.event.Raw) - len(raw))}
	e.to = e.from + len(out.event.Data)
	if e.to < tailLen || e.from > len("data: ") || len(raw) > maxTemplate || !bytes.HasPrefix(raw, []byte("data:")) {
		return e, false
	}
	switch string(raw[e.to:]) {
	case "\n\n", "\r\n\r\n":
		return e, true
	}
	return e, false
}

// place finds the seats of all values of c, which was parsed from the payload. It reports
// whether there can be a template.
func (w *placer) place(payload []byte, c *CreateChatCompletionData) bool {
	w.payload = payload
	for i := range w.marks {
		w.values = append(w.values, placedValue{valueMark: w.marks[i]})
	}
	w.chunk(c, 0)
	end := 0
	for i := range w.values {
		v := &w.values[i]
		w.failed = w.failed || !v.found || int(v.start) < end
		end = int(v.end)
	}
	return !w.failed && w.n.elements()-w.n.members <= maxTemplateElements
}

// newTemplate makes the template of an event. w has the values of c, which was parsed from it,
// and their seats.
func newTemplate(e plainEvent, c *CreateChatCompletionData, w *placer) *template {
	t := &template{
		event: bytes.Clone(e.raw),
		from:  e.from,
		rest:  len(e.raw) - e.to,
		chunk: *c,
		n:     w.n,
	}
	if t.holes = t.few[:0]; len(w.values) > len(t.few) {
		t.holes = make([]hole, 0, len(w.values))
	}
	own := &parser{lists: newLists()}
	own.lists.choice = t.choices[:0]
	own.lists.reserve(&t.n)
	links := copier{parser: own, chunk: &t.chunk}
	links.copyChunk(&t.chunk)
	t.chunk.parser, t.links = nil, links.links
	if t.flat = t.n.choice == 1 && t.n.elements() == 1; !t.flat {
		lists := own.lists
		lists.ints = nil // what stood in the holes
		t.lists = &lists
	}
	at := 0 // the first byte after the last hole
	for i := range w.values {
		m := &w.values[i]
		start, end := t.from+int(m.start), t.from+int(m.end)
		if m.fixed {
			if m.at.of == atMember { // null
				own.lists.members[m.at.index].Value = RawValue(t.event[start:end:end])
			} else {
				own.textAt(&t.chunk, m.at).Value = Text(t.event[start+1 : end-1 : end-1])
			}
			if poisoned {
				t.fixed = append(t.fixed, m.at)
			}
			continue
		}
		h := hole{kind: m.kind, at: m.at, depth: m.depth}
		t.empty(&h, own)
		if n := m.end - m.start; h.kind == textHole && n >= 24 && n < 128 {
			h.kind, h.usual = longTextHole, uint8(n)
		} else if h.kind == numberHole && bytes.IndexByte(t.event[start:end], '.') >= 0 {
			h.kind = fractionHole
		}
		t.append(t.event[at:start])
		t.holes = append(t.holes, h)
		clear(t.event[start:end])
		at = end
	}
	t.append(t.event[at:])
	end := bytes.IndexByte(t.event, '\n')
	t.tail.bytes = binary.LittleEndian.Uint64(t.event[end-tailLen:])
	if n := end - at; n > 0 {
		t.tail.mask = ^uint64(0) << (8 * max(tailLen-n, 0))
	}
	for h := 1; h < len(t.holes); h++ {
		t.holes[h-1].next = &t.holes[h]
	}
	for i := range own.lists.members {
		t.own(&own.lists.members[i].Name)
	}
	t.open = len(c.Choices) == 1 && c.Choices[0].FinishReason.Value == ""
	return t
}

// own gives a name memory of the template's: mostly it stands in the event, whose holes
// are wiped.
func (t *template) own(name *Text) {
	if at := bytes.Index(t.event, *name); at >= 0 {
		*name = Text(t.event[at : at+len(*name) : at+len(*name)])
	} else { // it has escapes there
		*name = slices.Clip(append(Text{}, *name...))
	}
}

// empty empties the value of a hole in the template's chunk, whose lists are own's, and
// notes where it is.
func (t *template) empty(h *hole, own *parser) {
	switch h.kind {
	case textHole:
		emptyField(&t.chunk, own, h, &own.textAt(&t.chunk, h.at).Value, listTextHole)
	case integerHole:
		emptyField(&t.chunk, own, h, &own.integerAt(&t.chunk, h.at).Value, listIntegerHole)
	case numberHole:
		emptyField(&t.chunk, own, h, &own.numberAt(&t.chunk, h.at).Value, listNumberHole)
	case integersHole:
		emptyField(&t.chunk, own, h, &own.integersAt(&t.chunk, h.at).Value, listIntegersHole)
	case rawFieldHole:
		own.rawAt(&t.chunk, h.at).Value = nil
	default:
		own.lists.members[h.at.index].Value = nil
	}
}

// emptyField empties a field of the chunk. The hole gets its place, or becomes one in a list
// if the place is no offset.
func emptyField[T any](c *CreateChatCompletionData, own *parser, h *hole, field *T, inList holeKind) {
	var isOffset bool
	if h.fieldPlace, isOffset = fieldPlaceOf(c, own, field); !isOffset {
		h.kind = inList
	}
	var empty T
	*field = empty
}

// append adds what stands between the last hole and the next one.
func (t *template) append(fixed []byte) {
	t.least += len(fixed)
	if n := len(t.holes); n > 0 {
		t.holes[n-1].after = fixed
	} else {
		t.lead = fixed
	}
}

// seed makes digests what nobody else can know.
var seed = maphash.MakeSeed()

// digest is the same for events that have the same template. It hashes what stands between
// the holes, and what kind they are.
func (w *placer) digest(e plainEvent) uint64 {
	return w.hash(e, func(m *placedValue) bool { return !m.fixed })
}

// outline is the same for events whose templates have other fixed texts at most.
func (w *placer) outline(e plainEvent) uint64 {
	return w.hash(e, func(*placedValue) bool { return true })
}

// hash hashes what stands outside of some of the values, and what kind these are.
func (w *placer) hash(e plainEvent, isHole func(*placedValue) bool) uint64 {
	at := 0
	w.between = w.between[:0]
	for i := range w.values {
		if m := &w.values[i]; isHole(m) {
			w.between = append(append(w.between, e.raw[at:e.from+int(m.start)]...), byte(m.kind))
			at = e.from + int(m.end)
		}
	}
	w.between = append(w.between, e.raw[at:]...)
	sum := maphash.Bytes(seed, w.between)
	clear(w.between)
	return sum
}

// loosen makes holes of the texts that are fixed, and reports whether there are any.
func (w *placer) loosen() (any bool) {
	for i := range w.values {
		if m := &w.values[i]; m.fixed && m.at.of != atMember {
			m.kind, m.fixed = textHole, false
			m.start++
			m.end--
			any = true
		}
	}
	return any
}
