package main

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-08fc7208/chatstream"
)

// answerShown is what a stream says: its text with its calls, a line each, and its thoughts.
type answerShown struct{ text, thought string }

// shownOf writes an answer as the command prints it.
func shownOf(c *chatstream.Completion) answerShown {
	m := &c.Choices[0].Message
	var lines []byte
	for _, call := range callsOf(c, 0) {
		lines = appendCall(lines, call)
	}
	parts := []string{m.Content.Value.String() + m.Refusal.Value.String() + m.Audio.Value.Transcript.Value.String(), strings.TrimSuffix(string(lines), "\n")}
	parts = slices.DeleteFunc(parts, func(s string) bool { return s == "" })
	return answerShown{freshLine(strings.Join(parts, "\n\n")), freshLine(m.ReasoningText().String())}
}

func freshLine(text string) string {
	if text == "" || strings.HasSuffix(text, "\n") {
		return text
	}
	return text + "\n"
}

// member is an event with a role and one more member of a delta of choice 0.
func member(name, value string) string { return de(`"role":"assistant",` + `"` + name + `":` + value) }

// messageEvent is an event with a message in the place of a delta.
func messageEvent(message string) string { return ch(`"message":` + message + `,"finish_reason":null`) }

// TestWaysAgree: Accumulator, Decoder, Tap, the command and -check say the same of a stream,
// whole and byte by byte. Each stream is near to one of the reports, or such that its rule
// does not apply.
func TestWaysAgree(t *testing.T) {
	const objection = "schema/objection finding"
	stopped, called := fin("stop")+done, fin("tool_calls")+done
	for name, test := range map[string]struct {
		stream string
		want   answerShown
		checks []string
	}{
		"number: exponent and boolean":     {member("content", `"is "`) + member("content", `true`) + member("content", `1e3`) + stopped, answerShown{text: "is true1e3\n"}, []string{objection}},
		"number: a thought":                {member("reasoning_content", `"2+2="`) + member("reasoning_content", `4`) + member("content", `4`) + stopped, answerShown{"4\n", "2+2=4\n"}, []string{objection}},
		"number: in a part":                {member("content", `[{"type":"text","text":"n="},{"type":"text","text":5}]`) + stopped, answerShown{text: "n=5\n"}, []string{objection}},
		"number: in a detail":              {member("reasoning_details", `[{"type":"reasoning.text","text":"n="}]`) + member("reasoning_details", `[{"type":"reasoning.text","text":4}]`) + stopped, answerShown{thought: "n=4\n"}, nil},
		"number: a thinking part":          {member("content", `[{"type":"thinking","thinking":7},{"type":"text","text":"a"}]`) + stopped, answerShown{"a\n", "7\n"}, []string{objection}},
		"number: not so, a token id":       {member("content", `"a"`) + de(`"token_id":5`) + stopped, answerShown{text: "a\n"}, nil},
		"strings in the place of parts":    {member("content", `["a","\u0062"]`) + member("content", `["c"]`) + stopped, answerShown{text: "abc\n"}, []string{objection}},
		"number: a transcript":             {de(`"role":"assistant","audio":{"id":"x","transcript":"Gate "}`) + de(`"audio":{"transcript":5}`) + stopped, answerShown{text: "Gate 5\n"}, []string{objection}},
		"part: bare":                       {member("content", `{"type":"text","text":"Hel"}`) + member("content", `{"type":"text","text":"lo"}`) + stopped, answerShown{text: "Hello\n"}, []string{objection}},
		"cumulative: two calls":            {tool(`{"index":0,"id":"a","function":{"name":"f","arguments":"{\"q\":\"pa"}},{"index":1,"id":"b","function":{"name":"g","arguments":"{\"z\":1"}}`) + tool(`{"index":0,"function":{"arguments":"{\"q\":\"paris\"}"}},{"index":1,"function":{"arguments":"{\"z\":12}"}}`) + called, answerShown{text: "f({\"q\":\"paris\"})\ng({\"z\":12})\n"}, []string{"tools/arguments-cumulative note"}},
		"cumulative: not so, cut":          {tool(named) + args(`{"q`) + args(`{"q":`) + fin("length") + done, answerShown{text: "f({\"q{\"q\":)\n"}, []string{"tools/arguments-not-json note"}},
		"{} first, then pieces":            {tool(named) + args(`{}`) + args(`{"q":`) + args(`1}`) + called, answerShown{text: "f({\"q\":1})\n"}, []string{"tools/empty-object-first note"}},
		"{} first: not so, alone":          {tool(named) + args(`{}`) + args(``) + called, answerShown{text: "f({})\n"}, nil},
		"ids tell calls of one index":      {tool(named+`,`+named2) + tool(`{"index":0,"id":"a","function":{"arguments":"{\"a\":1}"}}`) + tool(`{"index":0,"id":"b","function":{"arguments":"{\"b\":2}"}}`) + called, answerShown{text: "f({\"a\":1})\ng({\"b\":2})\n"}, []string{"tools/index-reused note"}},
		"an id at another index goes on":   {tool(named) + args(`{"a":`) + tool(`{"index":1,"id":"a","function":{"arguments":"1}"}}`) + called, answerShown{text: "f({\"a\":1})\n"}, []string{"tools/id-at-other-index note"}},
		"again: not so, other arguments":   {tool(named) + args(`{"a":1}`) + tool(`{"index":1,"id":"a","function":{"name":"f","arguments":"{\"a\":2}"}}`) + called, answerShown{text: "f({\"a\":1})\nf({\"a\":2})\n"}, []string{"tools/id-at-other-index note"}},
		"stub beside text":                 {de(`"role":"assistant","content":"Hi","tool_calls":[`+stub+`]`) + stopped, answerShown{text: "Hi\n"}, []string{objection, "tools/empty-call note"}},
		"stub: not so, a name":             {tool(`{"index":0,"function":{"name":"f"}}`) + called, answerShown{text: "f()\n"}, []string{"tools/arguments-empty note"}},
		"message: in pieces":               {messageEvent(`{"role":"assistant","content":"Hel","reasoning_text":"so"}`) + messageEvent(`{"content":"lo"}`) + messageEvent(`{"content":""}`) + stopped, answerShown{"Hello\n", "so\n"}, []string{objection, "stream/message note"}},
		"message: cumulative":              {messageEvent(`{"role":"assistant","content":"Hel"}`) + messageEvent(`{"content":"Hello"}`) + stopped, answerShown{text: "Hello\n"}, []string{objection, "stream/message note"}},
		"message: a number, a call":        {messageEvent(`{"role":"assistant","content":5,"tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}]}`) + called, answerShown{text: "5\n\nf({})\n"}, []string{objection, "stream/message note"}},
		"message: a call that grows":       {messageEvent(`{"role":"assistant","tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{\"q"}}]}`) + messageEvent(`{"role":"assistant","tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{\"q\":1}"}}]}`) + called, answerShown{text: "f({\"q\":1})\n"}, []string{objection, "stream/message note"}},
		"message: a call again":            {strings.Repeat(messageEvent(`{"role":"assistant","tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}]}`), 3) + called, answerShown{text: "f({})\n"}, []string{objection, "stream/message note"}},
		"message: not so, after deltas":    {hi + messageEvent(`{"role":"assistant","content":"Hi"}`) + stopped, answerShown{text: "Hi\n"}, []string{objection, "text/repeated-whole note"}},
		"completion: parts and thoughts":   {ev(`{"object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":[{"type":"thinking","thinking":[{"type":"text","text":"hm"}]},{"type":"text","text":"OK"}]},"finish_reason":"stop"}]}`) + done, answerShown{"OK\n", "hm\n"}, []string{objection, "stream/message note"}},
		"completion: twice":                {strings.Repeat(ev(`{"object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"OK","refusal":null},"finish_reason":null}]}`), 2) + stopped, answerShown{text: "OK\n"}, []string{objection, "stream/message note", "text/repeated-whole note"}},
		"completion: not so, after deltas": {hi + ev(`{"object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"Hi"},"finish_reason":"stop"}]}`) + done, answerShown{text: "Hi\n"}, []string{objection, "text/repeated-whole note"}},
		"thoughts: thinking":               {member("thinking", `"I "`) + member("thinking", `"see"`) + member("content", `"ok"`) + stopped, answerShown{"ok\n", "I see\n"}, nil},
		"thoughts: a label beside them":    {member("cot_summary", `"I "`) + de(`"cot_summary":"see","phase":"a"`) + de(`"content":"ok","phase":"b"`) + stopped, answerShown{"ok\n", "I see\n"}, nil},
		"thoughts: not so, encrypted":      {member("reasoning_details", `[{"type":"reasoning.encrypted","data":"QQ=="}]`) + member("content", `"ok"`) + stopped, answerShown{text: "ok\n"}, nil},
		"cut: function_call":               {de(`"role":"assistant","function_call":{"name":"f","arguments":"{\"q"}`) + fin("function_call") + done, answerShown{text: "f({\"q)\n"}, []string{"tools/cut-looks-whole finding"}},
		"cut: length, then stop":           {hi + fin("length") + stopped, answerShown{text: "Hi\n"}, []string{"stream/cut-looks-whole finding"}},
		"cut: not so, stop, then nothing":  {hi + fin("stop") + fin("") + done, answerShown{text: "Hi\n"}, []string{objection}},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, outcome{0, test.want.text, test.want.thought}, runOn(test.stream))
			for way, c := range completionsOf(t, test.stream) {
				assert.Equal(t, test.want, shownOf(c), way)
			}
			found := levelsFound(t, test.stream)
			slices.Sort(found)
			assert.ElementsMatch(t, test.checks, slices.Compact(found))
		})
	}
}

