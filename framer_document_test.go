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
		for _, before := range []string{"", " ", "\t", " \t  ", "\n", " \n\t\n  ", "        \n", "   \n "} {
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
			var got []error
			tap := chatstream.NewTap(func(_ *chunk, err error) { got = append(got, err) })
			for _, b := range []byte(body) {
				tap.Write([]byte{b})
			}
			tap.Close()
			if document {
				require.Len(t, got, 1, "%q", body)
				require.ErrorIs(t, got[0], chatstream.ErrNotEventStream, "%q", body)
			} else {
				require.NoError(t, got[0], "%q", body)
			}
		}
	}
}

// TestDocumentAndTheLimit: of a body that is no event stream 64 KiB are read where events
// are limited to less, and as much as an event may have where they are not. Blanks
// before it count, but not those that were forgotten.
func TestDocumentAndTheLimit(t *testing.T) {
	for _, limit := range []int{100, 64 << 10, 70_000} {
		most := max(limit, 64<<10)
		for _, before := range []string{"", strings.Repeat("\n", 80_000)} {
			body := "<" + strings.Repeat("x", most-1)
			for _, rest := range []string{"", strings.Repeat("y", 1000)} {
				r := &sipReader{stream: before + body + rest}
				d := chatstream.NewDecoder(r, chatstream.WithMaxEventSize(limit))
				require.ErrorIs(t, d.Decode(new(chunk)), chatstream.ErrNotEventStream)
				raw := string(d.Event().Raw)
				require.True(t, strings.HasPrefix(body+rest, strings.TrimLeft(raw, "\n")), "limit %d", limit)
				if before == "" && rest == "" {
					require.Len(t, raw, most, "limit %d: the whole body", limit)
				} else {
					require.Len(t, raw, most+1, "limit %d: the byte after it shows that there is more", limit)
				}
				d.Close()
			}
		}
	}
}

// TestDocumentAfterForgottenBlanks: what has been read of a body is its Raw, up to its end, also where blank lines before it
// were more than are kept. Stats count them all.
func TestDocumentAfterForgottenBlanks(t *testing.T) {
	const limit, body = 100, "<html>"
	for blanks := range 3 * limit {
		in := strings.Repeat("\n", blanks) + body
		d := chatstream.NewDecoder(strings.NewReader(in), chatstream.WithMaxEventSize(limit))
		require.ErrorIs(t, d.Decode(new(chunk)), chatstream.ErrNotEventStream)
		raw := string(d.Event().Raw)
		require.True(t, strings.HasSuffix(in, raw), "%d blank lines: %q", blanks, raw)
		require.LessOrEqual(t, len(body), len(raw), "%d blank lines", blanks)
		require.LessOrEqual(t, len(raw), len(body)+limit, "%d blank lines", blanks)
		require.EqualValues(t, len(in), d.Stats().Bytes, "%d blank lines", blanks)
	}
}
