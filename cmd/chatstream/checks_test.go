package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// ev is an event with a payload, ch one with members of choice 0, de one with
// members of its delta.
func ev(payload string) string { return "data: " + payload + "\n\n" }

func ch(members string) string {
	return ev(`{"object":"chat.completion.chunk","choices":[{"index":0,` + members + `}]}`)
}

func de(members string) string { return ch(`"delta":{` + members + `},"finish_reason":null`) }

// fin is an event that finishes choice 0.
func fin(reason string) string { return ch(`"delta":{},"finish_reason":"` + reason + `"`) }

// use is an event with a usage.
func use(usage string) string {
	return ev(`{"object":"chat.completion.chunk","choices":[],"usage":` + usage + `}`)
}

// tool is an event with a list of pieces of tool calls.
func tool(pieces string) string { return de(`"role":"assistant","tool_calls":[` + pieces + `]`) }

// args is an event with a piece of the arguments of call 0.
func args(arguments string) string {
	return tool(fmt.Sprintf(`{"index":0,"function":{"arguments":%q}}`, arguments))
}

// texts is an event for each piece of content.
func texts(pieces ...string) string {
	var b strings.Builder
	for _, p := range pieces {
		b.WriteString(de(fmt.Sprintf(`"role":"assistant","content":%q`, p)))
	}
	return b.String()
}

const (
	hi     = `data: {"object":"chat.completion.chunk","choices":[{"index":0,"delta":{"role":"assistant","content":"Hi"},"finish_reason":null}]}` + "\n\n"
	named2 = `{"index":0,"id":"b","type":"function","function":{"name":"g","arguments":""}}`
	stub   = `{"index":0,"id":"a","type":"function","function":{"name":"","arguments":null}}`
	custom = `{"index":0,"id":"a","type":"custom","custom":{"name":"sh","input":"ls"}}`
	named  = `{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":""}}`
)

