package bench

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed-08fc7208/chatstream/bench/subject"
	"github.com/seed-08fc7208/chatstream/bench/workload"
)

// BenchmarkHostile is input that is never two alike, with replay and without, in
// turn: what remembering in vain costs. The best of all turns counts:
//
//	go test -run '^$' -bench Hostile ./bench
func BenchmarkHostile(b *testing.B) {
	without := subject.WithoutReplay()
	if without == nil {
		b.Skip("the library has no switch for replay")
	}
	w := workload.Find("hostile")
	on, off := NewStreamRunner(w, subject.Find(subject.Ours)), NewStreamRunner(w, without)
	var with, alone time.Duration
	for b.Loop() {
		with = shorter(with, passes(b, on))
		alone = shorter(alone, passes(b, off))
	}
	b.ReportMetric(float64(with.Nanoseconds())/float64(teamPasses*w.Chunks()), "ns/chunk-replay")
	b.ReportMetric(float64(alone.Nanoseconds())/float64(teamPasses*w.Chunks()), "ns/chunk-without")
	b.ReportMetric(100*(float64(with)/float64(alone)-1), "%-slower")
}

func passes(b *testing.B, r *Runner) time.Duration {
	start := time.Now()
	for range teamPasses {
		_, err := r.Pass()
		require.NoError(b, err)
	}
	return time.Since(start)
}
