package main

import (
	"bytes"
	"io"
	"os"
	"time"
)

// input is a stream on its way to the Decoder.
type input struct {
	name string
	size int64 // of a regular file, otherwise 0

	r       io.Reader
	before  func() // is called before each Read, which may have to wait
	now     func() time.Time
	read    int64     // bytes
	ended   bool      // the end was read
	arrived time.Time // when the last Read returned
	last    []byte    // what it returned
}

// open opens a file, or standard input for "-". The input is closed by the
// returned function.
func (c *command) open(name string) (*input, func() error, error) {
	in := &input{name: name, r: c.stdin, now: c.now}
	if name == "-" {
		in.name = "standard input"
		in.size = sizeOf(c.stdin)
		return in, func() error { return nil }, nil
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, nil, err
	}
	in.r, in.size = f, sizeOf(f)
	return in, f.Close, nil
}

// sizeOf returns the size of a regular file, which has an end that need not be
// waited for, and 0 for any other reader.
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
	n, err := in.r.Read(p)
	in.arrived = in.now()
	in.read += int64(n)
	in.last = append(in.last[:0], p[:n]...)
	in.ended = err == io.EOF
	return n, err
}

// rest returns what follows the byte at the given offset, where the Decoder
// stopped: what the last Read had of it, and more only where that need not be
// waited for. complete reports whether it goes to the end.
func (in *input) rest(offset int64) (r io.Reader, complete bool) {
	unread := min(in.read-offset, int64(len(in.last)))
	r = bytes.NewReader(in.last[int64(len(in.last))-unread:])
	if in.size > 0 {
		return io.MultiReader(r, in.r), true
	}
	return r, in.ended
}
