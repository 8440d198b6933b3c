package chatstream

import (
	"bytes"

	"github.com/seed-08fc7208/chatstream/internal/jsonwire"
)

// The functions below read raw values. Values from a Decoder are valid JSON. For other
// values, which a caller wrote, they return nothing.

func isList(v RawValue) bool { return isEnclosed(v, '[', ']') }

func isRawObject(v RawValue) bool { return isEnclosed(v, '{', '}') }

func isRawString(v RawValue) bool { return isEnclosed(v, '"', '"') }

func isEnclosed(v RawValue, first, last byte) bool {
	return len(v) > 1 && v[0] == first && v[len(v)-1] == last
}

// isScalar reports whether v is a number or a boolean.
func isScalar(v RawValue) bool {
	return jsonwire.IsNumber(v, 0) || string(v) == "true" || string(v) == "false"
}

// inner returns the bytes between the quotation marks of a string, still escaped, or the text
// of a scalar.
func inner(v RawValue) RawValue {
	if isRawString(v) {
		return v[1 : len(v)-1]
	}
	return v
}

// isBlankText reports whether text is empty or JSON's white space.
func isBlankText(text []byte) bool { return jsonwire.SkipSpace(text, 0) == len(text) }

// isEmptyObject reports whether text is {}, white space aside.
func isEmptyObject(text []byte) bool {
	text = bytes.Trim(text, " \t\r\n")
	return isRawObject(text) && isBlankText(text[1:len(text)-1])
}

// beginsBracket reports whether the first character of text opens an object or a list.
func beginsBracket(text []byte) bool {
	i := jsonwire.SkipSpace(text, 0)
	return i < len(text) && (text[i] == '{' || text[i] == '[')
}

// beginsObject reports whether the first character of text opens an object.
func beginsObject(text []byte) bool {
	i := jsonwire.SkipSpace(text, 0)
	return i < len(text) && text[i] == '{'
}

// eachElement calls fn with the elements of v if it is a list.
func eachElement(v RawValue, fn func(RawValue)) {
	if !isList(v) {
		return
	}
	for i := jsonwire.SkipSpace(v, 1); i < len(v) && v[i] != ']'; {
		end, f := jsonwire.SkipValue(v, i, 1)
		if f != jsonwire.NoFault {
			return // from a caller, and not JSON
		}
		fn(v[i:end:end])
		if i = jsonwire.SkipSpace(v, end); i < len(v) && v[i] == ',' {
			i = jsonwire.SkipSpace(v, i+1)
		}
	}
}

// eachRawMember calls fn with the members of v if it is an object. The name is the
// bytes between its quotation marks.
func eachRawMember(v RawValue, fn func(name, value RawValue)) {
	if !isRawObject(v) {
		return
	}
	for i := jsonwire.SkipSpace(v, 1); i < len(v) && v[i] == '"'; {
		nameEnd, f := jsonwire.SkipString(v, i)
		if f != jsonwire.NoFault {
			return
		}
		begin := jsonwire.SkipSpace(v, nameEnd)
		if begin == len(v) || v[begin] != ':' {
			return
		}
		begin = jsonwire.SkipSpace(v, begin+1)
		end, f := jsonwire.SkipValue(v, begin, 1)
		if f != jsonwire.NoFault {
			return
		}
		fn(plainName(v[i+1:nameEnd-1]), v[begin:end:end])
		if i = jsonwire.SkipSpace(v, end); i < len(v) && v[i] == ',' {
			i = jsonwire.SkipSpace(v, i+1)
		}
	}
}

// plainName returns the unescaped name. Names rarely have escapes.
func plainName(name RawValue) RawValue {
	if bytes.IndexByte(name, '\\') < 0 {
		return name
	}
	quoted := append(append(RawValue{'"'}, name...), '"')
	plain, _, _ := jsonwire.AppendUnescaped(nil, quoted, 1)
	return plain
}
