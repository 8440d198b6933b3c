package fuzz_test

import (
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/seed-08fc7208/chatstream"
	"github.com/seed-08fc7208/chatstream/internal/testing/reference"
)

// FuzzDecoder compares the Decoder with the reference reader, for any cuts of the stream: each event and error, the end, and the
// Raws, which together are the stream.
//
//	go test -run '^$' -fuzz '^FuzzDecoder$' ./fuzz
func FuzzDecoder(f *testing.F) {
	addStreams(f)
	f.Fuzz(checkDecoder)
}

func checkDecoder(t *testing.T, stream, cuts []byte, limit uint16) {
	if limit > 0 {
		checkDecoderUnderLimit(t, stream, cuts, max(int(limit), 16))
		return
	}
	want := reference.Decode(string(stream))
	got := decode(t, &cutReader{stream: stream, cuts: cuts})
	compareResults(t, want, got)

	var wantRaws, raws []string
	for i := range want {
		wantRaws, raws = append(wantRaws, want[i].Raw), append(raws, got[i].Raw)
	}
	mendRaws(raws)
	if last := len(want) - 1; want[last].Kind.Done() {
		// The line end of [DONE], and the blank line, are in its Raw as far as they had been read.
		if n := len(raws[last]); n >= len(strings.TrimRight(wantRaws[last], "\r\n")) {
			wantRaws[last] = wantRaws[last][:min(n, len(wantRaws[last]))]
		}
	}
	compareRaws(t, wantRaws, raws, false)
}

// checkDecoderUnderLimit checks that a limit takes events away, and adds none. Which ones it takes is not for the reference: it
// depends on the cuts where the beginning of a line may be that of [DONE] or of another field.
func checkDecoderUnderLimit(t *testing.T, stream, cuts []byte, limit int) {
	all := reference.Decode(string(stream))
	done := all[len(all)-1].Kind.Done()
	for i, r := range decode(t, &cutReader{stream: stream, cuts: cuts}, chatstream.WithMaxEventSize(limit)) {
		if r.Kind.Final() {
			continue
		}
		at := slices.IndexFunc(all, func(of reference.Result) bool { return of.Data == r.Data })
		if at < 0 && done {
			return // The event over the limit was [DONE].
		}
		if at < 0 {
			t.Fatalf("result %d, data %q: not without the limit of %d, or not here", i+1, r.Data, limit)
		}
		all = all[at+1:]
		if len(r.Raw) > 3*limit {
			t.Fatalf("result %d has a Raw of %d bytes, with a limit of %d", i+1, len(r.Raw), limit)
		}
	}
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
		if all = append(all, result); len(all) > 10_000 {
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
	case errors.Is(err, chatstream.ErrNotChatCompletion) && d.Done():
		return reference.DoneNotChat, true
	case errors.Is(err, chatstream.ErrNotChatCompletion):
		return reference.NotChat, true
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
