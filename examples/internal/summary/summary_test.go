package summary

import (
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

// summaryOf watches a whole stream.
func summaryOf(stream string) Summary {
	w := Watch(time.Now())
	w.Write([]byte(stream))
	w.Close()
	sum := w.Summary()
	sum.FirstText = 0
	return sum
}

const (
	text   = `data: {"object":"chat.completion.chunk","model":"m","choices":[{"index":0,"delta":{"content":"Hi"}}]}` + "\n\n"
	finish = `data: {"object":"chat.completion.chunk","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}` + "\n\n"
	done   = "data: [DONE]\n\n"
)

func usage(counts string) string { return `data: {"choices":[],"usage":{` + counts + "}}\n\n" }

func TestSummary(t *testing.T) {
	for _, test := range []struct {
		name, stream string
		want         Summary
	}{
		{"whole", text + finish + usage(`"prompt_tokens":1,"completion_tokens":2,"total_tokens":3`) + done,
			Summary{Model: "m", FinishReason: "stop", Chunks: 3, Usage: Usage{true, 1, 2, 3}, Ended: true}},
		{"cut", text, Summary{Model: "m", Chunks: 1, Ended: true, Truncated: true,
			Error: "chatstream: event 1 at byte 99: the stream ended before the answer did: unexpected EOF"}},
		{"error", text + `data: {"error":{"message":"busy\nnow"}}` + "\n\n" + done,
			Summary{Model: "m", Chunks: 2, Ended: true, Error: "busy now"}},
		{"usage that cannot be", text + finish + usage(`"total_tokens":3`) + usage(`"total_tokens":-1`) + usage(`"prompt_tokens":9223372036854775807`) + done,
			Summary{Model: "m", FinishReason: "stop", Chunks: 5, Usage: Usage{true, 0, 0, 3}, Ended: true, BadUsage: true}},
	} {
		got := summaryOf(test.stream)
		if test.want.Truncated { // the library words it
			require.NotEmpty(t, got.Error)
			got.Error = test.want.Error
		}
		require.Equal(t, test.want, got, test.name)
	}
}

// TestOtherAPIs: streams that end in other ways are not truncated.
func TestOtherAPIs(t *testing.T) {
	for name, test := range map[string]struct {
		stream string
		other  bool
	}{
		"responses": {"event: response.created\ndata: {\"type\":\"response.created\",\"response\":{\"object\":\"response\"}}\n\n" +
			"event: response.completed\ndata: {\"type\":\"response.completed\"}\n\n", true},
		"messages": {"event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"role\":\"assistant\"}}\n\n" +
			"event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n", true},
		"legacy completions": {`data: {"object":"text_completion","choices":[{"index":0,"text":"Hi","finish_reason":"stop"}]}` + "\n\n" + done, true},
		"one that is cut":    {"data: {\"type\":\"message_start\"}\n\ndata: {\"ty", true},
		"chat":               {text + finish + done, false},
		"without an object":  {`data: {"choices":[{"delta":{"content":""}}]}` + "\n\n" + done, false},
		"a message":          {`data: {"choices":[{"message":{"content":"Hi"},"finish_reason":"stop"}]}` + "\n\n" + done, false},
		"choices null":       {`data: {"choices":null}` + "\n\n" + done, false},
		"no choices":         {`data: {"choices":[]}` + "\n\n" + done, false},
		"an error":           {`data: {"error":{"message":"busy"}}` + "\n\n" + done, false},
		"nothing":            {done, false},
	} {
		sum := summaryOf(test.stream)
		require.Equal(t, test.other, sum.OtherAPI, name)
		require.False(t, sum.Truncated, name)
		if test.other {
			require.Empty(t, sum.Error, name)
		}
	}
}

// TestStringsAreBounded: what the other side sends is bounded and printable.
func TestStringsAreBounded(t *testing.T) {
	long := strings.Repeat("é\x1b\u202e\xff", 1000)
	quoted := strings.ReplaceAll(long, "\x1b", `\u001b`)
	for _, stream := range []string{
		strings.ReplaceAll(text, `"m"`, `"`+quoted+`"`),
		strings.ReplaceAll(finish, `"stop"`, `"`+quoted+`"`),
		`data: {"error":{"message":"` + quoted + `"}}` + "\n\n",
		"error: " + long + "\n\n",
		"data: " + long + "\n\n",
		long,
		"<html>" + long,
	} {
		sum := summaryOf(stream)
		require.LessOrEqual(t, len(sum.Model), MaxModel)
		require.LessOrEqual(t, len(sum.FinishReason), MaxFinishReason)
		require.LessOrEqual(t, len(sum.Error), MaxError)
		for _, s := range []string{sum.Model, sum.FinishReason, sum.Error} {
			require.True(t, utf8.ValidString(s), "%q", s)
			require.NotContains(t, s, "\x1b")
			require.NotContains(t, s, "\u202e")
		}
		require.NotEmpty(t, sum.Model+sum.FinishReason+sum.Error, "%.40q", stream)
	}
}

func TestBound(t *testing.T) {
	for _, test := range []struct {
		s     string
		limit int
		want  string
	}{
		{"", 10, ""},
		{"gpt-4.1-mini", 12, "gpt-4.1-mini"},
		{"gpt-4.1-mini", 11, "gpt-4.1-…"},
		{"two\r\nlines\tand a tab", 40, "two  lines and a tab"},
		{"\x00\x1b[2J\u202e\u200b", 40, "\uFFFD\uFFFD[2J\uFFFD\uFFFD"},
		{"Grüße", 7, "Grüße"},
		{"Grüßen", 7, "Grü…"},
		{"日本語", 9, "日本語"},
		{"日本語!", 9, "日本…"},
		{"日本語", 8, "日…"},
		{"日本語", 3, "…"},
		{"\xff\xfe", 10, "\uFFFD\uFFFD"},
		{"\xff\xfe", 5, "…"},
		{"a\u00a0b", 10, "a b"},
		{"日本\xe8\xaa", 20, "日本\uFFFD\uFFFD"},
	} {
		require.Equal(t, test.want, Bound(test.s, test.limit), "%q, %d", test.s, test.limit)
		require.Equal(t, test.want, Bound([]byte(test.s), test.limit))
	}
}

func FuzzBound(f *testing.F) {
	f.Add("日本語\x00", 7)
	f.Fuzz(func(t *testing.T, s string, limit int) {
		limit = 3 + (limit&0x7fffffff)%300
		got := Bound(s, limit)
		require.LessOrEqual(t, len(got), limit)
		require.True(t, utf8.ValidString(got))
		for _, r := range got {
			require.True(t, r == utf8.RuneError || unicode.IsPrint(r), "%q", r)
		}
	})
}
