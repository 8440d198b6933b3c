// Command chatstream reads streamed chat completions, as OpenAI and compatible
// servers send them, and prints the answer while it arrives, the chunks as JSON
// lines, the whole answer, a check of the stream, or its statistics.
//
//	go install github.com/seed-08fc7208/chatstream/cmd/chatstream@latest
//	curl -sN https://api.openai.com/v1/chat/completions ... | chatstream
//	chatstream -check -strict recorded.sse
//
// See chatstream -help.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"
)

// The exit statuses, beside 0.
const (
	exitError       = 1 // an error in a stream, a stream cut short, a file that cannot be read
	exitUsage       = 2
	exitStrict      = 3   // -strict, and -check found what it names
	exitInterrupted = 130 // as shells have it
)

// bigFile takes a noticeable time to read.
const bigFile = 16 << 20

func main() {
	stop, restore := signal.NotifyContext(context.Background(), os.Interrupt)
	context.AfterFunc(stop, restore) // the second one ends the program at once
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr, system{
		terminal:  terminalOf,
		keyboard:  isTerminal,
		now:       time.Now,
		newTicker: newTicker,
		stop:      stop,
		bigFile:   bigFile,
	}))
}

// system is what the command knows of its surroundings. Tests have their own.
type system struct {
	terminal  func(io.Writer) *terminal
	keyboard  func(io.Reader) bool // reports whether standard input is a terminal
	now       func() time.Time
	newTicker func() (ticks <-chan time.Time, stop func())
	stop      context.Context // is done when the user interrupts
	bigFile   int64           // the size from which on reading a file has a progress line
}

// newTicker ticks as often as a status line is to change.
func newTicker() (<-chan time.Time, func()) {
	t := time.NewTicker(statusInterval)
	return t.C, t.Stop
}

// run is the command: it returns the exit status.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer, sys system) int {
	opts, err := parseArgs(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprint(stdout, help())
		return 0
	case err != nil:
		fmt.Fprintf(stderr, "chatstream: %s\nTry chatstream -help.\n", printable(err.Error()))
		return exitUsage
	case opts.version:
		fmt.Fprintln(stdout, version())
		return 0
	case opts.checks:
		fmt.Fprint(stdout, listOfChecks())
		return 0
	}
	c := command{
		options: opts,
		stdin:   stdin,
		out:     newConsole(stdout, sys.terminal(stdout)),
		err:     newConsole(stderr, sys.terminal(stderr)),
		system:  sys,
	}
	return c.run()
}
