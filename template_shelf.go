package chatstream

import (
	"bytes"
	"slices"
	"sync"

	"github.com/seed-08fc7208/chatstream/internal/jsonwire"
)

// shelf has the templates that were of use last. A stream takes one while it looks for a
// template, or makes one, so that there are about as many shelves as processors. It does
// not take one for an event that is like the last one: then it has the template.
type shelf struct {
	// templates are in the order in which they were found last. Only the first atHand are
	// compared with an event. The others are found by the digest of an event that was
	// parsed, and need not be made again.
	templates []*template
	size      int // of them, in bytes
	placer    placer
	eager     bool // in tests: each miss is learned
}

const (
	atHand       = 16
	fewTemplates = 40
	maxTemplates = 512
	maxShelf     = 2 << 20 // bytes of all templates
	newcomer     = 12      // where a new template stands, so that it is at hand and those of others are too
	// learnCost is how many hits pay for making a template, and maxDebt how much a stream
	// may owe. Beyond that only an event like the one that was looked at before it is learned.
	learnCost = 4
	maxDebt   = 128
	// patience is how many events in a row may have no template. Then one in rareTries is
	// compared and looked at, so that a stream without two events alike costs next to nothing
	// and still has a way back.
	patience  = 16
	rareTries = 32
	// alternate is how many hits may lie between two misses that count as in a row, so that
	// shapes that alternate are learned.
	alternate = 2
	// lastMisses is how many events may be alone at the end of a stream: one that has the
	// finish reason, one that has the usage, and perhaps another.
	lastMisses = 3
)

// lessons is what a stream knows of templates.
type lessons struct {
	template *template // that matched last
	// looked has the digests of the two events that were looked at last, the last one first.
	looked  [2]uint32
	outline uint64 // of the last one
	debt    uint8  // hits that learning has yet to be worth
	row     uint8  // how many events in a row had no template; from patience on modulo rareTries
	missed  bool   // an event had no template, and since then at most alternate had one
	since   uint8  // how many those were
	late    uint8  // misses since all choices have finished, up to lastMisses
	off     bool   // in tests: no template is used
	only    *shelf // in tests: the one to take
}

// shelves has those that are not in use.
var shelves = sync.Pool{New: func() any { return &shelf{templates: make([]*template, 0, maxTemplates+1)} }}

// again returns what is known at the beginning of the next stream.
func (l *lessons) again() lessons { return lessons{row: l.row, off: l.off, only: l.only} }

func (l *lessons) takeShelf() *shelf {
	if l.only != nil {
		return l.only
	}
	return shelves.Get().(*shelf)
}

func (l *lessons) giveShelf(s *shelf) {
	if s != l.only {
		shelves.Put(s)
	}
}

// findOther finds a template of the event that b begins with, but not the one that matched
// last, and makes dst of the event. It returns the event's length, or 0.
func (l *lessons) findOther(dst *CreateChatCompletionData, b []byte) (*template, int) {
	s := l.takeShelf()
	t, n := s.find(dst, b, l.template)
	l.giveShelf(s)
	return t, n
}

// find finds a template of the event that b begins with, but not except, and makes dst of
// the event. It returns the event's length, or 0.
func (s *shelf) find(dst *CreateChatCompletionData, b []byte, except *template) (*template, int) {
	end := bytes.IndexByte(b, '\n')
	if end < 8 {
		return nil, 0
	}
	tail := jsonwire.Load64(b, end-8)
	for k, t := range s.templates[:min(len(s.templates), atHand)] {
		if (tail^t.tail.bytes)&t.tail.mask != 0 || t == except || !t.resembles(b) {
			continue
		}
		if n := t.match(dst, b, nil); n > 0 {
			s.move(k)
			return t, n
		}
	}
	return nil, 0
}

// get returns the template with the digest, or nil.
func (s *shelf) get(digest uint64) *template {
	for k, t := range s.templates {
		if t.digest == digest {
			s.move(k)
			return t
		}
	}
	return nil
}

// move makes the template at k the first.
func (s *shelf) move(k int) {
	t := s.templates[k]
	copy(s.templates[1:k+1], s.templates[:k])
	s.templates[0] = t
}

// insert adds a template. Those that were found least recently make room.
func (s *shelf) insert(t *template) {
	s.templates = slices.Insert(s.templates, min(newcomer, len(s.templates)), t)
	for s.size += t.size(); s.size > maxShelf || len(s.templates) > maxTemplates; {
		last := len(s.templates) - 1
		s.size -= s.templates[last].size()
		s.templates[last] = nil
		s.templates = s.templates[:last]
	}
}

// hasRoom reports whether there are few templates, so that any event is worth one.
func (s *shelf) hasRoom() bool { return len(s.templates) < fewTemplates }

// mayLearn reports whether the event at hand, which has no template, is to be looked at. That
// costs half as much as parsing it. Most events that are alone among others are not worth it:
// the first of a stream and, ending tells, the last ones. So the second of two in a row, or
// nearly so, is looked at.
func (l *lessons) mayLearn(s *shelf, ending bool) bool {
	if !l.mayTry() {
		return false
	}
	if ending && l.late < lastMisses {
		l.late++
	}
	again := l.missed && (!ending || l.late == lastMisses)
	l.missed, l.since = true, 0
	return again || s.eager
}

// mayTry reports whether the event at hand is to be compared with templates.
func (l *lessons) mayTry() bool { return !l.off && l.row <= patience }

// parsed notes that the event at hand had no template, or was not compared with any.
func (l *lessons) parsed() {
	if l.row++; l.row == patience+rareTries {
		l.row = patience
	}
}

// isBroke reports whether the stream owes so much that it may not pay for another template.
func (l *lessons) isBroke() bool { return l.debt > maxDebt-learnCost }

// matched notes a hit.
func (l *lessons) matched(t *template) {
	l.template, l.row = t, 0
	if l.since++; l.since > alternate {
		l.missed = false
	}
	if l.debt > 0 {
		l.debt--
	}
}

// learn makes a template of an event, if there is room or one like it was seen lately. c was
// parsed from it, and the shelf's placer has the marks. isChat says whether it is a chunk.
func (l *lessons) learn(s *shelf, out *finding, c *CreateChatCompletionData, isChat bool) {
	w := &s.placer
	defer w.reset()
	l.debt = min(l.debt+1, maxDebt)
	if w.failed || !w.place(c) {
		return
	}
	digest, outline := w.digest(out), w.outline(out)
	if outline == l.outline && uint32(digest) != l.looked[0] && s.get(digest) == nil {
		// Only texts that are fixed are others: in this stream they are not.
		w.loosen()
		digest = w.digest(out)
	}
	if t := s.get(digest); t != nil {
		l.template = t
		return
	}
	again := slices.Contains(l.looked[:], uint32(digest))
	l.looked, l.outline = [2]uint32{uint32(digest), l.looked[0]}, outline
	if !again && !s.eager && (!s.hasRoom() || l.isBroke() || l.row >= patience) {
		return
	}
	if !s.hasRoom() {
		l.debt = min(l.debt+learnCost, maxDebt)
	}
	t := newTemplate(out, c, w)
	t.digest, t.isChat = digest, isChat
	s.insert(t)
	l.template = t
}
