package chatstream_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-08fc7208/chatstream"
)

// TestLongLastEventID: for a Decoder and a Tap a last event ID of more than 64 KiB counts for its own event alone, so that a
// stream does not hold it for ever. For a Scanner it counts until the next one, as the standard says.
func TestLongLastEventID(t *testing.T) {
	for length, lasts := range map[int]bool{64 * kiB: true, 64*kiB + 1: false} {
		id := strings.Repeat("x", length)
		stream := "id: " + id + "\n" + strings.Repeat("data: {\"choices\":[]}\n\n", 3) + "id: y\n" + strings.Repeat("data: {\"choices\":[]}\n\n", 2)
		want := []string{id, "", "", "y", "y"}
		if lasts {
			want = []string{id, id, id, "y", "y"}
		}

		var got []string
		d := chatstream.NewDecoder(strings.NewReader(stream))
		for range want {
			require.NoError(t, d.Decode(new(chunk)))
			got = append(got, string(d.Event().LastEventID))
		}
		assert.True(t, equalStrings(want, got), "Decoder, %d bytes", length)

		got = nil
		var tap *chatstream.Tap
		tap = chatstream.NewTap(func(*chunk, error) { got = append(got, string(tap.Event().LastEventID)) })
		for _, event := range strings.SplitAfter(stream, "\n\n") {
			tap.Write([]byte(event))
		}
		assert.True(t, equalStrings(want, got), "Tap, %d bytes", length)

		got = nil
		s := chatstream.NewScanner(strings.NewReader(stream))
		for s.Scan() {
			got = append(got, string(s.Event().LastEventID))
		}
		assert.True(t, equalStrings([]string{id, id, id, "y", "y"}, got), "Scanner, %d bytes", length)
	}
}

// equalStrings is slices.Equal, so that a fault does not print all of the strings.
func equalStrings(a, b []string) bool { return strings.Join(a, "\n") == strings.Join(b, "\n") }
