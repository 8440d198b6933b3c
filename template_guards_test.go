package chatstream_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-08fc7208/chatstream"
)

// TestTemplateOfAListThatIsNotBuilt: events that differ in a list that has an element of
// another type decode each as what it is, not as their predecessor.
func TestTemplateOfAListThatIsNotBuilt(t *testing.T) {
	for name, payload := range map[string]string{
		"choices":      `{"choices":[{"index":0,"delta":{"content":"%[1]s"}},1]}`,
		"tool calls":   `{"choices":[{"delta":{"tool_calls":[{"index":0,"id":"%[1]s"},1]}}]}`,
		"tokens":       `{"choices":[{"delta":{},"logprobs":{"content":[{"token":"%[1]s"},1]}}]}`,
		"top tokens":   `{"choices":[{"delta":{},"logprobs":{"content":[{"token":"t","top_logprobs":[{"token":"%[1]s"},1]}]}}]}`,
		"the last one": `{"choices":[{"delta":{"tool_calls":[{"id":"%[1]s"},{"id":"%[1]s"},null]}}],"usage":null}`,
	} {
		var stream strings.Builder
		var want []string
		for i := range 12 {
			event := fmt.Sprintf(payload, fmt.Sprintf("id%02d", i))
			fmt.Fprintf(&stream, "data: %s\n\n", event)
			var c chunk
			require.NoError(t, chatstream.Unmarshal([]byte(event), &c))
			want = append(want, string(c.AppendJSON(nil)))
		}
		var got []string
		d := chatstream.NewDecoder(strings.NewReader(stream.String() + "data: [DONE]\n\n"))
		for c, err := range d.All() {
			require.NoError(t, err)
			got = append(got, string(c.AppendJSON(nil)))
		}
		assert.Equal(t, want, got, name)
	}
}

// TestTemplateKeepsTheLimit: an event over the limit is an error, also where it is like
// the events before it but for a longer text.
func TestTemplateKeepsTheLimit(t *testing.T) {
	event := func(n int) string {
		return `data: {"choices":[{"index":0,"delta":{"content":"` + strings.Repeat("x", n) + `"}}]}` + "\n\n"
	}
	const limit = 100
	for _, write := range []bool{false, true} {
		for k := range 2 * (len(event(0)) + 2) {
			n, before := limit-len(event(0))-2+k/2, []string{"", ": comment\n\n"}[k%2]
			stream := event(1) + event(2) + event(3) + event(4) + before + event(n) + event(5) + "data: [DONE]\n\n"
			tooLarge := 0
			see := func(_ *chunk, err error) {
				if err != nil {
					require.ErrorIs(t, err, chatstream.ErrEventTooLarge)
					tooLarge++
				}
			}
			if write {
				tap := chatstream.NewTap(see, chatstream.WithMaxEventSize(limit))
				_, _ = tap.Write([]byte(stream))
				_ = tap.Close()
			} else {
				for c, err := range chatstream.NewDecoder(strings.NewReader(stream), chatstream.WithMaxEventSize(limit)).All() {
					see(c, err)
				}
			}
			want := 0
			if len(event(n)) > limit {
				want = 1
			}
			assert.Equal(t, want, tooLarge, "%d bytes after %q, pushed: %t", len(event(n)), before, write)
		}
	}
}
