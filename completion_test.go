package chatstream_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-08fc7208/chatstream"
)

// wholeAnswer is a chunk that sets each member of a completion.
const wholeAnswer = `{"id":"i","object":"chat.completion.chunk","created":5,"model":"m","provider":"p","service_tier":"s","system_fingerprint":"f","error":{"message":"e"},"x":[1],
	"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3,"prompt_tokens_details":{"cached_tokens":4,"audio_tokens":5,"cache_write_tokens":13,"text_tokens":14,"image_tokens":15,"video_tokens":16,"x":6},"completion_tokens_details":{"reasoning_tokens":7,"accepted_prediction_tokens":8,"rejected_prediction_tokens":9,"audio_tokens":10,"text_tokens":17,"image_tokens":18,"video_tokens":19,"x":11},"cache_creation_input_tokens":20,"cache_read_input_tokens":21,"cost":{"a":12},"y":22},
	"choices":[{"index":3,"finish_reason":"tool_calls","x":"choice",
		"logprobs":{"content":[{"token":"a","logprob":-1,"bytes":[97],"top_logprobs":[{"token":"b","logprob":-2,"bytes":[98],"x":13}],"x":14}],"refusal":[{"token":"c"}],"x":[15]},
		"delta":{"role":"assistant","content":["a",{"type":"thinking","thinking":"b"}],"refusal":"c","reasoning":"d","reasoning_content":"e","reasoning_signature":"f","redacted_reasoning":"g",
			"tool_calls":[{"index":0,"id":"t","type":"function","function":{"name":"h","arguments":"{}","x":16},"x":17}],
			"function_call":{"name":"i","arguments":"[]","x":18},
			"audio":{"id":"j","transcript":"k","data":"l","expires_at":19,"x":20},
			"reasoning_text":"m"}}]}`

// TestCompletionHasEveryMember: no member of a chunk is lost.
func TestCompletionHasEveryMember(t *testing.T) {
	c := accumulate(t, wholeAnswer).Completion()
	requireSet(t, reflect.ValueOf(*c), "completion")
	for _, choice := range c.Choices {
		requireSet(t, reflect.ValueOf(choice), "choice")
	}
}

// requireSet checks that no field of v is empty, those of fields and elements included.
func requireSet(t *testing.T, v reflect.Value, path string) {
	t.Helper()
	switch v.Kind() {
	case reflect.Pointer:
		require.False(t, v.IsNil(), path)
		requireSet(t, v.Elem(), path)
	case reflect.Struct:
		for i := range v.NumField() {
			f := v.Type().Field(i)
			if f.IsExported() && !(f.Name == "Index" && strings.Contains(path, "ToolCalls")) {
				requireSet(t, v.Field(i), path+"."+f.Name)
			}
		}
	case reflect.Slice:
		// What only the first of a list has is enough.
		if assert.NotZero(t, v.Len(), path) && !strings.HasSuffix(path, ".Refusal.Value") {
			requireSet(t, v.Index(0), path)
		}
	default:
		assert.False(t, v.IsZero(), path)
	}
}

// TestUsageMergesEveryMember: an empty usage does not erase any member of an earlier one.
func TestUsageMergesEveryMember(t *testing.T) {
	a := accumulate(t, wholeAnswer, `{"usage":{}}`, `{"usage":{"prompt_tokens_details":{},"completion_tokens_details":{},"cost":{}}}`,
		`{"usage":{"prompt_tokens":null,"completion_tokens":null,"total_tokens":null,"prompt_tokens_details":null,"completion_tokens_details":null}}`)
	requireSet(t, reflect.ValueOf(a.Completion().Usage.Value), "usage")
}

// TestCompletionClone: a clone is equal, and independent of the Accumulator and of the memory of the
// original.
func TestCompletionClone(t *testing.T) {
	a := accumulate(t, wholeAnswer)
	c := a.Completion()
	want := string(c.AppendJSON(nil))
	clone := c.Clone()
	assert.Equal(t, want, string(clone.AppendJSON(nil)))
	shared := map[uintptr]string{}
	eachSliceOf(reflect.ValueOf(c).Elem(), "", func(at uintptr, path string) { shared[at] = path })
	require.Greater(t, len(shared), 40)
	eachSliceOf(reflect.ValueOf(clone).Elem(), "", func(at uintptr, path string) {
		assert.NotContains(t, shared, at, "%s shares memory", path)
	})
	a.Reset()
	other := strings.NewReplacer(`"a"`, `"z"`, `"h"`, `"y"`, `"k"`, `"x"`, `,"error"`, `,"y"`).Replace(wholeAnswer)
	require.NoError(t, a.Add(unmarshal(t, other)))
	a.Completion()
	assert.Equal(t, want, string(clone.AppendJSON(nil)))

	var none chatstream.Completion
	assert.Equal(t, &none, none.Clone())
	assert.Equal(t, "{}", string(none.AppendJSON(nil)), "nothing that is absent is written")
}

