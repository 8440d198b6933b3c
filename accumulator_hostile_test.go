package chatstream_test

import (
	"encoding/json"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-08fc7208/chatstream"
	"github.com/seed-08fc7208/chatstream/internal/testing/heap"
)

// hostileAnswers are chunks made to take much memory for their bytes.
func hostileAnswers() map[string]func(i int) string {
	many := func(n int, element string) string { return strings.Repeat(element+",", n-1) + element }
	calls := `{"choices":[` + many(81, `{"delta":{"tool_calls":[`+many(160, `{}`)+`]}}`) + `,1]}`
	long := strings.Repeat("x", 30_000)
	return map[string]func(i int) string{
		"a chunk in a content part": func(int) string { return deltas(`{"content":[` + calls + `]}`)[0] },
		"a chunk as content":        func(int) string { return deltas(`{"content":` + calls + `}`)[0] },
		"a chunk in a typed part":   func(int) string { return deltas(`{"content":{"type":"text","text":"a","x":` + calls + `}}`)[0] },
		"a chunk as a message":      func(int) string { return `{"choices":[{"message":` + calls + `}]}` },
		"calls in a message": func(i int) string {
			return fmt.Sprintf(`{"choices":[{"index":%d,"message":{"tool_calls":[%s]}}]}`, i%100, many(1000, `{"function":{"name":"f"}}`))
		},
		"calls": func(i int) string {
			return fmt.Sprintf(`{"choices":[{"index":%d,"delta":{"tool_calls":[%s]}}]}`, i%100, many(1000, `{"function":{"name":"f","arguments":"{}"}}`))
		},
		"arguments that repeat": func(i int) string {
			return deltas(`{"tool_calls":[{"index":0,"function":{"arguments":"[` + strings.Repeat("1,", i*100) + `"}}]}`)[0]
		},
		"short arguments that repeat": func(int) string {
			return `{"choices":[{"delta":{"tool_calls":[` + many(4000, `{"index":0,"function":{"arguments":"1"}}`) + `]}}]}`
		},
		"a string that repeats": func(i int) string {
			if i%50 == 49 {
				return deltas(`{"x":"y"}`)[0]
			}
			return deltas(`{"x":"` + long + `"}`)[0]
		},
		"tokens": func(int) string { return `{"choices":[{"logprobs":{"content":[` + many(4000, `{}`) + `]}}]}` },
		"objects in the usage": func(i int) string {
			return fmt.Sprintf(`{"usage":{"x":{"a%d":"%s","b":{"c%d":[%s]}}}}`, i%60, long[:5000], i, many(100, "{}"))
		},
		"a finish reason": func(i int) string { return fmt.Sprintf(`{"choices":[{"finish_reason":"%s%d"}]}`, long, i) },
		"roles and types": func(i int) string {
			return fmt.Sprintf(`{"choices":[{"index":%d,"delta":{"role":"%s","tool_calls":[{"type":"%[2]s"}]}}]}`, i, long)
		},
		"members": func(i int) string { return fmt.Sprintf(`{"x%d":{"a":[%s]}}`, i, many(5000, "[]")) },
	}
}

// TestAccumulatorHoldsWhatItCounts: for chunks of any shape, the memory stays within a few times
// the limit, and Reset releases all but 64 KiB.
func TestAccumulatorHoldsWhatItCounts(t *testing.T) {
	if instrumented {
		t.Skip("instrumented builds take more")
	}
	const limit = 256 << 10
	for name, payload := range hostileAnswers() {
		t.Run(name, func(t *testing.T) {
			before := heap.Live()
			a := chatstream.Accumulator{Limit: limit}
			for i := range 64 {
				addHostile(t, &a, payload(i))
			}
			a.Completion()
			// Buffers have up to as much in reserve.
			assert.Less(t, heap.Live(), before+3*limit, "held")
			assert.True(t, json.Valid(a.Completion().AppendJSON(nil)))
			a.Reset()
			assert.Less(t, heap.Live(), before+100<<10, "after Reset")
			require.NoError(t, a.Add(contentOf(10)))
			assert.Equal(t, "xxxxxxxxxx", a.Completion().Choices[0].Message.Content.Value.String())
			runtime.KeepAlive(&a)
		})
	}
}

