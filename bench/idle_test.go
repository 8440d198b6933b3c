package bench

import (
	"fmt"
	"io"
	"runtime"
	"sync"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/assert"

	"github.com/seed-08fc7208/chatstream"
	"github.com/seed-08fc7208/chatstream/bench/workload"
	"github.com/seed-08fc7208/chatstream/internal/testing/heap"
)

// BenchmarkIdle is how a proxy spends its memory: on streams that wait for a
// model. It gives the bytes of heap for each of 100,000 open Decoders that are
// blocked in Read, and for as many Taps that wait for the next Write, before there
// was an event, after one, and after many ordinary ones, each in a Read or Write of
// its own. The struct they decode into is the caller's and given beside it, what
// hangs on it is counted. Goroutines and their stacks are not:
//
//	go -C bench test -run '^$' -bench Idle -benchtime 1x
func BenchmarkIdle(b *testing.B) {
	const n = 100_000
	for _, events := range []int{0, 1, ordinaryEvents} {
		b.Run(fmt.Sprintf("Decoder/events=%d", events), func(b *testing.B) {
			for b.Loop() {
				b.ReportMetric(idleDecoders(n, workload.TwoHoles(events)), "B/decoder")
			}
			b.ReportMetric(float64(unsafe.Sizeof(chatstream.CreateChatCompletionData{})), "B/struct")
		})
		b.Run(fmt.Sprintf("Tap/events=%d", events), func(b *testing.B) {
			for b.Loop() {
				b.ReportMetric(idleTaps(n, workload.TwoHoles(events)), "B/tap")
			}
		})
	}
}

// TestIdle keeps the benchmark running. The limit is far above the aim: it finds
// a buffer that nobody needs.
func TestIdle(t *testing.T) {
	const n, limit = 500, 64 << 10
	for _, events := range []int{0, 1, ordinaryEvents} {
		assert.Less(t, idleDecoders(n, workload.TwoHoles(events)), float64(limit))
		assert.Less(t, idleTaps(n, workload.TwoHoles(events)), float64(limit))
	}
}

// ordinaryEvents is how many there were in a stream that is well on its way.
const ordinaryEvents = 50

// waiting gives one event in a Read and then blocks, until the gate opens.
type waiting struct {
	events  [][]byte // all of which fit the reader's buffer
	blocked *sync.WaitGroup
	gate    chan struct{}
}

func (w *waiting) Read(p []byte) (int, error) {
	if len(w.events) > 0 {
		n := copy(p, w.events[0])
		w.events = w.events[1:]
		return n, nil
	}
	w.blocked.Done()
	<-w.gate
	return 0, io.EOF
}

// idleDecoders opens n Decoders that read events and then wait, and returns the
// bytes of heap for each.
func idleDecoders(n int, events [][]byte) float64 {
	var blocked, ended sync.WaitGroup
	start, gate := make(chan struct{}), make(chan struct{})
	readers := make([]waiting, n)
	chunks := make([]chatstream.CreateChatCompletionData, n)
	blocked.Add(n)
	for i := range n {
		readers[i] = waiting{events, &blocked, gate}
		ended.Go(func() { // started before, so that it is not charged
			<-start
			d := chatstream.NewDecoder(&readers[i])
			for d.Decode(&chunks[i]) == nil {
			}
			_ = d.Close()
		})
	}
	before := heap.Live()
	close(start)
	blocked.Wait()
	after := heap.Live()
	close(gate)
	ended.Wait()
	runtime.KeepAlive(chunks)
	return float64(after-before) / float64(n)
}

// idleTaps opens n Taps, writes events to each of them, and returns the bytes of heap
// for each.
func idleTaps(n int, events [][]byte) float64 {
	taps := make([]*chatstream.Tap, n)
	before := heap.Live()
	for i := range taps {
		taps[i] = chatstream.NewTap(func(*chatstream.CreateChatCompletionData, error) {})
		for _, event := range events {
			_, _ = taps[i].Write(event)
		}
	}
	after := heap.Live()
	for _, t := range taps {
		_ = t.Close()
	}
	return float64(after-before) / float64(n)
}
