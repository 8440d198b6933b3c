package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/seed-08fc7208/chatstream/examples/proxy/internal/replay"
)

// config is what the flags say.
type config struct {
	listen   string
	upstream *url.URL // nil for the replayed one
	streams  string
	pace     time.Duration
	grace    time.Duration

	public, private string
	refuse          string
	injectUsage     bool
}

func parseFlags(args []string, out io.Writer) (config, error) {
	var c config
	var upstream, rename string
	flags := flag.NewFlagSet("proxy", flag.ContinueOnError)
	flags.SetOutput(out)
	flags.StringVar(&c.listen, "listen", "127.0.0.1:8080", "`address` to serve on")
	flags.StringVar(&upstream, "upstream", "", "`URL` of the server to stand before; without it test streams are replayed")
	flags.StringVar(&c.streams, "streams", testdata(), "`folder` of the streams to replay")
	flags.DurationVar(&c.pace, "pace", 50*time.Millisecond, "time before each event that is replayed")
	flags.DurationVar(&c.grace, "grace", 10*time.Second, "time that open streams have to end when the proxy is stopped")
	flags.StringVar(&rename, "rename", "", "`PUBLIC=MODEL`: the name that clients know a model of upstream by")
	flags.StringVar(&c.refuse, "refuse", "", "`word` at which an answer is cut, in upper or lower case")
	flags.BoolVar(&c.injectUsage, "usage", false, "ask upstream for usage where the client does not, and keep it for the metrics")
	if err := flags.Parse(args); err != nil {
		return c, err
	}
	if flags.NArg() > 0 {
		return c, fmt.Errorf("what is %q?", flags.Arg(0))
	}
	return c, errors.Join(c.setUpstream(upstream), c.setRename(rename))
}

func (c *config) setUpstream(s string) error {
	if s == "" {
		return nil
	}
	u, err := url.Parse(s)
	if err != nil {
		return err
	}
	if u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return fmt.Errorf("-upstream %s is no http URL", s)
	}
	c.upstream = u
	return nil
}

func (c *config) setRename(s string) error {
	if s == "" {
		return nil
	}
	var ok bool
	c.public, c.private, ok = strings.Cut(s, "=")
	if !ok || c.public == "" || c.private == "" {
		return fmt.Errorf("-rename %s is not PUBLIC=MODEL", s)
	}
	return nil
}

// example is a model to try.
func (c *config) example() string {
	if c.public != "" {
		return c.public
	}
	return replay.Default
}

// testdata finds the module's test streams: from the module's root, or from where
// this file was compiled.
func testdata() string {
	const name = "testdata"
	if _, err := os.Stat(filepath.Join(name, replay.Default+".sse")); err == nil {
		return name
	}
	_, file, _, _ := runtime.Caller(0)
	return filepath.Join(filepath.Dir(file), "..", "..", name)
}
