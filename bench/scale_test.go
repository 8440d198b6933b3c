package bench

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-08fc7208/chatstream/bench/subject"
	"github.com/seed-08fc7208/chatstream/bench/workload"
)

// BenchmarkLength shows that the time per byte does not grow with the stream:
//
//	go -C bench test -run '^$' -bench Length
func BenchmarkLength(b *testing.B) {
	for _, n := range []int{1_000, 1_000_000} {
		b.Run(fmt.Sprintf("chunks=%d", n), func(b *testing.B) {
			s := subject.Find(subject.Ours).NewStream()
			_, err := s.Decode(workload.Long(1_000), nil) // warms it
			require.NoError(b, err)
			loop := workload.Long(n)
			b.SetBytes(loop.Size())
			b.ReportAllocs()
			for b.Loop() {
				loop.Rewind()
				if _, err := s.Decode(loop, nil); err != nil {
					b.Fatal(err)
				}
			}
			perByte(b, loop.Size())
		})
	}
}

// BenchmarkContent shows that it does not grow with a text either, here of 10 MiB:
//
//	go -C bench test -run '^$' -bench Content
func BenchmarkContent(b *testing.B) {
	for _, size := range []int{10 << 10, 10 << 20} {
		for _, escaped := range []bool{false, true} {
			b.Run(fmt.Sprintf("bytes=%d/escapes=%v", size, escaped), func(b *testing.B) {
				s := subject.Find(subject.Ours).NewStream()
				stream := workload.BigContent(size, escaped)
				r := bytes.NewReader(stream)
				_, err := s.Decode(r, nil) // grows its buffers
				require.NoError(b, err)
				b.SetBytes(int64(len(stream)))
				b.ReportAllocs()
				for b.Loop() {
					r.Reset(stream)
					if _, err := s.Decode(r, nil); err != nil {
						b.Fatal(err)
					}
				}
				perByte(b, int64(len(stream)))
			})
		}
	}
}

func perByte(b *testing.B, n int64) {
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/byte")
}

// TestTimeIsLinear is coarse, so that a busy machine does not fail it: what is
// quadratic would be a hundred times over.
func TestTimeIsLinear(t *testing.T) {
	if testing.Short() || raceEnabled {
		t.Skip("takes time to tell")
	}
	const factor = 100
	t.Run("chunks", func(t *testing.T) {
		linear(t, workload.Long(1_000), workload.Long(factor*1_000), factor)
	})
	t.Run("content", func(t *testing.T) {
		small := &workload.Loop{Head: workload.BigContent(50<<10, true)}
		big := &workload.Loop{Head: workload.BigContent(factor*50<<10, true)}
		linear(t, small, big, factor)
	})
}

// linear decodes the small stream factor times and the big one once, in turn, and
// compares the best of five.
func linear(t *testing.T, small, big *workload.Loop, factor int) {
	s := subject.Find(subject.Ours).NewStream()
	var few, many time.Duration
	for range 5 {
		few = shorter(few, decodeTimes(t, s, small, factor))
		many = shorter(many, decodeTimes(t, s, big, 1))
	}
	assert.Less(t, many, 8*few)
}

func decodeTimes(t *testing.T, s subject.Stream, loop *workload.Loop, passes int) time.Duration {
	start := time.Now()
	for range passes {
		loop.Rewind()
		tally, err := s.Decode(loop, nil)
		require.NoError(t, err)
		require.Zero(t, tally.Cut)
	}
	return time.Since(start)
}
