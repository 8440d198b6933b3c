package chatstream_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-08fc7208/chatstream"
)

// lateBody is a body whose second Read waits, and writes into its buffer only when it is
// told so, long after Close.
type lateBody struct {
	first   io.Reader
	waits   chan struct{} // closed when a Read waits
	resume  chan struct{}
	wrote   chan struct{} // closed when it has written
	closed  atomic.Int64  // how often
	foreign byte
}

func newLateBody(first string) *lateBody {
	return &lateBody{
		first: strings.NewReader(first), foreign: 'E',
		waits: make(chan struct{}), resume: make(chan struct{}), wrote: make(chan struct{}),
	}
}

func (b *lateBody) Read(p []byte) (int, error) {
	if n, err := b.first.Read(p); err == nil {
		return n, nil
	}
	close(b.waits)
	<-b.resume
	for i := range p {
		p[i] = b.foreign
	}
	close(b.wrote)
	return len(p), nil
}

func (b *lateBody) Close() error {
	b.closed.Add(1)
	return errReader
}

func responseWith(body io.ReadCloser) *http.Response {
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"text/event-stream"}}, Body: body}
}

// innocents are streams whose buffers come from the pool after Close, and which are then
// looked at as long as they live.
type innocents struct {
	decoders []*chatstream.Decoder
	chunks   []*chunk
}

func newInnocents(t *testing.T) (in innocents) {
	t.Helper()
	for i := range 16 {
		d := chatstream.NewDecoder(strings.NewReader(ownedStream(fmt.Sprintf("<innocent/%d>", i), 1)))
		c := new(chunk)
		require.NoError(t, d.Decode(c))
		in.decoders, in.chunks = append(in.decoders, d), append(in.chunks, c)
	}
	return in
}

// require: none has a byte that is not its own, up to its end.
func (in innocents) require(t *testing.T) {
	t.Helper()
	for i, d := range in.decoders {
		mark := fmt.Sprintf("<innocent/%d>", i)
		require.Nil(t, stranger(mark, in.chunks[i], d.Event()))
		for n := 1; n < ownedChunks; n++ {
			require.NoError(t, d.Decode(in.chunks[i]))
			require.Nil(t, stranger(mark, in.chunks[i], d.Event()))
		}
		require.NoError(t, d.Close())
	}
}

// TestCloseWhileReadBlocks: Close from another goroutine does not release a buffer while a Read may
// still write into it.
func TestCloseWhileReadBlocks(t *testing.T) {
	const first = "data: {\"id\":\"first\"}\n\n"
	run := func(t *testing.T, body *lateBody, step func() error, closeIt func() error, wantClose error) {
		require.NoError(t, step())
		result := make(chan error, 1)
		go func() { result <- step() }()
		<-body.waits
		assert.Equal(t, wantClose, closeIt())
		in := newInnocents(t)
		close(body.resume)
		<-body.wrote
		require.ErrorIs(t, within(t, func() error { return <-result }), chatstream.ErrClosed)
		in.require(t)
		require.ErrorIs(t, step(), chatstream.ErrClosed)
		assert.NoError(t, closeIt(), "further calls do nothing")
		newInnocents(t).require(t)
	}
	t.Run("Decoder", func(t *testing.T) {
		body := newLateBody(first)
		d, err := chatstream.FromResponse(responseWith(body))
		require.NoError(t, err)
		var c chunk
		run(t, body, func() error { return d.Decode(&c) }, d.Close, errReader)
		assert.Equal(t, int64(1), body.closed.Load())
		d.Reset(strings.NewReader(first))
		assert.Equal(t, int64(1), body.closed.Load(), "Reset does not close it again")
		require.NoError(t, d.Decode(&c))
	})
	t.Run("All", func(t *testing.T) {
		body := newLateBody(first)
		d, err := chatstream.FromResponse(responseWith(body))
		require.NoError(t, err)
		step := func() (err error) {
			for _, err = range d.All() {
				return err
			}
			return chatstream.ErrClosed // has been yielded already
		}
		run(t, body, step, d.Close, errReader)
		assert.Equal(t, int64(1), body.closed.Load())
	})
	t.Run("Scanner", func(t *testing.T) {
		body := newLateBody(first)
		s := chatstream.NewScanner(body)
		step := func() error {
			if s.Scan() {
				return nil
			}
			return s.Err()
		}
		run(t, body, step, s.Close, nil)
		assert.Zero(t, body.closed.Load(), "the reader is the caller's")
		s.Reset(strings.NewReader(first))
		require.True(t, s.Scan(), "Reset reopens")
	})
}

