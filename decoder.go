package chatstream

import (
	"io"
	"iter"

	"github.com/seed-08fc7208/chatstream/internal/jsonwire"
)

// Decoder reads the chunks of a streamed chat completion.
//
// It takes its read buffer from a pool. The Decode that returns the final result gives the
// buffer back, and so does the first Decode after Close.
//
// A Decoder must not be used by several goroutines at once, except for [Decoder.Close].
type Decoder struct {
	// Where thousands of streams take turns, each 64 bytes that an event needs come from far. So the fields
	// that it needs stand together: the end of framer, and the beginning of progress.
	framer framer
	progress
	last  lastChunk
	chunk *CreateChatCompletionData // what All and a Tap give, made when it is needed
	body  *io.ReadCloser            // of FromResponse; few have one, so that it takes one word
}

// progress is what a Decoder knows of its stream.
type progress struct {
	opening *opening // nil if there is none
	final   error    // what ended the stream, and has been returned

	hasID       bool // the event has the last event ID that the framer keeps
	matchedLast bool // the last event was matched, by the template of lessons
	tried       tried
	cutError    bool // the stream ended within a payload that was an error already

	known
	event lastEvent
}

// lastEvent is the event that was found last, without its last event ID.
type lastEvent struct{ typ, data, raw []byte }

// keepEvent makes ev, which the framer found, the last event.
func (p *progress) keepEvent(ev Event) {
	p.event, p.hasID = lastEvent{typ: ev.Type, data: ev.Data, raw: ev.Raw}, ev.LastEventID != nil
}

// known is what is known of a stream between two events.
type known struct {
	sawDone bool
	content streamContent
	matched int64
	finish  finishTracker
	lessons lessons
	parsed  int64
	errs    int64
}

// Stats counts what a Decoder or Tap has read of its stream.
type Stats struct {
	Bytes    int64 // of the stream, up to the end of the last event
	Events   int64 // with at least one field, keep-alives and [DONE] included
	Comments int64 // comment lines
	Chunks   int64 // decoded, those with an error in them included
	Matched  int64 // of the chunks, those that a template was found for, so that they were not parsed
	Errors   int64 // that were returned, io.EOF and repetitions not counted
}

// NewDecoder returns a Decoder that reads from r. It never waits for more than the next event
// needs, and buffers what comes with that.
func NewDecoder(r io.Reader, opts ...Option) *Decoder {
	d := new(Decoder)
	d.framer.source.init(r, opts)
	return d
}

// Reset makes the Decoder read a new stream from r, as if it were new. It keeps its options, and
// its memory except for what only a large event needed. It opens a closed Decoder again. If
// the Decoder is from FromResponse, Reset closes the body of that response.
func (d *Decoder) Reset(r io.Reader) {
	if !d.framer.closed.Load() {
		d.closeBody()
	}
	d.body = nil
	d.leaveOpening()
	d.last.expire()
	d.last = lastChunk{}
	large := len(d.framer.buf) > maxPooledCap
	d.framer.reset(r)
	d.emptyChunk(large)
	d.progress = progress{known: known{finish: d.finish.again(), lessons: d.lessons.again()}}
}

// emptyChunk empties the chunk that the Decoder owns. It gives it up if it has much memory,
// or texts in a large buffer.
func (d *Decoder) emptyChunk(large bool) {
	if d.chunk == nil {
		return
	}
	switch p := d.chunk.ownParser(); {
	case large, p.isLarge():
		d.chunk = nil
	default:
		clearChunk(d.chunk)
		p.sweepLists()
	}
}

// Close closes the Decoder: from then on Decode returns [ErrClosed]. If the Decoder is from
// [FromResponse], Close also closes the body of the response, and returns the error of that.
// Further calls do nothing.
//
// Close may be called from any goroutine at any time, but not at the same time as Reset. It
// may be called while the last chunk is still in use, and while a Decode waits for the reader:
// if the Decoder is from FromResponse, it ends that Decode. Close touches no memory that was
// handed out. The next Decode or Reset gives the buffers back; if there is none, the garbage
// collector has them.
//
// Close does not close the reader of NewDecoder. To end a Decode that waits for that reader,
// close or cancel the reader too.
func (d *Decoder) Close() error {
	if d.framer.closed.Swap(true) {
		return nil
	}
	return d.closeBody()
}

// decodeClosed is Decode of a Decoder that has been closed.
func (d *Decoder) decodeClosed(dst *CreateChatCompletionData) error {
	*dst = CreateChatCompletionData{} // with its memory
	return d.endClosed()
}

// endClosed ends the stream of a Decoder that has been closed.
func (d *Decoder) endClosed() error {
	d.expire()
	d.last = lastChunk{}
	d.framer.source.leave()
	d.framer.joiner.reset()
	d.leaveOpening()
	d.keepEvent(Event{})
	d.matchedLast = false
	d.final = ErrClosed
	return ErrClosed
}

