package main

import (
	"slices"
	"time"
)

// sparkline draws the values in their order, from left to right, with the longest
// as the highest. Where there are more values than columns, a column has the
// longest of its share, so that no stall is lost.
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
