package bench_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-08fc7208/chatstream/bench/subject"
	"github.com/seed-08fc7208/chatstream/bench/workload"
)

// TestWholesAgree: all that decode a whole answer find the same in it.
func TestWholesAgree(t *testing.T) {
	for _, a := range workload.Answers() {
		for _, s := range subject.Wholes() {
			text, tokens, err := s.Decode(a.Payload)
			require.NoError(t, err, s.Name)
			assert.Equal(t, a.Text, text, s.Name)
			assert.Equal(t, a.Tokens, tokens, s.Name)
		}
	}
}

// BenchmarkWhole decodes an answer that was not streamed.
//
//	go -C bench test -run '^$' -bench Whole .
func BenchmarkWhole(b *testing.B) {
	for _, a := range workload.Answers() {
		for _, s := range subject.Wholes() {
			b.Run(a.Name+"/"+s.Name, func(b *testing.B) {
				b.SetBytes(int64(len(a.Payload)))
				b.ReportAllocs()
				for b.Loop() {
					if _, _, err := s.Decode(a.Payload); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
