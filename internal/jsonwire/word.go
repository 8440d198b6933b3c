package jsonwire

import (
	"bytes"
	"math/bits"
)

// HasPrefix reports whether b begins with a. b must not be shorter than a. It compares the
// last 64 bytes at once: the rest that a loop over blocks leaves would cost most.
func HasPrefix(b, a []byte) bool {
	n := len(a)
	if n >= 64 {
		k := n - 64
		if (Load64(b, k)^Load64(a, k))|(Load64(b, k+8)^Load64(a, k+8))|
			(Load64(b, k+16)^Load64(a, k+16))|(Load64(b, k+24)^Load64(a, k+24))|
			(Load64(b, k+32)^Load64(a, k+32))|(Load64(b, k+40)^Load64(a, k+40))|
			(Load64(b, k+48)^Load64(a, k+48))|(Load64(b, k+56)^Load64(a, k+56)) != 0 {
			return false
		}
		n &^= 63
	}
	return string(b[:n]) == string(a[:n])
}

// EqualAt reports whether a stands in b at i. b must not end before a would. It compares
// the last bytes first, in a block that may overlap those before it.
func EqualAt(b []byte, i int, a []byte) bool {
	n := len(a)
	var x uint64
	switch {
	case n >= 32:
		k := n - 32
		x = different32(b, i+k, a, k)
		for k = 0; k < n-32; k += 32 {
			x |= different32(b, i+k, a, k)
		}
	case n >= 16:
		x = different16(b, i, a, 0) | different16(b, i+n-16, a, n-16)
	case n >= 8:
		x = (Load64(b, i) ^ Load64(a, 0)) | (Load64(b, i+n-8) ^ Load64(a, n-8))
	case n >= 4:
		x = uint64((Load32(b, i) ^ Load32(a, 0)) | (Load32(b, i+n-4) ^ Load32(a, n-4)))
	default:
		return string(b[i:i+n]) == string(a)
	}
	return x == 0
}

// different16 is 0 if the 16 bytes of b at i and of a at k are equal.
func different16(b []byte, i int, a []byte, k int) uint64 {
	return (Load64(b, i) ^ Load64(a, k)) | (Load64(b, i+8) ^ Load64(a, k+8))
}

// different32 is different16 for 32 bytes.
func different32(b []byte, i int, a []byte, k int) uint64 {
	return (Load64(b, i) ^ Load64(a, k)) | (Load64(b, i+8) ^ Load64(a, k+8)) |
		(Load64(b, i+16) ^ Load64(a, k+16)) | (Load64(b, i+24) ^ Load64(a, k+24))
}

// IsPlain reports whether the n bytes at i, at least eight, are ASCII that a string may have
// as it is.
func IsPlain(b []byte, i, n int) bool {
	x := Unusual(Load64(b, i+n-8))
	for last := i + n - 8; i < last; i += 8 {
		x |= Unusual(Load64(b, i))
	}
	return x == 0
}

// Word returns the eight bytes at i, the first in the lowest byte. Bytes beyond the end of
// b are 0.
func Word(b []byte, i int) uint64 {
	if i+8 <= len(b) {
		return Load64(b, i)
	}
	return lastWord(b, i)
}

// lastWord is [Word] where fewer than eight bytes are left. If it were inlined it would be
// the larger part of each method that reads an object, although few calls come here.
//
//go:noinline
func lastWord(b []byte, i int) (w uint64) {
	if len(b) >= 8 {
		return Load64(b, len(b)-8) >> (8 * uint(8-(len(b)-i)))
	}
	for k := range b[i:] {
		w |= uint64(b[i+k]) << (8 * k)
	}
	return w
}

// FirstWord is [Word] with a comma as the first byte. So an object's first member, whose
// name follows a brace, looks like the others.
func FirstWord(b []byte, i int) uint64 { return Word(b, i)&^0xFF | ',' }

// CommonPrefix returns the length of the longest common prefix of a and b.
func CommonPrefix(a, b []byte) int {
	n, i := min(len(a), len(b)), 0
	for ; i+8 <= n; i += 8 {
		if x := Load64(a, i) ^ Load64(b, i); x != 0 {
			return i + bits.TrailingZeros64(x)/8
		}
	}
	for i < n && a[i] == b[i] {
		i++
	}
	return i
}

// HasLineEnd reports whether a value contains CR or LF. JSON takes them for white space;
// in an event stream the line of data ends there.
func HasLineEnd(value []byte) bool {
	return bytes.IndexByte(value, '\n') >= 0 || bytes.IndexByte(value, '\r') >= 0
}
