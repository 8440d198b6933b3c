package chatstream

import (
	"fmt"
	"unicode/utf8"

	"github.com/seed-08fc7208/chatstream/internal/jsonwire"
)

// AppendReplaced appends payload to dst with the value of its member name replaced
// by value, and returns the extended buffer. All else stays byte for byte as it is:
// this is how a proxy renames the model in Event().Data without encoding the chunk
// again. A payload without that member is appended as it is.
//
// Only members of the payload's own object are meant, not those of objects in it. A
// repeated member is replaced wherever it stands, and an escaped name equals its
// unescaped form, so that no reader finds the old value.
//
// It returns dst as it was and a *SyntaxError when payload is not one JSON object
// or value is not one JSON value (RFC 8259). It allocates nothing when dst has
// room, keeps neither payload nor value, and must not be given a dst that overlaps
// either.
func AppendReplaced(dst, payload []byte, name string, value RawValue) ([]byte, error) {
	e := edit{payload: payload, name: name, value: value}
	if at, f := e.checkValue(); f != jsonwire.NoFault {
		err := newSyntaxError(value, at, f)
		err.Reason = fmt.Sprintf("%s (of the new value of %q)", err.Reason, name)
		return dst, err
	}
	return e.append(dst)
}

// AppendRemoved appends payload to dst without its member name, and returns the
// extended buffer: AppendReplaced for members that are to go, as usage is from a
// chunk for a client that did not ask for it. With the member go the comma and the
// white space around it.
func AppendRemoved(dst, payload []byte, name string) ([]byte, error) {
	e := edit{payload: payload, name: name, remove: true}
	return e.append(dst)
}

// edit is the change of one member of a payload.
type edit struct {
	payload []byte
	name    string
	value   []byte
	remove  bool

	copied int  // bytes of payload that are done with
	kept   bool // a member has stayed
}

// checkValue judges the new value in its place, one level deep.
func (e *edit) checkValue() (int, jsonwire.Fault) {
	i, f := jsonwire.SkipValue(e.value, jsonwire.SkipSpace(e.value, 0), 1)
	if f != jsonwire.NoFault {
		return i, f
	}
	if i = jsonwire.SkipSpace(e.value, i); i < len(e.value) {
		return i, jsonwire.FaultTrailing
	}
	return i, jsonwire.NoFault
}

func (e *edit) append(dst []byte) ([]byte, error) {
	edited, at, f := e.object(dst)
	if f != jsonwire.NoFault {
		return dst, newSyntaxError(e.payload, at, f)
	}
	return edited, nil
}

// object appends the edited payload, which is judged as parse judges it.
func (e *edit) object(dst []byte) ([]byte, int, jsonwire.Fault) {
	b := e.payload
	i := jsonwire.SkipSpace(b, 0)
	if i == len(b) || b[i] != '{' {
		if end, f := jsonwire.SkipValue(b, i, 0); f != jsonwire.NoFault {
			return dst, end, f
		}
		return dst, i, jsonwire.FaultNotObject
	}
	begin := i + 1 // of the member: after the brace, or at the comma before it
	if i = jsonwire.SkipSpace(b, begin); i == len(b) || b[i] != '}' {
		for {
			var f jsonwire.Fault
			if dst, i, f = e.member(dst, begin, i); f != jsonwire.NoFault {
				return dst, i, f
			}
			if i < len(b) && b[i] == '}' {
				break
			}
			if i == len(b) || b[i] != ',' {
				return dst, i, jsonwire.FaultObjectComma
			}
			begin, i = i, jsonwire.SkipSpace(b, i+1)
		}
	}
	if i = jsonwire.SkipSpace(b, i+1); i < len(b) {
		return dst, i, jsonwire.FaultTrailing
	}
	return append(dst, b[e.copied:]...), i, jsonwire.NoFault
}

// member reads the member whose name begins at i, and appends what comes before
// its value or itself, if that changes. It returns the index of what follows.
func (e *edit) member(dst []byte, begin, i int) ([]byte, int, jsonwire.Fault) {
	b := e.payload
	value, f := jsonwire.SkipName(b, i)
	if f != jsonwire.NoFault {
		return dst, value, f
	}
	end, f := jsonwire.SkipValue(b, value, 1)
	if f != jsonwire.NoFault {
		return dst, end, f
	}
	next := jsonwire.SkipSpace(b, end)
	switch {
	case !e.names(dst, i+1):
		if e.remove && !e.kept && e.copied == begin {
			e.copied++ // the comma: no member has stayed before it
		}
		e.kept = true
	case e.remove:
		dst = append(dst, b[e.copied:begin]...)
		e.copied = next
	default:
		dst = append(dst, b[e.copied:value]...)
		dst = append(dst, e.value...)
		e.copied = end
	}
	return dst, next, jsonwire.NoFault
}

// names reports whether the name whose content begins at i is the member's.
func (e *edit) names(dst []byte, i int) bool {
	b := e.payload
	end, ascii := jsonwire.SkipPlain(b, i)
	if b[end] == '"' && (ascii || utf8.Valid(b[i:end])) {
		return string(b[i:end]) == e.name
	}
	// The room behind dst serves to unescape a name in.
	unescaped, _, _ := jsonwire.AppendUnescaped(dst, b, i)
	return string(unescaped[len(dst):]) == e.name
}
