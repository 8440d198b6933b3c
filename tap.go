package chatstream

import (
	"bytes"
	"io"
	"sync/atomic"
)

// Tap decodes a stream that is pushed into it, where a proxy has bytes in hand. It
// is an io.WriteCloser: io.TeeReader and io.MultiWriter make the tap. It gives what
// a Decoder gives, however the bytes are cut, starts no goroutine, and between two
// writes holds only the event that is not complete yet.
//
// A Tap must not be used by several goroutines at once, but for Close.
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

// NewTap returns a Tap that calls fn with every chunk and every error, before the
// Write that completed it returns. Beside a *SyntaxError or ErrEventTooLarge the
// chunk is empty; beside an *APIError it has what else the payload held. A final
// error comes once, and io.EOF never. The chunk and Event are valid until fn returns;
// then the chunk may be another Tap's.
//
// A Tap reads no compressed body. A proxy keeps compression off by the request header
// "Accept-Encoding: identity"; otherwise fn gets ErrNotEventStream, with a text that names
// gzip and zstd.
func NewTap(fn func(chunk *CreateChatCompletionData, err error), opts ...Option) *Tap {
	t := &Tap{fn: fn}
	t.decoder.framer.source.init(&t.feed, opts)
	return t
}

// Write decodes what p completes. It always returns len(p) and nil: observing never
// disturbs the traffic. What follows [DONE], a final error or Close is not looked
// at. If fn panics, so does Write, and a further Write goes on where it was. fn must
// not call Write.
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
			t.fn(f.chunk(), nil)
			d.last.expire()
			f.joiner.expire()
		}
	}
	t.feed.data = f.giveBack()
	if n := bytes.IndexByte(t.feed.data, '\n'); n >= 0 && n+1 < len(t.feed.data) {
		d.tried = triedThem // what follows does not matter
	}
}

// Close is the end of the stream: fn is called with what was pending and, if the
// stream was cut, with an error that is io.ErrUnexpectedEOF. Further calls do
// nothing. It always returns nil.
//
// Close may be called at any time. While a Write is at work, because fn calls Close
// or another goroutine does, it is that Write that closes the Tap when it is done.
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
	d.framer.leaveBench()
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
	f := &t.decoder.framer
	if cap(f.joiner.data) > maxPooledCap {
		f.joiner.data = nil
	}
	if len(f.buf) > maxPooledCap && len(f.pending()) <= minBuffer {
		f.exchangeBuffer()
	}
	f.idle()
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

// Body returns rc with the Tap on it: what is read from it is rc's, unchanged and at
// once, and the Tap sees it on the way. The stream of the Tap ends with rc, or with
// an error of rc, which fn gets. Close closes both. The body is an io.WriterTo if rc
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
