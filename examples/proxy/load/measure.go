package main

import (
	"context"
	"fmt"
	"time"
)

// way is one way from upstream to its clients.
type way struct {
	name    string
	front   *child // what the clients speak to: the proxy, or upstream
	clients *clients
	idle    usage // before there was a stream
	rounds  []round
	memory  float64 // bytes per stream
}

// round is what one round gave.
type round struct {
	took   time.Duration
	cpu    time.Duration
	chunks int
}

// perChunk is the proxy's CPU time for a chunk.
func (r round) perChunk() time.Duration { return r.cpu / time.Duration(max(r.chunks, 1)) }

// measure drives all ways.
func measure(ctx context.Context, s settings) ([]*way, error) {
	upstream, err := startChild("upstream", fmt.Sprint(s.rate))
	if err != nil {
		return nil, err
	}
	defer upstream.stop()
	var ways []*way
	for _, name := range append([]string{direct}, s.ways...) {
		w := &way{name: name, front: upstream}
		if name != direct {
			if w.front, err = startChild(name, upstream.url); err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			defer w.front.stop()
		}
		ways = append(ways, w)
	}
	if err := openAll(ctx, s, ways); err != nil {
		return nil, err
	}
	defer func() {
		for _, w := range ways {
			w.clients.stop()
		}
	}()
	return ways, measureRounds(ctx, s, ways)
}

// openAll opens the streams of all ways.
func openAll(ctx context.Context, s settings, ways []*way) (err error) {
	for i, w := range ways {
		if w.idle, err = w.front.usage(true); err != nil {
			return err
		}
		w.clients = newClients(s.streams, fmt.Sprintf("%s/v1/chat/completions?way=%d&ways=%d", w.front.url, i, len(ways)))
		if err := w.clients.waitOpen(ctx); err != nil {
			return fmt.Errorf("%s: %w", w.name, err)
		}
	}
	return nil
}

func measureRounds(ctx context.Context, s settings, ways []*way) error {
	if err := watch(ctx, ways, s.warm); err != nil {
		return err
	}
	for _, w := range ways {
		w.clients.measuring.Store(true)
	}
	before, err := snapshot(ways)
	if err != nil {
		return err
	}
	for range s.rounds {
		if err := watch(ctx, ways, s.round); err != nil {
			return err
		}
		after, err := snapshot(ways)
		if err != nil {
			return err
		}
		for i, w := range ways {
			w.rounds = append(w.rounds, round{
				took:   after[i].took - before[i].took,
				cpu:    after[i].cpu - before[i].cpu,
				chunks: after[i].chunks - before[i].chunks,
			})
		}
		before = after
	}
	return measureMemory(s, ways)
}

var start = time.Now()

// snapshot tells how much of everything there was since the start.
func snapshot(ways []*way) ([]round, error) {
	all := make([]round, len(ways))
	for i, w := range ways {
		u, err := w.front.usage(false)
		if err != nil {
			return nil, err
		}
		all[i] = round{took: time.Since(start), cpu: u.CPU, chunks: int(w.clients.chunks.Load())}
	}
	return all, nil
}

func measureMemory(s settings, ways []*way) error {
	for _, w := range ways {
		u, err := w.front.usage(true)
		if err != nil {
			return err
		}
		w.memory = float64(int64(u.Memory-w.idle.Memory)) / float64(s.streams)
	}
	return nil
}

// watch waits, unless a stream fails.
func watch(ctx context.Context, ways []*way, d time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	failed := make(chan error, len(ways))
	for _, w := range ways {
		go func() { failed <- w.clients.failure(ctx) }()
	}
	for range ways {
		if err := <-failed; err != nil {
			return err
		}
	}
	return nil
}
