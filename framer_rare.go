package chatstream

// rarity is what a framer needs to know in few streams only. It has memory of its own, since
// thousands of Decoders wait at the same time, each with a framer. That memory is made when
// it is first needed, and stays with the framer.
type rarity struct {
	first     firstLine
	candidate candidate

	// The lines before this place, counted from the beginning of the stream, begin no
	// candidate.
	fieldsUntil int64

	// The joined lines of the event that ended here, counted from the beginning
	// of the stream, were not JSON: each is taken alone.
	aloneUntil int64

	blanks int // until text is shown: how many blanks the line at hand begins with, as far as it was read
}

// firstLine is what was known after an event's first payload line, if others follow it.
type firstLine struct {
	frame    frame
	comments int64
}

// makeRare returns the framer's rarity, which may be new.
func (f *framing) makeRare() *rarity {
	if f.rare == nil {
		f.rare = new(rarity)
	}
	return f.rare
}

// again empties a rarity, if there is one, for the next stream.
func (r *rarity) again() *rarity {
	if r != nil {
		*r = rarity{}
	}
	return r
}

// inCandidate reports whether a candidate has been begun.
func (f *framing) inCandidate() bool { return f.rare != nil && f.rare.candidate.begun }

// passFirst keeps what is known after the frame's first payload line.
func (f *framing) passFirst() {
	f.passedFirst = true
	f.makeRare().first = firstLine{f.frame, f.comments}
}

// blanks returns how many blanks the line at hand begins with, until text is shown.
func (f *framing) blanks() int {
	if f.rare == nil {
		return 0
	}
	return f.rare.blanks
}

func (f *framing) setBlanks(n int) {
	if n != f.blanks() {
		f.makeRare().blanks = n
	}
}
