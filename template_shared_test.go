package chatstream

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
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
	"with escapes": `"provider":"openai\/gpt","system_fingerprint":"\u0066p","choices":[{"index":0,"delta":{"content":"WORD","fp":"ID"}}]`,
	"parts":        `"choices":[{"index":0,"delta":{"content":[{"type":"text","text":"WORD"}]}}]`,
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
		shelf := shelfOf(true)
		first := NewDecoder(strings.NewReader(sharedEvent(shape, "one", "first", 17)))
		first.lessons.only = shelf
		require.NoError(t, first.Decode(new(CreateChatCompletionData)))
		for i, word := range sharedWords {
			event := sharedEvent(shape, fmt.Sprint("stream ", i), word, 100+i)
			other := NewDecoder(strings.NewReader(event))
			other.lessons.only = shelf
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
			tap.cursor.lessons.only = shelf
			_, _ = tap.Write([]byte(event))
			assert.Equal(t, 1, matched)
			assert.EqualValues(t, 1, tap.Stats().Matched, "%s: %s", name, word)
		}
	}
}

// TestTemplatesShared: streams that share templates and take turns give what each gives alone,
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
	shelf := shelfOf(false)
	var shared, alone [streams]*Decoder
	for i := range streams {
		shared[i], alone[i] = NewDecoder(eventReader([]byte(texts[i].String()))), NewDecoder(eventReader([]byte(texts[i].String())))
		shared[i].lessons.only, alone[i].lessons.off = shelf, true
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
	shelf := shelfOf(true)
	for range 3 {
		for _, shape := range sharedShapes {
			for _, word := range []string{"canary", `can\u0061ry`, "canary é"} {
				d := NewDecoder(strings.NewReader(sharedEvent(shape, "canary", word, 4711)))
				d.lessons.only = shelf
				for _, err := range d.All() {
					_ = err
				}
				d.Reset(nil)
			}
		}
	}
	require.NotEmpty(t, shelf.library.recent)
	found := 0
	eachBytes(reflect.ValueOf(shelf).Elem(), map[any]bool{}, func(b []byte) {
		found++
		assert.NotContains(t, string(b), "canary")
		assert.NotContains(t, string(b), "4711")
	})
	assert.Greater(t, found, 20)
}

// TestTemplatesHostile: one stream among many, each of whose events is of a shape of its own
// and comes twice, takes no template from the others.
func TestTemplatesHostile(t *testing.T) {
	kinds := []string{"role", "content", "reasoning", "arguments", "obfuscation", "usage"}
	shelf := shelfOf(false)
	const streams, turns = 200, 40
	var taps [streams]*Tap
	for i := range taps {
		taps[i] = NewTap(func(_ *CreateChatCompletionData, err error) { require.NoError(t, err) })
		taps[i].cursor.lessons.only = shelf
	}
	hostile := NewTap(func(*CreateChatCompletionData, error) {})
	hostile.cursor.lessons.only = shelf
	for turn := range turns {
		for i, tap := range taps {
			event := sharedEvent(sharedShapes[kinds[(turn+i)%len(kinds)]], fmt.Sprint("s", i), sharedWords[(turn+i)%len(sharedWords)], turn)
			_, _ = tap.Write([]byte(event))
		}
		for range 2 {
			_, _ = hostile.Write([]byte(sharedEvent(fmt.Sprintf(`"x%d":NUMBER,"choices":[]`, turn), "h", "w", turn)))
		}
	}
	matched := int64(0)
	for _, tap := range taps {
		matched += tap.Stats().Matched
	}
	assert.GreaterOrEqual(t, matched, int64(streams*turns*95/100))
}

