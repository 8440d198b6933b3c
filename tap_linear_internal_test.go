package chatstream

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// tapWork writes n bytes of a repeated text one by one. It returns how many bytes were
// moved in memory to make room. After each write it calls seen with what is pending.
func tapWork(text string, n int, seen func(s *source)) (moved int) {
	tap := NewTap(func(*CreateChatCompletionData, error) {})
	defer tap.Close()
	pendingOf := func() *source {
		if tap.reader == nil {
			return new(source)
		}
		return &tap.reader.decoder.framer.source
	}
	for i := range n {
		s := pendingOf()
		start, buf := s.start, s.buf
		tap.Write([]byte{text[i%len(text)]})
		s = pendingOf()
		pending := s.end - s.start
		if pending > 0 && (s.start < start || len(buf) > 0 && len(s.buf) > 0 && &buf[0] != &s.buf[0]) {
			moved += pending
		}
		seen(s)
	}
	return moved
}

// TestTapMovesLittle: writes of one byte move the bytes before them so seldom that all
// moves together take time in proportion to the bytes.
func TestTapMovesLittle(t *testing.T) {
	n := 1 << 15
	if poisoned { // each step overwrites what has expired
		n = 1 << 12
	}
	for _, text := range []string{"x", " ", ":", "data: x", "data: [", "\n", "data: x\n", "data:\n", "id: 1\n", ": x\n"} {
		moved := tapWork(text, n, func(*source) {})
		require.LessOrEqual(t, moved, 4*n, "%q: %d bytes of %d moved", text, moved, n)
	}
}

// TestTapLooksOnce: a line that comes byte by byte is searched for its end once. The test
// puts a line end over each byte that was looked at: whoever looks again finds it.
func TestTapLooksOnce(t *testing.T) {
	const named = 16 // bytes of a line by which the framer tells what it is
	for _, text := range []string{"x", ":", "data: x", "data: [", "data: {\"a\":\"b"} {
		searched := 0
		tapWork(text, 1<<13, func(s *source) {
			length := s.end - s.start
			if length <= named {
				return
			}
			searched++
			require.Zero(t, s.pos, "%q: a line end was found among bytes that had been searched", text)
			require.Equal(t, length, s.lf, "%q: a line end was found among bytes that had been searched", text)
			require.Equal(t, length, s.cr, "%q: a line end was found among bytes that had been searched", text)
			s.buf[s.end-1] = "\r\n"[length%2]
			if length == named+1 {
				s.buf[s.end-1] = 'x'
			}
		})
		require.Greater(t, searched, 4000, "%q: the line was not kept", text)
	}
}
