package bench

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-08fc7208/chatstream/bench/subject"
	"github.com/seed-08fc7208/chatstream/bench/workload"
)

// BenchmarkLife measures what a proxy does: thousands of streams, each of which gets an event in its
// turn. All subjects take turns within an op, which is a round, and the best of
// all rounds counts:
//
//	go -C bench test -run '^$' -bench 'Life/' -benchtime 8x
func BenchmarkLife(b *testing.B) {
	eachLife(b, func(b *testing.B, l *workload.Life, way string) {
		runners := livingRunners(l, way)
		best := make([]float64, len(runners))
		for round := 0; b.Loop(); round++ {
			for i, t := range Round(runners, round) {
				best[i] = lowest(best[i], t)
			}
		}
		for i, r := range runners {
			name := r.Subject.Slug()
			b.ReportMetric(best[i], "ns/event-"+name)
			b.ReportMetric(r.CPU, "cpu-ns/event-"+name)
			b.ReportMetric(r.Allocs, "allocs/event-"+name)
			if i > 0 {
				b.ReportMetric(best[i]/best[0], "times-"+name)
				b.ReportMetric(r.CPU/runners[0].CPU, "cpu-times-"+name)
			}
		}
		b.ReportMetric(0, "ns/op") // of all of them: says nothing
	})
}

// BenchmarkLiving measures only chatstream, for profiles and for two builds of it in turn
// (README.md). An op is an event of each stream:
//
//	go -C bench test -run '^$' -bench 'Living/life/pushed' -benchtime 240x
func BenchmarkLiving(b *testing.B) {
	eachLife(b, func(b *testing.B, l *workload.Life, way string) {
		r := NewLifeRunner(l, subject.Find(subject.Ours), way)
		r.Pass(0) // counts allocations
		r.Open()
		for range learningTurns {
			r.Turn(0)
		}
		turns := 0
		for ; b.Loop(); turns++ {
			r.Turn(1 + turns/workload.PassTurns)
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(turns*l.Streams), "ns/event")
		b.ReportMetric(r.Allocs, "allocs/event")
		b.ReportMetric(r.Bytes, "B/event")
	})
}

// eachLife runs f for each life and way. The lives are made one at a time: each takes a
// lot of memory.
func eachLife(b *testing.B, f func(b *testing.B, l *workload.Life, way string)) {
	for _, name := range workload.LifeNames() {
		b.Run(name, func(b *testing.B) {
			l := workload.NewLife(name, workload.LifeStreams, *lifeMemory)
			defer l.Release()
			for _, way := range []string{Pushed, Pulled} {
				b.Run(way, func(b *testing.B) { f(b, l, way) })
			}
		})
	}
}

// livingRunners are runners of all subjects that live in this way, ours first.
func livingRunners(l *workload.Life, way string) (runners []*LifeRunner) {
	for _, s := range subject.Living() {
		if r := NewLifeRunner(l, s, way); r != nil {
			runners = append(runners, r)
		}
	}
	return runners
}

func lowest(best, t float64) float64 {
	if best == 0 {
		return t
	}
	return min(best, t)
}

// TestLifeAgrees: all subjects read the same in each life, every event of it, and none
// refuses any or reads on before the next one has come.
func TestLifeAgrees(t *testing.T) {
	const streams = 40
	for _, name := range workload.LifeNames() {
		for _, way := range []string{Pushed, Pulled} {
			t.Run(name+"/"+way, func(t *testing.T) {
				l := workload.NewLife(name, streams, 1)
				defer l.Release()
				var want *subject.Answer
				for _, s := range subject.Living() {
					r := NewLifeRunner(l, s, way)
					require.NotNil(t, r, s.Name)
					answer := new(subject.Answer)
					r.Open()
					r.fleet.Tell(answer)
					for turn := range 2 * l.Turns {
						r.Turn(turn)
						require.Equal(t, (turn+1)*streams, r.fleet.Tally().Chunks, "%s, turn %d", s.Name, turn)
					}
					r.Close()
					assert.Equal(t, subject.Tally{Chunks: 2 * l.Turns * streams}, r.Tally, s.Name)
					if s.Name == subject.Touched {
						continue
					}
					if want == nil {
						want = answer
						assert.NotEmpty(t, answer.Text(subject.Content))
					}
					assert.Empty(t, answer.Differs(want, s.Blind), s.Name)
				}
			})
		}
	}
}
