package bench

import (
	"errors"
	"io"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-08fc7208/chatstream"
	"github.com/seed-08fc7208/chatstream/bench/subject"
	"github.com/seed-08fc7208/chatstream/bench/workload"
)

// BenchmarkFresh is the whole path over all recordings (or over the mix, where there are
// none), each stream with a Decoder of its own, beside the others. All take turns
// within an op, which is a round, and the best of all rounds counts:
//
//	go -C bench test -run '^$' -bench Fresh -benchtime 8x
func BenchmarkFresh(b *testing.B) {
	w := recordedOrMixed(b)
	chunks := newFreshDecoders(b, w)
	others := []string{subject.Fastest, subject.Std, subject.SDK}
	var runners []*Runner
	for _, name := range others {
		r := NewStreamRunner(w, subject.Find(name))
		_, err := r.Pass()
		require.NoError(b, err)
		runners = append(runners, r)
	}
	best := make([]float64, 1+len(runners))
	for b.Loop() {
		best[0] = lowest(best[0], perChunkOf(w, func() { chunks() }))
		for i, r := range runners {
			best[1+i] = lowest(best[1+i], perChunkOf(w, func() { _, _ = r.Pass() }))
		}
	}
	b.ReportMetric(best[0], "ns/chunk-chatstream")
	b.ReportMetric(testing.AllocsPerRun(1, func() { chunks() })/float64(len(w.Streams)), "allocs/stream-chatstream")
	for i, name := range others {
		slug := subject.Find(name).Slug()
		b.ReportMetric(best[1+i], "ns/chunk-"+slug)
		b.ReportMetric(best[1+i]/best[0], "times-"+slug)
	}
}

// perChunkOf is the time of a pass of w in ns for each chunk.
func perChunkOf(w *workload.Workload, pass func()) float64 {
	return float64(elapsed(pass).Nanoseconds()) / float64(w.Chunks())
}

func recordedOrMixed(tb testing.TB) *workload.Workload {
	if w := workload.Find(workload.Recorded); w != nil {
		return w
	}
	tb.Log(workload.ErrNoRecordings)
	return workload.Find(workload.Mixed)
}

// newFreshDecoders returns a function that decodes each stream of w with a new Decoder,
// and counts the chunks.
func newFreshDecoders(tb testing.TB, w *workload.Workload) func() int {
	var reader workload.Reader
	var chunk chatstream.CreateChatCompletionData
	return func() (chunks int) {
		for i := range w.Streams {
			reader.Reset(w, i)
			d := chatstream.NewDecoder(&reader)
			for {
				err := d.Decode(&chunk)
				if err == io.EOF {
					break
				}
				chunks++
				if err != nil && !isChunkError(err) {
					chunks-- // of the stream, not of a chunk
					break
				}
			}
			if err := d.Close(); err != nil {
				tb.Fatal(err)
			}
		}
		return chunks
	}
}

// isChunkError reports whether the stream goes on after err.
func isChunkError(err error) bool {
	var api *chatstream.APIError
	var syntax *chatstream.SyntaxError
	return !errors.Is(err, chatstream.ErrNotEventStream) &&
		(errors.As(err, &api) || errors.As(err, &syntax) || errors.Is(err, chatstream.ErrEventTooLarge))
}

func TestFresh(t *testing.T) {
	w := recordedOrMixed(t)
	tally, err := NewStreamRunner(w, subject.Find(subject.Ours)).Pass()
	require.NoError(t, err)
	assert.Equal(t, tally.Seen(), newFreshDecoders(t, w)())
}