// TestChecks has, for each check, streams with a finding, and similar streams without one.
func TestChecks(t *testing.T) {
	var (
		stopped = fin("stop") + done
		called  = fin("tool_calls") + done
		begun   = tool(named)
	)
	tests := map[string]struct{ found, not []string }{
		"error/syntax":    {[]string{hi + ev(`{x}`) + stopped, hi + ev(`[1]`) + stopped}, []string{hi + stopped, hi + "data: \n\n" + stopped}},
		"error/api":       {[]string{hi + ev(`{"error":{"message":"m"}}`) + stopped, hi + "event: error\ndata: {\"message\":\"m\"}\n\n" + stopped}, []string{hi + ev(`{"error":null,`+good[1:]) + stopped}},
		"error/too-large": {[]string{hi + "data: " + strings.Repeat("x", 17<<20) + "\n\n" + stopped}, []string{hi + "data: " + strings.Repeat(" ", 1<<20) + "\n\n" + stopped}},
		"error/truncated": {[]string{hi, hi + `data: {"choices`}, []string{hi + fin("stop"), hi + stopped}},
		"error/body":      {[]string{"<html>", `{"error":"x"}`}, []string{": x\n\n" + hi + stopped}},
		"error/not-chat":  {[]string{"event: message_start\ndata: {\"type\":\"message_start\"}\n\ndata: {\"type\":\"message_stop\"}\n\n"}, []string{"data: {\"x\":1}\n\n" + hi + stopped}},
		"error/other":     {nil, []string{hi + stopped}}, // see TestReaderFailsInCheck

		"sse/not-utf8":        {[]string{hi + ": \xff\n\n" + stopped}, []string{hi + ": é\n\n" + stopped}},
		"sse/no-blank-line":   {[]string{strings.TrimSuffix(hi, "\n") + hi + stopped}, []string{hi + stopped}},
		"sse/last-event":      {[]string{hi + strings.TrimSuffix(fin("stop"), "\n")}, []string{hi + fin("stop")}},
		"sse/last-line":       {[]string{hi + strings.TrimSuffix(fin("stop"), "\n\n"), hi + fin("stop") + "data: [DONE]"}, []string{hi + stopped}},
		"sse/done-blank-line": {[]string{hi + fin("stop") + "data: [DONE]\n"}, []string{hi + stopped, hi + stopped + "\n"}},
		"sse/error-field":     {[]string{hi + "error: {\"message\":\"m\"}\n\n" + stopped}, []string{hi + ": error: x\n\n" + stopped}},
		"sse/unknown-field":   {[]string{"dat: x\n" + hi + stopped, "data2: x\n" + hi + stopped}, []string{"data:\n\nid:\n\nretry:1\n\nevent:\n\n" + hi + stopped}},
		"sse/id-nul":          {[]string{"id: \x00\n" + hi + stopped}, []string{"id: 1\n" + hi + stopped}},
		"sse/retry":           {[]string{"retry: 1s\n" + hi + stopped, "retry\n" + hi + stopped}, []string{"retry: 1000\n" + hi + stopped}},
		"sse/bom":             {[]string{"\ufeff" + hi + stopped}, []string{hi + ": \ufeff\n" + stopped}},
		"sse/cr":              {[]string{strings.ReplaceAll(hi, "\n", "\r") + stopped}, []string{strings.ReplaceAll(hi, "\n", "\r\n") + stopped}},
		"sse/crlf":            {[]string{strings.ReplaceAll(hi, "\n", "\r\n") + stopped}, []string{strings.ReplaceAll(hi, "\n", "\r") + stopped}},
		"sse/long-line":       {[]string{": " + strings.Repeat("x", 64<<10) + "\n" + hi + stopped}, []string{": " + strings.Repeat("x", 60<<10) + "\n" + hi + stopped}},
		"sse/no-space":        {[]string{strings.ReplaceAll(hi, "data: ", "data:") + stopped}, []string{"id:1\n" + hi + stopped}},
		"sse/event-type":      {[]string{"event: chunk\n" + hi + stopped}, []string{"event: message\n" + hi + stopped, "event:\n" + hi + stopped}},
		"sse/no-data":         {[]string{"event: ping\n\n" + hi + stopped}, []string{"id: 1\n\n" + hi + stopped}},
		"sse/empty-data":      {[]string{hi + "data:\n\n" + stopped, hi + "data:   \n\n" + stopped}, []string{hi + ": \n\n" + stopped}},
		"sse/empty-string":    {[]string{hi + "data: \"\"\n\n" + stopped}, []string{hi + "data: \n\n" + stopped}},
		"sse/several-lines":   {[]string{"data: {\ndata: " + good[1:] + "\n\n" + stopped}, []string{hi + hi + stopped}},
		"sse/comment-inside":  {[]string{"id: 1\n: x\n" + hi + stopped, strings.TrimSuffix(hi, "\n") + ": x\n\n" + stopped}, []string{": x\n" + hi + ": y\n\n" + stopped}},

		"stream/no-done":         {[]string{hi + fin("stop")}, []string{hi + stopped, hi}},
		"stream/no-chunk":        {[]string{done, ": x\n\n" + done}, []string{hi + stopped}},
		"stream/done-spaces":     {[]string{hi + fin("stop") + "data: [DONE] \n\n"}, []string{hi + stopped, hi + fin("stop") + "data:[DONE]\n\n"}},
		"stream/after-done":      {[]string{hi + stopped + hi}, []string{hi + stopped + ": bye\n\n"}},
		"stream/id-changes":      {[]string{ev(`{"id":"a",`+good[1:]) + ev(`{"id":"b",`+good[1:]) + stopped}, []string{ev(`{"id":"a",`+good[1:]) + ev(`{"id":"",`+good[1:]) + ev(`{"id":"a",`+good[1:]) + stopped}},
		"stream/finished-twice":  {[]string{hi + fin("stop") + stopped}, []string{hi + stopped, hi + fin("length") + stopped, hi + fin("") + stopped}},
		"stream/never-finished":  {[]string{hi + done, ev(good1) + stopped}, []string{hi + stopped, hi}},
		"stream/cut-looks-whole": {[]string{hi + fin("length") + stopped, hi + fin("length") + fin("tool_calls") + done}, []string{hi + fin("length") + fin("length") + done, hi + fin("stop") + fin("length") + done}},
		"stream/native-length": {[]string{hi + ch(`"delta":{},"finish_reason":"stop","native_finish_reason":"MAX_TOKENS"`) + done, hi + ch(`"delta":{},"finish_reason":"stop","native_finish_reason":"Model_Length"`) + done, begun + ch(`"delta":{},"finish_reason":"tool_calls","native_finish_reason":"length"`) + done},
			[]string{hi + ch(`"delta":{},"finish_reason":"length","native_finish_reason":"max_tokens"`) + done, hi + ch(`"delta":{},"finish_reason":"stop","native_finish_reason":"STOP"`) + done,
				hi + ch(`"delta":{},"finish_reason":null,"native_finish_reason":"length"`) + stopped, hi + ch(`"delta":{},"finish_reason":"stop","native_finish_reason":7`) + done}},
		"stream/finish-changes": {[]string{begun + fin("tool_calls") + stopped, hi + fin("stop") + fin("length") + done}, []string{hi + fin("stop") + stopped, hi + fin("length") + stopped, hi + fin("") + stopped}},
		"stream/no-role":        {[]string{de(`"content":"a"`) + stopped, de(`"tool_calls":[`+named+`]`) + called}, []string{hi + stopped, de(`"content":""`) + stopped, de(`"content":"a"`) + de(`"role":"assistant"`) + stopped}},
		"stream/message": {[]string{ev(`{"object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"OK"},"finish_reason":"stop"}]}`) + done, ch(`"delta":{"role":"assistant"},"message":{"content":"OK"},"finish_reason":null`) + stopped},
			[]string{ch(`"delta":{"content":"a"},"message":{"content":"a"},"finish_reason":null`) + stopped, ch(`"delta":{"content":""},"message":{"content":""},"finish_reason":null`) + stopped,
				hi + ch(`"delta":{},"message":{"content":"Hi"},"finish_reason":"stop"`) + done, ch(`"delta":{},"message":"x","finish_reason":null`) + stopped}},
		"stream/x-groq-error": {[]string{hi + ev(`{"x_groq":{"id":"r","error":"over capacity"},`+last[1:]) + done}, []string{hi + ev(`{"x_groq":{"id":"r","error":null},`+last[1:]) + done, hi + ev(`{"x_groq":"error",`+last[1:]) + done}},

		"tools/cut-looks-whole": {[]string{begun + args(`{"a":`) + called, begun + args(`{"a":`) + stopped, begun + args(`{}`) + args(`{"a":`) + called, begun + args("\u00a0") + called, de(`"role":"assistant","function_call":{"name":"f","arguments":"{"}`) + fin("function_call") + done},
			[]string{begun + args(`{"a":1}`) + called, begun + args(`{"a":`) + fin("length") + done, begun + called, begun + args(`{"a":`),
				begun + args(`{"a":`) + tool(`{"index":1,"id":"a","function":{"arguments":"1}"}}`) + called, tool(`{"id":"a","function":{"name":"f","arguments":"{\"a\":"}}`) + tool(`{"id":"b","function":{"arguments":"1}"}}`) + called}},
		"tools/arguments-go-on": {[]string{begun + args(`{"a":1}`) + args(`{"b":2}`) + called, begun + args(`{"a":1}`) + args(`}`) + called, begun + args(`{}`) + args(`{"a":1}`) + args(`{"b":2}`) + called},
			[]string{begun + args(`{"a":`) + args(`1}`) + called, begun + args(`{"a":1}`) + args(" \n") + called, begun + args(`{"a":1}`) + args(`{"a":1}`) + called,
				begun + args(`{"a":1}`) + tool(`{"index":0,"function":{"name":"f","arguments":"{\"b\":2}"}}`) + called, begun + args(`{"a":1}`) + tool(`{"index":0,"id":"b","function":{"name":"g","arguments":"{}"}}`) + called,
				tool(named+`,`+named2) + tool(`{"index":0,"id":"a","function":{"arguments":"{\"a\":1}"}}`) + tool(`{"index":0,"id":"b","function":{"arguments":"{\"b\":2}"}}`) + called}},
		"tools/arguments-not-json": {[]string{begun + args(`{"a":`) + fin("length") + done, begun + args(`{"a":`) + fin("content_filter") + done}, []string{begun + args(`{"a":1}`) + fin("length") + done, begun + args(`{"a":`) + called, begun + fin("length") + done}},
		"tools/arguments-empty":    {[]string{begun + called, begun + args("  ") + called}, []string{begun + args("{}") + called, tool(stub) + called, tool(custom) + called}},
		"tools/arguments-cumulative": {[]string{begun + args(`{"q`) + args(`{"q":"par`) + args(`{"q":"par"}`) + called, begun + args(`{"q`) + args(``) + args(`{"q`) + args(`{"q":1}`) + called,
			strings.ReplaceAll(begun+args(`{"q`)+args(`{"q":1}`)+called, `"index":0,"delta"`, `"index":3,"delta"`), de(`"role":"assistant","function_call":{"name":"f","arguments":"{"}`) + de(`"function_call":{"arguments":"{}"}`) + called},
			[]string{begun + args(`{"q"`) + args(`:1}`) + called, begun + args(`{"q":1}`) + args(`{"q":1}`) + called, begun + args(`1`) + args(`12`) + called, begun + args(`{"q`) + args(`{"q":`) + fin("length") + done}},
		"tools/empty-object-first": {[]string{begun + args(`{}`) + args(`{"a":`) + args(`1}`) + called, begun + args(`{ }`) + args(`{"a":1}`) + called}, []string{begun + args(`{}`) + called, begun + args(`{}`) + args(`{"a":`) + called, begun + args(`{}`) + args(`{}`) + called, begun + args(`{}`) + tool(`{"index":1,"id":"b","function":{"name":"g","arguments":"{\"a\":1}"}}`) + called}},
		"tools/arguments-repeated": {[]string{begun + args(`{"a":1}`) + args(`{"a":1}`) + called, begun + args(`{"a"`) + args(`:1}`) + args(`{"a":1}`) + args(`{"a":1}`) + called}, []string{begun + args(`{"a":1}`) + called,
			ch(`"message":{"role":"assistant","function_call":{"name":"f","arguments":"{\"a\":"}}`) + de(`"function_call":{"arguments":"1}"}`) + called, begun + args(`{"a":1}`) + args(`{"a":2}`) + called}},
		"tools/finish-stop": {[]string{begun + stopped, de(`"role":"assistant","function_call":{"name":"f","arguments":"{}"}`) + stopped, tool(custom) + stopped}, []string{begun + called, hi + stopped, tool(stub) + stopped, begun + fin("tool_calls") + stopped, begun + fin("length") + done}},
		"tools/no-index":    {[]string{tool(`{"id":"a","function":{"name":"f","arguments":"{}"}}`) + called, tool(`{"index":null,"id":"a","function":{"name":"f","arguments":"{}"}}`) + called}, []string{begun + called, ch(`"message":{"role":"assistant","tool_calls":[{"id":"a","function":{"name":"f","arguments":"{}"}}]},"finish_reason":null`) + called}},
		"tools/index-reused": {[]string{begun + tool(`{"index":0,"id":"b","function":{"name":"","arguments":"{}"}}`) + called, begun + tool(`{"index":0,"id":"b","function":{"name":"g","arguments":"{}"}}`) + called,
			tool(named+`,{"index":0,"id":"b","function":{"name":"g","arguments":"{}"}}`) + called},
			[]string{begun + tool(`{"index":0,"id":"a","function":{"arguments":"{}"}}`) + called, begun + tool(`{"index":0,"id":"","function":{"arguments":"{}"}}`) + called, begun + tool(`{"index":1,"id":"b","function":{"name":"g","arguments":"{}"}}`) + called}},
		"tools/id-at-other-index": {[]string{tool(named+`,{"index":1,"id":"a","function":{"name":"f","arguments":""}}`) + called, begun + args(`{}`) + tool(`{"index":1,"id":"a","function":{"name":"f","arguments":"{}"}}`) + called}, []string{begun + tool(`{"index":1,"id":"b","function":{"name":"f","arguments":"{}"}}`) + called, begun + tool(`{"index":0,"id":"a","function":{"arguments":"{}"}}`) + called}},
		"tools/empty-call":        {[]string{de(`"role":"assistant","content":"Hi","function_call":{"name":"","arguments":""}`) + stopped, de(`"role":"assistant","function_call":{}`) + stopped, tool(stub) + stopped, tool(named+`,{"index":1,"id":"b"}`) + called}, []string{begun + called, tool(stub) + tool(`{"index":0,"function":{"name":"f"}}`) + called, tool(custom) + called, de(`"role":"assistant","function_call":{"name":"f","arguments":""}`) + strings.Repeat(de(`"function_call":{"arguments":""}`), 2) + fin("function_call") + done, de(`"role":"assistant","function_call":null`) + stopped}},

		"usage/repeated":  {[]string{hi + use(`{"total_tokens":1}`) + use(`{"total_tokens":1}`) + stopped}, []string{hi + use(`null`) + use(`{"total_tokens":1}`) + stopped}},
		"usage/empty":     {[]string{hi + use(`{}`) + stopped, hi + use(`{"prompt_tokens":null,"cost":1}`) + stopped}, []string{hi + use(`{"total_tokens":0}`) + stopped, hi + use(`null`) + stopped}},
		"usage/total":     {[]string{hi + use(`{"prompt_tokens":1,"completion_tokens":2,"total_tokens":9}`) + stopped}, []string{hi + use(`{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}`) + stopped, hi + use(`{"prompt_tokens":1,"total_tokens":3}`) + stopped, hi + use(`{"prompt_tokens":1,"completion_tokens":null,"total_tokens":3}`) + stopped}},
		"usage/reasoning": {[]string{hi + use(`{"completion_tokens":2,"completion_tokens_details":{"reasoning_tokens":3}}`) + stopped}, []string{hi + use(`{"completion_tokens":3,"completion_tokens_details":{"reasoning_tokens":3}}`) + stopped, hi + use(`{"completion_tokens_details":{"reasoning_tokens":3}}`) + stopped, hi + use(`{"completion_tokens":3,"completion_tokens_details":null}`) + stopped}},

		"text/cumulative": {[]string{texts("Hel", "Hello", "Hello you") + stopped, texts("Hello", "Hello you") + stopped, de(`"role":"assistant","reasoning":"So I"`) + de(`"reasoning":"So I think"`) + stopped, texts("A", "", "A b", "A b", "A b c") + stopped},
			[]string{texts("Hel", "lo", " you") + stopped, texts("ha", "haha") + stopped, texts("ha", "ha", "ha") + stopped, texts("Hello", "Hello you", "!") + stopped, texts("Hello") + stopped}},
		"text/repeated-whole": {[]string{texts("Hel", "lo", "Hello") + stopped, texts("A whole sentence", "A whole sentence") + stopped, texts("Hi") + ch(`"delta":{},"message":{"role":"assistant","content":"Hi"},"finish_reason":"stop"`) + done},
			[]string{texts("ha", "ha") + stopped, texts("Hel", "lo", "Hello", "!") + stopped, texts("Hel", "lo") + stopped, texts("Hi") + ch(`"delta":{},"message":{"role":"assistant","content":""},"finish_reason":"stop"`) + done, texts("Hello", "Hello you") + stopped}},

		"schema/objection":  {[]string{hi + ev(`{"choices":[]}`) + stopped, hi + use(`[]`) + stopped}, []string{hi + stopped, hi + use(`null`) + stopped}},
		"schema/usage-null": {[]string{hi + use(`null`) + stopped}, []string{hi + use(`{"total_tokens":1}`) + stopped, hi + use(`[null]`) + stopped}},
		"check/limit":       {nil, []string{hi + stopped}}, // see TestCheckLimits and TestBoundedFindings
	}
	require.Len(t, tests, len(allChecks), "every check has streams of its own, and every entry a check")
	for _, c := range allChecks {
		test, ok := tests[c.name]
		require.True(t, ok, c.name)
		for _, stream := range test.found {
			assert.Contains(t, levelsFound(t, stream), c.name+" "+c.level.String(), stream[:min(len(stream), 1000)])
		}
		for _, stream := range test.not {
			assert.NotContains(t, levelsFound(t, stream), c.name+" "+c.level.String(), stream[:min(len(stream), 1000)])
		}
	}
}

