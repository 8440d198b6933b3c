package main

import (
	"fmt"
	"io"
	"runtime"
	"slices"
	"time"
)

// printTable prints what the rounds gave. What is set against plain is compared round
// by round, and the median is shown with the quarters around it.
func printTable(out io.Writer, s settings, ways []*way) {
	fmt.Fprintf(out, "%d streams of each way, %g chunks a second each, %d rounds of %v, %d cores, %s %s/%s\n\n",
		s.streams, s.rate, s.rounds, s.round, runtime.NumCPU(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	fmt.Fprintln(out, "| way | chunks/s in its turns | CPU per chunk | against plain | (quartiles) | added delay: p50 | p99 | memory per stream |")
	fmt.Fprintln(out, "|---|--:|--:|--:|--:|--:|--:|--:|")
	base := find(ways, direct).clients
	for _, name := range s.ways {
		w := find(ways, name)
		middle, quarters := against(find(ways, plain), w)
		fmt.Fprintf(out, "| %s | %.0f | %s | %s | %s | %s | %s | %.1f KiB |\n", name,
			w.perSecond()*float64(len(ways)), micro(w.total().perChunk()), middle, quarters,
			micro(w.clients.delay(.5)-base.delay(.5)), micro(w.clients.delay(.99)-base.delay(.99)), w.memory/1024)
	}
}

func find(ways []*way, name string) *way {
	i := slices.IndexFunc(ways, func(w *way) bool { return w.name == name })
	if i < 0 {
		return nil
	}
	return ways[i]
}

// total is all rounds together.
func (w *way) total() (all round) {
	for _, r := range w.rounds {
		all.took += r.took
		all.cpu += r.cpu
		all.chunks += r.chunks
	}
	return all
}

func (w *way) perSecond() float64 {
	all := w.total()
	return float64(all.chunks) / all.took.Seconds()
}

// against compares the CPU time per chunk of two ways.
func against(base, w *way) (median, quartiles string) {
	if base == nil {
		return "–", "–"
	}
	ratios := make([]float64, len(w.rounds))
	for i := range ratios {
		ratios[i] = (float64(w.rounds[i].perChunk())/float64(max(base.rounds[i].perChunk(), 1)) - 1) * 100
	}
	slices.Sort(ratios)
	at := func(part float64) float64 { return ratios[int(part*float64(len(ratios)-1)+.5)] }
	return fmt.Sprintf("%+.1f %%", at(.5)), fmt.Sprintf("%+.1f to %+.1f", at(.25), at(.75))
}

func micro(d time.Duration) string {
	return fmt.Sprintf("%.1f µs", float64(d)/float64(time.Microsecond))
}
