package bench

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed-08fc7208/chatstream/bench/subject"
	"github.com/seed-08fc7208/chatstream/bench/workload"
)

// BenchmarkStream is the whole path, from a reader to typed chunks:
//
//	go -C bench test -run '^$' -bench 'Stream/openai-text'
func BenchmarkStream(b *testing.B) { benchmarkAll(b, "", NewStreamRunner) }

// BenchmarkUnmarshal is one payload at a time, without framing and neighbours:
//
//	go -C bench test -run '^$' -bench 'Unmarshal/openai-text'
func BenchmarkUnmarshal(b *testing.B) { benchmarkAll(b, "bufio+", NewPayloadRunner) }

// benchmarkAll leaves unused, what has no part in it, out of the names.
func benchmarkAll(b *testing.B, unused string, runner func(*workload.Workload, *subject.Subject) *Runner) {
	for _, w := range workloads(b) {
		b.Run(w.Name, func(b *testing.B) {
			for _, s := range subject.All() {
				b.Run(strings.TrimPrefix(s.Slug(), unused), func(b *testing.B) {
					if s.Missing != "" {
						b.Skip(s.Missing)
					}
					r := runner(w, s)
					if r == nil {
						b.Skip("cannot be had alone")
					}
					benchmark(b, r)
				})
			}
		})
	}
}

// benchmark times passes of r and reports what one chunk costs. An op is a pass.
func benchmark(b *testing.B, r *Runner) {
	tally, err := r.Pass() // warms what the subject keeps
	require.NoError(b, err)
	b.SetBytes(int64(r.Size()))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := r.Pass(); err != nil {
			b.Fatal(err)
		}
	}
	perChunk(b, tally.Seen())
}

// perChunk reports the time of an op of n chunks for one of them.
func perChunk(b *testing.B, n int) {
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(max(n, 1)), "ns/chunk")
}
