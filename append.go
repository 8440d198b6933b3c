package chatstream

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/seed-08fc7208/chatstream/internal/jsonwire"
)

// AppendJSON appends the chunk to dst as one JSON object and returns the extended
// buffer. After Decode or Unmarshal it is the payload's JSON value: every member,
// known or not, absent, null or set.
//
// A field that is null or set hides a member of its name in Extra, so that what a
// caller wrote counts. Line ends in an Extra or Error value are left out, so that
// the result is one line. A number that is not finite is written as null.
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

// comma separates from the member before, if there is one.
func (w *objectWriter) comma() {
	if w.dst[len(w.dst)-1] != '{' {
		w.dst = append(w.dst, ',')
	}
}

// member appends the name of a member. What follows must be its value.
func (w *objectWriter) member(member int) {
	w.comma()
	w.written |= 1 << member
	w.dst = append(w.dst, '"')
	w.dst = append(w.dst, w.kind.names[member]...)
	w.dst = append(w.dst, '"', ':')
}

// value appends the name of an optional member unless it is absent, and null if it
// is null. It reports whether its value must follow.
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

// close appends the members of extra that no field hides, and ends the object.
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

// AppendEvent appends the chunk to dst as a whole event of an event stream, and
// returns the extended buffer: what AppendJSON writes, framed as the function
// AppendEvent frames it.
func (c *CreateChatCompletionData) AppendEvent(dst []byte, event string) []byte {
	dst = append(appendEventName(dst, event), "data: "...)
	dst = c.AppendJSON(dst) // on one line
	return append(dst, '\n', '\n')
}

// AppendEvent appends an event of an event stream to dst and returns the extended
// buffer: an event field unless event is empty, data, and the empty line that
// dispatches it. It refuses to be injected into: an event name that holds CR or LF
// is left out, and CR, LF and CRLF in data each begin a new data line, so that a
// reader gets data with each of them as LF.
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
