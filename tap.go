package chatstream

import (
	"bytes"
	"io"
	"sync/atomic"
)

// Tap decodes a stream that is pushed: a proxy writes bytes to it as they pass, cut anywhere.
// A Tap is an io.WriteCloser, so that io.TeeReader and io.MultiWriter can write to it. It gives
// what a [Decoder] gives. It starts no goroutine, and between two writes it holds only the
// event that is not complete yet.
//
// A Tap must not be used by several goroutines at once, except for [Tap.Close].
type Tap struct {
	fn      func(chunk *CreateChatCompletionData, err error)
	decoder Decoder
	feed    feed
	state   atomic.Uint32 // tapOpen and so on
}

// The states of a Tap.
const (
	tapOpen    uint32 = iota
	tapBusy           // a Write is at work
	tapClosing        // and is to close the Tap when it is done
	tapClosed
)

// NewTap returns a Tap that calls fn with every chunk and every error, before the Write that
// completes it returns. The chunk is never nil. Beside a [*SyntaxError] or
// [ErrEventTooLarge] it is empty; beside an [*APIError] it has the rest of the payload. A
// final error comes once, and io.EOF never. The chunk and Event are valid until fn returns:
// after that the chunk may be another Tap's.
//
// A Tap does not decompress. A proxy prevents compression with the request header
// "Accept-Encoding: identity". Otherwise fn gets [ErrNotEventStream], with a text that names
// gzip and zstd.
func NewTap(fn func(chunk *CreateChatCompletionData, err error), opts ...Option) *Tap {
	t := &Tap{fn: fn}
	t.decoder.framer.source.init(&t.feed, opts)
	t.decoder.framer.source.waits = &t.decoder.desk
	return t
}

// Write decodes the events that p completes. It always returns len(p) and nil, so that it
// never disturbs the traffic. It ignores what follows [DONE], a final error or Close. If fn
// panics, so does Write; a further Write goes on where that one stopped. fn must not call
// Write.
func (t *Tap) Write(p []byte) (int, error) {
	if t.state.CompareAndSwap(tapOpen, tapBusy) {
		defer t.leave()
		t.feed.data = p
		if t.matchInPlace(); len(t.feed.data) > 0 {
			t.drain()
		}
	}
	return len(p), nil
}

// matchInPlace decodes the events that a write begins with where they lie, as long as
// nothing is pending and there are templates for them.
func (t *Tap) matchInPlace() {
	d, f := &t.decoder, &t.decoder.framer
	if f.buf != nil || d.final != nil || d.lessons.off || len(t.feed.data) == 0 {
		return
	}
	f.borrow(t.feed.data)
	if f.mayMatch() {
		for len(f.following()) > 0 && d.match(nil, f.following()) {
			t.fn(d.desk.chunk(), nil)
			d.last.expire()
			f.joiner.expire()
		}
	}
	t.feed.data = f.giveBack()
	if n := bytes.IndexByte(t.feed.data, '\n'); n >= 0 && n+1 < len(t.feed.data) {
		d.tried = triedThem // what follows does not matter
	}
}

// Close ends the stream. fn is called with what is pending and, if the stream was cut, with
// an error that is io.ErrUnexpectedEOF. Further calls do nothing. It always returns nil.
//
// Close may be called from any goroutine at any time, also by fn. If a Write is under way, that
// Write closes the Tap when it is done.
func (t *Tap) Close() error {
	for {
		switch t.state.Load() {
		case tapOpen:
			if t.state.CompareAndSwap(tapOpen, tapClosing) {
				t.finish()
				return nil
			}
		case tapBusy:
			if t.state.CompareAndSwap(tapBusy, tapClosing) {
				return nil
			}
		default:
			return nil
		}
	}
}

// end ends the stream as a reader's error does, and leaves the Tap open.
func (t *Tap) end(err error) {
	if t.state.CompareAndSwap(tapOpen, tapBusy) {
		defer t.leave()
		t.feed.end = err
		t.drain()
	}
}

// leave ends what a Write or end has done, and the Tap if Close was called meanwhile.
func (t *Tap) leave() {
	t.rest()
	if !t.state.CompareAndSwap(tapBusy, tapOpen) {
		t.finish()
	}
}

