package main

import (
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
)

// kind is what a finding departs from.
type kind int

const (
	kindSSE    kind = iota // the event stream standard, and what clients expect of it
	kindError              // an error in the stream
	kindStream             // what chunks must be to each other
	kindSchema             // the schema of one chunk
	kindNote               // nothing, but clients are known to trip
)

func (k kind) String() string { return [...]string{"sse", "error", "stream", "schema", "note"}[k] }

// place is where in the stream something was.
type place struct{ event, offset int64 }

// departure is a way in which a stream departs from what it should be.
type departure struct {
	kind        kind
	where, what string
}

// finding is a departure that occurred.
type finding struct {
	departure
	first   place
	times   int64
	example string // what stood there the first time
}

// maxFindings bounds the table, since what stands in it is the provider's.
const maxFindings = 500

// findings collects departures by kind, in the order of their first occurrence.
type findings struct {
	list  []*finding
	index map[departure]*finding
}

func (f *findings) add(d departure, at place) { f.addExample(d, at, "") }

func (f *findings) addExample(d departure, at place, example string) {
	found := f.index[d]
	if found == nil && len(f.list) >= maxFindings {
		d, example = departure{kindNote, "-", "further departures, too many kinds to list"}, ""
		found = f.index[d]
	}
	if found == nil {
		found = &finding{departure: d, first: at, example: example}
		f.list = append(f.list, found)
		if f.index == nil {
			f.index = make(map[departure]*finding)
		}
		f.index[d] = found
	}
	found.times++
}

// table writes the findings, a line each.
func (f *findings) table() string {
	slices.SortStableFunc(f.list, func(a, b *finding) int { return int(a.kind - b.kind) })
	var b strings.Builder
	t := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "KIND\tTIMES\tEVENT\tBYTE\tWHERE\tWHAT")
	for _, d := range f.list {
		what := d.what
		if d.example != "" {
			what += ", first " + d.example
		}
		fmt.Fprintf(t, "%v\t%d\t%d\t%d\t%s\t%s\n", d.kind, d.times, d.first.event, d.first.offset, printable(d.where), printable(what))
	}
	t.Flush()
	return b.String()
}
