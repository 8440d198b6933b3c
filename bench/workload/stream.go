package workload

import (
	"fmt"
	"strings"
)

// stream writes the events of one answer.
type stream struct {
	*source
	eol string
	b   strings.Builder
}

func newStream(seed uint64, text string) *stream {
	return &stream{source: newSource(seed, text), eol: "\n"}
}

// data writes one event.
func (s *stream) data(format string, args ...any) {
	s.b.WriteString("data: ")
	fmt.Fprintf(&s.b, format, args...)
	s.b.WriteString(s.eol + s.eol)
}

// comment writes a keep-alive.
func (s *stream) comment(text string) {
	s.b.WriteString(": " + text + s.eol + s.eol)
}

// done ends the stream.
func (s *stream) done() []byte {
	s.data("[DONE]")
	return s.bytes()
}

// bytes is the stream without a [DONE].
func (s *stream) bytes() []byte { return []byte(s.b.String()) }

// A shape writes one whole answer of about n chunks.
type shape func(seed uint64, n int) []byte

const created = 1767225600
