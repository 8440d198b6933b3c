package bench

import (
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-08fc7208/chatstream/bench/subject"
	"github.com/seed-08fc7208/chatstream/bench/workload"
)

// BenchmarkTwoGoroutines decodes with one goroutine and with two, in turn; on two
// cores that nobody else uses, scaling is 2. The best of all turns counts:
//
//	go -C bench test -run '^$' -bench TwoGoroutines
func BenchmarkTwoGoroutines(b *testing.B) {
	if runtime.GOMAXPROCS(0) < 2 {
		b.Skip("there is one core")
	}
	w := workload.Find(workload.OpenAIText)
	one, two := newTeam(b, w, 1), newTeam(b, w, 2)
	var alone, together time.Duration
	for b.Loop() {
		alone = shorter(alone, one.run(b))
		together = shorter(together, two.run(b))
	}
	b.ReportMetric(2*float64(alone)/float64(together), "scaling")
	b.ReportMetric(float64(alone.Nanoseconds())/float64(teamPasses*w.Chunks()), "ns/chunk-alone")
	b.ReportMetric(float64(together.Nanoseconds())/float64(teamPasses*w.Chunks()), "ns/chunk-together")
}

func TestTwoGoroutines(t *testing.T) {
	assert.Positive(t, newTeam(t, workload.Find(workload.Mixed), 2).run(t))
}

// teamPasses is long enough that starting goroutines does not count.
const teamPasses = 10

// team is runners that work at the same time, each with its own decoder.
type team []*Runner

func newTeam(tb testing.TB, w *workload.Workload, size int) (t team) {
	for range size {
		r := NewStreamRunner(w, subject.Find(subject.Ours))
		_, err := r.Pass()
		require.NoError(tb, err)
		t = append(t, r)
	}
	return t
}

// run lets each of them make its passes, and waits for the last.
func (t team) run(tb testing.TB) time.Duration {
	var wg sync.WaitGroup
	start := time.Now()
	for _, r := range t {
		wg.Go(func() {
			for range teamPasses {
				if _, err := r.Pass(); err != nil {
					tb.Error(err)
				}
			}
		})
	}
	wg.Wait()
	return time.Since(start)
}

func shorter(best, d time.Duration) time.Duration {
	if best == 0 {
		return d
	}
	return min(best, d)
}
