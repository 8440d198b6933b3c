package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"

	"github.com/seed-08fc7208/chatstream"
)

// strictReader reads the stream a second time, exactly as the standard says. Its counts tell
// what clients with such a reader get.
type strictReader struct {
	w    *bufio.Writer
	pipe *io.PipeWriter
	done chan strictCount
}

// strictCount counts the events with data.
type strictCount struct {
	events  int64
	objects int64 // events whose data is a JSON object
}

func newStrictReader() *strictReader {
	r, w := io.Pipe()
	s := &strictReader{bufio.NewWriterSize(w, 64<<10), w, make(chan strictCount)}
	go func() {
		n := countEvents(r)
		_, _ = io.Copy(io.Discard, r) // the bytes after an event over the limit
		s.done <- n
	}()
	return s
}

func countEvents(r io.Reader) strictCount {
	var n strictCount
	for s := chatstream.NewScanner(r); s.Scan(); {
		n.events++
		if data := s.Event().Data; bytes.HasPrefix(bytes.TrimSpace(data), []byte("{")) && json.Valid(data) {
			n.objects++
		}
	}
	return n
}

func (s *strictReader) Write(p []byte) (int, error) { return s.w.Write(p) }

// count returns what was counted when everything has been written.
func (s *strictReader) count() strictCount {
	s.w.Flush()
	s.pipe.Close()
	return <-s.done
}