// TestCloseBetweenCalls: borrowed memory stays valid until the owner's next call, also if another
// goroutine has closed the Decoder.
func TestCloseBetweenCalls(t *testing.T) {
	elsewhere := func(f func() error) {
		done := make(chan struct{})
		go func() { f(); close(done) }()
		<-done
	}
	stream := ownedStream("<owner/1>", 2)
	for at := 1; at < ownedChunks; at++ {
		var c chunk
		d := chatstream.NewDecoder(strings.NewReader(stream))
		for range at {
			require.NoError(t, d.Decode(&c))
		}
		want, raw := string(c.AppendJSON(nil)), string(d.Event().Raw)
		elsewhere(d.Close)
		in := newInnocents(t)
		require.Equal(t, want, string(c.AppendJSON(nil)))
		require.Equal(t, raw, string(d.Event().Raw))
		require.ErrorIs(t, d.Decode(&c), chatstream.ErrClosed)
		require.Empty(t, c.Choices)
		in.require(t)
		require.Equal(t, int64(at), d.Stats().Chunks)
	}

	d := chatstream.NewDecoder(strings.NewReader(stream))
	var errs []error
	for c, err := range d.All() {
		errs = append(errs, err)
		if err == nil {
			elsewhere(d.Close)
			require.Nil(t, stranger("<owner/1>", c, d.Event()))
		}
	}
	require.Len(t, errs, 2)
	require.ErrorIs(t, errs[1], chatstream.ErrClosed)

	s := chatstream.NewScanner(strings.NewReader(stream))
	require.True(t, s.Scan())
	data := string(s.Event().Data)
	elsewhere(s.Close)
	newInnocents(t).require(t)
	require.Equal(t, data, string(s.Event().Data))
	require.False(t, s.Scan())
	require.ErrorIs(t, s.Err(), chatstream.ErrClosed)
	require.False(t, s.Scan())
}

// TestLastEventOutlivesTheBuffer: the final Decode releases the buffer, and its event is still
// valid.
func TestLastEventOutlivesTheBuffer(t *testing.T) {
	long := ": " + strings.Repeat("long ", 40<<10)
	for _, tail := range []string{"data: [DONE]\n\n", ": last words", long, "event: e\ndata: {\"id\":", "event: e\ndata: {\"id\":\ndata: \"" + long[2:]} {
		stream := "data: {\"choices\":[{\"finish_reason\":\"stop\"}]}\n\n" + tail
		var c chunk
		d := chatstream.NewDecoder(strings.NewReader(stream))
		require.NoError(t, d.Decode(&c))
		require.Error(t, d.Decode(&c))
		e := d.Event()
		newInnocents(t).require(t)
		require.Equal(t, tail, string(e.Raw))
		if strings.HasPrefix(tail, "event") {
			require.Equal(t, "e", string(e.Type))
			require.Equal(t, "{\"id\":", string(e.Data[:6]))
		}
		require.Equal(t, int64(len(stream)), d.Stats().Bytes)

		s := chatstream.NewScanner(strings.NewReader(": first\n\n" + tail))
		for s.Scan() {
		}
		e = s.Event()
		newInnocents(t).require(t)
		if !strings.HasSuffix(tail, "\n\n") {
			require.Equal(t, ": first\n\n"+tail, string(e.Raw))
		}
	}
}

var allCloses = flag.Int("closes", 2_000, "how many streams TestCloseAtAnyTime closes; 10,000 were run with -race")

