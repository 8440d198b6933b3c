package main

import (
	"cmp"
	"fmt"
	"io"
	"runtime"
	"slices"
	"time"
)

// printTable prints the table. The CPU time is that of the best round: whatever else
// the machine does can only add to it.
func printTable(out io.Writer, s settings, results map[string][]result) {
	fmt.Fprintf(out, "%d streams, %g chunks a second each, %d rounds of %v, %d cores, %s %s/%s\n\n",
		s.streams, s.rate, s.rounds, s.window, runtime.NumCPU(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	fmt.Fprintln(out, "| way | chunks/s | CPU per chunk: best | median | best against plain | added delay: p50 | p99 | memory per stream |")
	fmt.Fprintln(out, "|---|--:|--:|--:|--:|--:|--:|--:|")
	base := results[direct]
	for _, way := range s.ways {
		rounds := results[way]
		fmt.Fprintf(out, "| %s | %.0f | %s | %s | %s | %s | %s | %.1f KiB |\n", way,
			medianOf(rounds, func(r result) float64 { return r.perSecond }),
			micro(least(rounds)), micro(medianOf(rounds, func(r result) time.Duration { return r.cpu })),
			against(results[plain], rounds),
			micro(added(rounds, base, func(r result) time.Duration { return r.p50 })),
			micro(added(rounds, base, func(r result) time.Duration { return r.p99 })),
			medianOf(rounds, func(r result) float64 { return r.memory })/1024)
	}
}

// least is the CPU time per chunk of the best round.
func least(rounds []result) time.Duration {
	return slices.MinFunc(rounds, func(a, b result) int { return cmp.Compare(a.cpu, b.cpu) }).cpu
}

func medianOf[T cmp.Ordered](rounds []result, value func(result) T) T {
	values := make([]T, len(rounds))
	for i, r := range rounds {
		values[i] = value(r)
	}
	slices.Sort(values)
	return values[len(values)/2]
}

func against(base, rounds []result) string {
	if len(base) == 0 || least(base) == 0 {
		return "–"
	}
	return fmt.Sprintf("%+.1f %%", (float64(least(rounds))/float64(least(base))-1)*100)
}

// added is what a proxy adds to the delay that there is without one.
func added(rounds, base []result, value func(result) time.Duration) time.Duration {
	return medianOf(rounds, value) - medianOf(base, value)
}

func micro(d time.Duration) string {
	return fmt.Sprintf("%.1f µs", float64(d)/float64(time.Microsecond))
}
