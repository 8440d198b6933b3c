package chatstream_test

import (
	"bytes"
	"errors"
	"io"
	"math"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-08fc7208/chatstream"
	"github.com/seed-08fc7208/chatstream/internal/testing/reference"
)

// mark stands in the streams below where something happens: an event is handed out, or a Raw ends.
const mark = "¦"

// marked takes the marks out of a stream and returns what stood between them.
func marked(s string) (stream string, parts []string) {
	return strings.ReplaceAll(s, mark, ""), strings.Split(s, mark)
}

// sipReader hands out a stream one byte a call, and remembers how many calls that were.
type sipReader struct {
	stream string
	n      int
}

func (r *sipReader) Read(p []byte) (int, error) {
	if r.n == len(r.stream) {
		return 0, io.EOF
	}
	p[0] = r.stream[r.n]
	r.n++
	return 1, nil
}

func TestScannerHandsOutAnEventAtItsLastByte(t *testing.T) {
	for name, s := range map[string]string{
		"LF":                     "data: a\n\n¦data: b\n\n¦",
		"CR":                     "data: a\r\r¦data: b\r\r¦",
		"CRLF":                   "data: a\r\n\r¦\ndata: b\r\n\r¦\n",
		"LF, then a blank CR":    "data: a\n\r¦data: b\n\r¦",
		"LF, then a blank CRLF":  "data: a\n\r¦\ndata: b\n\r¦\n",
		"several lines":          "data: a\ndata: b\nid: 1\n\n¦event: x\ndata: c\n\n¦",
		"comments before":        ": x\n\ndata: a\n\n¦: x\n\n: y\ndata: b\n\n¦",
		"blank lines between":    "\n\ndata: a\n\n¦\n\n\ndata: b\n\n¦",
		"blocks without data":    "event: x\n\ndata: a\n\n¦retry: 1\n\nid: 2\n\ndata: b\n\n¦",
		"empty data":             "data\n\n¦data:\n\n¦",
		"byte order mark":        "\uFEFFdata: a\n\n¦",
		"rest that is no event":  "data: a\n\n¦: x\n\nid: 1\n\ndata: b\n",
		"rest that is no stream": "data: a\r\r¦\n\n\r\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			stream, parts := marked(s)
			r := &sipReader{stream: stream}
			scanner := chatstream.NewScanner(r)
			at := 0
			for i, part := range parts[:len(parts)-1] {
				at += len(part)
				require.True(t, scanner.Scan(), "event %d", i+1)
				assert.Equal(t, part, string(scanner.Event().Raw), "event %d", i+1)
				assert.Equal(t, at, r.n, "bytes read for event %d", i+1)
			}
			assert.False(t, scanner.Scan())
			assert.Equal(t, parts[len(parts)-1], string(scanner.Event().Raw), "what followed the last event")
		})
	}
}

// A reader may hold the bytes of the next event back until somebody has seen to this one.
func TestScannerDoesNotReadAhead(t *testing.T) {
	r, w := io.Pipe()
	scanner := chatstream.NewScanner(r)
	scanned := make(chan string)
	go func() {
		defer close(scanned)
		for scanner.Scan() {
			scanned <- string(scanner.Event().Data)
		}
	}()
	for _, event := range []string{"data: a\n\n", "data: b\r\n\r\n", "data: c\r\r"} {
		_, err := io.WriteString(w, event)
		require.NoError(t, err)
		assert.Equal(t, event[len("data: "):][:1], <-scanned)
	}
	w.Close()
	_, more := <-scanned
	assert.False(t, more)
	assert.NoError(t, scanner.Err())
}

