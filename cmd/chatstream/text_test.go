package main

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// piece is an event of one choice: "0:text" adds text, "0." finishes it.
func piece(s string) string {
	if index, ok := strings.CutSuffix(s, "."); ok {
		return fmt.Sprintf(`data: {"choices":[{"index":%s,"delta":{},"finish_reason":"stop"}]}`+"\n\n", index)
	}
	index, text, _ := strings.Cut(s, ":")
	member := "content"
	if strings.HasPrefix(text, "~") {
		member = "reasoning"
	}
	return fmt.Sprintf(`data: {"choices":[{"index":%s,"delta":{%q:%q}}]}`+"\n\n", index, member, text)
}

func pieces(s string) string {
	var b strings.Builder
	for word := range strings.FieldsSeq(s) {
		b.WriteString(piece(word))
	}
	return b.String() + done
}

// TestChoices: the choices of one stream are never mixed.
func TestChoices(t *testing.T) {
	const h0, h1, h2 = "\n--- choice 0 ---\n", "\n--- choice 1 ---\n", "\n--- choice 2 ---\n"
	for name, test := range map[string]struct{ stream, out, err string }{
		"one":                         {"0:a 0:b 0.", "ab\n", ""},
		"two, interleaved":            {"0:a 1:x 0:b 1:y 0. 1.", "ab\n" + h1 + "xy\n", ""},
		"the second ends first":       {"0:a 1:x 1. 0:b 0.", "ab\n" + h1 + "x\n", ""},
		"one after the other":         {"0:a 0:b 0. 1:x 1:y 1.", "ab\n" + h1 + "xy\n", ""},
		"the second goes on live":     {"0:a 1:x 0. 1:y 1.", "a\n" + h1 + "xy\n", ""},
		"never finished":              {"0:a 1:x 2:p 1:y 0:b", "ab\n" + h1 + "xy\n" + h2 + "p\n", ""},
		"three, in order of index":    {"0:a 2:p 1:x 0. 2. 1.", "a\n" + h1 + "x\n" + h2 + "p\n", ""},
		"begins with another":         {"1:x 0:a 1. 0.", "x\n" + h0 + "a\n", ""},
		"text after the finish":       {"0:a 0. 0:b", "ab\n", ""},
		"text after the other's turn": {"0:a 1:x 0. 1:y 0:b 1.", "a\n" + h1 + "xy\n" + h0 + "b\n", ""},
		"empty choice":                {"0:a 1: 0. 1.", "a\n", ""},
		"the first is empty":          {"0: 1:x 0. 1.", "--- choice 1 ---\nx\n", ""},
		"with reasoning": {"0:~r 1:~s 0:a 1:x 0. 1.", "a\n" + h1 + "x\n",
			"~r\n" + h1 + "~s\n"},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, outcome{0, test.out, test.err}, runOn(pieces(test.stream)))
		})
	}
}

// TestNextChoice: where the live choice finishes, those that have finished too are
// printed, and the next one that has not is live.
func TestNextChoice(t *testing.T) {
	var out bytes.Buffer
	shown := ""
	in := &stallingReader{
		pieces:  []string{piece("0:a") + piece("1:x") + piece("1.") + piece("2:p") + piece("3:q") + piece("0."), piece("2:r")},
		stalled: func() { shown = out.String() },
		release: make(chan struct{}),
	}
	close(in.release)
	run(nil, in, &out, io.Discard, testSystem)
	assert.Equal(t, "a\n\n--- choice 1 ---\nx\n\n--- choice 2 ---\npr", shown)
}

