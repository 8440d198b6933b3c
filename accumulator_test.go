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
)

// accumulate adds payloads, each from memory that is overwritten at once.
func accumulate(t *testing.T, payloads ...string) *chatstream.Accumulator {
	t.Helper()
	var a chatstream.Accumulator
	var c chunk
	for _, p := range payloads {
		data := []byte(p)
		err := chatstream.Unmarshal(data, &c)
		var api *chatstream.APIError
		if err != nil {
			require.ErrorAs(t, err, &api, p)
		}
		require.NoError(t, a.Add(&c), p)
		for i := range data {
			data[i] = '#'
		}
	}
	return &a
}

// deltas returns a chunk of one choice for each delta.
func deltas(all ...string) (payloads []string) {
	for _, d := range all {
		payloads = append(payloads, `{"choices":[{"index":0,"delta":`+d+`}]}`)
	}
	return payloads
}

// messageMember returns the JSON of a member of the first choice's message, or nothing.
func messageMember(t *testing.T, a *chatstream.Accumulator, name string) string {
	t.Helper()
	var v struct {
		Choices []struct{ Message map[string]json.RawMessage }
	}
	require.NoError(t, json.Unmarshal(a.Completion().AppendJSON(nil), &v))
	require.Len(t, v.Choices, 1)
	return string(v.Choices[0].Message[name])
}

