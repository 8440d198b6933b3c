package bench

import (
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-08fc7208/chatstream"
	"github.com/seed-08fc7208/chatstream/bench/workload"
)

// hotEvents are few enough to stay in the nearest caches.
const hotEvents = 64

// BenchmarkTap is one hot Tap that gets an event in each Write, with two values that
// differ and with four, and in turn with it a Decoder that gets one in each Read:
//
//	go -C bench test -run '^$' -bench Tap -benchtime 2000x
func BenchmarkTap(b *testing.B) {
	for _, holes := range []int{2, 4} {
		b.Run(fmt.Sprintf("holes=%d", holes), func(b *testing.B) {
			events := workload.TwoHoles(hotEvents)
			if holes == 4 {
				events = workload.FourHoles(hotEvents)
			}
			tap, decoder := newHotTap(), newHotDecoder()
			tap.pass(events) // warms both
			decoder.pass(events)
			var pushed, pulled time.Duration
			b.ReportAllocs()
			for b.Loop() {
				start := time.Now()
				tap.pass(events)
				half := time.Now()
				decoder.pass(events)
				pushed = shorter(pushed, half.Sub(start))
				pulled = shorter(pulled, time.Since(half))
			}
			b.ReportMetric(float64(pushed.Nanoseconds())/hotEvents, "ns/event-tap")
			b.ReportMetric(float64(pulled.Nanoseconds())/hotEvents, "ns/event-decoder")
			b.ReportMetric(float64(pushed)/float64(pulled), "tap/decoder")
		})
	}
}

type hotTap struct {
	tap    *chatstream.Tap
	chunks int
}

func newHotTap() *hotTap {
	h := new(hotTap)
	h.tap = chatstream.NewTap(func(_ *chatstream.CreateChatCompletionData, err error) {
		if err == nil {
			h.chunks++
		}
	})
	return h
}

func (h *hotTap) pass(events [][]byte) {
	for _, e := range events {
		_, _ = h.tap.Write(e)
	}
}

type hotDecoder struct {
	decoder *chatstream.Decoder
	event   []byte
	chunk   chatstream.CreateChatCompletionData
	chunks  int
}

func newHotDecoder() *hotDecoder {
	h := new(hotDecoder)
	h.decoder = chatstream.NewDecoder(h)
	return h
}

// Read gives the event, and never more.
func (h *hotDecoder) Read(p []byte) (int, error) {
	if len(h.event) == 0 {
		return 0, io.ErrNoProgress
	}
	n := copy(p, h.event)
	h.event = h.event[n:]
	return n, nil
}

func (h *hotDecoder) pass(events [][]byte) {
	for _, event := range events {
		h.event = event
		if h.decoder.Decode(&h.chunk) == nil {
			h.chunks++
		}
	}
}

// TestHot: both see every event, and a warm one of either allocates nothing.
func TestHot(t *testing.T) {
	for _, events := range [][][]byte{workload.TwoHoles(hotEvents), workload.FourHoles(hotEvents)} {
		for _, e := range events {
			require.Len(t, e, 320)
		}
		tap, decoder := newHotTap(), newHotDecoder()
		tap.pass(events)
		decoder.pass(events)
		assert.Equal(t, hotEvents, tap.chunks)
		assert.Equal(t, hotEvents, decoder.chunks)
		if !raceEnabled {
			assert.Zero(t, testing.AllocsPerRun(5, func() { tap.pass(events) }))
			assert.Zero(t, testing.AllocsPerRun(5, func() { decoder.pass(events) }))
		}
	}
}