// levelsFound returns the name and level of each finding in a stream.
func levelsFound(t *testing.T, stream string) []string {
	var report checkJSON
	require.NoError(t, json.Unmarshal([]byte(runOn("", "-check", "-json", fileOf(t, stream)).out), &report))
	var list []string
	for _, f := range report.Findings {
		list = append(list, f.Check+" "+f.Level)
	}
	return list
}

// TestCheckNames: names are unique, and lines in help and tables.
func TestCheckNames(t *testing.T) {
	names := make(map[string]bool)
	out := runOn("", "-checks").out
	for _, c := range allChecks {
		assert.Regexp(t, `^[a-z]+/[a-z0-9-]+$`, c.name)
		assert.NotContains(t, levelNames, c.name)
		assert.False(t, names[c.name], c.name)
		names[c.name] = true
		assert.NotEmpty(t, c.what, c.name)
		assert.NotContains(t, c.what, "\n", c.name)
		assert.Regexp(t, `(?m)^`+c.name+` +`+c.level.String()+` `, out)
	}
	assert.Equal(t, len(allChecks), strings.Count(out, "\n"))
}

// TestCheckLimits: the memory of the checks is bounded, and the table reports what did not fit.
func TestCheckLimits(t *testing.T) {
	var choices, calls strings.Builder
	for i := range maxSeenChoices + 1 {
		choices.WriteString(ev(strings.Replace(last, `"index":0`, fmt.Sprintf(`"index":%d`, i), 1)))
	}
	calls.WriteString(tool(`{"index":0,"id":"0","function":{"name":"f","arguments":"{\"a\":"}}`))
	for i := range 1024 + 1 { // of a choice, which is what an Accumulator takes
		calls.WriteString(tool(fmt.Sprintf(`{"index":%d,"id":"%[1]d","function":{"name":"f","arguments":"1}"}}`, i)))
	}
	assert.Contains(t, levelsFound(t, choices.String()+done), "check/limit note")
	found := levelsFound(t, calls.String()+fin("tool_calls")+done)
	assert.Equal(t, []string{"check/limit note"}, found, "no call is judged without its end")
	var text130 strings.Builder
	for i := range 130 { // n is at most 128
		text130.WriteString(strings.ReplaceAll(hi+fin("stop"), `"index":0`, fmt.Sprintf(`"index":%d`, i)))
	}
	assert.Contains(t, levelsFound(t, text130.String()+done), "check/limit note")
	logprobs := ch(`"delta":{},"logprobs":{"content":[` + strings.Repeat("{},", 4000) + `{}]},"finish_reason":null`)
	assert.NotContains(t, levelsFound(t, strings.Repeat(logprobs, 70)+fin("stop")+done), "check/limit note")

	s := seen{spent: maxSeenBytes - 4}
	var text seenText
	s.addText(&text, []byte("four"))
	assert.False(t, s.full)
	s.addText(&text, []byte("x"))
	assert.True(t, s.full)
	assert.Equal(t, "four", string(text.joined))
}