func TestCompletion(t *testing.T) {
	for _, test := range []struct {
		name   string
		chunks []string
		want   string
	}{
		{"nothing", nil, `{"object":"chat.completion","choices":[]}`},
		{"text", []string{
			`{"id":"c1","object":"chat.completion.chunk","created":1767225600,"model":"m","service_tier":"default","system_fingerprint":"fp","choices":[{"index":0,"delta":{"role":"assistant","content":"","refusal":null},"logprobs":null,"finish_reason":null}],"usage":null,"obfuscation":"x"}`,
			`{"id":"c1","object":"chat.completion.chunk","created":1767225600,"model":"m","service_tier":"default","system_fingerprint":"fp","choices":[{"index":0,"delta":{"content":"He\"l"},"logprobs":null,"finish_reason":null}],"usage":null,"obfuscation":"y"}`,
			`{"id":"c1","object":"chat.completion.chunk","created":1767225600,"model":"m","service_tier":"default","system_fingerprint":"fp","choices":[{"index":0,"delta":{"content":"lo\n"},"logprobs":null,"finish_reason":null}],"usage":null}`,
			`{"id":"c1","object":"chat.completion.chunk","created":1767225600,"model":"m","service_tier":"default","system_fingerprint":"fp","choices":[{"index":0,"delta":{},"logprobs":null,"finish_reason":"stop"}],"usage":null}`,
			`{"id":"c1","object":"chat.completion.chunk","created":1767225600,"model":"m","service_tier":"default","system_fingerprint":"fp","choices":[],"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3,"prompt_tokens_details":{"cached_tokens":0,"x":1},"completion_tokens_details":null,"cost":{"total":0.1}}}`,
		}, `{"id":"c1","object":"chat.completion","created":1767225600,"model":"m","service_tier":"default","system_fingerprint":"fp",
			"choices":[{"index":0,"message":{"role":"assistant","content":"He\"llo\n","refusal":null},"logprobs":null,"finish_reason":"stop"}],
			"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3,"prompt_tokens_details":{"cached_tokens":0,"x":1},"completion_tokens_details":null,"cost":{"total":0.1}}}`},
		{"tool calls alone have no content", deltas(
			`{"role":"assistant","content":"","tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":""}}]}`,
			`{"content":"","tool_calls":[{"index":0,"function":{"arguments":"{}"}}]}`,
		), `{"object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":null,
			"tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}]},"finish_reason":null}]}`},
		{"tool calls beside content", deltas(`{"content":"Look:"}`, `{"tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}]}`),
			`{"object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"Look:",
			"tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}]},"finish_reason":null}]}`},
		{"legacy function", deltas(`{"role":"assistant","content":null,"function_call":{"name":"f","arguments":""}}`, `{"function_call":{"arguments":"{\"a\""}}`, `{"function_call":{"arguments":":1}"}}`),
			`{"object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":null,"function_call":{"name":"f","arguments":"{\"a\":1}"}},"finish_reason":null}]}`},
		{"refusal", deltas(`{"role":"assistant","content":"","refusal":null}`, `{"refusal":"I "}`, `{"refusal":"won't"}`),
			`{"object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":null,"refusal":"I won't"},"finish_reason":null}]}`},
		{"empty content stays a string", deltas(`{"role":"assistant","content":""}`, `{}`),
			`{"object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":""},"finish_reason":null}]}`},
		{"no content at all", deltas(`{"role":null,"content":null,"tool_calls":null,"function_call":null,"audio":null}`),
			`{"object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":null},"finish_reason":null}]}`},
		{"audio", deltas(`{"role":"assistant","refusal":null}`, `{"content":null,"audio":{"id":"audio_1","transcript":"Lis"}}`, `{"audio":{"transcript":"ten"}}`, `{"audio":{"data":"AAAA"}}`, `{"audio":{"data":"BBBB","x":1}}`, `{"audio":{"expires_at":1767229200}}`),
			`{"object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":null,"refusal":null,
			"audio":{"id":"audio_1","transcript":"Listen","data":"AAAABBBB","expires_at":1767229200,"x":1}},"finish_reason":null}]}`},
		{"logprobs", []string{
			`{"choices":[{"index":0,"delta":{"content":"a"},"logprobs":{"content":[{"token":"a","logprob":-0.5,"bytes":[97],"top_logprobs":[{"token":"b","logprob":-9999.0,"bytes":null,"x":1}],"y":2}],"refusal":null}}]}`,
			`{"choices":[{"index":0,"delta":{},"logprobs":null}]}`,
			`{"choices":[{"index":0,"delta":{"content":"bc"},"logprobs":{"content":[{"token":"b","logprob":0,"bytes":[],"top_logprobs":[]},{"token":"c","logprob":-1,"bytes":null,"top_logprobs":null}],"refusal":null,"text_offset":[1]}}]}`,
			`{"choices":[{"index":0,"delta":{},"logprobs":{"content":null,"refusal":[{"token":"r"}],"text_offset":[2]}}]}`,
		}, `{"object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"abc"},"finish_reason":null,"logprobs":{"content":[
			{"token":"a","logprob":-0.5,"bytes":[97],"top_logprobs":[{"token":"b","logprob":-9999,"bytes":null,"x":1}],"y":2},
			{"token":"b","logprob":0,"bytes":[],"top_logprobs":[]},{"token":"c","logprob":-1,"bytes":null,"top_logprobs":null}],
			"refusal":[{"token":"r"}],"text_offset":[1,2]}}]}`},
		{"several choices", []string{
			`{"choices":[{"index":2,"delta":{"content":"C"}},{"index":0,"delta":{"content":"A"}}]}`,
			`{"choices":[{"index":1,"delta":{"content":"B"}},{"index":0,"delta":{"content":"a"},"finish_reason":"stop"}]}`,
			`{"choices":[{"index":1,"delta":{"content":"b"},"finish_reason":"length"},{"index":2,"delta":{"content":"c"},"finish_reason":"content_filter"}]}`,
		}, `{"object":"chat.completion","choices":[
			{"index":0,"message":{"role":"assistant","content":"Aa"},"finish_reason":"stop"},
			{"index":1,"message":{"role":"assistant","content":"Bb"},"finish_reason":"length"},
			{"index":2,"message":{"role":"assistant","content":"Cc"},"finish_reason":"content_filter"}]}`},
		{"odd indices", []string{
			`{"choices":[{"delta":{"content":"a"}}]}`, `{"choices":[{"index":1000000000,"delta":{"content":"z"}}]}`, `{"choices":[{"index":-1,"delta":{"content":"-"}}]}`,
			`{"choices":[{"index":null,"delta":{"content":"b"}}]}`, `{"choices":[{"index":0,"delta":{"content":"c"}},{"index":0,"delta":{"content":"d"}}]}`,
		}, `{"object":"chat.completion","choices":[
			{"index":-1,"message":{"role":"assistant","content":"-"},"finish_reason":null},
			{"index":0,"message":{"role":"assistant","content":"abcd"},"finish_reason":null},
			{"index":1000000000,"message":{"role":"assistant","content":"z"},"finish_reason":null}]}`},
		{"the first names, the last values", []string{ // Azure's first chunk; ids that change
			`{"id":"","model":"","created":0,"object":"","choices":[],"system_fingerprint":null,"prompt_filter_results":[{"prompt_index":0}]}`,
			`{"id":"a","model":"m","created":5,"choices":[{"index":0,"delta":{"role":"assistant"},"finish_reason":"","content_filter_results":{}}],"system_fingerprint":null,"provider":"P"}`,
			`{"id":"b","model":"n","created":6,"choices":[{"index":0,"delta":{"content":"x"},"finish_reason":"stop","content_filter_results":{"hate":{}}}],"citations":["1"],"provider":"Q"}`,
			`{"id":"b","created":7,"choices":[{"index":0,"delta":{},"finish_reason":"end_turn","content_filter_results":{}}],"citations":["1","2"]}`,
			`{"choices":[{"index":0,"delta":{},"finish_reason":null,"content_filter_results":null}],"citations":[]}`,
		}, `{"id":"a","object":"chat.completion","created":5,"model":"m","provider":"P","system_fingerprint":null,"prompt_filter_results":[{"prompt_index":0}],"citations":["1","2"],
			"choices":[{"index":0,"message":{"role":"assistant","content":"x"},"finish_reason":"end_turn","content_filter_results":{"hate":{}}}]}`},
		{"usage is merged", []string{
			`{"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2,"cost":1,"completion_tokens_details":{"reasoning_tokens":1,"y":"z"}}}`,
			`{"choices":[],"usage":null}`,
			`{"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3,"longer":"0123456789","completion_tokens_details":{"y":"longer"}}}`,
			`{"choices":[],"usage":null}`, `{"choices":[]}`,
		}, `{"object":"chat.completion","choices":[],"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3,"cost":1,"longer":"0123456789","completion_tokens_details":{"reasoning_tokens":1,"y":"longer"}}}`},
		{"usage null only", []string{`{"choices":[],"usage":null}`}, `{"object":"chat.completion","choices":[]}`},
		{"error in the stream", []string{
			`{"id":"a","choices":[{"index":0,"delta":{"content":"Hal"}}]}`,
			`{"id":"a","error":{"code":400,"message":"limit"},"choices":[{"index":0,"delta":{"content":"f"},"finish_reason":"error"}]}`,
			`{"id":"a","error":null,"choices":[]}`,
		}, `{"id":"a","object":"chat.completion","error":{"code":400,"message":"limit"},"choices":[{"index":0,"message":{"role":"assistant","content":"Half"},"finish_reason":"error"}]}`},
		{"members without a field", []string{
			`{"choices":[{"index":0,"stop_reason":null,"delta":{"annotations":[{"a":1}],"channel":"analysis","x":null}}],"timings":{"a":1}}`,
			`{"choices":[{"index":0,"stop_reason":7,"delta":{"annotations":[ {"a":2} , 3 ],"channel":"final"}}],"timings":{"a":2}}`,
			`{"choices":[{"index":0,"delta":{"annotations":[],"channel":null}}]}`,
		}, `{"object":"chat.completion","timings":{"a":2},"choices":[{"index":0,"stop_reason":7,"finish_reason":null,"message":{"role":"assistant","content":null,"annotations":[{"a":1},{"a":2},3],"channel":"final"}}]}`},
		{"message beside delta", []string{
			`{"choices":[{"index":0,"message":{"role":"assistant","content":"Cr"},"delta":{"role":"assistant","content":"Cr"}}]}`,
			`{"choices":[{"index":0,"message":{"role":"assistant","content":"Crème"},"text":"ème","delta":{"content":"ème"}}]}`,
			`{"choices":[{"index":0,"message":{"role":"assistant","content":"Crème"},"finish_reason":"stop"}]}`,
		}, `{"object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"Crème"},"finish_reason":"stop"}]}`},
		{"message instead of delta", []string{
			`{"choices":[{"index":0,"delta":{"role":"assistant"}}]}`,
			`{"choices":[{"index":0,"message":{"role":"assistant","content":"All","tool_calls":[{"id":"a","function":{"name":"f","arguments":"{}"}}]},"finish_reason":"stop"}]}`,
			`{"choices":[{"index":0,"message":{"content":"All"}}]}`,
		}, `{"object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"All","tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}]},"finish_reason":"stop"}]}`},
		{"delta and choices of other shapes", []string{`{"choices":[{"index":0,"delta":null},{"index":1,"delta":"x"}]}`, `{"choices":null}`, `{"choices":[1]}`},
			`{"object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":null},"finish_reason":null},{"index":1,"delta":"x","message":{"role":"assistant","content":null},"finish_reason":null}]}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := accumulate(t, test.chunks...).Completion()
			got := c.AppendJSON([]byte("before"))
			require.True(t, bytes.HasPrefix(got, []byte("before")))
			assert.JSONEq(t, test.want, string(got[len("before"):]))
			assert.NotContains(t, string(got), "\n")
			marshalled, err := json.Marshal(c)
			require.NoError(t, err)
			assert.JSONEq(t, test.want, string(marshalled))
		})
	}
}

func TestCompletionReasoning(t *testing.T) {
	for _, test := range []struct {
		name   string
		deltas []string
		want   string // members of the message
		text   string // ReasoningText
	}{
		{"reasoning", []string{`{"reasoning":""}`, `{"content":"","reasoning":"so"}`, `{"reasoning":" then"}`, `{"content":"A","reasoning":null}`},
			`"content":"A","reasoning":"so then"`, "so then"},
		{"reasoning_content", []string{`{"content":null,"reasoning_content":"so"}`, `{"content":null,"reasoning_content":" then"}`, `{"content":"A","reasoning_content":null}`},
			`"content":"A","reasoning_content":"so then"`, "so then"},
		{"two names for the same", []string{`{"reasoning":"so","reasoning_content":"so","reasoning_details":[{"type":"reasoning.text","text":"so"}]}`},
			`"content":null,"reasoning":"so","reasoning_content":"so","reasoning_details":[{"type":"reasoning.text","text":"so"}]`, "so"},
		{"reasoning_details", []string{`{"reasoning":"a","reasoning_details":[{"type":"reasoning.text","text":"a","index":0}]}`, `{"reasoning_details":[]}`, `{"reasoning":"b","reasoning_details":[{"type":"reasoning.text","text":"b","index":0},{"type":"reasoning.encrypted","data":"=="}]}`, `{"reasoning":null,"reasoning_details":null}`},
			`"content":null,"reasoning":"ab","reasoning_details":[{"type":"reasoning.text","text":"a","index":0},{"type":"reasoning.text","text":"b","index":0},{"type":"reasoning.encrypted","data":"=="}]`, "ab"},
		{"signature and redacted", []string{`{"reasoning":"a"}`, `{"reasoning_signature":"Eq"}`, `{"reasoning_signature":"Rk"}`, `{"redacted_reasoning":"gA"}`, `{"redacted_reasoning":"AA"}`},
			`"content":null,"reasoning":"a","reasoning_signature":"EqRk","redacted_reasoning":"gAAA"`, "a"},
		{"reasoning as an object", []string{`{"reasoning_content":{"text":"I nee"}}`, `{"reasoning_content":{"text":"d"}}`, `{"reasoning_content":[{"text":" x"}]}`},
			`"content":null,"reasoning_content":[{"text":"I nee"},{"text":"d"},{"text":" x"}]`, "I need x"},
		{"one object stays one", []string{`{"refusal":{"text":"no"}}`}, `"content":null,"refusal":{"text":"no"}`, ""},
		{"thinking parts", []string{
			`{"role":"assistant","content":""}`,
			`{"content":[{"type":"thinking","thinking":[{"type":"text","text":"A"}]}]}`,
			`{"content":[{"type":"thinking","thinking":[{"type":"text","text":" \u0062\n"},{"type":"reference","ids":[1]}]}]}`,
			`{"content":[{"type":"thinking","thinking":[],"closed":true},{"type":"text","text":"Yes"},{"type":"reference","reference_ids":[1,2]}]}`,
			`{"content":", \"well"}`, `{"content":"\""}`, `{"content":""}`, `{"content":[]}`, `{"content":null}`, `{"content":"!"}`,
		}, `"content":[{"type":"thinking","thinking":[{"type":"text","text":"A"}]},{"type":"thinking","thinking":[{"type":"text","text":" \u0062\n"},{"type":"reference","ids":[1]}]},
			{"type":"thinking","thinking":[],"closed":true},{"type":"text","text":"Yes"},{"type":"reference","reference_ids":[1,2]},{"type":"text","text":", \"well\""},{"type":"text","text":"!"}]`, "A b\n"},
		{"text before parts", []string{`{"content":"So"}`, `{"content":":"}`, `{"content":[{"type":"image_url","image_url":{}}]}`, `{"content":"."}`},
			`"content":[{"type":"text","text":"So:"},{"type":"image_url","image_url":{}},{"type":"text","text":"."}]`, ""},
		{"content of any shape", []string{`{"content":1}`, `{"content":{"text":"x"}}`, `{"content":["y"]}`}, `"content":"1xy"`, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			a := accumulate(t, deltas(test.deltas...)...)
			want := `{"object":"chat.completion","choices":[{"index":0,"finish_reason":null,"message":{"role":"assistant",` + test.want + `}}]}`
			assert.JSONEq(t, want, string(a.Completion().AppendJSON(nil)))
			assert.Equal(t, test.text, a.Completion().Choices[0].Message.ReasoningText().String())
		})
	}
}

// TestCompletionContent: Content has the text of parts, although AppendJSON writes the parts.
func TestCompletionContent(t *testing.T) {
	a := accumulate(t, deltas(`{"content":[{"type":"thinking","thinking":[{"type":"text","text":"A"}]}]}`, `{"content":[{"type":"text","text":"Y\u0065s"}]}`, `{"content":", sir"}`)...)
	c := a.Completion()
	m := &c.Choices[0].Message
	assert.Equal(t, "Yes, sir", m.Content.Value.String())
	m.Content, m.ContentParts = someText("No"), nil
	assert.JSONEq(t, `{"object":"chat.completion","choices":[{"index":0,"finish_reason":null,"message":{"role":"assistant","content":"No"}}]}`,
		string(c.AppendJSON(nil)))
}

// TestToolCalls has a row for each quirk of tool calls that servers have.
func TestToolCalls(t *testing.T) {
	const f, g = `{"id":"a","type":"function","function":{"name":"f","arguments":"{\"x\":1}"}}`, `{"id":"b","type":"function","function":{"name":"g","arguments":"{\"y\":2}"}}`
	call := func(index, id, name, arguments string) string {
		var members []string
		for _, m := range []struct{ name, value string }{{"index", index}, {"id", id}} {
			if m.value != "" {
				members = append(members, fmt.Sprintf("%q:%s", m.name, m.value))
			}
		}
		var function []string
		for _, m := range []struct{ name, value string }{{"name", name}, {"arguments", arguments}} {
			if m.value != "" {
				function = append(function, fmt.Sprintf("%q:%s", m.name, m.value))
			}
		}
		return "{" + strings.Join(append(members, `"function":{`+strings.Join(function, ",")+"}"), ",") + "}"
	}
	for _, test := range []struct {
		name   string
		pieces []string // each is the list of one chunk
		want   string
	}{
		{"reference", []string{
			`[{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":""}}]`, "[" + call("0", "", "", `"{\"x\""`) + "]", "[" + call("0", "", "", `":1}"`) + "]",
			`[{"index":1,"id":"b","type":"function","function":{"name":"g","arguments":""}}]`, "[" + call("1", "", "", `"{\"y\":2}"`) + "]",
		}, "[" + f + "," + g + "]"},
		{"in parallel, interleaved", []string{
			"[" + call("0", `"a"`, `"f"`, `""`) + "," + call("1", `"b"`, `"g"`, `""`) + "]",
			"[" + call("1", "", "", `"{\"y\""`) + "," + call("0", "", "", `"{\"x\""`) + "]",
			"[" + call("0", "", "", `":1}"`) + "]", "[" + call("1", "", "", `":2}"`) + "]",
		}, "[" + f + "," + g + "]"},
		{"D1 whole call in one delta", []string{"[" + call("0", `"a"`, `"f"`, `"{\"x\":1}"`) + "]", "[" + call("1", `"b"`, `"g"`, `"{\"y\":2}"`) + "]"}, "[" + f + "," + g + "]"},
		{"D2 index missing", []string{"[" + call("", `"a"`, `"f"`, `"{\"x\":1}"`) + "]", "[" + call("", `"b"`, `"g"`, `"{\"y\":2}"`) + "]"}, "[" + f + "," + g + "]"},
		{"D2 index missing, in pieces", []string{
			"[" + call("", `"a"`, `"f"`, `""`) + "]", "[" + call("", "", "", `"{\"x\""`) + "]", "[" + call("", `"a"`, "", `":1}"`) + "]",
			"[" + call("", `"b"`, `"g"`, `"{\"y\""`) + "]", "[" + call("", `""`, `""`, `":2}"`) + "]",
		}, "[" + f + "," + g + "]"},
		{"D2 index missing, ids interleaved", []string{
			"[" + call("", `"a"`, `"f"`, `"{\"x\""`) + "," + call("", `"b"`, `"g"`, `"{\"y\""`) + "]",
			"[" + call("", `"b"`, "", `":2}"`) + "," + call("", `"a"`, "", `":1}"`) + "]",
		}, "[" + f + "," + g + "]"},
		{"D2 index only at first", []string{"[" + call("0", `"a"`, `"f"`, `"{\"x\""`) + "]", "[" + call("", `"a"`, "", `":1}"`) + "]", "[" + call("1", `"b"`, `"g"`, `""`) + "]", "[" + call("", "", "", `"{\"y\":2}"`) + "]"}, "[" + f + "," + g + "]"},
		{"D2 neither index nor id", []string{"[" + call("", "", `"f"`, `"{\"x\":1}"`) + "," + call("", "", `"g"`, `"{\"y\":2}"`) + "]"},
			`[{"type":"function","function":{"name":"f","arguments":"{\"x\":1}"}},{"type":"function","function":{"name":"g","arguments":"{\"y\":2}"}}]`},
		{"D2 neither index nor id, in turn", []string{
			"[" + call("", "", `"f"`, `""`) + "]", "[" + call("", "", "", `"{\"x\":1}"`) + "]", "[" + call("", `""`, `"g"`, `"{\"y\""`) + "]", "[" + call("", "null", `"g"`, `":2}"`) + "]",
			"[" + call("", "", `"g"`, `"{}"`) + "]",
		}, `[{"type":"function","function":{"name":"f","arguments":"{\"x\":1}"}},{"type":"function","function":{"name":"g","arguments":"{\"y\":2}"}},{"type":"function","function":{"name":"g","arguments":"{}"}}]`},
		{"D2 the name as id", []string{"[" + call("", `"f"`, `"f"`, `"{\"x\":1}"`) + "," + call("", `"f"`, `"f"`, `"{\"x\":2}"`) + "]"},
			`[{"id":"f","type":"function","function":{"name":"f","arguments":"{\"x\":1}"}},{"id":"f","type":"function","function":{"name":"f","arguments":"{\"x\":2}"}}]`},
		{"D3 index null", []string{"[" + call("null", `"a"`, `"f"`, `"{\"x\""`) + "]", "[" + call("null", "null", "null", `":1}"`) + "]", "[" + call("null", `"b"`, `"g"`, `"{\"y\":2}"`) + "]"}, "[" + f + "," + g + "]"},
		{"D3 index of another shape", []string{"[" + call(`"0"`, `"a"`, `"f"`, `"{\"x\""`) + "]", "[" + call("0.5", "", "", `":1}"`) + "]"}, "[" + f + "]"},
		{"D4 all have index 0", []string{"[" + call("0", `"a"`, `"f"`, `"{\"x\":1}"`) + "," + call("0", `"b"`, `"g"`, `"{\"y\":2}"`) + "]"}, "[" + f + "," + g + "]"},
		{"D4 all have index 0, in pieces", []string{
			"[" + call("0", `"a"`, `"f"`, `""`) + "]", "[" + call("0", "", "", `"{\"x\":1}"`) + "]",
			"[" + call("0", `"b"`, `"g"`, `""`) + "]", "[" + call("0", "", "", `"{\"y\""`) + "]", "[" + call("0", `"b"`, "", `":2}"`) + "]",
		}, "[" + f + "," + g + "]"},
		{"D4 all have index 0, ids interleaved", []string{
			"[" + call("0", `"a"`, `"f"`, `""`) + "," + call("0", `"b"`, `"g"`, `""`) + "]", "[" + call("0", `"a"`, "", `"{\"x\":1}"`) + "]", "[" + call("0", `"b"`, "", `"{\"y\":2}"`) + "]",
		}, "[" + f + "," + g + "]"},
		{"D4 all have index 0 and no id", []string{"[" + call("0", "", `"f"`, `"{\"x\":1}"`) + "]", "[" + call("0", "", `"g"`, `"{\"y\":2}"`) + "]"},
			`[{"type":"function","function":{"name":"f","arguments":"{\"x\":1}"}},{"type":"function","function":{"name":"g","arguments":"{\"y\":2}"}}]`},
		{"D5 first index is 1", []string{"[" + call("1", `"a"`, `"f"`, `""`) + "]", "[" + call("1", "", "", `"{\"x\":1}"`) + "]", "[" + call("2", `"b"`, `"g"`, `"{\"y\":2}"`) + "]"}, "[" + f + "," + g + "]"},
		{"indices out of order", []string{"[" + call("7", `"b"`, `"g"`, `"{\"y\""`) + "]", "[" + call("3", `"a"`, `"f"`, `"{\"x\""`) + "]", "[" + call("7", "", "", `":2}"`) + "]", "[" + call("3", "", "", `":1}"`) + "]"}, "[" + f + "," + g + "]"},
		{"indices that are none", []string{"[" + call("-1", `"a"`, `"f"`, `"{\"x\""`) + "," + call("1000000000", `"b"`, `"g"`, `"{\"y\""`) + "]", "[" + call("1e9", "", "", `":2}"`) + "," + call("-1", "", "", `":1}"`) + "]"}, "[" + f + "," + g + "]"},
		{"D6 continuation with empty members", []string{"[" + call("0", `"a"`, `"f"`, `""`) + "]", `[{"index":0,"id":"","type":null,"function":{"name":"","arguments":"{\"x\""}}]`, `[{"index":0,"id":null,"type":"function","function":{"name":null,"arguments":":1}"}}]`}, "[" + f + "]"},
		{"D6 continuation with everything repeated", []string{"[" + call("0", `"a"`, `"f"`, `""`) + "]", "[" + call("0", `"a"`, `"f"`, `"{\"x\""`) + "]", "[" + call("0", `"a"`, `"f"`, `":1}"`) + "]", "[" + call("0", `"a"`, `"f"`, `""`) + "]"}, "[" + f + "]"},
		{"D6 name repeated without id", []string{"[" + call("0", "", `"f"`, `"{\"x\""`) + "]", "[" + call("0", "", `"f"`, `":1}"`) + "]", "[" + call("0", `"a"`, `"f"`, `""`) + "]"}, "[" + f + "]"},
		{"D7 arguments null", []string{"[" + call("0", `"a"`, `"f"`, "null") + "]", "[" + call("0", "null", "null", `"{\"x\":1}"`) + "]", "[" + call("0", "", "", "null") + "]"}, "[" + f + "]"},
		{"D7 no arguments at all", []string{"[" + call("0", `"a"`, `"f"`, "null") + "]"}, `[{"id":"a","type":"function","function":{"name":"f","arguments":""}}]`},
		{"D8 arguments an object", []string{"[" + call("0", `"a"`, `"f"`, `{"x":1}`) + "]", "[" + call("1", `"b"`, `"g"`, `{"y":2}`) + "]"}, "[" + f + "," + g + "]"},
		{"D8 arguments a list", []string{"[" + call("0", `"a"`, `"f"`, `[1,"]"]`) + "]"}, `[{"id":"a","type":"function","function":{"name":"f","arguments":"[1,\"]\"]"}}]`},
		{"D9 arguments repeated whole", []string{"[" + call("0", `"a"`, `"f"`, `"{\"x\":1}"`) + "]", "[" + call("0", `"a"`, `"f"`, `"{\"x\":1}"`) + "]", "[" + call("0", "", "", `"{\"x\":1}"`) + "]"}, "[" + f + "]"},
		{"D9 object repeated whole", []string{"[" + call("", `"a"`, `"f"`, `{"x":1}`) + "]", "[" + call("", `"a"`, `"f"`, `{"x":1}`) + "]"}, "[" + f + "]"},
		{"D9 equal pieces are no repetition", []string{"[" + call("0", `"a"`, `"f"`, `"[1"`) + "]", "[" + call("0", "", "", `"1"`) + "]", "[" + call("0", "", "", `"1"`) + "]", "[" + call("0", "", "", `"]"`) + "]"},
			`[{"id":"a","type":"function","function":{"name":"f","arguments":"[111]"}}]`},
		{"D9 an open text is no repetition", []string{"[" + call("0", `"a"`, `"f"`, `"[\"}{"`) + "]", "[" + call("0", "", "", `"[\"}{"`) + "]", "[" + call("0", "", "", `"\\\"]\"]"`) + "]"},
			`[{"id":"a","type":"function","function":{"name":"f","arguments":"[\"}{[\"}{\\\"]\"]"}}]`},
		{"D10 several in one event", []string{"[" + call("0", `"a"`, `"f"`, `"{\"x\":1}"`) + "," + call("1", `"b"`, `"g"`, `"{\"y\":2}"`) + "]", `[{"type":"function","function":{"name":"","arguments":""},"index":1}]`}, "[" + f + "," + g + "]"},
		{"D11 type at last", []string{`[{"id":"a","function":{"name":"f","arguments":"{\"x\":1}"},"index":0}]`, `[{"index":0,"type":"function"}]`}, "[" + f + "]"},
		{"D11 another type", []string{`[{"index":0,"id":"a","type":"mcp","x":[1]}]`, `[{"index":0,"type":"function","x":[2]}]`}, `[{"id":"a","type":"mcp","x":[2]}]`},
		{"D12 name in pieces", []string{"[" + call("0", `"a"`, `"get_"`, "") + "]", "[" + call("0", "", `"weather"`, "") + "]", "[" + call("0", "", "", `"{}"`) + "]"}, `[{"id":"a","type":"function","function":{"name":"get_weather","arguments":"{}"}}]`},
		{"D12 arguments before name and id", []string{"[" + call("0", "", "", `"{\"x\""`) + "]", "[" + call("0", "", `"f"`, `":1}"`) + "]", "[" + call("0", `"a"`, "", "") + "]"}, "[" + f + "]"},
		{"D14 empty list", []string{"[]", "[" + call("0", `"a"`, `"f"`, `"{\"x\":1}"`) + "]", "[]", "null"}, "[" + f + "]"},
		{"extension of a call", []string{`[{"index":0,"id":"a","function":{"name":"f","arguments":"{\"x\":1}","strict":true},"extra_content":{"google":{"thought_signature":"s"}}}]`},
			`[{"id":"a","type":"function","function":{"name":"f","arguments":"{\"x\":1}","strict":true},"extra_content":{"google":{"thought_signature":"s"}}}]`},
		{"custom tool", []string{`[{"index":0,"id":"a","type":"custom","custom":{"name":"sh","input":"l"}}]`, `[{"index":0,"custom":{"input":"s"}}]`, `[{"index":0,"custom":{"input":"!"}}]`},
			`[{"id":"a","type":"custom","custom":[{"name":"sh","input":"l"},{"input":"s"},{"input":"!"}]}]`},
		{"calls of another shape", []string{`["f()",1]`, `[null]`}, `["f()",1,null]`},
	} {
		t.Run(test.name, func(t *testing.T) {
			var all []string
			for _, list := range test.pieces {
				all = append(all, `{"content":null,"tool_calls":`+list+`}`)
			}
			a := accumulate(t, deltas(all...)...)
			assert.JSONEq(t, test.want, messageMember(t, a, "tool_calls"))
			// The pieces of another choice do not matter.
			var doubled []string
			for _, list := range test.pieces {
				doubled = append(doubled, `{"choices":[{"index":1,"delta":{"tool_calls":`+list+`}},{"index":0,"delta":{"tool_calls":`+list+`}}]}`)
			}
			c := accumulate(t, doubled...).Completion()
			require.Len(t, c.Choices, 2)
			one, err := json.Marshal(c.Choices[0].Message.ToolCalls.Value)
			require.NoError(t, err)
			two, err := json.Marshal(c.Choices[1].Message.ToolCalls.Value)
			require.NoError(t, err)
			assert.Equal(t, one, two)
		})
	}
}

func TestLegacyFunctionQuirks(t *testing.T) {
	for _, test := range []struct {
		name   string
		pieces []string
		want   string
	}{
		{"arguments an object", []string{`{"name":"f","arguments":{"x":1}}`}, `{"name":"f","arguments":"{\"x\":1}"}`},
		{"name repeated, arguments null", []string{`{"name":"f","arguments":null}`, `{"name":"f","arguments":"{}"}`, `null`}, `{"name":"f","arguments":"{}"}`},
		{"repeated whole", []string{`{"name":"f","arguments":"{}"}`, `{"name":"f","arguments":"{}"}`}, `{"name":"f","arguments":"{}"}`},
		{"of another shape", []string{`"f()"`}, `"f()"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			var all []string
			for _, p := range test.pieces {
				all = append(all, `{"function_call":`+p+`}`)
			}
			assert.JSONEq(t, test.want, messageMember(t, accumulate(t, deltas(all...)...), "function_call"))
		})
	}
}
