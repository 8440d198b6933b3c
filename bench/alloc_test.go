package bench

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-08fc7208/chatstream/bench/subject"
)

// tries is how often a stream may be read until it allocates nothing: an event that comes once
// in a stream is learned when it comes again, and the garbage collector empties pools.
const tries = 10

// TestOursAllocatesNothing: after warming passes, a stream costs no allocation,
// on any workload. A stream that ends in an error pays for the error.
func TestOursAllocatesNothing(t *testing.T) {
	ours := subject.Find(subject.Ours)
	for _, w := range workloads(t) {
		t.Run(w.Name, func(t *testing.T) {
			if raceEnabled {
				t.Skip("sync.Pool drops items at random under the race detector")
			}
			r := NewStreamRunner(w, ours)
			for i, stream := range w.Streams {
				var tally subject.Tally
				one := func() {
					var err error
					tally, err = r.one(i, nil)
					require.NoError(t, err)
				}
				allocs := 1.0
				for try := 0; allocs > 0 && try < tries; try++ {
					allocs = testing.AllocsPerRun(2, one)
				}
				if tally.Errors == 0 && tally.Cut == 0 {
					assert.Zero(t, allocs, "stream %d of %d bytes", i, len(stream))
				}
			}
			p := NewPayloadRunner(w, ours)
			var tally subject.Tally
			allocs := testing.AllocsPerRun(2, func() { tally, _ = p.Pass() })
			if tally.Errors == 0 {
				assert.Zero(t, allocs, "payloads")
			}
		})
	}
}
