package chatstream

import "sync"

const (
	minBuffer     = 4 << 10  // bytes that a read buffer begins with
	maxReadBuffer = 16 << 10 // bytes to which it grows when reads fill it
	maxPooledCap  = 64 << 10 // bytes of the largest buffer that the pool keeps
)

// buffers has read buffers that are not in use. It holds pointers, because putting a slice
// into an interface allocates.
var buffers = sync.Pool{New: func() any {
	b := make([]byte, minBuffer)
	return &b
}}

// parsers has parsers, with their memory, that belong to no chunk.
var parsers sync.Pool
