package chatstream_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-08fc7208/chatstream"
	"github.com/seed-08fc7208/chatstream/internal/testing/chunkgen"
	"github.com/seed-08fc7208/chatstream/internal/testing/heap"
)

// addStream adds a whole stream, errors in it aside.
func addStream(tb testing.TB, a *chatstream.Accumulator, d *chatstream.Decoder, c *chunk) {
	tb.Helper()
	for {
		err := d.Decode(c)
		require.NoError(tb, a.Add(c))
		if final(err) {
			return
		}
	}
}

// TestCompletionOfStreams: the text of every choice is the joined text of its deltas.
func TestCompletionOfStreams(t *testing.T) {
	for _, s := range testStreams(t) {
		if s.name == "odd-shapes" {
			continue // encoding/json takes its Content for content
		}
		t.Run(s.name, func(t *testing.T) {
			want := map[int64]string{}
			var usage json.RawMessage
			for _, g := range s.golden {
				var v struct {
					Choices []struct {
						Index int64
						Delta struct{ Content any }
					}
					Usage json.RawMessage
				}
				if json.Unmarshal(g.Chunk, &v) != nil {
					continue // of another shape
				}
				for _, c := range v.Choices {
					text, _ := c.Delta.Content.(string)
					want[c.Index] += text
				}
				if len(v.Usage) > 0 && string(v.Usage) != "null" {
					usage = v.Usage
				}
			}
			var a chatstream.Accumulator
			d := chatstream.NewDecoder(bytes.NewReader(s.data))
			defer d.Close()
			addStream(t, &a, d, new(chunk))
			got := a.Completion().AppendJSON(nil)
			var v struct {
				Choices []struct {
					Index   int64
					Message struct{ Content any }
				}
				Usage json.RawMessage
			}
			require.NoError(t, json.Unmarshal(got, &v), "%s", got)
			for _, c := range v.Choices {
				if text, ok := c.Message.Content.(string); ok {
					assert.Equal(t, want[c.Index], text)
				}
			}
			if usage != nil {
				assert.JSONEq(t, string(usage), string(v.Usage))
			}
		})
	}
}

// TestAccumulatorReset: an Accumulator that was used for other streams gives the same result as a
// new one.
func TestAccumulatorReset(t *testing.T) {
	streams := testStreams(t)
	d := chatstream.NewDecoder(strings.NewReader(""))
	defer d.Close()
	var used chatstream.Accumulator
	var c chunk
	for range 3 {
		rand.New(rand.NewPCG(1, 2)).Shuffle(len(streams), func(i, j int) { streams[i], streams[j] = streams[j], streams[i] })
		for _, s := range streams {
			var unused chatstream.Accumulator
			d.Reset(bytes.NewReader(s.data))
			addStream(t, &unused, d, &c)
			used.Reset()
			d.Reset(bytes.NewReader(s.data))
			addStream(t, &used, d, &c)
			require.Equal(t, string(unused.Completion().AppendJSON(nil)), string(used.Completion().AppendJSON(nil)), s.name)
		}
	}
	used.Reset()
	assert.JSONEq(t, `{"object":"chat.completion","choices":[]}`, string(used.Completion().AppendJSON(nil)))
}

// TestCompletionOnTheWay: Completion can be called at any time between calls of Add.
func TestCompletionOnTheWay(t *testing.T) {
	for _, s := range testStreams(t) {
		t.Run(s.name, func(t *testing.T) {
			d := chatstream.NewDecoder(bytes.NewReader(s.data))
			defer d.Close()
			var asked, left chatstream.Accumulator
			for c := range d.All() {
				require.NoError(t, asked.Add(c))
				require.NoError(t, left.Add(c))
				one := string(asked.Completion().AppendJSON(nil))
				require.Equal(t, one, string(asked.Completion().AppendJSON(nil)))
				require.True(t, json.Valid([]byte(one)), one)
			}
			require.Equal(t, string(left.Completion().AppendJSON(nil)), string(asked.Completion().AppendJSON(nil)))
		})
	}
}

