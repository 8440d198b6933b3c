package chatstream

import "io"

// Tap decodes a stream that is pushed into it, where a proxy has bytes in hand. It
// is an io.WriteCloser: io.TeeReader and io.MultiWriter make the tap. It gives what
// a Decoder gives, however the bytes are cut, starts no goroutine, and between two
// writes holds only the event that is not complete yet.
//
// A Tap must not be used by several goroutines at once.
type Tap struct {
	fn      func(chunk *CreateChatCompletionData, err error)
	decoder Decoder
	chunk   CreateChatCompletionData
	feed    feed
}

// NewTap returns a Tap that calls fn with every chunk and every error, before the
// Write that completed it returns. Beside a *SyntaxError or ErrEventTooLarge the
// chunk is empty; beside an *APIError it has what else the payload held. A final
// error comes once, and io.EOF never. The chunk and Event are valid until fn returns.
func NewTap(fn func(chunk *CreateChatCompletionData, err error), opts ...Option) *Tap {
	t := &Tap{fn: fn}
	t.decoder.framer.source = newSource(&t.feed, opts)
	return t
}

// Write decodes what p completes. It always returns len(p) and nil: observing never
// disturbs the traffic. What follows [DONE] or a final error is not looked at. If fn
// panics, so does Write, and a further Write goes on where it was.
func (t *Tap) Write(p []byte) (int, error) {
	t.feed.data = p
	t.drain()
	return len(p), nil
}

// Close is the end of the stream: fn is called with what was pending and, if the
// stream was cut, with an error that is io.ErrUnexpectedEOF. Further calls do
// nothing. It always returns nil.
func (t *Tap) Close() error {
	if t.decoder.final != ErrClosed {
		t.end(io.EOF)
		t.decoder.Close()
	}
	return nil
}

// end ends the stream as a reader's error does.
func (t *Tap) end(err error) {
	t.feed.end = err
	t.drain()
}

// Event returns the event that fn was called for last; see Decoder.Event.
func (t *Tap) Event() Event { return t.decoder.Event() }

// Done reports whether the stream's end was marked by [DONE].
func (t *Tap) Done() bool { return t.decoder.Done() }

// Stats returns what the Tap has counted so far.
func (t *Tap) Stats() Stats { return t.decoder.Stats() }

// drain decodes all that is complete.
func (t *Tap) drain() {
	d := &t.decoder
	defer t.rest()
	for d.final == nil {
		err := d.Decode(&t.chunk)
		if err == errPause || err == io.EOF {
			return
		}
		t.fn(&t.chunk, err)
	}
}

// rest keeps what the next call needs. After a panic of fn that is also the part of
// the write that has not been looked at.
func (t *Tap) rest() {
	d := &t.decoder
	if d.final != nil {
		t.feed.data = nil
		return
	}
	d.expire()
	d.event = Event{}
	d.framer.release()
	for len(t.feed.data) > 0 && d.framer.more() {
	}
	d.framer.idle()
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
// once, and the Tap sees it on the way. The stream of the Tap
// ends with rc, or with an error of rc, which fn gets. Close closes both.
func (t *Tap) Body(rc io.ReadCloser) io.ReadCloser { return &tappedBody{rc: rc, tap: t} }

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

func (b *tappedBody) Close() error {
	b.tap.Close()
	return b.rc.Close()
}
