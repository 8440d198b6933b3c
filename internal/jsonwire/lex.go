package jsonwire

import (
	"math/bits"
	"unicode/utf8"
)

// Fault says what is wrong with a JSON text.
type Fault uint8

// The faults of a JSON text. FaultTrailing and FaultNotObject are for callers that
// want exactly one object.
const (
	NoFault Fault = iota // nothing is wrong
	FaultValue
	FaultLiteral
	FaultNumber
	FaultControl
	FaultEscape
	FaultHex
	FaultName
	FaultColon
	FaultObjectComma
	FaultArrayComma
	FaultTrailing
	FaultDepth
	FaultNotObject
)

var faultReasons = [...]string{
	FaultValue:       "looking for the beginning of a value",
	FaultLiteral:     "in a literal name (true, false, null)",
	FaultNumber:      "in a number",
	FaultControl:     "in a string: control characters must be escaped",
	FaultEscape:      "in a string escape",
	FaultHex:         "in a \\u escape: want a hexadecimal digit",
	FaultName:        "looking for a member name",
	FaultColon:       "after a member name: want ':'",
	FaultObjectComma: "after a member: want ',' or '}'",
	FaultArrayComma:  "after an array element: want ',' or ']'",
	FaultTrailing:    "after the end of the JSON object",
	FaultDepth:       "nesting deeper than 10000",
	FaultNotObject:   "not a JSON object",
}

// Reason describes the fault, to follow the words "invalid character ... ".
func (f Fault) Reason() string { return faultReasons[f] }

// Type is the type of a JSON value.
type Type uint8

// The types of JSON values (RFC 8259, section 3).
const (
	Invalid Type = iota
	Null
	Boolean
	Number
	String
	Array
	Object
)

// TypeOf returns the type of the value that v begins with, by its first byte.
func TypeOf(v []byte) Type {
	if len(v) == 0 {
		return Invalid
	}
	switch c := v[0]; c {
	case 'n':
		return Null
	case 't', 'f':
		return Boolean
	case '"':
		return String
	case '[':
		return Array
	case '{':
		return Object
	default:
		if c == '-' || IsDigit(c) {
			return Number
		}
		return Invalid
	}
}

// MaxDepth is how deep arrays and objects may be nested; the root is 1.
const MaxDepth = 10_000

// SkipSpace returns the index of the first byte at or after i that is not white
// space (RFC 8259, section 2).
func SkipSpace(b []byte, i int) int {
	for i < len(b) && b[i] <= ' ' && IsSpace(b[i]) {
		i++
	}
	return i
}

// IsSpace reports whether c is white space (RFC 8259, section 2).
func IsSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\r' || c == '\t' }

// SkipLiteral reads one of the literal names true, false and null (RFC 8259, section 3),
// which begins at i.
func SkipLiteral(b []byte, i int, name string) (int, Fault) {
	for j := range len(name) {
		if i+j >= len(b) || b[i+j] != name[j] {
			return i + j, FaultLiteral
		}
	}
	return i + len(name), NoFault
}

// SkipPlain returns the index of the first byte at or after i that ends the plain
// part of a string: a quotation mark, a reverse solidus or a control character.
// It also reports whether all bytes before it were ASCII.
func SkipPlain(b []byte, i int) (end int, ascii bool) {
	const ones, high = 0x0101010101010101, 0x8080808080808080
	ascii = true
	for ; i+8 <= len(b); i += 8 {
		x := Load64(b, i)
		// The highest bit of each byte of m: below ' ', or one of the two, and ASCII.
		// No sum of two bytes without it carries into the next one.
		low := x &^ high
		m := ^((low + (0x80-' ')*ones) & ((low ^ '"'*ones) + 0x7F*ones) & ((low ^ '\\'*ones) + 0x7F*ones)) & high &^ x
		if m != 0 {
			n := bits.TrailingZeros64(m) - 7
			return i + n/8, ascii && x&high&(1<<n-1) == 0
		}
		ascii = ascii && x&high == 0
	}
	for i < len(b) && b[i] >= ' ' && b[i] != '"' && b[i] != '\\' {
		ascii = ascii && b[i] < utf8.RuneSelf
		i++
	}
	return i, ascii
}

