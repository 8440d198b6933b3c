// Command load measures what looking into a stream costs a reverse proxy. It drives
// one with many streams at once, on loopback and for a bounded time:
//
//	go run ./examples/proxy/load
//
// The upstream, the proxy and the clients are processes of their own, so that the
// CPU time of the proxy is the proxy's. The ways take turns, round after round.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"time"
)

// settings are those of a run.
type settings struct {
	streams int
	rate    float64 // chunks per second of each stream
	warm    time.Duration
	window  time.Duration
	rounds  int
	ways    []string
}

func main() {
	if len(os.Args) > 2 && os.Args[1] == childFlag {
		if err := serveChild(os.Args[2:]); err != nil {
			fmt.Fprintln(os.Stderr, "load:", err)
			os.Exit(1)
		}
		return
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, parseFlags(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "load:", err)
		os.Exit(1)
	}
}

func parseFlags() settings {
	var s settings
	var ways string
	flag.IntVar(&s.streams, "streams", 2000, "streams that are open at a time")
	flag.Float64Var(&s.rate, "rate", 5, "chunks per second of each stream")
	flag.DurationVar(&s.warm, "warm", 3*time.Second, "time before the measured one")
	flag.DurationVar(&s.window, "window", 8*time.Second, "time that is measured")
	flag.IntVar(&s.rounds, "rounds", 5, "how often each way is measured")
	flag.StringVar(&ways, "ways", strings.Join(wayNames(), ","), "the ways to measure")
	flag.Parse()
	s.ways = strings.Split(ways, ",")
	return s
}

// run measures all ways and prints the table.
func run(ctx context.Context, s settings, out io.Writer) error {
	upstream, err := startChild("upstream", fmt.Sprint(s.rate))
	if err != nil {
		return err
	}
	defer upstream.stop()
	results := map[string][]result{}
	for range s.rounds {
		for _, way := range append([]string{direct}, s.ways...) {
			r, err := measure(ctx, s, way, upstream)
			if err != nil {
				return fmt.Errorf("%s: %w", way, err)
			}
			results[way] = append(results[way], r)
		}
	}
	printTable(out, s, results)
	return nil
}
