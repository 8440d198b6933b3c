package chatstream

import (
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Events after comments and empty lines have templates, too.

// TestTemplateOfCutComments: with template and without it the same comes out, wherever a read ends
// amid comments.
func TestTemplateOfCutComments(t *testing.T) {
	for _, comments := range []string{
		": a\n\n", ": a\n", ":\r\n\r\n", ":\r\r", ":\r\n", ": a\n: b\n\n\n: c\n", "\n: a\n\n", ": a\nid: 1\n", ": a\n\nevent: x\n", ": a\n\ndata:\n\n",
		": a\n\ndata: [1]\n\n", ": a\n\n{\"error\":{\"message\":\"b\"}}\n\n", ": a\n\ndata: [DONE]\n\n", ": a\n\nx\n", ":",
	} {
		stream := comments + chunkOf("a", `"content":"a"`, "") + comments + chunkOf("b", `"content":"b"`, "") + comments
		for cut := range stream {
			newReader := func([]byte) io.Reader {
				return io.MultiReader(strings.NewReader(stream[:cut]), strings.NewReader(stream[cut:]))
			}
			want, _ := stepsOf(nil, false, newReader)
			got, _ := stepsOf(nil, true, newReader)
			require.Equal(t, want, got, "%q, cut at %d", stream, cut)
		}
		newReader := func([]byte) io.Reader {
			return &cutReader{[]byte(stream), func([]byte) int { return 1 }}
		}
		want, _ := stepsOf(nil, false, newReader)
		got, _ := stepsOf(nil, true, newReader)
		require.Equal(t, want, got, "%q, byte by byte", stream)
	}
}

// TestTemplateAfterALongComment: a comment takes no more memory than the limit allows, and the event
// after it is decoded.
func TestTemplateAfterALongComment(t *testing.T) {
	const limit = 64 << 10
	event := chunkOf("a", `"content":"a"`, "")
	stream := event + ":" + strings.Repeat(" wait", 1<<20) + "\n\n" + event + ": a\n\n" + event
	d := NewDecoder(&cutReader{[]byte(stream), func(rest []byte) int { return min(len(rest), 1000) }}, WithMaxEventSize(limit))
	d.lessons.only = shelfOf(true)
	var c CreateChatCompletionData
	for range 3 {
		require.NoError(t, d.Decode(&c))
		assert.Equal(t, "a", string(c.Choices[0].Delta.Content.Value))
		assert.LessOrEqual(t, len(d.framer.buf), 3*limit)
	}
	assert.Equal(t, int64(1), d.Stats().Matched, "the second event comes after a comment that was cut")
	assert.Equal(t, int64(2), d.Stats().Comments)
}
