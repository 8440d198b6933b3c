package chatstream

import (
	"bytes"
	"hash/maphash"
	"slices"

	"github.com/seed-08fc7208/chatstream/internal/jsonwire"
)

// How a template is made: the parser tells a recorder of a payload where each value stands,
// and a placer finds where the chunk has it.

// valueMark is a value in the event that is learned.
type valueMark struct {
	start, end uint16
	depth      uint16 // of the arrays and objects around a raw value
	kind       holeKind
	fixed      bool // it is no hole
	// field is where the chunk has the value: a *Optional[Text], *Optional[int64],
	// *Optional[float64], *Optional[[]int64] or, for a raw value, a *RawValue.
	field any
	at    seat
}

// recorder has the marks of a payload. It collects them while the parser reads it.
type recorder struct {
	marks    []valueMark
	unplaced []unplacedMark // raw values whose members are still pending
	failed   bool           // something that can't be matched was read
}

type unplacedMark struct{ mark, pending int }

func (r *recorder) reset() {
	clear(r.marks)
	*r = recorder{marks: r.marks[:0], unplaced: r.unplaced[:0]}
}

// add adds the value from start to end.
func (r *recorder) add(start, end int, field any) {
	if r.failed = r.failed || len(r.marks) == maxMarks; !r.failed {
		r.marks = append(r.marks, valueMark{start: uint16(start), end: uint16(end), field: field})
	}
}

// addRaw adds the raw value of the given pending member, from start to end, inside depth
// arrays and objects.
func (r *recorder) addRaw(start, end, depth, pending int, kind holeKind) {
	n := len(r.marks)
	if r.add(start, end, nil); r.failed {
		return
	}
	r.unplaced = append(r.unplaced, unplacedMark{n, pending})
	r.marks[n].depth, r.marks[n].kind = uint16(depth), kind
}

// place tells where the pending members from first on have got.
func (r *recorder) place(first int, members []Member) {
	if r.failed { // members may have been taken back since
		return
	}
	n := len(r.unplaced)
	for ; n > 0 && r.unplaced[n-1].pending >= first; n-- {
		u := r.unplaced[n-1]
		r.marks[u.mark].field = &members[u.pending-first].Value
	}
	r.unplaced = r.unplaced[:n]
}

// placer visits all values of a chunk. It finds the place of each, and wipes those that
// are holes.
type placer struct {
	*recorder
	n    placed    // elements that were visited
	next int       // the mark where the search for the next field begins
	lost valueMark // what is found of a field that has none
	own  bool      // fixed texts do not stand in the event as they are
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
			return m
		}
	}
	w.failed = true
	w.lost = valueMark{}
	return &w.lost
}

func count(n *int, elements int) (first int) {
	first = *n
	*n += elements
	return first
}

func (w *placer) text(field *Optional[Text], at seat, fixed bool) {
	if field.state != set {
		return
	}
	m := w.find(field)
	if m.at, m.fixed = at, fixed; !fixed {
		m.kind = textHole
		m.start++
		m.end--
		field.Value = nil
	}
}

func (w *placer) integer(field *Optional[int64], at seat) {
	if field.state == set {
		m := w.find(field)
		m.at, m.kind = at, integerHole
		field.Value = 0
	}
}

func (w *placer) number(field *Optional[float64], at seat) {
	if field.state == set {
		m := w.find(field)
		m.at, m.kind = at, numberHole
		field.Value = 0
	}
}

func (w *placer) integers(field *Optional[[]int64], at seat) {
	if field.state == set {
		m := w.find(field)
		m.at, m.kind = at, integersHole
		field.Value = nil
	}
}

// raw is for a member that may be of any type: null stands there as a rule.
func (w *placer) raw(field *Optional[RawValue]) { w.failed = w.failed || field.state == set }

func (w *placer) members(extra []Member) {
	for i := range extra {
		m := &extra[i]
		w.find(&m.Value).at = seat{atMember, uint16(w.n.members + i)}
		m.Value = nil
	}
	w.n.members += len(extra)
}

// learner makes templates. Its memory is used again.
type learner struct {
	chunk CreateChatCompletionData
	recorder
	placer   placer
	event    []byte
	from, to int // where its payload stands
}

