package main

import (
	"bytes"
	"compress/gzip"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func gzipped(t *testing.T, s string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, err := io.WriteString(w, s)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return b.String()
}

// TestHints: one line explains input that is not a chat completion stream, in every mode, and the
// command fails.
func TestHints(t *testing.T) {
	const whole = `"choices":[{"index":0,"message":{"role":"assistant","content":"x"},"finish_reason":"stop"}]`
	for name, test := range map[string]struct{ stream, hint string }{
		"gzip":               {gzipped(t, hi+stop+done), "this is gzip"},
		"zstd":               {"\x28\xb5\x2f\xfd\x04\x00\x51\x00\x00data\n", "this is zstd"},
		"HAR":                {`{ "log": {"version": "1.2", "creator": {"name": "WebInspector"}, "entries": []}}`, "this is a HAR file"},
		"HAR over lines":     {"{\n  \"log\": {\n    \"version\": \"1.2\",\n    \"entries\": []\n  }\n}\n", "this is a HAR file"},
		"completion":         {`{"id":"1","object":"chat.completion",` + whole + `}`, `this answer was not streamed: send "stream": true in the request`},
		"completion printed": {"{\n  \"id\": \"1\",\n  \"object\": \"chat.completion\",\n  " + whole + "\n}\n", "this answer was not streamed"},
		"choices first":      {`{` + whole + `,"object":"chat.completion"}`, "this answer was not streamed"},
		"Ollama":             {`{"model":"m","message":{"role":"assistant","content":"x"},"done":false}` + "\n" + `{"done":true}` + "\n", "this is Ollama's native API"},
		"Responses":          {"event: response.created\n" + ev(`{"type":"response.created","response":{}}`) + "event: response.completed\n" + ev(`{"type":"response.completed"}`), "the Responses API"},
		"Anthropic":          {"event: message_start\n" + ev(`{"type":"message_start","message":{}}`) + ev(`{"type":"message_stop"}`), "Anthropic's Messages API"},
		"legacy":             {ev(`{"object":"text_completion","choices":[{"text":"x","index":0,"finish_reason":"stop"}]}`) + done, "the legacy completions API"},
		"Gemini":             {ev(`{"candidates":[{"content":{}}]}`), "Gemini's native API"},
		"Assistants":         {ev(`{"object":"thread.message.delta","delta":{}}`) + done, "the Assistants API"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, mode := range []string{"-json=false", "-json", "-completion", "-check", "-check -json", "-stats", "-stats -json"} {
				got := runOn(test.stream, strings.Fields(mode)...)
				assert.Equal(t, exitError, got.code, mode)
				lines := strings.Split(strings.TrimSuffix(got.err, "\n"), "\n")
				require.Len(t, lines, 2, "the error and the hint: %s", got.err)
				assert.Contains(t, lines[1], test.hint, mode)
				if strings.HasSuffix(mode, " -json") {
					assert.Contains(t, got.out, `"hint":"`+strings.ReplaceAll(lines[1][len("chatstream: "):], `"`, `\"`)+`"`)
				}
			}
		})
	}
}

// TestNoHints: other streams and bodies have none.
func TestNoHints(t *testing.T) {
	for name, stream := range map[string]string{
		"a stream":                  hi + stop + done,
		"a cut stream":              hi,
		"a whole answer":            ev(`{"object":"chat.completion","choices":[{"index":0,"message":{"content":"x"},"finish_reason":"stop"}]}`) + done,
		"an error":                  ev(`{"error":{"message":"x","type":"response.x"}}`) + done,
		"a page":                    "<html>\n",
		"an error body":             `{"error":{"message":"no \"choices\" and no \"message\""}}`,
		"nothing":                   "",
		"[DONE] alone":              done,
		"chunk with a type":         ev(`{"type":"x",`+good[1:]) + stop + done,
		"a chunk without object":    ev(`{"choices":[]}`) + ev(`{"type":"ping"}`) + done,
		"an error, then another":    ev(`{"error":"x"}`) + ev(`{"type":"ping"}`) + done,
		"other JSON":                `{"log":"x"}`,
		"other first, then a chunk": ev(`{"type":"ping"}`) + hi + stop + done,
	} {
		for _, mode := range []string{"-json=false", "-check"} {
			assert.NotContains(t, runOn(stream, mode).err, "this ", name)
		}
	}
}

// TestFlagAfterFile: a flag after a file is an error, not a file name.
func TestFlagAfterFile(t *testing.T) {
	file := streamFile("openai-text")
	for _, arg := range []string{"-check", "--json", "-strict=note", "-h"} {
		got := runOn("", file, arg)
		assert.Equal(t, exitUsage, got.code)
		assert.Equal(t, "chatstream: "+arg+" comes after a file: put flags before the files (after --, a name is always a file)\nTry chatstream -help.\n", got.err)
	}
	got := runOn("", "--", file, "-check")
	assert.Equal(t, exitError, got.code)
	assert.Contains(t, got.err, "chatstream: -check: no such file")
	assert.Zero(t, runOn("", file, "-").code-exitError, "- is standard input, which is empty")
	assert.Contains(t, runOn("", file, "-nosuch").err, "no such file")
}

// TestKeyboard: if standard input is a terminal, the command says what to do.
func TestKeyboard(t *testing.T) {
	sys := testSystem
	sys.keyboard = func(io.Reader) bool { return true }
	var out, err bytes.Buffer
	assert.Zero(t, run(nil, strings.NewReader(hi+stop+done), &out, &err, sys))
	assert.Equal(t, "chatstream: reading from the terminal: pipe a stream into chatstream or name a file, or see chatstream -help\n", err.String())
	assert.Equal(t, "Hi\n", out.String())
	err.Reset()
	assert.Zero(t, run([]string{streamFile("openai-text")}, nil, &out, &err, sys))
	assert.Empty(t, err.String())
}
