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
	n        int   // how many texts it has
	rest     *hole // the first that is not in it
	used     bool  // the last event began with it
	pause    int   // how many events go by before another opening is kept
}

// openingText is a text or raw value.
type openingText struct {
	hole     *hole
	from, to int
}

const (
	maxOpening      = 512 // bytes
	maxOpeningTexts = 4
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
		if h := text.hole; h.kind == rawHole {
			h.setRaw(dst, RawValue(b[text.from:text.to:text.to]))
		} else {
			h.setText(dst, b, text.from, text.to)
		}
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
	if len(t.holes) == 0 {
		return
	}
	o.template, o.chunk, o.choices, o.n = t, t.chunk, t.choices, 0
	o.chunk.Choices = o.choices[:]
	limit := min(len(b), len(last), maxOpening)
	alike := func(from, to int) bool { return string(b[from:to]) == string(last[from:to]) }
	i := len(t.lead)
	for o.rest = &t.holes[0]; o.rest.next != nil; o.rest = o.rest.next {
		end := valueEnd(o.rest, b, i)
		next := end + len(o.rest.after)
		if end == 0 || next > limit || !alike(i, end) || !o.add(o.rest, b, i, end) {
			break
		}
		i = next
	}
	if o.rest == &t.holes[0] {
		o.forget()
		o.pause = openingPause
		return
	}
	o.bytes = append(o.bytes, b[:i]...)
}

// valueEnd returns the end of the value at i in the place of a hole, or 0 if such a value may
// not stand in an opening. A text of a choice may not: it is the word. But one that is empty
// stands beside the word as a rule. What is in a list may not either: the opening has no list.
func valueEnd(h *hole, b []byte, i int) (end int) {
	if h.inList() {
		return 0
	}
	switch h.kind {
	case textHole, longTextHole:
		if end = jsonwire.SkipASCII(b, i); b[end] != '"' || end > i && h.inChoice() {
			return 0
		}
	case integerHole, numberHole:
		_, end = jsonwire.Digits(b, i)
	case rawHole:
		var f jsonwire.Fault
		if end, f = jsonwire.SkipValue(b, i, int(h.depth)); f != jsonwire.NoFault {
			return 0
		}
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
		o.template, o.bytes, o.texts, o.rest = nil, o.bytes[:0], [maxOpeningTexts]openingText{}, nil
		o.chunk, o.choices = CreateChatCompletionData{}, [1]Choice{}
	}
}
