package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// way is one way from upstream to its clients, with processes of its own.
type way struct {
	name    string
	behind  *child // upstream: one for each way, since a port has 28,000 connections at most
	front   *child // what the clients speak to: the proxy, or upstream
	clients *clients
	idle    usage // before there was a stream
}

// results are those of each way by its name.
type results map[string]*result

// result is what all repeats gave.
type result struct {
	rounds []round
	delays *hdrhistogram.Histogram
	memory float64 // bytes per stream, of all repeats together
}

func (all results) of(name string) *result {
	if all[name] == nil {
		all[name] = &result{delays: newHistogram()}
	}
	return all[name]
}

// round is what one round gave.
type round struct {
	cpu    time.Duration
	chunks int
}

// perChunk is the proxy's CPU time for a chunk.
func (r round) perChunk() time.Duration { return r.cpu / time.Duration(max(r.chunks, 1)) }

// measure drives all ways once, started in an order that is another one each time.
func measure(ctx context.Context, s settings, all results) error {
	names := append([]string{direct}, s.ways...)
	var ways []*way
	for _, i := range rand.Perm(len(names)) {
		w, err := startWay(names[i], s)
		if err != nil {
			return fmt.Errorf("%s: %w", names[i], err)
		}
		defer w.stop()
		ways = append(ways, w)
	}
	err := openAll(ctx, s, ways)
	if err == nil {
		err = measureRounds(ctx, s, ways, all)
	}
	for _, w := range ways {
		if w.clients != nil {
			w.clients.stop()
			w.clients.delays.addTo(all.of(w.name).delays)
		}
	}
	return err
}

// startWay starts the processes of a way.
func startWay(name string, s settings) (*way, error) {
	upstream, err := startChild("upstream", fmt.Sprint(s.rate()))
	if err != nil {
		return nil, err
	}
	w := &way{name: name, behind: upstream, front: upstream}
	if name != direct {
		if w.front, err = startChild(name, upstream.url); err != nil {
			upstream.stop()
			return nil, err
		}
	}
	return w, nil
}

func (w *way) stop() {
	w.behind.stop()
	if w.front != w.behind {
		w.front.stop()
	}
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

func measureRounds(ctx context.Context, s settings, ways []*way, all results) error {
	if err := watch(ctx, ways, time.Now().Add(s.warm)); err != nil {
		return err
	}
	if err := watch(ctx, ways, nextRound(len(ways), time.Now())); err != nil {
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
		if err := watch(ctx, ways, nextRound(len(ways), time.Now())); err != nil {
			return err
		}
		after, err := snapshot(ways)
		if err != nil {
			return err
		}
		for i, w := range ways {
			r := all.of(w.name)
			r.rounds = append(r.rounds, round{cpu: after[i].cpu - before[i].cpu, chunks: after[i].chunks - before[i].chunks})
		}
		before = after
	}
	return measureMemory(s, ways, all)
}

// snapshot tells how much of everything there was since the start.
func snapshot(ways []*way) ([]round, error) {
	all := make([]round, len(ways))
	for i, w := range ways {
		u, err := w.front.usage(false)
		if err != nil {
			return nil, err
		}
		all[i] = round{cpu: u.CPU, chunks: int(w.clients.chunks.Load())}
	}
	return all, nil
}

func measureMemory(s settings, ways []*way, all results) error {
	for _, w := range ways {
		u, err := w.front.usage(true)
		if err != nil {
			return err
		}
		all.of(w.name).memory += float64(int64(u.Memory-w.idle.Memory)) / float64(s.streams)
	}
	return nil
}

// watch waits until then, unless a stream fails.
func watch(ctx context.Context, ways []*way, then time.Time) error {
	ctx, cancel := context.WithDeadline(ctx, then)
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
