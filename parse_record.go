package chatstream

import "github.com/seed-08fc7208/chatstream/internal/jsonwire"

// What a parser tells a template of a payload: where each value stands, in it and in the
// chunk.

// valueMark is a value in the remembered event. It is small, since a stream that
// waits for data keeps its marks.
type valueMark struct {
	start, end uint16
	depth      uint16 // of the arrays and objects around a raw value; of a part, the number of its mark
	form       markForm
	// field is where the chunk has the value: a *Optional[Text], *Optional[int64],
	// *Optional[float64], *Optional[[]int64] or, for a raw value and a part of one, a
	// *RawValue.
	field any
}

// markForm tells marks of raw values apart.
type markForm uint8

const (
	markWhole  markForm = iota
	markMisfit          // neither a string nor null although its member should be
	markPart            // a string within a raw value: what mostly differs in one
)

const (
	maxMarks = 256 // values of an event that is remembered
	maxParts = 8   // strings within one of them
)

// recorder has the marks of a payload. It collects them while the parser reads it.
type recorder struct {
	marks    []valueMark
	unplaced []unplacedMark // raw values whose members are still pending
	failed   bool           // something that can't be matched was read
}

type unplacedMark struct{ mark, pending int }

func (r *recorder) reset() { *r = recorder{marks: r.marks[:0], unplaced: r.unplaced[:0]} }

// add adds the value from start to end.
func (r *recorder) add(start, end int, field any) {
	if r.failed = r.failed || len(r.marks) == maxMarks; !r.failed {
		r.marks = append(r.marks, valueMark{start: uint16(start), end: uint16(end), field: field})
	}
}

// addRaw adds the raw value of the given pending member, b[start:end], inside depth
// arrays and objects.
func (r *recorder) addRaw(b []byte, start, end, depth, pending int, form markForm) {
	whole := len(r.marks)
	r.unplaced = append(r.unplaced, unplacedMark{whole, pending})
	if r.add(start, end, nil); r.failed {
		return
	}
	m := &r.marks[whole]
	m.depth, m.form = uint16(depth), form
	for i := start; i < end && len(r.marks)-whole <= maxParts && len(r.marks) < maxMarks/4 && b[start] != '"'; i++ {
		if b[i] != '"' {
			continue
		}
		from := i
		i, _ = jsonwire.SkipString(b, i)
		if next := jsonwire.SkipSpace(b, i); b[next] != ':' {
			r.marks = append(r.marks, valueMark{start: uint16(from), end: uint16(i), depth: uint16(whole), form: markPart})
		}
		i--
	}
}

// place tells where the pending members from first on have got.
func (r *recorder) place(first int, members []Member) {
	if r.failed { // members may have been taken back since
		return
	}
	n := len(r.unplaced)
	for ; n > 0 && r.unplaced[n-1].pending >= first; n-- {
		u := r.unplaced[n-1]
		for m := u.mark; m < len(r.marks) && (m == u.mark || r.marks[m].form == markPart); m++ {
			r.marks[m].field = &members[u.pending-first].Value
		}
	}
	r.unplaced = r.unplaced[:n]
}
