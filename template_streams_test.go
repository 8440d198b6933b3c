package chatstream

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Streams in random shapes, which take turns at one shelf. template_streamgen_test.go makes them.

var allRounds = flag.Uint64("rounds", 180, "how many rounds TestTemplateStreams makes; 100,000 take about 20 minutes")

// TestTemplateStreams: a few streams that share templates, each read by a Decoder and written to
// a Tap in random parts, give what a Decoder without templates makes of each. The caller
// changes what it gets.
//
//	go test -run TemplateStreams . -rounds 100000
//	go test -tags chatstream_poison -run TemplateStreams . -rounds 100000
func TestTemplateStreams(t *testing.T) {
	rounds := *allRounds
	if testing.Short() {
		rounds = min(rounds, 60)
	}
	var events, matched int64
	for seed := range rounds {
		e, m := streamsRound(t, seed)
		events, matched = events+e, matched+m
	}
	t.Logf("%d of %d events matched a template", matched, events)
	require.Greater(t, 100*matched, 30*events, "templates are hardly used")
}

// streamsRound decodes the streams of a seed.
func streamsRound(t *testing.T, seed uint64) (events, matched int64) {
	r := maker{Rand: rand.New(rand.NewPCG(seed, 0))}
	var shapes []written
	for range 1 + r.IntN(4) {
		shapes = append(shapes, r.event())
	}
	s, limit := shelfOf(r.oneIn(2)), 0
	if r.oneIn(12) {
		limit = 60 + r.IntN(300)
	}
	chunks := [2]CreateChatCompletionData{} // of all Decoders
	var turns []func() (over bool)
	for i := range 1 + r.IntN(4) {
		stream := r.stream(shapes)
		want := decodedAlone(stream, limit)
		see := func(by string, n int, c *CreateChatCompletionData, err error, event Event) {
			require.Less(t, n, len(want.results), "seed %d, stream %d, %s", seed, i, by)
			if got := want.resultOf(c, err, event); got != want.results[n] { // Equal is slow
				require.Equal(t, want.results[n], got, "seed %d, stream %d, %s, result %d", seed, i, by, n)
			}
			require.True(t, want.chunks[n].Equal(*c), "seed %d, stream %d, %s, result %d", seed, i, by, n)
			r.change(c)
		}
		end := func(by string, n int, stats Stats) {
			require.Equal(t, len(want.results), n, "seed %d, stream %d, %s", seed, i, by)
			require.Equal(t, want.statsOf(want.stats), want.statsOf(stats), "seed %d, stream %d, %s", seed, i, by)
			events, matched = events+stats.Events, matched+stats.Matched
		}

		d, decoded := NewDecoder(&cutReader{stream, r.cut()}, WithMaxEventSize(limit)), 0
		d.lessons.only = s
		turns = append(turns, func() bool {
			c := &chunks[i%2]
			err := d.Decode(c)
			see("Decoder", decoded, c, err, d.Event())
			if d.opening != nil {
				d.opening.pause = 0 // so that there are many
			}
			if decoded++; d.isOver() {
				end("Decoder", decoded, d.Stats())
			}
			return d.isOver()
		})

		var tap *Tap
		pushed, rest, cut := 0, stream, r.cut()
		tap = NewTap(func(c *CreateChatCompletionData, err error) {
			see("Tap", pushed, c, err, tap.Event())
			pushed++
		}, WithMaxEventSize(limit))
		tap.cursor.lessons.only = s
		turns = append(turns, func() bool {
			part := bytes.Clone(rest[:cut(rest)])
			rest = rest[len(part):]
			_, _ = tap.Write(part)
			clear(part) // it is the caller's again
			if len(rest) == 0 {
				_ = tap.Close()
				end("Tap", pushed+want.ends, tap.Stats())
			}
			return len(rest) == 0
		})
	}
	for len(turns) > 0 {
		if i := r.IntN(len(turns)); turns[i]() {
			turns = slices.Delete(turns, i, i+1)
		}
	}
	return events, matched
}

// decodedAs is what a Decoder without templates makes of a stream.
type decodedAs struct {
	chunks  []*CreateChatCompletionData
	results []string
	ends    int // 1 if the last result is io.EOF, which a Tap does not give
	stats   Stats
	done    bool
	anyCR   bool
}

func decodedAlone(stream []byte, limit int) *decodedAs {
	want := &decodedAs{anyCR: bytes.IndexByte(stream, '\r') >= 0}
	d := NewDecoder(bytes.NewReader(stream), WithMaxEventSize(limit))
	d.lessons.off = true
	for !d.isOver() {
		var c CreateChatCompletionData
		err := d.Decode(&c)
		want.chunks, want.results = append(want.chunks, c.Clone()), append(want.results, want.resultOf(&c, err, d.Event()))
		if err == io.EOF {
			want.ends = 1
		}
	}
	want.stats, want.done = d.Stats(), d.Done()
	return want
}

// resultOf is what a call of Decode gave. A line feed after a carriage return belongs to this
// event or to the next, as the stream is cut, and the last one of a stream may be left unread.
func (want *decodedAs) resultOf(c *CreateChatCompletionData, err error, event Event) string {
	if want.anyCR || string(event.Data) == "[DONE]" {
		event.Raw = bytes.Trim(event.Raw, "\r\n")
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s %q %q %q", result(c, err, event), event.Type, event.LastEventID, c.Extra)
	for at, text := range c.Texts() {
		fmt.Fprintf(&b, " %v %q", at, text)
	}
	return b.String()
}

// statsOf leaves out what depends on how the stream is cut, and on templates.
func (want *decodedAs) statsOf(s Stats) Stats {
	if want.anyCR || want.done {
		s.Bytes = 0
	}
	return withoutMatched(s)
}

// cutReader gives parts of a stream.
type cutReader struct {
	rest []byte
	cut  func(rest []byte) int
}

func (r *cutReader) Read(p []byte) (int, error) {
	if len(r.rest) == 0 {
		return 0, io.EOF
	}
	n := copy(p, r.rest[:r.cut(r.rest)])
	r.rest = r.rest[n:]
	return n, nil
}
