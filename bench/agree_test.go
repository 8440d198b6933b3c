package bench

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-08fc7208/chatstream/bench/subject"
	"github.com/seed-08fc7208/chatstream/bench/workload"
)

// TestAgree runs every subject on every workload and compares its results with those of
// encoding/json.
func TestAgree(t *testing.T) {
	var ref *Reference
	forEach(t, func(t *testing.T, w *workload.Workload, s *subject.Subject) {
		if ref == nil || ref.work != w {
			var err error
			ref, err = NewReference(w, subject.Find(subject.Std))
			require.NoError(t, err)
		}
		assert.NoError(t, ref.Agree(s))
	})
}

// TestNothingRefused: the JSON libraries get through every chunk of the generated
// workloads, so that none is fast by giving up. The mix has content parts, which
// no struct with a text in that place takes.
func TestNothingRefused(t *testing.T) {
	forEach(t, func(t *testing.T, w *workload.Workload, s *subject.Subject) {
		if w.Name == workload.Mixed || w.Name == workload.Recorded {
			t.Skip("has shapes that some structs cannot hold; the table counts them")
		}
		r := NewStreamRunner(w, s)
		if r == nil {
			t.Skip("no whole path")
		}
		tally, err := r.Pass()
		require.NoError(t, err)
		assert.Equal(t, subject.Tally{Chunks: w.Chunks()}, tally)
	})
}

// TestOursRefusesNothing: chatstream decodes every chunk of every workload.
func TestOursRefusesNothing(t *testing.T) {
	ours := subject.Find(subject.Ours)
	for _, w := range workloads(t) {
		t.Run(w.Name, func(t *testing.T) {
			for _, r := range []*Runner{NewStreamRunner(w, ours), NewPayloadRunner(w, ours)} {
				tally, err := r.Pass()
				require.NoError(t, err)
				assert.Equal(t, w.Chunks(), tally.Chunks)
				assert.Zero(t, tally.Refused)
			}
		})
	}
}

// forEach runs f for each subject on each workload.
func forEach(t *testing.T, f func(t *testing.T, w *workload.Workload, s *subject.Subject)) {
	subjects := subject.All()
	for _, w := range workloads(t) {
		t.Run(w.Name, func(t *testing.T) {
			if raceEnabled && w.Name != workload.OpenAIText {
				t.Skip("slow, and nothing runs at the same time here")
			}
			for _, s := range subjects {
				t.Run(s.Slug(), func(t *testing.T) {
					if s.Missing != "" {
						t.Skip(s.Missing)
					}
					f(t, w, s)
				})
			}
		})
	}
}

// workloads are all there are, with a word about those that are not.
func workloads(tb testing.TB) []*workload.Workload {
	list, missing := workload.All()
	if missing != nil {
		tb.Log(missing)
	}
	return list
}