// eachSliceOf calls fn with the address of each slice in v that is not empty.
func eachSliceOf(v reflect.Value, path string, fn func(at uintptr, path string)) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			eachSliceOf(v.Elem(), path, fn)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			eachSliceOf(v.Field(i), path+"."+v.Type().Field(i).Name, fn)
		}
	case reflect.Slice:
		if v.Len() > 0 {
			fn(v.Pointer(), path)
		}
		for i := range v.Len() {
			if k := v.Type().Elem().Kind(); k == reflect.Struct {
				eachSliceOf(v.Index(i), path, fn)
			}
		}
	}
}

// TestCompletionMarshalsAsValue: a completion, a choice and a message are the same JSON as
// values and behind pointers.
func TestCompletionMarshalsAsValue(t *testing.T) {
	c := accumulate(t, wholeAnswer).Completion()
	choice := c.Choices[0]
	for _, v := range [][2]any{{*c, c}, {choice, &choice}, {choice.Message, &choice.Message}} {
		value, err := json.Marshal(v[0])
		require.NoError(t, err)
		pointer, err := json.Marshal(v[1])
		require.NoError(t, err)
		assert.Equal(t, string(pointer), string(value))
		assert.Contains(t, string(c.AppendJSON(nil)), string(value))
	}
}

// TestCompletionWritesWhatItSays: AppendJSON writes the state that a caller sets: absent, null or set.
func TestCompletionWritesWhatItSays(t *testing.T) {
	for _, test := range []struct {
		want string
		c    chatstream.Completion
	}{
		{`{}`, chatstream.Completion{}},
		{`{"object":"x","choices":[]}`, chatstream.Completion{Object: "x", Choices: []chatstream.CompletionChoice{}}},
		{`{"choices":[{"message":{}}]}`, chatstream.Completion{Choices: []chatstream.CompletionChoice{{}}}},
		{`{"choices":[{"index":null,"message":{"role":null,"tool_calls":null},"finish_reason":null}]}`, chatstream.Completion{Choices: []chatstream.CompletionChoice{{
			Index: chatstream.Null[int64](), FinishReason: chatstream.Null[chatstream.FinishReason](),
			Message: chatstream.Message{Role: chatstream.Null[chatstream.Role](), ToolCalls: chatstream.Null[[]chatstream.ToolCall]()},
		}}}},
		{`{"choices":[{"index":1,"message":{"role":"tool","tool_calls":[]}}]}`, chatstream.Completion{Choices: []chatstream.CompletionChoice{{
			Index:   chatstream.Some[int64](1),
			Message: chatstream.Message{Role: chatstream.Some(chatstream.Role("tool")), ToolCalls: chatstream.Some([]chatstream.ToolCall{})},
		}}}},
	} {
		assert.Equal(t, test.want, string(test.c.AppendJSON(nil)))
	}
}

// TestAccumulatorIsWarm: none of these rules allocates.
func TestAccumulatorIsWarm(t *testing.T) {
	if instrumented {
		t.Skip("instrumented builds allocate")
	}
	streams := map[string][]string{
		"numbers":     deltas(`{"content":"a"}`, `{"content":0.5}`, `{"reasoning":1}`, `{"content":true}`),
		"parts":       deltas(`{"content":"a"}`, `{"content":{"type":"text","text":"b\n"}}`, `{"content":["c"]}`, `{"content":"d"}`),
		"usage":       {`{"choices":[],"usage":{"prompt_tokens":1,"cost":{"a":1,"b":{"c":1}},"prompt_tokens_details":{"x":1}}}`, `{"choices":[],"usage":{"cost":{"a":2,"b":{"d":1}},"prompt_tokens_details":{"x":2}}}`},
		"strings":     deltas(`{"reasoning_text":"a","channel":"x"}`, `{"reasoning_text":"a","channel":"y"}`, `{"reasoning_text":"b","channel":"z"}`, `{"reasoning_text":1}`),
		"calls":       deltas(callPieces(t, `0/a/f/{} 0/a/f/{"x" 0/-/-/:1} 1/a/f/{"x":1} 2/-// 3/b/g/ 3/c//{}`)...),
		"cumulative":  deltas(callPieces(t, `0/a/f/{"q 0/a/f/{"query":"par 0/a/f/{"query":"paris"}`)...),
		"not whole":   deltas(callPieces(t, `0/a/f/{"q 0/a/f/{"query":"par`)...),
		"mixed":       deltas(callPieces(t, `0/a/f/[ 0/a/f/[1 0/-/-/,2]`)...),
		"function":    deltas(`{"function_call":{"name":"f","arguments":"{}"}}`, `{"function_call":{"arguments":"{\"a\":1}"}}`),
		"whole again": {`{"choices":[{"delta":{"content":"Hi"},"message":{"content":"Hi"}}]}`, `{"choices":[{"delta":{},"message":{"role":"assistant","content":"Hi","tool_calls":[]}}]}`},
	}
	for name, payloads := range streams {
		t.Run(name, func(t *testing.T) {
			var chunks []*chunk
			for _, p := range payloads {
				chunks = append(chunks, unmarshal(t, p))
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
				c := a.Completion()
				for i := range c.Choices {
					c.Choices[i].Truncated()
				}
				out = c.AppendJSON(out[:0])
			}))
			assert.NotEmpty(t, out)
		})
	}
}
