package goopenai

import (
	"bufio"
	"bytes"
	"io"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bytedance/sonic"
	"github.com/sashabaranov/go-openai"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-08fc7208/chatstream"
	"github.com/seed-08fc7208/chatstream/bench"
	"github.com/seed-08fc7208/chatstream/bench/workload"
)

// measured are workloads of one kind, in which the errors of a stream are no part of the cost.
var measured = []string{workload.OpenAIText, "deepseek", "tool-calls", "logprobs", "two-choices", "usage-always", "chinese", "escapes", workload.Mixed}

// A way reads a stream from the wire into go-openai's struct, which it gives to use.
type way struct {
	name string
	read func(r io.Reader, use useFunc)
}

// useFunc gets the struct as its caller gets it from go-openai: by value.
type useFunc = func(openai.ChatCompletionStreamResponse)

// ways are a struct that is used again and a new one for every chunk, first with a Converter, then
// with sonic below a loop over lines. Sonic always gets an empty struct: it leaves in the
// elements of a list what was there before.
func ways() []way {
	d := chatstream.NewDecoder(nil)
	var c Converter
	var again openai.ChatCompletionStreamResponse
	eachChunk := func(r io.Reader, use func(*chatstream.Chunk)) {
		d.Reset(r)
		for chunk, err := range d.All() {
			if err == nil {
				use(chunk)
			}
		}
	}
	buf := make([]byte, 64<<10)
	eachLine := func(r io.Reader, use func(data []byte)) {
		lines := bufio.NewScanner(r)
		lines.Buffer(buf, 1<<20)
		for lines.Scan() {
			data, found := bytes.CutPrefix(lines.Bytes(), []byte("data:"))
			if data = bytes.TrimSpace(data); found && string(data) != "[DONE]" {
				use(data)
			}
		}
	}
	// The error of Unmarshal is ignored: it reads what it can, and some content is a list.
	return []way{
		{"", func(r io.Reader, use useFunc) {
			eachChunk(r, func(chunk *chatstream.Chunk) {
				c.Convert(&again, chunk)
				use(again)
			})
		}},
		{"new-", func(r io.Reader, use useFunc) {
			eachChunk(r, func(chunk *chatstream.Chunk) { use(c.Response(chunk)) })
		}},
		{"sonic-", func(r io.Reader, use useFunc) {
			eachLine(r, func(data []byte) {
				again = openai.ChatCompletionStreamResponse{}
				_ = sonic.Unmarshal(data, &again)
				use(again)
			})
		}},
		{"sonic-new-", func(r io.Reader, use useFunc) {
			eachLine(r, func(data []byte) {
				var response openai.ChatCompletionStreamResponse
				_ = sonic.Unmarshal(data, &response)
				use(response)
			})
		}},
	}
}

// pass reads all streams of a workload and returns how many chunks they had.
func pass(w *workload.Workload, way way) (chunks int) {
	var r workload.Reader
	for i := range w.Streams {
		r.Reset(w, i)
		way.read(&r, func(openai.ChatCompletionStreamResponse) { chunks++ })
	}
	return chunks
}

// TestWaysAgree: all that are timed make the same of the same chunks.
func TestWaysAgree(t *testing.T) {
	for _, name := range measured {
		w := workload.Find(name)
		var results [][]byte
		for _, way := range ways() {
			var r workload.Reader
			var all bytes.Buffer
			for i := range w.Streams {
				r.Reset(w, i)
				way.read(&r, func(response openai.ChatCompletionStreamResponse) {
					require.NoError(t, sonic.ConfigStd.NewEncoder(&all).Encode(&response))
				})
			}
			results = append(results, all.Bytes())
		}
		require.NotEmpty(t, results[0], name)
		for _, result := range results {
			require.Equal(t, string(results[0]), string(result), name)
		}
	}
}

// TestConvertAllocations: at most 3 a chunk.
func TestConvertAllocations(t *testing.T) {
	for _, name := range measured {
		w := workload.Find(name)
		for _, way := range ways() {
			chunks := 0
			allocs := testing.AllocsPerRun(2, func() { chunks = pass(w, way) }) / float64(chunks)
			t.Logf("%s: %s%.2f allocations a chunk", name, way.name, allocs)
			if !strings.HasPrefix(way.name, "sonic-") {
				assert.LessOrEqual(t, allocs, 3.0, name)
			}
		}
	}
}

// BenchmarkConvert reads streams from the wire in each way. In a round each way reads at
// least 50,000 chunks, with the garbage of the way before collected first and its own
// collected within its time. Each round begins with another way, and the median of the
// rounds is reported, so that neither the order nor a moment of noise decides:
//
//	GOMAXPROCS=1 go -C bench test -run '^$' -bench Convert -benchtime 15x ./goopenai
func BenchmarkConvert(b *testing.B) {
	for _, name := range measured {
		b.Run(name, func(b *testing.B) {
			w := workload.Find(name)
			ways := ways()
			chunks := pass(w, ways[0])
			times := make([][]float64, len(ways))
			for round := 0; b.Loop(); round++ {
				for i := range ways {
					i = (i + round) % len(ways)
					times[i] = append(times[i], perChunk(w, ways[i], 50_000/chunks+1))
				}
			}
			for i := range ways {
				slices.Sort(times[i])
				b.ReportMetric(median(times[i]), ways[i].name+"ns/chunk")
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(median(times[2])/median(times[0]), "times")
			b.ReportMetric(median(times[3])/median(times[1]), "new-times")
		})
	}
}

// perChunk returns the nanoseconds of a chunk: of processor time where it is known, since
// that does not have the time that other programs took.
func perChunk(w *workload.Workload, way way, passes int) float64 {
	runtime.GC()
	chunks := 0
	start, cpu := time.Now(), bench.CPUTime()
	for range passes {
		chunks += pass(w, way)
	}
	took := bench.CPUTime() - cpu
	if took == 0 {
		took = time.Since(start)
	}
	return float64(took.Nanoseconds()) / float64(chunks)
}

func median(sorted []float64) float64 { return sorted[len(sorted)/2] }