// TestUsageAgrees: a later usage adds to an earlier one, and takes nothing away.
func TestUsageAgrees(t *testing.T) {
	const all = `{"prompt_tokens":5,"completion_tokens":7,"total_tokens":12,"prompt_tokens_details":{"cached_tokens":3},"cost":0.5}`
	for name, test := range map[string]struct {
		usages []string
		want   string
		checks []string
	}{
		"in two events":            {[]string{`{"prompt_tokens":5}`, `{"completion_tokens":7,"total_tokens":12}`}, `{"prompt_tokens":5,"completion_tokens":7,"total_tokens":12}`, []string{"usage/repeated note"}},
		"empty at last":            {[]string{all, `{}`, `null`}, all, []string{"schema/usage-null note", "usage/empty note", "usage/repeated note"}},
		"a cost at last":           {[]string{all, `{"cost":{"total":1}}`}, strings.Replace(all, `0.5`, `{"total":1}`, 1), []string{"usage/empty note", "usage/repeated note"}},
		"details at last":          {[]string{all, `{"prompt_tokens_details":{"audio_tokens":1},"completion_tokens_details":{"reasoning_tokens":2}}`}, strings.Replace(all, `3}`, `3,"audio_tokens":1},"completion_tokens_details":{"reasoning_tokens":2}`, 1), []string{"usage/repeated note"}},
		"not so: 0 is a count":     {[]string{all, `{"prompt_tokens":0,"completion_tokens":0,"total_tokens":0}`}, `{"prompt_tokens":0,"completion_tokens":0,"total_tokens":0,"prompt_tokens_details":{"cached_tokens":3},"cost":0.5}`, []string{"usage/repeated note"}},
		"not so: counts that grow": {[]string{`{"total_tokens":1}`, `{"total_tokens":2}`}, `{"total_tokens":2}`, []string{"usage/repeated note"}},
		"reasoning beside":         {[]string{`{"prompt_tokens":10,"completion_tokens":5,"total_tokens":115,"completion_tokens_details":{"reasoning_tokens":100}}`}, `{"prompt_tokens":10,"completion_tokens":5,"total_tokens":115,"completion_tokens_details":{"reasoning_tokens":100}}`, []string{"usage/reasoning note", "usage/total note"}},
		"not so: reasoning within": {[]string{`{"prompt_tokens":10,"completion_tokens":105,"total_tokens":115,"completion_tokens_details":{"reasoning_tokens":100}}`}, `{"prompt_tokens":10,"completion_tokens":105,"total_tokens":115,"completion_tokens_details":{"reasoning_tokens":100}}`, nil},
	} {
		t.Run(name, func(t *testing.T) {
			stream := hi + fin("stop")
			for _, u := range test.usages {
				stream += use(u)
			}
			for way, c := range completionsOf(t, stream+done) {
				usage, err := json.Marshal(c.Usage)
				require.NoError(t, err)
				assert.JSONEq(t, test.want, string(usage), way)
			}
			found := levelsFound(t, stream+done)
			slices.Sort(found)
			found = slices.DeleteFunc(slices.Compact(found), func(f string) bool { return strings.HasPrefix(f, "schema/objection") })
			assert.ElementsMatch(t, test.checks, found)
		})
	}
}

