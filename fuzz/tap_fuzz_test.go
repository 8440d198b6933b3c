package fuzz_test

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/seed-08fc7208/chatstream"
)

// FuzzTap compares a Tap with a Decoder: each chunk, error and event, the end and the counts, for any cuts of the bytes and with
// panics of fn.
//
//	go test -run '^$' -fuzz '^FuzzTap$' ./fuzz
func FuzzTap(f *testing.F) {
	addTapStreams(f)
	f.Fuzz(checkTap)
}

func addTapStreams(f *testing.F) {
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
		f.Add(stream, []byte{byte(i)}, uint16(0), byte(0))
		f.Add(stream, []byte{1, 0, 7}, uint16(512), byte(3))
		f.Add(stream, []byte{255}, uint16(0), byte(1))
	}
}

func checkTap(t *testing.T, stream, cuts []byte, limit uint16, panics byte) {
	if limit > 0 {
		limit = max(limit, 64) // [DONE] is an event too
	}
	opt := chatstream.WithMaxEventSize(int(limit))
	pieces := cutUp(stream, cuts)
	want := observed{}
	if limit == 0 {
		want.decode(bytes.NewReader(stream), opt)
	} else { // which events are over the limit may depend on the cuts
		want.decode(&pieceReader{pieces: slices.Clone(pieces)}, opt)
	}
	got := observed{}
	got.tap(t, pieces, int(panics), opt)
	compareObserved(t, &want, &got)
}

// cutUp cuts a stream into pieces: cuts has the size of each, in turn. 255 is all the rest.
func cutUp(stream, cuts []byte) [][]byte {
	var pieces [][]byte
	for i, empty := 0, 0; len(stream) > 0; i++ {
		n := len(stream)
		if len(cuts) > 0 && cuts[i%len(cuts)] < 255 {
			n = min(n, int(cuts[i%len(cuts)]))
		}
		if empty++; n > 0 {
			empty = 0
		}
		if empty > 3 {
			n = 1
		}
		pieces = append(pieces, stream[:n:n])
		stream = stream[n:]
	}
	return pieces
}

// pieceReader reads pieces, one after the other.
type pieceReader struct{ pieces [][]byte }

func (r *pieceReader) Read(p []byte) (int, error) {
	if len(r.pieces) == 0 {
		return 0, io.EOF
	}
	n := copy(p, r.pieces[0])
	if r.pieces[0] = r.pieces[0][n:]; len(r.pieces[0]) == 0 {
		r.pieces = r.pieces[1:]
	}
	return n, nil
}

// observed is all that a Decoder or a Tap says of a stream.
type observed struct {
	results []string
	done    bool
	stats   chatstream.Stats
}

func (o *observed) add(c *chatstream.CreateChatCompletionData, err error, e chatstream.Event) {
	o.results = append(o.results, fmt.Sprintf("chunk %s error %v event %q %q %q", c.AppendJSON(nil), err, e.Type, e.Data, e.LastEventID))
}

func (o *observed) end(done bool, stats chatstream.Stats) {
	stats.Matched = 0
	if o.done = done; done { // what was read behind [DONE] depends on the cuts
		stats.Bytes = 0
	}
	o.stats = stats
}

func (o *observed) decode(r io.Reader, opt chatstream.Option) {
	d := chatstream.NewDecoder(r, opt)
	defer d.Close()
	for c, err := range d.All() {
		o.add(c, err, d.Event())
	}
	o.end(d.Done(), d.Stats())
}

// tap writes the pieces into a Tap whose fn panics at every so many calls.
func (o *observed) tap(t *testing.T, pieces [][]byte, panics int, opt chatstream.Option) {
	var tap *chatstream.Tap
	tap = chatstream.NewTap(func(c *chatstream.CreateChatCompletionData, err error) {
		if o.add(c, err, tap.Event()); panics > 0 && len(o.results)%panics == 0 {
			panic("fn")
		}
	}, opt)
	for _, piece := range pieces {
		before := bytes.Clone(piece)
		survive(func() {
			if n, err := tap.Write(piece); n != len(piece) || err != nil {
				t.Errorf("Write: %d, %v", n, err)
			}
		})
		if !bytes.Equal(piece, before) {
			t.Fatal("Write has changed the bytes")
		}
	}
	for closed := false; !closed; {
		closed = survive(func() { tap.Close() })
	}
	o.end(tap.Done(), tap.Stats())
}

// survive reports whether f does not panic.
func survive(f func()) (returned bool) {
	defer func() { recover() }()
	f()
	return true
}

func compareObserved(t *testing.T, want, got *observed) {
	t.Helper()
	for i := range min(len(want.results), len(got.results)) {
		if want.results[i] != got.results[i] {
			t.Fatalf("result %d\nof the Decoder %s\nof the Tap     %s", i, want.results[i], got.results[i])
		}
	}
	if len(want.results) != len(got.results) {
		t.Fatalf("%d results of the Decoder, %d of the Tap", len(want.results), len(got.results))
	}
	if want.done != got.done || want.stats != got.stats {
		t.Fatalf("done %v, %+v of the Decoder\ndone %v, %+v of the Tap", want.done, want.stats, got.done, got.stats)
	}
}
