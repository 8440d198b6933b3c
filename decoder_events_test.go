package chatstream_test

import (
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-08fc7208/chatstream"
)

// undecoded reads a stream by Events. Each event is its type and data, or its error.
func undecoded(t *testing.T, r io.Reader, opts ...chatstream.Option) (all []string, d *chatstream.Decoder, last error) {
	t.Helper()
	d = chatstream.NewDecoder(r, opts...)
	raw := ""
	for e, err := range d.Events() {
		require.NoError(t, last, "only the last error is final")
		raw += string(e.Raw)
		var api *chatstream.APIError
		switch {
		case err == nil:
			all = append(all, string(e.Type)+"|"+string(e.Data))
		case assertAs(err, &api):
			all = append(all, "api "+api.Message+" of "+string(e.Data))
		case !final(err):
			all = append(all, err.Error())
		default:
			last = err
		}
	}
	if last == nil { // the tail was not yielded
		raw += string(d.Event().Raw)
	}
	for range d.Events() {
		require.Fail(t, "nothing comes after the end")
	}
	return append(all, raw), d, last
}

func assertAs(err error, api **chatstream.APIError) bool {
	e, ok := err.(*chatstream.APIError)
	*api = e
	return ok
}

// TestDecoderEvents: streams of other APIs, their errors and their ends.
func TestDecoderEvents(t *testing.T) {
	for name, row := range map[string]struct {
		stream string
		want   []string
		err    error
		done   bool
	}{
		"responses": {"event: response.created\ndata: {\"type\":\"response.created\",\"response\":{\"error\":null}}\n\nevent: response.completed\ndata: {}\n\n",
			[]string{`response.created|{"type":"response.created","response":{"error":null}}`, "response.completed|{}"}, nil, false},
		"messages": {": c\n\nevent: ping\ndata: {\"type\": \"ping\"}\n\nevent: error\ndata: {\"type\":\"error\",\"error\":{\"message\":\"m\"}}\n\n",
			[]string{`ping|{"type": "ping"}`, `api m of {"type":"error","error":{"message":"m"}}`}, nil, false},
		"no JSON":     {"data: a\n\ndata: [1]\ndata: b\n\ndata: {\n\n", []string{"|a", "|[1]\nb", "|{"}, nil, false},
		"[DONE]":      {"data: {}\n\ndata: [DONE]\n\n", []string{"|{}"}, nil, true},
		"keep-alives": {": c\n\ndata:\n\nevent: ping\n\ndata: x\n\n: c", []string{"|x"}, nil, false},
		"errors": {"data: {\"error\":\"m\"}\n\nerror: n\n\ndata: [{\"error\":\"o\"}]\n\ndata: error: p\n\n{\"error\":\"q\"}\n",
			[]string{`api m of {"error":"m"}`, "api n of n", `api o of [{"error":"o"}]`, "api p of error: p", `api q of {"error":"q"}`}, nil, false},
		"no blank line at the end": {"data: {}\n\ndata: x", []string{"|{}", "|x"}, nil, false},
		"cut":                      {"data: {}\n\ndata: {\"a", []string{"|{}"}, io.ErrUnexpectedEOF, false},
		"nothing":                  {"", []string{}, nil, false},
		"no event stream":          {"<html>", []string{}, chatstream.ErrNotEventStream, false},
	} {
		t.Run(name, func(t *testing.T) {
			for _, r := range []io.Reader{strings.NewReader(row.stream), iotest.OneByteReader(strings.NewReader(row.stream))} {
				got, d, err := undecoded(t, r)
				assert.ErrorIs(t, err, row.err)
				raw := strings.TrimRight(got[len(got)-1], "\n")
				assert.Equal(t, strings.TrimRight(row.stream, "\n"), raw, "Raw is the stream")
				assert.Equal(t, row.want, got[:len(got)-1])
				assert.Len(t, got, len(row.want)+1)
				assert.Equal(t, row.done, d.Done())
				assert.Zero(t, d.Stats().Chunks)
				assert.NoError(t, d.Close())
			}
		})
	}
	_, _, err := undecoded(t, io.MultiReader(strings.NewReader("data: x\n\n"), iotest.ErrReader(errReader)))
	assert.ErrorIs(t, err, errReader)
	got, _, err := undecoded(t, strings.NewReader("data: "+strings.Repeat("x", 100)+"\n\ndata: y\n\n"), chatstream.WithMaxEventSize(50))
	require.NoError(t, err)
	assert.Equal(t, []string{"chatstream: event 1 at byte 0: event too large: over 50 bytes", "|y"}, got[:2])
}

// TestDecoderEventsClosed: Close ends the iteration with ErrClosed, once.
func TestDecoderEventsClosed(t *testing.T) {
	d := chatstream.NewDecoder(strings.NewReader("data: 1\n\ndata: 2\n\n"))
	var errs []error
	for e, err := range d.Events() {
		if errs = append(errs, err); err == nil {
			d.Close()
			assert.Equal(t, "1", string(e.Data))
		}
	}
	require.Len(t, errs, 2)
	assert.ErrorIs(t, errs[1], chatstream.ErrClosed)
}

// TestTapOfAnotherAPI: a Tap tells of a stream of another API, once, and not that it was
// truncated.
func TestTapOfAnotherAPI(t *testing.T) {
	const stream = "event: message_start\ndata: {\"type\":\"message_start\"}\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n"
	var errs []error
	tap := chatstream.NewTap(func(_ *chunk, err error) {
		if err != nil {
			errs = append(errs, err)
		}
	})
	for _, c := range []byte(stream) {
		_, _ = tap.Write([]byte{c})
	}
	require.Empty(t, errs)
	require.NoError(t, tap.Close())
	require.Len(t, errs, 1)
	require.ErrorIs(t, errs[0], chatstream.ErrNotChatCompletion)
	require.NotErrorIs(t, errs[0], io.ErrUnexpectedEOF)
}