// FuzzTemplates decodes streams that take turns at one shelf, and each alone without
// templates. Each kind of event comes three times in each stream, and once more with a byte
// that is another. Some have the shortest events between them.
func FuzzTemplates(f *testing.F) {
	names := slices.Sorted(maps.Keys(sharedShapes))
	f.Add([]byte{0, 1, 2, 3}, "word", byte(40), byte('x'))
	f.Add([]byte{4, 5, 6, 7, 8}, "\n\"é世\\", byte(90), byte('"'))
	f.Add([]byte{9, 10, 11, 12, 13, 1, 1}, "", byte(6), byte('{'))
	f.Add([]byte{14, 14, 2, 14, 14}, "openai/gpt", byte(50), byte('\\'))
	f.Add([]byte{3, 13}, strings.Repeat("long ", 30), byte(200), byte('\n'))
	f.Fuzz(func(t *testing.T, kinds []byte, word string, at, other byte) {
		const streams = 3
		quoted, err := json.Marshal(word)
		require.NoError(t, err)
		words := []string{string(quoted[1 : len(quoted)-1]), "a", "the next word"}
		var texts [streams][]string
		for i := range streams {
			for k, kind := range kinds[:min(len(kinds), 16)] {
				shape := sharedShapes[names[int(kind)%len(names)]]
				for n := range 3 {
					texts[i] = append(texts[i], sharedEvent(shape, fmt.Sprint("s", i), words[(n+i)%3], 10*k+n))
				}
				odd := []byte(sharedEvent(shape, "odd", words[i%3], k))
				odd[int(at)%len(odd)] = other
				texts[i] = append(texts[i], string(odd))
				if k == 3 {
					texts[i] = append(texts[i], "data: {}\n\n", "data:{}\n\n")
				}
			}
		}
		shelf := shelfOf(at%2 == 0)
		var shared, alone [streams]*Decoder
		var taps [streams]*Tap
		var pushed [streams][]string
		for i := range streams {
			stream := strings.Join(texts[i], "")
			shared[i], alone[i] = NewDecoder(eventReader([]byte(stream))), NewDecoder(strings.NewReader(stream))
			shared[i].lessons.only, alone[i].lessons.off = shelf, true
			taps[i] = NewTap(func(c *CreateChatCompletionData, err error) {
				pushed[i] = append(pushed[i], result(c, err, taps[i].Event()))
			})
			taps[i].cursor.lessons.only = shelf
		}
		for _, i := range []int{0, 2, 1} {
			for _, text := range texts[i] {
				cut := int(at) % (len(text) + 1)
				_, _ = taps[i].Write([]byte(text[:cut]))
				_, _ = taps[i].Write([]byte(text[cut:]))
			}
		}
		var got, want CreateChatCompletionData
		matched, events := int64(0), int64(0)
		for turn, ended := 0, 0; ended < streams; turn++ {
			ended = 0
			for i := range streams {
				gotErr, wantErr := shared[i].Decode(&got), alone[i].Decode(&want)
				require.Equal(t, result(&want, wantErr, alone[i].Event()), result(&got, gotErr, shared[i].Event()))
				require.True(t, want.Equal(got))
				a, b := alone[i].Stats(), shared[i].Stats()
				a.Matched, b.Matched = 0, 0
				require.Equal(t, a, b)
				if alone[i].isOver() {
					ended++
				} else if turn < len(pushed[i]) {
					require.Equal(t, result(&want, wantErr, alone[i].Event()), pushed[i][turn])
				}
			}
		}
		for i := range streams {
			require.NoError(t, taps[i].Close())
			require.Equal(t, withoutMatched(alone[i].Stats()), withoutMatched(taps[i].Stats()))
			matched, events = matched+shared[i].Stats().Matched, events+shared[i].Stats().Events
		}
		require.GreaterOrEqual(t, 2*matched, events, "templates are not used")
	})
}

func withoutMatched(s Stats) Stats { s.Matched = 0; return s }

// result is what a call of Decode gave.
func result(c *CreateChatCompletionData, err error, event Event) string {
	return fmt.Sprintf("%s %v %q %q", c.AppendJSON(nil), err, event.Raw, event.Data)
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

// TestTemplateKeepsExtras: a match that gives up the memory of a large event, or reads a large
// one itself, leaves the members of its own chunk alone.
func TestTemplateKeepsExtras(t *testing.T) {
	event := func(word string) string {
		return `data: {"id":"a","choices":[{"index":0,"delta":{"content":"` + word + `","y":[1]},"z":{"b":2}}],"x":null}` + "\n\n"
	}
	large := `data: {"choices":[]` + strings.Repeat(`,"m":[1]`, 50_000) + "}\n\n"
	events := []string{event("1"), event("2"), event("3"), large, event("4"), event(strings.Repeat("5", 100_000)), event("6"), event(`\n7`)}
	d := NewDecoder(strings.NewReader(strings.Join(events, "")))
	d.lessons.only = shelfOf(true)
	var c, want CreateChatCompletionData
	for i, e := range events {
		require.NoError(t, d.Decode(&c))
		require.NoError(t, Unmarshal([]byte(e[len("data: "):len(e)-2]), &want))
		require.True(t, want.Equal(c), "event %d", i)
	}
	assert.EqualValues(t, len(events)-2, d.Stats().Matched)
}
