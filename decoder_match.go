package chatstream

import "github.com/seed-08fc7208/chatstream/internal/jsonwire"

// How a Decoder tries templates, and what it does with an event that has none.

// tried is what is known of the templates for the next event.
type tried uint8

const (
	untried   tried = iota
	waiting         // for the end of its line, which may be one that has a template
	triedThem       // it has none, whatever is still to be read of it
)

// matchSame makes dst of the event that b, which is pending, begins with, if t, which matched last,
// is a template of it. It returns the event's length, or 0.
func (d *Decoder) matchSame(dst *CreateChatCompletionData, t *template, b []byte) int {
	if t.loose {
		return 0
	}
	n := t.match(dst, b, d.opening)
	if n > d.framer.limit {
		return 0
	}
	return n
}

// keepOpening keeps what b, an event of t, and the last event have in common. A Decoder that
// waits for its reader has no opening, as a rule, and neither has a Tap's.
func (d *Decoder) keepOpening(t *template, b []byte) {
	if t.n.choice != 1 || d.isPushed() {
		return
	}
	if d.opening == nil {
		d.opening = openings.Get().(*opening)
	}
	d.opening.keep(t, b, d.framer.view(0, d.framer.given))
}

// leaveOpening gives the opening back.
func (d *Decoder) leaveOpening() {
	if o := d.opening; o != nil {
		o.forget()
		o.pause, o.used = 0, false
		d.opening = nil
		openings.Put(o)
	}
}

// matchFirst decodes the event that b, which is pending, begins with, if the template that
// matched last is one for it.
func (d *Decoder) matchFirst(dst *CreateChatCompletionData, b []byte) bool {
	t := d.lessons.template
	if t == nil {
		return false
	}
	n := d.matchSame(dst, t, b)
	if n > 0 {
		d.matchedFirst(dst, t, n)
	}
	return n > 0
}

// matchOther is matchFirst for the templates of the shelf.
func (d *Decoder) matchOther(dst *CreateChatCompletionData, b []byte) bool {
	t, n := d.lessons.findOther(dst, b, d.finish.complete())
	if n == 0 || n > d.framer.limit {
		return false
	}
	d.matchedFirst(dst, t, n)
	return true
}

// matchedEvent notes that an event of n bytes was matched into dst.
func (d *Decoder) matchedEvent(dst *CreateChatCompletionData, t *template, n int) {
	d.framer.step(n)
	d.framer.events++
	d.saw(dst, t)
	if poisoned { // what is lent of the last event ID expires once
		d.keepEvent(d.seenEvent())
		d.last.set(dst)
	}
}

// matchedFirst is matchedEvent where the event before was not matched, or the reader was read since then.
func (d *Decoder) matchedFirst(dst *CreateChatCompletionData, t *template, n int) {
	d.framer.begun, d.framer.shown = true, shownFields
	d.matchedLast, d.tried = true, untried
	d.matchedEvent(dst, t, n)
}

// saw notes that an event was matched into dst.
func (k *known) saw(dst *CreateChatCompletionData, t *template) {
	k.matched++
	k.lessons.matched(t)
	if !t.open || dst.Choices[0].Index.Value != 0 || k.finish.seen&1 == 0 { // otherwise it says nothing new
		k.finish.observe(dst)
	}
	if k.content != contentChat {
		k.sawPayload(t.isChat)
	}
}

// seenEvent returns the event that was matched last. It is put together when it is
// asked for, since few ask.
func (d *Decoder) seenEvent() Event {
	f, t := &d.framer, d.lessons.template
	n := f.given
	return Event{
		LastEventID: f.lastEventID(),
		Data:        f.view(t.from, n-t.rest),
		Raw:         f.view(0, n),
	}
}

// tryTemplate decodes the next event if there is a template for it; missed tells that the
// one that matched last is none.
func (d *Decoder) tryTemplate(dst *CreateChatCompletionData, missed bool) bool {
	f := &d.framer
	if !d.lessons.mayTry() || d.tried == triedThem || !f.mayMatch() {
		return false
	}
	if f.beginsComment() {
		return d.matchAfterComments(dst)
	}
	if d.tried == untried {
		if !missed && d.matchFirst(dst, f.pending()) {
			return true
		}
		if f.hasLine() {
			d.tried = triedThem
			return f.beginsObject() && d.matchOther(dst, f.pending())
		}
		d.tried = waiting
	}
	if !f.beginsObject() || !f.await() {
		return false
	}
	d.tried = triedThem
	return d.matchFirst(dst, f.pending()) || d.matchOther(dst, f.pending())
}

// matchAfterComments is tryTemplate for an event before which comments and empty lines stand.
func (d *Decoder) matchAfterComments(dst *CreateChatCompletionData) bool {
	f := &d.framer
	if !f.passComments() || !f.beginsObject() || !f.await() {
		return false
	}
	d.tried = triedThem
	n, b := 0, f.pending()[f.pos:]
	t := d.lessons.template
	if t != nil {
		n = d.matchSame(dst, t, b)
	}
	if n == 0 {
		t, n = d.lessons.findOther(dst, b, d.finish.complete())
	}
	if n == 0 || n > f.limit {
		return false
	}
	from := f.pos + t.from
	f.pos += n
	f.give(f.pos)
	f.events++
	d.tried = untried
	d.keepEvent(Event{
		LastEventID: f.lastEventID(),
		Data:        f.view(from, f.given-t.rest),
		Raw:         f.view(0, f.given),
	})
	d.saw(dst, t)
	if poisoned {
		d.last.set(dst)
	}
	return true
}

// parse parses the payload that was found, and learns a template if it may and that is
// worth it.
func (d *Decoder) parse(out *finding, dst *CreateChatCompletionData) (at int, f jsonwire.Fault) {
	defer d.lessons.parsed()
	if !d.lessons.mayTry() {
		return parse(out.event.Data, dst)
	}
	e, ok := out.plain()
	if !ok {
		return parse(out.event.Data, dst)
	}
	s := d.lessons.takeShelf()
	if d.lessons.mayLearn(s, d.finish.complete()) {
		at, f = d.parseAndLearn(s, e, dst)
	} else {
		at, f = parse(out.event.Data, dst)
	}
	d.lessons.giveShelf(s)
	return at, f
}

func (d *Decoder) parseAndLearn(s *shelf, e plainEvent, dst *CreateChatCompletionData) (at int, f jsonwire.Fault) {
	payload := e.raw[e.from:e.to]
	p := parserOf(dst)
	p.recorder = &s.placer.recorder
	memory := p.lists.capacities()
	if at, f = parse(payload, dst); memory != p.lists.capacities() {
		// A list has moved, and the marks in it point to where it was. Now there is room.
		s.placer.recorder.reset()
		at, f = parse(payload, dst)
	}
	p.recorder = nil
	isChat := false
	if f != jsonwire.NoFault || errorOf(dst, payload) != nil {
		s.placer.recorder.failed = true
	} else {
		isChat = isChatCompletion(dst, payload)
	}
	d.lessons.learn(s, e, dst, isChat)
	return at, f
}
