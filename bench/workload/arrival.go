package workload

import (
	"bytes"
	"io"
)

// Arrival is how many bytes one Read gives.
type Arrival int

const (
	// Eager fills the buffer that Read is given.
	Eager Arrival = iota
	// OneEvent gives one event, as it arrives while a model is writing.
	OneEvent
	// Blocks gives at most 16 KiB: a TLS record, or a fast upstream.
	Blocks
)

const blockSize = 16 << 10

// Reader reads a stream in the way of an Arrival. Where the pieces end is known
// before, and Reset allocates nothing, so that none of it is charged to a decoder.
type Reader struct {
	rest []byte
	cuts []int // the lengths of the pieces to come; empty: all that fits
	left int   // what is left of a piece that did not fit
}

// Reset starts to read stream i of w.
func (r *Reader) Reset(w *Workload, i int) {
	r.rest = w.Streams[i]
	r.cuts = w.cuts[i]
	r.left = 0
}

// Read is io.Reader.
func (r *Reader) Read(p []byte) (int, error) {
	if len(r.rest) == 0 {
		return 0, io.EOF
	}
	piece := len(r.rest)
	if r.left > 0 {
		piece = r.left
	} else if len(r.cuts) > 0 {
		piece, r.cuts = r.cuts[0], r.cuts[1:]
	}
	n := copy(p, r.rest[:piece])
	r.rest = r.rest[n:]
	r.left = piece - n
	return n, nil
}

// cut lists the lengths of the pieces that stream arrives in.
func (a Arrival) cut(stream []byte) (cuts []int) {
	for len(stream) > 0 && a != Eager {
		n := min(len(stream), blockSize)
		if a == OneEvent {
			n = firstEvent(stream)
		}
		cuts = append(cuts, n)
		stream = stream[n:]
	}
	return cuts
}

var (
	blankLF   = []byte("\n\n")
	blankCRLF = []byte("\r\n\r\n")
)

// firstEvent is the length of the first event of b, blank line included.
func firstEvent(b []byte) int {
	line := bytes.IndexByte(b, '\n')
	blank := blankLF
	if line > 0 && b[line-1] == '\r' {
		blank = blankCRLF
	}
	if i := bytes.Index(b, blank); i >= 0 {
		return i + len(blank)
	}
	return len(b)
}

// Loop reads head, then body n times, then tail: a stream of any length in
// little memory.
type Loop struct {
	Head, Body, Tail []byte
	N                int

	part []byte
	next int // 0 head, 1..N body, N+1 tail
}

// Size is the number of bytes that it gives.
func (l *Loop) Size() int64 {
	return int64(len(l.Head) + l.N*len(l.Body) + len(l.Tail))
}

// Rewind starts it again.
func (l *Loop) Rewind() { l.part, l.next = nil, 0 }

// Read is io.Reader.
func (l *Loop) Read(p []byte) (int, error) {
	for len(l.part) == 0 {
		switch {
		case l.next == 0:
			l.part = l.Head
		case l.next <= l.N:
			l.part = l.Body
		case l.next == l.N+1:
			l.part = l.Tail
		default:
			return 0, io.EOF
		}
		l.next++
	}
	n := copy(p, l.part)
	l.part = l.part[n:]
	return n, nil
}
