//go:build (amd64 || arm64) && !purego

package jsonwire

import "unsafe"

// These loads spare the parser the computing of a slice for each: a quarter of its
// time (BenchmarkUnmarshal with and without the tag purego). All callers have compared
// i to the length of b.

// Load32 returns the four bytes at i, in little endian.
func Load32(b []byte, i int) uint32 {
	return *(*uint32)(unsafe.Add(unsafe.Pointer(unsafe.SliceData(b)), i))
}

// Load64 returns the eight bytes at i, in little endian.
func Load64(b []byte, i int) uint64 {
	return *(*uint64)(unsafe.Add(unsafe.Pointer(unsafe.SliceData(b)), i))
}
