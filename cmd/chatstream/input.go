package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"time"
)

// errInterrupted ends a stream that the user has interrupted.
var errInterrupted = errors.New("interrupted")

// input reads a stream for the Decoder.
type input struct {
	name string
	size int64 // of a regular file, otherwise 0

	r       io.Reader
	waiting *waitingReader  // reads r if a Read may wait
	stop    context.Context // is done when the user interrupts
	before  func()          // is called before each Read
	ticks   <-chan time.Time
	tick    func() // is called for each of the ticks while a Read waits
	now     func() time.Time
	read    int64     // bytes
	ended   bool      // the end was read
	arrived time.Time // when the last Read returned
	last    []byte    // its bytes
	head    []byte    // the beginning of the stream
}

// maxHead is the length of the beginning that is kept for a hint, in bytes.
const maxHead = 16 << 10

// open opens a file, or standard input for "-". The input is closed by the
// returned function.
func (c *command) open(name string) (*input, func(), error) {
	in := &input{name: name, r: c.stdin, now: c.now, stop: c.stop}
	closeFile := func() {}
	if name == "-" {
		in.name = "standard input"
	} else {
		f, err := os.Open(name)
		if err != nil {
			return nil, nil, err
		}
		in.r, closeFile = f, func() { f.Close() }
	}
	if in.size = sizeOf(in.r); in.size > 0 {
		return in, closeFile, nil
	}
	in.waiting = newWaitingReader(in.r)
	return in, func() { in.waiting.close(); closeFile() }, nil
}

// sizeOf returns the size of a regular file, and 0 for any other reader. Reading a regular file
// never waits.
func sizeOf(r io.Reader) int64 {
	f, ok := r.(*os.File)
	if !ok {
		return 0
	}
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return 0
	}
	return info.Size()
}

func (in *input) Read(p []byte) (int, error) {
	in.before()
	n, err := in.wait(p)
	in.arrived = in.now()
	in.read += int64(n)
	in.last = append(in.last[:0], p[:n]...)
	in.head = append(in.head, p[:min(n, maxHead-len(in.head))]...)
	in.ended = err == io.EOF
	return n, err
}

// wait reads, until the user interrupts.
func (in *input) wait(p []byte) (int, error) {
	if in.stop.Err() != nil {
		return 0, errInterrupted
	}
	if in.waiting == nil {
		return in.r.Read(p)
	}
	in.waiting.begin(len(p))
	for {
		select {
		case result := <-in.waiting.results:
			return copy(p, result.p), result.err
		case <-in.ticks:
			in.tick()
		case <-in.stop.Done():
			return 0, errInterrupted
		}
	}
}

// rest returns the bytes from the given offset, where the Decoder stopped: those of the last
// Read, and more only if reading does not wait. complete reports whether they reach the end.
func (in *input) rest(offset int64) (r io.Reader, complete bool) {
	unread := min(in.read-offset, int64(len(in.last)))
	r = bytes.NewReader(in.last[int64(len(in.last))-unread:])
	if in.size > 0 {
		return io.MultiReader(r, in.r), true
	}
	return r, in.ended
}

// waitingReader reads in its own goroutine, so that the command can stop waiting for a Read. It
// reads only on request, never ahead.
type waitingReader struct {
	requests chan int
	results  chan readResult
}

type readResult struct {
	p   []byte
	err error
}

func newWaitingReader(r io.Reader) *waitingReader {
	w := &waitingReader{make(chan int, 1), make(chan readResult, 1)}
	go func() {
		var buf []byte
		for size := range w.requests {
			if cap(buf) < size {
				buf = make([]byte, size)
			}
			n, err := r.Read(buf[:size])
			w.results <- readResult{buf[:n], err}
		}
	}()
	return w
}

// begin begins a Read of at most size bytes. Its result comes through results, and
// is valid until the next one begins.
func (w *waitingReader) begin(size int) { w.requests <- size }

// close ends the goroutine as soon as its last Read has returned.
func (w *waitingReader) close() { close(w.requests) }