// finish closes the Tap. Should fn panic, a further Close goes on.
func (t *Tap) finish() {
	defer t.state.CompareAndSwap(tapClosing, tapOpen)
	defer t.rest()
	if t.feed.end == nil {
		t.feed.end = io.EOF
	}
	t.drain()
	t.state.Store(tapClosed)
}

// Event returns the event that fn is called for; see Decoder.Event.
func (t *Tap) Event() Event { return t.decoder.Event() }

// Done reports whether the stream's end was marked by [DONE].
func (t *Tap) Done() bool { return t.decoder.Done() }

// Stats returns what the Tap has counted so far.
func (t *Tap) Stats() Stats { return t.decoder.Stats() }

// drain decodes all that is complete.
func (t *Tap) drain() {
	d := &t.decoder
	for d.final == nil {
		chunk, err := d.next()
		if err == errPause || err == io.EOF {
			return
		}
		t.fn(chunk, err)
		if len(t.feed.data) == 0 && t.feed.end == nil && len(d.framer.following()) == 0 {
			return // as mostly: a write is an event
		}
	}
}

// rest ends the life of what fn was given and keeps what the next call needs. After
// a panic of fn that is also the part of the write that has not been looked at.
func (t *Tap) rest() {
	d := &t.decoder
	d.expire()
	d.event = Event{}
	if d.framer.borrowed { // fn has panicked
		t.feed.data = d.framer.giveBack()
	}
	d.desk.leaveBench()
	if d.final != nil {
		d.framer.source.leave()
		d.framer.joiner = joiner{}
	} else {
		if d.matchedLast {
			d.framer.pass()
		} else {
			d.framer.release()
		}
		for len(t.feed.data) > 0 && d.framer.more() {
		}
		t.shrink()
	}
	d.matchedLast = false
	t.feed.data = nil
}

// shrink gives memory back: the read buffer when nothing is pending, and what a
// large event has left behind.
func (t *Tap) shrink() {
	t.decoder.shrink(nil)
	t.decoder.framer.idle()
}

// feed is the reader that stands between a Tap and its Decoder.
type feed struct {
	data []byte
	end  error // what comes after data; nil if that is not known yet
}

func (f *feed) Read(p []byte) (int, error) {
	n := copy(p, f.data)
	f.data = f.data[n:]
	switch {
	case n > 0:
		return n, nil
	case f.end != nil:
		return 0, f.end
	}
	return 0, errPause
}

// Body returns a body that reads from rc, and lets the Tap see what is read. It changes
// nothing and holds nothing back. The stream of the Tap ends when rc ends; if rc fails, fn
// gets the error. Close of the body closes rc and the Tap. The body is an io.WriterTo if rc
// is one.
func (t *Tap) Body(rc io.ReadCloser) io.ReadCloser {
	body := tappedBody{rc, t}
	if w, ok := rc.(io.WriterTo); ok {
		return &tappedWriterTo{body, w}
	}
	return &body
}

type tappedBody struct {
	rc  io.ReadCloser
	tap *Tap
}

func (b *tappedBody) Read(p []byte) (int, error) {
	n, err := b.rc.Read(p)
	if n > 0 && n <= len(p) {
		b.tap.Write(p[:n])
	}
	if err != nil {
		b.tap.end(err)
	}
	return n, err
}

func (b *tappedBody) Close() (err error) {
	defer func() { err = b.rc.Close() }() // even if fn panics
	b.tap.Close()
	return nil
}

// tappedWriterTo is the body of an rc that copies itself without a buffer between.
type tappedWriterTo struct {
	tappedBody
	w io.WriterTo
}

func (b *tappedWriterTo) WriteTo(dst io.Writer) (int64, error) {
	tee := tappedWriter{dst: dst, tap: b.tap}
	n, err := b.w.WriteTo(&tee)
	switch {
	case tee.failed: // an error of dst says nothing about rc
	case err != nil:
		b.tap.end(err)
	default:
		b.tap.end(io.EOF)
	}
	return n, err
}

// tappedWriter writes to dst first: the traffic does not wait for the Tap.
type tappedWriter struct {
	dst    io.Writer
	tap    *Tap
	failed bool
}

func (w *tappedWriter) Write(p []byte) (int, error) {
	n, err := w.dst.Write(p)
	w.failed = w.failed || err != nil || n < len(p)
	w.tap.Write(p)
	return n, err
}
