package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// binaries are the test binaries of the stages, with the mutants of a file in them.
type binaries struct {
	dir, file string
	source    []byte
	mutants   map[int]mutant // by number, from 1
	held      map[int]bool   // those that the binaries hold
	broken    map[int]bool   // those that do not compile
	stages    []stage
}

// stage is a package and what to run of its tests.
type stage struct {
	pkg       string // as the go command takes it
	dir       string // where it is
	run, skip string
}

// newBinaries builds the test binaries with all the mutants that can be held.
func newBinaries(dir, file string, source []byte, mutants []mutant) (*binaries, error) {
	b := &binaries{dir: dir, file: file, source: source, mutants: map[int]mutant{}, broken: map[int]bool{}}
	for i, m := range mutants {
		b.mutants[i+1] = m
	}
	for s := range strings.FieldsSeq(*stages) {
		pkg, run, _ := strings.Cut(s, ":")
		run, skip, _ := strings.Cut(run, ":")
		out, err := exec.Command("go", "list", "-f", "{{.Dir}}", pkg).Output()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", pkg, err)
		}
		b.stages = append(b.stages, stage{pkg, strings.TrimSpace(string(out)), run, skip})
	}
	return b, b.buildTogether()
}

// buildTogether builds what holds the mutants, without those that do not compile.
func (b *binaries) buildTogether() error {
	left := map[int]mutant{}
	for id, m := range b.mutants {
		left[id] = m
	}
	for {
		g, err := putTogether(b.file, b.source, left)
		if err != nil {
			return err
		}
		active := filepath.Join(filepath.Dir(b.file), "mutant_active.go")
		overlay, err := writeOverlay(b.dir, map[string]string{b.file: g.text.String(), active: fmt.Sprintf(activeSource, g.pkg)})
		if err != nil {
			return err
		}
		out, err := exec.Command("go", "build", "-gcflags=-e", "-overlay", overlay, "./"+filepath.Dir(b.file)).CombinedOutput()
		if err == nil {
			b.held = g.held
			return b.buildTests(overlay, "together")
		}
		faulty := faultyMutants(g, out)
		if len(faulty) == 0 {
			return fmt.Errorf("%s does not compile with its mutants: %s", b.file, out)
		}
		for _, id := range faulty {
			b.broken[id] = true
			delete(left, id)
		}
	}
}

var compilerError = regexp.MustCompile(`(?m)\.go:(\d+):\d+: `)

// faultyMutants returns the mutants in whose copies the compiler found errors.
func faultyMutants(g *together, out []byte) (ids []int) {
	for _, match := range compilerError.FindAllSubmatch(out, -1) {
		line, _ := strconv.Atoi(string(match[1]))
		if id, ok := g.at(line); ok {
			ids = append(ids, id)
		}
	}
	return ids
}

// buildTests builds a test binary for the package of each stage, and runs those that hold
// mutants without any.
func (b *binaries) buildTests(overlay, name string) error {
	for i, s := range b.stages {
		binary := b.binary(s, name)
		if slices.IndexFunc(b.stages, func(other stage) bool { return other.pkg == s.pkg }) == i {
			out, err := exec.Command("go", "test", "-c", "-vet=off", "-overlay", overlay, "-o", binary, s.pkg).CombinedOutput()
			if err != nil {
				return &buildError{fmt.Errorf("%s: %s", s.pkg, out)}
			}
		}
		if name == "together" {
			if out, err := b.run(s, binary, 0); err != nil {
				return fmt.Errorf("the tests of %s fail without a mutant: %s", s.pkg, out)
			}
		}
	}
	return nil
}

// buildError is of tests that do not compile.
type buildError struct{ error }

func (b *binaries) binary(s stage, name string) string {
	return filepath.Join(b.dir, name+"-"+filepath.Base(s.dir)+".test")
}

// try runs the stages for a mutant.
func (b *binaries) try(id int) (result, error) {
	name := "together"
	if b.broken[id] {
		return broken, nil
	}
	if !b.held[id] {
		name = "alone"
		overlay, err := writeOverlay(b.dir, map[string]string{b.file: string(b.mutants[id].apply(b.source))})
		if err != nil {
			return 0, err
		}
		if err := b.buildTests(overlay, name); err != nil {
			if errors.As(err, new(*buildError)) {
				return broken, nil
			}
			return 0, err
		}
	}
	for _, s := range b.stages {
		if _, err := b.run(s, b.binary(s, name), id); err != nil {
			return killed, nil
		}
	}
	return survived, nil
}

// run runs the tests of a stage. It returns an error if one fails or takes too long.
func (b *binaries) run(s stage, binary string, id int) ([]byte, error) {
	args := []string{binary, "-test.short", "-test.failfast", "-test.timeout", timeout.String()}
	if s.run != "" {
		args = append(args, "-test.run", s.run)
	}
	if s.skip != "" {
		args = append(args, "-test.skip", s.skip)
	}
	if *seconds > 0 {
		args = append([]string{"sh", "-c", `ulimit -t "$0"; exec "$@"`, strconv.Itoa(*seconds)}, args...)
	}
	ctx, cancel := context.WithTimeout(context.Background(), *timeout+10*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Dir = s.dir
	cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%d", activeVariable, id))
	return cmd.CombinedOutput()
}

// writeOverlay writes files that take the place of others, and what tells the go command
// of them.
func writeOverlay(dir string, files map[string]string) (overlay string, err error) {
	replace := map[string]string{}
	for file, text := range files {
		path, err := filepath.Abs(file)
		if err != nil {
			return "", err
		}
		replacement := filepath.Join(dir, filepath.Base(file))
		if err := os.WriteFile(replacement, []byte(text), 0o666); err != nil {
			return "", err
		}
		replace[path] = replacement
	}
	list, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", err
	}
	overlay = filepath.Join(dir, "overlay.json")
	return overlay, os.WriteFile(overlay, list, 0o666)
}
