package chatstream

import (
	"sync"

	"github.com/seed-08fc7208/chatstream/internal/jsonwire"
)

// opening is the beginning of an event, up to its first word, and what a template has read
// from it: the id, the time, the index. The next event of a stream mostly begins with the
// same bytes. Equal bytes have equal values, so that these need not be read again.
//
// A Decoder keeps it while it has events in its buffer, with a copy of the bytes: those in the buffer are lent, and a caller may
// change them.
type opening struct {
	template *template // nil if there is no opening
	bytes    []byte
	chunk    CreateChatCompletionData // of the template, with the integers and numbers
	choices  [1]Choice
	texts    [maxOpeningTexts]openingText
	n        int  // how many texts it has
	rest     hole // the first that is not in it, without what stands before it and is in it
	used     bool // the last event began with it
	pause    int  // how many events go by before another opening is kept
}

type openingText struct {
	hole     *hole
	from, to int
}

const (
	maxOpening      = 512 // bytes
	maxOpeningTexts = 2
	// openingPause is how many events of a stream that has no opening go by until another one
	// is looked for.
	openingPause = 64
)

// openings has those that are not in use.
var openings = sync.Pool{New: func() any { return new(opening) }}

// begins reports whether b, which may be an event of t, begins with the opening.
func (o *opening) begins(b []byte, t *template) bool {
	if o == nil {
		return false
	}
	n := len(o.bytes)
	o.used = o.template == t && n <= len(b) && string(b[:n]) == string(o.bytes)
	return o.used
}

// setTexts sets the texts of the opening in dst, a copy of its chunk, to those in b.
func (o *opening) setTexts(dst *CreateChatCompletionData, b []byte) {
	for i := range o.texts[:o.n] {
		text := &o.texts[i]
		*text.hole.text(dst) = Text(b[text.from:text.to:text.to])
	}
}

// keep makes the opening that of b, an event of t, as far as last, the event before it,
// begins with the same.
func (o *opening) keep(t *template, b, last []byte) {
	if o.pause > 0 {
		o.pause--
		return
	}
	o.forget()
	o.template, o.chunk, o.choices, o.n = t, t.chunk, t.choices, 0
	o.chunk.Choices = o.choices[:]
	limit := min(len(b), len(last), maxOpening)
	alike := func(from, to int) bool { return to <= limit && string(b[from:to]) == string(last[from:to]) }
	i := 0
	for h := &t.holes[0]; ; h = h.next {
		o.rest = *h
		from := i + len(h.before)
		if from > limit {
			break
		}
		end := valueEnd(h, b, from)
		if end == 0 || !alike(from, end) || !o.add(h, b, from, end) {
			i, o.rest.before = from, nil
			break
		}
		i = end
	}
	if i <= len(t.holes[0].before) {
		o.forget()
		o.pause = openingPause
		return
	}
	o.bytes = append(o.bytes, b[:i]...)
}

// valueEnd returns the end of the value at i in the place of a hole, or 0 if such a value may
// not stand in an opening. A text of a choice may not: it is the word.
func valueEnd(h *hole, b []byte, i int) (end int) {
	switch h.kind {
	case textHole:
		if end = jsonwire.SkipASCII(b, i); h.inChoice() || b[end] != '"' {
			return 0
		}
	case integerHole, numberHole:
		_, end = jsonwire.Digits(b, i)
	}
	return end
}

// add adds the value b[from:to], and reports whether there was room for it.
func (o *opening) add(h *hole, b []byte, from, to int) bool {
	n, _ := jsonwire.Digits(b, from)
	switch {
	case h.kind == integerHole:
		*h.integer(&o.chunk) = n
	case h.kind == numberHole:
		*h.number(&o.chunk) = float64(n)
	case o.n == len(o.texts):
		return false
	default:
		o.texts[o.n] = openingText{h, from, to}
		o.n++
	}
	return true
}

// forget empties the opening but for its memory.
func (o *opening) forget() {
	if o.template != nil {
		clear(o.bytes)
		o.template, o.bytes, o.texts, o.rest = nil, o.bytes[:0], [maxOpeningTexts]openingText{}, hole{}
		o.chunk, o.choices = CreateChatCompletionData{}, [1]Choice{}
	}
}
