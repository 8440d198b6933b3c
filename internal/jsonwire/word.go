package jsonwire

import "bytes"

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

// HasLineEnd reports whether a value contains CR or LF. JSON takes them for white space;
// in an event stream the line of data ends there.
func HasLineEnd(value []byte) bool {
	return bytes.IndexByte(value, '\n') >= 0 || bytes.IndexByte(value, '\r') >= 0
}
