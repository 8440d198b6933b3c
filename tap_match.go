package chatstream

import "bytes"

// inPlace is a part of a write that is decoded where it lies: it belongs to the caller.
type inPlace struct {
	last  lastChunk
	chunk *CreateChatCompletionData
	data  []byte // from the present event on
	given int    // bytes of the present event
	large bool   // the write was
}

// event returns the event that fn is called for.
func (at *inPlace) event(t *template) Event {
	n := at.given
	if n == 0 {
		return Event{}
	}
	return Event{Data: at.data[t.from : n-t.rest : n-t.rest], Raw: at.data[:n:n]}
}

// matchInPlace decodes the events that p begins with where they lie, as long as there are
// templates for them. It returns the rest of p.
func (t *Tap) matchInPlace(p []byte) (rest []byte) {
	c, at := &t.cursor, &t.at
	if c.over || !c.lessons.mayTry() || len(p) == 0 {
		return p
	}
	if poisoned { // what expires is overwritten
		p = bytes.Clone(p)
	}
	at.data, at.large = p, len(p) > maxPooledCap
	at.chunk = takeChunk()
	for len(at.data) > 0 {
		n := c.match(at.chunk, at.data)
		if n == 0 {
			break
		}
		at.given = n
		at.last.set(at.chunk)
		t.fn(at.chunk, nil)
		at.pass()
	}
	at.leave()
	return at.data
}

// hasTried reports whether match has tried all templates for the event that b begins with.
func (c *cursor) hasTried(b []byte) bool {
	return !c.over && c.lessons.mayTry() && bytes.IndexByte(b, '\n') >= 0
}

// match makes dst of the event that b begins with, if there is a template for it. It returns
// the event's length, or 0.
func (c *cursor) match(dst *CreateChatCompletionData, b []byte) int {
	n := 0
	t := c.lessons.template
	if t != nil && !t.loose {
		n = t.match(dst, b, nil)
	}
	if n == 0 {
		t, n = c.lessons.findOther(dst, b, c.finish.complete())
	}
	if n == 0 || n > c.limit {
		return 0
	}
	c.off += int64(n)
	c.events++
	c.begun, c.shown = true, shownFields
	c.saw(dst, t)
	return n
}

// pass goes on to what follows the present event, whose life ends.
func (at *inPlace) pass() {
	expire(at.data[:at.given])
	at.last.expire()
	at.data, at.given = at.data[at.given:], 0
}

// leave gives the chunk back.
func (at *inPlace) leave() {
	if at.chunk == nil {
		return
	}
	if at.large {
		if p := at.chunk.ownParser(); p != nil {
			p.stale = true // what lies beyond the ends of its lists may refer to the write
		}
	}
	giveChunk(at.chunk)
	at.chunk = nil
}