// TestManyChoices: choices beyond counting are shown, each once and in order, and
// none is compared with all others.
func TestManyChoices(t *testing.T) {
	const n = 20_000
	var stream, want strings.Builder
	for i := range n {
		fmt.Fprintf(&stream, `data: {"choices":[{"index":%d,"delta":{"content":"x%[1]d"},"finish_reason":"stop"}]}`+"\n\n", n-i)
	}
	fmt.Fprintf(&want, "x%d\n", n)
	for i := n - 1; i > 0; i-- {
		fmt.Fprintf(&want, "\n--- choice %d ---\nx%[1]d\n", i)
	}
	assert.True(t, want.String() == runOn(stream.String()+done).out)
	assert.LessOrEqual(t, strings.Count(runOn(stream.String()+done, "-stats").out, "stop"), maxStatsChoices)
}

// TestStrict: findings fail the command as -strict says.
func TestStrict(t *testing.T) {
	note := hi + fin("stop") + fin("length") + done // a note of kind stream
	finding := hi + fin("stop")                     // a finding of kind stream
	failing := hi + ev("{x}") + fin("stop") + done  // an error
	clean := hi + fin("stop") + done
	for list, want := range map[string][4]int{ // for note, finding, error, clean
		"":                                {0, 0, 1, 0},
		"-strict":                         {0, 3, 1, 0},
		"-strict=finding":                 {0, 3, 1, 0},
		"-strict=error":                   {0, 0, 1, 0},
		"-strict=note":                    {3, 3, 1, 0},
		"-strict=stream":                  {3, 3, 1, 0},
		"-strict=tools,usage":             {0, 0, 1, 0},
		"-strict=stream/finish-changes":   {3, 0, 1, 0},
		"-strict=note,-stream":            {0, 0, 1, 0},
		"-strict=note,-stream/no-done":    {3, 0, 1, 0},
		"-strict=-stream/no-done":         {0, 0, 1, 0},
		"-strict=-note,stream/no-done":    {0, 3, 1, 0},
		"-strict=-finding,stream/no-done": {0, 3, 1, 0},
	} {
		for i, stream := range []string{note, finding, failing, clean} {
			args := []string{"-check"}
			if list != "" {
				args = append(args, list)
			}
			got := runOn(stream, args...)
			assert.Equal(t, want[i], got.code, "%s, stream %d", list, i)
			if got.code == exitStrict {
				assert.Regexp(t, `^chatstream: standard input: -strict=\S+: 1 finding\n$`, got.err)
			}
		}
	}
}

// TestCheckJSON: the JSON has the same findings as the table.
func TestCheckJSON(t *testing.T) {
	got := runOn(hi+fin("stop")+fin("length")+done, "-check", "-json", "-strict=note")
	assert.Equal(t, exitStrict, got.code)
	assert.JSONEq(t, fmt.Sprintf(`{"stream":"standard input","chunks":3,"events":4,"comments":0,"bytes":%d,"done":true,"strict_chunks":3,"findings":[
		{"level":"note","kind":"stream","check":"stream/finish-changes","where":"choices[].finish_reason",
		"what":"the finish reason changes: clients take the first or the last","example":"\"stop\", then \"length\"",
		"times":1,"event":3,"byte":%d,"strict":true}]}`,
		len(hi+fin("stop")+fin("length")+done), len(hi+fin("stop"))), got.out)
	assert.Equal(t, 1, strings.Count(got.out, "\n"))
	assert.Contains(t, runOn(hi+fin("stop")+done, "-check", "-json").out, `"findings":[]`)
}
