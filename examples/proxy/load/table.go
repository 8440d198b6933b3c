package main

import (
	"cmp"
	"fmt"
	"io"
	"runtime"
	"slices"
	"time"
)

// printTable prints what the rounds gave. What is set against plain and again is compared
// round by round, and the median is shown with the quarters around it.
func printTable(out io.Writer, s settings, all results) {
	fmt.Fprintf(out, "%d streams of each way, %g chunks a second of each in its turns, %d times %d rounds of %v, %d cores, %s %s/%s\n\n",
		s.streams, s.chunks, s.repeats, s.rounds, turn*time.Duration(len(s.ways)+1), runtime.NumCPU(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	fmt.Fprintln(out, "| way | chunks/s in its turns | CPU per chunk | against plain and again | (quartiles) | added delay: p50 | p99.9 | memory per stream |")
	fmt.Fprintln(out, "|---|--:|--:|--:|--:|--:|--:|--:|")
	base, unseen := all.of(direct), all.unseen()
	for _, name := range s.ways {
		r := all.of(name)
		middle, quarters := against(unseen, r)
		fmt.Fprintf(out, "| %s | %.0f | %s | %s | %s | %s | %s | %.1f KiB |\n", name,
			r.perSecond(), micro(part(r.perChunk(), .5)), middle, quarters,
			micro(r.delay(50)-base.delay(50)), micro(r.delay(99.9)-base.delay(99.9)),
			r.memory/float64(s.repeats)/1024)
	}
}

// delay is what a percentage of the delays does not exceed.
func (r *result) delay(percentage float64) time.Duration {
	return time.Duration(r.delays.ValueAtQuantile(percentage))
}

// perSecond is how many chunks there were in a second of the way's turns.
func (r *result) perSecond() float64 {
	chunks := 0
	for _, round := range r.rounds {
		chunks += round.chunks
	}
	return float64(chunks) / (float64(max(len(r.rounds), 1)) * turn.Seconds())
}

// perChunk is the CPU time for a chunk in each round, sorted.
func (r *result) perChunk() []time.Duration {
	var all []time.Duration
	for _, round := range r.rounds {
		all = append(all, round.perChunk())
	}
	slices.Sort(all)
	return all
}

// unseen is the rounds of the ways that look at nothing, plain and again, in one.
func (all results) unseen() []round {
	var rounds []round
	for _, name := range []string{plain, again} {
		if r := all[name]; r != nil {
			rounds = append(rounds, make([]round, max(0, len(r.rounds)-len(rounds)))...)
			for i, round := range r.rounds {
				rounds[i].cpu += round.cpu
				rounds[i].chunks += round.chunks
			}
		}
	}
	return rounds
}

// against compares the CPU time per chunk of a way, round by round.
func against(base []round, r *result) (median, quartiles string) {
	n := min(len(base), len(r.rounds))
	if n == 0 {
		return "–", "–"
	}
	ratios := make([]float64, n)
	for i := range ratios {
		ratios[i] = (float64(r.rounds[i].perChunk())/float64(max(base[i].perChunk(), 1)) - 1) * 100
	}
	slices.Sort(ratios)
	return fmt.Sprintf("%+.1f %%", part(ratios, .5)), fmt.Sprintf("%+.1f to %+.1f", part(ratios, .25), part(ratios, .75))
}

// part returns what a part of the values, which are sorted, does not exceed.
func part[T cmp.Ordered](sorted []T, part float64) (value T) {
	if len(sorted) == 0 {
		return value
	}
	return sorted[int(part*float64(len(sorted)-1)+.5)]
}

func micro(d time.Duration) string {
	return fmt.Sprintf("%.1f µs", float64(d)/float64(time.Microsecond))
}
