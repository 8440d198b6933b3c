package main

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// timedReader gives an event a Read and lets a clock go on by its delay before.
type timedReader struct {
	now    time.Time
	events []timedEvent
}

type timedEvent struct {
	delay time.Duration
	event string
}

func (r *timedReader) Read(p []byte) (int, error) {
	if len(r.events) == 0 {
		return 0, io.EOF
	}
	e := r.events[0]
	r.events = r.events[1:]
	r.now = r.now.Add(e.delay)
	return copy(p, e.event), nil
}

func statsOf(out io.Writer, events ...timedEvent) int {
	r := &timedReader{now: time.Now(), events: events}
	return run([]string{"-stats"}, r, out, io.Discard, system{terminalOfTest, func() time.Time { return r.now }, 0})
}

const ms = time.Millisecond

var timedStream = []timedEvent{
	{100 * ms, ": wait\n\n"},
	{300 * ms, delta(`"role":"assistant","content":""`)},
	{200 * ms, delta(`"reasoning":"r"`)},
	{10 * ms, delta(`"content":"a"`)},
	{80 * ms, delta(`"content":"b"`) + delta(`"content":"c"`)},
	{10 * ms, stop},
	{5 * ms, done},
}

func TestStats(t *testing.T) {
	var out bytes.Buffer
	assert.Zero(t, statsOf(&out, timedStream...))
	assert.Equal(t, `stream       standard input
chunks       6
bytes        697
comments     1
errors       0
first chunk  400ms
first text   600ms
last chunk   700ms
chunks/s     16.7
gaps p50     10ms
gaps p90     200ms
gaps p99     200ms
gaps max     200ms
`, out.String())

	var screen tty
	assert.Zero(t, statsOf(&screen, timedStream...))
	assert.Equal(t, out.String()+"gaps         █▁▄▁▁\n", screen.String())
}

func TestStatsOfLittle(t *testing.T) {
	var out bytes.Buffer
	assert.Zero(t, statsOf(&out, timedEvent{ms, delta(`"role":"assistant"`)}, timedEvent{ms, done}))
	assert.Contains(t, out.String(), "first chunk  1ms\nfirst text   -\nlast chunk   1ms\nchunks/s     -\n")
	assert.NotContains(t, out.String(), "gaps")

	out.Reset()
	assert.Zero(t, statsOf(&out, timedEvent{ms, done}))
	assert.Equal(t, "stream    standard input\nchunks    0\nbytes     14\ncomments  0\nerrors    0\n", out.String())
}

// TestFirstText: what counts as the first text of an answer.
func TestFirstText(t *testing.T) {
	for members, counts := range map[string]bool{
		`"role":"assistant","content":"","refusal":null`: false,
		`"content":null`:                         false,
		`"content":"a"`:                          true,
		`"refusal":"a"`:                          true,
		`"reasoning":"a"`:                        true,
		`"reasoning_content":"a"`:                true,
		`"content":[{"type":"text","text":"a"}]`: true,
		`"content":[]`:                           false,
		`"tool_calls":[{"index":0,"function":{"name":"f","arguments":""}}]`: false,
		`"tool_calls":[{"index":0,"function":{"arguments":"{"}}]`:           true,
		`"function_call":{"arguments":"{"}`:                                 true,
		`"audio":{"id":"x"}`:                                                false,
		`"audio":{"transcript":"a"}`:                                        true,
		`"reasoning_signature":"a"`:                                         false,
	} {
		var out bytes.Buffer
		statsOf(&out, timedEvent{7 * ms, delta(members)}, timedEvent{ms, done})
		assert.Equal(t, counts, strings.Contains(out.String(), "first text   7ms"), members)
	}
}

func TestPercentile(t *testing.T) {
	sorted := make([]time.Duration, 200)
	for i := range sorted {
		sorted[i] = time.Duration(i + 1)
	}
	assert.EqualValues(t, 100, percentile(sorted, 50))
	assert.EqualValues(t, 180, percentile(sorted, 90))
	assert.EqualValues(t, 198, percentile(sorted, 99))
	assert.EqualValues(t, 1, percentile(sorted[:1], 50))
	assert.EqualValues(t, 3, percentile(sorted[:3], 90))
}

func TestShortDuration(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0s", 999: "999ns", 123456: "123µs", 1234567 * 1000: "1.23s", 61234 * ms: "1m1.2s", -5: "-5ns",
	} {
		assert.Equal(t, want, shortDuration(d))
	}
}

func TestSparkline(t *testing.T) {
	assert.Equal(t, "▁▂▃▄▅▆▇█", sparkline([]time.Duration{0, 1, 2, 3, 4, 5, 6, 7}, 80))
	assert.Equal(t, "▁█▂", sparkline([]time.Duration{0, 0, 9, 0, 0, 1}, 3), "the longest of its share")
	assert.Equal(t, "█", sparkline([]time.Duration{1, 2}, -5))
}
