package chatstream_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-08fc7208/chatstream"
	"github.com/seed-08fc7208/chatstream/internal/testing/chunkgen"
)

// textsOf returns the texts of a chunk, one a line.
func textsOf(c *chunk) (lines []string) {
	for s, text := range c.Texts() {
		line := fmt.Sprintf("%d %s", s.Choice, s.Kind)
		if strings.HasPrefix(string(s.Kind), "tool_calls.") {
			line += fmt.Sprintf(" %d", s.ToolCall)
		} else if s.ToolCall != 0 {
			line += " BUG: tool call"
		}
		if s.Raw {
			line += " raw"
		}
		lines = append(lines, line+": "+text.String())
	}
	return lines
}

// inDelta returns a chunk with this delta.
func inDelta(delta string) string {
	return `{"choices":[{"index":0,"delta":` + delta + `,"finish_reason":null}]}`
}

func TestTexts(t *testing.T) {
	for _, test := range []struct {
		name, payload string
		want          []string
	}{
		{"content", inDelta(`{"role":"assistant","content":"a \"b\" \u00e9"}`), []string{`0 content: a "b" é`}},
		{"refusal", inDelta(`{"refusal":"no"}`), []string{"0 refusal: no"}},
		{"reasoning under every name", inDelta(`{"reasoning":"a","reasoning_content":"b","reasoning_details":[{"type":"reasoning.text","text":"c"}],"reasoning_text":"d","thinking_blocks":[{"thinking":"e"}]}`), []string{
			"0 reasoning: a", "0 reasoning_content: b", `0 reasoning_details raw: [{"type":"reasoning.text","text":"c"}]`,
			`0 reasoning_text raw: "d"`, `0 thinking_blocks raw: [{"thinking":"e"}]`,
		}},
		{"tool calls", inDelta(`{"tool_calls":[{"index":3,"id":"i","type":"function","function":{"name":"f","arguments":"{\"a\""}},{"index":1,"function":{"arguments":":1}"}}]}`), []string{
			"0 tool_calls.function.name 3: f", `0 tool_calls.function.arguments 3: {"a"`, "0 tool_calls.function.arguments 1: :1}",
		}},
		{"tool calls without an index", inDelta(`{"tool_calls":[{"function":{"name":"f"}},{"index":null,"function":{"name":"g"}},{"index":"2","function":{"name":"h"}}],"audio":{"transcript":"t"}}`), []string{
			"0 tool_calls.function.name 0: f", "0 tool_calls.function.name 1: g", "0 tool_calls.function.name 2: h", "0 audio.transcript: t",
		}},
		{"legacy function", inDelta(`{"function_call":{"name":"f","arguments":"{}"}}`), []string{"0 function_call.name: f", "0 function_call.arguments: {}"}},
		{"transcript", inDelta(`{"audio":{"id":"a","transcript":"hear","data":"UklG"}}`), []string{"0 audio.transcript: hear"}},
		{"choices", `{"choices":[{"index":1,"delta":{"content":"b"}},{"delta":{"content":"a"}},{"index":null,"delta":{"content":"c"}}]}`, []string{"1 content: b", "0 content: a", "0 content: c"}},
		{"content parts", inDelta(`{"content":[{"type":"thinking","thinking":[{"type":"text","text":"A"}]}]}`), []string{`0 content raw: [{"type":"thinking","thinking":[{"type":"text","text":"A"}]}]`}},
		{"texts of other shapes", inDelta(`{"content":1,"refusal":{"text":"r"},"reasoning":true,"reasoning_content":{"text":"I"}}`), []string{
			"0 content raw: 1", `0 refusal raw: {"text":"r"}`, "0 reasoning raw: true", `0 reasoning_content raw: {"text":"I"}`,
		}},
		{"calls of other shapes", inDelta(`{"tool_calls":[{"index":5,"function":{"name":["f"],"arguments":{"a":1}}},{"function":"f()"},{"custom":{"name":"c","input":"x"}}],"function_call":"g()","audio":"hum"}`), []string{
			`0 tool_calls.function.name 5 raw: ["f"]`, `0 tool_calls.function.arguments 5 raw: {"a":1}`, `0 tool_calls.function 1 raw: "f()"`,
			`0 tool_calls.custom 2 raw: {"name":"c","input":"x"}`, `0 function_call raw: "g()"`, `0 audio raw: "hum"`,
		}},
		{"members of other shapes", inDelta(`{"function_call":{"name":1,"arguments":[2]},"audio":{"transcript":["t"]}}`), []string{
			"0 function_call.name raw: 1", "0 function_call.arguments raw: [2]", `0 audio.transcript raw: ["t"]`,
		}},
		{"lists of other shapes", inDelta(`{"tool_calls":[{"function":{"name":"f"}},null]}`), []string{`0 tool_calls raw: [{"function":{"name":"f"}},null]`}},
		{"delta of another shape", `{"choices":[{"index":2,"delta":"text"}]}`, []string{`2 delta raw: "text"`}},
		{"choices of another shape", `{"choices":{"delta":{"content":"x"}}}`, []string{`0 choices raw: {"delta":{"content":"x"}}`}},
		{"message and text beside delta", `{"choices":[{"index":1,"message":{"content":"all so far"},"text":"far","delta":{"content":"far"}}]}`, []string{
			"1 content: far", `1 message raw: {"content":"all so far"}`, `1 text raw: "far"`,
		}},
		{"a space is text", inDelta(`{"content":" ","reasoning_text":" "}`), []string{"0 content:  ", `0 reasoning_text raw: " "`}},

		{"role prelude", inDelta(`{"role":"assistant","content":""}`), nil},
		{"nulls", inDelta(`{"role":null,"content":null,"refusal":null,"tool_calls":null,"function_call":null,"audio":null,"reasoning":null,"reasoning_content":null,"reasoning_details":null}`), nil},
		{"empty", inDelta(`{"content":[ ],"refusal":{},"reasoning":"","tool_calls":[{"index":0,"id":"i","type":"function","function":{"name":"","arguments":""}}],"reasoning_details":[],"reasoning_text":"","function_call":{},"audio":{"id":"a"}}`), nil},
		{"no text", `{"id":"i","model":"m","obfuscation":"o","provider":"p","choices":[{"index":0,"logprobs":{"content":[{"token":"t"}],"refusal":null},"delta":{"reasoning_signature":"s","redacted_reasoning":"r","channel":"analysis"},"finish_reason":"stop","native_finish_reason":"STOP"}],"usage":{"total_tokens":1}}`, nil},
		{"no choices", `{}`, nil},

		{"parts without text", inDelta(`{"content":[{"type":"text","text":""},{"type" : "reference","reference_ids":[1]}],"reasoning_content":{"type":"text","text":""}}`), nil},
		{"encrypted reasoning", inDelta(`{"reasoning_details":[{"type":"reasoning.encrypted","data":"EjQK","format":"f","id":"i","index":0}],"thinking_blocks":[{"data":"EjQK","type":"redacted_thinking"}]}`), nil},
		{"a signature alone", inDelta(`{"thinking_blocks":[{"type":"thinking","thinking":"","signature":"s"}]}`), nil},
		{"message of a role prelude", `{"choices":[{"index":0,"message":{"role":"assistant","content":""},"delta":{"role":"assistant","content":""}}]}`, nil},
		{"a part with text", inDelta(`{"content":[{"type":"text","text":""},{"type":"text","text":"x"}]}`), []string{`0 content raw: [{"type":"text","text":""},{"type":"text","text":"x"}]`}},
		{"parts that are strings", inDelta(`{"content":["",{"type":"text"},"x"]}`), []string{`0 content raw: ["",{"type":"text"},"x"]`}},
		{"text beside what is encrypted", inDelta(`{"reasoning_details":[{"type":"reasoning.encrypted","data":"E"},{"type":"reasoning.summary","summary":"s"}]}`), []string{
			`0 reasoning_details raw: [{"type":"reasoning.encrypted","data":"E"},{"type":"reasoning.summary","summary":"s"}]`,
		}},
		{"data that is not encrypted", inDelta(`{"content":[{"type":"reasoning.encrypted","data":"E"},{"type":"new","data":"d"}]}`), []string{
			`0 content raw: [{"type":"reasoning.encrypted","data":"E"},{"type":"new","data":"d"}]`,
		}},
		{"marks that are the model's", inDelta(`{"content":{"type":["x"]},"tool_calls":[{"index":0,"function":{"arguments":{"type":"x"}}}]}`), []string{
			`0 tool_calls.function.arguments 0 raw: {"type":"x"}`, `0 content raw: {"type":["x"]}`,
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			assert.Equal(t, test.want, textsOf(unmarshal(t, test.payload)))
		})
	}
}

