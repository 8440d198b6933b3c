package chatstream_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-08fc7208/chatstream"
)

// messageOf returns the first choice's message.
func messageOf(t *testing.T, a *chatstream.Accumulator) *chatstream.Message {
	t.Helper()
	c := a.Completion()
	require.NotEmpty(t, c.Choices)
	return &c.Choices[0].Message
}

// checkMessages has a message for each list of deltas: its members but role, and content
// where it is null.
func checkMessages(t *testing.T, rows []messageRow) {
	t.Helper()
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			a := accumulate(t, deltas(row.deltas...)...)
			var got map[string]json.RawMessage
			text, err := json.Marshal(messageOf(t, a))
			require.NoError(t, err)
			require.NoError(t, json.Unmarshal(text, &got))
			delete(got, "role")
			if string(got["content"]) == "null" {
				delete(got, "content")
			}
			text, err = json.Marshal(got)
			require.NoError(t, err)
			assert.JSONEq(t, "{"+row.want+"}", string(text))
		})
	}
}

type messageRow struct {
	name   string
	deltas []string
	want   string
}

// TestScalarsAreText: a number or boolean instead of a text counts as its JSON text.
func TestScalarsAreText(t *testing.T) {
	checkMessages(t, []messageRow{
		{"content", []string{`{"content":"It costs $"}`, `{"content":0.005}`, `{"content":" per token ["}`, `{"content":1}`, `{"content":"]."}`}, `"content":"It costs $0.005 per token [1]."`},
		{"content begins with one", []string{`{"content":3}`, `{"content":" apples"}`}, `"content":"3 apples"`},
		{"content is one", []string{`{"content":-1.50e3}`}, `"content":"-1.50e3"`},
		{"booleans", []string{`{"content":"is "}`, `{"content":true}`, `{"content":" not "}`, `{"content":false}`}, `"content":"is true not false"`},
		{"null is none", []string{`{"content":"a"}`, `{"content":null}`, `{"content":"b"}`}, `"content":"ab"`},
		{"among parts", []string{`{"content":[{"type":"image_url","image_url":{}}]}`, `{"content":"No. "}`, `{"content":7}`}, `"content":[{"type":"image_url","image_url":{}},{"type":"text","text":"No. 7"}]`},
		{"text of a part", []string{`{"content":{"type":"text","text":5}}`, `{"content":[{"type":"text","te\u0078t":true,"x":1}]}`}, `"content":[{"type":"text","text":"5"},{"type":"text","text":"true","x":1}]`},
		{"null is no text of a part", []string{`{"content":{"type":"text","text":null}}`}, `"content":[{"type":"text","text":null}]`},
		{"refusal", []string{`{"refusal":"No, "}`, `{"refusal":1}`, `{"refusal":" reason"}`}, `"refusal":"No, 1 reason"`},
		{"reasoning", []string{`{"reasoning":1}`, `{"reasoning":" + "}`, `{"reasoning":1}`}, `"reasoning":"1 + 1"`},
		{"reasoning_content", []string{`{"reasoning_content":"x = "}`, `{"reasoning_content":2.0}`}, `"reasoning_content":"x = 2.0"`},
		{"signature and redacted", []string{`{"reasoning_signature":12,"redacted_reasoning":34}`, `{"reasoning_signature":"ab"}`}, `"reasoning_signature":"12ab","redacted_reasoning":"34"`},
		{"reasoning_text", []string{`{"reasoning_text":1}`, `{"reasoning_text":2}`, `{"reasoning_text":" is 12"}`}, `"reasoning_text":"12 is 12"`},
		{"cot_summary", []string{`{"cot_summary":"Step "}`, `{"cot_summary":1}`}, `"cot_summary":"Step 1"`},
		{"arguments", []string{`{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{\"n\":"}}]}`, `{"tool_calls":[{"index":0,"function":{"arguments":42}}]}`, `{"tool_calls":[{"index":0,"function":{"arguments":"}"}}]}`},
			`"tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{\"n\":42}"}}]`},
		{"arguments true", []string{`{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{\"b\":"}}]}`, `{"tool_calls":[{"index":0,"function":{"arguments":true}}]}`, `{"tool_calls":[{"index":0,"function":{"arguments":"}"}}]}`},
			`"tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{\"b\":true}"}}]`},
		{"id of a call", []string{`{"tool_calls":[{"index":0,"id":17,"function":{"name":"f","arguments":"{"}}]}`, `{"tool_calls":[{"index":0,"id":17,"function":{"arguments":"}"}}]}`},
			`"tool_calls":[{"id":"17","type":"function","function":{"name":"f","arguments":"{}"}}]`},
		{"function_call", []string{`{"function_call":{"name":"f","arguments":"[1,"}}`, `{"function_call":{"arguments":2}}`, `{"function_call":{"arguments":"]"}}`}, `"function_call":{"name":"f","arguments":"[1,2]"}`},
		{"transcript", []string{`{"audio":{"id":"x","transcript":"Gate "}}`, `{"audio":{"transcript":12}}`}, `"audio":{"id":"x","transcript":"Gate 12"}`},
		{"numbers that are none of a text's", []string{`{"token_id":1,"content":"a"}`, `{"token_id":2,"content":"b"}`}, `"content":"ab","token_id":2`},
	})
}

