package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// result is what one round of one way gave.
type result struct {
	chunks    int           // that the clients read
	perSecond float64       // of them
	cpu       time.Duration // of the proxy, per chunk
	memory    float64       // of the proxy, bytes per stream
	p50, p99  time.Duration // from upstream's write to the client's read
}

// measure drives one way for its time.
func measure(ctx context.Context, s settings, way string, upstream *child) (result, error) {
	front := upstream
	if way != direct {
		var err error
		if front, err = startChild(way, upstream.url); err != nil {
			return result{}, err
		}
		defer front.stop()
	}
	before, err := front.usage()
	if err != nil {
		return result{}, err
	}
	c := newClients(s, front.url)
	defer c.stop()
	if err := c.warmUp(ctx, s.warm); err != nil {
		return result{}, err
	}
	begin, err := front.usage()
	if err != nil {
		return result{}, err
	}
	from := time.Now()
	c.measuring.Store(true)
	if err := c.sleep(ctx, s.window); err != nil {
		return result{}, err
	}
	c.measuring.Store(false)
	took := time.Since(from)
	end, err := front.usage()
	if err != nil {
		return result{}, err
	}
	delays := c.stop()
	if len(delays) == 0 {
		return result{}, errors.New("no chunk came")
	}
	return result{
		chunks:    len(delays),
		perSecond: float64(len(delays)) / took.Seconds(),
		cpu:       (end.CPU - begin.CPU) / time.Duration(len(delays)),
		memory:    float64(int64(end.Memory-before.Memory)) / float64(s.streams),
		p50:       delays[len(delays)/2],
		p99:       delays[len(delays)*99/100],
	}, nil
}

// clients read streams, one goroutine each.
type clients struct {
	http      http.Client
	cancel    context.CancelFunc
	done      sync.WaitGroup
	waiting   atomic.Int64 // streams that have not given anything yet
	measuring atomic.Bool
	failed    chan error

	mu     sync.Mutex
	delays []time.Duration
}

func newClients(s settings, url string) *clients {
	ctx, cancel := context.WithCancel(context.Background())
	c := &clients{cancel: cancel, failed: make(chan error, s.streams)}
	c.http.Transport = &http.Transport{DisableCompression: true, MaxConnsPerHost: 0}
	c.waiting.Store(int64(s.streams))
	for range s.streams {
		c.done.Go(func() {
			if err := c.read(ctx, url); err != nil && ctx.Err() == nil {
				c.failed <- err
			}
		})
	}
	return c
}

// warmUp waits until every stream has begun, and then some time.
func (c *clients) warmUp(ctx context.Context, d time.Duration) error {
	for begun := time.Now(); c.waiting.Load() > 0; {
		if time.Since(begun) > time.Minute {
			return errors.New("not all streams have begun within a minute")
		}
		if err := c.sleep(ctx, 100*time.Millisecond); err != nil {
			return err
		}
	}
	return c.sleep(ctx, d)
}

// sleep waits, unless a stream fails.
func (c *clients) sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case err := <-c.failed:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// stop ends the streams and returns the delays that were measured, sorted.
func (c *clients) stop() []time.Duration {
	c.cancel()
	c.done.Wait()
	c.http.CloseIdleConnections()
	slices.Sort(c.delays)
	return c.delays
}

// read reads one stream for as long as it goes.
func (c *clients) read(ctx context.Context, url string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"/v1/chat/completions", nil)
	if err != nil {
		return err
	}
	resp, err := c.http.Do(request)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	var delays []time.Duration
	defer func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.delays = append(c.delays, delays...)
	}()
	lines := bufio.NewReaderSize(resp.Body, 1024)
	for first := true; ; first = false {
		line, err := lines.ReadSlice('\n')
		if err != nil {
			return err
		}
		if first {
			c.waiting.Add(-1)
		}
		if sent, ok := sentAt(line); ok && c.measuring.Load() {
			delays = append(delays, time.Since(time.Unix(0, sent)))
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
