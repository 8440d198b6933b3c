//go:build !(amd64 || arm64) || purego

package jsonwire

import "encoding/binary"

// Load32 returns the four bytes at i, in little endian.
func Load32(b []byte, i int) uint32 { return binary.LittleEndian.Uint32(b[i:]) }

// Load64 returns the eight bytes at i, in little endian.
func Load64(b []byte, i int) uint64 { return binary.LittleEndian.Uint64(b[i:]) }
