// Command hitrate prints, for each folder of recorded streams under those named, how
// many of their chunks were taken from the memory of earlier ones, as Markdown:
//
//	go -C bench run ./cmd/hitrate ../../shared/captures
package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/seed-08fc7208/chatstream"
)

type count struct {
	streams         int
	chunks, matched int64
}

func (c *count) add(o count) {
	c.streams += o.streams
	c.chunks += o.chunks
	c.matched += o.matched
}

func (c count) row(name string) string {
	share := 0.0
	if c.chunks > 0 {
		share = 100 * float64(c.matched) / float64(c.chunks)
	}
	return fmt.Sprintf("| %s | %d | %d | %.1f %% |", name, c.streams, c.chunks, share)
}

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: hitrate folder...")
		os.Exit(2)
	}
	if err := run(os.Stdout, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "hitrate:", err)
		os.Exit(1)
	}
}

func run(w io.Writer, folders []string) error {
	counts := map[string]*count{}
	for _, folder := range folders {
		err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || filepath.Ext(path) != ".sse" {
				return err
			}
			c, err := decode(path)
			if err != nil {
				return err
			}
			name := filepath.Base(filepath.Dir(path))
			if counts[name] == nil {
				counts[name] = new(count)
			}
			counts[name].add(c)
			return nil
		})
		if err != nil {
			return err
		}
	}
	if len(counts) == 0 {
		return fmt.Errorf("no .sse files under %q", folders)
	}
	fmt.Fprintln(w, "| | streams | chunks | matched |\n|---|--:|--:|--:|")
	var all count
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		fmt.Fprintln(w, counts[name].row(name))
		all.add(*counts[name])
	}
	_, err := fmt.Fprintln(w, all.row("all"))
	return err
}

// decode counts the chunks of one stream, whatever its end is.
func decode(path string) (count, error) {
	f, err := os.Open(path)
	if err != nil {
		return count{}, err
	}
	defer f.Close()
	d := chatstream.NewDecoder(f)
	defer d.Close()
	for _, err = range d.All() {
		var pathErr *fs.PathError
		if errors.As(err, &pathErr) {
			return count{}, err
		}
	}
	s := d.Stats()
	return count{1, s.Chunks, s.Matched}, nil
}