func TestScannerReadsEventsOfEverySize(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	var stream strings.Builder
	for n := 1; n < 300_000; n += n/3 + 1 {
		for _, eol := range []string{"\n", "\r", "\r\n"} {
			line := strings.Repeat("x", n)
			cut := random.IntN(n)
			stream.WriteString(": " + line[cut:] + eol + "data: " + line + eol + eol)
			stream.WriteString("data: " + line[:cut] + eol + "id: 1" + eol + "data: " + line[cut:] + eol + eol)
		}
	}
	want := scannedByReference(stream.String())
	for name, r := range map[string]io.Reader{
		"whole":    strings.NewReader(stream.String()),
		"half":     iotest.HalfReader(strings.NewReader(stream.String())),
		"with EOF": iotest.DataErrReader(strings.NewReader(stream.String())),
		"random":   &randomReader{strings.NewReader(stream.String()), random},
	} {
		t.Run(name, func(t *testing.T) {
			got := scanAll(t, r).mended()
			require.Equal(t, len(want.events), len(got.events))
			for i := range want.events {
				require.True(t, want.events[i] == got.events[i], "event %d", i+1)
				require.True(t, want.raws[i] == got.raws[i], "Raw %d", i+1)
			}
			assert.NoError(t, got.err)
		})
	}
}

// randomReader cuts what it reads at random, and returns nothing at times.
type randomReader struct {
	r      io.Reader
	random *rand.Rand
}

func (r *randomReader) Read(p []byte) (int, error) {
	return r.r.Read(p[:min(len(p), r.random.IntN(4096))])
}

func TestScannerEventIsBorrowed(t *testing.T) {
	s := chatstream.NewScanner(strings.NewReader("event: e\nid: 1\ndata: a\n\ndata: b\ndata: c\n\ndata: d\n\n"))
	var data []string
	for s.Scan() {
		e := s.Event()
		data = append(data, string(e.Data))
		for name, b := range map[string][]byte{"Type": e.Type, "Data": e.Data, "LastEventID": e.LastEventID, "Raw": e.Raw} {
			assert.Equal(t, len(b), cap(b), "the capacity of %s is cut", name)
			// What is appended must not run over what comes next.
			_ = append(b, "\n\ndata: injected\n\n"...)
		}
	}
	assert.Equal(t, []string{"a", "b\nc", "d"}, data)

	s = chatstream.NewScanner(strings.NewReader("data: a\n\n"))
	require.True(t, s.Scan())
	e := s.Event()
	assert.Same(t, &e.Raw[len("data: ")], &e.Data[0], "one data line is not copied")
}

func TestScannerBeforeScan(t *testing.T) {
	s := chatstream.NewScanner(strings.NewReader("data: a\n\n"))
	assert.Zero(t, ownedEvent(s.Event()))
	assert.Empty(t, s.Event().Raw)
	assert.Zero(t, s.Retry())
	assert.NoError(t, s.Err())
}

// The size of an event is what stands between the marks: from its first field line to the first byte of the blank line's end.
func TestScannerEventSize(t *testing.T) {
	for name, s := range map[string]string{
		"LF":                       "¦data: abc\n\n¦",
		"CR":                       "¦data: abc\r\r¦",
		"CRLF":                     "¦data: abc\r\n\r¦\n",
		"several lines":            "¦event: x\nid: 1\ndata: abc\ndata: def\n\n¦",
		"a comment inside":         "¦data: abc\n: comment\n\n¦",
		"an unknown field first":   "¦foo: bar\ndata: abc\n\n¦",
		"a comment before":         ": comment\n\n: comment\n¦data: abc\n\n¦",
		"a byte order mark before": "\uFEFF¦data: abc\n\n¦",
		"blank lines before":       "\n\r\n\r¦data: abc\n\n¦",
		"a block without data":     "¦event: a name that is longer than the event\n\n¦data: abc\n\n",
		"after another event":      "data: a\n\n¦data: abc\n\n¦data: b\n\n",
		"after a CRLF":             "data: a\r\n\r\n¦data: abc\n\n¦",
		"no end":                   "¦data: abc¦",
		"no end but a line's":      "¦data: abc\n¦",
	} {
		t.Run(name, func(t *testing.T) {
			stream, parts := marked(s)
			size := len(parts[1])
			want := scannedByReference(stream)
			before := scannedByReference(parts[0]).events
			for _, in := range []struct {
				name string
				r    func() io.Reader
			}{
				{"whole", func() io.Reader { return strings.NewReader(stream) }},
				{"byte by byte", func() io.Reader { return iotest.OneByteReader(strings.NewReader(stream)) }},
			} {
				fits := scanAll(t, in.r(), chatstream.WithMaxEventSize(size))
				assert.NoError(t, fits.err, "%s, limit %d", in.name, size)
				assert.Equal(t, want.events, fits.events, "%s, limit %d", in.name, size)

				over := scanAll(t, in.r(), chatstream.WithMaxEventSize(size-1))
				assert.ErrorIs(t, over.err, chatstream.ErrEventTooLarge, "%s, limit %d", in.name, size-1)
				assert.Equal(t, before, over.events, "%s, limit %d", in.name, size-1)
				assert.Empty(t, over.tail(), "an event over the limit has no Raw")
			}
			assert.True(t, reference.Scan(stream, size-1).TooLarge, "reference")
			assert.False(t, reference.Scan(stream, size).TooLarge, "reference")
		})
	}
}

