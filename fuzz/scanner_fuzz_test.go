package fuzz_test

import (
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed-08fc7208/chatstream"
	"github.com/seed-08fc7208/chatstream/internal/testing/reference"
)

// FuzzScanner compares the Scanner with a slow reader written from the standard, for any cuts of the stream.
//
//	go test -run '^$' -fuzz '^FuzzScanner$' ./fuzz
func FuzzScanner(f *testing.F) {
	addStreams(f)
	f.Fuzz(checkScanner)
}

func checkScanner(t *testing.T, stream, cuts []byte, limit uint16) {
	max := chatstream.DefaultMaxEventSize
	if limit > 0 {
		max = int(limit) + 2 // a byte order mark is never over the limit
	}
	want := reference.Scan(string(stream), max)
	s := chatstream.NewScanner(&cutReader{stream: stream, cuts: cuts}, chatstream.WithMaxEventSize(max))
	var wantRaws, raws []string
	dropped := len(want.Tail) >= max // keep-alives over the limit need not be in any Raw
	for i, e := range want.Events {
		if !s.Scan() {
			t.Fatalf("event %d is missing: %v", i+1, s.Err())
		}
		got := s.Event()
		if string(got.Type) != e.Type || string(got.Data) != e.Data || string(got.LastEventID) != e.LastEventID || s.Retry() != e.Retry {
			t.Fatalf("event %d: got type %q, data %q, ID %q, retry %v; want %q, %q, %q, %v",
				i+1, got.Type, got.Data, got.LastEventID, s.Retry(), e.Type, e.Data, e.LastEventID, e.Retry)
		}
		wantRaws, raws = append(wantRaws, e.Raw), append(raws, string(got.Raw))
		dropped = dropped || e.Lead >= max
	}
	if s.Scan() {
		t.Fatalf("event of type %q, data %q: want none", s.Event().Type, s.Event().Data)
	}
	if got := errors.Is(s.Err(), chatstream.ErrEventTooLarge); got != want.TooLarge || !got && s.Err() != nil {
		t.Fatalf("got error %v; event over the limit: %v", s.Err(), want.TooLarge)
	}
	if !want.TooLarge {
		if s.Retry() != want.Retry {
			t.Fatalf("got retry %v in the end, want %v", s.Retry(), want.Retry)
		}
		wantRaws, raws = append(wantRaws, want.Tail), append(raws, string(s.Event().Raw))
	}
	mendRaws(raws)
	compareRaws(t, wantRaws, raws, dropped)
}

// addStreams adds the streams that were written for the tests, each in pieces of some size.
func addStreams(f *testing.F) {
	f.Helper()
	files, err := filepath.Glob("../testdata/*.sse")
	if err != nil || len(files) == 0 {
		f.Fatal("no streams: ", err)
	}
	for i, file := range files {
		stream, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(stream, []byte{byte(i)}, uint16(0))
		f.Add(stream, []byte{1, 0, 7}, uint16(512))
	}
}

// cutReader hands out a stream in pieces: cuts has the size of each, in turn. 0 is a Read that gives nothing and 255 one that
// gives what there is room for. An odd number of cuts puts io.EOF beside the last piece.
type cutReader struct {
	stream []byte
	cuts   []byte
	calls  int
	empty  int
}

func (r *cutReader) Read(p []byte) (int, error) {
	size := byte(255)
	if len(r.cuts) > 0 {
		size = r.cuts[r.calls%len(r.cuts)]
		r.calls++
	}
	if size == 0 && r.empty < 3 {
		r.empty++
		return 0, nil
	}
	r.empty = 0
	n := copy(p, r.stream)
	if size < 255 {
		n = min(n, max(int(size), 1))
	}
	r.stream = r.stream[n:]
	if len(r.stream) == 0 && (n == 0 || len(r.cuts)%2 == 1) {
		return n, io.EOF
	}
	return n, nil
}

// mendRaws undoes the one trace that cutting a stream may leave: if it was cut inside of a CRLF the LF begins the next Raw.
func mendRaws(raws []string) {
	for i := 1; i < len(raws); i++ {
		if strings.HasSuffix(raws[i-1], "\r") && strings.HasPrefix(raws[i], "\n") {
			raws[i-1], raws[i] = raws[i-1]+"\n", raws[i][1:]
		}
	}
}

// compareRaws compares the Raws of the events, and what follows the last one. Where keep-alives were dropped a Raw has at
// least what came after them.
func compareRaws(t *testing.T, want, got []string, dropped bool) {
	t.Helper()
	for i := range got {
		equal := got[i] == want[i]
		if dropped {
			equal = strings.HasSuffix(strings.TrimSuffix(want[i], "\n"), strings.TrimSuffix(got[i], "\n"))
		}
		if !equal {
			t.Fatalf("Raw %d: got %q, want %q", i+1, got[i], want[i])
		}
	}
}

// lines are what the streams of TestGeneratedStreams are made of: all that the framing tells apart.
var lines = []string{
	"", "", "", "data: {}", `data: {"a":1}`, "data: {", "data: }", `data: "b":2}`, "data: hello", "data", "data:", `data: ""`, "data: [1]", "data: [",
	"data: [DONE]", "data:[DONE] ", "data: [DONE]                    ", "error: {}", "error: {", "error: }", "error: no", "error", "event: error", "event: e", "event", "id: 1", "id",
	"id: \x00", "retry: 5", "retry: x", ":", ": comment", "foo: bar", "{", "<", " ", "\uFEFF", "\uFEFFdata: {}", "dat",
	`data: {"error":null}`, `data: {"error":"x"}`, `data: {"choices":[{"finish_reason":"stop"}]}`, `data: {"choices":[{"index":1}]}`,
}

// TestGeneratedStreams does what the fuzz targets do, with lines instead of bytes at random, and so gets into every corner of
// the framing in a second.
func TestGeneratedStreams(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 20_000 {
		var stream []byte
		for range random.IntN(12) {
			stream = append(stream, lines[random.IntN(len(lines))]...)
			stream = append(stream, [...]string{"\n", "\n", "\n", "\r", "\r\n"}[random.IntN(5)]...)
		}
		stream = stream[:len(stream)-min(len(stream), random.IntN(3))]
		cuts := [][]byte{{255}, {255, 255}, {1}, {1, 0}, {2, 1, 3}, {5, 0, 0, 1}, {30, 1}}[random.IntN(7)]
		limit := uint16(random.IntN(4) / 3 * random.IntN(64))
		if ok := t.Run("", func(t *testing.T) {
			checkScanner(t, stream, cuts, limit)
			checkDecoder(t, stream, cuts, limit)
		}); !ok {
			t.Fatalf("stream %q, cuts %v, limit %d", stream, cuts, limit)
		}
	}
}
