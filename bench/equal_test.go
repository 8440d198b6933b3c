package bench_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-08fc7208/chatstream"
)

// TestGoCmp: go-cmp compares chunks by their method Equal, a decoded one and a literal too.
func TestGoCmp(t *testing.T) {
	var got chatstream.Chunk
	require.NoError(t, chatstream.Unmarshal([]byte(`{"id":"a","choices":[{"index":0,"delta":{"content":"hi"}}]}`), &got))
	want := chatstream.Chunk{
		ID: chatstream.Some(chatstream.Text("a")),
		Choices: []chatstream.Choice{{
			Index: chatstream.Some[int64](0),
			Delta: chatstream.Delta{Content: chatstream.Some(chatstream.Text("hi"))},
		}},
	}
	assert.Empty(t, cmp.Diff(want, got))
	want.Choices[0].Delta.Content = chatstream.Null[chatstream.Text]()
	assert.NotEmpty(t, cmp.Diff(want, got))
}
