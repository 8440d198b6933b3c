package chatstream

import (
	"bytes"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// sharedShapes are what streams have in their events, with marks for what differs: ID, WORD
// and NUMBER.
var sharedShapes = map[string]string{
	"role":        `"choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]`,
	"content":     `"choices":[{"index":0,"delta":{"content":"WORD"},"logprobs":null,"finish_reason":null}]`,
	"reasoning":   `"choices":[{"index":0,"delta":{"reasoning_content":"WORD","content":null},"finish_reason":null}]`,
	"details":     `"choices":[{"index":0,"delta":{"reasoning":"WORD","details":[{"text":"WORD","n":NUMBER}]},"finish_reason":null}]`,
	"tool":        `"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"ID","type":"function","function":{"name":"WORD","arguments":""}}]},"finish_reason":null}]`,
	"arguments":   `"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"WORD"}}]},"finish_reason":null}]`,
	"finish":      `"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]`,
	"usage":       `"choices":[],"usage":{"prompt_tokens":NUMBER,"completion_tokens":NUMBER,"total_tokens":NUMBER}`,
	"usage too":   `"choices":[{"index":0,"delta":{"content":"WORD"}}],"usage":{"prompt_tokens":NUMBER,"total_tokens":NUMBER}`,
	"obfuscation": `"choices":[{"index":0,"delta":{"content":"WORD"}}],"obfuscation":"ID"`,
	"other index": `"choices":[{"index":NUMBER,"delta":{"content":"WORD"},"finish_reason":null}]`,
	"two choices": `"choices":[{"index":0,"delta":{"content":"WORD"}},{"index":1,"delta":{"content":"ID"}}]`,
	"logprobs": `"choices":[{"index":0,"delta":{"content":"WORD"},"logprobs":{"content":[{"token":"WORD","logprob":-0.NUMBER,"bytes":[NUMBER,1],` +
		`"top_logprobs":[{"token":"ID","logprob":-1.NUMBER,"bytes":[]},{"token":"WORD","logprob":-2.5,"bytes":null}]}],"refusal":null}}]`,
	"parts": `"choices":[{"index":0,"delta":{"content":[{"type":"text","text":"WORD"}]}}]`,
}

// sharedEvent is an event of a shape.
func sharedEvent(shape, id, word string, number int) string {
	return strings.NewReplacer("ID", id, "WORD", word, "NUMBER", fmt.Sprint(number)).Replace(
		`data: {"id":"ID","object":"chat.completion.chunk","created":170000NUMBER,"model":"m","x":"WORD",` + shape + "}\n\n")
}

var sharedWords = []string{"a", "", " the", "a longer word than that", `\n`, "é世界", `\"q\"`, "x"}

// TestTemplateHits: the second event of each shape is a hit, in whatever stream, however
// short or odd its words are, and it is what the parser makes of it.
func TestTemplateHits(t *testing.T) {
	for name, shape := range sharedShapes {
		bench := newWorkbench()
		first := NewDecoder(strings.NewReader(sharedEvent(shape, "one", "first", 17)))
		first.desk.only = bench
		require.NoError(t, first.Decode(new(CreateChatCompletionData)))
		for i, word := range sharedWords {
			event := sharedEvent(shape, fmt.Sprint("stream ", i), word, 100+i)
			other := NewDecoder(strings.NewReader(event))
			other.desk.only = bench
			var got, want CreateChatCompletionData
			require.NoError(t, other.Decode(&got))
			assert.EqualValues(t, 1, other.Stats().Matched, "%s: %s", name, word)
			require.NoError(t, Unmarshal([]byte(event[len("data: "):len(event)-2]), &want))
			require.True(t, want.Equal(got), "%s: %s", name, word)
			require.Equal(t, string(want.AppendJSON(nil)), string(got.AppendJSON(nil)))

			matched := 0
			tap := NewTap(func(c *CreateChatCompletionData, err error) {
				require.NoError(t, err)
				require.True(t, want.Equal(*c), "%s: %s", name, word)
				matched++
			})
			tap.decoder.desk.only = bench
			_, _ = tap.Write([]byte(event))
			assert.Equal(t, 1, matched)
			assert.EqualValues(t, 1, tap.Stats().Matched, "%s: %s", name, word)
		}
	}
}

// TestTemplatesShared: streams that take turns at one workbench give what each gives alone,
// without templates.
func TestTemplatesShared(t *testing.T) {
	var names []string
	for name := range sharedShapes {
		names = append(names, name)
	}
	const streams, events = 6, 40
	var texts [streams]strings.Builder
	for i := range streams {
		for k := range events {
			texts[i].WriteString(sharedEvent(sharedShapes[names[(i+k*(1+i%3))%len(names)]], fmt.Sprint("s", i), sharedWords[(i*5+k)%len(sharedWords)], i*7+k))
		}
	}
	bench := newWorkbench()
	var shared, alone [streams]*Decoder
	for i := range streams {
		shared[i], alone[i] = NewDecoder(eventReader([]byte(texts[i].String()))), NewDecoder(eventReader([]byte(texts[i].String())))
		shared[i].desk.only, alone[i].lessons.off = bench, true
	}
	var got, want CreateChatCompletionData
	matched := int64(0)
	for range events + 1 {
		for i := range streams {
			require.Equal(t, fmt.Sprint(alone[i].Decode(&want)), fmt.Sprint(shared[i].Decode(&got)))
			require.True(t, want.Equal(got))
			require.Equal(t, fmt.Sprint(alone[i].Event()), fmt.Sprint(shared[i].Event()))
			a, b := alone[i].Stats(), shared[i].Stats()
			a.Matched, b.Matched = 0, 0
			require.Equal(t, a, b)
		}
	}
	for i := range streams {
		matched += shared[i].Stats().Matched
	}
	assert.Greater(t, matched, int64(streams*events/2))
}

// TestTemplatesHoldNothing: what is kept of streams that are over has no id, no text that a
// model wrote and no raw value.
func TestTemplatesHoldNothing(t *testing.T) {
	bench := newWorkbench()
	for range 3 {
		for _, shape := range sharedShapes {
			for _, word := range []string{"canary", `can\u0061ry`, "canary é"} {
				d := NewDecoder(strings.NewReader(sharedEvent(shape, "canary", word, 4711)))
				d.desk.only = bench
				for _, err := range d.All() {
					_ = err
				}
				d.Reset(nil)
			}
		}
	}
	require.NotNil(t, bench.templates[0])
	found := 0
	eachBytes(reflect.ValueOf(bench).Elem(), map[any]bool{}, func(b []byte) {
		found++
		assert.NotContains(t, string(b), "canary")
		assert.NotContains(t, string(b), "4711")
	})
	assert.Greater(t, found, 20)
}

// eachBytes visits all bytes and strings that a value holds, to the end of their capacity.
func eachBytes(v reflect.Value, seen map[any]bool, visit func([]byte)) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() && !seen[v.Pointer()] {
			seen[v.Pointer()] = true
			eachBytes(v.Elem(), seen, visit)
		}
	case reflect.Interface:
		if !v.IsNil() {
			eachBytes(v.Elem(), seen, visit)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			eachBytes(v.Field(i), seen, visit)
		}
	case reflect.Array:
		for i := range v.Len() {
			eachBytes(v.Index(i), seen, visit)
		}
	case reflect.String:
		visit([]byte(v.String()))
	case reflect.Slice:
		whole := v.Slice3(0, v.Cap(), v.Cap())
		if v.Type().Elem().Kind() == reflect.Uint8 {
			visit(bytes.Clone(whole.Bytes()))
			return
		}
		for i := range whole.Len() {
			eachBytes(whole.Index(i), seen, visit)
		}
	}
}

// TestChunkSize: what a hit copies.
func TestChunkSize(t *testing.T) {
	assert.LessOrEqual(t, unsafe.Sizeof(CreateChatCompletionData{})+unsafe.Sizeof(Choice{}), uintptr(760))
}
