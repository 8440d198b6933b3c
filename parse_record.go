package chatstream

// What a parser tells of a payload, so that a template can be made of it: where each value
// stands, in the payload and in the chunk.

// valueMark is a value in a payload. An enumeration has none, nor has what is in a raw value.
type valueMark struct {
	start, end uint16
	depth      uint16 // of the arrays and objects around a raw value
	misfit     bool   // neither a string nor null although its member should be
	// field is where the chunk has the value: a *Optional[Text], *Optional[int64],
	// *Optional[float64], *Optional[[]int64], *Optional[RawValue] or, for one without a
	// field, a *RawValue.
	field any
}

// maxMarks is how many values a payload may have that is learned.
const maxMarks = 320

// recorder has the marks of a payload. It collects them while the parser reads it.
type recorder struct {
	marks    []valueMark
	unplaced []unplacedMark // raw values whose members are still pending
	failed   bool           // something that no template can have was read
}

type unplacedMark struct{ mark, pending int }

// reset forgets the marks, and what they point to.
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

// addRaw adds a raw value, from start to end, inside depth arrays and objects.
func (r *recorder) addRaw(start, end, depth int, field any) {
	if r.add(start, end, field); !r.failed {
		r.marks[len(r.marks)-1].depth = uint16(depth)
	}
}

// addPending adds the raw value of the given pending member.
func (r *recorder) addPending(start, end, depth, pending int, misfit bool) {
	if r.addRaw(start, end, depth, nil); r.failed {
		return
	}
	n := len(r.marks) - 1
	r.unplaced = append(r.unplaced, unplacedMark{n, pending})
	r.marks[n].misfit = misfit
}

// settle tells where the pending members from first on have got.
func (r *recorder) settle(first int, members []Member) {
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
