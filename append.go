package chatstream

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/seed-08fc7208/chatstream/internal/jsonwire"
)

// AppendJSON appends the chunk to dst as one JSON object, without line ends, and returns
// the extended buffer. After [Decoder.Decode] or [Unmarshal], the object has the same
// JSON value as the payload: the same members with the same values, those without a
// field included.
//
// If a field is null or set, a member of the same name in Extra is left out, so that what
// a caller writes to the field takes effect. Line ends in the values of Extra and Error
// are left out. A number that is not finite is written as null.
func (c *CreateChatCompletionData) AppendJSON(dst []byte) []byte {
	return appendChunk(dst, c)
}

// objectWriter appends the members of one object.
type objectWriter struct {
	dst     []byte
	kind    *objectKind
	written memberSet
}

func openObject(dst []byte, kind *objectKind) objectWriter {
	return objectWriter{dst: append(dst, '{'), kind: kind}
}

// comma appends a comma unless the next member is the first.
func (w *objectWriter) comma() {
	if w.dst[len(w.dst)-1] != '{' {
		w.dst = append(w.dst, ',')
	}
}

// member appends the name of a member. The caller appends its value.
func (w *objectWriter) member(member int) {
	w.comma()
	w.written |= 1 << member
	w.dst = append(w.dst, '"')
	w.dst = append(w.dst, w.kind.names[member]...)
	w.dst = append(w.dst, '"', ':')
}

// value appends an optional member that is null, and the name of one that is set. It
// reports whether the caller must append the value.
func (w *objectWriter) value(member int, state presence) bool {
	switch state {
	case null:
		w.member(member)
		w.dst = append(w.dst, "null"...)
	case set:
		w.member(member)
	}
	return state == set
}

func (w *objectWriter) text(member int, o Optional[Text]) {
	if w.value(member, o.state) {
		w.dst = jsonwire.AppendString(w.dst, o.Value)
	}
}

func writeEnum[T ~string](w *objectWriter, member int, o Optional[T]) {
	if w.value(member, o.state) {
		w.dst = jsonwire.AppendString(w.dst, o.Value)
	}
}

func (w *objectWriter) int(member int, o Optional[int64]) {
	if w.value(member, o.state) {
		w.dst = strconv.AppendInt(w.dst, o.Value, 10)
	}
}

func (w *objectWriter) float(member int, o Optional[float64]) {
	if w.value(member, o.state) {
		w.dst = jsonwire.AppendFloat(w.dst, o.Value)
	}
}

func (w *objectWriter) ints(member int, o Optional[[]int64]) {
	if w.value(member, o.state) {
		w.dst = appendList(w.dst, o.Value, func(dst []byte, v *int64) []byte {
			return strconv.AppendInt(dst, *v, 10)
		})
	}
}

// close appends the members of extra that have not been written from a field, and ends
// the object.
func (w *objectWriter) close(extra []Member) []byte {
	for i := range extra {
		if w.hides(extra[i].Name) {
			continue
		}
		w.comma()
		w.dst = append(jsonwire.AppendString(w.dst, extra[i].Name), ':')
		w.dst = jsonwire.AppendRaw(w.dst, extra[i].Value)
	}
	return append(w.dst, '}')
}

func (w *objectWriter) hides(name Text) bool {
	member := w.kind.number(name)
	return member != noMember && w.written.has(member)
}

func appendList[T any](dst []byte, list []T, appendElement func([]byte, *T) []byte) []byte {
	dst = append(dst, '[')
	for i := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendElement(dst, &list[i])
	}
	return append(dst, ']')
}

// AppendEvent appends the chunk to dst as an event of an event stream, and returns the
// extended buffer. The data is what [CreateChatCompletionData.AppendJSON] writes; event
// and framing are those of the function [AppendEvent].
func (c *CreateChatCompletionData) AppendEvent(dst []byte, event string) []byte {
	dst = append(appendEventName(dst, event), "data: "...)
	dst = c.AppendJSON(dst) // on one line
	return append(dst, '\n', '\n')
}

// AppendEvent appends an event of an event stream to dst and returns the extended buffer:
// the field event, unless event is empty; the data; and the blank line that ends the
// event.
//
// Neither argument can inject fields or events. An event name that contains a CR or LF is
// left out. Each CR, LF or CRLF in data begins a new data line; a reader gets an LF
// instead.
func AppendEvent(dst []byte, event string, data []byte) []byte {
	dst = appendEventName(dst, event)
	for {
		dst = append(dst, "data: "...)
		i := bytes.IndexAny(data, "\r\n")
		if i < 0 {
			dst = append(dst, data...)
			return append(dst, '\n', '\n')
		}
		dst = append(dst, data[:i]...)
		dst = append(dst, '\n')
		if data[i] == '\r' && i+1 < len(data) && data[i+1] == '\n' {
			i++
		}
		data = data[i+1:]
	}
}

func appendEventName(dst []byte, event string) []byte {
	if event == "" || strings.ContainsAny(event, "\r\n") {
		return dst
	}
	dst = append(dst, "event: "...)
	dst = append(dst, event...)
	return append(dst, '\n')
}

// AppendJSON appends the completion to dst as one JSON object, in the form of the API, and
// returns the extended buffer.
//
// A field that is null or set hides a member of the same name in Extra. Line ends in raw
// values are left out, so that the result is one line.
func (c *Completion) AppendJSON(dst []byte) []byte {
	return appendCompletion(dst, c)
}
