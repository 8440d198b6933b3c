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
//	go test -run '^$' -bench Length ./bench
func BenchmarkLength(b *testing.B) {
	for _, n := range []int{1_000, 1_000_000} {
		b.Run(fmt.Sprintf("chunks=%d", n), func(b *testing.B) {
			s := subject.Find(subject.Ours).NewStream()
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
//	go test -run '^$' -bench Content ./bench
func BenchmarkContent(b *testing.B) {
	for _, size := range []int{10 << 10, 10 << 20} {
		for _, escaped := range []bool{false, true} {
			b.Run(fmt.Sprintf("bytes=%d/escapes=%v", size, escaped), func(b *testing.B) {
				s := subject.Find(subject.Ours).NewStream()
				stream := workload.BigContent(size, escaped)
				r := bytes.NewReader(stream)
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
	if testing.Short() {
		t.Skip("takes time to tell")
	}
	const factor = 100
	t.Run("chunks", func(t *testing.T) {
		few, many := workload.Long(1_000), workload.Long(factor*1_000)
		assert.Less(t, nsPerByte(t, many, 1), 4*nsPerByte(t, few, factor))
	})
	t.Run("content", func(t *testing.T) {
		small := &workload.Loop{Head: workload.BigContent(50<<10, true)}
		big := &workload.Loop{Head: workload.BigContent(factor*50<<10, true)}
		assert.Less(t, nsPerByte(t, big, 1), 4*nsPerByte(t, small, factor))
	})
}

// nsPerByte is the best of three times that many passes.
func nsPerByte(t *testing.T, loop *workload.Loop, passes int) float64 {
	s := subject.Find(subject.Ours).NewStream()
	var best time.Duration
	for range 3 {
		start := time.Now()
		for range passes {
			loop.Rewind()
			tally, err := s.Decode(loop, nil)
			require.NoError(t, err)
			require.Zero(t, tally.Cut)
		}
		if d := time.Since(start); best == 0 || d < best {
			best = d
		}
	}
	return float64(best.Nanoseconds()) / float64(loop.Size()) / float64(passes)
}
