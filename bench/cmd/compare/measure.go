package main

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"time"

	"github.com/seed-08fc7208/chatstream/bench"
	"github.com/seed-08fc7208/chatstream/bench/subject"
	"github.com/seed-08fc7208/chatstream/bench/workload"
)

// path is what part of the work is timed.
type path string

const (
	wholePath path = "whole path"
	alone     path = "payload alone"
)

var paths = []path{wholePath, alone}

func (p path) runner(w *workload.Workload, s *subject.Subject) *bench.Runner {
	if p == alone {
		return bench.NewPayloadRunner(w, s)
	}
	return bench.NewStreamRunner(w, s)
}

// plan is how long is measured.
type plan struct {
	rounds int
	sample time.Duration
}

// result is what one subject needs for one workload.
type result struct {
	workload *workload.Workload
	subject  *subject.Subject
	path     path

	tally  subject.Tally
	rounds []float64 // ns per chunk, sorted
	allocs float64   // per chunk
	bytes  float64   // per chunk
	size   float64   // bytes of input per chunk
}

func (r *result) best() float64   { return r.rounds[0] }
func (r *result) median() float64 { return r.rounds[len(r.rounds)/2] }

// measure times all subjects on w. They take turns, round by round, so that what
// the machine does meanwhile meets all of them.
func (p plan) measure(w *workload.Workload, list []*subject.Subject, path path) (results []result) {
	type entrant struct {
		result
		runner *bench.Runner
		passes int
	}
	var field []*entrant
	for _, s := range list {
		r := path.runner(w, s)
		if r == nil {
			continue
		}
		e := &entrant{result: result{workload: w, subject: s, path: path}, runner: r}
		e.tally = pass(r) // warms caches, pools and compilers too
		seen := float64(e.tally.Seen())
		e.size = float64(r.Size()) / float64(w.Chunks())
		allocs, bytes := allocations(r)
		e.allocs, e.bytes = allocs/seen, bytes/seen
		once := max(timed(r, 1), time.Microsecond)
		e.passes = max(1, int(p.sample/once))
		field = append(field, e)
	}
	for range p.rounds {
		for _, e := range field {
			runtime.GC() // the garbage of the one before is not this one's
			t := timed(e.runner, e.passes)
			e.rounds = append(e.rounds, float64(t.Nanoseconds())/float64(e.passes)/float64(e.tally.Seen()))
		}
	}
	for _, e := range field {
		slices.Sort(e.rounds)
		results = append(results, e.result)
	}
	return results
}

func timed(r *bench.Runner, passes int) time.Duration {
	start := time.Now()
	for range passes {
		pass(r)
	}
	return time.Since(start)
}

// pass runs once. An error cannot come: the same pass was checked before.
func pass(r *bench.Runner) subject.Tally {
	t, err := r.Pass()
	if err != nil {
		fmt.Fprintln(os.Stderr, "compare:", err)
		os.Exit(1)
	}
	return t
}

// allocations counts what a warm pass allocates.
func allocations(r *bench.Runner) (count, bytes float64) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	pass(r)
	runtime.ReadMemStats(&after)
	return float64(after.Mallocs - before.Mallocs), float64(after.TotalAlloc - before.TotalAlloc)
}
