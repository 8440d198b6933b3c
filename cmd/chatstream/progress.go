package main

import (
	"fmt"
	"time"
)

// statusInterval is the least time between two updates of the status line.
const statusInterval = 100 * time.Millisecond

// statusReport is a report with a status line while a stream arrives.
type statusReport interface {
	// status is one line, without its end.
	status() string
}

// showStatus shows a status line on a terminal: for a big file the share that has been read, for
// a live stream the status of its report. The returned function ends it.
func (c *command) showStatus(in *input, r report) (stop func()) {
	stop = func() {}
	flush := func() {
		c.out.flush()
		c.err.flush()
	}
	in.before, in.tick = flush, flush
	var line func() string
	live, isLive := r.(statusReport)
	switch {
	case !c.err.styled():
		return stop
	case in.size >= c.bigFile && (c.out.terminal == nil || !c.streams()):
		line = newProgress(in).line
	case in.size == 0 && isLive:
		line = live.status
		if c.newTicker != nil {
			in.ticks, stop = c.newTicker()
		}
	default:
		return stop
	}
	shown := c.now()
	in.before = func() {
		flush()
		if now := c.now(); now.Sub(shown) >= statusInterval {
			shown = now
			c.err.setStatus(line())
		}
	}
	in.tick = in.before
	return stop
}

// progress shows how much of a file has been read.
type progress struct {
	in    *input
	began time.Time
}

func newProgress(in *input) *progress { return &progress{in, in.now()} }

func (p *progress) line() string {
	read := float64(p.in.read)
	return fmt.Sprintf("%3d%%  %s of %s, %s/s", p.in.read*100/p.in.size,
		byteCount(read), byteCount(float64(p.in.size)), byteCount(read/p.in.now().Sub(p.began).Seconds()))
}

// byteCount formats a number of bytes for people.
func byteCount(n float64) string {
	for _, unit := range []string{"B", "kB", "MB"} {
		if n < 1000 {
			return fmt.Sprintf("%.3g %s", n, unit)
		}
		n /= 1000
	}
	return fmt.Sprintf("%.1f GB", n)
}
