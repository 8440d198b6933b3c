package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"
)

// clients read streams, one goroutine each. They are a process of their own, which is
// told what to do over HTTP: a process has as many files open as it may, and each way
// takes one for each stream.
type clients struct {
	n         int
	http      http.Client
	unopened  atomic.Int64 // streams that have not given anything yet
	measuring atomic.Bool
	chunks    atomic.Int64
	failed    chan error

	delays delays // from upstream's write to the client's read
}

// maxOpening is how many streams are opened at a time: a listener has a queue.
const maxOpening = 200

func newClients(n int) *clients {
	c := &clients{n: n, failed: make(chan error, n)}
	c.http.Transport = &http.Transport{DisableCompression: true}
	c.unopened.Store(int64(n))
	return c
}

// Paths of clients.
const (
	openPath   = "/open"   // opens the streams of the given url, and answers when all have begun
	statePath  = "/state"  // with measuring=true, delays are recorded from now on
	delaysPath = "/delays" // the histogram
)

// clientState is what clients say of themselves.
type clientState struct {
	Chunks  int    // since the beginning
	Failure string // of a stream
}

func (c *clients) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST "+openPath, func(w http.ResponseWriter, r *http.Request) {
		c.open(r.FormValue("url"))
		if err := c.waitOpen(r.Context()); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
		}
	})
	mux.HandleFunc("GET "+statePath, func(w http.ResponseWriter, r *http.Request) {
		if r.FormValue("measuring") == "true" {
			c.measuring.Store(true)
		}
		state := clientState{Chunks: int(c.chunks.Load())}
		select {
		case err := <-c.failed:
			state.Failure = err.Error()
		default:
		}
		json.NewEncoder(w).Encode(state)
	})
	mux.HandleFunc("GET "+delaysPath, func(w http.ResponseWriter, _ *http.Request) {
		all := newHistogram()
		c.delays.addTo(all)
		json.NewEncoder(w).Encode(all.Export())
	})
	return mux
}

// open begins to read. The streams end with the process.
func (c *clients) open(url string) {
	opening := make(chan bool, maxOpening)
	for i := range c.n {
		go func() { c.failed <- c.read(url, i, opening) }()
	}
}

// waitOpen waits until every stream has begun.
func (c *clients) waitOpen(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	for c.unopened.Load() > 0 {
		select {
		case <-time.After(50 * time.Millisecond):
		case err := <-c.failed:
			return err
		case <-ctx.Done():
			return errors.New("not all streams have begun")
		}
	}
	return nil
}

// read reads one stream for as long as it goes.
func (c *clients) read(url string, stream int, opening chan bool) error {
	opening <- true
	resp, err := c.http.Post(url, "", nil)
	<-opening
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	lines := bufio.NewReaderSize(resp.Body, 1024)
	for first := true; ; first = false {
		line, err := lines.ReadSlice('\n')
		if err != nil {
			return err
		}
		if first {
			c.unopened.Add(-1)
		}
		if sent, ok := sentAt(line); ok {
			c.chunks.Add(1)
			if c.measuring.Load() {
				c.delays.record(stream, time.Since(time.Unix(0, sent)))
			}
		}
	}
}

// sentAt returns when upstream sent the chunk of a line.
func sentAt(line []byte) (int64, bool) {
	rest, ok := bytes.CutPrefix(line, []byte(chunkBegin))
	if !ok {
		return 0, false
	}
	digits, _, _ := bytes.Cut(rest, []byte(`"`))
	sent, err := strconv.ParseInt(string(digits), 10, 64)
	return sent, err == nil
}
