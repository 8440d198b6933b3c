package chatstream_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-08fc7208/chatstream"
)

// reportsDir has streams made after reports about other software. They are not part of
// the repository.
const reportsDir = "../shared/reports"

// accumulateWays returns what an Accumulator makes of a stream by each way to read it,
// errors in the stream aside.
func accumulateWays(t *testing.T, stream []byte) map[string]*chatstream.Accumulator {
	t.Helper()
	ways := map[string]*chatstream.Accumulator{}
	decode := func(name string, r io.Reader) {
		a := new(chatstream.Accumulator)
		d := chatstream.NewDecoder(r)
		defer d.Close()
		addStream(t, a, d, new(chunk))
		ways[name] = a
	}
	decode("Decoder", bytes.NewReader(stream))
	decode("Decoder, byte by byte", iotest.OneByteReader(bytes.NewReader(stream)))
	tap := func(name string, step int) {
		a := new(chatstream.Accumulator)
		tap := chatstream.NewTap(func(c *chunk, _ error) {
			if c != nil {
				require.NoError(t, a.Add(c))
			}
		})
		for rest := stream; len(rest) > 0; rest = rest[min(step, len(rest)):] {
			_, err := tap.Write(rest[:min(step, len(rest))])
			require.NoError(t, err)
		}
		require.NoError(t, tap.Close())
		ways[name] = a
	}
	tap("Tap", len(stream))
	tap("Tap, byte by byte", 1)
	return ways
}

// TestReportedStreams: the expected result of each reported stream.
func TestReportedStreams(t *testing.T) {
	if _, err := os.Stat(reportsDir); errors.Is(err, os.ErrNotExist) {
		t.Skipf("%s is not here: accumulator_rules_test.go has a row for each kind", reportsDir)
	}
	for _, test := range []struct {
		file      string
		content   string
		calls     string
		reasoning string
		usage     string
		finish    string
		truncated bool
	}{
		{file: "01-number-content", content: "It costs $0.005 per token [1].", finish: "stop", usage: `{"prompt_tokens":0,"completion_tokens":1,"total_tokens":1,"neurons":0.2}`},
		{file: "03-usage-empty-last", content: "Hi", finish: "stop", usage: `{"prompt_tokens":20,"completion_tokens":2,"total_tokens":22}`},
		{file: "04-args-cumulative", calls: `call_1:search({"query":"paris"})`, finish: "tool_calls"},
		{file: "05-args-empty-object-first", calls: `toolu_1:get_weather({"city":"Oslo"})`, finish: "tool_calls"},
		{file: "06-call-same-id-two-indexes", calls: `abc:exec({"cmd":"ls"})`, finish: "tool_calls"},
		{file: "07-call-new-id-each-piece", calls: `id_1:run({"command":"ls"})`, finish: "tool_calls"},
		{file: "12-finish-tool-calls-then-stop", content: "Let me look.", calls: `call_1:search({"q":"x"})`, finish: "stop"},
		{file: "13-function-call-stub", content: "Hi there", finish: "stop"},
		{file: "23b-completion-in-one-event", content: "OK", finish: "stop", usage: `{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}`},
		{file: "24-raw-json-error-midstream", content: "Once", truncated: true},
		{file: "30-cut-arguments", calls: `call_1:file_report({"summary":"The cache warmer)`, finish: "tool_calls", truncated: true},
		{file: "31-usage-beside-total", content: "Hi", finish: "stop", usage: `{"prompt_tokens":112,"completion_tokens":15,"total_tokens":579,"completion_tokens_details":{"reasoning_tokens":452}}`},
		{file: "32-logprobs-number", finish: "stop"},
		{file: "33-reasoning-text", content: "Hi!", reasoning: "The user says hi.", finish: "stop"},
	} {
		t.Run(test.file, func(t *testing.T) {
			stream, err := os.ReadFile(filepath.Join(reportsDir, test.file+".sse"))
			require.NoError(t, err)
			for way, a := range accumulateWays(t, stream) {
				c := a.Completion()
				require.Len(t, c.Choices, 1, way)
				choice := &c.Choices[0]
				assert.Equal(t, test.content, choice.Message.Content.Value.String(), way)
				assert.Equal(t, test.calls, callsOf(t, a), way)
				assert.Equal(t, test.reasoning, choice.Message.ReasoningText().String(), way)
				assert.Equal(t, test.finish, string(choice.FinishReason.Value), way)
				assert.Equal(t, test.truncated, choice.Truncated(), way)
				assert.True(t, choice.Message.FunctionCall.IsAbsent(), way)
				if test.usage == "" {
					assert.True(t, c.Usage.IsAbsent(), way)
				} else {
					assert.JSONEq(t, test.usage, string(usageJSON(t, c)), way)
				}
			}
		})
	}
}

// usageJSON returns the usage of a completion as it is written.
func usageJSON(t *testing.T, c *chatstream.Completion) []byte {
	t.Helper()
	only := chatstream.Completion{Usage: c.Usage}
	text := only.AppendJSON(nil)
	require.True(t, bytes.HasPrefix(text, []byte(`{"usage":`)), "%s", text)
	return text[len(`{"usage":`) : len(text)-1]
}
