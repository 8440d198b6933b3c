package chatstream

import (
	"slices"
	"sync"

	"github.com/seed-08fc7208/chatstream/internal/jsonwire"
)

// shelf has the templates of the library that were of use last. A stream takes one while it looks
// for a template, or makes one, so that there are about as many shelves as processors. It
// does not take one for an event that is like the last one: then it has the template.
type shelf struct {
	library   *library
	forgotten uint32      // of the library, when it gave the guesses
	guesses   guesses     // where a template is looked for first
	atHand    []*template // then these are tried; the one that was found last is the first
	placer    placer
	loners    uint // events that had no template and were alone among others
	spent     int  // on looking at those, and on making templates, less what these were worth
	eager     bool // in tests: each miss is learned
}

const (
	maxAtHand = 16
	newcomer  = 12 // where a new template stands, so that it is at hand and those of others are too
	learnCost = 4  // hits that pay for making a template
	// maxSpent is how much may be spent on events that are alone among others. Beyond that
	// only one in rareLooks of them is looked at.
	maxSpent  = 4096
	rareLooks = 16
)

// shelves has those that are not in use.
var shelves = sync.Pool{New: func() any { return new(shelf) }}

// renew gives the shelf the guesses of a library, if it has none or old ones, which would hold templates
// that are forgotten.
func (s *shelf) renew(l *library) {
	if s.library != l || s.forgotten != l.forgotten.Load() {
		s.library, s.forgotten = l, l.latest(&s.guesses)
	}
}

// search is what is known of an event whose template is looked for.
type search struct {
	at       guess     // where it is looked for first
	tried    *template // is none
	alone    bool      // the template may be loose
	patience int       // how many templates that the event resembles may turn out to be none
	failed   int       // how many have
}

// find finds a template of the event that b begins with, whose first line ends at end, and makes dst
// of the event. It returns the event's length, or 0.
func (s *shelf) find(dst *CreateChatCompletionData, b []byte, end int, q *search) (*template, int) {
	tail := jsonwire.Load64(b, end-tailLen)
	may := func(t *template) bool {
		return (tail^t.tail.bytes)&t.tail.mask == 0 && t != q.tried && (q.alone || !t.loose)
	}
	guessed := &s.guesses[q.at]
	if t := guessed[0]; t != nil && may(t) { // it mostly is the one
		if n := t.match(dst, b, nil); n > 0 {
			s.found()
			return t, n
		}
	}
	for _, t := range guessed[1:] {
		if t == nil || !may(t) {
			continue
		}
		if n := q.match(t, dst, b); n > 0 {
			guessed.add(t)
			s.found()
			return t, n
		}
	}
	for k, t := range s.atHand {
		if !may(t) {
			continue
		}
		if n := q.match(t, dst, b); n > 0 {
			s.bringForward(k)
			guessed.add(t)
			s.found()
			return t, n
		}
	}
	return nil, 0
}

// match is t.match for an event that resembles those of t, as long as the search has patience.
// Each failure has read part of the event, and a hostile stream could have many.
func (q *search) match(t *template, dst *CreateChatCompletionData, b []byte) int {
	if q.failed == q.patience || !t.resembles(b) {
		return 0
	}
	n := t.match(dst, b, nil)
	if n == 0 {
		q.failed++
	}
	return n
}

// bringForward makes the template at k the first of those at hand.
func (s *shelf) bringForward(k int) {
	t := s.atHand[k]
	copy(s.atHand[1:k+1], s.atHand[:k])
	s.atHand[0] = t
}

// put puts a template at hand that the library has, and at the guess.
func (s *shelf) put(t *template, at guess) {
	s.guesses[at].add(t)
	if slices.Contains(s.atHand, t) {
		return
	}
	if len(s.atHand) == maxAtHand {
		s.atHand = s.atHand[:maxAtHand-1]
	}
	s.atHand = slices.Insert(s.atHand, min(newcomer, len(s.atHand)), t)
}

// found notes that a template was found.
func (s *shelf) found() { s.spent = max(s.spent-1, -maxSpent) }

// mayLookAtOne reports whether an event is to be looked at that is alone among others. What
// that costs has to be earned.
func (s *shelf) mayLookAtOne() bool {
	s.loners++
	if s.spent >= maxSpent && s.loners%rareLooks != 0 {
		return false
	}
	s.spent++
	return true
}
