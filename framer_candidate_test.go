package chatstream_test

import (
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-08fc7208/chatstream"
)

// TestReportedErrorWithoutFraming: an error body in mid-stream, as it was reported.
func TestReportedErrorWithoutFraming(t *testing.T) {
	stream, err := os.ReadFile("../shared/reports/24-raw-json-error-midstream.sse")
	if err != nil {
		t.Skip("the reported streams are not here")
	}
	d := chatstream.NewDecoder(iotest.OneByteReader(strings.NewReader(string(stream))))
	var messages []string
	for _, err := range d.All() {
		var api *chatstream.APIError
		if errors.As(err, &api) {
			messages = append(messages, api.Message+" "+api.Code)
		}
	}
	assert.Equal(t, []string{"The model is overloaded. Please try again later. 503"}, messages)
}

// TestErrorWithoutFramingFields: what an APIError without framing has, and what the chunk.
func TestErrorWithoutFramingFields(t *testing.T) {
	const before = "data: {\"choices\":[{\"delta\":{}}]}\n\n"
	for _, body := range []string{
		"{\"id\":\"i\",\n\"error\":\"m\",\n\"code\":429}", "[{\"id\":\"i\",\"error\":{\"message\":\"m\",\"code\":429}}\n]",
	} {
		got := 0
		check := func(c *chunk, err error) {
			var api *chatstream.APIError
			if !errors.As(err, &api) {
				return
			}
			got++
			assert.Equal(t, "m", api.Message)
			assert.Equal(t, "429", api.Code)
			assert.Equal(t, int64(2), api.Event)
			assert.Equal(t, int64(len(before)), api.EventOffset)
			assert.Equal(t, "i", c.ID.Value.String(), "what else was in the chunk")
		}
		d := chatstream.NewDecoder(strings.NewReader(before + body + "\n"))
		for c, err := range d.All() {
			check(c, err)
		}
		tap := chatstream.NewTap(check)
		for _, b := range []byte(before + body + "\n") {
			tap.Write([]byte{b})
		}
		require.Equal(t, 2, got, "at the end of its line, before Close")
		tap.Close()
		require.Equal(t, 2, got)
		s := chatstream.NewScanner(strings.NewReader(before + body + "\n\n"))
		require.True(t, s.Scan())
		require.False(t, s.Scan(), "unknown fields to a Scanner")
	}
}

// TestErrorWithoutFramingIsBounded: a candidate that never closes is read as the event of
// unknown fields that it is, and skipped where that is over the limit.
func TestErrorWithoutFramingIsBounded(t *testing.T) {
	const limit = 64 << 10
	for _, row := range []struct{ first, text string }{
		{"", "{\n"}, {"", "{\"error\":[\n\n"}, {"", "["}, {"", "{\""}, {"", " \n{\n["}, {"", "{\"a\":\"\\\n"}, {"\n", "["}, {"\n{\n", "x"},
	} {
		text := row.text
		r := &endless{text: text, n: 4 << 20}
		in := strings.NewReader("data: {\"choices\":[]}\n\n{" + row.first)
		end := strings.NewReader("\n\ndata: {\"choices\":[]}\n\ndata: [DONE]\n\n")
		d := chatstream.NewDecoder(io.MultiReader(in, r, end), chatstream.WithMaxEventSize(limit))
		chunks := 0
		used := allocated(func() {
			for _, err := range d.All() {
				if err == nil {
					chunks++
				} else {
					assert.ErrorIs(t, err, chatstream.ErrEventTooLarge, "%q", text)
				}
			}
		})
		assert.Equal(t, 2, chunks, "%q", text)
		assert.True(t, d.Done(), "%q", text)
		assert.Less(t, used, uint64(16*limit), "%q", text)
	}
}

// TestErrorWithoutFramingAndTheLimit: an error without framing may have as many bytes as an
// event, counted from its first line. A larger one is read as fields, and what follows it
// can be an error again.
func TestErrorWithoutFramingAndTheLimit(t *testing.T) {
	const limit, before = 100, "data: {\"choices\":[{\"delta\":{}}]}\n\n: c\n\n: d\n"
	errorsOf := func(r io.Reader) (all []*chatstream.APIError, tooLarge bool) {
		d := chatstream.NewDecoder(r, chatstream.WithMaxEventSize(limit))
		defer d.Close()
		for _, err := range d.All() {
			if api := (*chatstream.APIError)(nil); errors.As(err, &api) {
				all = append(all, api)
			}
			tooLarge = tooLarge || errors.Is(err, chatstream.ErrEventTooLarge)
		}
		return all, tooLarge
	}
	const body = "{\n\"error\":\"m\"}\n"
	blanks := func(n int) string { return "{\n" + strings.Repeat("\n", n) + "{\"error\":\"m\"}\n" }
	for name, row := range map[string]struct {
		in    string
		found bool
		place int // of the error, in what is in
	}{
		"at the limit":                          {"{" + strings.Repeat(" ", limit-len(body)) + body[1:], true, 0},
		"at the limit, where the stream ends":   {"{" + strings.Repeat(" ", limit-len(body)+1) + body[1:len(body)-1], true, 0},
		"a byte over it, where the stream ends": {"{" + strings.Repeat(" ", limit-len(body)+2) + body[1:len(body)-1], false, 0},
		"a byte over it":                        {"{" + strings.Repeat(" ", limit-len(body)+1) + body[1:], false, 0},
		"after one that a blank line ends":      {blanks(limit - 1), true, limit + 1},
		"after one, and a blank line":           {blanks(limit), true, limit + 2},
		"in the line that goes over it":         {blanks(limit - 2), true, limit},
	} {
		t.Run(name, func(t *testing.T) {
			stream := before + row.in
			for i := range len(stream) + 1 {
				got, tooLarge := errorsOf(io.MultiReader(strings.NewReader(stream[:i]), iotest.OneByteReader(strings.NewReader(stream[i:]))))
				if !row.found {
					require.Empty(t, got, "cut at %d", i)
					continue
				}
				require.Len(t, got, 1, "cut at %d", i)
				require.False(t, tooLarge, "cut at %d: the lines before it are an event that a blank line ends", i)
				require.Equal(t, int64(len(before)+row.place), got[0].EventOffset, "cut at %d", i)
			}
		})
	}
}
