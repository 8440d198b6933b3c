package chatstream_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-08fc7208/chatstream"
	"github.com/seed-08fc7208/chatstream/internal/testing/heap"
	"github.com/seed-08fc7208/chatstream/internal/testing/reference"
)

// dripReader gives what comes through a channel, piece by piece, and counts how often it is asked.
type dripReader struct {
	pieces chan string
	asked  chan int // the number of each Read, as it begins
	reads  int
}

func newDripReader() *dripReader { return &dripReader{make(chan string), make(chan int, 1000), 0} }

func (r *dripReader) Read(p []byte) (int, error) {
	r.reads++
	r.asked <- r.reads
	piece, open := <-r.pieces
	if !open {
		return 0, io.EOF
	}
	return copy(p, piece), nil
}

// While a reader stalls it is waited for, in one Read: there is one for each piece that comes, and no more.
func TestReaderStalls(t *testing.T) {
	const stream = ": c\r\n\r\ndata: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"é\\n\"},\"finish_reason\":\"stop\"}]}\r\n\r\ndata: {}\n\ndata: [DONE]\n\n"
	last := strings.Index(stream, "[DONE]") + len("[DONE]") // the byte that completes the line
	for name, decode := range map[string]func(io.Reader){
		"Decoder": func(r io.Reader) {
			d := chatstream.NewDecoder(r)
			assert.Equal(t, []reference.Kind{reference.Chunk, reference.Chunk, reference.Done}, kindsOf(resultsOfDecoder(t, d)))
			d.Close()
		},
		"Scanner": func(r io.Reader) {
			s := chatstream.NewScanner(io.LimitReader(r, int64(last+2)))
			for range 3 {
				assert.True(t, s.Scan())
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := newDripReader()
			done := make(chan bool)
			go func() {
				decode(r)
				close(done)
			}()
			for i := range len(stream) {
				select {
				case n := <-r.asked:
					require.Equal(t, i+1, n, "one Read for each byte that came")
				case <-done:
					require.Greater(t, i, last, "all of it was read")
					return
				}
				time.Sleep(time.Duration(i%16/15) * time.Millisecond)
				require.Empty(t, r.asked, "it waits")
				r.pieces <- stream[i : i+1]
			}
			<-done
		})
	}
}

// A reader that gives nothing now and then is asked again; one that does for ever is given up, wherever it begins to.
func TestReaderReturnsNothing(t *testing.T) {
	stream := testStreams(t)[0].data
	for i := range len(stream) {
		reads := 0
		nothing := readerFunc(func([]byte) (int, error) { reads++; return 0, nil })
		in := func() io.Reader { reads = 0; return io.MultiReader(bytes.NewReader(stream[:i]), nothing) }

		d := chatstream.NewDecoder(in())
		var err error
		for err == nil || !final(err) {
			err = d.Decode(new(chunk))
		}
		if !d.Done() {
			require.ErrorIs(t, err, io.ErrNoProgress, "after %d bytes", i)
			require.ErrorIs(t, d.Decode(new(chunk)), io.ErrNoProgress, "it is final")
		}
		require.LessOrEqual(t, reads, 100, "after %d bytes", i)
		d.Close()

		s := chatstream.NewScanner(in())
		for s.Scan() {
		}
		require.ErrorIs(t, s.Err(), io.ErrNoProgress, "after %d bytes", i)
		require.LessOrEqual(t, reads, 100, "after %d bytes", i)
	}
}

// ends counts how the prefixes of a stream end.
type ends map[reference.Kind]int

func (e ends) total() (n int) {
	for _, count := range e {
		n += count
	}
	return n
}

