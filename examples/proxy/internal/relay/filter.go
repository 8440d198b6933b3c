package relay

import (
	"bytes"
	"errors"
	"io"

	"github.com/seed-08fc7208/chatstream"
	"github.com/seed-08fc7208/chatstream/examples/internal/summary"
)

// filter is the body of a response that changes events. It passes on every byte of events that it
// does not change. It passes on only whole events: if upstream is cut within an event, the client
// gets an error event instead of the incomplete event.
type filter struct {
	body    endNoter
	decoder *chatstream.Decoder
	chunk   chatstream.CreateChatCompletionData

	rename     *rename // nil to leave the model
	stripUsage bool
	guard      *guard // nil without one
	refused    func(verdict)

	held  []byte // events that the guard holds back
	ready []byte // bytes to be read next
	out   []byte // the memory of ready
	sent  []byte // the last bytes that were read
	err   error  // the error after ready
}

// maxHeld is the most that is held back for the guard, in bytes.
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
	f.sent = lastOf(f.sent, f.ready[:n])
	f.ready = f.ready[n:]
	return n, nil
}

// lastOf returns the last four bytes of two slices, in the memory of the first.
func lastOf(a, b []byte) []byte {
	a = append(a, b[max(0, len(b)-4):]...)
	return append(a[:0], a[max(0, len(a)-4):]...)
}

func (f *filter) Close() error {
	f.decoder.Close()
	return f.body.Close()
}

// step takes the next event.
func (f *filter) step() {
	err := f.decoder.Decode(&f.chunk)
	ended := summary.IsEnd(err)
	if v := f.judge(err); v != "" {
		f.refuse(v)
		return
	}
	if ended {
		f.err = f.end()
		f.held = f.appendRest(f.held, err)
	} else {
		f.held = f.appendEvent(f.held, err)
	}
	if ended || f.guard == nil || !f.guard.waits() {
		f.out, f.held = f.held, f.out[:0]
		f.ready = f.out
	}
}

// judge returns the reason why the result of Decode must not be passed on.
func (f *filter) judge(err error) verdict {
	switch {
	case errors.Is(err, chatstream.ErrEventTooLarge): // the event was skipped
		return verdictTooLarge
	case f.guard == nil:
		return ""
	case len(f.held) > maxHeld:
		return verdictTooMuch
	}
	if v := f.guard.judge(&f.chunk, f.decoder.Event().Data, err); v != "" {
		return v
	}
	if summary.IsEnd(err) && f.guard.api.IsOther() {
		return verdictOtherAPI
	}
	return ""
}

// refuse ends the stream with an error instead of the event.
func (f *filter) refuse(v verdict) {
	if f.refused != nil {
		f.refused(v)
	}
	f.out = f.appendError(f.out[:0], f.sent, refusal(v))
	f.ready, f.held, f.err = f.out, nil, io.EOF
}

// appendError appends an error event after the bytes that were sent.
func (f *filter) appendError(dst, before, payload []byte) []byte {
	if !endsEvent(before) { // servers forget the empty line
		dst = append(dst, "\n\n"...)
	}
	return chatstream.AppendEvent(dst, "", payload)
}

// appendEvent appends the event of the last Decode, with its changes.
func (f *filter) appendEvent(dst []byte, err error) []byte {
	event := f.decoder.Event()
	if f.stripUsage && err == nil && f.chunk.Usage.IsSet() && len(f.chunk.Choices) == 0 {
		return dst
	}
	raw := f.visible(event.Raw)
	data := f.edited(event.Data, err)
	i := bytes.LastIndex(raw, event.Data)
	if bytes.Equal(data, event.Data) && (i >= 0 || len(raw) == len(event.Raw)) {
		return append(dst, raw...)
	}
	if i < 0 { // its data has several lines, or lines without a field name
		return chatstream.AppendEvent(dst, string(event.Type), data)
	}
	dst = append(dst, raw[:i]...)
	dst = append(dst, data...)
	return append(dst, raw[i+len(event.Data):]...)
}

// visible returns the lines that the client may get.
func (f *filter) visible(raw []byte) []byte {
	if f.guard == nil && f.rename == nil {
		return raw
	}
	return appendKnownLines(nil, raw)
}

// edited returns a payload with the public model, and without the null that announces the usage.
func (f *filter) edited(data []byte, err error) []byte {
	if f.stripUsage && f.chunk.Usage.IsNull() {
		if edited, err := chatstream.AppendRemoved(nil, data, "usage"); err == nil {
			data = edited
		}
	}
	var syntax *chatstream.SyntaxError
	switch {
	case f.rename == nil:
	case errors.As(err, &syntax):
		data = f.rename.text(data)
	case err != nil:
		data = f.rename.errorPayload(data)
	default:
		data = f.rename.payload(data)
	}
	return data
}

// appendRest appends the bytes after the last event. An error replaces an incomplete event. It
// also appends an error if the connection broke, because a client that does not look for [DONE]
// would take that for the end of the answer.
func (f *filter) appendRest(dst []byte, err error) []byte {
	raw := f.decoder.Event().Raw
	if errors.Is(err, chatstream.ErrNotEventStream) {
		if f.rename != nil {
			raw = f.rename.errorPayload(raw)
		}
		return append(dst, raw...)
	}
	whole := raw
	if err != io.EOF {
		whole = wholeEvents(raw)
	}
	dst = append(dst, f.visible(whole)...)
	if len(whole) == len(raw) && f.err == io.EOF {
		return dst
	}
	return f.appendError(dst, lastOf(bytes.Clone(f.sent), dst), errorPayload("upstream_error", "upstream ended the stream before the answer was whole"))
}

// end returns the error after the last event. It is the error of upstream's body, so that a broken
// connection also breaks for the client.
func (f *filter) end() error {
	switch {
	case f.decoder.Done():
		return io.EOF
	case f.body.err == nil: // not an event stream, and not read to its end
		return io.ErrUnexpectedEOF
	}
	return f.body.err
}
