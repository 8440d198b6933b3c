package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/url"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// way is one way from upstream to its clients, with processes of its own.
type way struct {
	name    string
	behind  *child // upstream: one for each way, since a port has 28,000 connections at most
	front   *child // what the clients speak to: the proxy, or upstream
	clients *child
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
	if err := openAll(ctx, s, ways); err != nil {
		return err
	}
	if err := measureRounds(ctx, s, ways, all); err != nil {
		return err
	}
	for _, w := range ways {
		var delays hdrhistogram.Snapshot
		if err := w.clients.get(delaysPath, &delays); err != nil {
			return err
		}
		all.of(w.name).delays.Merge(hdrhistogram.Import(&delays))
	}
	return nil
}

// startWay starts the processes of a way.
func startWay(name string, s settings) (*way, error) {
	upstream, err := startChild("upstream", fmt.Sprint(s.rate()))
	if err != nil {
		return nil, err
	}
	w := &way{name: name, behind: upstream, front: upstream}
	if name != direct {
		w.front, err = startChild(name, upstream.url)
	}
	if err == nil {
		w.clients, err = startChild("clients", fmt.Sprint(s.streams))
	}
	if err != nil {
		w.stop()
		return nil, err
	}
	return w, nil
}

// stop ends the processes, the clients first.
func (w *way) stop() {
	for _, c := range []*child{w.clients, w.front, w.behind} {
		if c != nil {
			c.stop()
		}
	}
}

// openAll opens the streams of all ways.
func openAll(ctx context.Context, s settings, ways []*way) (err error) {
	for i, w := range ways {
		if w.idle, err = w.front.usage(true); err != nil {
			return err
		}
		target := fmt.Sprintf("%s/v1/chat/completions?way=%d&ways=%d", w.front.url, i, len(ways))
		if err := w.clients.post(ctx, openPath, url.Values{"url": {target}}); err != nil {
			return fmt.Errorf("%s: %w", w.name, err)
		}
	}
	return nil
}

func measureRounds(ctx context.Context, s settings, ways []*way, all results) error {
	if err := sleep(ctx, time.Now().Add(s.warm)); err != nil {
		return err
	}
	if err := sleep(ctx, nextRound(len(ways), time.Now())); err != nil {
		return err
	}
	before, err := snapshot(ways)
	if err != nil {
		return err
	}
	for range s.rounds {
		if err := sleep(ctx, nextRound(len(ways), time.Now())); err != nil {
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

// snapshot tells how much of everything there was since the start. From the first one
// on, delays are recorded.
func snapshot(ways []*way) ([]round, error) {
	all := make([]round, len(ways))
	for i, w := range ways {
		u, err := w.front.usage(false)
		if err != nil {
			return nil, err
		}
		var state clientState
		if err := w.clients.get(statePath+"?measuring=true", &state); err != nil {
			return nil, err
		}
		if state.Failure != "" {
			return nil, fmt.Errorf("%s: %s", w.name, state.Failure)
		}
		all[i] = round{cpu: u.CPU, chunks: state.Chunks}
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

func sleep(ctx context.Context, then time.Time) error {
	select {
	case <-time.After(time.Until(then)):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
