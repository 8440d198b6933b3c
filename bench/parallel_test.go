package bench

import (
	"fmt"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-08fc7208/chatstream/bench/subject"
	"github.com/seed-08fc7208/chatstream/bench/workload"
)

// BenchmarkGoroutines decodes with one goroutine and with more, in turn. Scaling is how
// much more all of them get done in the same time: on cores that nobody else uses it is
// the number of goroutines or of cores, whichever is less. The best of all turns counts.
// loop is the machine's own figure: a loop without memory. hot is a stream for each, life
// 2,048 Taps for each:
//
//	go -C bench test -run '^$' -bench Goroutines -benchtime 20x
func BenchmarkGoroutines(b *testing.B) {
	b.Run("loop", func(b *testing.B) {
		scaling(b, func(size int) []func() { return slices.Repeat([]func(){spin}, size) })
	})
	b.Run("hot", func(b *testing.B) {
		w := workload.Find(workload.OpenAIText)
		scaling(b, func(size int) []func() { return newTeam(b, w, size).work(b) })
	})
	b.Run("life", func(b *testing.B) {
		l := workload.NewLife(workload.LifeNames()[0], workload.LifeStreams, *lifeMemory)
		defer l.Release()
		scaling(b, func(size int) (work []func()) {
			for _, r := range shared(l, size) {
				work = append(work, r.lap)
			}
			return work
		})
	})
}

// goroutines are how many there are at the same time.
var goroutines = []int{1, 2, 16}

// scaling times each number of goroutines, each of which has as much to do as one alone, and reports
// how much more they get done in the same time.
func scaling(b *testing.B, work func(size int) []func()) {
	if runtime.GOMAXPROCS(0) < 2 {
		b.Skip("there is one core")
	}
	teams := make([][]func(), len(goroutines))
	for i, n := range goroutines {
		teams[i] = work(n)
	}
	best := make([]time.Duration, len(goroutines))
	for b.Loop() {
		for i, team := range teams {
			best[i] = shorter(best[i], together(team))
		}
	}
	for i, n := range goroutines[1:] {
		b.ReportMetric(float64(n)*float64(best[0])/float64(best[i+1]), fmt.Sprintf("scaling-%d", n))
	}
}

// together runs all functions at the same time, and waits for the last.
func together(work []func()) time.Duration {
	return elapsed(func() {
		var wg sync.WaitGroup
		for _, f := range work {
			wg.Go(f)
		}
		wg.Wait()
	})
}

// spin is work without memory, for some milliseconds.
func spin() {
	x := uint64(1)
	for range 4_000_000 {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
	}
	if x == 0 {
		panic("xorshift never gets there")
	}
}

// partsOfLife is such that the Taps of one goroutine do not stay in a core's caches.
const partsOfLife = 4

// part is some streams of a life.
type part struct {
	*LifeRunner
	copy, laps int
}

// shared opens some streams of a life for each of so many goroutines.
func shared(l *workload.Life, size int) (parts []*part) {
	for i := range size {
		p := &part{LifeRunner: NewLifeRunner(l, subject.Find(subject.Ours), Pushed), copy: i}
		p.streams = l.Streams / partsOfLife
		p.Open()
		parts = append(parts, p)
		for range learningTurns {
			p.lap()
		}
	}
	return parts
}

// lap is a turn, with another copy of the events once they were all had.
func (p *part) lap() {
	p.Turn(p.copy + p.laps/workload.PassTurns)
	p.laps++
}

func TestGoroutines(t *testing.T) {
	const streams = 64
	l := workload.NewLife(workload.LifeNames()[0], streams, 1)
	defer l.Release()
	parts := shared(l, 4)
	var work []func()
	for _, p := range parts {
		work = append(work, p.lap)
	}
	assert.Positive(t, together(append(work, newTeam(t, workload.Find(workload.Mixed), 2).work(t)...)))
	for _, p := range parts {
		p.Close()
		assert.Equal(t, subject.Tally{Chunks: (1 + learningTurns) * streams / partsOfLife}, p.Tally)
	}
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

// work is what each of them does: its passes.
func (t team) work(tb testing.TB) (list []func()) {
	for _, r := range t {
		list = append(list, func() {
			for range teamPasses {
				if _, err := r.Pass(); err != nil {
					tb.Error(err)
				}
			}
		})
	}
	return list
}

// elapsed is how long f takes.
func elapsed(f func()) time.Duration {
	start := time.Now()
	f()
	return time.Since(start)
}

func shorter(best, d time.Duration) time.Duration {
	if best == 0 {
		return d
	}
	return min(best, d)
}
