package chatstream_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-08fc7208/chatstream"
	"github.com/seed-08fc7208/chatstream/internal/testing/heap"
)

// tapCheck holds a Tap to what the Decoder gave for a stream.
type tapCheck struct {
	data  []byte
	want  []outcome
	done  bool
	stats chatstream.Stats
	// sameRaws is as in cutter.
	sameRaws bool
}

func newTapCheck(t *testing.T, data []byte) *tapCheck {
	t.Helper()
	d := chatstream.NewDecoder(bytes.NewReader(data))
	defer d.Close()
	k := &tapCheck{data: data, want: decodeAll(t, d, fresh), sameRaws: !bytes.Contains(data, []byte{'\r'})}
	if last := len(k.want) - 1; k.want[last].err == io.EOF {
		k.want = k.want[:last]
	}
	k.done, k.stats = d.Done(), d.Stats()
	return k
}

// check pushes the stream through a Tap in pieces that end where next says, and
// returns the first difference.
func (k *tapCheck) check(next func(from int) int) error {
	got, first := 0, error(nil)
	var tap *chatstream.Tap
	tap = chatstream.NewTap(func(c *chunk, err error) {
		if first == nil {
			first = k.compare(got, c, err, tap.Event())
		}
		got++
	})
	for from := 0; from < len(k.data); {
		to := next(from)
		piece := k.data[from:to:to]
		if n, err := tap.Write(piece); n != len(piece) || err != nil {
			return fmt.Errorf("Write at %d: %d, %w", from, n, err)
		}
		from = to
	}
	if err := tap.Close(); err != nil {
		return fmt.Errorf("Close: %w", err)
	}
	return cmpErr(first, k.compareEnd(got, tap))
}