// read reads an event whose payload begins at data, and reports whether it can be a
// template.
func (l *learner) read(event *Event, data int) bool {
	raw := event.Raw
	l.from, l.to = data, data+len(event.Data)
	if data > len("data: ") || len(raw) > maxTemplate || !bytes.HasPrefix(raw, []byte("data:")) {
		return false
	}
	switch string(raw[l.to:]) {
	case "\n\n", "\r\n\r\n":
	default:
		return false
	}
	l.event = append(l.event[:0], raw...)
	// Where the memory for a list grows, marks in the list are left behind. The second time
	// it has grown once for all.
	return l.record() || l.record()
}

// record parses the payload of the event.
func (l *learner) record() bool {
	payload := l.event[l.from:l.to]
	p := parserOf(&l.chunk)
	before := p.lists.capacities()
	l.recorder.reset()
	p.recorder = &l.recorder
	_, f := parse(payload, &l.chunk)
	p.recorder = nil
	return f == jsonwire.NoFault && !l.failed && p.lists.capacities() == before && errorOf(&l.chunk, payload) == nil
}

// place finds the places of all values, and makes of the marks those of the holes. It
// reports whether it could, and how many elements the lists have.
func (l *learner) place() (n placed, ok bool) {
	w := &l.placer
	*w = placer{recorder: &l.recorder}
	w.chunk(&l.chunk, 0)
	if w.failed || w.n.elements() > maxTemplateElements {
		return w.n, false
	}
	end := 0
	for i := range l.marks {
		m := &l.marks[i]
		m.start, m.end = m.start+uint16(l.from), m.end+uint16(l.from)
		if m.at.of == noPlace || int(m.start) < end {
			return w.n, false
		}
		end = int(m.end)
	}
	return w.n, true
}

// publish makes the template of what was read and placed. From then on it does not change.
func (l *learner) publish(mark uint32, n *placed, isChat bool) *template {
	t := &template{event: bytes.Clone(l.event), from: l.from, tail: len(l.event) - l.to, mark: mark, n: *n}
	t.holes = make([]hole, 0, len(l.marks))
	at := 0
	for i := range l.marks {
		m := &l.marks[i]
		if m.fixed {
			t.fixed = append(t.fixed, m.at)
			continue
		}
		t.append(t.event[at:m.start], hole{kind: m.kind, at: m.at, depth: m.depth})
		clear(t.event[m.start:m.end])
		at = int(m.end)
	}
	t.end(t.event[at:])
	t.block.chunk = l.chunk
	t.block.chunk.parser = nil
	t.single = l.chunk.isFlat() && len(l.chunk.Choices) == 1 && n.members == 0
	t.isChat = isChat
	own := parser{lists: newLists()}
	if t.single {
		t.block.choices[0] = l.chunk.Choices[0]
		t.block.chunk.Choices = t.block.choices[:]
	} else {
		own.lists.reserve(n)
		own.copyChunk(&t.block.chunk)
	}
	for _, at := range t.fixed {
		ownText(&own.textAt(&t.block.chunk, at).Value)
	}
	for i := range own.lists.members {
		ownText(&own.lists.members[i].Name)
	}
	return t
}

func ownText(text *Text) { *text = slices.Clip(append(Text{}, *text...)) }

// seed makes the marks of templates what nobody else can know.
var seed = maphash.MakeSeed()

// digest is the same for events that have the same template.
func (l *learner) digest() uint32 {
	var h maphash.Hash
	h.SetSeed(seed)
	at := 0
	for i := range l.marks {
		if m := &l.marks[i]; !m.fixed {
			h.Write(l.event[at:m.start])
			h.WriteByte(byte(m.kind))
			at = int(m.end)
		}
	}
	h.Write(l.event[at:])
	return uint32(h.Sum64()) | 1
}

// wipe forgets all that was learned, so that no memory of a stream is held.
func (l *learner) wipe() {
	clear(l.event)
	l.recorder.reset()
	if p := l.chunk.parser; p != nil {
		if p.isLarge() {
			p = nil
		} else {
			p.wipe()
		}
		l.chunk = CreateChatCompletionData{parser: p}
	}
}
