package main

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"

	"gonum.org/v1/plot/plotter"

	"github.com/seed-08fc7208/chatstream/bench"
	"github.com/seed-08fc7208/chatstream/bench/subject"
	"github.com/seed-08fc7208/chatstream/bench/workload"
)

// lifeResult is what the subjects need for the events of a life, ours first.
type lifeResult struct {
	name, about string
	way         string
	size        float64 // bytes of an event
	streams     int
	memory      int // bytes of all events
	rows        []lifeRow
}

type lifeRow struct {
	subject *subject.Subject
	rounds  []float64 // ns per event, sorted
	allocs  float64   // per event
	bytes   float64   // per event
}

func (r *lifeRow) best() float64   { return r.rounds[0] }
func (r *lifeRow) median() float64 { return r.rounds[len(r.rounds)/2] }

// live times the subjects in the lives whose names match, one life at a time, as each takes
// a lot of memory.
func (p plan) live(names *regexp.Regexp, list []*subject.Subject) (results []lifeResult, err error) {
	for _, name := range workload.LifeNames() {
		if !names.MatchString(name) {
			continue
		}
		fmt.Fprintf(os.Stderr, "compare: %s\n", name)
		l := workload.NewLife(name, workload.LifeStreams, bench.LifeMemory())
		for _, way := range []string{bench.Pushed, bench.Pulled} {
			r, err := p.liveOne(l, way, list)
			if err != nil {
				return nil, err
			}
			results = append(results, r)
		}
		l.Release()
	}
	return results, nil
}

// liveOne lets the subjects take turns. bench's own tests hold what they read to each
// other; here each must get through all events.
func (p plan) liveOne(l *workload.Life, way string, list []*subject.Subject) (lifeResult, error) {
	result := lifeResult{name: l.Name, about: l.About, way: way, size: l.EventBytes(), streams: l.Streams, memory: l.Memory()}
	var runners []*bench.LifeRunner
	for _, s := range list {
		if r := bench.NewLifeRunner(l, s, way); r != nil {
			runners = append(runners, r)
			result.rows = append(result.rows, lifeRow{subject: s})
		}
	}
	for round := range p.rounds {
		for i, t := range bench.Round(runners, round) {
			result.rows[i].rounds = append(result.rows[i].rounds, t)
		}
	}
	for i, r := range runners {
		row := &result.rows[i]
		slices.Sort(row.rounds)
		row.allocs, row.bytes = r.Allocs, r.Bytes
		if r.Tally.Refused > 0 {
			return result, fmt.Errorf("%s, %s, %s: %d events refused", l.Name, way, r.Subject.Name, r.Tally.Refused)
		}
	}
	return result, nil
}

// living are those of the chosen subjects that are compared in life, and the floor.
func living(chosen []*subject.Subject) (list []*subject.Subject) {
	for _, s := range subject.Living() {
		if s.Name == subject.Touched || slices.ContainsFunc(chosen, func(c *subject.Subject) bool { return c.Name == s.Name }) {
			list = append(list, s)
		}
	}
	return list
}

// lives is the part of the report that stands above all others.
func (r *report) lives(b *strings.Builder) {
	if len(r.living) == 0 {
		return
	}
	first := r.living[0]
	fmt.Fprintf(b, "\n## Life: %d streams at a time\n\n", first.streams)
	fmt.Fprintf(b, "Each stream has its own id and time, and gets one event in its turn: by then caches hold what others needed. A pass is %d turns, "+
		"%d rounds of one pass each, all subjects in turn. The events are in %d MiB of memory. *Pushed* is a Tap, and for the others their parser on the data "+
		"lines of the event; *pulled* is a Decoder, or a scanner of lines, on a reader that hands out one event. *%s* reads each byte once and is the floor.\n",
		workload.PassTurns, r.plan.rounds, first.memory>>20, subject.Touched)
	for i := 0; i+1 < len(r.living); i += 2 {
		pushed, pulled := &r.living[i], &r.living[i+1]
		fmt.Fprintf(b, "\n### %s\n\n%s: %.0f bytes an event.\n\n", pushed.name, capital(pushed.about), pushed.size)
		b.WriteString("| | pushed: ns/event, best | median | times ours, best | median | allocs/event | pulled: ns/event, best | median | times ours, best | median | allocs/event |\n")
		b.WriteString("|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n")
		for j := range pushed.rows {
			fmt.Fprintf(b, "| %s |%s%s\n", strings.TrimPrefix(pushed.rows[j].subject.Name, "bufio + "), pushed.cells(j), pulled.cells(j))
		}
	}
}

func (l *lifeResult) cells(i int) string {
	ours, x := &l.rows[0], &l.rows[i]
	return fmt.Sprintf(" %s | %s | %s | %s | %s |", number(x.best()), number(x.median()),
		times(x.best(), ours.best()), times(x.median(), ours.median()), number(round(x.allocs)))
}

// fromBelow calls f with each row, ours on top: rows are drawn upwards.
func (l *lifeResult) fromBelow(f func(row int, x *lifeRow)) {
	for i := range l.rows {
		f(len(l.rows)-1-i, &l.rows[i])
	}
}

// names are those of the rows, from below. The floor stands there, too.
func (l *lifeResult) names() []string {
	names := make([]string, len(l.rows))
	l.fromBelow(func(row int, x *lifeRow) { names[row] = x.subject.Name })
	return names
}

func (l *lifeResult) points() plotter.XYs {
	at := make(plotter.XYs, len(l.rows))
	l.fromBelow(func(row int, x *lifeRow) { at[row] = plotter.XY{X: x.best(), Y: float64(row)} })
	return at
}

// round leaves out what the collector did meanwhile.
func round(allocs float64) float64 {
	if allocs < 0.005 {
		return 0
	}
	return allocs
}
