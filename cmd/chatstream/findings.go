package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
)

// place is a place in the stream.
type place struct{ event, offset int64 }

// finding is one result of a check, with the number of times.
type finding struct {
	findingKey
	first   place
	times   int64
	example string // the text of the first occurrence
}

// findingKey tells findings apart.
type findingKey struct {
	check *check
	where string
	what  string // the text of the check, of the Decoder or of Validate
}

// The bounds of the table, because its texts come from the provider.
const (
	maxFindings = 500
	maxAlike    = 20  // findings of one check at one place
	maxNote     = 200 // bytes of a text in it
)

// findings collects the results of the checks, in the order of their first occurrence.
type findings struct {
	list  []*finding
	index map[findingKey]*finding
	alike map[findingKey]int // by check and where
}

func (f *findings) add(c *check, where, example string, at place) {
	f.addWhat(c, where, c.what, example, at)
}

// addWhat adds a finding with its own text.
func (f *findings) addWhat(c *check, where, what, example string, at place) {
	key := findingKey{c, cut(where, maxNote), cut(what, maxNote)}
	found := f.index[key]
	if found == nil {
		key = f.bounded(key)
		if found = f.index[key]; found == nil {
			found = &finding{findingKey: key, first: at, example: cut(example, maxNote)}
			f.list = append(f.list, found)
			f.index[key] = found
		}
	}
	found.times++
}

// bounded returns the key for a new finding: its own, or, if the table is full, the key for all
// others.
func (f *findings) bounded(key findingKey) findingKey {
	if f.index == nil {
		f.index, f.alike = make(map[findingKey]*finding), make(map[findingKey]int)
	}
	place := findingKey{check: key.check, where: key.where}
	switch {
	case len(f.list) >= maxFindings:
		return findingKey{notChecked, "-", "further findings, too many kinds to list"}
	case f.alike[place] >= maxAlike:
		return findingKey{key.check, key.where, "others, too many to list"}
	}
	f.alike[place]++
	return key
}

// sorted returns the findings by level and, within it, in the order of the checks.
func (f *findings) sorted() []*finding {
	order := make(map[*check]int, len(allChecks))
	for i, c := range allChecks {
		order[c] = i
	}
	slices.SortStableFunc(f.list, func(a, b *finding) int {
		return cmp.Or(cmp.Compare(a.check.level, b.check.level), cmp.Compare(order[a.check], order[b.check]))
	})
	return f.list
}

// table writes the findings, one per line.
func (f *findings) table() string {
	var b strings.Builder
	t := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "LEVEL\tCHECK\tTIMES\tEVENT\tBYTE\tWHERE\tWHAT")
	for _, d := range f.sorted() {
		what := d.what
		if d.example != "" {
			what += ", first " + d.example
		}
		fmt.Fprintf(t, "%v\t%s\t%d\t%d\t%d\t%s\t%s\n", d.check.level, d.check.name, d.times, d.first.event, d.first.offset, printable(d.where), printable(what))
	}
	t.Flush()
	return b.String()
}
