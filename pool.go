package chatstream

import "sync"

const (
	minBuffer    = 4 << 10  // bytes that a read buffer begins with
	maxPooledCap = 64 << 10 // bytes of the largest buffer that the pool keeps
)

// buffers has read buffers that are not in use. A pointer to a slice, since a
// slice in an interface is allocated.
var buffers = sync.Pool{New: func() any {
	b := make([]byte, minBuffer)
	return &b
}}

func getBuffer() []byte { return *buffers.Get().(*[]byte) }

// putBuffer gives back a buffer that nobody refers to any more.
func putBuffer(b []byte) {
	expire(b)
	if len(b) >= minBuffer && len(b) <= maxPooledCap {
		buffers.Put(&b)
	}
}
