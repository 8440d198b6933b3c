package main

import (
	"bytes"
	"fmt"
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
	return run([]string{"-stats"}, r, out, io.Discard, testSystemAt(func() time.Time { return r.now }))
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
finish       stop
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

// describedStream has a model, tokens and two choices.
var describedStream = []timedEvent{
	{100 * ms, ev(`{"object":"chat.completion.chunk","model":"","choices":[]}`)},
	{100 * ms, ev(`{"object":"chat.completion.chunk","model":"m\u202e","provider":"p","usage":null,"choices":[{"index":1,"delta":{"content":"b"},"finish_reason":null},{"index":0,"delta":{"content":"a"},"finish_reason":"length"}]}`)},
	{200 * ms, use(`{"prompt_tokens":20,"completion_tokens":8,"total_tokens":28,"prompt_tokens_details":{"cached_tokens":5},"completion_tokens_details":{"reasoning_tokens":4}}`)},
	{0, use(`{"completion_tokens":9,"total_tokens":29}`) + use(`{}`)},
	{0, done},
}

// TestStatsDescribe: model, finish reasons and tokens, where a later usage says less,
// too.
func TestStatsDescribe(t *testing.T) {
	var out bytes.Buffer
	assert.Zero(t, statsOf(&out, describedStream...))
	assert.Contains(t, out.String(), `stream       standard input
model        m\u202e
provider     p
chunks       5
`)
	assert.Contains(t, out.String(), `
finish       1: -, 0: length
tokens       20 prompt (5 cached), 9 completion (4 reasoning), 29 total
first chunk  100ms
first text   200ms
last chunk   400ms
chunks/s     13.3
tokens/s     30.0
gaps p50     0s
`)
}

func TestStatsJSON(t *testing.T) {
	var out bytes.Buffer
	r := &timedReader{now: time.Now(), events: describedStream}
	assert.Zero(t, run([]string{"-stats", "-json"}, r, &out, io.Discard, testSystemAt(func() time.Time { return r.now })))
	size := 0
	for _, e := range describedStream {
		size += len(e.event)
	}
	assert.JSONEq(t, fmt.Sprintf(`{"stream":"standard input","model":"m\u202e","provider":"p","chunks":5,"events":6,"bytes":%d,"comments":0,"errors":0,"done":true,
		"choices":[{"index":1,"finish_reason":null},{"index":0,"finish_reason":"length"}],
		"usage":{"prompt_tokens":20,"cached_tokens":5,"completion_tokens":9,"reasoning_tokens":4,"total_tokens":29},
		"first_chunk_ms":100,"first_text_ms":200,"last_chunk_ms":400,"chunks_per_second":13.333333333333334,"tokens_per_second":30,
		"gaps_ms":{"p50":0,"p90":200,"p99":200,"max":200}}`, size), out.String())

	out.Reset()
	assert.Equal(t, exitError, run([]string{"-stats", "-json"}, strings.NewReader(""), &out, io.Discard, testSystem))
	assert.JSONEq(t, `{"stream":"standard input","chunks":0,"events":0,"bytes":0,"comments":0,"errors":1,"done":false,"choices":[]}`, out.String())
}

// TestUsageElsewhere: where Groq and Moonshot have their counts.
func TestUsageElsewhere(t *testing.T) {
	for _, stream := range []string{
		ev(`{"choices":[],"x_groq":{"usage":{"prompt_tokens":3,"total_tokens":4}}}`),
		ev(`{"choices":[{"index":0,"delta":{},"finish_reason":"stop","usage":{"prompt_tokens":3,"total_tokens":4}}]}`),
	} {
		assert.Contains(t, runOn(stream+done, "-stats").out, "3 prompt, 4 total\n")
	}
	assert.NotContains(t, runOn(ev(`{"choices":[],"x_groq":{"usage":[3]}}`)+done, "-stats").out, "tokens")
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