func TestScannerDefaultEventSize(t *testing.T) {
	event := "data: " + strings.Repeat("x", chatstream.DefaultMaxEventSize-len("data: \n\n")) + "\n\n"
	s := chatstream.NewScanner(strings.NewReader(event + event[:9] + event[8:]))
	require.True(t, s.Scan(), "an event of 16 MiB")
	assert.Len(t, s.Event().Raw, len(event))
	assert.False(t, s.Scan(), "one byte more")
	assert.ErrorIs(t, s.Err(), chatstream.ErrEventTooLarge)
}

// No limit is a large one.
func TestScannerLargestEventSize(t *testing.T) {
	const size = 4 << 20
	s := chatstream.NewScanner(strings.NewReader("data: "+strings.Repeat("x", size)+"\n\n"), chatstream.WithMaxEventSize(math.MaxInt))
	used := allocated(func() { require.True(t, s.Scan()) })
	assert.Len(t, s.Event().Data, size)
	assert.Less(t, used, uint64(8*size), "the buffer grows by factors, not by steps")
}

// endless repeats a text until n bytes have been read, counting them, then ends.
type endless struct {
	text string
	n    int
	read int
}

func (r *endless) Read(p []byte) (int, error) {
	if r.read >= r.n {
		return 0, io.EOF
	}
	for i := range p {
		p[i] = r.text[(r.read+i)%len(r.text)]
	}
	r.read += len(p)
	return len(p), nil
}

// allocated returns how many bytes f allocates.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

func TestScannerEndlessLine(t *testing.T) {
	const limit = 64 << 10
	for _, text := range []string{"x", "data: x\n", "data: x\r\n", "\x00", "data: \r: x\r"} {
		r := &endless{text: text, n: 64 << 20}
		s := chatstream.NewScanner(r, chatstream.WithMaxEventSize(limit))
		assert.Less(t, allocated(func() { assert.False(t, s.Scan()) }), uint64(8*limit), "%q", text)
		assert.ErrorIs(t, s.Err(), chatstream.ErrEventTooLarge, "%q", text)
		assert.Less(t, r.read, 4*limit, "%q: read before the limit was seen", text)
	}
}