// TestCloseAtAnyTime: other goroutines close thousands of streams over HTTP at any time. No stream
// sees a byte of another stream.
//
//	go test -race -run CloseAtAnyTime . -closes 10000
//	go test -race -tags chatstream_poison -run CloseAtAnyTime . -closes 10000
func TestCloseAtAnyTime(t *testing.T) {
	closes, workers := *allCloses, 16
	if testing.Short() {
		closes = 480
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		stream := ownedStream(r.URL.Query().Get("mark"), 2+rand.IntN(8))
		for len(stream) > 0 { // cut anywhere
			n := min(1+rand.IntN(900), len(stream))
			io.WriteString(w, stream[:n])
			w.(http.Flusher).Flush()
			stream = stream[n:]
		}
		if r.URL.Query().Has("stalls") {
			<-r.Context().Done()
		}
	}))
	defer server.Close()
	client := &http.Client{Transport: &http.Transport{
		MaxIdleConnsPerHost: workers,
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := new(net.Dialer).DialContext(ctx, network, address)
			if tcp, ok := conn.(*net.TCPConn); ok {
				tcp.SetLinger(0) // thousands of closed connections would use up the ports
			}
			return conn, err
		},
	}}
	defer client.CloseIdleConnections()
	get := func(mark, query string) io.ReadCloser {
		resp, err := client.Get(server.URL + "?mark=" + mark + query)
		if err != nil {
			t.Error(err)
			return http.NoBody
		}
		return resp.Body
	}

	var left, ended atomic.Int64 // closed before their end; all of those
	left.Store(int64(closes))
	var closers, beside sync.WaitGroup
	for worker := range workers {
		closers.Go(func() {
			for n := left.Add(-1); n >= 0; n = left.Add(-1) {
				mark := fmt.Sprintf("<%d/%d>", worker, n)
				if bad := closedAtAnyTime(get(mark, "&stalls"), mark, int(n)); bad != nil {
					t.Errorf("%s has %.200q", mark, bad)
				}
				ended.Add(1)
			}
		})
	}
	stop := make(chan struct{})
	var innocent atomic.Int64
	for worker := range 4 {
		beside.Go(func() {
			var c chunk
			for n := 0; ; n++ {
				select {
				case <-stop:
					return
				default:
				}
				mark := fmt.Sprintf("<innocent/%d.%d>", worker, n)
				d := chatstream.NewDecoder(get(mark, ""))
				for range ownedChunks {
					if err := d.Decode(&c); err != nil {
						t.Errorf("%s: %v", mark, err)
					} else if bad := stranger(mark, &c, d.Event()); bad != nil {
						t.Errorf("%s has %.200q", mark, bad)
					}
				}
				innocent.Add(1)
			}
		})
	}
	closers.Wait()
	close(stop)
	beside.Wait()
	assert.Equal(t, int64(closes), ended.Load())
	t.Logf("%d closes, %d innocent streams", ended.Load(), innocent.Load())
}

// closedAtAnyTime reads a stream that never ends until another goroutine closes it, and
// returns what is not of the stream.
func closedAtAnyTime(body io.ReadCloser, mark string, kind int) (bad []byte) {
	var closeIt func() error
	var read func() ([]byte, error)
	switch kind % 3 {
	case 0:
		s := chatstream.NewScanner(body)
		closeIt = func() error { s.Close(); return body.Close() }
		read = func() ([]byte, error) {
			if !s.Scan() {
				return nil, chatstream.ErrClosed
			}
			if string(s.Event().Data) == "[DONE]" {
				return nil, nil
			}
			return stranger(mark, new(chunk), s.Event()), nil
		}
	default:
		d, err := chatstream.FromResponse(responseWith(body))
		if err != nil {
			return []byte(err.Error())
		}
		closeIt = d.Close
		c := new(chunk)
		read = func() ([]byte, error) {
			if err := d.Decode(c); err != nil {
				return nil, err
			}
			return stranger(mark, c, d.Event()), nil
		}
	}
	var done sync.WaitGroup
	done.Go(func() {
		time.Sleep(time.Duration(rand.IntN(2000)) * time.Microsecond)
		closeIt()
	})
	defer done.Wait()
	for {
		b, err := read()
		switch {
		case b != nil && bad == nil:
			bad = bytes.Clone(b)
		case errors.Is(err, chatstream.ErrClosed):
			return bad
		case err != nil && err != io.EOF: // at [DONE]
			return []byte(err.Error())
		}
	}
}
