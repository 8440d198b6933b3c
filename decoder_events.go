package chatstream

import (
	"io"
	"iter"
)

// Events returns an iterator over the events of any stream, with payloads that are not
// decoded. It is for the streams of other APIs, and has the framing of [Decoder.Decode]. It
// yields payloads that are not JSON as well, but no keep-alives. [DONE] ends the iteration.
//
// Beside an [*APIError], the event is the error; beside [ErrEventTooLarge], it has no data. The
// iteration goes on after these. A stream that ends between two events is complete. Any other
// end is yielded once: io.ErrUnexpectedEOF within an event, the error of the reader, or
// [ErrNotEventStream]. io.EOF is never yielded.
//
// An Event is valid until the next step, Reset or Close. Do not mix Events with Decode or All.
func (d *Decoder) Events() iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		for !d.isOver() {
			err := d.nextEvent()
			if err == io.EOF || !yield(d.Event(), err) {
				return
			}
		}
	}
}

// nextEvent reads the next event.
func (d *Decoder) nextEvent() error {
	if d.framer.closed.Load() {
		return d.endClosed()
	}
	f := &d.framer
	d.last.expire()
	f.joiner.expire()
	d.passLast(nil)
	out := f.find()
	if f.err == errClosed {
		return d.endClosed()
	}
	d.keepEvent(out.event)
	return d.settle(d.judge(&out))
}

// judge says what is wrong with an event.
func (d *Decoder) judge(out *finding) error {
	payload := out.event.Data
	switch {
	case out.what == foundPayload && !out.cut:
		if errorMember(payload) != nil {
			return d.apiErrorAt(out, payload)
		}
		if payload = payloadOfError(payload); payload != nil {
			return d.apiErrorAt(out, payload)
		}
		return nil
	case out.what == foundRun:
		d.cutError = d.cutError || out.cut
		if payload = payloadOfError(payload); payload != nil {
			return d.apiErrorAt(out, payload)
		}
		return nil
	case out.what == foundError && !out.cut:
		return d.apiErrorAt(out, unlisted(payload))
	case out.what == foundTooLarge:
		return errorTooLarge(out.place, d.framer.limit)
	case out.what == foundDocument:
		return d.notEventStream(out.event.Raw)
	case out.what == foundDone:
		d.sawDone, d.final = true, io.EOF
		return io.EOF
	}
	if d.final = d.breakOf(out); d.final == nil {
		d.final = io.EOF
	}
	return d.final
}
