package chatstream

import "io"

// How a Decoder tries templates, and what it does with an event that has none.

// tried is what is known of the templates for the next event.
type tried uint8

const (
	untried   tried = iota
	waiting         // for the end of its line, which may be one that has a template
	triedThem       // it has none, whatever is still to be read of it
)

// matchedSpan is where the payload stands in an event that was matched.
type matchedSpan struct{ from, tail uint8 }

// match decodes the event that b, which is pending, begins with, if there is a template for
// it.
func (d *Decoder) match(dst *CreateChatCompletionData, b []byte) bool {
	f := &d.framer
	w := d.desk.takeBench()
	dst = d.desk.into(dst)
	t, n := w.match(dst, b, &d.lessons)
	if n == 0 || n > f.limit {
		return false
	}
	f.step(n)
	f.begun, f.shown = true, shownFields
	f.events++
	d.matched++
	d.matchedLast, d.tried = true, untried
	d.span = matchedSpan{uint8(t.from), uint8(t.tail)}
	d.last.set(dst)
	d.finish.observe(dst)
	if d.content != contentChat {
		d.sawPayload(t.isChat)
	}
	if poisoned { // what is lent of the last event ID expires once
		d.event = d.seenEvent()
	}
	return true
}

// seenEvent returns the event that was matched last. It is put together when it is
// asked for, since few ask.
func (d *Decoder) seenEvent() Event {
	f := &d.framer
	n := f.given
	return Event{
		LastEventID: f.lastEventID(),
		Data:        f.view(int(d.span.from), n-int(d.span.tail)),
		Raw:         f.view(0, n),
	}
}

// tryTemplate decodes the next event if there is a template for it; missed tells that there
// is none as far as it was read.
func (d *Decoder) tryTemplate(dst *CreateChatCompletionData, missed bool) bool {
	f := &d.framer
	if d.lessons.off || d.tried == triedThem || !f.mayMatch() {
		return false
	}
	if d.tried == untried {
		if !missed && d.match(dst, f.pending()) {
			return true
		}
		d.tried = waiting
		if f.hasLine() {
			d.tried = triedThem
			return false
		}
	}
	data := f.beginsObject()
	if data == 0 || !d.desk.takeBench().hasTemplates() || !f.await(data) {
		return false
	}
	d.tried = triedThem
	return d.match(dst, f.pending())
}

// learn makes a template of the event that was found, if that is worth it.
func (d *Decoder) learn(out *finding) {
	if !d.lessons.off {
		d.desk.takeBench().learn(&out.event, out.data, &d.lessons, isChatCompletion)
	}
}

// leaveFinally gives the workbench back at the end of the stream. If it is the workbench's
// chunk that is lent beside an error, it stays lent.
func (d *Decoder) leaveFinally(dst *CreateChatCompletionData) {
	if dst != nil || d.final == ErrClosed || d.final == io.EOF {
		d.desk.leaveBench()
	}
}