// cmpErr returns the first of the errors that is not nil.
func cmpErr(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func (k *tapCheck) compare(i int, c *chunk, err error, e chatstream.Event) error {
	if i >= len(k.want) {
		return fmt.Errorf("result %d: error %v, but the Decoder gave no more", i, err)
	}
	want := k.want[i]
	if message(err) != message(want.err) {
		return fmt.Errorf("result %d: error is %q, want %q", i, message(err), message(want.err))
	}
	if json := c.AppendJSON(nil); !bytes.Equal(json, want.json) {
		return fmt.Errorf("result %d: chunk is %s, want %s", i, json, want.json)
	}
	if !bytes.Equal(e.Type, want.event.Type) || !bytes.Equal(e.Data, want.event.Data) || !bytes.Equal(e.LastEventID, want.event.LastEventID) {
		return fmt.Errorf("result %d: event is %q, want %q", i, e, want.event)
	}
	if k.sameRaws && !bytes.Equal(e.Raw, want.event.Raw) {
		return fmt.Errorf("result %d: Raw is %q, want %q", i, e.Raw, want.event.Raw)
	}
	return nil
}

func (k *tapCheck) compareEnd(got int, tap *chatstream.Tap) error {
	if got != len(k.want) {
		return fmt.Errorf("%d results, want %d", got, len(k.want))
	}
	if tap.Done() != k.done {
		return fmt.Errorf("Done is %v, want %v", tap.Done(), k.done)
	}
	stats := tap.Stats()
	if !k.done { // behind [DONE] the bytes depend on the cut
		if stats.Bytes != k.stats.Bytes {
			return fmt.Errorf("Stats are %+v, want %+v", stats, k.stats)
		}
	}
	if stats.Bytes, stats.Matched = k.stats.Bytes, k.stats.Matched; stats != k.stats {
		return fmt.Errorf("Stats are %+v, want %+v", stats, k.stats)
	}
	return nil
}

// checkCuts pushes the stream whole, byte by byte, in pieces of random sizes, and in
// two pieces for every stride-th place of the cut.
func (k *tapCheck) checkCuts(t *testing.T, stride int) {
	t.Helper()
	whole := func(int) int { return len(k.data) }
	require.NoError(t, k.check(whole), "whole")
	require.NoError(t, k.check(func(from int) int { return from + 1 }), "byte by byte")
	for seed := range uint64(10) {
		r := rand.New(rand.NewPCG(seed, 0))
		random := func(from int) int { return min(len(k.data), from+r.IntN(100)) }
		require.NoError(t, k.check(random), "random pieces, seed %d", seed)
	}
	for at := stride; at < len(k.data); at += stride {
		halves := func(from int) int {
			if from < at {
				return at
			}
			return len(k.data)
		}
		require.NoError(t, k.check(halves), "cut at %d", at)
	}
}

// TestTapEveryCut: a Tap gives what the Decoder gives, however the bytes are cut.
func TestTapEveryCut(t *testing.T) {
	t.Parallel()
	stride := 1
	if testing.Short() || instrumented {
		stride = 17
	}
	for _, s := range testStreams(t) {
		t.Run(s.name, func(t *testing.T) { newTapCheck(t, s.data).checkCuts(t, stride) })
	}
}

func TestTapRecordings(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat(recordings); errors.Is(err, fs.ErrNotExist) {
		t.Skip("no streams in ", recordings)
	}
	require.NoError(t, filepath.WalkDir(recordings, func(path string, _ fs.DirEntry, err error) error {
		if filepath.Ext(path) != ".sse" {
			return err
		}
		data, err := os.ReadFile(path)
		require.NoError(t, err)
		stride := 1 + len(data)/20
		switch {
		case instrumented:
			stride = 1 + len(data)/6
		case !testing.Short(): // every cut of a short one; the time grows with the square
			stride = 1 + len(data)*len(data)/(24<<20)
		}
		t.Run(filepath.Base(path), func(t *testing.T) { newTapCheck(t, data).checkCuts(t, stride) })
		return nil
	}))
}

// TestTapLeavesTheBytesAlone: what is written is the caller's before and after.
func TestTapLeavesTheBytesAlone(t *testing.T) {
	for _, s := range testStreams(t) {
		data := bytes.Clone(s.data)
		tap := chatstream.NewTap(func(*chunk, error) {})
		tap.Write(data)
		tap.Close()
		require.Equal(t, s.data, data, s.name)
		for i := range data { // and the Tap does not look at it later
			data[i] = 'x'
		}
	}
	buf := make([]byte, 7)
	k := newTapCheck(t, testStreams(t)[0].data)
	var tap *chatstream.Tap
	got := 0
	tap = chatstream.NewTap(func(c *chunk, err error) {
		require.NoError(t, k.compare(got, c, err, tap.Event()))
		got++
	})
	_, err := io.CopyBuffer(struct{ io.Writer }{tap}, struct{ io.Reader }{bytes.NewReader(k.data)}, buf)
	require.NoError(t, err)
	tap.Close()
	require.NoError(t, k.compareEnd(got, tap))
}

// TestTapIsPrompt: fn is called before the Write returns that completed the event.
func TestTapIsPrompt(t *testing.T) {
	const event = `data: {"id":"x"}` + "\n\n"
	calls := 0
	tap := chatstream.NewTap(func(*chunk, error) { calls++ })
	defer tap.Close()
	for i := range 3 {
		for j := range len(event) {
			require.Equal(t, i, calls)
			tap.Write([]byte{event[j]})
		}
		require.Equal(t, i+1, calls)
	}
	tap.Write([]byte(strings.Repeat(event, 3)))
	require.Equal(t, 6, calls)
}

func TestTapWriters(t *testing.T) {
	for name, copyTo := range map[string]func(tap io.Writer, r io.Reader) error{
		"TeeReader": func(tap io.Writer, r io.Reader) error {
			_, err := io.ReadAll(io.TeeReader(r, tap))
			return err
		},
		"MultiWriter": func(tap io.Writer, r io.Reader) error {
			_, err := io.Copy(io.MultiWriter(io.Discard, tap), r)
			return err
		},
	} {
		var text []byte
		tap := chatstream.NewTap(func(c *chunk, err error) {
			require.NoError(t, err, name)
			text = append(text, c.Choices[0].Delta.Content.Value...)
		})
		require.NoError(t, copyTo(tap, strings.NewReader(shortStream)), name)
		require.NoError(t, tap.Close(), name)
		require.Equal(t, "Hi", string(text), name)
		require.True(t, tap.Done(), name)
	}
}

// collect returns a Tap, and where the results of its fn are collected.
func collect(opts ...chatstream.Option) (*chatstream.Tap, *[]outcome) {
	all := new([]outcome)
	tap := chatstream.NewTap(func(c *chunk, err error) {
		*all = append(*all, outcome{json: c.AppendJSON(nil), err: err})
	}, opts...)
	return tap, all
}

// TestTapPanic: a panic of fn is the caller's, and the next Write or Close goes on
// with nothing lost.
func TestTapPanic(t *testing.T) {
	for _, s := range testStreams(t) {
		t.Run(s.name, func(t *testing.T) {
			k := newTapCheck(t, s.data)
			for _, size := range []int{1, 50, 1000, len(s.data)} {
				got, panics := 0, 0
				var tap *chatstream.Tap
				tap = chatstream.NewTap(func(c *chunk, err error) {
					assert.NoError(t, k.compare(got, c, err, tap.Event()), "pieces of %d", size)
					got++
					panic("fn")
				})
				survive := func(f func()) {
					defer func() {
						if recover() != nil {
							panics++
						}
					}()
					f()
				}
				for from := 0; from < len(s.data); from += size {
					survive(func() { tap.Write(s.data[from:min(from+size, len(s.data))]) })
				}
				for range len(k.want) + 1 {
					survive(func() { tap.Close() })
				}
				require.NoError(t, k.compareEnd(got, tap), "pieces of %d", size)
				require.Equal(t, got, panics)
			}
		})
	}
}

// TestTapEnd: [DONE] is the end, and what follows is not looked at; so is Close.
func TestTapEnd(t *testing.T) {
	const event = `data: {"choices":[{"delta":{},"finish_reason":"stop"}]}` + "\n\n"
	tap, got := collect()
	tap.Write([]byte(event + "data: [DONE]\n"))
	require.True(t, tap.Done())
	stats := tap.Stats()
	tap.Write([]byte("\n" + event))
	require.Equal(t, stats, tap.Stats())
	for range 3 {
		require.NoError(t, tap.Close())
		n, err := tap.Write([]byte(event))
		require.NoError(t, err)
		require.Equal(t, len(event), n)
	}
	require.Len(t, *got, 1)
	require.NoError(t, (*got)[0].err)
	require.True(t, tap.Done())
	require.Equal(t, stats, tap.Stats())
	require.Zero(t, tap.Event(), "valid until fn returns")
}

// TestTapFinalError: fn gets a final error once.
func TestTapFinalError(t *testing.T) {
	const event = `data: {"choices":[{"delta":{},"finish_reason":"stop"}]}` + "\n\n"
	const open = `data: {"choices":[{"delta":{}}]}` + "\n\n"
	for _, test := range []struct {
		name, data string
		want       error
		results    int
	}{
		{"whole without [DONE]", event, nil, 1},
		{"nothing", "", io.ErrUnexpectedEOF, 1},
		{"truncated", open, io.ErrUnexpectedEOF, 2},
		{"truncated within an event", event + `data: {"choi`, io.ErrUnexpectedEOF, 2},
		{"no event stream", "<html>", chatstream.ErrNotEventStream, 1},
		{"an error object", `{"error":{"message":"bad"}}`, chatstream.ErrNotEventStream, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			tap, got := collect()
			tap.Write([]byte(test.data))
			tap.Close()
			tap.Close()
			require.Len(t, *got, test.results)
			require.ErrorIs(t, (*got)[len(*got)-1].err, test.want)
		})
	}
}

