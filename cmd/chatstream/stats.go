package main

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/seed-08fc7208/chatstream"
)

// statsReport prints sizes and speed. The arrival of a chunk is the return of the Read that
// completed it.
type statsReport struct {
	out    *console
	in     *input
	d      *chatstream.Decoder
	asJSON bool

	began time.Time
	text  time.Time // when the first text arrived
	first time.Time // when the first chunk arrived
	last  time.Time // and the last one
	gaps  []time.Duration

	model    string
	provider string
	tokens   tokens
	choices  []finishedChoice // in order of arrival
	places   map[int64]int    // where in choices each index is
}

// finishedChoice is a choice and its last finish reason.
type finishedChoice struct {
	index  int64
	reason string // "" if it has none
}

// maxStatsChoices is the number of choices that are shown.
const maxStatsChoices = 128

func newStatsReport(out *console, in *input, d *chatstream.Decoder, asJSON bool) *statsReport {
	return &statsReport{out: out, in: in, d: d, asJSON: asJSON, began: in.now(), places: make(map[int64]int)}
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
	r.describe(c)
}

// describe records model and finish reasons of a chunk.
func (r *statsReport) describe(c *chunk) {
	if r.model == "" {
		r.model = cut(string(c.Model.Value[:min(len(c.Model.Value), 2*maxNote)]), maxNote)
	}
	if r.provider == "" {
		r.provider = cut(string(c.Provider.Value[:min(len(c.Provider.Value), 2*maxNote)]), maxNote)
	}
	r.addUsage(c)
	for i := range c.Choices {
		r.finished(c.Choices[i].Index.Value, string(c.Choices[i].FinishReason.Value))
	}
}

// addUsage adds the counts, including those of Groq and Moonshot, which use other members.
func (r *statsReport) addUsage(c *chunk) {
	for i := range c.Choices {
		r.addRawUsage(extraValue(c.Choices[i].Extra, "usage"))
	}
	r.addRawUsage(memberOf(extraValue(c.Extra, "x_groq"), "usage"))
	if t, ok := tokensOf(c); ok {
		r.tokens.merge(t)
	}
}

func (r *statsReport) addRawUsage(usage []byte) {
	if len(usage) == 0 {
		return
	}
	var holder chunk
	payload := slices.Concat([]byte(`{"usage":`), usage, []byte(`}`))
	if chatstream.Unmarshal(payload, &holder) != nil {
		return
	}
	if t, ok := tokensOf(&holder); ok {
		r.tokens.merge(t)
	}
}

func (r *statsReport) finished(index int64, reason string) {
	place, known := r.places[index]
	if !known {
		if len(r.choices) == maxStatsChoices {
			return
		}
		place = len(r.choices)
		r.places[index] = place
		r.choices = append(r.choices, finishedChoice{index: index})
	}
	if reason != "" {
		r.choices[place].reason = cut(reason, maxNote)
	}
}

func (r *statsReport) finish(hint string) {
	if r.asJSON {
		r.out.Write(r.json(hint))
		return
	}
	stats := r.d.Stats()
	var b bytes.Buffer
	t := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	row := func(name, value string) {
		if value != "" {
			fmt.Fprintf(t, "%s\t%s\n", name, printable(value))
		}
	}
	count := func(name string, n int64) { fmt.Fprintf(t, "%s\t%d\n", name, n) }
	row("stream", r.in.name)
	row("model", r.model)
	row("provider", r.provider)
	count("chunks", stats.Chunks)
	count("bytes", stats.Bytes)
	count("comments", stats.Comments)
	count("errors", stats.Errors)
	row("finish", r.reasons())
	row("tokens", r.tokens.String())
	if !r.first.IsZero() {
		row("first chunk", r.since(r.first))
		row("first text", r.since(r.text))
		row("last chunk", r.since(r.last))
		row("chunks/s", rate(len(r.gaps), r.last.Sub(r.first)))
		if n := r.tokens.Completion; n.IsSet() {
			row("tokens/s", rate(int(n.Value), r.last.Sub(r.first)))
		}
	}
	r.rowsOfGaps(row)
	t.Flush()
	r.out.Write(b.Bytes())
}

// reasons lists the finish reasons; with the index if there are several choices.
func (r *statsReport) reasons() string {
	var list []string
	for _, ch := range r.choices {
		reason := ch.reason
		if reason == "" {
			reason = "-"
		}
		if len(r.choices) > 1 {
			reason = fmt.Sprintf("%d: %s", ch.index, reason)
		}
		list = append(list, reason)
	}
	return strings.Join(list, ", ")
}

// since formats the time from the start of reading to at.
func (r *statsReport) since(at time.Time) string {
	if at.IsZero() {
		return "-"
	}
	return shortDuration(at.Sub(r.began))
}

// rate formats n per second.
func rate(n int, elapsed time.Duration) string {
	if elapsed > 0 {
		return fmt.Sprintf("%.1f", float64(n)/elapsed.Seconds())
	}
	return "-"
}

func (r *statsReport) rowsOfGaps(row func(name, value string)) {
	if len(r.gaps) == 0 {
		return
	}
	sorted := r.sortedGaps()
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

func (r *statsReport) sortedGaps() []time.Duration { return slices.Sorted(slices.Values(r.gaps)) }

// status describes a live stream on one line.
func (r *statsReport) status() string {
	stats, now := r.d.Stats(), r.in.now()
	parts := []string{plural(stats.Chunks, "chunk"), byteCount(float64(r.in.read))}
	switch {
	case r.first.IsZero():
		parts = append(parts, "waiting "+shortDuration(now.Sub(r.began)))
	default:
		parts = append(parts, "first text "+r.since(r.text), "last "+shortDuration(now.Sub(r.last))+" ago")
	}
	for _, more := range []string{r.reasons(), r.tokens.String(), r.model} {
		if strings.Trim(more, "- ") != "" {
			parts = append(parts, more)
		}
	}
	return strings.Join(parts, ", ")
}

// percentile returns the smallest value that at least p percent of the values do not exceed.
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
