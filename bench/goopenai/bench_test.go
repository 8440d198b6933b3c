package goopenai

import (
	"bufio"
	"bytes"
	"io"
	"runtime"
	"slices"
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
	read func(r io.Reader, use func(*openai.ChatCompletionStreamResponse))
}

// ways are a struct that is used again, a new one for every chunk, and sonic below a loop
// over lines. Sonic always gets an empty struct: it leaves in the elements of a list what
// was there before, so that a struct cannot be used again.
func ways() []way {
	d := chatstream.NewDecoder(nil)
	var c Converter
	var response openai.ChatCompletionStreamResponse
	convert := func(again bool) func(io.Reader, func(*openai.ChatCompletionStreamResponse)) {
		return func(r io.Reader, use func(*openai.ChatCompletionStreamResponse)) {
			d.Reset(r)
			for chunk, err := range d.All() {
				if err != nil {
					continue
				}
				if !again {
					response = openai.ChatCompletionStreamResponse{}
				}
				c.Convert(&response, chunk)
				use(&response)
			}
		}
	}
	buf := make([]byte, 64<<10)
	return []way{
		{"", convert(true)},
		{"new-", convert(false)},
		{"sonic-", func(r io.Reader, use func(*openai.ChatCompletionStreamResponse)) {
			lines := bufio.NewScanner(r)
			lines.Buffer(buf, 1<<20)
			for lines.Scan() {
				data, found := bytes.CutPrefix(lines.Bytes(), []byte("data:"))
				data = bytes.TrimSpace(data)
				if !found || string(data) == "[DONE]" {
					continue
				}
				response = openai.ChatCompletionStreamResponse{}
				_ = sonic.Unmarshal(data, &response) // it reads what it can: some content is a list
				use(&response)
			}
		}},
	}
}

// pass reads all streams of a workload and returns how many chunks they had.
func pass(w *workload.Workload, way way) (chunks int) {
	var r workload.Reader
	for i := range w.Streams {
		r.Reset(w, i)
		way.read(&r, func(*openai.ChatCompletionStreamResponse) { chunks++ })
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
				way.read(&r, func(response *openai.ChatCompletionStreamResponse) {
					require.NoError(t, sonic.ConfigStd.NewEncoder(&all).Encode(response))
				})
			}
			results = append(results, all.Bytes())
		}
		require.NotEmpty(t, results[0], name)
		require.Equal(t, string(results[0]), string(results[1]), name)
		require.Equal(t, string(results[0]), string(results[2]), name)
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
			if way.name != "sonic-" {
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
			b.ReportMetric(median(times[2])/median(times[1]), "new-times")
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
