package migrating_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/openai/openai-go/v3"
	gosdk "github.com/sashabaranov/go-openai"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-08fc7208/chatstream"
	"github.com/seed-08fc7208/chatstream/internal/testing/situations"
)

// TestReadmeTable checks the columns of the other decoders in the README's table. The
// root module's TestMigrating checks the column of chatstream for the same streams.
func TestReadmeTable(t *testing.T) {
	type seenBy struct{ sdk, goOpenAI, lines string }
	readme := readText(t, "../../README.md")
	assert.Contains(t, readme, fmt.Sprintf("%d such streams", len(situations.All())))
	streams := map[string]string{}
	for _, s := range situations.All() {
		streams[s.Name] = s.Stream
	}
	for _, row := range []struct {
		cells string
		want  map[string]seenBy // by the name of a situation
	}{
		{"The stream is cut between two events | looks complete | looks complete | looks complete", map[string]seenBy{
			"cut between two events": {"A", "A EOF", "A"},
		}},
		{"An error object in the stream | ends the stream, or an empty chunk | an error, or an empty chunk | an empty chunk", map[string]seenBy{
			"`{\"error\":{...}}` in the stream":         {"A error:received error while streaming: {\"message\":\"m\"}", "A error:error, m", "A  B"},
			"the same with spaces, as Python writes it": {"A error:received error while streaming: {\"message\": \"m\"}", "A  B EOF", "A  B"},
			"`event: error`":                            {"A  B", "A  B EOF", "A  B"},
		}},
		{"Status 200 with a JSON error as the body | no error | no error | no error", map[string]seenBy{
			"the body is a JSON error": {"", "EOF", ""},
		}},
		{"Status 200 with an HTML page as the body | no error | no error | no error", map[string]seenBy{
			"the body is a page of HTML": {"", "EOF", ""},
		}},
		{"`content` is a list of parts | its JSON as the text | an error | an error", map[string]seenBy{
			"`content` is a list of parts": {"[{\"text\":\"A\"}] B", "json-type", "json-type B"},
		}},
		{"Lines end with CR | no chunk, no error | no chunk, no error | an error", map[string]seenBy{
			"lines end with CR": {"", "EOF", "json"},
		}},
		{"A line of 40 MiB | ends the stream | kept in memory | ends the stream", map[string]seenBy{
			"a line of 40 MiB": {"A too-long", "A B… B EOF", "A too-long"},
		}},
		{"A member is repeated | the first counts | the last counts | the last counts", map[string]seenBy{
			"`\"content\"` twice": {"X B", "A B EOF", "A B"},
		}},
	} {
		assert.Contains(t, readme, "\n| "+row.cells+" | ")
		for name, want := range row.want {
			require.Contains(t, streams, name)
			stream := streams[name]
			got := seenBy{readSDK(stream).String(), readGoOpenAI(stream).String(), readLines(stream).String()}
			assert.Equal(t, want, got, name)
		}
	}
}

// TestReadmeUnknownMember: what each decoder does with a member without a field.
func TestReadmeUnknownMember(t *testing.T) {
	assert.Contains(t, readText(t, "../../README.md"),
		"\n| A member without a field in the struct | kept as raw JSON | lost | lost | kept in `Extra`, and written again |\n")
	const payload = `{"choices":[],"odd":{"a":[1,2]}}`

	var sdk openai.ChatCompletionChunk
	require.NoError(t, json.Unmarshal([]byte(payload), &sdk))
	assert.Equal(t, `{"a":[1,2]}`, sdk.JSON.ExtraFields["odd"].Raw())

	var goOpenAI gosdk.ChatCompletionStreamResponse
	require.NoError(t, json.Unmarshal([]byte(payload), &goOpenAI))
	written, err := json.Marshal(goOpenAI)
	require.NoError(t, err)
	assert.False(t, strings.Contains(string(written), "odd"))

	var lines Chunk
	require.NoError(t, json.Unmarshal([]byte(payload), &lines))
	written, err = json.Marshal(lines)
	require.NoError(t, err)
	assert.False(t, strings.Contains(string(written), "odd"))

	var ours chatstream.Chunk
	require.NoError(t, chatstream.Unmarshal([]byte(payload), &ours))
	assert.Equal(t, payload, string(ours.AppendJSON(nil)))
}
