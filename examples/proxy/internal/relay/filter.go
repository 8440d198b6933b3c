package relay

import (
	"bytes"
	"errors"
	"io"

	"github.com/seed-08fc7208/chatstream"
)

// filter is the body of a response on its way through changes. It goes from event to
// event; of those that it does not change it passes on every byte.
type filter struct {
	body    endNoter
	decoder *chatstream.Decoder
	chunk   chatstream.CreateChatCompletionData

	model      []byte // what takes the place of the model's name, as JSON; nil to leave it
	stripUsage bool
	guard      *guard // nil without one
	refused    func()

	held  []byte // what the guard must not let go yet
	ready []byte // what is on its way
	out   []byte // and its memory
	err   error  // what comes behind it
}

// maxHeld is how much is held back for the guard, in bytes.
const maxHeld = 1 << 20

// endNoter notes how a reader ended.
type endNoter struct {
	io.ReadCloser
	err error
}

func (n *endNoter) Read(p []byte) (int, error) {
	m, err := n.ReadCloser.Read(p)
	if err != nil {
		n.err = err
	}
	return m, err
}

func newFilter(body io.ReadCloser) *filter {
	f := &filter{body: endNoter{ReadCloser: body}}
	f.decoder = chatstream.NewDecoder(&f.body)
	return f
}

func (f *filter) Read(p []byte) (int, error) {
	for len(f.ready) == 0 {
		if f.err != nil {
			return 0, f.err
		}
		f.step()
	}
	n := copy(p, f.ready)
	f.ready = f.ready[n:]
	return n, nil
}

func (f *filter) Close() error {
	f.decoder.Close()
	return f.body.Close()
}

// step takes the next event.
func (f *filter) step() {
	err := f.decoder.Decode(&f.chunk)
	if f.mustRefuse(err) {
		f.refuse()
		return
	}
	f.held = f.appendEvent(f.held, err)
	ended := isFinal(err)
	if ended {
		f.err = f.end()
	}
	if ended || f.guard == nil || !f.guard.waits() {
		f.out, f.held = f.held, f.out[:0]
		f.ready = f.out
	}
}

// mustRefuse reports whether the event must not be passed on. What can't be read
// can't be let past a guard.
func (f *filter) mustRefuse(err error) bool {
	var syntax *chatstream.SyntaxError
	switch {
	case errors.Is(err, chatstream.ErrEventTooLarge):
		return true
	case f.guard == nil:
		return false
	case errors.As(err, &syntax) || len(f.held) > maxHeld:
		return true
	}
	return f.guard.look(&f.chunk)
}

// refuse ends the stream with an error in the place of the event.
func (f *filter) refuse() {
	if f.refused != nil {
		f.refused()
	}
	f.out = chatstream.AppendEvent(f.out[:0], "", errorPayload("content_filter", "this proxy refuses the rest of the answer"))
	f.ready, f.held, f.err = f.out, nil, io.EOF
}

// appendEvent appends the event of the last Decode, changed where it must be.
func (f *filter) appendEvent(dst []byte, err error) []byte {
	event := f.decoder.Event()
	if f.stripUsage && err == nil && f.chunk.Usage.IsSet() && len(f.chunk.Choices) == 0 {
		return dst
	}
	data := f.edited(event.Data)
	if bytes.Equal(data, event.Data) {
		return append(dst, event.Raw...)
	}
	i := bytes.LastIndex(event.Raw, event.Data)
	if i < 0 { // it came in several lines, and comes in one
		return chatstream.AppendEvent(dst, string(event.Type), data)
	}
	dst = append(dst, event.Raw[:i]...)
	dst = append(dst, data...)
	return append(dst, event.Raw[i+len(event.Data):]...)
}

// edited returns a payload with another model, and without the null that stands for
// the usage to come. What is no JSON object stays as it is.
func (f *filter) edited(data []byte) []byte {
	if f.stripUsage && f.chunk.Usage.IsNull() {
		if edited, err := chatstream.AppendRemoved(nil, data, "usage"); err == nil {
			data = edited
		}
	}
	if f.model != nil {
		if edited, err := chatstream.AppendReplaced(nil, data, f.model, "model"); err == nil {
			data = edited
		}
	}
	return data
}

// end returns what the client gets after the last event: what upstream's body ended
// with, so that a connection that broke does break.
func (f *filter) end() error {
	switch {
	case f.decoder.Done():
		return io.EOF
	case f.body.err == nil: // it is no event stream, and longer than was read
		return io.ErrUnexpectedEOF
	}
	return f.body.err
}

// isFinal reports whether no event follows an error of Decode.
func isFinal(err error) bool {
	var syntax *chatstream.SyntaxError
	var api *chatstream.APIError
	switch {
	case err == nil, errors.As(err, &syntax), errors.Is(err, chatstream.ErrEventTooLarge):
		return false
	case errors.As(err, &api):
		return errors.Is(err, chatstream.ErrNotEventStream)
	}
	return true
}