// TestMessage: a message in the place of a delta is the answer, but not where it
// says once more what deltas said.
func TestMessage(t *testing.T) {
	const message = `"message":{"role":"assistant","content":"OK","reasoning_content":"hm","tool_calls":[{"id":"x","type":"function","function":{"name":"f","arguments":"{}"}}]}`
	whole := ev(`{"object":"chat.completion","choices":[{"index":0,` + message + `,"finish_reason":"tool_calls"}]}`)
	assert.Equal(t, outcome{0, "OK\n\nf({})\n", "hm\n"}, runOn(whole+done))
	assert.Equal(t, outcome{0, "OK\n\nf({})\n", "hm\n"}, runOn(whole+whole+done), "once more")
	said := func(content string) string { return ch(`"message":{"content":"` + content + `"},"finish_reason":null`) }
	assert.Equal(t, outcome{0, "Hello\n", ""}, runOn(said("Hel")+said("lo")+said("")+stop+done), "in pieces")
	assert.Equal(t, outcome{0, "Hello!\n", ""}, runOn(said("Hel")+said("Hello")+said("Hello!")+stop+done), "cumulative")
	last := ch(`"delta":{"role":"assistant","content":""},` + message + `,"finish_reason":"stop"`)
	assert.Equal(t, outcome{0, "O\n", ""}, runOn(delta(`"content":"O"`)+last+done))
	assert.Equal(t, outcome{0, "f({})\n", ""}, runOn(delta(`"tool_calls":[{"index":0,"function":{"name":"f","arguments":"{}"}}]`)+last+done))
	assert.Equal(t, outcome{0, "a\n", ""}, runOn(ch(`"delta":{"content":"a"},"message":{"content":"b"},"finish_reason":"stop"`)+done))
	for _, none := range []string{`"x"`, `null`, `[]`, `{"content":null}`, `{}`} {
		assert.Equal(t, outcome{0, "", ""}, runOn(ch(`"message":`+none+`,"finish_reason":"stop"`)+done), none)
	}
	for mode, want := range map[string]string{"-json": `"content":"OK"`, "-completion": `"content":"OK"`, "-check": "stream/message", "-stats": "first text "} {
		assert.Contains(t, runOn(whole+done, mode).out, want, mode)
	}
	assert.NotContains(t, runOn(whole+done, "-stats").out, "first text   -")
}

// TestSurfaces: every kind of text is shown once, where it belongs.
func TestSurfaces(t *testing.T) {
	for name, test := range map[string]struct{ delta, out, err string }{
		"content":                 {`"content":"a"`, "a\n", ""},
		"line end kept":           {`"content":"a\n\n"`, "a\n\n", ""},
		"refusal":                 {`"refusal":"no"`, "no\n", ""},
		"transcript":              {`"audio":{"transcript":"hear","data":"AAAA"}`, "hear\n", ""},
		"role only":               {`"role":"assistant","content":""`, "", ""},
		"reasoning":               {`"reasoning":"r"`, "", "r\n"},
		"reasoning_content":       {`"reasoning_content":"r","content":null`, "", "r\n"},
		"two names, one text":     {`"reasoning":"r","reasoning_content":"r"`, "", "r\n"},
		"two names, two texts":    {`"reasoning":"r","reasoning_content":"s"`, "", "rs\n"},
		"details beside":          {`"reasoning":"r","reasoning_details":[{"text":"r"}]`, "", "r\n"},
		"details alone":           {`"reasoning_details":[{"text":"r"},{"summary":"s"},{"data":"x"},7,null]`, "", "rs7\n"},
		"thinking blocks":         {`"thinking_blocks":[{"type":"thinking","thinking":"r"}]`, "", "r\n"},
		"reasoning text":          {`"reasoning_text":"r","content":"a"`, "a\n", "r\n"},
		"reasoning before answer": {`"content":"a","reasoning":"r"`, "a\n", "r\n"},
		"content parts":           {`"content":[{"type":"thinking","thinking":[{"type":"text","text":"r"}]},{"type":"text","text":"a"},{"type":"reference","reference_ids":[1]}]`, "a\n", "r\n"},
		"thinking as text":        {`"content":[{"thinking":"r"},{"text":3},{"text":"a"}]`, "3a\n", "r\n"},
		"content of no use":       {`"content":{"x":"a"}`, "", ""},
		"one part":                {`"content":{"type":"text","text":"a"}`, "a\n", ""},
		"a number":                {`"content":0.005`, "0.005\n", ""},
		"a boolean":               {`"refusal":false`, "false\n", ""},
		"a number thought of":     {`"reasoning_content":1e3`, "", "1e3\n"},
		"cot_summary":             {`"cot_summary":"r"`, "", "r\n"},
		"function call stub":      {`"content":"a","function_call":{"name":"","arguments":""}`, "a\n", ""},
		"function call null":      {`"content":"a","function_call":{"name":null,"arguments":null}`, "a\n", ""},
		"tool call of nothing":    {`"content":"a","tool_calls":[{"index":0,"id":"x","type":"function","function":{"name":"","arguments":""}}]`, "a\n", ""},
		"a name alone":            {`"function_call":{"name":"f","arguments":""}`, "f()\n", ""},
		"tool call":               {`"content":"a","tool_calls":[{"index":0,"id":"x","function":{"name":"f","arguments":"{ \"n\": 1.0 }"}}]`, "a\n\nf({\"n\":1.0})\n", ""},
		"function call":           {`"function_call":{"name":"f","arguments":"{}"}`, "f({})\n", ""},
		"arguments as an object":  {`"tool_calls":[{"index":0,"function":{"name":"f","arguments":{"a":[1]}}}]`, "f({\"a\":[1]})\n", ""},
		"arguments null":          {`"tool_calls":[{"index":0,"function":{"name":"f","arguments":null}}]`, "f()\n", ""},
		"arguments that are cut":  {`"tool_calls":[{"index":0,"function":{"name":"f","arguments":"{\"a\": "}}]`, "f({\"a\": )\n", ""},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, outcome{0, test.out, test.err}, runOn(delta(test.delta)+stop+done))
		})
	}
}