func TestTextsStops(t *testing.T) {
	c := unmarshal(t, `{"choices":[{"delta":{"content":"a","refusal":"b","tool_calls":[{"function":{"name":"c"}}],"reasoning_details":[1]}},{"index":1,"delta":{"content":"d"}}],"error":null}`)
	all := textsOf(c)
	for n := range all {
		var got []string
		for _, text := range c.Texts() {
			if got = append(got, text.String()); len(got) == n+1 {
				break
			}
		}
		assert.Len(t, got, n+1)
	}
}

// TestTextsAreOneStream: all pieces of one text have the same Surface.
func TestTextsAreOneStream(t *testing.T) {
	d := chatstream.NewDecoder(strings.NewReader(`data: {"choices":[{"index":0,"delta":{"content":"He"}},{"index":1,"delta":{"content":"Bon"}}]}

data: {"choices":[{"index":1,"delta":{"content":"jour"}},{"index":0,"delta":{"content":"llo","tool_calls":[{"index":1,"function":{"arguments":"[1"}}]}}]}

data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{}"}},{"index":1,"function":{"arguments":"]"}}]}}]}

data: [DONE]

`))
	defer d.Close()
	texts := map[chatstream.Surface]string{}
	for c, err := range d.All() {
		require.NoError(t, err)
		for s, text := range c.Texts() {
			texts[s] += text.String()
		}
	}
	assert.Equal(t, map[chatstream.Surface]string{
		{Kind: chatstream.SurfaceContent}:                        "Hello",
		{Kind: chatstream.SurfaceContent, Choice: 1}:             "Bonjour",
		{Kind: chatstream.SurfaceToolCallArguments}:              "{}",
		{Kind: chatstream.SurfaceToolCallArguments, ToolCall: 1}: "[1]",
	}, texts)
}

