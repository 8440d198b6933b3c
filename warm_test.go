package chatstream_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-08fc7208/chatstream"
)

// escapedStream is a stream of n texts of the given length with escapes, between ordinary words.
func escapedStream(length, n int) []byte {
	var b bytes.Buffer
	for i := range n {
		text := `w\n` + strings.Repeat(`x\u00e9\"`, length/9)
		fmt.Fprintf(&b, "data: {\"id\":\"a\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"%s\"},\"finish_reason\":null}]}\n\n", text)
		for range 3 {
			fmt.Fprintf(&b, "data: {\"id\":\"a\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"word %d\"},\"finish_reason\":null}]}\n\n", i)
		}
	}
	b.WriteString("data: [DONE]\n\n")
	return b.Bytes()
}

// largestWarm is how long a text may be, in bytes, that a warm Decoder unescapes and reads without allocating: its read
// buffer and the memory of unescaped texts are kept up to 64 KiB.
const largestWarm = 60_000

// TestWarmDecoderDoesNotAllocate: after the first stream, streams with long escaped texts allocate nothing, one after
// another through one Decoder or one after another through Taps that share what is in the pool.
func TestWarmDecoderDoesNotAllocate(t *testing.T) {
	if instrumented {
		t.Skip("the build allocates")
	}
	for _, length := range []int{100, 1_000, 4_000, 5_000, 6_000, 8_000, 10_000, 16_000, 20_000, 30_000, 32_000, 40_000, 50_000, largestWarm} {
		stream := escapedStream(length, 3)
		for _, own := range []bool{true, false} {
			r, d, c := new(bytes.Reader), chatstream.NewDecoder(nil), new(chunk)
			n := 0
			decode := func() {
				r.Reset(stream)
				d.Reset(r)
				if own {
					for _, err := range d.All() {
						if n++; err != nil {
							t.Error(err)
						}
					}
					return
				}
				for d.Decode(c) == nil {
					n++
				}
			}
			decode()
			require.Equal(t, 12, n)
			assert.Zero(t, testing.AllocsPerRun(10, decode), "Decoder, texts of %d bytes, All: %v", length, own)
		}

		events := bytes.SplitAfter(bytes.TrimSuffix(stream, []byte("data: [DONE]\n\n")), []byte("\n\n"))
		tap := chatstream.NewTap(func(_ *chunk, err error) {
			if err != nil {
				t.Error(err)
			}
		})
		write := func() {
			for _, event := range events {
				tap.Write(event)
			}
		}
		write()
		assert.Zero(t, testing.AllocsPerRun(10, write), "Tap, texts of %d bytes", length)
	}
}
