package main

import (
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// delays is a histogram of delays that many goroutines record into: each has one of
// several parts, lest they wait for each other.
type delays [16]struct {
	mu    sync.Mutex
	delay *hdrhistogram.Histogram
}

// newHistogram returns a histogram of delays up to a minute, with three digits.
func newHistogram() *hdrhistogram.Histogram {
	return hdrhistogram.New(int64(time.Microsecond), int64(time.Minute), 3)
}

// record adds a delay of the stream of this number. Clocks that went backwards, and
// more than a minute, are outside.
func (d *delays) record(stream int, delay time.Duration) {
	part := &d[stream%len(d)]
	part.mu.Lock()
	defer part.mu.Unlock()
	if part.delay == nil {
		part.delay = newHistogram()
	}
	part.delay.RecordValue(int64(min(max(delay, 0), time.Minute)))
}

// addTo adds all delays to a histogram.
func (d *delays) addTo(all *hdrhistogram.Histogram) {
	for i := range d {
		d[i].mu.Lock()
		if d[i].delay != nil {
			all.Merge(d[i].delay)
		}
		d[i].mu.Unlock()
	}
}