// TestContentParts: the list has all content parts, and nothing else.
func TestContentParts(t *testing.T) {
	checkMessages(t, []messageRow{
		{"a bare part", []string{`{"content":{"type":"text","text":"Hi"}}`}, `"content":[{"type":"text","text":"Hi"}]`},
		{"bare parts and strings", []string{`{"content":"So: "}`, `{"content":{"type":"text","text":"a"}}`, `{"content":"b"}`}, `"content":[{"type":"text","text":"So: "},{"type":"text","text":"a"},{"type":"text","text":"b"}]`},
		{"a bare thinking part", []string{`{"content":{"type":"thinking","thinking":"hm"}}`, `{"content":"Yes"}`}, `"content":[{"type":"thinking","thinking":"hm"},{"type":"text","text":"Yes"}]`},
		{"strings in a list", []string{`{"content":["a","\u0062"]}`, `{"content":["c"]}`}, `"content":"abc"`},
		{"strings and parts in a list", []string{`{"content":["a",{"type":"reference","ids":[1]},"b",2]}`}, `"content":[{"type":"text","text":"a"},{"type":"reference","ids":[1]},{"type":"text","text":"b2"}]`},
		{"a part without a type", []string{`{"content":{"text":"a"}}`, `{"content":[{"text":"b"}]}`}, `"content":"ab"`},
		{"no part at all", []string{`{"content":{"x":1}}`}, ``},
		{"no part beside text", []string{`{"content":"a"}`, `{"content":[{"x":1},[2],null,{"type":3}]}`, `{"content":"b"}`}, `"content":"ab"`},
		{"an empty object", []string{`{"content":{}}`, `{"content":"a"}`}, `"content":"a"`},
		{"a string is no part", []string{`{"content":"{\"type\":\"text\",\"text\":\"x\"}"}`}, `"content":"{\"type\":\"text\",\"text\":\"x\"}"`},
		{"an escaped name", []string{`{"content":{"typ\u0065":"text","te\u0078t":"Hi"}}`}, `"content":[{"typ\u0065":"text","te\u0078t":"Hi"}]`},
	})
	m := messageOf(t, accumulate(t, deltas(`{"content":{"x":1}}`, `{"content":"a"}`, `{"content":[{"type":"thinking","text":"no answer"},{"type":"text","text":"b"}]}`)...))
	assert.Equal(t, "ab", m.Content.Value.String(), "thoughts are no content")
	numbered := messageOf(t, accumulate(t, deltas(`{"content":{"type":"text","text":5}}`, `{"content":{"type":"text","text":" apples"}}`)...))
	assert.Equal(t, "5 apples", numbered.Content.Value.String())
	value, _ := extraOf(m.Extra, "content")
	assert.Equal(t, `{"x":1}`, value, "it is not lost")
	assert.Equal(t, "no answer", m.ReasoningText().String())
}

// extraOf returns the value of a member without a field.
func extraOf(extra []chatstream.Member, name string) (string, bool) {
	for _, m := range extra {
		if m.Name.String() == name {
			return m.Value.String(), true
		}
	}
	return "", false
}

