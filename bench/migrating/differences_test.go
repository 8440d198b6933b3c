package migrating_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/openai/openai-go/v3"
	gosdk "github.com/sashabaranov/go-openai"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-08fc7208/chatstream"
)

// The list "More differences" of docs/migrating.md.

// TestUsageIsSummedByTheSDK: openai-go's accumulator adds usages up. Here the last one
// counts, as cumulative counts want it.
func TestUsageIsSummedByTheSDK(t *testing.T) {
	const chunk = `data: {"id":"1","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"A"},"finish_reason":"stop"}],"usage":{"prompt_tokens":9,"completion_tokens":3,"total_tokens":12}}` + "\n\n"
	const stream = chunk + chunk + "data: [DONE]\n\n"

	theirs := sdkAnswer(stream)
	assert.EqualValues(t, 24, theirs.Usage.TotalTokens)

	var ours chatstream.Accumulator
	d := chatstream.NewDecoder(strings.NewReader(stream))
	defer d.Close()
	for c, err := range d.All() {
		require.NoError(t, err)
		require.NoError(t, ours.Add(c))
	}
	assert.EqualValues(t, 12, ours.Completion().Usage.Value.TotalTokens.Value)
}

// TestAbsentDelta: a choice without a delta is read as one with an empty delta by all.
// Here it is written again without one.
func TestAbsentDelta(t *testing.T) {
	const payload = `{"choices":[{"index":0,"finish_reason":"stop"}]}`
	var sdk openai.ChatCompletionChunk
	require.NoError(t, json.Unmarshal([]byte(payload), &sdk))
	assert.Empty(t, sdk.Choices[0].Delta.Content)
	var goOpenAI gosdk.ChatCompletionStreamResponse
	require.NoError(t, json.Unmarshal([]byte(payload), &goOpenAI))
	assert.Empty(t, goOpenAI.Choices[0].Delta)
	written, err := json.Marshal(goOpenAI)
	require.NoError(t, err)
	assert.Contains(t, string(written), `"delta"`)

	var ours chatstream.Chunk
	require.NoError(t, chatstream.Unmarshal([]byte(payload), &ours))
	assert.True(t, ours.Choices[0].Delta.Content.IsAbsent())
	assert.Equal(t, payload, string(ours.AppendJSON(nil)))
}
