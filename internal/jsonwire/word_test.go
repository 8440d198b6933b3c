package jsonwire_test

import (
	"bytes"
	"encoding/binary"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed-08fc7208/chatstream/internal/jsonwire"
)

// text of n bytes, of which neighbours differ.
func counted(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i*37 + 129)
	}
	return b
}

// TestWord loads at each index of texts of each length up to some words.
func TestWord(t *testing.T) {
	for n := range 30 {
		for _, b := range places(counted(n)) {
			for i := range n + 1 {
				var word [8]byte
				copy(word[:], b[i:])
				require.Equal(t, binary.LittleEndian.Uint64(word[:]), jsonwire.Word(b, i), "%d of %d", i, n)
				word[0] = ','
				require.Equal(t, binary.LittleEndian.Uint64(word[:]), jsonwire.FirstWord(b, i), "%d of %d", i, n)
				if i+8 <= n {
					require.Equal(t, binary.LittleEndian.Uint64(b[i:]), jsonwire.Load64(b, i))
				}
				if i+4 <= n {
					require.Equal(t, binary.LittleEndian.Uint32(b[i:]), jsonwire.Load32(b, i))
				}
			}
		}
	}
}

func TestHasLineEnd(t *testing.T) {
	for n := range 20 {
		for _, b := range places(bytes.Repeat([]byte("a"), n)) {
			require.False(t, jsonwire.HasLineEnd(b))
		}
		for at := range n {
			for _, c := range allBytes() {
				text := bytes.Repeat([]byte("a"), n)
				text[at] = c
				require.Equal(t, c == '\n' || c == '\r', jsonwire.HasLineEnd(text), "%q", text)
			}
		}
	}
}
