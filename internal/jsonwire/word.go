package jsonwire

import (
	"bytes"
	"math/bits"
)

// HasPrefix reports whether b, which is not shorter, begins with a. It compares the end of a
// in one go: what a loop over blocks leaves over costs it most.
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

// Word returns the eight bytes at i.
func Word(b []byte, i int) uint64 {
	if i+8 <= len(b) {
		return Load64(b, i)
	}
	return lastWord(b, i)
}

// lastWord is word where fewer bytes are left; those that are missing are 0. Inlined it
// would be the larger part of each method that reads an object, for the last one's sake.
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

// FirstWord is word for an object's brace, which it gives as a comma.
func FirstWord(b []byte, i int) uint64 { return Word(b, i)&^0xFF | ',' }

// CommonPrefix returns how many bytes a and b have in common at their beginnings.
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

// HasLineEnd reports whether the line ends within a value: to JSON a line end is but
// white space, to the event stream it is where the data stops.
func HasLineEnd(value []byte) bool {
	return bytes.IndexByte(value, '\n') >= 0 || bytes.IndexByte(value, '\r') >= 0
}