// TestCompletionIsClipped: an append to one text does not write into another.
func TestCompletionIsClipped(t *testing.T) {
	a := accumulate(t, deltas(`{"content":"abc","reasoning":"x","tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{"}}]}`, `{"content":{"type":"x"}}`, `{"annotations":[1]}`)...)
	c := a.Completion()
	m := &c.Choices[0].Message
	for _, text := range [][]byte{m.Content.Value, m.Reasoning.Value, m.ContentParts, m.ToolCalls.Value[0].ID.Value, m.ToolCalls.Value[0].Function.Value.Arguments.Value} {
		_ = append(text, "#####"...)
	}
	_ = append(m.Extra, chatstream.Member{})
	require.NoError(t, a.Add(unmarshal(t, deltas(`{"content":"d","tool_calls":[{"index":0,"function":{"arguments":"}"}}]}`)[0])))
	assert.NotContains(t, string(a.Completion().AppendJSON(nil)), "#")
}

func TestAccumulatorDoesNotAllocate(t *testing.T) {
	if instrumented {
		t.Skip("instrumented builds allocate")
	}
	for _, s := range testStreams(t) {
		if !s.clean() || s.name == "odd-shapes" {
			continue // errors are allocated, and so is what gets along without a delta
		}
		t.Run(s.name, func(t *testing.T) {
			var chunks []*chunk
			d := chatstream.NewDecoder(bytes.NewReader(s.data))
			defer d.Close()
			for c := range d.All() {
				chunks = append(chunks, c.Clone())
			}
			var a chatstream.Accumulator
			var out []byte
			assert.Zero(t, testing.AllocsPerRun(5, func() {
				a.Reset()
				for _, c := range chunks {
					if err := a.Add(c); err != nil {
						t.Fatal(err)
					}
				}
				out = a.Completion().AppendJSON(out[:0])
			}))
			assert.NotEmpty(t, out)
		})
	}
}

// contentOf returns a chunk with this much content.
func contentOf(n int) *chunk {
	return &chunk{Choices: []chatstream.Choice{{Delta: chatstream.Delta{Content: someText(strings.Repeat("x", n))}}}}
}

func TestAccumulatorLimit(t *testing.T) {
	a := chatstream.Accumulator{Limit: 10_000}
	require.NoError(t, a.Add(contentOf(6_000)))
	require.ErrorIs(t, a.Add(contentOf(3_000)), chatstream.ErrAccumulatorFull)
	// Nothing is added behind the gap, but how the answer ended and what it cost.
	last := unmarshal(t, `{"choices":[{"index":0,"delta":{"content":"y","tool_calls":[{"id":"a"}]},"logprobs":{"content":[{}],"refusal":null},"finish_reason":"stop"}],"usage":{"total_tokens":7,"cost":1}}`)
	require.ErrorIs(t, a.Add(last), chatstream.ErrAccumulatorFull)
	c := a.Completion()
	assert.Equal(t, strings.Repeat("x", 6_000), c.Choices[0].Message.Content.Value.String())
	assert.Empty(t, c.Choices[0].Message.ToolCalls.Value)
	assert.Empty(t, c.Choices[0].Logprobs.Value.Content.Value)
	assert.Equal(t, chatstream.FinishReasonStop, c.Choices[0].FinishReason.Value)
	assert.EqualValues(t, 7, c.Usage.Value.TotalTokens.Value)
	assert.Equal(t, "1", c.Usage.Value.Cost.Value.String())

	a.Reset()
	require.NoError(t, a.Add(contentOf(7_000)), "Reset keeps the limit and makes room")
	require.ErrorIs(t, a.Add(contentOf(7_000)), chatstream.ErrAccumulatorFull)
}

func TestAccumulatorDefaultLimit(t *testing.T) {
	var a chatstream.Accumulator
	require.NoError(t, a.Add(contentOf(chatstream.DefaultAccumulatorLimit-1<<16)))
	require.ErrorIs(t, a.Add(contentOf(1<<16)), chatstream.ErrAccumulatorFull)
}

