package chatstream

import (
	"bytes"
	"slices"

	"github.com/seed-08fc7208/chatstream/internal/jsonwire"
)

// learn remembers an event that was a miss, if that is worth it, and reports whether it
// did. An event that is alone among hits is not, nor are those of a stream in which none
// is like another. hits is how many there have been in the stream; ending tells that all
// its choices have finished.
func (r *template) learn(found *found, hits int64, ending bool) bool {
	if n := hits - r.hits; n > 0 {
		r.misses, r.debt, r.hits = 0, int(max(int64(r.debt)-n, 0)), hits
	}
	switch r.misses++; {
	case r.eager:
	case r.off, r.misses == 1, ending && r.misses <= lastMisses:
		return false
	case r.debt > maxDebt-learnCost && r.misses%rareMisses != 0:
		r.known = false
		return false
	}
	r.debt = min(r.debt+learnCost, maxDebt)
	r.known = false
	raw, data := found.event.Raw, found.event.Data
	from := found.data
	if from > len("data: ") || len(raw) > maxTemplate || !bytes.HasPrefix(raw, []byte("data:")) {
		return false
	}
	switch string(raw[from+len(data):]) {
	case "\n\n", "\r\n\r\n":
	default:
		return false
	}
	r.ref = append(r.ref[:0], raw...)
	r.data = span{from, from + len(data)}
	r.unbind()
	r.holes, r.seated = r.holes[:0], false
	if r.known = r.record(); !r.known {
		// Where the memory for a list grows, marks in the list are left behind. Now
		// it has grown once for all.
		r.known = r.record()
	}
	if len(r.chunk.Choices) > maxTemplateChoices {
		r.forget()
	}
	return r.known
}

// record parses the remembered payload.
func (r *template) record() bool {
	if r.chunk == nil {
		r.chunk = new(CreateChatCompletionData)
	}
	p := parserOf(r.chunk)
	before := p.lists.capacities()
	r.recorder.reset()
	p.recorder = &r.recorder
	_, f := parse(r.ref[r.data.from:r.data.to], r.chunk)
	p.recorder = nil
	for i := range r.marks {
		r.marks[i].start += uint16(r.data.from)
		r.marks[i].end += uint16(r.data.from)
	}
	flat, extras := r.chunk.isFlat(), r.chunk.hasExtra()
	r.flat, r.extras = flat && !extras, extras
	r.single = flat && len(r.chunk.Choices) == 1
	return f == jsonwire.NoFault && !r.failed && p.lists.capacities() == before && errorOf(r.chunk, r.ref[r.data.from:r.data.to]) == nil
}

// open makes a hole of a value that has never differed before, and returns where it
// begins.
func (r *template) open(h, m int) int {
	mark := r.marks[m]
	seat := r.seatOf(&mark)
	r.seated = (r.seated || len(r.holes) == 0) && seat.kind != noSeat
	r.holes = slices.Insert(r.holes, h, hole{valueMark: mark, seat: seat})
	r.measure(h)
	return int(mark.start)
}

// widen makes one hole of a raw value, if parts of it are holes, and returns which one
// that is; -1 if there are none.
func (r *template) widen(m int) int {
	isPart := func(h hole) bool { return h.form == markPart && int(h.depth) == m }
	h := slices.IndexFunc(r.holes, isPart)
	if h >= 0 {
		r.holes = slices.DeleteFunc(r.holes, isPart)
		r.open(h, m)
	}
	return h
}
