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