// TestConnectionIsCutAtEveryByte: every prefix of every stream ends as the reference reader says, or with the error of the reader. The
// results before the end are the same in each case.
func TestConnectionIsCutAtEveryByte(t *testing.T) {
	stride := 1
	if testing.Short() || instrumented {
		stride = 23
	}
	streams := testStreams(t)
	streams = append(streams, stream{name: "every member", data: []byte("data: {\"choices\":[{\"finish_reason\":\"stop\"}]}\n\ndata: " + fullPayload + "\n\n")})
	var mu sync.Mutex
	all := ends{}
	t.Run("streams", func(t *testing.T) {
		for _, s := range streams {
			t.Run(s.name, func(t *testing.T) {
				t.Parallel()
				own := cutEverywhere(t, s.data, stride)
				mu.Lock()
				defer mu.Unlock()
				for kind, n := range own {
					all[kind] += n
				}
			})
		}
	})
	notStreams := all[reference.NotEventStream] + all[reference.NotButAPI]
	t.Logf("%d prefixes of %d streams: io.EOF at [DONE] %d, by the finish reasons %d; unexpected EOF %d; no event stream %d, of these %d an APIError",
		all.total(), len(streams), all[reference.Done], all[reference.EOF], all[reference.UnexpectedEOF], notStreams, all[reference.NotButAPI])
	if stride > 1 {
		return
	}
	text := readText(t, "docs/robustness.md")
	for _, row := range []string{
		fmt.Sprintf("| ends of %s prefixes of %d streams | |", thousands(all.total()), len(streams)),
		fmt.Sprintf("| `io.EOF` at `[DONE]` | %s |", thousands(all[reference.Done])),
		fmt.Sprintf("| `io.EOF` by the finish reasons | %s |", thousands(all[reference.EOF])),
		fmt.Sprintf("| `io.ErrUnexpectedEOF` | %s |", thousands(all[reference.UnexpectedEOF])),
		fmt.Sprintf("| `ErrNotEventStream` | %s |", thousands(notStreams)),
		fmt.Sprintf("| `ErrNotChatCompletion` | %s |", thousands(all[reference.NotChat]+all[reference.DoneNotChat])),
	} {
		assert.Contains(t, text, row)
	}
}

// thousands writes a number below a million as the documents do.
func thousands(n int) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%d,%03d", n/1000, n%1000)
}

func cutEverywhere(t *testing.T, stream []byte, stride int) ends {
	all := ends{}
	d := chatstream.NewDecoder(nil)
	defer d.Close()
	for i := 0; i <= len(stream); i += stride {
		if long := 8 * kiB; len(stream) > long && i > long/4 && i < len(stream)-long/16 {
			i += 6 // in its middle it repeats itself
		}
		prefix := stream[:i]
		want := reference.Decode(string(prefix))
		all[want[len(want)-1].Kind]++
		d.Reset(bytes.NewReader(prefix))
		requireResults(t, want, d, nil, "cut at %d", i)

		var broken io.Reader = io.MultiReader(bytes.NewReader(prefix), iotest.ErrReader(errReader))
		if i%2 == 0 { // the error comes with the data, or after it
			broken = iotest.DataErrReader(broken)
		}
		d.Reset(broken)
		requireResults(t, want, d, errReader, "fails at %d", i)
		requireTapResults(t, want, prefix, "cut at %d", i)
	}
	return all
}

// requireResults decodes to the end, which is as wanted, or broken if that is not nil and [DONE] was not read before.
func requireResults(t *testing.T, want []reference.Result, d *chatstream.Decoder, broken error, what string, args ...any) {
	t.Helper()
	var c chunk
	for i, w := range want {
		err := d.Decode(&c)
		kind, e := kindOf(d, err), d.Event()
		last := i == len(want)-1
		switch {
		case last && broken != nil && !w.Kind.Done():
			if !errors.Is(err, broken) && w.Kind != reference.NotButAPI {
				t.Fatalf(what+": result %d: %v, want the reader's error", append(args, i, err)...)
			}
		case kind != w.Kind:
			t.Fatalf(what+": result %d: %s (%v), want %s", append(args, i, kind, err, w.Kind)...)
		}
		if string(e.Raw) != w.Raw || !last && (string(e.Data) != w.Data || string(e.Type) != w.Type || string(e.LastEventID) != w.LastEventID) {
			t.Fatalf(what+": result %d: event is %q, want %+v", append(args, i, e, w)...)
		}
	}
	if err := d.Decode(&c); err == nil || !final(err) {
		t.Fatalf(what+": after the end: %v", append(args, err)...)
	}
}

