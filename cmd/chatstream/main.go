// Command chatstream reads streamed chat completions, as OpenAI and compatible
// servers send them, and prints the answer while it arrives, the chunks as JSON
// lines, a check of the stream, or its statistics. See chatstream -help.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"time"
)

// The exit statuses, beside 0.
const (
	exitError = 1 // an error in a stream, a stream cut short, a file that cannot be read
	exitUsage = 2
)

// bigFile takes a noticeable time to read.
const bigFile = 16 << 20

func main() {
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr, system{terminalOf, time.Now, bigFile}))
}

// system is what the command knows of its surroundings. Tests have their own.
type system struct {
	terminal func(io.Writer) *terminal
	now      func() time.Time
	bigFile  int64 // the size from which on reading a file has a progress line
}

// run is the command: it returns the exit status.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer, sys system) int {
	opts, err := parseArgs(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprint(stdout, help())
		return 0
	case err != nil:
		fmt.Fprintf(stderr, "chatstream: %v\nTry chatstream -help.\n", err)
		return exitUsage
	case opts.version:
		fmt.Fprintln(stdout, version())
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
