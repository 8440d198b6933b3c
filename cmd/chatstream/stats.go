package main

import (
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/seed-08fc7208/chatstream"
)

// statsReport prints how much came, and how fast. A chunk arrives when the Read
// that completed it returns.
type statsReport struct {
	out   *console
	in    *input
	d     *chatstream.Decoder
	began time.Time
	text  time.Time // when the first text arrived
	first time.Time // when the first chunk arrived
	last  time.Time // and the last one
	gaps  []time.Duration
}

func newStatsReport(out *console, in *input, d *chatstream.Decoder) *statsReport {
	return &statsReport{out: out, in: in, d: d, began: in.now()}
}

func (r *statsReport) observe(c *chunk, _ error) {
	if c == nil {
		return
	}
	at := r.in.arrived
	if r.first.IsZero() {
		r.first = at
	} else {
		r.gaps = append(r.gaps, at.Sub(r.last))
	}
	r.last = at
	if r.text.IsZero() && hasText(c) {
		r.text = at
	}
}

func (r *statsReport) finish() {
	stats := r.d.Stats()
	var b strings.Builder
	t := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	row := func(name, value string) { fmt.Fprintf(t, "%s\t%s\n", name, value) }
	count := func(name string, n int64) { fmt.Fprintf(t, "%s\t%d\n", name, n) }
	row("stream", printable(r.in.name))
	count("chunks", stats.Chunks)
	count("bytes", stats.Bytes)
	count("comments", stats.Comments)
	count("errors", stats.Errors)
	if !r.first.IsZero() {
		row("first chunk", r.since(r.first))
		row("first text", r.since(r.text))
		row("last chunk", r.since(r.last))
		row("chunks/s", r.rate())
	}
	r.rowsOfGaps(row)
	t.Flush()
	fmt.Fprint(r.out, b.String())
}

// since returns how long after the start something was.
func (r *statsReport) since(at time.Time) string {
	if at.IsZero() {
		return "-"
	}
	return shortDuration(at.Sub(r.began))
}

// rate counts the chunks after the first, per second since it came.
func (r *statsReport) rate() string {
	if elapsed := r.last.Sub(r.first); elapsed > 0 {
		return fmt.Sprintf("%.1f", float64(len(r.gaps))/elapsed.Seconds())
	}
	return "-"
}

func (r *statsReport) rowsOfGaps(row func(name, value string)) {
	if len(r.gaps) == 0 {
		return
	}
	sorted := slices.Sorted(slices.Values(r.gaps))
	for _, p := range []int{50, 90, 99} {
		row(fmt.Sprintf("gaps p%d", p), shortDuration(percentile(sorted, p)))
	}
	longest := sorted[len(sorted)-1]
	row("gaps max", shortDuration(longest))
	if r.out.terminal != nil && longest > 0 {
		const labels = len("first chunk  ")
		row("gaps", sparkline(r.gaps, r.out.terminal.columns-labels))
	}
}

// percentile returns the smallest value that p in 100 are not above.
func percentile(sorted []time.Duration, p int) time.Duration {
	return sorted[max((len(sorted)*p+99)/100-1, 0)]
}

// shortDuration rounds to three digits.
func shortDuration(d time.Duration) string {
	unit := time.Duration(1)
	for d/unit >= 1000 {
		unit *= 10
	}
	return d.Round(unit).String()
}