// Keep-alives for hours do not add up to an event, and are not kept.
func TestScannerKeepAlivesOverTheLimit(t *testing.T) {
	const limit = 64 << 10
	for _, text := range []string{"\n", "\r", "\r\n", ": ping\n", ": ping\r\n\r\n", "event: ping\n\n", "id: 1\r\r", ":", ": x"} {
		r := &endless{text: text, n: 4 << 20}
		in := io.MultiReader(strings.NewReader("data: a\n\n"), r, strings.NewReader("\n\ndata: b\n\n"))
		s := chatstream.NewScanner(in, chatstream.WithMaxEventSize(limit))
		require.True(t, s.Scan())
		assert.Equal(t, "data: a\n\n", string(s.Event().Raw), "%q", text)
		assert.Less(t, allocated(func() { require.True(t, s.Scan()) }), uint64(8*limit), "%q", text)
		assert.Equal(t, "b", string(s.Event().Data), "%q", text)
		assert.LessOrEqual(t, len(s.Event().Raw), 2*limit, "%q", text)
		assert.True(t, bytes.HasSuffix(s.Event().Raw, []byte("data: b\n\n")), "%q", text)
		assert.False(t, s.Scan())
		assert.NoError(t, s.Err())
	}
}

func TestScannerKeepAlivesUnderTheLimit(t *testing.T) {
	for name, run := range map[string]string{
		"1 MiB of blank lines": strings.Repeat("\n", 1<<20),
		"100,000 comments":     strings.Repeat(": ping\n\n", 100_000),
		"100,000 other blocks": strings.Repeat("event: ping\nid: 1\n\n", 100_000),
	} {
		t.Run(name, func(t *testing.T) {
			s := chatstream.NewScanner(strings.NewReader(run + "data: a\n\n" + run))
			require.True(t, s.Scan())
			assert.Equal(t, "a", string(s.Event().Data))
			assert.True(t, run+"data: a\n\n" == string(s.Event().Raw), "Raw has them all")
			assert.False(t, s.Scan())
			assert.True(t, run == string(s.Event().Raw), "Raw has them all at the end too")
			assert.NoError(t, s.Err())
		})
	}
}

var errReader = errors.New("the reader's own error")

func TestScannerReaderFails(t *testing.T) {
	const stream = "\uFEFF: c\r\ndata: a\r\n\r\nid: 1\rdata: b\rdata: c\r\rretry: 1\n\nevent: d\ndata: e\n\ndata: f\n"
	for i := range len(stream) + 1 {
		want := scannedByReference(stream[:i])
		for name, r := range map[string]io.Reader{
			"after the data":  io.MultiReader(strings.NewReader(stream[:i]), iotest.ErrReader(errReader)),
			"with the data":   iotest.DataErrReader(io.MultiReader(strings.NewReader(stream[:i]), iotest.ErrReader(errReader))),
			"after each byte": io.MultiReader(iotest.OneByteReader(strings.NewReader(stream[:i])), iotest.ErrReader(errReader)),
		} {
			got := scanAll(t, r).mended()
			assert.ErrorIs(t, got.err, errReader, "%s, %d bytes", name, i)
			got.err = nil
			assert.Equal(t, want, got, "%s, %d bytes", name, i)
		}
	}
}

// An HTTP body that breaks off gives io.ErrUnexpectedEOF: that is no end.
func TestScannerReaderEndsUnexpectedly(t *testing.T) {
	got := scanAll(t, io.MultiReader(strings.NewReader("data: a\n\n"), iotest.ErrReader(io.ErrUnexpectedEOF)))
	assert.ErrorIs(t, got.err, io.ErrUnexpectedEOF)
	assert.Equal(t, events{{data: "a"}}, got.events)
}