// TestToolCalls: pieces find their call whatever a server makes of index and id.
func TestToolCalls(t *testing.T) {
	const twoCalls = "f({\"a\":1})\ng({\"b\":2})\n"
	for name, calls := range map[string][]string{
		"by index": {
			`{"index":0,"id":"x","type":"function","function":{"name":"f","arguments":""}}`, `{"index":0,"function":{"arguments":"{\"a\""}}`,
			`{"index":1,"id":"y","type":"function","function":{"name":"g","arguments":""}}`, `{"index":1,"function":{"arguments":"{\"b\":2}"}}`,
			`{"index":0,"function":{"arguments":":1}"}}`},
		"whole, in one event": {
			`{"index":0,"id":"x","function":{"name":"f","arguments":"{\"a\":1}"}},{"index":1,"id":"y","function":{"name":"g","arguments":"{\"b\":2}"}}`},
		"no index": {
			`{"id":"x","function":{"name":"f","arguments":"{\"a\":1}"}}`, `{"id":"y","function":{"name":"g","arguments":"{\"b\""}}`, `{"function":{"arguments":":2}"}}`},
		"no index, no id": {
			`{"function":{"name":"f","arguments":"{\"a\":1}"}}`, `{"function":{"name":"g","arguments":"{\"b\":2}"}}`},
		"all have index 0": {
			`{"index":0,"id":"x","function":{"name":"f","arguments":"{\"a\":"}}`, `{"index":0,"id":"y","function":{"name":"g","arguments":"{\"b\":2}"}}`,
			`{"index":0,"id":"x","function":{"arguments":"1}"}}`},
		"empty id and name": {
			`{"index":0,"id":"x","function":{"name":"f","arguments":"{"}}`, `{"index":0,"id":"","function":{"name":"","arguments":"\"a\":1}"}}`,
			`{"index":1,"id":"y","function":{"name":"g","arguments":"{\"b\""}}`, `{"index":1,"id":null,"function":{"name":null,"arguments":":2}"}}`},
		"id and name repeated": {
			`{"index":0,"id":"x","function":{"name":"f","arguments":"{\"a\""}}`, `{"index":0,"id":"x","function":{"name":"f","arguments":":1}"}}`,
			`{"index":1,"id":"y","function":{"name":"g","arguments":"{\"b\":2}"}}`},
		"arguments before the name": {
			`{"index":0,"function":{"arguments":"{\"a\":1}"}}`, `{"index":0,"id":"x","function":{"name":"f"}}`,
			`{"index":1,"function":{"name":"g","arguments":"{\"b\":2}"}}`},
	} {
		t.Run(name, func(t *testing.T) {
			var b strings.Builder
			for _, c := range calls {
				b.WriteString(delta(`"tool_calls":[` + c + `]`))
			}
			assert.Equal(t, outcome{0, twoCalls, ""}, runOn(b.String()+stop+done))
			assert.Equal(t, outcome{0, twoCalls, ""}, runOn(b.String()+done), "not finished")
			assert.Equal(t, twoCalls, runOn(b.String()).out, "cut short")
		})
	}
}