// TestTapCloseInFn: the Write closes the Tap when it is done.
func TestTapCloseInFn(t *testing.T) {
	var tap *chatstream.Tap
	var errs []error
	tap = chatstream.NewTap(func(c *chunk, err error) {
		require.NoError(t, tap.Close())
		if err == nil {
			require.NotEmpty(t, c.Choices, "the chunk is still valid")
		}
		errs = append(errs, err)
	})
	tap.Write([]byte(strings.Repeat(`data: {"choices":[{"delta":{}}]}`+"\n\n", 3)))
	require.Len(t, errs, 4)
	require.ErrorIs(t, errs[3], io.ErrUnexpectedEOF)
	tap.Write([]byte(shortStream))
	require.Len(t, errs, 4)
}

// TestTapCloseAtOnce: a proxy closes a body when its client is gone, while it may be
// reading.
func TestTapCloseAtOnce(t *testing.T) {
	const event = `data: {"choices":[{"delta":{}}]}` + "\n\n"
	for range 200 {
		chunks, ends := 0, 0
		tap := chatstream.NewTap(func(_ *chunk, err error) {
			if err == nil {
				chunks++
				return
			}
			ends++
		})
		closed := make(chan bool)
		go func() {
			tap.Close()
			closed <- true
		}()
		for range 20 {
			tap.Write([]byte(event))
		}
		<-closed
		require.Equal(t, 1, ends)
		require.EqualValues(t, chunks, tap.Stats().Chunks)
	}
}

