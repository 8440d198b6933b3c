//go:build !(amd64 || arm64) || purego

package chatstream

import "encoding/binary"

// load32 returns the four bytes at i, in little endian.
func load32(b []byte, i int) uint32 { return binary.LittleEndian.Uint32(b[i:]) }

// load64 returns the eight bytes at i, in little endian.
func load64(b []byte, i int) uint64 { return binary.LittleEndian.Uint64(b[i:]) }