// TestAccumulatorCounts: the numbers of choices, calls and members are limited.
func TestAccumulatorCounts(t *testing.T) {
	for _, test := range []struct {
		name  string
		most  int
		piece func(i int) string
	}{
		{"choices", 128, func(i int) string { return fmt.Sprintf(`{"choices":[{"index":%d}]}`, 1_000_000-i) }},
		{"tool calls", 1024, func(i int) string {
			return deltas(fmt.Sprintf(`{"tool_calls":[{"index":%d,"function":{"name":"f"}}]}`, 1_000_000-i))[0]
		}},
		{"members", 256, func(i int) string { return fmt.Sprintf(`{"x%d":1}`, i) }},
	} {
		t.Run(test.name, func(t *testing.T) {
			var a chatstream.Accumulator
			for i := range test.most {
				require.NoError(t, a.Add(unmarshal(t, test.piece(i))), i)
			}
			require.NoError(t, a.Add(unmarshal(t, test.piece(test.most/2))))
			require.ErrorIs(t, a.Add(unmarshal(t, test.piece(test.most))), chatstream.ErrAccumulatorFull)
			c := a.Completion()
			assert.True(t, json.Valid(c.AppendJSON(nil)))
			switch test.name {
			case "choices":
				assert.Len(t, c.Choices, test.most)
				assert.EqualValues(t, 1_000_000-test.most+1, c.Choices[0].Index.Value)
			case "tool calls":
				assert.Len(t, c.Choices[0].Message.ToolCalls.Value, test.most)
			}
		})
	}
}

// TestAccumulatorIndex: a large index allocates no more than a small one.
func TestAccumulatorIndex(t *testing.T) {
	var c chunk
	require.NoError(t, chatstream.Unmarshal([]byte(`{"choices":[{"index":1000000000,"delta":{"tool_calls":[{"index":1000000000,"id":"a"},{"index":-1,"id":"b"},{"index":-9223372036854775808},{"index":9223372036854775807}]}}]}`), &c))
	assert.Less(t, allocated(func() {
		var a chatstream.Accumulator
		require.NoError(t, a.Add(&c))
		a.Completion()
	}), uint64(32<<10))
}

// TestAccumulatorIsBounded: memory stays in proportion to the limit for any input.
func TestAccumulatorIsBounded(t *testing.T) {
	if instrumented {
		t.Skip("instrumented builds take more")
	}
	const limit = 256 << 10
	many := func(n int, element string) string { return strings.Repeat(element+",", n-1) + element }
	long := strings.Repeat("x", 3_000)
	for _, test := range []struct {
		name  string
		piece func(i int) string
	}{
		{"content", func(int) string { return deltas(`{"content":"` + long + `"}`)[0] }},
		{"tokens", func(int) string {
			return `{"choices":[{"logprobs":{"content":[` + many(1000, `{}`) + `],"refusal":[` + many(100, `{"top_logprobs":[{},{}],"bytes":[1]}`) + `]}}]}`
		}},
		{"calls", func(i int) string {
			return fmt.Sprintf(`{"choices":[{"index":%d,"delta":{"tool_calls":[%s]}}]}`, i, many(1000, `{"id":"`+long[:5]+`"},{"id":"y"}`))
		}},
		{"parts", func(int) string { return deltas(`{"content":[` + many(1000, `1`) + `]}`)[0] }},
		{"text parts", func(i int) string { return deltas(`{"content":[1]}`, `{"content":"\u0001"}`)[i%2] }},
		{"members", func(i int) string {
			return fmt.Sprintf(`{"choices":[{"x%d":%q,"delta":{"y%d":[%q]}}]}`, i%300, long, i%300, long)
		}},
		{"members that grow", func(i int) string { return fmt.Sprintf(`{"x%d":"%s"}`, i%100, long[:min(100*i, len(long))]) }},
		{"usage", func(i int) string {
			return fmt.Sprintf(`{"usage":{"x%d":"%s","y":[%s]}}`, i, long, many(1+i%1000, "1"))
		}},
		{"enumerations", func(i int) string {
			return fmt.Sprintf(`{"choices":[{"index":%d,"finish_reason":"%s%d"}]}`, i, long, i)
		}},
		{"ids", func(i int) string {
			return fmt.Sprintf(`{"choices":[{"index":%d,"delta":{"tool_calls":[{"id":"%s"}]}}]}`, i, long)
		}},
		{"errors", func(i int) string { return fmt.Sprintf(`{"error":"%s%d"}`, long, i) }},
	} {
		t.Run(test.name, func(t *testing.T) {
			a := chatstream.Accumulator{Limit: limit}
			total := uint64(0)
			var c chunk
			for i := range 500 {
				if chatstream.Unmarshal([]byte(test.piece(i)), &c) != nil {
					require.True(t, c.Error.IsSet())
				}
				total += allocated(func() { _ = a.Add(&c) })
			}
			total += allocated(func() { a.Completion() })
			// What buffers left behind as they grew counts here.
			assert.Less(t, total, uint64(8*limit))
			assert.True(t, json.Valid(a.Completion().AppendJSON(nil)))
		})
	}
}

