package migrating_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/packages/ssestream"
	"github.com/stretchr/testify/require"

	"github.com/seed-08fc7208/chatstream"
)

// TestCompletionIsOpenAIs: what an Accumulator writes of a stream the SDK reads as a
// ChatCompletion, and of OpenAI's own streams as the one that its accumulator makes.
func TestCompletionIsOpenAIs(t *testing.T) {
	names, err := filepath.Glob("../../testdata/*.sse")
	require.NoError(t, err)
	require.NotEmpty(t, names)
	compared := 0
	for _, name := range names {
		data, err := os.ReadFile(name)
		require.NoError(t, err)
		var answer chatstream.Accumulator
		d := chatstream.NewDecoder(bytes.NewReader(data))
		for chunk := range d.All() {
			require.NoError(t, answer.Add(chunk), name)
		}
		d.Close()
		var got openai.ChatCompletion
		require.NoError(t, json.Unmarshal(answer.Completion().AppendJSON(nil), &got), name)
		require.EqualValues(t, "chat.completion", got.Object)
		require.Len(t, got.Choices, len(answer.Completion().Choices), name)
		if ours, _ := filepath.Match("../../testdata/openai-*.sse", name); !ours || name == "../../testdata/openai-audio.sse" {
			continue // the SDK's accumulator makes no answer of audio
		}
		compared++
		want := sdkAnswer(string(data))
		require.Equal(t, want.ID, got.ID, name)
		require.Equal(t, want.Model, got.Model, name)
		require.Equal(t, want.Usage.TotalTokens, got.Usage.TotalTokens, name)
		require.Len(t, got.Choices, len(want.Choices), name)
		for i, w := range want.Choices {
			g := got.Choices[i]
			require.Equal(t, w.FinishReason, g.FinishReason, name)
			require.Equal(t, w.Message.Content, g.Message.Content, name)
			require.Equal(t, w.Message.Refusal, g.Message.Refusal, name)
			require.Len(t, g.Logprobs.Content, len(w.Logprobs.Content), name)
			require.Len(t, g.Message.ToolCalls, len(w.Message.ToolCalls), name)
			for j, call := range w.Message.ToolCalls {
				require.Equal(t, call.ID, g.Message.ToolCalls[j].ID, name)
				require.Equal(t, call.Function.Name, g.Message.ToolCalls[j].Function.Name, name)
				require.Equal(t, call.Function.Arguments, g.Message.ToolCalls[j].Function.Arguments, name)
			}
		}
	}
	require.Positive(t, compared)
}

// sdkAnswer is what the SDK makes of a stream.
func sdkAnswer(stream string) (all openai.ChatCompletionAccumulator) {
	chunks := ssestream.NewStream[openai.ChatCompletionChunk](ssestream.NewDecoder(answered(stream)), nil)
	defer chunks.Close()
	for chunks.Next() {
		all.AddChunk(chunks.Current())
	}
	return all
}
