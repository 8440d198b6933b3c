// Command mutate makes small faults in source files, one at a time, and runs tests that
// should find them. What no test finds, it prints; and at the end the score. From the root
// of the repository:
//
//	(ulimit -v 8000000; nice go run ./internal/testing/mutate -stages './internal/jsonwire' internal/jsonwire/lex.go)
//
// A stage is a package and, after colons, which of its tests to run and which to skip. The
// stages run in turn until one fails. The files of the tree stay as they are: the go command gets each
// mutant as an overlay. Mutants that do not compile do not count. A test that takes too
// long has found its mutant, so the bound of memory is there for those that allocate
// without end.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

var (
	stages  = flag.String("stages", "", "packages to test, separated by spaces, each with `package:run:skip` as go test takes them")
	sample  = flag.Int("n", 0, "how many mutants to try of each file; 0 is all")
	seed    = flag.Uint64("seed", 1, "the seed of the sample")
	only    = flag.String("only", "", "try only the mutants whose description contains this")
	timeout = flag.Duration("timeout", time.Minute, "how long the tests of a stage may take")
	list    = flag.Bool("list", false, "list the mutants and try none")
)

func main() {
	log.SetFlags(0)
	flag.Parse()
	if flag.NArg() == 0 || *stages == "" && !*list {
		flag.Usage()
		os.Exit(2)
	}
	dir, err := os.MkdirTemp("", "mutate")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	if !*list {
		if result, out := try(nil); result != survived {
			log.Fatalf("the tests fail without a mutant: %s", out)
		}
	}
	var all score
	for _, file := range flag.Args() {
		s, err := mutateFile(dir, file)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%s: %v\n", file, s)
		all.killed += s.killed
		all.survived += s.survived
		all.broken += s.broken
	}
	fmt.Printf("all: %v\n", all)
}

// score counts mutants.
type score struct{ killed, survived, broken int }

func (s score) String() string {
	n := s.killed + s.survived
	return fmt.Sprintf("%d of %d killed (%.1f %%), %d do not compile", s.killed, n, 100*float64(s.killed)/float64(max(n, 1)), s.broken)
}

// mutateFile tries the mutants of a file.
func mutateFile(dir, file string) (s score, err error) {
	source, err := os.ReadFile(file)
	if err != nil {
		return s, err
	}
	mutants, err := mutantsOf(file, source)
	if err != nil {
		return s, err
	}
	mutants = slices.DeleteFunc(mutants, func(m mutant) bool { return !strings.Contains(m.String(), *only) })
	if *sample > 0 && *sample < len(mutants) {
		r := rand.New(rand.NewPCG(*seed, uint64(len(mutants))))
		r.Shuffle(len(mutants), func(i, j int) { mutants[i], mutants[j] = mutants[j], mutants[i] })
		mutants = mutants[:*sample]
	}
	for _, m := range mutants {
		if *list {
			fmt.Println(m)
			continue
		}
		overlay, err := writeOverlay(dir, file, m.apply(source))
		if err != nil {
			return s, err
		}
		switch result, _ := try(overlay); result {
		case killed:
			s.killed++
		case broken:
			s.broken++
		default:
			s.survived++
			fmt.Println("survived:", m)
		}
	}
	return s, nil
}

// writeOverlay writes the mutant of a file, and returns what tells the go command of it.
func writeOverlay(dir, file string, mutated []byte) (args []string, err error) {
	path, err := filepath.Abs(file)
	if err != nil {
		return nil, err
	}
	replacement, overlay := filepath.Join(dir, "mutant.go"), filepath.Join(dir, "overlay.json")
	replace, err := json.Marshal(map[string]any{"Replace": map[string]string{path: replacement}})
	if err != nil {
		return nil, err
	}
	return []string{"-overlay", overlay}, errors.Join(os.WriteFile(replacement, mutated, 0o666), os.WriteFile(overlay, replace, 0o666))
}

// result is what became of a mutant.
type result int

const (
	survived result = iota
	killed
	broken // it does not compile
)

// try runs the stages. It returns the output of the one that failed.
func try(overlay []string) (result, string) {
	for stage := range strings.FieldsSeq(*stages) {
		pkg, tests, _ := strings.Cut(stage, ":")
		tests, skip, _ := strings.Cut(tests, ":")
		args := append([]string{"test", "-vet=off", "-short", "-failfast", "-count=1", "-timeout", timeout.String()}, overlay...)
		if tests != "" {
			args = append(args, "-run", tests)
		}
		if skip != "" {
			args = append(args, "-skip", skip)
		}
		// Building takes time of its own.
		ctx, cancel := context.WithTimeout(context.Background(), *timeout+5*time.Minute)
		out, err := exec.CommandContext(ctx, "go", append(args, pkg)...).CombinedOutput()
		cancel()
		switch {
		case strings.Contains(string(out), "[build failed]"):
			return broken, string(out)
		case err != nil:
			return killed, string(out)
		}
	}
	return survived, ""
}
