// Command compare times every subject on every workload, in turn and in one
// process, and prints what it found as Markdown. With -out it also writes the
// table and a chart there:
//
//	go -C bench run ./cmd/compare -out ../docs
package main

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"github.com/seed-08fc7208/chatstream/bench"
	"github.com/seed-08fc7208/chatstream/bench/subject"
	"github.com/seed-08fc7208/chatstream/bench/workload"
)

func main() {
	var (
		quick     = flag.Bool("quick", false, "the main life and the two main workloads only, in few and short rounds")
		out       = flag.String("out", "", "write comparison.md and comparison.svg to this `folder`, which is made if it is missing")
		rounds    = flag.Int("rounds", 0, "rounds over all subjects (7; 3 with -quick)")
		sample    = flag.Duration("sample", 0, "least time of one subject in a round (150ms; 40ms with -quick)")
		workloads = flag.String("workloads", "", "`regexp` of the workloads to run")
		subjects  = flag.String("subjects", "", "`regexp` of the subjects to run; chatstream always does")
	)
	flag.Parse()
	plan := plan{rounds: cmp.Or(*rounds, 7), sample: cmp.Or(*sample, 150*time.Millisecond)}
	if *quick {
		plan.rounds, plan.sample = cmp.Or(*rounds, 3), cmp.Or(*sample, 40*time.Millisecond)
	}
	if err := run(plan, *quick, *workloads, *subjects, *out); err != nil {
		fmt.Fprintln(os.Stderr, "compare:", err)
		os.Exit(1)
	}
}

func run(p plan, quick bool, workloads, subjects, out string) error {
	r := report{machine: thisMachine(), plan: p}
	list, missing := workload.All()
	r.missing = missing
	r.main = mainWorkloads(missing)
	names, err := regexp.Compile(workloads)
	if err != nil {
		return err
	}
	if r.subjects, err = chosen(subjects); err != nil {
		return err
	}
	lives := names
	if quick && workloads == "" {
		lives = regexp.MustCompile("^" + workload.LifeNames()[0] + "$")
	}
	if r.living, err = p.live(lives, living(r.subjects)); err != nil {
		return err
	}
	for _, w := range list {
		if !names.MatchString(w.Name) || quick && workloads == "" && w.Name != r.main[0] && w.Name != r.main[1] {
			continue
		}
		if err := agree(w, r.subjects); err != nil {
			return err
		}
		r.workloads = append(r.workloads, w)
		for _, path := range paths {
			r.results = append(r.results, p.measure(w, r.subjects, path)...)
		}
	}
	if workloads == "" || quick {
		r.whole = p.whole()
	}
	if len(r.workloads)+len(r.living) == 0 {
		return errors.New("no workload of that name")
	}
	return write(&r, out)
}

// write prints the report, or puts it into out.
func write(r *report, out string) error {
	if out == "" {
		_, err := os.Stdout.WriteString(r.markdown(""))
		return err
	}
	svg, err := chart(r)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(out, "comparison.svg"), svg, 0o644); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(out, "comparison.md"), []byte(r.markdown("comparison.svg")), 0o644)
}

// mainWorkloads are the two that are quoted: the usual case, and all of life.
func mainWorkloads(missing error) [2]string {
	if missing != nil {
		return [2]string{workload.OpenAIText, workload.Mixed}
	}
	return [2]string{workload.OpenAIText, workload.Recorded}
}

// chosen are the subjects that match and can run, ours first.
func chosen(pattern string) (list []*subject.Subject, err error) {
	names, err := regexp.Compile(pattern)
	if err != nil {
		return nil, err
	}
	for _, s := range subject.All() {
		if s.Missing != "" {
			fmt.Fprintf(os.Stderr, "compare: %s left out: %s\n", s.Name, s.Missing)
		} else if s.Name == subject.Ours || names.MatchString(s.Name) {
			list = append(list, s)
		}
	}
	return list, nil
}

// agree makes sure that all of them read the same before any is timed.
func agree(w *workload.Workload, list []*subject.Subject) error {
	fmt.Fprintf(os.Stderr, "compare: %s\n", w.Name)
	ref, err := bench.NewReference(w, subject.Find(subject.Std))
	if err != nil {
		return err
	}
	for _, s := range list {
		if err := ref.Agree(s); err != nil {
			return err
		}
	}
	return nil
}
