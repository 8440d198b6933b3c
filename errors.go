package chatstream

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/seed-08fc7208/chatstream/internal/jsonwire"
)

var (
	// ErrEventTooLarge means that an event was larger than the limit (see
	// WithMaxEventSize). A Decoder goes on with the next event; a Scanner stops.
	ErrEventTooLarge = errors.New("event too large")
	// ErrNotEventStream means that the body is no event stream: an error page, a
	// JSON document. It is final.
	ErrNotEventStream = errors.New("not an event stream")
	// ErrClosed means that the Decoder has been closed.
	ErrClosed = errors.New("chatstream: decoder is closed")
)

// SyntaxError means that a payload is not a JSON object (RFC 8259). The Decoder
// goes on with the next event.
type SyntaxError struct {
	// Offset is the index in the payload of the byte that is wrong, or the
	// payload's length where it ends too soon.
	Offset int64
	// Event is the number of the event in its stream, counted from 1; 0 after Unmarshal.
	Event int64
	// EventOffset is where in the stream the event's first line begins, in bytes.
	EventOffset int64
	// Reason says what is wrong.
	Reason string
}

func (e *SyntaxError) Error() string {
	if e.Event == 0 {
		return fmt.Sprintf("chatstream: payload, byte %d: %s", e.Offset, e.Reason)
	}
	return fmt.Sprintf("chatstream: event %d at byte %d: payload, byte %d: %s", e.Event, e.EventOffset, e.Offset, e.Reason)
}

// newSyntaxError describes the fault that parse found in payload.
func newSyntaxError(payload []byte, at int, f jsonwire.Fault) *SyntaxError {
	reason := f.Reason()
	switch {
	case f == jsonwire.FaultDepth || f == jsonwire.FaultNotObject:
	case at == len(payload):
		reason = "unexpected end of JSON input"
	default:
		reason = fmt.Sprintf("invalid character %q %s", payload[at], reason)
	}
	return &SyntaxError{Offset: int64(at), Reason: reason}
}

// APIError is an error that the provider sent inside the stream. The Decoder goes
// on with the next event.
type APIError struct {
	// Message, Type, Code and Param are the members of the error object, empty
	// where they are missing. A code that is a number stands here as its text. An
	// error that is no object is all Message.
	Message, Type, Code, Param string
	// StatusCode is the status of the HTTP response where that was the error, or 0.
	StatusCode int
	// Raw is the error as it came. It is owned by the caller.
	Raw []byte
	// Event and EventOffset are its place in the stream, as in SyntaxError; 0 where
	// it did not come in one.
	Event, EventOffset int64

	notEvent bool
}

func (e *APIError) Error() string {
	var b strings.Builder
	b.WriteString("chatstream: ")
	switch {
	case e.StatusCode != 0:
		b.WriteString(strings.TrimSpace(fmt.Sprintf("%d %s", e.StatusCode, http.StatusText(e.StatusCode))))
		b.WriteString(": ")
	case e.notEvent:
		b.WriteString("not an event stream: ")
	case e.Event > 0:
		b.WriteString(place{e.Event, e.EventOffset}.String())
	}
	b.WriteString("error from the provider: ")
	switch {
	case e.Message != "":
		b.WriteString(oneLine(e.Message))
	case len(e.Raw) <= maxBeginning:
		b.Write(jsonwire.AppendRaw(nil, e.Raw))
	default:
		b.WriteString(beginningOf(e.Raw))
	}
	for _, part := range []struct{ name, value string }{{"type", e.Type}, {"code", e.Code}, {"param", e.Param}} {
		if part.value != "" {
			fmt.Fprintf(&b, " (%s %s)", part.name, oneLine(part.value))
		}
	}
	return b.String()
}

// oneLine escapes what the other side may have put into s lest the rest of it pass,
// in a log, for a line of its own: control characters, and bytes that are no UTF-8.
func oneLine(s string) string {
	if utf8.ValidString(s) && !strings.ContainsFunc(s, unicode.IsControl) {
		return s
	}
	quoted := strconv.Quote(s)
	return quoted[1 : len(quoted)-1]
}

// Is reports whether target is ErrNotEventStream and the error was the whole body.
func (e *APIError) Is(target error) bool { return e.notEvent && target == ErrNotEventStream }

// newAPIError describes an error that came as raw: an object, a string, any other
// JSON value, or no JSON at all. Names match exactly, unlike in a struct's tags.
func newAPIError(raw []byte) *APIError {
	e := &APIError{Raw: append([]byte(nil), raw...)}
	if !jsonwire.IsObject(raw) {
		e.Message = textOf(raw)
		return e
	}
	var detail string
	eachMember(raw, func(name, value []byte) {
		switch string(name) {
		case "message":
			e.Message = textOf(value)
		case "detail":
			detail = textOf(value)
		case "type":
			e.Type = textOf(value)
		case "code":
			e.Code = textOf(value)
		case "param":
			e.Param = textOf(value)
		}
	})
	if e.Message == "" {
		e.Message = detail
	}
	return e
}

// eachMember visits the members of a valid object in their order.
func eachMember(object []byte, visit func(name, value []byte)) {
	i := jsonwire.SkipSpace(object, jsonwire.SkipSpace(object, 0)+1)
	for object[i] == '"' {
		name, end, _ := jsonwire.AppendUnescaped(nil, object, i+1)
		i, _ = jsonwire.SkipColon(object, end)
		end, _ = jsonwire.SkipValue(object, i, 1)
		visit(name, object[i:end])
		if i = jsonwire.SkipSpace(object, end); object[i] == ',' {
			i = jsonwire.SkipSpace(object, i+1)
		}
	}
}

// textOf returns a string's value, nothing for null, and other JSON as it is.
func textOf(raw []byte) string {
	var s string
	if json.Unmarshal(raw, &s) == nil { // null leaves s alone
		return s
	}
	return string(raw)
}

// errorIn returns what the payload of an error event calls its error: the member
// error if it has one, otherwise the payload itself.
func errorIn(payload []byte) *APIError {
	raw := payload
	if jsonwire.IsObject(payload) {
		eachMember(payload, func(name, value []byte) {
			if string(name) == "error" {
				raw = value
			}
		})
		if string(raw) == "null" {
			raw = payload
		}
	}
	return newAPIError(raw)
}

// maxBeginning is how much of a body or error an error message quotes, in bytes.
const maxBeginning = 200

// beginningOf quotes the beginning of b.
func beginningOf(b []byte) string {
	if len(b) > maxBeginning {
		return fmt.Sprintf("%q...", b[:maxBeginning])
	}
	return fmt.Sprintf("%q", b)
}

// place is where in a stream something went wrong.
type place struct {
	event  int64 // counted from 1
	offset int64 // of the event's first line, in bytes
}

func (p place) String() string {
	if p.event == 0 {
		return fmt.Sprintf("at byte %d: ", p.offset)
	}
	return fmt.Sprintf("event %d at byte %d: ", p.event, p.offset)
}

// streamError is an error of the stream, with its place.
type streamError struct {
	place place
	what  string
	err   error
}

func (e *streamError) Error() string {
	return fmt.Sprintf("chatstream: %v%s: %v", e.place, e.what, e.err)
}

func (e *streamError) Unwrap() error { return e.err }

// errorOf returns the error that a payload is or has, or nil: its member error, in
// any shape but null, or the whole of a payload that calls itself an error object
// in the place of a chunk.
func errorOf(c *CreateChatCompletionData, payload []byte) []byte {
	switch {
	case c.Error.IsSet():
		return c.Error.Value
	case c.Object == "error" && c.Choices == nil:
		return payload
	}
	return nil
}
