package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/seed-08fc7208/chatstream/bench/subject"
	"github.com/seed-08fc7208/chatstream/bench/workload"
)

// report is all that was found.
type report struct {
	machine   machine
	plan      plan
	missing   error     // why a workload is not here
	main      [2]string // the workloads that are quoted
	subjects  []*subject.Subject
	workloads []*workload.Workload
	results   []result
	living    []lifeResult // pushed and pulled in turn
	whole     []wholeResult
}

// find is the result of a subject on a workload, or nil.
func (r *report) find(w string, s *subject.Subject, p path) *result {
	i := slices.IndexFunc(r.results, func(x result) bool {
		return x.workload.Name == w && x.subject.Name == s.Name && x.path == p
	})
	if i < 0 {
		return nil
	}
	return &r.results[i]
}

// ours is what chatstream needs for w.
func (r *report) ours(w string, p path) *result { return r.find(w, r.subjects[0], p) }

// markdown is the report as a document; picture is the name of its chart, if any.
func (r *report) markdown(picture string) string {
	var b strings.Builder
	b.WriteString("# Comparison with other decoders\n\n")
	b.WriteString("Written by `go -C bench run ./cmd/compare -out ../docs`; do not edit.\n\n")
	fmt.Fprintf(&b, "%s, %s, %s, %s. ", r.machine.cpu, r.machine.os, r.machine.goes, r.machine.date)
	fmt.Fprintf(&b, "All subjects run in turn within one process, %d rounds of at least %v each; best and median of the rounds.\n", r.plan.rounds, r.plan.sample)
	b.WriteString("Their results are checked against each other before they are timed.\n")
	if r.missing != nil {
		fmt.Fprintf(&b, "\nOn this machine: %v.\n", r.missing)
	}
	if picture != "" {
		fmt.Fprintf(&b, "\n![Time per chunk of each decoder](%s)\n", picture)
	}
	r.lives(&b)
	for _, p := range paths {
		for _, w := range r.workloads {
			if slices.Contains(r.main[:], w.Name) {
				r.one(&b, w, p)
			}
		}
	}
	for _, p := range paths {
		if len(r.workloads) > 0 {
			r.matrix(&b, p)
		}
	}
	r.wholes(&b)
	r.whatTheyDo(&b)
	r.versions(&b)
	return b.String()
}

// one is the table of one workload.
func (r *report) one(b *strings.Builder, w *workload.Workload, p path) {
	fmt.Fprintf(b, "\n## %s, %s\n\n", title(p), w.Name)
	fmt.Fprintf(b, "%s: %d chunks, %s, %.0f bytes a chunk with the framing.\n\n", capital(w.About), w.Chunks(), streams(len(w.Streams)), float64(w.Bytes())/float64(w.Chunks()))
	b.WriteString("| | ns/chunk, best | median | MB/s | times ours, best | median | allocs/chunk | B/chunk | chunks decoded |\n")
	b.WriteString("|---|--:|--:|--:|--:|--:|--:|--:|--:|\n")
	ours := r.ours(w.Name, p)
	for _, s := range r.subjects {
		x := r.find(w.Name, s, p)
		if x == nil {
			continue
		}
		fmt.Fprintf(b, "| %s | %s | %s | %.0f | %s | %s | %s | %s | %s |\n", label(s, p), number(x.best()), number(x.median()),
			x.size/x.best()*1e3, times(x.best(), ours.best()), times(x.median(), ours.median()), number(x.allocs), number(x.bytes), decoded(x))
	}
}

// matrix is a table of all workloads.
func (r *report) matrix(b *strings.Builder, p path) {
	fmt.Fprintf(b, "\n## %s, all workloads\n\nns/chunk, best (times ours).\n\n| |", title(p))
	var columns []*subject.Subject
	for _, s := range r.subjects {
		if r.find(r.workloads[0].Name, s, p) != nil {
			columns = append(columns, s)
			fmt.Fprintf(b, " %s |", label(s, p))
		}
	}
	b.WriteString("\n|---|" + strings.Repeat("--:|", len(columns)) + "\n")
	for _, w := range r.workloads {
		fmt.Fprintf(b, "| %s |", w.Name)
		ours := r.ours(w.Name, p)
		for i, s := range columns {
			x := r.find(w.Name, s, p)
			if i == 0 {
				fmt.Fprintf(b, " %s |", number(x.best()))
				continue
			}
			fmt.Fprintf(b, " %s (%s) |", number(x.best()), times(x.best(), ours.best()))
		}
		b.WriteString("\n")
	}
	b.WriteString("\n")
	for _, w := range r.workloads {
		fmt.Fprintf(b, "- **%s**: %s\n", w.Name, w.About)
	}
}

// whatTheyDo is what the time is spent for.
func (r *report) whatTheyDo(b *strings.Builder) {
	traits := subject.Traits()
	b.WriteString("\n## What they do\n\nTried out on each; what cannot be tried is in the last column.\n\n| |")
	for _, t := range traits {
		fmt.Fprintf(b, " %s |", t.Name)
	}
	b.WriteString(" does not have |\n|---|" + strings.Repeat(":-:|", len(traits)) + "---|\n")
	for _, s := range r.subjects {
		fmt.Fprintf(b, "| %s |", s.Name)
		for _, t := range traits {
			fmt.Fprintf(b, " %s |", holds(t, s))
		}
		fmt.Fprintf(b, " %s |\n", s.Not)
	}
	b.WriteString("\n")
	for _, t := range traits {
		fmt.Fprintf(b, "- **%s**: %s\n", t.Name, t.About)
	}
}

// holds tries t on s, where it has a chunk to look at.
func holds(t subject.Trait, s *subject.Subject) string {
	if s.NewStream == nil || slices.Contains(s.Blind, subject.Content) {
		return ""
	}
	if t.Holds(s.NewStream()) {
		return "yes"
	}
	return "–"
}

func (r *report) versions(b *strings.Builder) {
	b.WriteString("\n## Versions\n\n")
	var seen []string
	for _, s := range r.subjects {
		if s.Module != "" && !slices.Contains(seen, s.Module) {
			seen = append(seen, s.Module)
			fmt.Fprintf(b, "- `%s` %s\n", s.Module, version(s.Module))
		}
	}
}

// label names a subject; without a stream there is no bufio in it.
func label(s *subject.Subject, p path) string {
	if p == alone {
		return strings.TrimPrefix(s.Name, "bufio + ")
	}
	return s.Name
}

func title(p path) string {
	if p == alone {
		return "One payload alone"
	}
	return "Whole path"
}

func streams(n int) string {
	if n == 1 {
		return "one stream"
	}
	return fmt.Sprintf("%d streams", n)
}

func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// decoded says how many chunks came out, where not all did.
func decoded(x *result) string {
	if x.tally.Chunks == x.workload.Chunks() {
		return "all"
	}
	return fmt.Sprintf("%d of %d", x.tally.Chunks, x.workload.Chunks())
}

func times(x, ours float64) string {
	if x == ours {
		return "1"
	}
	return number(x/ours) + "×"
}

// number has about three digits.
func number(x float64) string {
	switch {
	case x == 0:
		return "0"
	case x < 10:
		return strings.TrimSuffix(strings.TrimRight(fmt.Sprintf("%.2f", x), "0"), ".")
	case x < 100:
		return strings.TrimSuffix(fmt.Sprintf("%.1f", x), ".0")
	}
	return fmt.Sprintf("%.0f", x)
}
