// Command mutate makes small faults in source files, one at a time, and runs tests that
// should find them. What no test finds, it prints; and at the end the score. From the root
// of the repository:
//
//	(ulimit -v 8000000; nice go run ./internal/testing/mutate -stages './internal/jsonwire' internal/jsonwire/lex.go)
//
// A stage is a package and, after colons, which of its tests to run and which to skip. The
// stages run in turn until one fails, so the first should be quick: only what survives it
// gets the next. All the mutants of functions are compiled together, and the environment
// says which one a test binary is. Tests that need a function inlined must be skipped.
// A mutant of a constant is compiled alone. The files of the tree stay as they are: the go
// command gets what is changed as an overlay. What -v printed can be kept, and the mutants
// that survived there be tried again with -from, once there are more tests.
//
// Mutants that do not compile do not count. A test that takes too long has found its
// mutant, so the bound of memory is there for those that allocate without end.
package main

import (
	"flag"
	"fmt"
	"log"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"time"
)

var (
	stages  = flag.String("stages", "", "packages to test, separated by spaces, each with `package:run:skip` as go test takes them")
	sample  = flag.Int("n", 0, "how many mutants to try of each file; 0 is all")
	seed    = flag.Uint64("seed", 1, "the seed of the sample")
	only    = flag.String("only", "", "try only the mutants whose description contains this")
	from    = flag.String("from", "", "a file with what this command printed: try only the mutants that survived there")
	timeout = flag.Duration("timeout", time.Minute, "how long the tests of a stage may take")
	seconds = flag.Int("cpu", 0, "how many seconds of a processor the tests of a stage may take; 0 is any number (needs sh)")
	verbose = flag.Bool("v", false, "print what became of every mutant")
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
	mutants, err := chosen(file, source)
	if err != nil {
		return s, err
	}
	if *list {
		for _, m := range mutants {
			fmt.Println(m)
		}
		return s, nil
	}
	b, err := newBinaries(dir, file, source, mutants)
	if err != nil {
		return s, err
	}
	for i, m := range mutants {
		result, err := b.try(i + 1)
		if err != nil {
			return s, err
		}
		switch result {
		case killed:
			s.killed++
		case broken:
			s.broken++
		default:
			s.survived++
		}
		if *verbose || result == survived {
			fmt.Printf("%v: %v\n", result, m)
		}
	}
	return s, nil
}

// chosen returns the mutants of a file that are to be tried.
func chosen(file string, source []byte) ([]mutant, error) {
	mutants, err := mutantsOf(file, source)
	if err != nil {
		return nil, err
	}
	mutants = slices.DeleteFunc(mutants, func(m mutant) bool { return !strings.Contains(m.String(), *only) })
	if *from != "" {
		printed, err := os.ReadFile(*from)
		if err != nil {
			return nil, err
		}
		lines := strings.Split(string(printed), "\n")
		mutants = slices.DeleteFunc(mutants, func(m mutant) bool { return !slices.Contains(lines, fmt.Sprintf("%v: %v", survived, m)) })
	}
	if *sample > 0 && *sample < len(mutants) {
		r := rand.New(rand.NewPCG(*seed, uint64(len(mutants))))
		r.Shuffle(len(mutants), func(i, j int) { mutants[i], mutants[j] = mutants[j], mutants[i] })
		mutants = mutants[:*sample]
	}
	return mutants, nil
}

// result is what became of a mutant.
type result int

const (
	survived result = iota
	killed
	broken // it does not compile
)

func (r result) String() string { return [...]string{"survived", "killed", "broken"}[r] }
