package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// clients read streams, one goroutine each.
type clients struct {
	http      http.Client
	cancel    context.CancelFunc
	done      sync.WaitGroup
	unopened  atomic.Int64 // streams that have not given anything yet
	measuring atomic.Bool
	chunks    atomic.Int64
	failed    chan error

	delays delays // from upstream's write to the client's read
}

// maxOpening is how many streams are opened at a time: a listener has a queue.
const maxOpening = 200

func newClients(n int, url string) *clients {
	ctx, cancel := context.WithCancel(context.Background())
	c := &clients{cancel: cancel, failed: make(chan error, n)}
	c.http.Transport = &http.Transport{DisableCompression: true}
	c.unopened.Store(int64(n))
	opening := make(chan bool, maxOpening)
	for i := range n {
		c.done.Go(func() {
			if err := c.read(ctx, url, i, opening); err != nil && ctx.Err() == nil {
				c.failed <- err
			}
		})
	}
	return c
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

// failure waits for a stream to fail; at the end of the time it returns nil.
func (c *clients) failure(ctx context.Context) error {
	select {
	case err := <-c.failed:
		return err
	case <-ctx.Done():
		if err := ctx.Err(); !errors.Is(err, context.DeadlineExceeded) {
			return err
		}
		return nil
	}
}

// stop ends the streams.
func (c *clients) stop() {
	c.cancel()
	c.done.Wait()
	c.http.CloseIdleConnections()
}

// read reads one stream for as long as it goes.
func (c *clients) read(ctx context.Context, url string, stream int, opening chan bool) error {
	opening <- true
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, nil)
	if err != nil {
		return err
	}
	resp, err := c.http.Do(request)
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