// SkipASCII returns the index of the first byte at or after i that is not plain ASCII: one
// that [SkipPlain] stops at, or one of a character beyond ASCII.
func SkipASCII(b []byte, i int) int {
	// Most texts end soon.
	for last := min(i+16, len(b)-8); i <= last; i += 8 {
		if m := Unusual(Load64(b, i)); m != 0 {
			return i + bits.TrailingZeros64(m)/8
		}
	}
	for ; i+32 <= len(b); i += 32 {
		if Unusual(Load64(b, i))|Unusual(Load64(b, i+8))|Unusual(Load64(b, i+16))|Unusual(Load64(b, i+24)) != 0 {
			break
		}
	}
	for ; i+8 <= len(b); i += 8 {
		if m := Unusual(Load64(b, i)); m != 0 {
			return i + bits.TrailingZeros64(m)/8
		}
	}
	if len(b) >= 8 { // load the last eight bytes, and shift out those before i
		// The zeros that the shift brings in are control characters and end the search.
		x := Load64(b, len(b)-8) >> (8 * uint(8-(len(b)-i)))
		return i + bits.TrailingZeros64(Unusual(x))/8
	}
	for i < len(b) && b[i] >= ' ' && b[i] != '"' && b[i] != '\\' && b[i] < utf8.RuneSelf {
		i++
	}
	return i
}

// Unusual returns the highest bit of each of the eight bytes that is not plain ASCII: that
// is below ' ', a quotation mark, a reverse solidus or not ASCII. Above the first of them
// it may return bits of other bytes too, since subtractions borrow.
func Unusual(x uint64) uint64 {
	const ones, high = 0x0101010101010101, 0x8080808080808080
	// x ^ 2 makes the bytes below ' ' and the quotation mark those that are at most ' '.
	return (((x ^ 2*ones) - ('"'-1)*ones) | ((x ^ '\\'*ones) - ones) | x) & high
}

// FirstOf returns the index of the first of sixteen bytes that is marked, from what
// [Unusual] says of each eight: 16 if none is. It has no branch, since a processor could
// not predict in which word the byte is.
func FirstOf(first, second uint64) int {
	n := bits.TrailingZeros64(first)
	return (n + bits.TrailingZeros64(second)&-(n>>6)) >> 3
}

// SkipString reads the string whose opening quotation mark is b[i] (RFC 8259, section 7).
// Like encoding/json it accepts invalid UTF-8.
func SkipString(b []byte, i int) (int, Fault) {
	for i++; ; {
		if i = SkipASCII(b, i); i < len(b) && b[i] == '"' {
			return i + 1, NoFault
		}
		i, _ = SkipPlain(b, i)
		switch {
		case i == len(b) || b[i] < ' ':
			return i, FaultControl
		case b[i] == '"':
			return i + 1, NoFault
		}
		var f Fault
		if i, f = skipEscape(b, i); f != NoFault {
			return i, f
		}
	}
}

// skipEscape reads the escape whose reverse solidus is b[i].
func skipEscape(b []byte, i int) (int, Fault) {
	if i++; i == len(b) {
		return i, FaultEscape
	}
	switch {
	case shortEscapes[b[i]] != 0:
		return i + 1, NoFault
	case b[i] != 'u':
		return i, FaultEscape
	}
	for j := i + 1; j <= i+4; j++ {
		if j == len(b) || hexValue(b[j]) < 0 {
			return j, FaultHex
		}
	}
	return i + 5, NoFault
}

// hexValue returns the value of a hexadecimal digit, or -1.
func hexValue(c byte) rune {
	switch {
	case IsDigit(c):
		return rune(c - '0')
	case 'a' <= c && c <= 'f':
		return rune(c - 'a' + 10)
	case 'A' <= c && c <= 'F':
		return rune(c - 'A' + 10)
	}
	return -1
}

