package chatstream

import (
	"bytes"
	"math/bits"
	"unicode/utf8"
)

// The primitives below read JSON text (RFC 8259) from b at index i. They keep no
// state. Each returns the index after what it read and ok, or the index of the
// offending byte (len(b) where the text ended too soon) and what is wrong with it.

// fault is what is wrong with a text.
type fault uint8

const (
	ok fault = iota
	faultValue
	faultLiteral
	faultNumber
	faultControl
	faultEscape
	faultHex
	faultName
	faultColon
	faultObjectComma
	faultArrayComma
	faultTrailing
	faultDepth
	faultNotObject
)

var faultReasons = [...]string{
	faultValue:       "looking for the beginning of a value",
	faultLiteral:     "in a literal name (true, false, null)",
	faultNumber:      "in a number",
	faultControl:     "in a string: control characters must be escaped",
	faultEscape:      "in a string escape",
	faultHex:         "in a \\u escape: want a hexadecimal digit",
	faultName:        "looking for a member name",
	faultColon:       "after a member name: want ':'",
	faultObjectComma: "after a member: want ',' or '}'",
	faultArrayComma:  "after an array element: want ',' or ']'",
	faultTrailing:    "after the end of the JSON object",
	faultDepth:       "nesting deeper than 10000",
	faultNotObject:   "not a JSON object",
}

// maxDepth is how deep arrays and objects may be nested; the root is 1.
const maxDepth = 10_000

// skipSpace returns the index of the first byte at or after i that is not white
// space (RFC 8259, section 2).
func skipSpace(b []byte, i int) int {
	for i < len(b) && b[i] <= ' ' && isSpace(b[i]) {
		i++
	}
	return i
}

func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\r' || c == '\t' }

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// skipLiteral reads the literal name that b[i] begins (RFC 8259, section 3).
func skipLiteral(b []byte, i int, name string) (int, fault) {
	for j := range len(name) {
		if i+j >= len(b) || b[i+j] != name[j] {
			return i + j, faultLiteral
		}
	}
	return i + len(name), ok
}

// skipDigits returns the index of the first byte at or after i that is no digit.
func skipDigits(b []byte, i int) int {
	for i < len(b) && isDigit(b[i]) {
		i++
	}
	return i
}

// skipNumber reads a number (RFC 8259, section 6).
func skipNumber(b []byte, i int) (int, fault) {
	if i < len(b) && b[i] == '-' {
		i++
	}
	if i == len(b) || !isDigit(b[i]) {
		return i, faultNumber
	}
	if b[i] == '0' {
		i++
	} else {
		i = skipDigits(b, i)
	}
	if i < len(b) && b[i] == '.' {
		if i++; i == len(b) || !isDigit(b[i]) {
			return i, faultNumber
		}
		i = skipDigits(b, i)
	}
	if i < len(b) && (b[i] == 'e' || b[i] == 'E') {
		if i++; i < len(b) && (b[i] == '+' || b[i] == '-') {
			i++
		}
		if i == len(b) || !isDigit(b[i]) {
			return i, faultNumber
		}
		i = skipDigits(b, i)
	}
	return i, ok
}

