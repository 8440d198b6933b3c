package chatstream

import (
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
	fn     func(chunk *CreateChatCompletionData, err error)
	cursor cursor
	state  atomic.Uint32 // tapOpen and so on

	// at is what fn is called for, or what a panic of fn has left.
	at inPlace
	// reader is there during a Write, and while something is pending.
	reader *pushReader
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
	t := &Tap{fn: fn, cursor: cursor{limit: DefaultMaxEventSize}}
	if len(opts) > 0 {
		var s source
		s.init(nil, opts)
		t.cursor.limit = s.limit
	}
	return t
}

// Write decodes the events that p completes. It always returns len(p) and nil, so that it
// never disturbs the traffic. It ignores what follows [DONE], a final error or Close. If fn
// panics, so does Write; a further Write goes on where that one stopped. fn must not call
// Write.
func (t *Tap) Write(p []byte) (int, error) {
	if t.state.CompareAndSwap(tapOpen, tapBusy) {
		defer t.leave()
		rest := p
		if t.reader == nil {
			if rest = t.matchInPlace(p); len(rest) > 0 && t.cursor.hasTried(rest) {
				t.takeReader().decoder.tried = triedThem
			}
		}
		if len(rest) > 0 {
			t.read(rest, nil)
		}
	}
	return len(p), nil
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
		t.read(nil, err)
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
	t.read(nil, io.EOF)
	t.state.Store(tapClosed)
}

// Event returns the event that fn is called for; see Decoder.Event.
func (t *Tap) Event() Event {
	if t.reader != nil {
		return t.reader.decoder.Event()
	}
	return t.at.event(t.cursor.lessons.template)
}

// Done reports whether the stream's end was marked by [DONE].
func (t *Tap) Done() bool {
	if t.reader != nil {
		return t.reader.decoder.Done()
	}
	return t.cursor.sawDone
}

// Stats returns what the Tap has counted so far.
func (t *Tap) Stats() Stats {
	if t.reader != nil {
		return t.reader.decoder.Stats()
	}
	return t.cursor.stats()
}