// SkipValue reads the value that begins at i. depth is how many arrays and objects are
// open there; [MaxDepth] bounds it.
func SkipValue(b []byte, i, depth int) (int, Fault) {
	if i == len(b) {
		return i, FaultValue
	}
	switch c := b[i]; c {
	case '"':
		return SkipString(b, i)
	case '{', '[':
		if depth++; depth > MaxDepth {
			return i, FaultDepth
		}
		if c == '{' {
			return skipObject(b, i, depth)
		}
		return skipArray(b, i, depth)
	case 't':
		return SkipLiteral(b, i, "true")
	case 'f':
		return SkipLiteral(b, i, "false")
	case 'n':
		return SkipLiteral(b, i, "null")
	case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		return SkipNumber(b, i)
	}
	return i, FaultValue
}

// skipObject reads the object that b[i] opens.
func skipObject(b []byte, i, depth int) (int, Fault) {
	i = SkipSpace(b, i+1)
	if i < len(b) && b[i] == '}' {
		return i + 1, NoFault
	}
	for {
		var f Fault
		if i, f = SkipName(b, i); f != NoFault {
			return i, f
		}
		if i, f = skipElement(b, i, depth); f != NoFault {
			return i, f
		}
		switch {
		case i < len(b) && b[i] == ',':
			i = SkipSpace(b, i+1)
		case i < len(b) && b[i] == '}':
			return i + 1, NoFault
		default:
			return i, FaultObjectComma
		}
	}
}

// SkipName reads the member's name at i, the colon, and the white space around that.
func SkipName(b []byte, i int) (int, Fault) {
	if i == len(b) || b[i] != '"' {
		return i, FaultName
	}
	if end := SkipASCII(b, i+1); end+1 < len(b) && b[end] == '"' && b[end+1] == ':' {
		return SkipSpace(b, end+2), NoFault
	}
	i, f := SkipString(b, i)
	if f != NoFault {
		return i, f
	}
	return SkipColon(b, i)
}

// skipElement reads a value inside depth open arrays and objects, and the white space
// after it.
func skipElement(b []byte, i, depth int) (int, Fault) {
	if i < len(b) && b[i] == '"' { // most strings: saves two calls
		if end := SkipASCII(b, i+1); end < len(b) && b[end] == '"' {
			return SkipSpace(b, end+1), NoFault
		}
	}
	i, f := SkipValue(b, i, depth)
	if f != NoFault {
		return i, f
	}
	return SkipSpace(b, i), NoFault
}

// SkipColon reads the colon that follows the name before i, and the white space around it.
func SkipColon(b []byte, i int) (int, Fault) {
	if i = SkipSpace(b, i); i == len(b) || b[i] != ':' {
		return i, FaultColon
	}
	return SkipSpace(b, i+1), NoFault
}

// skipArray reads the array that b[i] opens.
func skipArray(b []byte, i, depth int) (int, Fault) {
	i = SkipSpace(b, i+1)
	if i < len(b) && b[i] == ']' {
		return i + 1, NoFault
	}
	for {
		var f Fault
		if i, f = skipElement(b, i, depth); f != NoFault {
			return i, f
		}
		switch {
		case i < len(b) && b[i] == ',':
			i = SkipSpace(b, i+1)
		case i < len(b) && b[i] == ']':
			return i + 1, NoFault
		default:
			return i, FaultArrayComma
		}
	}
}

// IsValue reports whether b is one whole JSON value.
func IsValue(b []byte) bool {
	i, f := SkipValue(b, SkipSpace(b, 0), 0)
	return f == NoFault && SkipSpace(b, i) == len(b)
}

// IsObject reports whether b is one whole JSON object.
func IsObject(b []byte) bool {
	i := SkipSpace(b, 0)
	return i < len(b) && b[i] == '{' && IsValue(b)
}
