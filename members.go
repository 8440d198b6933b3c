package chatstream

import (
	"bytes"
	"iter"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/seed-08fc7208/chatstream/internal/jsonwire"
)

// Members are members of a JSON object, in the order in which they stood there.
type Members []Member

// Member is one member of a JSON object.
type Member struct {
	Name  Text     // unescaped
	Value RawValue // as it stood in the payload
}

// Get returns the value of the last member that has the first name of path. Each
// further name goes into an object, as in [RawValue.Get]. It reports false where
// there is no such member, and for an empty path. Names match exactly, never by
// case. The result is borrowed from m. Get allocates nothing.
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

// RawValue is one JSON value as it stood in the payload, without the white space
// around it. It is borrowed like a [Text].
//
// Its methods Text, Int64, Float64, Bool, Get and Elements read the value. They
// take white space around it, and accept no bytes that are not one JSON value (RFC
// 8259), nested at most 10,000 deep: for those they report false.
type RawValue []byte

// String returns a copy that the caller owns.
func (v RawValue) String() string { return string(v) }

// MarshalJSON returns v itself, or null when v is empty.
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

// Text returns the value of a JSON string. It reports false for every other type.
// The result is a part of v, and allocates nothing, unless v has escapes or invalid
// UTF-8: then it is new memory. As in encoding/json, invalid UTF-8 and lone
// surrogates become U+FFFD.
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

// Int64 returns the value of a JSON number that is an integer in the range of int64,
// however it is written: 3, 3.0 and 30e-1 are 3. It reports false for every other
// value.
func (v RawValue) Int64() (int64, bool) {
	if number := v.number(); number != nil {
		return jsonwire.ExactInt(number)
	}
	return 0, false
}

// Float64 returns the float64 that is nearest to a JSON number. It reports false for
// a number beyond the largest float64, and for every other type.
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

// Bool returns the value of true or false. It reports false as its second result for
// every other value.
func (v RawValue) Bool() (value, isBool bool) {
	switch string(v.trimmed()) {
	case "true":
		return true, true
	case "false":
		return false, true
	}
	return false, false
}

// Get returns the value that path leads to: each of its names that of a member in
// the object before it, beginning with v. Of members that are repeated the last one
// counts. Names match exactly, never by case, and an escaped name equals its
// unescaped form. Get reports false where there is no such member, or the value
// before a name is no object. Lists are not gone into: see Elements.
//
// Without a path Get returns v and reports whether it is one JSON value. The result
// is a part of v. Get allocates nothing, and reads each object on the path once.
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

// member returns the value of the object's last member of that name.
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

// Elements iterates over the values of a JSON list. Every other value, and a list
// that is not valid JSON, has none. The elements are parts of v.
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