// TestTapIsBounded: whatever the other side sends, memory stays near the limit.
func TestTapIsBounded(t *testing.T) {
	if instrumented {
		t.Skip("it takes long")
	}
	const limit, total = 64 << 10, 1 << 20
	for _, text := range []string{
		"x", "data: x\n", "data: x\r\n", "\x00", "data: \r: x\r", ": comment\n\n", ": comment ", "\n", "\r\n", " ",
		"id: x\n", "event: x\n", "error: x\n", "data: {}\n", "data:\n\n", "retry: 1\n\n", "data: [DONE] ", "data: {\"a\":[",
		"data: {\"choices\":[{},{},{},{},{},{},{},{}]}\n\n",
	} {
		for _, size := range []int{33, 4096, total} {
			piece := []byte(strings.Repeat(text, size/len(text)+1))
			held := heldBy(1, func() *chatstream.Tap {
				tap := chatstream.NewTap(func(*chunk, error) {}, chatstream.WithMaxEventSize(limit))
				tap.Write([]byte(": known\n"))
				for n := 0; n < total; n += len(piece) {
					tap.Write(piece)
				}
				return tap
			})
			assert.Less(t, held, float64(8*limit), "%q in pieces of %d", text, size)
		}
	}
}

// heldBy returns the bytes of heap that each of n values of the given kind holds.
func heldBy(n int, newOne func() *chatstream.Tap) float64 {
	taps := make([]*chatstream.Tap, n)
	before := heap.Live()
	for i := range taps {
		taps[i] = newOne()
	}
	after := heap.Live()
	runtime.KeepAlive(taps)
	return float64(after-before) / float64(n)
}

// TestTapIdle: a Tap that waits for the next event holds little, whatever it has
// seen before.
func TestTapIdle(t *testing.T) {
	if instrumented {
		t.Skip("the race detector and chatstream_poison allocate")
	}
	const rest = 6 << 10    // bytes: the structs, and the event that template remembers
	const pending = 4 << 10 // and a buffer
	text := func(n int) string {
		return `data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1700000000,"model":"gpt-4o",` +
			`"choices":[{"index":0,"delta":{"content":"` + strings.Repeat("é", n) + `"},"logprobs":null,"finish_reason":null}]}` + "\n\n"
	}
	large := text(1 << 20)
	for _, test := range []struct {
		name, data string
		limit      int
	}{
		{"after an event", text(5), rest},
		{"after a large event", large, rest},
		{"after a large escaped event", strings.ReplaceAll(large, "é", `\n`), rest},
		{"after a large event in several lines", "data: {\"x\":\ndata: [" + strings.Repeat("1,\ndata: ", 1<<18) + "1]}\n\n", rest},
		{"after a thousand choices", `data: {"choices":[{}` + strings.Repeat(",{}", 1000) + "]}\n\n", rest},
		{"after [DONE]", text(5) + "data: [DONE]\n\n", rest},
		{"within an event", text(5) + text(5)[:100], rest + pending},
		{"within an event, after a large one", large + text(5)[:100], rest + pending},
		{"after a comment", text(5) + ": ping\n\n", rest + pending},
	} {
		n := 1000
		if len(test.data) > 1<<16 {
			n = 8
		}
		held := heldBy(n, func() *chatstream.Tap {
			tap := chatstream.NewTap(func(*chunk, error) {})
			tap.Write([]byte(test.data))
			return tap
		})
		t.Logf("%s: %.0f bytes", test.name, held)
		assert.LessOrEqual(t, held, float64(test.limit), test.name)
	}
}

