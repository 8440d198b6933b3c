package chatstream_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-08fc7208/chatstream"
)

// TestAppendEvent: neither an event name nor data can inject a field.
func TestAppendEvent(t *testing.T) {
	for _, test := range []struct{ event, data, want string }{
		{"", "{}", "data: {}\n\n"},
		{"error", "{}", "event: error\ndata: {}\n\n"},
		{"", "", "data: \n\n"},
		{" a:b ", " {} ", "event:  a:b \ndata:  {} \n\n"},
		{"a\ndata: x", "{}", "data: {}\n\n"},
		{"a\rdata: x", "{}", "data: {}\n\n"},
		{"\n", "{}", "data: {}\n\n"},
		{"", "a\nb", "data: a\ndata: b\n\n"},
		{"", "a\rb", "data: a\ndata: b\n\n"},
		{"", "a\r\nb", "data: a\ndata: b\n\n"},
		{"", "a\n\rb", "data: a\ndata: \ndata: b\n\n"},
		{"", "a\n\nevent: x\n", "data: a\ndata: \ndata: event: x\ndata: \n\n"},
		{"", "\r\n", "data: \ndata: \n\n"},
		{"", "\r", "data: \ndata: \n\n"},
	} {
		got := chatstream.AppendEvent([]byte("before"), test.event, []byte(test.data))
		assert.Equal(t, "before"+test.want, string(got), "%q, %q", test.event, test.data)
	}
}

// TestAppendEventOfChunk: the result is that of AppendJSON with framing.
func TestAppendEventOfChunk(t *testing.T) {
	for _, s := range testStreams(t) {
		d := chatstream.NewDecoder(bytes.NewReader(s.data))
		defer d.Close()
		for c := range d.All() {
			for _, event := range []string{"", "error", "a\nb"} {
				want := chatstream.AppendEvent(nil, event, c.AppendJSON(nil))
				require.Equal(t, string(want), string(c.AppendEvent(nil, event)), s.name)
			}
		}
	}
}