// requireTapResults pushes a stream into a Tap: it tells of a final error once, and of io.EOF never.
func requireTapResults(t *testing.T, want []reference.Result, stream []byte, what string, args ...any) {
	t.Helper()
	if last := len(want) - 1; want[last].Kind == reference.Done || want[last].Kind == reference.EOF {
		want = want[:last]
	}
	n := 0
	var tap *chatstream.Tap
	tap = chatstream.NewTap(func(_ *chunk, err error) {
		if n < len(want) && (kindOf(new(chatstream.Decoder), err) != want[n].Kind || string(tap.Event().Raw) != want[n].Raw) {
			t.Fatalf(what+": result %d of the Tap: %v, %q, want %+v", append(args, n, err, tap.Event(), want[n])...)
		}
		n++
	})
	tap.Write(stream)
	tap.Close()
	if n != len(want) {
		t.Fatalf(what+": %d results of the Tap, want %d", append(args, n, len(want))...)
	}
}

// eventServer sends two chunks, the last of which finishes if whole is true, and then does what rest says.
func eventServer(t *testing.T, whole bool, rest func(http.ResponseWriter, *http.Request)) *httptest.Server {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		reason := "null"
		if whole {
			reason = `"stop"`
		}
		fmt.Fprintf(w, "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"}}]}\n\ndata: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"b\"},\"finish_reason\":%s}]}\n\n", reason)
		w.(http.Flusher).Flush()
		rest(w, r)
	}))
	t.Cleanup(server.Close)
	return server
}

// stay keeps the connection open until the client is gone.
func stay(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }

// A context that is cancelled while Read blocks ends Decode with the context's error, which is final.
func TestContextEndsWhileReadBlocks(t *testing.T) {
	for name, row := range map[string]struct {
		context func() (context.Context, context.CancelFunc)
		cancel  bool
		want    error
	}{
		"cancelled": {func() (context.Context, context.CancelFunc) { return context.WithCancel(context.Background()) }, true, context.Canceled},
		"deadline": {func() (context.Context, context.CancelFunc) {
			return context.WithTimeout(context.Background(), 300*time.Millisecond)
		}, false, context.DeadlineExceeded},
	} {
		t.Run(name, func(t *testing.T) {
			server := eventServer(t, true, stay)
			ctx, cancel := row.context()
			defer cancel()
			req, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL, nil)
			require.NoError(t, err)
			resp, err := http.DefaultClient.Do(req)
			require.NoError(t, err)
			d, err := chatstream.FromResponse(resp)
			require.NoError(t, err)
			defer d.Close()
			var c chunk
			require.NoError(t, d.Decode(&c))
			require.NoError(t, d.Decode(&c))
			require.Equal(t, "b", c.Choices[0].Delta.Content.Value.String())
			if row.cancel {
				time.AfterFunc(20*time.Millisecond, cancel) // by then Read blocks
			}
			err = within(t, func() error { return d.Decode(&c) })
			assert.ErrorIs(t, err, row.want)
			assert.NotErrorIs(t, err, io.EOF, "the finish reason has come, but nobody knows whether that was all")
			assert.ErrorIs(t, d.Decode(&c), row.want, "it is final")
			assert.Empty(t, c.Choices)
		})
	}
}

// The same for one whose traffic is tapped: the Tap is told of the end, once.
func TestContextEndsTappedBody(t *testing.T) {
	server := eventServer(t, true, stay)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL, nil)
	require.NoError(t, err)
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	var errs []error
	tap := chatstream.NewTap(func(_ *chunk, err error) {
		if errs = append(errs, err); len(errs) == 2 {
			time.AfterFunc(20*time.Millisecond, cancel)
		}
	})
	body := tap.Body(resp.Body)
	err = within(t, func() error { _, err := io.Copy(io.Discard, body); return err })
	assert.ErrorIs(t, err, context.Canceled)
	require.NoError(t, body.Close())
	require.Len(t, errs, 3)
	assert.NoError(t, errors.Join(errs[:2]...))
	assert.ErrorIs(t, errs[2], context.Canceled)
}