// TestUsageIsMerged: a count that a later usage lacks keeps its value.
func TestUsageIsMerged(t *testing.T) {
	const all = `{"prompt_tokens":20,"completion_tokens":2,"total_tokens":22,"prompt_tokens_details":{"cached_tokens":4,"x":1},"completion_tokens_details":{"reasoning_tokens":1},"cost":0.5}`
	for _, test := range []struct {
		name   string
		usages []string
		want   string
	}{
		{"empty", []string{`{}`, all, `{}`}, all},
		{"null and absent members", []string{all, `{"prompt_tokens":null,"completion_tokens":null,"prompt_tokens_details":null,"cost":null}`}, all},
		{"empty details", []string{all, `{"prompt_tokens_details":{},"completion_tokens_details":{}}`}, all},
		{"a count comes again", []string{all, `{"completion_tokens":3,"total_tokens":23}`}, `{"prompt_tokens":20,"completion_tokens":3,"total_tokens":23,"prompt_tokens_details":{"cached_tokens":4,"x":1},"completion_tokens_details":{"reasoning_tokens":1},"cost":0.5}`},
		{"zero is a count", []string{all, `{"prompt_tokens":0,"cost":0}`}, `{"prompt_tokens":0,"completion_tokens":2,"total_tokens":22,"prompt_tokens_details":{"cached_tokens":4,"x":1},"completion_tokens_details":{"reasoning_tokens":1},"cost":0}`},
		{"details", []string{all, `{"prompt_tokens_details":{"audio_tokens":7,"y":2},"completion_tokens_details":{"accepted_prediction_tokens":5,"rejected_prediction_tokens":6,"audio_tokens":8}}`},
			`{"prompt_tokens":20,"completion_tokens":2,"total_tokens":22,"prompt_tokens_details":{"cached_tokens":4,"audio_tokens":7,"x":1,"y":2},"completion_tokens_details":{"reasoning_tokens":1,"accepted_prediction_tokens":5,"rejected_prediction_tokens":6,"audio_tokens":8},"cost":0.5}`},
		{"objects without a field", []string{`{"cost":{"input":1,"total":{"a":1,"b":2}},"tiers":[1]}`, `{"cost":{"output":2,"total":{"b":3,"c":null}},"tiers":[2]}`, `{"cost":{},"tiers":[]}`},
			`{"cost":{"input":1,"output":2,"total":{"a":1,"b":3,"c":null}},"tiers":[2]}`},
		{"null and empty members of objects without a field", []string{`{"cost":{"a":1,"b":{"c":2}}}`, `{"cost":{"a":null,"b":{}}}`}, `{"cost":{"a":1,"b":{"c":2}}}`},
		{"in halves", []string{`{"prompt_tokens":5}`, `{"completion_tokens":6}`}, `{"prompt_tokens":5,"completion_tokens":6}`},
		{"null stays null until a count comes", []string{`{"prompt_tokens":null,"completion_tokens":null}`, `{"completion_tokens":1}`}, `{"prompt_tokens":null,"completion_tokens":1}`},
		{"counts are not summed", []string{`{"completion_tokens":1}`, `{"completion_tokens":1}`, `{"completion_tokens":1}`}, `{"completion_tokens":1}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			var payloads []string
			for _, u := range test.usages {
				payloads = append(payloads, `{"choices":[],"usage":`+u+`}`, `{"choices":[],"usage":null}`, `{"choices":[]}`)
			}
			got := accumulate(t, payloads...).Completion().AppendJSON(nil)
			assert.JSONEq(t, `{"object":"chat.completion","choices":[],"usage":`+test.want+`}`, string(got))
		})
	}
}

// TestStringsWithoutAField: strings without a field are joined, except for labels.
func TestStringsWithoutAField(t *testing.T) {
	checkMessages(t, []messageRow{
		{"joined", []string{`{"reasoning_text":"The user "}`, `{"reasoning_text":"says hi."}`}, `"reasoning_text":"The user says hi."`},
		{"of any name", []string{`{"monologue":"a"}`, `{"monologue":"b","aside":"\"x"}`, `{"monologue":"\u0063","aside":"\ny"}`}, `"monologue":"abc","aside":"\"x\ny"`},
		{"a surrogate pair in two pieces", []string{`{"cot_summary":"\ud83d"}`, `{"cot_summary":"\ude00"}`}, `"cot_summary":"😀"`},
		{"empty and null pieces", []string{`{"x":""}`, `{"x":"a"}`, `{"x":null}`, `{"x":""}`, `{"x":"b"}`}, `"x":"ab"`},
		{"one that does not change", []string{`{"vendor":"acme"}`, `{"vendor":"acme"}`, `{"vendor":"acme"}`}, `"vendor":"acme"`},
		{"one that changes at last", []string{`{"x":"ha"}`, `{"x":"ha"}`, `{"x":"ha"}`, `{"x":"!"}`}, `"x":"hahaha!"`},
		{"one that changes and repeats", []string{`{"x":"a"}`, `{"x":"b"}`, `{"x":"b"}`, `{"x":"ab"}`}, `"x":"abbab"`},
		{"a number follows a string", []string{`{"x":"No. "}`, `{"x":5}`}, `"x":"No. 5"`},
		{"a string follows a number", []string{`{"x":5}`, `{"x":5}`, `{"x":"th"}`}, `"x":"55th"`},
		{"labels", []string{`{"channel":"analysis","phase":"a","status":"a","type":"a","format":"a","id":"a","name":"a","language":"a"}`, `{"channel":"final","phase":"b","status":"b","type":"b","format":"b","id":"b","name":"b","language":"b"}`, `{"channel":"","id":null}`},
			`"channel":"final","phase":"b","status":"b","type":"b","format":"b","id":"b","name":"b","language":"b"`},
		{"lists", []string{`{"annotations":[{"a":1}]}`, `{"annotations":[]}`, `{"annotations":[2,3]}`}, `"annotations":[{"a":1},2,3]`},
		{"a list that does not change", []string{`{"annotations":[1,[2]]}`, `{"annotations":[1,[2]]}`, `{"annotations":[1,[2]]}`}, `"annotations":[1,[2]]`},
		{"a list that changes at last", []string{`{"annotations":[1,[2]]}`, `{"annotations":[1,[2]]}`, `{"annotations":[1,[2]]}`, `{"annotations":[3]}`, `{"annotations":[3]}`}, `"annotations":[1,[2],1,[2],1,[2],3,3]`},
		{"lists of lists", []string{`{"x":[[1],[2]]}`, `{"x":[[1],[2]]}`, `{"x":[[3]]}`, `{"x":[[4],[5]]}`}, `"x":[[1],[2],[1],[2],[3],[4],[5]]`},
		{"an empty list first", []string{`{"annotations":[]}`, `{"annotations":[]}`, `{"annotations":[3]}`, `{"annotations":[]}`}, `"annotations":[3]`},
		{"other values", []string{`{"o":{"a":1},"n":1,"b":true}`, `{"o":{"b":2},"n":2,"b":false}`}, `"o":{"b":2},"n":2,"b":false`},
		{"a value of another kind", []string{`{"x":"a"}`, `{"x":{"b":1}}`}, `"x":{"b":1}`},
	})
	// Beside the delta strings are not joined.
	c := accumulate(t, `{"x":"a","choices":[{"index":0,"stop_reason":"a","delta":{}}]}`, `{"x":"b","choices":[{"index":0,"stop_reason":"b","delta":{}}]}`).Completion()
	top, _ := extraOf(c.Extra, "x")
	choice, _ := extraOf(c.Choices[0].Extra, "stop_reason")
	assert.Equal(t, []string{`"b"`, `"b"`}, []string{top, choice})
}

func TestReasoningText(t *testing.T) {
	for _, test := range []struct {
		name   string
		deltas []string
		want   string
	}{
		{"reasoning_text", []string{`{"reasoning_text":"The user "}`, `{"reasoning_text":"says h\u0069."}`}, "The user says hi."},
		{"cot_summary", []string{`{"cot_summary":"I add."}`, `{"content":"2"}`}, "I add."},
		{"reasoning_details", []string{`{"reasoning_details":[{"type":"reasoning.text","text":"a"},{"type":"reasoning.encrypted","data":"=="}]}`, `{"reasoning_details":[{"type":"reasoning.summary","summary":"\nb"}]}`}, "a\nb"},
		{"thinking_blocks", []string{`{"thinking_blocks":[{"type":"thinking","thinking":"a","signature":"s"}]}`, `{"thinking_blocks":[{"type":"thinking","thinking":"b"}]}`}, "ab"},
		{"thinking", []string{`{"thinking":"a"}`, `{"thinking":"b"}`}, "ab"},
		{"thinking parts with a list", []string{`{"content":[{"type":"thinking","thinking":[{"type":"text","text":"a"},{"type":"text","text":"b"}]}]}`, `{"content":"c"}`}, "ab"},
		{"thinking parts with a string", []string{`{"content":[{"type":"thinking","thinking":"a"}]}`, `{"content":{"type":"thinking","thinking":"b"}}`}, "ab"},
		{"reasoning parts", []string{`{"content":[{"type":"reasoning","text":"a"},{"type":"text","text":"b"}]}`}, "a"},
		{"a number", []string{`{"reasoning_text":"x = "}`, `{"reasoning_text":5}`}, "x = 5"},
		{"not ASCII", []string{`{"reasoning_text":"日本"}`}, "日本"},
		{"the same under two names", []string{`{"reasoning":"a","reasoning_details":[{"type":"reasoning.text","text":"a"}]}`, `{"reasoning_content":"a","reasoning_text":"a"}`}, "a"},
		{"nothing but encrypted", []string{`{"reasoning_details":[{"type":"reasoning.encrypted","data":"=="}]}`}, ""},
		{"no thoughts", []string{`{"content":[{"type":"text","text":"a"},{"type":"reference","ids":[1]}],"refusal":"no","annotations":[{"text":"b"}]}`}, ""},
		{"too deep", []string{`{"thinking":[[[[[[[[[["a"]]]]]]]]]]}`}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := accumulate(t, deltas(test.deltas...)...).Completion()
			m := &c.Choices[0].Message
			assert.Equal(t, test.want, m.ReasoningText().String())
			assert.Equal(t, test.want, c.Clone().Choices[0].Message.ReasoningText().String())
		})
	}
}

// TestWholeMessages: a message instead of a delta is the answer. Beside a message, the delta
// counts.
func TestWholeMessages(t *testing.T) {
	const call = `{"id":"a","type":"function","function":{"name":"f","arguments":"{\"x\":1}"}}`
	choice := func(members string) string { return `{"choices":[{"index":0,` + members + `}]}` }
	for _, test := range []struct {
		name   string
		chunks []string
		want   string // members of the message but role
	}{
		{"a whole completion", []string{choice(`"message":{"role":"assistant","content":"OK","refusal":null,"annotations":[]},"finish_reason":"stop"`)}, `"content":"OK","refusal":null,"annotations":[]`},
		{"with tool calls", []string{choice(`"message":{"content":null,"tool_calls":[` + call + `,{"id":"b","type":"function","function":{"name":"g","arguments":""}}]}`)},
			`"content":null,"tool_calls":[` + call + `,{"id":"b","type":"function","function":{"name":"g","arguments":""}}]`},
		{"the same again", []string{choice(`"message":{"content":"All","tool_calls":[` + call + `],"annotations":[1]}`), choice(`"message":{"content":"All","tool_calls":[` + call + `],"annotations":[1]}`)},
			`"content":"All","tool_calls":[` + call + `],"annotations":[1]`},
		{"cumulative", []string{choice(`"message":{"content":"He","x":"a"}`), choice(`"message":{"content":"Hello","x":"ab"}`), choice(`"message":{"content":"Hello!"}`)}, `"content":"Hello!","x":"ab"`},
		{"in pieces", []string{choice(`"message":{"content":"He"}`), choice(`"message":{"content":"llo"}`), choice(`"message":{"content":""},"finish_reason":"stop"`)}, `"content":"Hello"`},
		{"a null delta", []string{choice(`"delta":null,"message":{"content":"OK"}`)}, `"content":"OK"`},
		{"a delta that says nothing", []string{choice(`"delta":{"role":"assistant","content":""},"message":{"content":"OK"}`)}, `"content":"OK"`},
		{"after deltas", []string{choice(`"delta":{"content":"Hi"}`), choice(`"message":{"content":"Hi","tool_calls":[]},"finish_reason":"stop"`)}, `"content":"Hi"`},
		{"after deltas, in other words", []string{choice(`"delta":{"content":"Hi"}`), choice(`"message":{"content":"Hi there","refusal":"late"}`)}, `"content":"Hi","refusal":"late"`},
		{"what deltas left out", []string{choice(`"delta":{"reasoning_content":"hm"}`), choice(`"message":{"content":"Hi","reasoning_content":"hm"}`)}, `"content":"Hi","reasoning_content":"hm"`},
		{"beside deltas, cumulative", []string{choice(`"delta":{"content":"Cr"},"message":{"content":"Cr"}`), choice(`"delta":{"content":"ème"},"message":{"content":"Crème"}`), choice(`"delta":{},"message":{"content":"Crème"}`)}, `"content":"Crème"`},
		{"beside deltas, in other words", []string{choice(`"delta":{"content":"a"},"message":{"content":"b","x":1}`)}, `"content":"a"`},
		{"parts", []string{choice(`"message":{"content":[{"type":"text","text":"Hi"}]}`), choice(`"message":{"content":[{"type":"text","text":"Hi"}]}`)}, `"content":[{"type":"text","text":"Hi"}]`},
		{"a function and a number", []string{choice(`"message":{"content":5,"function_call":{"name":"f","arguments":"{}"}}`), choice(`"message":{"function_call":{"name":"f","arguments":"{}"}}`)}, `"content":"5","function_call":{"name":"f","arguments":"{}"}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			text, err := json.Marshal(messageOf(t, accumulate(t, test.chunks...)))
			require.NoError(t, err)
			assert.JSONEq(t, `{"role":"assistant",`+test.want+`}`, string(text))
		})
	}
	// A message that is no object is a member like others.
	c := accumulate(t, choice(`"delta":{"content":"a"},"message":"busy"`)).Completion()
	value, _ := extraOf(c.Choices[0].Extra, "message")
	assert.Equal(t, `"busy"`, value)
}

