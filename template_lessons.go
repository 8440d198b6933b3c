package chatstream

import (
	"bytes"
	"hash/maphash"
	"slices"
)

// lessons is what a stream knows of templates.
type lessons struct {
	template *template // that matched last

	debt   uint8 // hits that learning has yet to be worth
	row    uint8 // how many events in a row had no template; from patience on modulo rareTries
	missed bool  // an event had no template, and since then at most alternate had one
	since  uint8 // how many those were
	late   uint8 // misses since all choices have finished, up to lastMisses
	alone  bool  // the event that was looked at last does not follow a miss; see followsMiss
	off    bool  // in tests: no template is used

	// looked has the digests of the two events that were looked at last, the last one first.
	looked  [2]uint32
	outline uint32 // of the last one
	model   uint32 // tells the models of streams apart

	only *shelf // in tests: the one to take
}

const (
	// maxDebt is how much a stream may owe. Beyond that only an event like the one that was
	// looked at before it is learned.
	maxDebt = 128
	// patience is how many events in a row may have no template. Then one in rareTries is
	// compared and looked at, so that a stream without two events alike costs next to nothing
	// and still has a way back.
	patience  = 16
	rareTries = 32
	// maxFailed is how many templates an event may resemble that turn out to be none of it.
	// What they cost is owed.
	maxFailed = 3
	// alternate is how many hits may lie between two misses that count as in a row, so that
	// shapes that alternate are learned.
	alternate = 2
	// lastMisses is how many events may be alone at the end of a stream: one that has the
	// finish reason, one that has the usage, and perhaps another.
	lastMisses = 3
)

// again returns what is known at the beginning of the next stream.
func (l *lessons) again() lessons { return lessons{row: l.row, off: l.off, only: l.only} }

func (l *lessons) takeShelf() *shelf {
	if l.only != nil {
		return l.only
	}
	s := shelves.Get().(*shelf)
	s.renew(&common)
	return s
}

func (l *lessons) giveShelf(s *shelf) {
	if s != l.only {
		shelves.Put(s)
	}
}

// findOther finds a template of the event that b begins with, if the one that matched last is
// none, and makes dst of the event. It returns the event's length, or 0. ending is as for followsMiss.
func (l *lessons) findOther(dst *CreateChatCompletionData, b []byte, ending bool) (*template, int) {
	end := bytes.IndexByte(b, '\n')
	if end < tailLen {
		return nil, 0
	}
	tried := l.template
	if tried != nil && tried.loose {
		tried = nil
	}
	q := search{tried: tried, alone: !l.followsMiss(ending)}
	q.at = l.guess(b[:end], q.alone)
	if !l.isBroke() {
		q.patience = maxFailed
	}
	s := l.takeShelf()
	t, n := s.find(dst, b, end, &q)
	l.giveShelf(s)
	l.debt = uint8(min(int(l.debt)+q.failed, maxDebt))
	if n > 0 && t.loose {
		l.model = modelOf(dst)
		l.miss(ending)
	}
	return t, n
}

// guess returns where the templates of an event are looked for first, whose line is given.
func (l *lessons) guess(line []byte, alone bool) guess {
	if alone {
		return guessOf(l.template, 0, line)
	}
	return guessOf(l.template, l.model, line)
}

// followsMiss reports whether the event at hand, which has no template that knows its model, follows
// another such event, or nearly so. Otherwise it is alone: it is the first of its stream or, as ending
// tells, one of the last. Such an event comes again in other streams, if at all.
func (l *lessons) followsMiss(ending bool) bool {
	return l.missed && (!ending || l.late >= lastMisses)
}

// miss notes that the event at hand has no template that knows its model.
func (l *lessons) miss(ending bool) {
	l.missed, l.since = true, 0
	if ending && l.late <= lastMisses {
		l.late++
	}
}

// mayLearn reports whether the event at hand, which has no template, is to be looked at. That
// costs half as much as parsing it.
func (l *lessons) mayLearn(s *shelf, ending bool) bool {
	l.alone = !l.followsMiss(ending)
	l.miss(ending)
	return s.eager || !l.alone || s.mayLookAtOne()
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
	if l.missed {
		l.since++
		l.missed = l.since <= alternate
	}
	if l.debt > 0 {
		l.debt--
	}
}

// learn makes a template of an event, if there is room or one like it was seen lately. c was
// parsed from it, and the shelf's placer has the marks. isChat says whether it is a chunk.
func (l *lessons) learn(s *shelf, e plainEvent, c *CreateChatCompletionData, isChat bool) {
	w := &s.placer
	defer w.reset()
	l.debt = min(l.debt+1, maxDebt)
	if w.failed || !w.place(e.raw[e.from:e.to], c) {
		return
	}
	at := l.guess(lineOf(e.raw), l.alone) // as it was looked for, with the model of the event before
	l.model = modelOf(c)
	outline := w.outline(e)
	loose := l.alone && !s.eager && w.loosen()
	digest, seen := w.digest(e), false
	if loose {
		digest = ^digest // a template that is not loose may have the same holes
	} else {
		if uint32(outline) == l.outline && uint32(digest) != l.looked[0] && !s.library.has(digest) {
			// The event before differed in fixed texts only: in this stream they are holes.
			w.loosen()
			digest = w.digest(e)
		}
		seen = slices.Contains(l.looked[:], uint32(digest))
		l.looked, l.outline = [2]uint32{uint32(digest), l.looked[0]}, uint32(outline)
	}
	known := s.library.look(digest, e.raw, at)
	t := known.template
	if t == nil {
		seen = seen || known.seen && l.row < patience
		if !seen && !s.eager && (!known.room || l.isBroke() || l.row >= patience) {
			return
		}
		if !known.room {
			l.debt = min(l.debt+learnCost, maxDebt)
		}
		t = newTemplate(e, c, w)
		t.digest, t.outline, t.isChat, t.loose = digest, outline, isChat, loose
		t = s.library.add(t, at)
		s.spent = min(s.spent+learnCost, maxSpent)
	}
	s.put(t, at)
	l.template = t
}

// lineOf returns the first line of an event, without its line feed.
func lineOf(event []byte) []byte { return event[:bytes.IndexByte(event, '\n')] }

// modelOf returns what tells a chunk's model from others.
func modelOf(c *CreateChatCompletionData) uint32 { return uint32(maphash.Bytes(seed, c.Model.Value)) }
