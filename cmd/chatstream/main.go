// Command chatstream reads OpenAI-compatible Chat Completions streams. It prints the answer as
// it arrives, the chunks as JSON lines, the whole answer, a check of the stream, or its
// statistics.
//
//	go install github.com/seed-08fc7208/chatstream/cmd/chatstream@latest
//	curl -sN https://api.openai.com/v1/chat/completions ... | chatstream
//	chatstream -check -strict recorded.sse
//
// Run chatstream -help for the flags.
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

// The exit statuses other than 0.
const (
	exitError       = 1 // an error in a stream, a stream cut short, a file that cannot be read
	exitUsage       = 2
	exitStrict      = 3   // -check found something that -strict names
	exitInterrupted = 130 // as in shells
)

// bigFile is the size of a file that takes noticeable time to read, in bytes.
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

// system is the environment of the command. Tests replace it.
type system struct {
	terminal  func(io.Writer) *terminal
	keyboard  func(io.Reader) bool // reports whether standard input is a terminal
	now       func() time.Time
	newTicker func() (ticks <-chan time.Time, stop func())
	stop      context.Context // is done when the user interrupts
	bigFile   int64           // files from this size on have a progress line
}

// newTicker ticks once for each update of the status line.
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
