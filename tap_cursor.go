package chatstream

// cursor is what a Tap knows of its stream while nothing is pending: where it stands and
// what it has seen. Thousands of streams wait at the same time, each with a cursor, and by
// the time of its next event that has left the caches.
type cursor struct {
	known
	limit    int
	off      int64 // where in the stream it stands
	events   int64
	comments int64
	begun    bool // the byte order mark, if there was one, has been skipped
	shown    evidence
	over     bool // the stream has ended
}

func (c *cursor) stats() Stats {
	return Stats{
		Bytes:    c.off,
		Events:   c.events,
		Comments: c.comments,
		Chunks:   c.parsed + c.matched,
		Matched:  c.matched,
		Errors:   c.errs,
	}
}

// resume makes d, which is new, go on where c stands.
func (c *cursor) resume(d *Decoder) {
	f := &d.framer
	f.limit, f.off, f.begun = c.limit, c.off, c.begun
	f.events, f.comments, f.shown = c.events, c.comments, c.shown
	d.known = c.known
}

// isWaiting reports whether the Decoder stands between two events of its stream, or after
// the last, so that a cursor says all that it knows.
func (d *Decoder) isWaiting() bool {
	f := &d.framer
	return d.final != nil || f.buf == nil && f.err == nil && f.mayWait() && len(f.id) == 0
}

// note makes c stand where d does, which is waiting.
func (c *cursor) note(d *Decoder) {
	f := &d.framer
	c.off, c.begun = f.off, f.begun
	c.events, c.comments, c.shown = f.events, f.comments, f.shown
	c.known = d.known
	if d.final != nil {
		c.over, c.lessons.template = true, nil
	}
}