// skipPlain returns the index of the first byte at or after i that ends the plain
// part of a string: a quotation mark, a reverse solidus or a control character.
// It also reports whether all bytes before it were ASCII.
func skipPlain(b []byte, i int) (end int, ascii bool) {
	const ones, high = 0x0101010101010101, 0x8080808080808080
	ascii = true
	for ; i+8 <= len(b); i += 8 {
		x := load64(b, i)
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

// skipASCII returns the index of the first byte at or after i that is not plain
// ASCII: what skipPlain stops at, or a byte of another character.
func skipASCII(b []byte, i int) int {
	// Most end soon.
	for last := min(i+16, len(b)-8); i <= last; i += 8 {
		if m := unusual(load64(b, i)); m != 0 {
			return i + bits.TrailingZeros64(m)/8
		}
	}
	for ; i+32 <= len(b); i += 32 {
		if unusual(load64(b, i))|unusual(load64(b, i+8))|unusual(load64(b, i+16))|unusual(load64(b, i+24)) != 0 {
			break
		}
	}
	for ; i+8 <= len(b); i += 8 {
		if m := unusual(load64(b, i)); m != 0 {
			return i + bits.TrailingZeros64(m)/8
		}
	}
	if len(b) >= 8 { // the last eight bytes, without those that have been looked at
		// The zeros that come in are control characters: it ends there at the latest.
		x := load64(b, len(b)-8) >> (8 * uint(8-(len(b)-i)))
		return i + bits.TrailingZeros64(unusual(x))/8
	}
	for i < len(b) && b[i] >= ' ' && b[i] != '"' && b[i] != '\\' && b[i] < utf8.RuneSelf {
		i++
	}
	return i
}

// unusual tells of eight bytes which of them are not plain ASCII: the highest bit is
// set in a byte below ' ', a quotation mark, a reverse solidus, and one that is not
// ASCII. A borrow may set more of them, but only above the first.
func unusual(x uint64) uint64 {
	const ones, high = 0x0101010101010101, 0x8080808080808080
	// x ^ 2 makes the bytes below ' ' and the quotation mark those that are at most ' '.
	return (((x ^ 2*ones) - ('"'-1)*ones) | ((x ^ '\\'*ones) - ones) | x) & high
}

// firstOf returns which of sixteen bytes is the first that is unusual, without a branch:
// whether it is in the first word or the second is a matter of chance.
func firstOf(first, second uint64) int {
	n := bits.TrailingZeros64(first)
	return (n + bits.TrailingZeros64(second)&-(n>>6)) >> 3
}

// skipString reads a string whose opening quotation mark is b[i] (RFC 8259,
// section 7). Like encoding/json it does not judge the string's UTF-8.
func skipString(b []byte, i int) (int, fault) {
	for i++; ; {
		if i = skipASCII(b, i); i < len(b) && b[i] == '"' {
			return i + 1, ok
		}
		i, _ = skipPlain(b, i)
		switch {
		case i == len(b) || b[i] < ' ':
			return i, faultControl
		case b[i] == '"':
			return i + 1, ok
		}
		var f fault
		if i, f = skipEscape(b, i); f != ok {
			return i, f
		}
	}
}

// skipEscape reads the escape whose reverse solidus is b[i].
func skipEscape(b []byte, i int) (int, fault) {
	if i++; i == len(b) {
		return i, faultEscape
	}
	switch {
	case shortEscapes[b[i]] != 0:
		return i + 1, ok
	case b[i] != 'u':
		return i, faultEscape
	}
	for j := i + 1; j <= i+4; j++ {
		if j == len(b) || hexValue(b[j]) < 0 {
			return j, faultHex
		}
	}
	return i + 5, ok
}

// hexValue returns the value of a hexadecimal digit, or -1.
func hexValue(c byte) rune {
	switch {
	case isDigit(c):
		return rune(c - '0')
	case 'a' <= c && c <= 'f':
		return rune(c - 'a' + 10)
	case 'A' <= c && c <= 'F':
		return rune(c - 'A' + 10)
	}
	return -1
}

// skipValue reads one value inside depth open arrays and objects.
func skipValue(b []byte, i, depth int) (int, fault) {
	if i == len(b) {
		return i, faultValue
	}
	switch c := b[i]; c {
	case '"':
		return skipString(b, i)
	case '{', '[':
		if depth++; depth > maxDepth {
			return i, faultDepth
		}
		if c == '{' {
			return skipObject(b, i, depth)
		}
		return skipArray(b, i, depth)
	case 't':
		return skipLiteral(b, i, "true")
	case 'f':
		return skipLiteral(b, i, "false")
	case 'n':
		return skipLiteral(b, i, "null")
	case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		return skipNumber(b, i)
	}
	return i, faultValue
}

// skipObject reads the object that b[i] opens.
func skipObject(b []byte, i, depth int) (int, fault) {
	i = skipSpace(b, i+1)
	if i < len(b) && b[i] == '}' {
		return i + 1, ok
	}
	for {
		var f fault
		if i, f = skipName(b, i); f != ok {
			return i, f
		}
		if i, f = skipElement(b, i, depth); f != ok {
			return i, f
		}
		switch {
		case i < len(b) && b[i] == ',':
			i = skipSpace(b, i+1)
		case i < len(b) && b[i] == '}':
			return i + 1, ok
		default:
			return i, faultObjectComma
		}
	}
}

// skipName reads a member's name and colon, and the white space after them.
func skipName(b []byte, i int) (int, fault) {
	if i == len(b) || b[i] != '"' {
		return i, faultName
	}
	if end := skipASCII(b, i+1); end+1 < len(b) && b[end] == '"' && b[end+1] == ':' {
		return skipSpace(b, end+2), ok
	}
	i, f := skipString(b, i)
	if f != ok {
		return i, f
	}
	return skipColon(b, i)
}

// skipElement reads a value inside depth open arrays and objects, and the white space
// after it.
func skipElement(b []byte, i, depth int) (int, fault) {
	if i < len(b) && b[i] == '"' { // spare the usual string two calls
		if end := skipASCII(b, i+1); end < len(b) && b[end] == '"' {
			return skipSpace(b, end+1), ok
		}
	}
	i, f := skipValue(b, i, depth)
	if f != ok {
		return i, f
	}
	return skipSpace(b, i), ok
}

// skipColon reads the colon after a name, and the white space around it.
func skipColon(b []byte, i int) (int, fault) {
	if i = skipSpace(b, i); i == len(b) || b[i] != ':' {
		return i, faultColon
	}
	return skipSpace(b, i+1), ok
}

// skipArray reads the array that b[i] opens.
func skipArray(b []byte, i, depth int) (int, fault) {
	i = skipSpace(b, i+1)
	if i < len(b) && b[i] == ']' {
		return i + 1, ok
	}
	for {
		var f fault
		if i, f = skipElement(b, i, depth); f != ok {
			return i, f
		}
		switch {
		case i < len(b) && b[i] == ',':
			i = skipSpace(b, i+1)
		case i < len(b) && b[i] == ']':
			return i + 1, ok
		default:
			return i, faultArrayComma
		}
	}
}

// isValue reports whether b is one whole JSON value.
func isValue(b []byte) bool {
	i, f := skipValue(b, skipSpace(b, 0), 0)
	return f == ok && skipSpace(b, i) == len(b)
}

// isObject reports whether b is one whole JSON object.
func isObject(b []byte) bool {
	i := skipSpace(b, 0)
	return i < len(b) && b[i] == '{' && isValue(b)
}

// splitNumber takes a number apart.
func splitNumber(number []byte) (negative bool, whole, fraction []byte, exponent int64) {
	if negative = number[0] == '-'; negative {
		number = number[1:]
	}
	i := skipDigits(number, 0)
	whole = number[:i]
	if i < len(number) && number[i] == '.' {
		j := skipDigits(number, i+1)
		fraction, i = number[i+1:j], j
	}
	if i < len(number) {
		exponent = exponentOf(number[i+1:])
	}
	return negative, whole, fraction, exponent
}

// isHuge reports whether a number is beyond any float64, by its order of magnitude
// alone. It spares strconv the making of an error.
func isHuge(number []byte) bool {
	const most = 309 // digits before the point of the largest float64
	_, whole, fraction, exponent := splitNumber(number)
	whole = bytes.TrimLeft(whole, "0")
	if len(whole) == 0 {
		significant := bytes.TrimLeft(fraction, "0")
		if len(significant) == 0 {
			return false
		}
		exponent -= int64(len(fraction) - len(significant))
	}
	return int64(len(whole))+exponent > most
}

// exactInt returns the value of a number if it is an integer that fits: 3, 3.0
// and 30e-1 are 3.
func exactInt(number []byte) (int64, bool) {
	negative, whole, fraction, exponent := splitNumber(number)
	// The digits whole+fraction times ten to the power of scale.
	scale := exponent - int64(len(fraction))
	digits := len(whole) + len(fraction)
	at := func(k int) byte {
		if k < len(whole) {
			return whole[k] - '0'
		}
		return fraction[k-len(whole)] - '0'
	}
	for digits > 0 && at(digits-1) == 0 {
		digits--
		scale++
	}
	if digits == 0 {
		return 0, true
	}
	if scale < 0 {
		return 0, false
	}
	var n uint64
	for k := int64(0); k < int64(digits)+scale; k++ {
		d := uint64(0)
		if k < int64(digits) {
			d = uint64(at(int(k)))
		}
		if n > (1<<63-d)/10 {
			return 0, false
		}
		n = n*10 + d
	}
	switch {
	case negative:
		return -int64(n), true // 1<<63 is its own negative
	case n == 1<<63:
		return 0, false
	}
	return int64(n), true
}

// exponentOf returns the value of a number's exponent. It stops at a size beyond
// which the value no longer matters, since no payload has as many digits.
func exponentOf(exponent []byte) int64 {
	var n int64
	for _, c := range exponent {
		if isDigit(c) && n < 1<<40 {
			n = n*10 + int64(c-'0')
		}
	}
	if exponent[0] == '-' {
		return -n
	}
	return n
}
