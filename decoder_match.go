package chatstream

// matchedEvent notes that an event was matched into dst.
func (d *Decoder) matchedEvent(dst *CreateChatCompletionData) {
	d.framer.events++
	d.matched++
	if poisoned { // what is remembered does not expire: take what does
		d.event = d.seenEvent()
		parse(d.event.Data, dst)
		d.last.set(dst)
	}
	d.matchedLast = true
}

// seenEvent returns the event that was matched last. It is put together when it is
// asked for, since few ask.
func (d *Decoder) seenEvent() Event {
	f, r := &d.framer, d.template
	n := f.given
	return Event{
		LastEventID: f.lastEventID(),
		Data:        f.view(r.data.from, n-(len(r.ref)-r.data.to)),
		Raw:         f.view(0, n),
	}
}

// tryTemplate decodes the next event if it is like the one that the template remembers;
// missed tells that it is no hit as far as it was read.
func (d *Decoder) tryTemplate(dst *CreateChatCompletionData, missed bool) bool {
	f, r := &d.framer, d.template
	if r == nil || !r.known || r.missed || !f.atEvent() {
		return false
	}
	n, seated := 0, false
	if !r.waiting {
		if !missed {
			n = r.hit(f.pending(), dst)
		}
		if seated = n > 0; !seated {
			n, r.waiting = r.try(f.pending(), dst)
		}
	}
	if r.waiting {
		if !f.await(r.data.from) {
			return false
		}
		r.waiting = false
		if n = r.hit(f.pending(), dst); n > 0 {
			seated = true
		} else {
			n, _ = r.try(f.pending(), dst)
		}
	}
	if n == 0 || n > f.limit {
		r.missed = true
		return false
	}
	f.step(n)
	d.matchedEvent(dst)
	if !seated { // otherwise its choice says what that of the remembered chunk did
		d.finish.observe(dst)
	}
	return true
}

// learn remembers the event that was found, if that is worth it. The first one of a stream
// never is.
func (d *Decoder) learn(out *finding) bool {
	if d.content == contentOther && mayHaveChoices(out.event.Data) {
		return false // what is matched is not looked at again, and might be a chunk
	}
	if d.template == nil {
		if d.parsed == 0 {
			return false
		}
		d.template = &template{misses: 1}
	}
	d.template.waiting = false
	return d.template.learn(out, d.matched, d.finish.complete())
}
