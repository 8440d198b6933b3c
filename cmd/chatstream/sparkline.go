package main

import (
	"slices"
	"time"
)

// sparkline draws the values from left to right; the longest is the highest. If there are more
// values than columns, each column shows the longest of its values, so that every stall is
// visible.
func sparkline(values []time.Duration, columns int) string {
	bars := []rune("▁▂▃▄▅▆▇█")
	highest := slices.Max(values)
	columns = min(max(columns, 1), len(values))
	line := make([]rune, columns)
	for i := range line {
		share := values[len(values)*i/columns : len(values)*(i+1)/columns]
		level := float64(slices.Max(share)) / float64(highest) * float64(len(bars)-1)
		line[i] = bars[int(level+0.5)]
	}
	return string(line)
}
