package chatstream_test

import (
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/seed-08fc7208/chatstream"
)

// TestBodyThatLooksLikeAStreamLater: the first line with text tells a document from an
// event stream, whatever blanks are before it and whatever comes after it.
func TestBodyThatLooksLikeAStreamLater(t *testing.T) {
	lines := map[string]bool{ // and whether it begins a document
		`{"a":1}`: true, `[1]`: true, `<html>`: true,
		"a": false, "a\tb": false, "é": false, "id: 1": false, ": x": false, "a\xff": true,
	}
	for c := range byte(' ') {
		if c != '\t' && c != '\r' && c != '\n' {
			lines["a"+string(rune(c))+"b"] = true
		}
	}
	for line, document := range lines {
		for _, before := range []string{"", " ", "\t", " \t  ", "\n", " \n\t\n  "} {
			if before != "" && !strings.ContainsAny(line, "{[<") {
				continue // the blank would be part of a field's name
			}
			body := before + line + "\n\ndata: {\"id\":\"x\"}\n\n"
			for _, r := range []io.Reader{strings.NewReader(body), iotest.OneByteReader(strings.NewReader(body))} {
				d := chatstream.NewDecoder(r)
				var c chunk
				err := d.Decode(&c)
				if document {
					require.ErrorIs(t, err, chatstream.ErrNotEventStream, "%q", body)
					require.Equal(t, body, string(d.Event().Raw))
				} else {
					require.NoError(t, err, "%q", body)
					require.Equal(t, "x", c.ID.Value.String())
				}
				d.Close()
			}
		}
	}
}
