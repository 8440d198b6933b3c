package chatstream_test

import (
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-08fc7208/chatstream"
)

// TestFirstEventOverTheLimit: a stream that begins with an event over the limit is an
// event stream all the same, however it is cut.
func TestFirstEventOverTheLimit(t *testing.T) {
	stream := "data: {" + strings.Repeat(" ", 6000) + "}\n\n{\"foo\n\ndata: {\"choices\":[]}\n\ndata: [DONE]\n\n"
	whole := resultsOf(t, strings.NewReader(stream), chatstream.WithMaxEventSize(3000))
	assert.Len(t, whole, 3)
	assert.Equal(t, kindsOf(whole), kindsOf(resultsOf(t, iotest.OneByteReader(strings.NewReader(stream)), chatstream.WithMaxEventSize(3000))))
}

// TestChunkMemory: what a chunk holds stays in proportion to its bytes, where lists are
// repeated too, and a struct does not hold for ever what one payload needed.
func TestChunkMemory(t *testing.T) {
	choices := `"choices":[{"x":100}` + strings.Repeat(`,{"x":100}`, 1023) + `]`
	payload := "{" + choices + strings.Repeat(","+choices, 63) + "}"
	var c chunk
	allocated := testing.AllocsPerRun(1, func() { require.NoError(t, chatstream.Unmarshal([]byte(payload), &c)) })
	assert.Len(t, c.Choices, 1024)
	assert.Less(t, allocated, 100.0)
}