// shrink gives up what a large event needed, when nothing of it is given out any longer.
// Its last event ID counts for that event alone.
func (d *Decoder) shrink(dst *CreateChatCompletionData) {
	f := &d.framer
	f.joiner.shrink()
	if len(f.joiner.id) > maxPooledCap {
		f.joiner.id = nil
	}
	if !f.shrinkBuffer() {
		return
	}
	d.event = lastEvent{} // a match would leave it
	// What dst has of it beyond its present elements would keep it.
	if dst != nil {
		if p := dst.ownParser(); p != nil {
			p.stale = true
		}
	}
}

// isOver reports whether the final error has been returned, and will not become
// another one.
func (d *Decoder) isOver() bool {
	return d.final == ErrClosed || d.final != nil && !d.framer.closed.Load()
}

// expire ends the life of what the last call gave.
func (d *Decoder) expire() {
	d.framer.source.expire()
	d.framer.joiner.expire()
	d.last.expire()
}

// Event returns the event of the last Decode; its payload is Data. After every call of Decode,
// whatever it returned, Raw begins where the Raw before it ended. The last Raw, beside the final
// error, has what followed the last event. Only an event over the limit is in no Raw. What
// follows [DONE] is not read.
func (d *Decoder) Event() Event {
	if d.matchedLast && !poisoned {
		return d.seenEvent()
	}
	e := &d.event
	ev := Event{Type: e.typ, Data: e.data, Raw: e.raw}
	if d.hasID {
		ev.LastEventID = d.framer.lastEventID()
	}
	return ev
}

// Done reports whether the stream's end was marked by [DONE].
func (d *Decoder) Done() bool { return d.sawDone }

// Stats returns what the Decoder has counted since NewDecoder or Reset.
func (d *Decoder) Stats() Stats {
	f := &d.framer
	return Stats{
		Bytes:    f.off + int64(f.given),
		Events:   f.events,
		Comments: f.comments,
		Chunks:   d.parsed + d.matched,
		Matched:  d.matched,
		Errors:   d.errs,
	}
}

// All returns an iterator over the chunks. The iteration goes on after a [*SyntaxError] and
// [ErrEventTooLarge], beside which the chunk is empty, and after an [*APIError], beside which it
// has the rest of the payload. A final error is yielded once, and io.EOF never. The chunk
// is the Decoder's, never nil, and valid until the next step.
func (d *Decoder) All() iter.Seq2[*CreateChatCompletionData, error] {
	return func(yield func(*CreateChatCompletionData, error) bool) {
		for !d.isOver() {
			chunk, err := d.next()
			if err == io.EOF || !yield(chunk, err) {
				return
			}
		}
	}
}

// next is Decode into the Decoder's own chunk.
func (d *Decoder) next() (*CreateChatCompletionData, error) {
	if d.chunk == nil {
		d.chunk = aligned[CreateChatCompletionData]()
	}
	return d.chunk, d.Decode(d.chunk)
}

// Decode reads the next chunk into dst and overwrites every field of it. Its texts are
// borrowed until the next Decode, Reset or Close.
//
// Decode returns io.EOF at the end of a complete stream: after [DONE], or at the end of the
// reader if at least one choice was seen and each has had its finish reason. Any other end
// gives an error that is io.ErrUnexpectedEOF, or the error of the reader, wrapped. These and
// [ErrNotEventStream] are final: further calls return them again.
//
// After a [*SyntaxError], an [*APIError] or [ErrEventTooLarge] the next call goes on with the
// next event. In these cases dst is empty, except after an *APIError: then it has the rest of
// the payload.
//
// The payloads of another API's stream are chunks that have only Extra. A stream that had
// payloads, but none that was a chunk or an error, ends with [ErrNotChatCompletion] instead
// of io.EOF or io.ErrUnexpectedEOF, unless it ends within an event.
func (d *Decoder) Decode(dst *CreateChatCompletionData) error {
	if d.framer.closed.Load() {
		return d.decodeClosed(dst)
	}
	d.last.expire()
	d.framer.joiner.expire()
	if !d.matchedLast || d.framer.isGiven() || len(d.framer.buf) > maxPooledCap { // that large, it may be given up
		return d.decodeNext(dst, false)
	}
	t, b := d.lessons.template, d.framer.following()
	n := d.matchSame(dst, t, b)
	if n == 0 {
		return d.decodeNext(dst, true)
	}
	if o := d.opening; o == nil || !o.used {
		d.keepOpening(t, b[:n])
	}
	d.matchedEvent(dst, t, n)
	return nil
}

