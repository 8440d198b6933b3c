// Package workload makes the streams that the decoders are measured on. All of
// them are generated, the same at every run, in the shapes that providers send.
package workload

import (
	"bytes"
	"slices"
)

// Workload is what one benchmark decodes: whole event streams, one after the other.
type Workload struct {
	Name  string
	About string // one line for the table

	// Streams are decoded one by one, each from a fresh start.
	Streams [][]byte
	// Payloads are the data of all events of Streams, [DONE] left out.
	Payloads [][]byte

	cuts [][]int // of each stream, how its bytes come out of the reader
}

// Bytes is the size of all streams.
func (w *Workload) Bytes() (n int) {
	for _, s := range w.Streams {
		n += len(s)
	}
	return n
}

// PayloadBytes is the size of all payloads, without their framing.
func (w *Workload) PayloadBytes() (n int) {
	for _, p := range w.Payloads {
		n += len(p)
	}
	return n
}

// Chunks is the number of chunks in all streams.
func (w *Workload) Chunks() int { return len(w.Payloads) }

func newWorkload(name, about string, streams ...[]byte) *Workload {
	w := &Workload{Name: name, About: about, Streams: streams}
	for _, s := range streams {
		w.Payloads = append(w.Payloads, payloads(s)...)
		w.cuts = append(w.cuts, Eager.cut(s))
	}
	return w
}

// arriving is w, read in another way.
func (w *Workload) arriving(name, about string, a Arrival) *Workload {
	c := *w
	c.Name, c.About = name, about
	c.cuts = nil
	for _, s := range c.Streams {
		c.cuts = append(c.cuts, a.cut(s))
	}
	return &c
}

// payloads lists the data lines of a stream in which no event has two of them.
func payloads(stream []byte) (list [][]byte) {
	for line := range bytes.Lines(stream) {
		data, ok := bytes.CutPrefix(line, []byte("data:"))
		data = bytes.TrimSpace(data)
		if ok && len(data) > 0 && string(data) != "[DONE]" {
			list = append(list, slices.Clip(data))
		}
	}
	return list
}
