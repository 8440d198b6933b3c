package chatstream

import (
	"bytes"
)

// takeBuffer gets a buffer for a source that has none.
func (s *source) takeBuffer() {
	s.box = buffers.Get().(*[]byte)
	s.buf, s.start, s.end = *s.box, 0, 0
}

// giveBuffer gives the buffer back, if there is one, of which nothing is pending. A large
// one is left to the garbage collector.
func (s *source) giveBuffer() {
	expire(s.buf)
	if s.box != nil && len(s.buf) <= maxPooledCap {
		*s.box = s.buf
		buffers.Put(s.box)
	}
	s.forgetBuffer()
}

// forgetBuffer leaves the buffer to whoever has a view of it, and then to the garbage
// collector.
func (s *source) forgetBuffer() { s.box, s.buf, s.start, s.end = nil, nil, 0, 0 }

// keepSmall empties memory that is used again for the next stream. It gives up what a
// large event needed.
func keepSmall(b []byte) []byte {
	if cap(b) > maxPooledCap {
		return nil
	}
	return b[:0]
}

// idle gives the buffer back while nothing is pending.
func (s *source) idle() {
	if s.start == s.end {
		s.giveBuffer()
	}
}

// makeRoom sees to it that the buffer has room at its end. What is pending is
// moved only where that makes room of half the buffer, so that all moves together
// take linear time.
func (s *source) makeRoom() {
	n, room := s.end-s.start, len(s.buf)-s.end
	switch {
	case s.buf == nil:
		s.takeBuffer()
	case s.full && len(s.buf) < maxReadBuffer:
		s.grow(2 * len(s.buf))
	case n == 0:
		s.start, s.end = 0, 0
	case room >= len(s.buf)/4:
	case n <= len(s.buf)/2:
		copy(s.buf, s.pending())
		s.start, s.end = 0, n
	case room == 0:
		if s.limit >= len(s.buf) {
			s.grow(2 * len(s.buf))
		} else { // an event, and the keep-alives before it
			s.grow(max(n+minBuffer, 2*s.limit))
		}
	}
}

// grow moves what is pending to a larger buffer.
func (s *source) grow(size int) {
	grown := make([]byte, size)
	n := copy(grown, s.pending())
	expire(s.buf)
	s.buf, s.start, s.end = grown, 0, n
}

// shrinkBuffer gives a buffer up that a large event needed, once little of it is pending,
// and reports whether it has. Nothing of it is given out.
func (s *source) shrinkBuffer() bool {
	if len(s.buf) <= maxPooledCap || s.end-s.start > maxReadBuffer {
		return false
	}
	pending := bytes.Clone(s.pending())
	s.giveBuffer()
	if len(pending) == 0 {
		return true
	}
	s.takeBuffer()
	if len(s.buf) < len(pending) {
		s.giveBuffer()
		s.buf = make([]byte, 2*maxReadBuffer)
	}
	s.end = copy(s.buf, pending)
	return true
}
