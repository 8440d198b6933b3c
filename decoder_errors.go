package chatstream

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/seed-08fc7208/chatstream/internal/jsonwire"
)

// syntaxError describes lines that are not part of any JSON object. Joined, they may be
// the beginning of one and yet not be taken so; then the first line is the fault.
func (d *Decoder) syntaxError(out *finding, dst *CreateChatCompletionData) error {
	d.sawPayload(false)
	payload := out.event.Data
	at, f := parse(payload, dst)
	if f == jsonwire.NoFault {
		payload = out.first
		at, f = parse(payload, dst)
	}
	err := newSyntaxError(payload, at, f)
	err.Event, err.EventOffset = out.place.event, out.place.offset
	return err
}

// apiError reads an event that says it is an error. Its payload may be a chunk.
func (d *Decoder) apiError(out *finding, payload []byte, dst *CreateChatCompletionData) error {
	d.content = contentChat
	if _, f := parse(payload, dst); f == jsonwire.NoFault {
		d.last.set(dst)
		d.parsed++
		d.finish.observe(dst)
	}
	return d.apiErrorAt(out, payload)
}

// apiErrorAt describes the error in the payload of an event.
func (d *Decoder) apiErrorAt(out *finding, payload []byte) error {
	err := errorIn(payload)
	err.Event, err.EventOffset = out.place.event, out.place.offset
	return err
}

// notEventStream describes a body that is something else.
func (d *Decoder) notEventStream(body []byte) error {
	body = bytes.TrimPrefix(body, []byte("\xEF\xBB\xBF"))
	err := fmt.Errorf("%w: %s", ErrNotEventStream, describe(body))
	if readErr := d.framer.err; readErr != nil && readErr != io.EOF {
		err = fmt.Errorf("%w: %w", err, readErr)
	}
	// Later calls must not return an *APIError: a caller that goes on after one would
	// loop forever.
	d.final = err
	var apiErr *APIError
	if errors.As(Unmarshal(body, new(CreateChatCompletionData)), &apiErr) {
		apiErr.notEvent = true
		return apiErr
	}
	return err
}

// describe says what a body is that is no event stream.
func describe(body []byte) string {
	beginning := "it begins with " + beginningOf(body)
	if compression := compressionOf(body); compression != "" {
		return "it is compressed with " + compression + ": " + beginning
	}
	if text, _ := cutText(string(body[:min(len(body), maxQuoted+1)]), maxQuoted); !isText([]byte(text)) {
		return "binary; compressed? " + beginning
	}
	return beginning
}

// endOf says how the stream ended.
func (d *Decoder) endOf(out *finding) error {
	switch err := d.breakOf(out); {
	case err != nil:
		return err
	case d.content == contentOther:
		return &streamError{place: out.place, err: ErrNotChatCompletion}
	case !d.finish.complete():
		return &streamError{
			place: out.place, err: io.ErrUnexpectedEOF,
			what: "the stream ends without [DONE] and before every choice has its finish reason",
		}
	}
	return io.EOF
}

// breakOf says how the stream broke off, if it did: by an error of the reader, or within an
// event.
func (d *Decoder) breakOf(out *finding) error {
	switch readErr := d.framer.err; {
	case readErr != io.EOF:
		return errorReading(out.place, readErr)
	case out.cut || d.cutError:
		return &streamError{place: out.place, what: "the stream ends within an event", err: io.ErrUnexpectedEOF}
	}
	return nil
}
