package chatstream

import (
	"bytes"
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
	// ErrEventTooLarge means that an event exceeds the limit (see [WithMaxEventSize]). A
	// Decoder goes on with the next event; a Scanner stops.
	ErrEventTooLarge = errors.New("chatstream: event too large")
	// ErrNotEventStream means that the body is no event stream but, for example, an error
	// page or a JSON document. It is final.
	ErrNotEventStream = errors.New("chatstream: not an event stream")
	// ErrNotChatCompletion means that the stream has ended and was not that of a chat
	// completion: it had payloads, but none was a chunk or an error. It is final. See
	// [Decoder.Events] for streams of other APIs.
	ErrNotChatCompletion = errors.New("chatstream: not a chat completion")
	// ErrClosed means that the Decoder or Scanner has been closed.
	ErrClosed = errors.New("chatstream: closed")
)

// SyntaxError means that a payload is not one JSON object (RFC 8259). A Decoder goes on with
// the next event.
type SyntaxError struct {
	// Offset is the index of the wrong byte in the payload, or the length of the payload if
	// it ends too soon.
	Offset int64
	// Event is the number of the event in its stream, counted from 1; 0 after Unmarshal.
	Event int64
	// EventOffset is the offset of the event's first line in the stream, in bytes.
	EventOffset int64
	// Reason says what is wrong, in English.
	Reason string

	payload string // the beginning of the payload, quoted; empty in errors of callers
}

func (e *SyntaxError) Error() string {
	var b strings.Builder
	b.WriteString(errorPrefix)
	if e.Event != 0 {
		b.WriteString(streamPlace{e.Event, e.EventOffset}.String())
	}
	fmt.Fprintf(&b, "payload, byte %d: %s", e.Offset, e.Reason)
	if e.payload != "" {
		b.WriteString(": it begins with ")
		b.WriteString(e.payload)
	}
	return b.String()
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
	return &SyntaxError{Offset: int64(at), Reason: reason, payload: beginningOf(payload)}
}

// APIError is an error that the provider sent, in the stream or instead of it. Unless it is
// also ErrNotEventStream, a Decoder goes on with the next event.
type APIError struct {
	// Message, Type, Code and Param are members of the error object, or empty. A code that
	// is a number is given as its text. If the error is not an object, Message is the
	// whole error; the other three are then the members error_type or type, code and
	// param beside it.
	Message, Type, Code, Param string
	// StatusCode is the status of the HTTP response if [FromResponse] failed because of
	// it, and 0 otherwise.
	StatusCode int
	// Raw is the error as it came. It is not borrowed.
	Raw []byte
	// Event and EventOffset are as in [SyntaxError]. They are 0 if the error did not come in
	// a stream.
	Event, EventOffset int64

	notEvent bool
}

func (e *APIError) Error() string {
	var b strings.Builder
	b.WriteString(errorPrefix)
	switch {
	case e.StatusCode != 0:
		b.WriteString(strings.TrimSpace(fmt.Sprintf("%d %s", e.StatusCode, http.StatusText(e.StatusCode))))
		b.WriteString(": ")
	case e.notEvent:
		b.WriteString("not an event stream: ")
	case e.Event > 0:
		b.WriteString(streamPlace{e.Event, e.EventOffset}.String())
	}
	b.WriteString("error from the provider: ")
	// The quoted texts together take at most maxQuoted bytes. The parts are usually short:
	// each gets maxPart bytes, and the message gets the rest.
	const maxPart = 40
	parts := []struct{ name, value string }{{"type", e.Type}, {"code", e.Code}, {"param", e.Param}}
	left := maxQuoted
	for _, part := range parts {
		left -= min(len(part.value), maxPart)
	}
	message := e.Message
	if message == "" {
		message = string(jsonwire.AppendRaw(nil, e.Raw))
	}
	b.WriteString(excerpt(message, left))
	for _, part := range parts {
		if part.value != "" {
			fmt.Fprintf(&b, " (%s %s)", part.name, excerpt(part.value, maxPart))
		}
	}
	return b.String()
}

// errorPrefix begins the text of each error of the package. An error that wraps another one
// has it once.
const errorPrefix = "chatstream: "

func withoutPrefix(err error) string { return strings.TrimPrefix(err.Error(), errorPrefix) }

// maxQuoted is how much of what the other side sent an error text may quote, in bytes.
const maxQuoted = 200

// excerpt returns the beginning of s, at most n bytes of it, escaped.
func excerpt(s string, n int) string {
	s, dots := cutText(s, n)
	return escaped(s) + dots
}

// cutText cuts s to at most n bytes, between characters. dots is "..." if it cut something.
func cutText(s string, n int) (beginning, dots string) {
	if len(s) <= n {
		return s, ""
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n], "..."
}

// oneLine returns the beginning of a text of the other side, for an error text.
func oneLine(s string) string { return excerpt(s, maxQuoted) }

// beginningOf quotes the beginning of b.
func beginningOf(b []byte) string { return quoted(b, maxQuoted) }

// quoted quotes the beginning of b, at most n bytes of it.
func quoted(b []byte, n int) string {
	s, dots := cutText(string(b[:min(len(b), n+1)]), n)
	return `"` + escapedAll(s) + `"` + dots
}

// escaped escapes what could make a line of a log look like something else: control
// characters, invalid UTF-8, bidirectional controls and invisible characters. A text
// without these stays as it is.
func escaped(s string) string {
	if utf8.ValidString(s) && !strings.ContainsFunc(s, isHidden) {
		return s
	}
	return escapedAll(s)
}