type readerFunc func(p []byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func TestScannerReaderReturnsNothing(t *testing.T) {
	nothing := readerFunc(func([]byte) (int, error) { return 0, nil })
	got := scanAll(t, io.MultiReader(strings.NewReader("data: a\n\ndata: b"), nothing))
	assert.ErrorIs(t, got.err, io.ErrNoProgress)
	assert.Equal(t, events{{data: "a"}}, got.events)
	assert.Equal(t, "data: b", got.tail())

	// Now and then nothing is allowed: it makes no empty line and no end.
	bytesLeft, calls := "data: a\r\n\r\ndata: b\n\n", 0
	sometimes := readerFunc(func(p []byte) (int, error) {
		if calls++; calls%10 > 0 {
			return 0, nil
		}
		n := copy(p[:1], bytesLeft)
		bytesLeft = bytesLeft[n:]
		if n == 0 {
			return 0, io.EOF
		}
		return n, nil
	})
	got = scanAll(t, sometimes)
	assert.NoError(t, got.err)
	assert.Equal(t, events{{data: "a"}, {data: "b"}}, got.events)
}

func TestScannerReaderReturnsImpossibleCounts(t *testing.T) {
	for name, count := range map[string]func(p []byte) int{
		"negative":      func(p []byte) int { return -1 },
		"most negative": func(p []byte) int { return math.MinInt },
		"one too many":  func(p []byte) int { return len(p) + 1 },
		"most":          func(p []byte) int { return math.MaxInt },
	} {
		t.Run(name, func(t *testing.T) {
			wrong := readerFunc(func(p []byte) (int, error) { return count(p), nil })
			got := scanAll(t, io.MultiReader(strings.NewReader("data: a\n\ndata: b"), wrong))
			assert.Error(t, got.err)
			assert.Equal(t, events{{data: "a"}}, got.events)
			assert.Equal(t, "data: b", got.tail())
		})
	}
}

// Nothing of the stream before shows in the one after Reset.
func TestScannerReset(t *testing.T) {
	const next = "\uFEFF\ndata: x\n\nretry: 1\n\nid: 1\ndata: y\r\n\r\ndata: z"
	want := scannedByReference(next)
	for name, before := range map[string]struct {
		r     io.Reader
		scans int
	}{
		"unused":                        {strings.NewReader("data: a\n\n"), 0},
		"with events left":              {strings.NewReader("id: 2\nevent: e\ndata: a\n\ndata: b\n\n"), 1},
		"at the end":                    {strings.NewReader("retry: 5\nid: 2\ndata: a\n\n"), 2},
		"in the middle of an event":     {strings.NewReader("id: 2\nevent: e\ndata: b"), 1},
		"in the middle of a CRLF":       {io.MultiReader(strings.NewReader("data: a\r\n\r"), strings.NewReader("\n")), 1},
		"after an error of the reader":  {iotest.ErrReader(errReader), 1},
		"after an event over the limit": {strings.NewReader("data: " + strings.Repeat("x", 100) + "\n\n"), 1},
		"in keep-alives over the limit": {strings.NewReader(": " + strings.Repeat("x", 100)), 1},
	} {
		t.Run(name, func(t *testing.T) {
			s := chatstream.NewScanner(before.r, chatstream.WithMaxEventSize(50))
			for range before.scans {
				s.Scan()
			}
			s.Reset(iotest.OneByteReader(strings.NewReader(next)))
			assert.Zero(t, s.Retry())
			assert.NoError(t, s.Err())
			assert.Equal(t, want, scanRest(t, s).mended())

			s.Reset(strings.NewReader("data: " + strings.Repeat("x", 100) + "\n\n"))
			assert.ErrorIs(t, scanRest(t, s).err, chatstream.ErrEventTooLarge, "the limit outlives Reset")
		})
	}
}

// TestBytesAreNotDecoded: events have bytes as they came, whether UTF-8 or not.
func TestBytesAreNotDecoded(t *testing.T) {
	const stream = "event: \xFFe\nid: \xFFi\ndata: {\"\xFF\":1}\n\n"
	s := chatstream.NewScanner(strings.NewReader(stream))
	d := chatstream.NewDecoder(strings.NewReader(stream))
	defer d.Close()
	require.True(t, s.Scan())
	require.NoError(t, d.Decode(new(chunk)))
	for _, e := range []chatstream.Event{s.Event(), d.Event()} {
		assert.Equal(t, "\xFFe", string(e.Type))
		assert.Equal(t, "\xFFi", string(e.LastEventID))
		assert.Equal(t, "{\"\xFF\":1}", string(e.Data))
		assert.Equal(t, stream, string(e.Raw))
	}
}
