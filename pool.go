package chatstream

import "sync"

const (
	minBuffer     = 4 << 10  // bytes that a read buffer begins with
	maxReadBuffer = 16 << 10 // bytes to which it grows when reads fill it
	maxPooledCap  = 64 << 10 // bytes of the largest buffer that the pool keeps
)

// buffers has read buffers that are not in use, by pointers, since a slice in an
// interface is an allocation.
var buffers = sync.Pool{New: func() any {
	b := make([]byte, minBuffer)
	return &b
}}

// takeBuffer gets a buffer for a source that has none.
func (s *source) takeBuffer() {
	s.box = buffers.Get().(*[]byte)
	s.buf, s.start, s.end = *s.box, 0, 0
}

// giveBuffer gives the buffer back, of which nothing is pending. A large one is
// left to the garbage collector.
func (s *source) giveBuffer() {
	if s.buf == nil {
		return
	}
	expire(s.buf)
	if *s.box = s.buf; len(s.buf) <= maxPooledCap {
		buffers.Put(s.box)
	}
	s.box, s.buf, s.start, s.end = nil, nil, 0, 0
}

// chunks has chunks for Taps, which need one only while they are written to. That of a
// stream that waits would have left the caches by the time of its next event.
var chunks = sync.Pool{New: func() any { return aligned[CreateChatCompletionData]() }}

func takeChunk() *CreateChatCompletionData { return chunks.Get().(*CreateChatCompletionData) }

// giveChunk gives a chunk back. One that has much memory is left to the garbage collector.
func giveChunk(c *CreateChatCompletionData) {
	switch {
	case poisoned: // whoever looks at it yet sees that it is no longer valid
		clear(c.Choices)
		*c = CreateChatCompletionData{}
	case !c.parser.isLarge():
		chunks.Put(c)
	}
}
