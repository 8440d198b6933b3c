package main

import (
	"fmt"
	"time"
)

// progress shows on a terminal how much of a file has been read.
type progress struct {
	err   *console
	total int64
	began time.Time
	shown time.Time
}

// newProgress returns nil where there is nothing to show: the input is small or of
// unknown size, or the terminal has the output for that.
func (c *command) newProgress(in *input) *progress {
	if in.size < c.bigFile || !c.err.styled() || c.out.terminal != nil && c.streams() {
		return nil
	}
	now := c.now()
	return &progress{err: c.err, total: in.size, began: now, shown: now}
}

// show is told how much has been read.
func (p *progress) show(read int64, now time.Time) {
	const interval = 100 * time.Millisecond
	if p == nil || now.Sub(p.shown) < interval {
		return
	}
	p.shown = now
	rate := float64(read) / now.Sub(p.began).Seconds()
	p.err.setStatus(fmt.Sprintf("%3d%%  %s of %s, %s/s",
		read*100/p.total, byteCount(float64(read)), byteCount(float64(p.total)), byteCount(rate)))
}

// byteCount writes a number of bytes for people.
func byteCount(n float64) string {
	for _, unit := range []string{"B", "kB", "MB"} {
		if n < 1000 {
			return fmt.Sprintf("%.3g %s", n, unit)
		}
		n /= 1000
	}
	return fmt.Sprintf("%.1f GB", n)
}