// escapedAll escapes what escaped does, and quotes and backslashes, as in a Go string.
func escapedAll(s string) string {
	var b []byte
	for len(s) > 0 {
		r, size := utf8.DecodeRuneInString(s)
		one := strconv.Quote(s[:size])
		if r > utf8.RuneSelf && isHidden(r) {
			one = strconv.QuoteToASCII(s[:size])
		}
		b = append(b, one[1:len(one)-1]...)
		s = s[size:]
	}
	return string(b)
}

// isHidden reports whether a rune is invisible when printed, or changes how the runes around
// it look.
func isHidden(r rune) bool {
	return !strconv.IsPrint(r) || unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

// Is reports whether target is [ErrNotEventStream] and the error was the whole body.
func (e *APIError) Is(target error) bool { return e.notEvent && target == ErrNotEventStream }

// newAPIError describes an error that came as raw: an object, a string, any other JSON value,
// or no JSON at all. Names match exactly; encoding/json would ignore their case.
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
		end, _ := jsonwire.SkipString(object, i)
		name := object[i+1 : end-1]
		if bytes.IndexByte(name, '\\') >= 0 {
			name, _, _ = jsonwire.AppendUnescaped(nil, object, i+1)
		}
		i, _ = jsonwire.SkipColon(object, end)
		end, _ = jsonwire.SkipValue(object, i, 1)
		visit(name, object[i:end])
		if i = jsonwire.SkipSpace(object, end); object[i] == ',' {
			i = jsonwire.SkipSpace(object, i+1)
		}
	}
}

// textOf returns the value of a JSON string, "" for null, and any other text as it is.
func textOf(raw []byte) string {
	var s string
	if json.Unmarshal(raw, &s) == nil { // null leaves s alone
		return s
	}
	return string(raw)
}

// errorIn describes the error of an error event: the member error of its payload, or the
// payload itself if there is none.
func errorIn(payload []byte) *APIError {
	if raw := errorMember(payload); raw != nil {
		return newAPIErrorIn(payload, raw)
	}
	return newAPIError(payload)
}

// errorMember returns the value of the last member error of an object. It returns nil if
// there is none, if it is null, or if payload is not an object.
func errorMember(payload []byte) (raw []byte) {
	if !jsonwire.IsObject(payload) {
		return nil
	}
	eachMember(payload, func(name, value []byte) {
		if string(name) == "error" {
			raw = value
		}
	})
	if string(raw) == "null" {
		return nil
	}
	return raw
}

// newAPIErrorIn describes the error raw, which the object payload has or is. If raw is not an
// object, its code, type and param stand beside it in payload.
func newAPIErrorIn(payload, raw []byte) *APIError {
	e := newAPIError(raw)
	if jsonwire.IsObject(raw) {
		return e
	}
	var errorType string
	eachMember(payload, func(name, value []byte) {
		switch string(name) {
		case "code":
			e.Code = textOf(value)
		case "type":
			e.Type = textOf(value)
		case "error_type":
			errorType = textOf(value)
		case "param":
			e.Param = textOf(value)
		}
	})
	if errorType != "" { // type may be that of the event
		e.Type = errorType
	}
	return e
}

// payloadOfError returns the error in a payload that is not an object but a list of one
// object with an error, or a text that begins with "error:". It returns nil for any other
// payload.
func payloadOfError(payload []byte) []byte {
	text := bytes.TrimSpace(payload)
	if message, found := bytes.CutPrefix(text, []byte("error:")); found {
		return append([]byte{}, bytes.TrimSpace(message)...)
	}
	if object := unlisted(payload); bytes.HasPrefix(text, []byte("[")) && errorMember(object) != nil {
		return object
	}
	return nil
}

// streamPlace is a place in a stream.
type streamPlace struct {
	event  int64 // counted from 1
	offset int64 // of the event's first line, in bytes
}

func (p streamPlace) String() string {
	if p.event == 0 {
		return fmt.Sprintf("at byte %d: ", p.offset)
	}
	return fmt.Sprintf("event %d at byte %d: ", p.event, p.offset)
}

// streamError is an error of the stream, with its place.
type streamError struct {
	place  streamPlace
	what   string // happened; before the error's text
	err    error
	detail string // after it
}

func (e *streamError) Error() string {
	text := errorPrefix + e.place.String()
	if e.what != "" {
		text += e.what + ": "
	}
	text += withoutPrefix(e.err)
	if e.detail != "" {
		text += ": " + e.detail
	}
	return text
}

// errorTooLarge is ErrEventTooLarge with its place.
func errorTooLarge(place streamPlace, limit int) error {
	return &streamError{place: place, err: ErrEventTooLarge, detail: fmt.Sprintf("over %d bytes", limit)}
}

// errorReading is the error of a reader with its place.
func errorReading(place streamPlace, err error) error {
	return &streamError{place: place, what: "read", err: err}
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

// unlisted returns the error object that Google's servers put into a list: the only
// element of value if it is such a list, and otherwise value.
func unlisted(value []byte) []byte {
	i := jsonwire.SkipSpace(value, 0)
	if i == len(value) || value[i] != '[' || !jsonwire.IsValue(value) {
		return value
	}
	i = jsonwire.SkipSpace(value, i+1)
	if value[i] == ']' {
		return value
	}
	end, _ := jsonwire.SkipValue(value, i, 1)
	if value[jsonwire.SkipSpace(value, end)] != ']' {
		return value
	}
	return value[i:end:end]
}
