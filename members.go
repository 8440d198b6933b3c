package chatstream

import (
	"bytes"
	"iter"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/seed-08fc7208/chatstream/internal/jsonwire"
)

// Members is a list of members of a JSON object, in wire order.
type Members []Member

// Member is one member of a JSON object.
type Member struct {
	Name  Text     // unescaped
	Value RawValue // as in the payload
}

// Get returns the value of the last member with the first name of path. Further names
// lead into objects, as for [RawValue.Get]. Get reports false if there is no such member
// or path is empty. Names match exactly, never by case. The result shares memory with m.
// Get allocates nothing.
func (m Members) Get(path ...string) (RawValue, bool) {
	if len(path) == 0 {
		return nil, false
	}
	for i := len(m) - 1; i >= 0; i-- {
		if string(m[i].Name) != path[0] {
			continue
		}
		if len(path) == 1 {
			return m[i].Value, true
		}
		return m[i].Value.Get(path[1:]...)
	}
	return nil, false
}

// RawValue is the bytes of one JSON value of a payload, without white space around them.
// It is borrowed like a [Text].
//
// The methods Text, Int64, Float64, Bool, Get and Elements read the value. They allow white
// space around it. If the bytes are not one JSON value (RFC 8259; nested at most 10,000
// levels deep), they report false, and Elements yields nothing.
type RawValue []byte

// String returns a copy, which is not borrowed.
func (v RawValue) String() string { return string(v) }

// MarshalJSON returns v itself, or null if v is empty.
func (v RawValue) MarshalJSON() ([]byte, error) {
	if len(v) == 0 {
		return []byte("null"), nil
	}
	return v, nil
}

// UnmarshalJSON sets v to a copy of data.
func (v *RawValue) UnmarshalJSON(data []byte) error {
	*v = append(RawValue(nil), data...)
	return nil
}

// Text returns the value of a JSON string, and reports false for any other value. The
// result shares memory with v, unless v has escapes or invalid UTF-8: then it is new
// memory. As in encoding/json, invalid UTF-8 and lone surrogates become U+FFFD.
func (v RawValue) Text() (Text, bool) {
	b := v.trimmed()
	if len(b) == 0 || b[0] != '"' {
		return nil, false
	}
	end, f := jsonwire.SkipString(b, 0)
	if f != jsonwire.NoFault || end < len(b) {
		return nil, false
	}
	last := len(b) - 1
	plain, ascii := jsonwire.SkipPlain(b, 1)
	if plain == last && (ascii || utf8.Valid(b[1:last])) {
		return Text(b[1:last:last]), true
	}
	text, _, _ := jsonwire.AppendUnescaped(make([]byte, 0, last-1), b, 1)
	return Text(slices.Clip(text)), true
}

// Int64 returns the value of a JSON number that is an integer in the range of int64, and
// reports false for any other value. The notation does not matter: 3, 3.0 and 30e-1 are 3.
func (v RawValue) Int64() (int64, bool) {
	if number := v.number(); number != nil {
		return jsonwire.ExactInt(number)
	}
	return 0, false
}

// Float64 returns the float64 nearest to a JSON number. It reports false for a number that
// rounds to more than the largest float64, and for any other value.
func (v RawValue) Float64() (float64, bool) {
	number := v.number()
	if number == nil || jsonwire.IsHuge(number) {
		return 0, false
	}
	f, err := strconv.ParseFloat(string(number), 64)
	if err != nil { // just out of range
		return 0, false
	}
	return f, true
}

// Bool returns the value of a JSON boolean. For any other value isBool is false.
func (v RawValue) Bool() (value, isBool bool) {
	switch string(v.trimmed()) {
	case "true":
		return true, true
	case "false":
		return false, true
	}
	return false, false
}

// Get returns the value at path. The first name is that of a member of v, and each further
// name that of a member of the object found so far. Names match exactly, never by case,
// and an escaped name equals its unescaped form. If a member is repeated, the last one
// counts. Get reports false if there is no such member, or if a value on the path is not an
// object. For lists, see [RawValue.Elements].
//
// Without a path, Get returns v and reports whether v is one JSON value. The result shares
// memory with v. Get allocates nothing, and reads each object on the path once.
func (v RawValue) Get(path ...string) (RawValue, bool) {
	if len(path) == 0 {
		return v, jsonwire.IsValue(v)
	}
	for _, name := range path {
		var found bool
		if v, found = v.member(name); !found {
			return nil, false
		}
	}
	return v, true
}

// member returns the value of the last member called name.
func (v RawValue) member(name string) (value RawValue, found bool) {
	i := jsonwire.SkipSpace(v, 0)
	if i == len(v) || v[i] != '{' {
		return nil, false
	}
	if i = jsonwire.SkipSpace(v, i+1); i < len(v) && v[i] == '}' {
		return nil, false
	}
	for {
		begin, f := jsonwire.SkipName(v, i)
		if f != jsonwire.NoFault {
			return nil, false
		}
		end, f := jsonwire.SkipValue(v, begin, 1)
		if f != jsonwire.NoFault {
			return nil, false
		}
		if jsonwire.EqualString(v, i+1, name) {
			value, found = v[begin:end:end], true
		}
		if i = jsonwire.SkipSpace(v, end); i == len(v) || v[i] != ',' {
			break
		}
		i = jsonwire.SkipSpace(v, i+1)
	}
	if i == len(v) || v[i] != '}' || jsonwire.SkipSpace(v, i+1) < len(v) {
		return nil, false
	}
	return value, found
}

// Elements returns an iterator over the elements of a JSON list. Any other value has none,
// and neither has a list that is not valid JSON. The elements share memory with v.
func (v RawValue) Elements() iter.Seq[RawValue] {
	return func(yield func(RawValue) bool) { v.elements(yield) }
}

func (v RawValue) elements(yield func(RawValue) bool) {
	i := jsonwire.SkipSpace(v, 0)
	if i == len(v) || v[i] != '[' || !jsonwire.IsValue(v) {
		return
	}
	i = jsonwire.SkipSpace(v, i+1)
	for i < len(v) && v[i] != ']' {
		end, f := jsonwire.SkipValue(v, i, 1)
		if f != jsonwire.NoFault || !yield(v[i:end:end]) { // a fault: v was changed meanwhile
			return
		}
		if i = jsonwire.SkipSpace(v, end); i < len(v) && v[i] == ',' {
			i = jsonwire.SkipSpace(v, i+1)
		}
	}
}

// trimmed returns v without the white space around it.
func (v RawValue) trimmed() []byte { return bytes.Trim(v, " \t\r\n") }

// number returns the number that v is, or nil.
func (v RawValue) number() []byte {
	b := v.trimmed()
	if end, f := jsonwire.SkipNumber(b, 0); f != jsonwire.NoFault || end < len(b) {
		return nil
	}
	return b
}