// TestAccumulatorKeepsLittle: Reset releases large memory, also if it belonged to a different
// choice each time.
func TestAccumulatorKeepsLittle(t *testing.T) {
	large := contentOf(500_000)
	before := heap.Live()
	var a chatstream.Accumulator
	for i := range 100 {
		a.Reset()
		for j := range i {
			require.NoError(t, a.Add(&chunk{Choices: []chatstream.Choice{{Index: chatstream.Some(int64(j))}}}))
		}
		large.Choices[0].Index = chatstream.Some(int64(i))
		require.NoError(t, a.Add(large))
	}
	a.Reset()
	assert.Less(t, heap.Live(), before+3<<20)
	runtime.KeepAlive(&a)
}

// TestAccumulatorOfMadeUpChunks: chunks that a caller built do no harm.
func TestAccumulatorOfMadeUpChunks(t *testing.T) {
	for _, value := range []string{"", "[", "]", "[1", "{", `"`, `"x`, "nul", "[,]", `[{"text":"a}]`, `[{"thinking":[}]`} {
		raw := chatstream.RawValue(value)
		extra := []chatstream.Member{{Name: chatstream.Text("content"), Value: raw}, {Name: chatstream.Text("annotations"), Value: raw}, {Name: chatstream.Text("tool_calls"), Value: raw}}
		c := &chunk{Extra: extra, Error: chatstream.Some(raw), Choices: []chatstream.Choice{{
			Extra: []chatstream.Member{{Name: chatstream.Text("message"), Value: raw}},
			Delta: chatstream.Delta{Extra: extra},
		}, {Extra: []chatstream.Member{{Name: chatstream.Text("message"), Value: raw}}}}}
		var a chatstream.Accumulator
		for range 3 {
			require.NoError(t, a.Add(c))
			require.NoError(t, a.Add(contentOf(1)))
			a.Completion().AppendJSON(nil)
		}
	}
	full := everyField()
	var a chatstream.Accumulator
	require.NoError(t, a.Add(&full))
	require.NoError(t, a.Add(&full))
	assert.True(t, json.Valid(a.Completion().AppendJSON(nil)))
}

func BenchmarkAccumulator(b *testing.B) {
	for _, s := range testStreams(b) {
		if s.name != "openai-text" && s.name != "openai-tools-parallel" && s.name != "mistral-parts" {
			continue
		}
		b.Run(s.name, func(b *testing.B) {
			var chunks []*chunk
			d := chatstream.NewDecoder(bytes.NewReader(s.data))
			defer d.Close()
			var c chunk
			for d.Decode(&c) != io.EOF {
				chunks = append(chunks, c.Clone())
			}
			var a chatstream.Accumulator
			b.ReportAllocs()
			for b.Loop() {
				a.Reset()
				for _, c := range chunks {
					if err := a.Add(c); err != nil {
						b.Fatal(err)
					}
				}
				a.Completion()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(chunks)), "ns/chunk")
		})
	}
}

// TestAccumulatorOfRandomChunks: for any chunks the completion is valid JSON, and a used
// Accumulator gives the same result as a new one.
func TestAccumulatorOfRandomChunks(t *testing.T) {
	var used chatstream.Accumulator
	for seed := range uint64(300) {
		g := chunkgen.NewGen(seed, true)
		var unused chatstream.Accumulator
		used.Reset()
		var c chunk
		for range 10 {
			err := chatstream.Unmarshal([]byte(g.Payload()), &c)
			var syntax *chatstream.SyntaxError
			require.False(t, errors.As(err, &syntax), err)
			require.NoError(t, used.Add(&c))
			require.NoError(t, unused.Add(&c))
			used.Completion()
		}
		got := used.Completion().AppendJSON(nil)
		require.True(t, json.Valid(got), "seed %d: %s", seed, got)
		require.Equal(t, string(unused.Completion().AppendJSON(nil)), string(got), "seed %d", seed)
	}
}