func TestTapNoAllocations(t *testing.T) {
	if instrumented {
		t.Skip("the race detector and chatstream_poison allocate")
	}
	for _, s := range testStreams(t) {
		if !s.clean() {
			continue // errors are allocated
		}
		for _, size := range []int{1 << 20, 1000, 61} {
			data := bytes.Split(s.data, []byte("data: [DONE]"))[0] // so that it can be repeated
			data = append(bytes.TrimPrefix(data, []byte("\xEF\xBB\xBF")), "\n\n"...)
			tap := chatstream.NewTap(func(_ *chunk, err error) {
				if err != nil {
					t.Error(s.name, err)
				}
			})
			write := func() {
				for from := 0; from < len(data); from += size {
					tap.Write(data[from:min(from+size, len(data))])
				}
			}
			for range 30 { // until all templates are made
				write()
			}
			assert.Zero(t, testing.AllocsPerRun(10, write), "%s in pieces of %d", s.name, size)
		}
	}
}

// onlyReader hides what a body can do besides.
type onlyReader struct{ io.Reader }

// TestTapBody: the bytes go through untouched, and at once.
func TestTapBody(t *testing.T) {
	for _, s := range testStreams(t) {
		k := newTapCheck(t, s.data)
		for name, r := range map[string]io.Reader{
			"whole":         onlyReader{bytes.NewReader(s.data)},
			"byte by byte":  iotest.OneByteReader(bytes.NewReader(s.data)),
			"data with EOF": iotest.DataErrReader(bytes.NewReader(s.data)),
			"WriterTo":      bytes.NewReader(s.data),
		} {
			got := 0
			var tap *chatstream.Tap
			tap = chatstream.NewTap(func(c *chunk, err error) {
				assert.NoError(t, k.compare(got, c, err, tap.Event()), "%s, %s", s.name, name)
				got++
			})
			body := tap.Body(io.NopCloser(r))
			var out bytes.Buffer
			_, err := io.Copy(onlyWriter{&out}, body)
			require.NoError(t, err)
			require.Equal(t, s.data, out.Bytes(), "%s, %s", s.name, name)
			require.NoError(t, k.compareEnd(got, tap), "%s, %s: before Close", s.name, name)
			require.NoError(t, body.Close())
			require.NoError(t, k.compareEnd(got, tap), "%s, %s: after Close", s.name, name)
		}
	}
}

type onlyWriter struct{ io.Writer }

// TestTapBodyIsPrompt: a Read gives what one Read of rc gives, and the Tap has seen it.
func TestTapBodyIsPrompt(t *testing.T) {
	r, w := io.Pipe()
	tap, got := collect()
	body := tap.Body(r)
	buf := make([]byte, 1000)
	for i := range 3 {
		event := fmt.Sprintf(`data: {"id":"%d","choices":[]}`+"\n\n", i)
		go w.Write([]byte(event))
		n, err := body.Read(buf)
		require.NoError(t, err)
		require.Equal(t, event, string(buf[:n]))
		require.Len(t, *got, i+1)
	}
	require.NoError(t, body.Close())
	require.Len(t, *got, 4)
	require.ErrorIs(t, (*got)[3].err, io.ErrUnexpectedEOF)
	_, err := w.Write([]byte("x"))
	require.ErrorIs(t, err, io.ErrClosedPipe, "rc is closed")
}

// TestTapBodyErrors: errors of rc go to the reader as they are, and to fn.
func TestTapBodyErrors(t *testing.T) {
	broken := errors.New("broken")
	failing := func() io.Reader { return io.MultiReader(strings.NewReader(shortStream[:90]), iotest.ErrReader(broken)) }
	for name, rc := range map[string]io.Reader{
		"Read":          failing(),
		"data with err": iotest.DataErrReader(failing()),
		"WriterTo":      writerTo{failing()},
	} {
		tap, got := collect()
		body := tap.Body(failingCloser{rc})
		if w, ok := rc.(io.WriterTo); ok {
			body = tap.Body(struct {
				failingCloser
				io.WriterTo
			}{failingCloser{rc}, w})
		}
		n, err := io.Copy(io.Discard, body)
		require.Equal(t, broken, err, name)
		require.EqualValues(t, 90, n, name)
		require.Len(t, *got, 2, name)
		require.ErrorIs(t, (*got)[1].err, broken, name)
		require.Equal(t, errClose, body.Close(), name)
		require.Len(t, *got, 2, name)
	}
}

