//go:build !race && !chatstream_poison

package chatstream

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// hostileStreams are what makes remembering an event lost work, each in its own way.
var hostileStreams = []struct {
	name  string
	event func(r *rand.Rand, i int) string
}{
	{"never two alike", func(r *rand.Rand, i int) string {
		return shuffled(r, member(r, "id", 60), member(r, "model", 40), member(r, letters(r, 8), 60),
			`"choices":[`+shuffled(r, `"index":0`, `"finish_reason":null`, `"logprobs":null`, `"delta":`+
				shuffled(r, member(r, "content", 12), member(r, letters(r, 6), 9)))+`]`)
	}},
	{"alike but for the last member", func(r *rand.Rand, i int) string {
		return `{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1770000000,"model":"m","choices":[{"index":0,"delta":{` +
			member(r, "content", 9) + `},"logprobs":null,"finish_reason":null}],` + member(r, letters(r, 9), 9) + `}`
	}},
	{"two shapes in turn", func(r *rand.Rand, i int) string {
		head, tail := `{"id":"a","object":"chat.completion.chunk",`, ``
		if i%2 == 1 {
			head, tail = `{"object":"chat.completion.chunk",`, `,"id":"a"`
		}
		return head + `"choices":[{"index":0,"delta":{` + member(r, "content", 9) + `},"finish_reason":null}]` + tail + `}`
	}},
	{"three of a shape, and then of another", func(r *rand.Rand, i int) string {
		return `{"shape ` + fmt.Sprint(i/3%7) + `":0,"id":"a","choices":[{"index":0,"delta":{` + member(r, "content", 9) + `},"finish_reason":null}]}`
	}},
	{"values that differ one after another", func(r *rand.Rand, i int) string {
		values := make([]string, 20)
		for k := range values {
			values[k] = fmt.Sprintf(`"m%d":%d`, k, (i+k)/len(values))
		}
		return `{` + strings.Join(values, ",") + `,"choices":[{"index":0,"delta":{` + member(r, "content", 9) + `}}]}`
	}},
}

func letters(r *rand.Rand, most int) string {
	b := make([]byte, 1+r.IntN(most))
	for i := range b {
		b[i] = 'a' + byte(r.IntN(26))
	}
	return string(b)
}

func member(r *rand.Rand, name string, most int) string {
	return `"` + name + `":"` + letters(r, most) + `"`
}

// shuffled is an object of these members in any order.
func shuffled(r *rand.Rand, members ...string) string {
	r.Shuffle(len(members), func(i, j int) { members[i], members[j] = members[j], members[i] })
	return `{` + strings.Join(members, ",") + `}`
}

func hostileStream(event func(*rand.Rand, int) string) []byte {
	r := rand.New(rand.NewPCG(1, 2))
	var b bytes.Buffer
	for i := range hostileEvents {
		fmt.Fprintf(&b, "data: %s\n\n", event(r, i))
	}
	b.WriteString("data: [DONE]\n\n")
	return b.Bytes()
}

const hostileEvents = 1000

// drained decodes the stream to its end.
func drained(tb testing.TB, d *Decoder, c *CreateChatCompletionData, stream *bytes.Reader) {
	_, err := stream.Seek(0, io.SeekStart)
	require.NoError(tb, err)
	d.Reset(stream)
	for err == nil {
		err = d.Decode(c)
	}
	require.ErrorIs(tb, err, io.EOF)
}

// BenchmarkHostile tells what remembering in vain costs: each stream is decoded with
// template and without, in turn, and the best of all turns counts.
//
//	go test -run '^$' -bench Hostile .
func BenchmarkHostile(b *testing.B) {
	for _, h := range hostileStreams {
		b.Run(h.name, func(b *testing.B) {
			stream := bytes.NewReader(hostileStream(h.event))
			var decoders [2]*Decoder
			var chunks [2]CreateChatCompletionData
			var best [2]time.Duration
			for i := range decoders {
				decoders[i] = NewDecoder(nil)
				decoders[i].lessons.off = i == 1
			}
			for b.Loop() {
				for i, d := range decoders {
					start := time.Now()
					drained(b, d, &chunks[i], stream)
					if t := time.Since(start); best[i] == 0 || t < best[i] {
						best[i] = t
					}
				}
			}
			b.ReportMetric(float64(best[0].Nanoseconds())/hostileEvents, "ns/chunk-template")
			b.ReportMetric(float64(best[1].Nanoseconds())/hostileEvents, "ns/chunk-without")
			b.ReportMetric(100*(float64(best[0])/float64(best[1])-1), "%-slower")
		})
	}
}

// TestTemplateOffAllocatesNothing: the parser alone allocates as little as it does with
// template, for streams that are like one another and for those that are not.
func TestTemplateOffAllocatesNothing(t *testing.T) {
	for _, off := range []bool{false, true} {
		for _, h := range hostileStreams {
			t.Run(fmt.Sprintf("%s, off %v", h.name, off), func(t *testing.T) {
				stream := bytes.NewReader(hostileStream(h.event))
				d := NewDecoder(nil)
				d.lessons.off = off
				d.lessons.only = shelfOf(false)
				var c CreateChatCompletionData
				l := d.lessons.only.library
				for known, since := -1, 0; since < 100; since++ { // then each shape that it learns has been learned
					drained(t, d, &c, stream)
					if n := len(l.recent) + len(l.older); n != known {
						known, since = n, 0
					}
				}
				defer debug.SetGCPercent(debug.SetGCPercent(-1)) // the collector empties the pools
				require.Zero(t, testing.AllocsPerRun(3, func() { drained(t, d, &c, stream) }))
			})
		}
	}
}
