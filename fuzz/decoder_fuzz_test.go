package fuzz_test

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"github.com/seed-08fc7208/chatstream"
	"github.com/seed-08fc7208/chatstream/internal/reference"
)

// FuzzDecoder holds the Decoder to a slow reading of its framing: each event and error in turn, going on after each that is
// not final, the end, and the Raws, which together are the stream, however it is cut. Under a limit on the event it holds it
// to itself, with the stream in one piece.
//
//	go test -fuzz '^FuzzDecoder$' ./fuzz
func FuzzDecoder(f *testing.F) {
	addStreams(f)
	f.Fuzz(func(t *testing.T, stream, cuts []byte, limit uint16) {
		if limit > 0 {
			whole := decode(t, bytes.NewReader(stream), chatstream.WithMaxEventSize(int(limit)))
			cut := decode(t, &cutReader{stream: stream, cuts: cuts}, chatstream.WithMaxEventSize(int(limit)))
			compareResults(t, whole, cut)
			return
		}
		want := reference.Decode(string(stream))
		got := decode(t, &cutReader{stream: stream, cuts: cuts})
		compareResults(t, want, got)

		last := len(want) - 1
		var wantRaws, raws []string
		for i := range want {
			wantRaws, raws = append(wantRaws, want[i].Raw), append(raws, got[i].Raw)
		}
		if want[last].Kind == reference.Done {
			// What followed [DONE] in the buffer is given out, and no more is read: one line end or two.
			if full := wantRaws[last]; len(raws[last]) >= len(bytes.TrimRight([]byte(full), "\r\n")) {
				wantRaws[last] = full[:min(len(raws[last]), len(full))]
			}
		}
		compareRaws(t, wantRaws, raws, false)
	})
}

// tooLarge is a Kind that the reference has not.
const tooLarge reference.Kind = "event too large"

// decode decodes a stream to its final error, into one struct.
func decode(t *testing.T, r io.Reader, opts ...chatstream.Option) []reference.Result {
	t.Helper()
	d := chatstream.NewDecoder(r, opts...)
	defer d.Close()
	var chunk chatstream.CreateChatCompletionData
	var all []reference.Result
	for final := false; !final; {
		var result reference.Result
		result.Kind, final = kindOf(t, d, d.Decode(&chunk))
		e := d.Event()
		result.Raw = string(e.Raw)
		if !final || d.Done() {
			result.Type, result.Data, result.LastEventID = string(e.Type), string(e.Data), string(e.LastEventID)
		}
		if all = append(all, result); len(all) > 1<<20 {
			t.Fatal("the stream does not end")
		}
	}
	if _, final := kindOf(t, d, d.Decode(&chunk)); !final || len(d.Event().Raw) > 0 {
		t.Fatalf("Decode after the end: Raw %q", d.Event().Raw)
	}
	return all
}

// kindOf says what an error of Decode is, and whether it is final.
func kindOf(t *testing.T, d *chatstream.Decoder, err error) (reference.Kind, bool) {
	t.Helper()
	var syntax *chatstream.SyntaxError
	var api *chatstream.APIError
	isAPI, isNotEventStream := errors.As(err, &api), errors.Is(err, chatstream.ErrNotEventStream)
	switch {
	case err == nil:
		return reference.Chunk, false
	case err == io.EOF && d.Done():
		return reference.Done, true
	case err == io.EOF:
		return reference.EOF, true
	case errors.As(err, &syntax):
		if syntax.Offset < 0 || syntax.Offset > int64(len(d.Event().Data)) {
			t.Fatalf("%v: the payload has %d bytes", err, len(d.Event().Data))
		}
		return reference.Syntax, false
	case isAPI && isNotEventStream:
		return reference.NotButAPI, true
	case isAPI:
		return reference.API, false
	case isNotEventStream:
		return reference.NotEventStream, true
	case errors.Is(err, chatstream.ErrEventTooLarge):
		return tooLarge, false
	case errors.Is(err, io.ErrUnexpectedEOF):
		return reference.UnexpectedEOF, true
	}
	t.Fatalf("unexpected error: %v", err)
	return "", true
}

// compareResults compares all but the Raws.
func compareResults(t *testing.T, want, got []reference.Result) {
	t.Helper()
	for i := range max(len(want), len(got)) {
		var w, g reference.Result
		if i < len(want) {
			w = want[i]
		}
		if i < len(got) {
			g = got[i]
		}
		w.Raw, g.Raw = "", ""
		if w != g {
			t.Fatalf("result %d: got %+q, want %+q", i+1, g, w)
		}
	}
}
