// Command load measures what looking into a stream costs a reverse proxy. It drives
// one with many streams at once, on loopback and for a bounded time:
//
//	go -C examples run ./proxy/load
//
// The upstream, each proxy and the clients are processes of their own, so that the
// CPU time of a proxy is the proxy's. All streams are open all the time, but upstream
// speaks to one way at a time and to the next one half a second later, so that
// whatever else the machine does bears on all of them alike. Two equal processes do
// not take the same time, either: so all of them are started anew several times, and
// plain is measured twice, whose difference is what the others' is worth.
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
	streams int     // of each way
	chunks  float64 // per second of all streams of a way, while it is its turn
	warm    time.Duration
	rounds  int // of each repeat; in a round each way has its turn once
	repeats int // with new processes
	ways    []string
}

// rate is the chunks per second of a stream, while it is its way's turn.
func (s settings) rate() float64 { return s.chunks / float64(max(s.streams, 1)) }

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
	flag.IntVar(&s.streams, "streams", 2000, "streams of each way that are open at a time")
	flag.Float64Var(&s.chunks, "chunks", 8000, "chunks per second of all streams of a way, while it is its turn")
	flag.DurationVar(&s.warm, "warm", 3*time.Second, "time before what is measured")
	flag.IntVar(&s.rounds, "rounds", 8, "rounds that are measured; in each one every way has half a second")
	flag.IntVar(&s.repeats, "repeats", 6, "times that all is started anew")
	flag.StringVar(&ways, "ways", strings.Join(wayNames(), ","), "the ways to measure")
	flag.Parse()
	s.ways = strings.Split(ways, ",")
	return s
}

// run measures all ways and prints the table.
func run(ctx context.Context, s settings, out io.Writer) error {
	all := results{}
	for i := range s.repeats {
		if err := measure(ctx, s, all); err != nil {
			if ctx.Err() == nil || i == 0 {
				return err
			}
			s.repeats = i // interrupted: what there was until then is shown
			break
		}
	}
	printTable(out, s, all)
	return nil
}