// TestTapBodyClosePanic: rc is closed, whatever fn does.
func TestTapBodyClosePanic(t *testing.T) {
	rc := &closeCounter{ReadCloser: io.NopCloser(strings.NewReader(""))}
	body := chatstream.NewTap(func(*chunk, error) { panic("fn") }).Body(rc)
	require.PanicsWithValue(t, "fn", func() { body.Close() })
	require.Equal(t, 1, rc.n)
}

type writerTo struct{ io.Reader }

func (w writerTo) WriteTo(dst io.Writer) (int64, error) { return io.Copy(dst, w.Reader) }

// TestTapBodyWriterTo: it is kept, and a failing destination is no error of rc.
func TestTapBodyWriterTo(t *testing.T) {
	tap, _ := collect()
	_, ok := tap.Body(io.NopCloser(onlyReader{strings.NewReader("")})).(io.WriterTo)
	require.False(t, ok)
	full := errors.New("full")
	for _, dst := range []io.Writer{
		writerFunc(func([]byte) (int, error) { return 0, full }),
		writerFunc(func([]byte) (int, error) { return 3, nil }),
	} {
		tap, got := collect()
		body := tap.Body(io.NopCloser(strings.NewReader(shortStream[:90])))
		_, err := body.(io.WriterTo).WriteTo(dst)
		require.Error(t, err)
		require.Len(t, *got, 1)
		body.Close()
		require.Len(t, *got, 2)
		require.ErrorIs(t, (*got)[1].err, io.ErrUnexpectedEOF)
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

// BenchmarkTap is what a Tap costs a proxy for a chunk that came by itself: on one
// stream, and on many in turn, whose memory has left the caches in the meantime.
//
//	go test -run '^$' -bench '^BenchmarkTap$' .
func BenchmarkTap(b *testing.B) {
	for _, name := range []string{"openai-text", "deepseek-reasoning", "openai-tools-parallel", "perplexity-crlf"} {
		events := eventsOf(b, name)
		for _, streams := range []int{1, 2000} {
			b.Run(fmt.Sprintf("%s/streams=%d", name, streams), func(b *testing.B) {
				taps := make([]*chatstream.Tap, streams)
				for i := range taps {
					taps[i] = chatstream.NewTap(func(*chunk, error) {})
				}
				write := func(n int) { taps[n%streams].Write(events[n/streams%len(events)]) }
				for n := range streams * len(events) {
					write(n)
				}
				b.ReportAllocs()
				for n := 0; b.Loop(); n++ {
					write(n)
				}
			})
		}
	}
}

// eventsOf returns the events of a test stream before [DONE].
func eventsOf(tb testing.TB, name string) (events [][]byte) {
	tb.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name+".sse"))
	require.NoError(tb, err)
	s := chatstream.NewScanner(bytes.NewReader(data))
	for s.Scan() && string(s.Event().Data) != "[DONE]" {
		events = append(events, bytes.Clone(s.Event().Raw))
	}
	return events
}

// TestTapChunkIsSafe: what fn does with the struct beyond its time, other than looking
// at borrowed memory, does nothing to other Taps.
func TestTapChunkIsSafe(t *testing.T) {
	const payload = `{"choices":[{"index":0,"delta":{"content":"word"}}],"x":"y"}`
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			var kept, owner chatstream.CreateChatCompletionData
			assert.NoError(t, chatstream.Unmarshal([]byte(`{"choices":[{"index":1}]}`), &owner))
			tap := chatstream.NewTap(func(chunk *chatstream.CreateChatCompletionData, err error) {
				assert.NoError(t, err)
				assert.Equal(t, payload, string(chunk.AppendJSON(nil)))
				kept = *chunk
				*chunk = owner
			})
			for range 1000 {
				tap.Write([]byte("data: " + payload + "\n\n"))
				assert.NoError(t, chatstream.Unmarshal([]byte(`{"choices":[{"index":2}],"x":2}`), &kept))
				assert.NoError(t, chatstream.Unmarshal([]byte(`{"choices":[{"index":3}]}`), &owner))
			}
			tap.Write([]byte("data: [DONE]\n\n"))
		})
	}
	wg.Wait()
}
