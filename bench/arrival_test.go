package bench

import (
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-08fc7208/chatstream/bench/subject"
	"github.com/seed-08fc7208/chatstream/bench/workload"
)

// BenchmarkArrival decodes events that come in one Read each. It reports the time beyond copying the
// bytes out of the reader; both are measured in turn:
//
//	go -C bench test -run '^$' -bench Arrival
func BenchmarkArrival(b *testing.B) {
	w := workload.Find("one-event-per-read")
	r := NewStreamRunner(w, subject.Find(subject.Ours))
	_, err := r.Pass()
	require.NoError(b, err)
	buf := make([]byte, 32<<10)
	var copying, decoding time.Duration
	b.SetBytes(int64(2 * w.Bytes()))
	b.ReportAllocs()
	for b.Loop() {
		start := time.Now()
		copyEvents(w, buf)
		copied := time.Now()
		if _, err := r.Pass(); err != nil {
			b.Fatal(err)
		}
		copying += copied.Sub(start)
		decoding += time.Since(copied)
	}
	per := func(d time.Duration) float64 { return float64(d.Nanoseconds()) / float64(b.N*w.Chunks()) }
	b.ReportMetric(per(copying), "ns/event-copied")
	b.ReportMetric(per(decoding), "ns/event-decoded")
	b.ReportMetric(per(decoding-copying), "ns/event-over")
}

// copyEvents reads all events of w into buf, and returns how many Reads that took.
func copyEvents(w *workload.Workload, buf []byte) (reads int) {
	var r workload.Reader
	for i := range w.Streams {
		r.Reset(w, i)
		for {
			if _, err := r.Read(buf); err == io.EOF {
				break
			}
			reads++
		}
	}
	return reads
}

func TestArrivalIsOneEventPerRead(t *testing.T) {
	w := workload.Find("one-event-per-read")
	assert.Equal(t, w.Chunks()+1, copyEvents(w, make([]byte, 32<<10)), "and one for [DONE]")
}
