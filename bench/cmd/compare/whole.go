package main

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/seed-08fc7208/chatstream/bench/subject"
	"github.com/seed-08fc7208/chatstream/bench/workload"
)

// wholeResult is what a way to decode whole answers needs for one.
type wholeResult struct {
	answer string
	name   string
	size   int
	rounds []float64 // ns, sorted
}

// whole times the ways to decode an answer that was not streamed, in turn.
func (p plan) whole() (results []wholeResult) {
	for _, a := range workload.Answers() {
		ways := subject.Wholes()
		first := len(results)
		for _, s := range ways {
			results = append(results, wholeResult{answer: a.Name, name: s.Name, size: len(a.Payload)})
		}
		for range p.rounds {
			for k, s := range ways {
				runtime.GC()
				n, start := 0, time.Now()
				for time.Since(start) < p.sample {
					for range 100 {
						_, _, _ = s.Decode(a.Payload) // TestWholesAgree: without an error
					}
					n += 100
				}
				r := &results[first+k]
				r.rounds = append(r.rounds, float64(time.Since(start).Nanoseconds())/float64(n))
			}
		}
	}
	for i := range results {
		slices.Sort(results[i].rounds)
	}
	return results
}

// wholes is the table of whole answers.
func (r *report) wholes(b *strings.Builder) {
	if len(r.whole) == 0 {
		return
	}
	b.WriteString("\n## An answer that is not streamed\n\n")
	b.WriteString("`UnmarshalCompletion`, and others into the struct of a client. The text is copied to a string by all.\n\n")
	b.WriteString("| | bytes | | best, ns | median, ns | times |\n|---|--:|---|--:|--:|--:|\n")
	ours := 0.0
	for _, x := range r.whole {
		if x.name == subject.Ours {
			ours = x.rounds[0]
		}
		fmt.Fprintf(b, "| %s | %d | %s | %s | %s | %s |\n", x.answer, x.size, x.name, number(x.rounds[0]), number(x.rounds[len(x.rounds)/2]), times(x.rounds[0], ours))
	}
}