// decodeNext is Decode where the event before was not matched, or the next one is not
// like it as far as it was read: missed.
func (d *Decoder) decodeNext(dst *CreateChatCompletionData, missed bool) error {
	if d.final != nil {
		d.expire()
		d.keepEvent(Event{})
		d.framer.joiner.resetTail()
		clearChunk(dst)
		return d.final
	}
	f := &d.framer
	d.passLast(dst)
	if d.tryTemplate(dst, missed) {
		return nil
	}
	out := f.find()
	switch {
	case f.err == errClosed:
		return d.decodeClosed(dst)
	case out.what == foundPause:
		return errPause
	}
	d.tried = untried
	d.keepEvent(out.event)
	return d.settle(d.receive(&out, dst))
}

// passLast goes on to what follows the last event, and reads if there is nothing. dst is
// what is decoded into, if it is.
func (d *Decoder) passLast(dst *CreateChatCompletionData) {
	f := &d.framer
	if d.opening != nil && !f.full { // where the last read filled the buffer, the next one does not wait, as a rule
		d.leaveOpening()
	}
	if d.matchedLast { // of what atEvent asks all holds still, if there is anything
		f.pass()
		d.matchedLast = false
	} else {
		f.release()
	}
	d.shrink(dst)
	if f.start == f.end {
		if dst != nil && !f.full && !d.isPushed() {
			dst.leaveParser()
		}
		f.more()
	}
}

// isPushed reports whether the Decoder is a Tap's, and never waits.
func (d *Decoder) isPushed() bool {
	_, pushed := d.framer.r.(*feed)
	return pushed
}

// settle counts what is returned for the event at hand, and gives the buffer back if it was
// the last one.
func (d *Decoder) settle(err error) error {
	if err != nil && err != io.EOF {
		d.errs++
	}
	if d.final != nil {
		d.leaveOpening()
		d.keepEvent(d.framer.joiner.moveOut(&d.framer.source, d.Event()))
	}
	return err
}

// clearChunk empties dst but for its memory.
func clearChunk(dst *CreateChatCompletionData) {
	*dst = CreateChatCompletionData{parser: dst.parser}
}

// receive makes of what was found a chunk or an error.
func (d *Decoder) receive(out *finding, dst *CreateChatCompletionData) error {
	if out.what == foundPayload && !out.cut {
		return d.decode(out, dst)
	}
	clearChunk(dst)
	switch out.what {
	case foundRun:
		d.cutError = d.cutError || out.cut
		if payload := payloadOfError(out.event.Data); payload != nil {
			return d.apiError(out, payload, dst)
		}
		return d.syntaxError(out, dst)
	case foundError:
		if !out.cut {
			return d.apiError(out, unlisted(out.event.Data), dst)
		}
	case foundTooLarge:
		d.content = contentChat // for all that is known
		return errorTooLarge(out.place, d.framer.limit)
	case foundDone:
		d.sawDone, d.final = true, io.EOF
		if d.content == contentOther {
			d.final = &streamError{place: out.place, err: ErrNotChatCompletion}
		}
		return d.final
	case foundDocument:
		return d.notEventStream(out.event.Raw)
	}
	d.final = d.endOf(out)
	return d.final
}

// decode parses a payload.
func (d *Decoder) decode(out *finding, dst *CreateChatCompletionData) error {
	if at, f := d.parse(out, dst); f != jsonwire.NoFault {
		if payload := payloadOfError(out.event.Data); payload != nil {
			return d.apiError(out, payload, dst)
		}
		d.sawPayload(false)
		err := newSyntaxError(out.event.Data, at, f)
		err.Event, err.EventOffset = out.place.event, out.place.offset
		return err
	}
	d.last.set(dst)
	d.parsed++
	d.finish.observe(dst)
	if d.content != contentChat {
		d.sawPayload(isChatCompletion(dst, out.event.Data))
	}
	if raw := errorOf(dst, out.event.Data); raw != nil {
		d.content = contentChat
		err := newAPIErrorIn(out.event.Data, raw)
		err.Event, err.EventOffset = out.place.event, out.place.offset
		return err
	}
	return nil
}

// Unmarshal decodes one payload, a JSON object, into dst and overwrites every
// field of it. Its texts may refer to data: they are valid as long as data is not
// changed and dst is not decoded into again.
//
// It returns a *SyntaxError when data is not one JSON object (RFC 8259); dst is
// empty then. It returns an *APIError when data has an error that is not null; dst
// has the whole chunk then.
func Unmarshal(data []byte, dst *CreateChatCompletionData) error {
	if at, f := parse(data, dst); f != jsonwire.NoFault {
		return newSyntaxError(data, at, f)
	}
	if raw := errorOf(dst, data); raw != nil {
		return newAPIErrorIn(data, raw)
	}
	return nil
}

// closeBody closes the body of FromResponse's response, if there is one.
func (d *Decoder) closeBody() error {
	if d.body == nil {
		return nil
	}
	return (*d.body).Close()
}
