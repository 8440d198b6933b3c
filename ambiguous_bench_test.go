package chatstream_test

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-08fc7208/chatstream"
)

// ambiguousStreams have members with a field alone, and an Extra in each object.
var ambiguousStreams = []string{"azure-text", "minimax-text", "groq-usage"}

func readStream(tb testing.TB, name string) []byte {
	tb.Helper()
	stream, err := os.ReadFile("testdata/" + name + ".sse")
	require.NoError(tb, err)
	return stream
}

// TestAmbiguousDoesNotAllocate: neither Ambiguous nor Disambiguate allocates.
func TestAmbiguousDoesNotAllocate(t *testing.T) {
	if instrumented {
		t.Skip("the build allocates")
	}
	for _, name := range ambiguousStreams {
		stream, r, d, c := readStream(t, name), new(bytes.Reader), chatstream.NewDecoder(nil), new(chunk)
		found, chunks := 0, 0
		decode := func() {
			r.Reset(stream)
			d.Reset(r)
			for d.Decode(c) == nil {
				if chunks++; c.Ambiguous() {
					found++
				}
				c.Disambiguate()
			}
		}
		assert.Zero(t, testing.AllocsPerRun(5, decode), name)
		assert.Zero(t, found, name)
		assert.Positive(t, chunks, name)
	}
	c := unmarshalAny(t, `{"choices":[{"delta":{"CONTENT":"a","content":"b","content":"c","x":1}}],"Model":1}`)
	assert.Zero(t, testing.AllocsPerRun(100, func() {
		if c.Ambiguous() {
			c.Disambiguate()
		}
	}))
}

// BenchmarkAmbiguous measures one call. Without a call there is no cost: the result is computed from
// the chunk.
//
//	go test -run '^$' -bench '^BenchmarkAmbiguous$' -count 5 .
func BenchmarkAmbiguous(b *testing.B) {
	for _, bench := range []struct{ name, payload string }{
		{"ordinary", `{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1770000000,"model":"m","choices":[{"index":0,"delta":{"content":"a"},"finish_reason":null}]}`},
		{"6 members without a field", `{"id":"a","p":"abc","x_groq":{},"choices":[{"index":0,"delta":{"content":"a","channel":"final"},"native_finish_reason":null,"seed":1,"content_filter_results":{}}]}`},
		{"20 tool calls", `{"choices":[{"index":0,"delta":{"tool_calls":[` + strings.Repeat(`{"index":0,"function":{"arguments":"a"}},`, 19) + `{}]}}]}`},
	} {
		b.Run(bench.name, func(b *testing.B) {
			c := unmarshalAny(b, bench.payload)
			b.ReportAllocs()
			for b.Loop() {
				if c.Ambiguous() {
					b.Fatal("it is not ambiguous")
				}
			}
		})
	}
}