func TestTruncated(t *testing.T) {
	call := func(arguments string) string {
		text, _ := json.Marshal(arguments)
		return `"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":` + string(text) + `}}]}`
	}
	for _, test := range []struct {
		name    string
		choices []string
		want    bool
	}{
		{"stop", []string{`"delta":{"content":"a"},"finish_reason":"stop"`}, false},
		{"no reason", []string{`"delta":{"content":"a"},"finish_reason":null`, `"delta":{},"finish_reason":""`}, true},
		{"length", []string{`"delta":{"content":"a"},"finish_reason":"length"`}, true},
		{"length, then stop", []string{`"delta":{"content":"a"},"finish_reason":"length"`, `"delta":{},"finish_reason":"stop"`}, true},
		{"tool_calls, then stop", []string{call(`{}`) + `,"finish_reason":"tool_calls"`, `"delta":{},"finish_reason":"stop"`}, false},
		{"cut arguments", []string{call(`{"summary":"The cache`) + `,"finish_reason":"tool_calls"`}, true},
		{"cut arguments with stop", []string{call(`{"a":[1,`) + `,"finish_reason":"stop"`}, true},
		{"whole arguments", []string{call(`{"a":[1,2]}`) + `,"finish_reason":"tool_calls"`}, false},
		{"no arguments", []string{call(``) + `,"finish_reason":"tool_calls"`}, false},
		{"cut function", []string{`"delta":{"function_call":{"name":"f","arguments":"{\"a"}},"finish_reason":"function_call"`}, true},
		{"whole function", []string{`"delta":{"function_call":{"name":"f","arguments":"{}"}},"finish_reason":"function_call"`}, false},
		{"native length", []string{call(`{}`) + `,"finish_reason":"tool_calls","native_finish_reason":"length"`}, true},
		{"native MAX_TOKENS", []string{`"delta":{"content":"a"},"finish_reason":"stop","native_finish_reason":null`, `"delta":{},"finish_reason":"stop","native_finish_reason":"MAX_TOKENS"`}, true},
		{"native max_tokens", []string{`"delta":{"content":"a"},"finish_reason":"stop","native_finish_reason":"max_tokens"`}, true},
		{"native stop", []string{`"delta":{"content":"a"},"finish_reason":"stop","native_finish_reason":"end_turn"`}, false},
		{"a filter", []string{`"delta":{"content":"a"},"finish_reason":"content_filter"`}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			var payloads []string
			for _, c := range test.choices {
				payloads = append(payloads, `{"choices":[{"index":0,`+c+`}]}`)
			}
			a := accumulate(t, payloads...)
			assert.Equal(t, test.want, a.Completion().Choices[0].Truncated())
			assert.Equal(t, test.want, a.Completion().Clone().Choices[0].Truncated())
			a.Reset()
			require.NoError(t, a.Add(unmarshal(t, `{"choices":[{"index":0,"delta":{"content":"a"},"finish_reason":"stop"}]}`)))
			assert.False(t, a.Completion().Choices[0].Truncated(), "after Reset")
		})
	}
}
