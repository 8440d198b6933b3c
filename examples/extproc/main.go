// Command extproc is an external processor for Envoy: a gRPC service to which Envoy
// sends the bodies of responses as they pass. It reads chat completion streams, changes
// nothing, and returns usage and timing as dynamic metadata, which the access log and
// other filters can use. The file envoy.yaml in this folder is a configuration;
// docs/guides/envoy.md is a guide.
//
//	go -C examples run ./extproc -listen 127.0.0.1:18080
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal does not wait for streams
	c, err := parseFlags(os.Args[1:], os.Stderr)
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err == nil {
		err = listenAndServe(ctx, c)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "extproc:", err)
		os.Exit(1)
	}
}

// config has the values of the flags.
type config struct {
	listen string
	paths  []string      // endings of the request paths whose streams are read
	grace  time.Duration // time that open streams get to end after a signal
}

func newFlags(out io.Writer) (*config, *flag.FlagSet) {
	c := &config{paths: []string{"/chat/completions"}}
	flags := flag.NewFlagSet("extproc", flag.ContinueOnError)
	flags.SetOutput(out)
	flags.StringVar(&c.listen, "listen", "127.0.0.1:18080", "`address` for Envoy")
	flags.Var((*list)(&c.paths), "paths", "comma-separated `endings` of the request paths whose event streams are read")
	flags.DurationVar(&c.grace, "grace", 10*time.Second, "`time` that open streams have to end when the processor is stopped")
	return c, flags
}

func parseFlags(args []string, out io.Writer) (config, error) {
	c, flags := newFlags(out)
	if err := flags.Parse(args); err != nil {
		return *c, err
	}
	if flags.NArg() > 0 {
		return *c, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	return *c, nil
}

// list is a flag of comma-separated values, none of which is empty.
type list []string

func (l *list) String() string { return strings.Join(*l, ",") }

func (l *list) Set(s string) error {
	*l = nil
	for value := range strings.SplitSeq(s, ",") {
		if value = strings.TrimSpace(value); value == "" {
			return errors.New("a value is empty")
		}
		*l = append(*l, value)
	}
	return nil
}

func listenAndServe(ctx context.Context, c config) error {
	l, err := net.Listen("tcp", c.listen)
	if err != nil {
		return err
	}
	fmt.Fprintln(os.Stderr, "extproc: listening on", l.Addr())
	return serve(ctx, l, c)
}
