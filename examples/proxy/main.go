// Command proxy is a reverse proxy for chat completion streams that shows what
// passes through it. It is an example of embedding chatstream, and useful as it is.
//
//	go -C examples run ./proxy
//
// starts it on loopback, and beside it an upstream that plays the module's test
// streams, so that the command it prints can be tried at once. With -upstream it
// stands before a real server.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second one does not wait for streams
	config, err := parseFlags(os.Args[1:], os.Stderr)
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err == nil {
		err = run(ctx, config, os.Stdout)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "proxy:", err)
		os.Exit(1)
	}
}

// run serves until ctx is done, and then until the open streams have ended.
func run(ctx context.Context, c config, out io.Writer) error {
	if c.upstream == nil {
		upstream, err := startUpstream(&c)
		if err != nil {
			return err
		}
		defer upstream.close()
		fmt.Fprintf(out, "upstream  %v plays %s, an event every %v\n", c.upstream, c.streams, c.pace)
	}
	p, err := startProxy(c)
	if err != nil {
		return err
	}
	defer p.close()
	fmt.Fprintf(out, "proxy     %s/v1 for %v\n", p.url, c.upstream)
	var adminFailed chan error // never gets one if there is no such server
	if p.admin != nil {
		fmt.Fprintf(out, "page      %s/\nmetrics   %[1]s/metrics\n", p.admin.url)
		adminFailed = p.admin.failed
	}
	fmt.Fprintln(out)
	fmt.Fprintf(out, "curl -N %s/v1/chat/completions -d '{\"model\":%q,\"stream\":true}'\n", p.url, c.example())
	select {
	case <-ctx.Done():
	case err := <-p.failed:
		return err
	case err := <-adminFailed:
		return err
	}
	fmt.Fprintf(out, "\nwaiting up to %v for open streams to end\n", c.grace)
	return p.shutdown(c.grace)
}