// completionsOf returns what an Accumulator makes of a stream by Decoder and Tap, whole and
// byte by byte, and what the command prints with -completion.
func completionsOf(t *testing.T, stream string) map[string]*chatstream.Completion {
	t.Helper()
	all := make(map[string]*chatstream.Completion)
	for way, d := range map[string]*chatstream.Decoder{
		"Decoder":               chatstream.NewDecoder(strings.NewReader(stream)),
		"Decoder, byte by byte": chatstream.NewDecoder(iotest.OneByteReader(strings.NewReader(stream))),
	} {
		var a chatstream.Accumulator
		for c, err := range d.All() {
			require.NoError(t, err)
			require.NoError(t, a.Add(c))
		}
		all[way] = a.Completion()
	}
	for way, step := range map[string]int{"Tap": len(stream), "Tap, byte by byte": 1} {
		var a chatstream.Accumulator
		tap := chatstream.NewTap(func(c *chunk, err error) {
			assert.NoError(t, err)
			assert.NoError(t, a.Add(c))
		})
		for piece := range slices.Chunk([]byte(stream), step) {
			_, _ = tap.Write(piece) // it never fails
		}
		require.NoError(t, tap.Close())
		all[way] = a.Completion()
	}
	var printed chatstream.Completion
	require.NoError(t, json.Unmarshal([]byte(runOn(stream, "-completion").out), &printed))
	if m := &printed.Choices[0].Message; m.ContentParts != nil && !m.Content.IsSet() {
		m.Content = all["Decoder"].Choices[0].Message.Content // the text of its parts is not written beside them
	}
	all["-completion"] = &printed
	return all
}