// A connection that the server breaks off is not a clean end, even after the finish reason.
func TestServerBreaksOff(t *testing.T) {
	for _, whole := range []bool{false, true} {
		server := eventServer(t, whole, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
		resp, err := http.Get(server.URL)
		require.NoError(t, err)
		d, err := chatstream.FromResponse(resp)
		require.NoError(t, err)
		var c chunk
		require.NoError(t, d.Decode(&c))
		require.NoError(t, d.Decode(&c))
		assert.ErrorIs(t, within(t, func() error { return d.Decode(&c) }), io.ErrUnexpectedEOF, "finish reason sent: %v", whole)
		require.NoError(t, d.Close())
	}
}

// flood is a stream that may cost more than it should.
type flood struct {
	name  string
	limit int                   // of an event
	text  func(n int) io.Reader // a stream of about n bytes
	n     int
	want  reference.Kind // what the Decoder makes of it, first of all
	times int            // how much memory may be in use, in multiples of the limit or of n, whichever is less
}

// run is text again and again for n bytes. It takes no memory for them.
func run(text string, n int) io.Reader {
	return io.LimitReader(&endless{text: text, n: n}, int64(n))
}

// repeated is before, whole texts again and again for about n bytes, and after.
func repeated(before, text, after string) func(n int) io.Reader {
	return func(n int) io.Reader {
		return io.MultiReader(strings.NewReader(before), run(text, n/len(text)*len(text)), strings.NewReader(after))
	}
}

// sized is one event of exactly n bytes, and a second one.
func sized(before, after string) func(n int) io.Reader {
	return func(n int) io.Reader {
		fill := run("x", n-len(before)-len(after)-len("\n\n"))
		return io.MultiReader(strings.NewReader(before), fill, strings.NewReader(after+"\n\ndata: {}\n\n"))
	}
}

// lines is one event of exactly n bytes in lines of 100, and a second one.
func lines(n int) io.Reader {
	const before, after = "data: {", "\ndata: }\n\n"
	line := "\ndata: " + strings.Repeat(" ", 93)
	n -= len(before) + len(after)
	rest := strings.Repeat(" ", n%len(line)) // of the first line, which may be longer
	return io.MultiReader(strings.NewReader(before+rest), run(line, n/len(line)*len(line)), strings.NewReader(after+"data: {}\n\n"))
}

const kiB, miB = 1 << 10, 1 << 20

var floods = []flood{
	{"100,000 keep-alives", 16 * miB, repeated("", ": ping\n\n", "data: {}\n\n"), 100_000 * len(": ping\n\n"), reference.Chunk, 3},
	{"100,000 keep-alives, a small limit", 64 * kiB, repeated("", ": ping\n\n", "data: {}\n\n"), 100_000 * len(": ping\n\n"), reference.Chunk, 3},
	{"100,000 events without data, a small limit", 64 * kiB, repeated("", "event: ping\ndata:\n\n", "data: {}\n\n"), 100_000 * len("event: ping\ndata:\n\n"), reference.Chunk, 3},
	{"1 MiB of blank lines", 16 * miB, repeated(":\n", "\n", "data: {}\n\n"), miB, reference.Chunk, 3},
	{"1 MiB of blank lines, a small limit", 64 * kiB, repeated(":\n", "\n", "data: {}\n\n"), miB, reference.Chunk, 3},
	{"an event of 16 MiB", 16 * miB, sized(`data: {"id":"`, `"}`), 16 * miB, reference.Chunk, 3},
	{"an event of 16 MiB, escaped", 16 * miB, sized(`data: {"id":"\n`, `"}`), 16 * miB, reference.Chunk, 4},
	{"an event of 16 MiB, in lines of 100", 16 * miB, lines, 16 * miB, reference.Chunk, 4},
	{"an event of 16 MiB and a byte", 16 * miB, sized(`data: {"id":"`, `"}`), 16*miB + 1, tooLarge, 3},
	{"a line that never ends", 16 * miB, repeated(`data: {"id":"`, "x", ""), 128 * miB, tooLarge, 3},
	{"a line that never ends, a small limit", 64 * kiB, repeated(`data: {"id":"`, "x", ""), 64 * miB, tooLarge, 3},
	{"a comment that never ends, a small limit", 64 * kiB, repeated(":", "x", "\n\ndata: {}\n\n"), 64 * miB, reference.Chunk, 3},
	{"data lines that never end, a small limit", 64 * kiB, repeated("", "data: x\n", ""), 64 * miB, tooLarge, 3},
	{"data lines, each an object, a small limit", 64 * kiB, repeated("", "data: {}\n", ""), 16 * miB, reference.Chunk, 3},
	{"fields that never end, a small limit", 64 * kiB, repeated(":\n", "id: x\n", ""), 64 * miB, tooLarge, 3},
	{"a page of 64 MiB", 16 * miB, repeated("<", "html", ""), 64 * miB, reference.NotEventStream, 4},
	{"nesting of 15 MiB", 16 * miB, repeated("data: {\"x\":", "[", "\n\n"), 15 * miB, reference.Syntax, 3},
	{"lines that are no JSON", 16 * miB, repeated("", "data: x\n", "\n"), 8 * miB, reference.Syntax, 4},
	{"halves and wholes", 16 * miB, repeated("", "data: {\ndata: {}\n", "\n"), 8 * miB, reference.Syntax, 4},
	{"halves and errors", 16 * miB, repeated("", "data: {\nerror: x\n", "\n"), 8 * miB, reference.Syntax, 4},
	{"wholes with fields between", 16 * miB, repeated("", "data: {}\nid: 1\nid: 2\n", "\n"), 8 * miB, reference.Chunk, 4},
	{"16 MiB of members without a field", 16 * miB, repeated("data: {", `"a":1,`, "\"b\":1}\n\ndata: {}\n\n"), 16*miB - kiB, reference.Chunk, 16},
	{"4 MiB of members in 1,000 objects", 4 * miB, repeated(`data: {"choices":[`, "{"+strings.Repeat(`"":0,`, 850)+`"":0},`, "{}]}\n\ndata: {}\n\n"), 4*miB - kiB, reference.Chunk, 16},
	{"4 MiB of numbers in 2,000 lists", 4 * miB, repeated(`data: {"choices":[`, `{"logprobs":{"content":[`+strings.Repeat(`{"bytes":[`+strings.Repeat("0,", 1000)+`0]},`, 3)+"{}]}},", "{}]}\n\ndata: {}\n\n"), 4*miB - kiB, reference.Chunk, 8},
	{"4 MiB of numbers in more choices than are built", 4 * miB, repeated(`data: {"choices":[`, `{"logprobs":{"content":[`+strings.Repeat(`{"bytes":[`+strings.Repeat("0,", 1000)+`0]},`, 2)+"{}]}},", "{}]}\n\ndata: {}\n\n"), 4*miB - kiB, reference.Chunk, 20},
	{"4 MiB of texts to be repaired", 4 * miB, repeated("data: {", `"`+strings.Repeat("\xFF", 100)+`":0,`, "\"b\":1}\n\ndata: {}\n\n"), 4*miB - kiB, reference.Chunk, 12},
	{"16 MiB of one member repeated", 16 * miB, repeated("data: {", `"id":"x",`, "\"b\":1}\n\ndata: {}\n\n"), 16*miB - kiB, reference.Chunk, 4},
	{"64 choices in each chunk", 64 * kiB, repeated("", `data: {"choices":[`+strings.Repeat("{},", 63)+"{}]}\n\n", ""), 4 * miB, reference.Chunk, 8},
	{"1,024 choices in each chunk", 64 * kiB, repeated("", `data: {"choices":[`+strings.Repeat("{},", 1023)+"{}]}\n\n", ""), 4 * miB, reference.Chunk, 64},
	{"1,025 choices in each chunk", 64 * kiB, repeated("", `data: {"choices":[`+strings.Repeat("{},", 1024)+"{}]}\n\n", ""), 4 * miB, reference.Chunk, 64},
	{"4,096 tool calls in each chunk", 64 * kiB, repeated("", `data: {"choices":[{"delta":{"tool_calls":[`+strings.Repeat("{},", 4095)+"{}]}}]}\n\n", ""), 4 * miB, reference.Chunk, 64},
	{"16,384 tool calls in each chunk", 64 * kiB, repeated("", `data: {"choices":[`+strings.Repeat(`{"delta":{"tool_calls":[`+strings.Repeat("{},", 4090)+"{}]}},", 4)+"{}]}\n\n", ""), 4 * miB, reference.Chunk, 256},
	{"tool calls with an index of 1e9", 64 * kiB, repeated("", `data: {"choices":[{"delta":{"tool_calls":[{"index":1e9}]}}]}`+"\n\n", ""), 4 * miB, reference.Chunk, 3},
	{"tool calls with an index of -1", 64 * kiB, repeated("", `data: {"choices":[{"delta":{"tool_calls":[{"index":-1}]}}]}`+"\n\n", ""), 4 * miB, reference.Chunk, 3},
}

// drain decodes all of a stream, and returns the first result. It calls look as long as that one is valid.
func (f *flood) drain(r io.Reader, look func()) reference.Kind {
	d := chatstream.NewDecoder(r, chatstream.WithMaxEventSize(f.limit))
	defer d.Close()
	var c chunk
	err := d.Decode(&c)
	first := kindOf(d, err)
	look()
	for err == nil || !final(err) {
		err = d.Decode(&c)
	}
	return first
}

func (f *flood) scan(r io.Reader, look func()) reference.Kind {
	s := chatstream.NewScanner(r, chatstream.WithMaxEventSize(f.limit))
	s.Scan()
	look()
	for s.Scan() {
	}
	return f.want
}

// tap pushes the stream into a Tap in pieces of 32 KiB, as io.Copy does.
func (f *flood) tap(r io.Reader, look func()) (first reference.Kind) {
	tap := chatstream.NewTap(func(_ *chunk, err error) {
		if first == "" {
			first = kindOf(new(chatstream.Decoder), err)
			look()
		}
	}, chatstream.WithMaxEventSize(f.limit))
	io.CopyBuffer(struct{ io.Writer }{tap}, struct{ io.Reader }{r}, make([]byte, 32*kiB))
	tap.Close()
	return first
}

// heapGauge measures what is in use while its stream is read: after each eighth of it, at its end, and when it is looked at.
type heapGauge struct {
	r           io.Reader
	step        int
	read        int
	first, most int
}

func newHeapGauge(r io.Reader, n int) *heapGauge {
	return &heapGauge{r: r, step: n / 8, first: heap.Live()}
}

func (g *heapGauge) Read(p []byte) (int, error) {
	n, err := g.r.Read(p)
	if g.read/g.step != (g.read+n)/g.step || err != nil {
		g.look()
	}
	g.read += n
	return n, err
}

func (g *heapGauge) look() { g.most = max(g.most, heap.Live()) }

var allFloods = flag.Bool("floods", false, "let TestFloodsAreBounded send up to 64 MiB, as for the table of docs/robustness.md")

// TestFloodsAreBounded measures the memory in use while floods are decoded.
func TestFloodsAreBounded(t *testing.T) {
	if instrumented {
		t.Skip("the race detector and chatstream_poison allocate")
	}
	t.Log("| stream | its bytes | limit of an event | in use: Decoder | Scanner | Tap | allocated in all: Decoder | Scanner | Tap |")
	for _, f := range floods {
		if !*allFloods {
			f.n = min(f.n, 17*miB)
		}
		bound := f.times*min(f.limit, f.n) + 64*kiB
		row := fmt.Sprintf("| %s | %s | %s |", f.name, size(uint64(f.n)), size(uint64(f.limit)))
		allocations := ""
		for _, by := range []struct {
			name string
			run  func(r io.Reader, look func()) reference.Kind
		}{{"Decoder", f.drain}, {"Scanner", f.scan}, {"Tap", f.tap}} {
			gauge := newHeapGauge(f.text(f.n), f.n)
			total := allocated(func() {
				assert.Equal(t, f.want, by.run(gauge, gauge.look), "%s: %s", f.name, by.name)
			})
			inUse := gauge.most - gauge.first
			assert.Less(t, inUse, bound, "%s: bytes in use by the %s", f.name, by.name)
			row += " " + size(uint64(max(inUse, 0))) + " |"
			allocations += " " + size(total) + " |"
		}
		t.Log(row + allocations)
	}
}

func size(n uint64) string {
	if n >= miB {
		return fmt.Sprintf("%.1f MiB", float64(n)/miB)
	}
	return fmt.Sprintf("%.1f KiB", float64(n)/kiB)
}

// BenchmarkFloods shows that time is linear in the bytes: ns/B of a flood of 16 MiB, divided by that of one of 2 MiB, is about 1,
// and never 8. It is more where the caches of the machine end between the two. Of each the fastest round counts.
//
//	go test -run '^$' -bench Floods -benchtime 5x .
func BenchmarkFloods(b *testing.B) {
	for _, f := range floods {
		b.Run(f.name, func(b *testing.B) {
			perByte := func(n int) float64 {
				f := f
				if f.limit > 64*kiB {
					f.limit = 2 * n // it is to be read to its end
				}
				in := f.text(n)
				start := time.Now()
				f.drain(in, func() {})
				return float64(time.Since(start).Nanoseconds()) / float64(n)
			}
			const small, large = 2 * miB, 16 * miB
			fastSmall, fastLarge := math.Inf(1), math.Inf(1)
			for b.Loop() {
				fastSmall, fastLarge = min(fastSmall, perByte(small)), min(fastLarge, perByte(large))
			}
			b.ReportMetric(fastLarge, "ns/B")
			b.ReportMetric(fastLarge/fastSmall, "ratio")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// 64 choices are decoded, and each of them is waited for.
func TestSixtyFourChoices(t *testing.T) {
	choice := func(i int, reason string) string {
		return fmt.Sprintf(`{"index":%d,"delta":{"content":"c%d"},"finish_reason":%s}`, i, i, reason)
	}
	var begun, finished, stream []string
	for i := range 64 {
		begun = append(begun, choice(i, "null"))
		finished = append([]string{choice(i, `"stop"`)}, finished...)
	}
	stream = append(stream, `data: {"choices":[`+strings.Join(begun, ",")+"]}\n\n")
	for _, f := range finished {
		stream = append(stream, `data: {"choices":[`+f+"]}\n\n")
	}
	for cut := range len(stream) + 1 {
		d := chatstream.NewDecoder(strings.NewReader(strings.Join(stream[:cut], "")))
		var c chunk
		for i := range cut {
			require.NoError(t, d.Decode(&c))
			for j := range c.Choices {
				index := j
				if i > 0 {
					index = 64 - i
				}
				require.EqualValues(t, index, c.Choices[j].Index.Value)
				require.Equal(t, fmt.Sprintf("c%d", index), c.Choices[j].Delta.Content.Value.String())
			}
		}
		err := d.Decode(&c)
		require.Equal(t, cut == len(stream), err == io.EOF, "%d of 64 choices have finished: %v", cut-1, err)
		require.NoError(t, d.Close())
	}
}

// An index is a number like any other: it is kept as it came, and nothing is made to be that long.
func TestToolCallIndex(t *testing.T) {
	for _, index := range []int64{1_000_000_000, -1, 1<<63 - 1, -1 << 63} {
		payload := fmt.Appendf(nil, `{"choices":[{"index":0,"delta":{"tool_calls":[{"index":%d,"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}]}}]}`, index)
		var c chunk
		var a chatstream.Accumulator
		used := allocated(func() {
			require.NoError(t, chatstream.Unmarshal(payload, &c))
			require.NoError(t, a.Add(&c))
		})
		if !instrumented {
			assert.Less(t, used, uint64(64*kiB), "index %d", index)
		}
		assert.Equal(t, index, c.Choices[0].Delta.ToolCalls.Value[0].Index.Value)
		assert.True(t, equalJSON(payload, c.AppendJSON(nil)), "%s", c.AppendJSON(nil))
		calls := a.Completion().Choices[0].Message.ToolCalls.Value
		require.Len(t, calls, 1, "index %d", index)
		assert.Equal(t, "{}", calls[0].Function.Value.Arguments.Value.String())
	}
}
