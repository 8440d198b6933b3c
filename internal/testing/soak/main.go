// Command soak sends generated streams, with random faults, through one Decoder that is reset, through Decoders that come and
// go, and through Taps. It demands that all three give the same, that what they give is the stream, and, of a sample, what the
// slow readings in internal/reference and internal/chunkgen and encoding/json give; and that the heap stays flat.
//
//	go run ./internal/soak -bytes 8GiB
package main

import (
	"flag"
	"fmt"
	"os"
	"time"
)

func main() {
	s := soak{bytes: 64 << 20}
	flag.Func("bytes", "how many bytes of streams to send, as in 100MiB or 8GiB (default 64MiB)", func(text string) (err error) {
		s.bytes, err = parseSize(text)
		return err
	})
	flag.Uint64Var(&s.seed, "seed", 1, "of the generator")
	flag.IntVar(&s.sample, "sample", 64, "of so many streams one is checked by the oracles")
	flag.DurationVar(&s.interval, "interval", 10*time.Second, "between two lines of figures")
	flag.DurationVar(&s.warmUp, "warm-up", time.Minute, "after which the heap must be flat")
	flag.Parse()
	s.out = os.Stdout
	if !s.run() {
		os.Exit(1)
	}
}

// parseSize reads a number of bytes with an optional unit.
func parseSize(text string) (int64, error) {
	var n int64
	var unit string
	if fields, err := fmt.Sscanf(text, "%d%s", &n, &unit); fields < 1 {
		return 0, err
	}
	shift, known := map[string]int{"": 0, "KiB": 10, "MiB": 20, "GiB": 30}[unit]
	if !known || n < 0 {
		return 0, fmt.Errorf("%q is no size", text)
	}
	return n << shift, nil
}