// addHostile adds a chunk of which nothing else is left.
func addHostile(t *testing.T, a *chatstream.Accumulator, payload string) {
	t.Helper()
	var c chunk
	require.NoError(t, chatstream.Unmarshal([]byte(payload), &c))
	_ = a.Add(&c)
}

// TestAccumulatorGivesBack: Reset keeps the memory of an ordinary answer, and releases that of a
// large answer.
func TestAccumulatorGivesBack(t *testing.T) {
	for _, size := range []int{1 << 10, 20 << 10, 200 << 10, 4 << 20} {
		before := heap.Live()
		a := new(chatstream.Accumulator)
		for range 8 {
			require.NoError(t, a.Add(contentOf(size/8)))
		}
		a.Completion()
		a.Reset()
		assert.Less(t, heap.Live(), before+100<<10, "size %d", size)
		runtime.KeepAlive(a)
	}
}

// TestAccumulatorGivesScratchBack: temporary memory for a large piece is released.
func TestAccumulatorGivesScratchBack(t *testing.T) {
	if instrumented {
		t.Skip("instrumented builds take more")
	}
	large := unmarshal(t, deltas(`{"content":["` + strings.Repeat(`\u0061`, 1<<20) + `"]}`)[0])
	before := heap.Live()
	var a chatstream.Accumulator
	require.NoError(t, a.Add(large))
	assert.Less(t, heap.Live(), before+(1<<20)+200<<10, "the text alone")
	runtime.KeepAlive(&a)
	runtime.KeepAlive(large)
}

// TestCumulativeArgumentsAreLinear: pieces that repeat all earlier pieces take about as much
// memory as the last piece.
func TestCumulativeArgumentsAreLinear(t *testing.T) {
	const pieces, limit = 2000, 128 << 10
	a := chatstream.Accumulator{Limit: limit} // all pieces together have 10 MB
	text := `{"x":"`
	for i := range pieces {
		text += "01234"
		if i == pieces-1 {
			text += `"}`
		}
		require.NoError(t, a.Add(argumentsPiece(t, text)), i)
		if i == pieces/2 {
			shown := argumentsOf(&a)
			assert.True(t, strings.HasPrefix(shown, `{"x":"01234{"x":"0123401234`), "until then the join is shown, as much as there is room for")
			assert.Greater(t, len(shown), limit/2)
			assert.LessOrEqual(t, len(shown), limit)
		}
	}
	assert.Equal(t, text, argumentsOf(&a))

	// Where the next piece ends it the join is what counts, and is too large.
	require.ErrorIs(t, a.Add(argumentsPiece(t, "x")), chatstream.ErrAccumulatorFull)
	assert.Equal(t, text, argumentsOf(&a), "what does not fit is left out")
}

// TestCumulativeArgumentsCount: such pieces count towards Limit like the last piece.
func TestCumulativeArgumentsCount(t *testing.T) {
	const limit = 64 << 10
	a := chatstream.Accumulator{Limit: limit}
	text := "["
	for a.Add(argumentsPiece(t, text)) == nil {
		text += strings.Repeat("1,", 500)
		require.Less(t, len(text), limit)
	}
	assert.Greater(t, len(text), limit/2)
}

// argumentsPiece returns a chunk with a piece of a call's arguments.
func argumentsPiece(t *testing.T, arguments string) *chunk {
	t.Helper()
	quoted, err := json.Marshal(arguments)
	require.NoError(t, err)
	return unmarshal(t, deltas(`{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":` + string(quoted) + `}}]}`)[0])
}

// argumentsOf returns the arguments of the first call.
func argumentsOf(a *chatstream.Accumulator) string {
	return a.Completion().Choices[0].Message.ToolCalls.Value[0].Function.Value.Arguments.Value.String()
}