func TestTextsDoNotAllocate(t *testing.T) {
	if instrumented {
		t.Skip("instrumented builds allocate")
	}
	var chunks []*chunk
	for _, s := range testStreams(t) {
		d := chatstream.NewDecoder(bytes.NewReader(s.data))
		for c := range d.All() {
			chunks = append(chunks, c.Clone())
		}
		d.Close()
	}
	total := 0
	assert.Zero(t, testing.AllocsPerRun(10, func() {
		for _, c := range chunks {
			for s, text := range c.Texts() {
				total += len(s.Kind) + len(text)
			}
		}
	}))
	assert.NotZero(t, total)
}

func TestEditTexts(t *testing.T) {
	mask := func(_ chatstream.Surface, text chatstream.Text) chatstream.Text {
		return bytes.ReplaceAll(text, []byte("dog"), []byte(`"cat"`))
	}
	for _, test := range []struct{ name, payload, want string }{
		{"strings",
			inDelta(`{"content":"a dog","refusal":"dog","reasoning":"d\u006fg","reasoning_content":"dog","function_call":{"name":"dog","arguments":"{\"dog\":1}"},"audio":{"transcript":"dog"}}`),
			inDelta(`{"content":"a \"cat\"","refusal":"\"cat\"","reasoning":"\"cat\"","reasoning_content":"\"cat\"","function_call":{"name":"\"cat\"","arguments":"{\"\"cat\"\":1}"},"audio":{"transcript":"\"cat\""}}`)},
		{"tool calls",
			inDelta(`{"tool_calls":[{"id":"dog","function":{"name":"dog","arguments":"dog"}},{"function":{"arguments":{"dog":["dog"]}}}]}`),
			inDelta(`{"tool_calls":[{"id":"dog","function":{"name":"\"cat\"","arguments":"\"cat\""}},{"function":{"arguments":{"dog":["\"cat\""]}}}]}`)},
		{"strings of parts",
			inDelta(`{"content":[{"type":"text" , "text" : "d\u006fg"},{"dog" : "x", "y":["dog",1,"hot\tdog"]}]}`),
			inDelta(`{"content":[{"type":"text" , "text" : "\"cat\""},{"dog" : "x", "y":["\"cat\"",1,"hot\t\"cat\""]}]}`)},
		{"message",
			`{"choices":[{"delta":{},"message":{"content":"dog"},"text":"dog"}],"dog":"dog"}`,
			`{"choices":[{"delta":{},"message":{"content":"\"cat\""},"text":"\"cat\""}],"dog":"dog"}`},
		{"choices of another shape", `{"choices":[{"delta":{"content":"dog"}},1]}`, `{"choices":[{"delta":{"content":"\"cat\""}},1]}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := unmarshal(t, test.payload)
			c.EditTexts(mask)
			assert.JSONEq(t, test.want, string(c.AppendJSON(nil)))
			assert.NotContains(t, strings.Join(textsOf(c), "\n"), "d\\u006fg")
		})
	}
}

// TestEditTextsChangesNothing: unchanged texts are still the payload's memory, and are not copied.
func TestEditTextsChangesNothing(t *testing.T) {
	for _, s := range testStreams(t) {
		t.Run(s.name, func(t *testing.T) {
			d := chatstream.NewDecoder(bytes.NewReader(s.data))
			defer d.Close()
			for c := range d.All() {
				want, texts := string(c.AppendJSON(nil)), textsOf(c)
				var seen []string
				c.EditTexts(func(s chatstream.Surface, text chatstream.Text) chatstream.Text {
					seen = append(seen, text.String())
					assert.NotEmpty(t, text)
					return bytes.Clone(text)
				})
				assert.Equal(t, want, string(c.AppendJSON(nil)))
				assert.Equal(t, texts, textsOf(c))
				if len(texts) == 1 && !strings.Contains(texts[0], " raw:") {
					assert.Equal(t, []string{texts[0][strings.Index(texts[0], ": ")+2:]}, seen)
				}
			}
		})
	}
}

// TestEditTextsToNothing: a text can be removed.
func TestEditTextsToNothing(t *testing.T) {
	c := unmarshal(t, inDelta(`{"content":"a","refusal":["b",{"c":"d"}],"tool_calls":[{"function":{"arguments":"e"}}]}`))
	c.EditTexts(func(chatstream.Surface, chatstream.Text) chatstream.Text { return nil })
	assert.JSONEq(t, inDelta(`{"content":"","refusal":["",{"c":""}],"tool_calls":[{"function":{"arguments":""}}]}`), string(c.AppendJSON(nil)))
}

// TestEditTextsOfTheCaller: a raw value that is not JSON, which only a caller can set, is not changed.
func TestEditTextsOfTheCaller(t *testing.T) {
	for _, value := range []string{`"`, `["a`, "\"\n\"", `"\x"`, ``} {
		c := &chunk{Choices: []chatstream.Choice{{Delta: chatstream.Delta{
			Extra: []chatstream.Member{{Name: chatstream.Text("content"), Value: chatstream.RawValue(value)}},
		}}}}
		c.EditTexts(func(chatstream.Surface, chatstream.Text) chatstream.Text { return chatstream.Text("x") })
		assert.Equal(t, value, c.Choices[0].Delta.Extra[0].Value.String())
	}
}

// TestEditTextsDoesNotReachTheNextChunk: edits of a chunk do not appear in later chunks from its
// template.
func TestEditTextsDoesNotReachTheNextChunk(t *testing.T) {
	payload := inDelta(`{"content":"same","reasoning_details":[{"text":"same"}]}`)
	d := chatstream.NewDecoder(strings.NewReader(strings.Repeat("data: "+payload+"\n\n", 20) + "data: [DONE]\n\n"))
	defer d.Close()
	var c chunk
	for range 20 {
		require.NoError(t, d.Decode(&c))
		require.JSONEq(t, payload, string(c.AppendJSON(nil)))
		c.EditTexts(func(chatstream.Surface, chatstream.Text) chatstream.Text { return chatstream.Text("other") })
	}
}

// TestEditTextsOfRandomChunks: every text can be removed, and nothing else changes.
func TestEditTextsOfRandomChunks(t *testing.T) {
	for seed := range uint64(500) {
		payload := chunkgen.NewGen(seed, true).Payload()
		var c, same chunk
		_ = chatstream.Unmarshal([]byte(payload), &c) // it may hold an error
		_ = chatstream.Unmarshal([]byte(payload), &same)
		same.EditTexts(func(_ chatstream.Surface, text chatstream.Text) chatstream.Text { return bytes.Clone(text) })
		require.Equal(t, string(c.AppendJSON(nil)), string(same.AppendJSON(nil)), "seed %d", seed)

		c.EditTexts(func(chatstream.Surface, chatstream.Text) chatstream.Text { return nil })
		for s, text := range c.Texts() {
			require.True(t, s.Raw, "seed %d: %v: %s", seed, s, text)
		}
		c.EditTexts(func(s chatstream.Surface, text chatstream.Text) chatstream.Text {
			require.Fail(t, "a text is left", "seed %d: %v: %s", seed, s, text)
			return text
		})
		require.True(t, json.Valid(c.AppendJSON(nil)), "seed %d", seed)
	}
}
