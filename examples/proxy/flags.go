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

	"github.com/seed-08fc7208/chatstream/examples/proxy/internal/relay"
	"github.com/seed-08fc7208/chatstream/examples/proxy/internal/upstream"
)

// config has the values of the flags.
type config struct {
	listen   string
	admin    string   // empty for none
	upstream *url.URL // nil for the one that sends test streams
	streams  string
	pace     time.Duration
	grace    time.Duration

	readTimeout, headerTimeout, stallTimeout time.Duration

	public, private string
	refuse          string
	passOthers      bool
	injectUsage     bool

	sampleEvery time.Duration // for the charts
}

func parseFlags(args []string, out io.Writer) (config, error) {
	c := config{sampleEvery: 5 * time.Second}
	var target, rename string
	flags := flag.NewFlagSet("proxy", flag.ContinueOnError)
	flags.SetOutput(out)
	flags.StringVar(&c.listen, "listen", "127.0.0.1:8080", "`address` to serve on")
	flags.StringVar(&c.admin, "admin", "127.0.0.1:8081", "`address` of the page and the metrics; empty for none")
	flags.StringVar(&target, "upstream", "", "`URL` of the server to stand before; without it one beside the proxy plays test streams")
	flags.StringVar(&c.streams, "streams", testdata(), "`folder` of the test streams")
	flags.DurationVar(&c.pace, "pace", 50*time.Millisecond, "time before each event of a test stream")
	flags.DurationVar(&c.grace, "grace", 10*time.Second, "time that open streams have to end when the proxy is stopped")
	flags.StringVar(&rename, "rename", "", "`PUBLIC=MODEL`: the name that clients know a model of upstream by")
	flags.StringVar(&c.refuse, "refuse", "", "`word` at which an answer is cut, in upper or lower case")
	flags.BoolVar(&c.passOthers, "pass-others", false, "with -refuse: let requests for other APIs pass, whose answers are not looked at")
	flags.BoolVar(&c.injectUsage, "usage", false, "ask upstream for usage where the client does not, and keep it for the metrics")
	flags.DurationVar(&c.readTimeout, "read-timeout", 30*time.Second, "time that a client may be silent within its request")
	flags.DurationVar(&c.headerTimeout, "header-timeout", 5*time.Minute, "time that upstream has to begin its answer")
	flags.DurationVar(&c.stallTimeout, "stall-timeout", 5*time.Minute, "time that upstream may be silent within its answer")
	if err := flags.Parse(args); err != nil {
		return c, err
	}
	if flags.NArg() > 0 {
		return c, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	return c, errors.Join(c.setUpstream(target), c.setRename(rename), c.checkRefuse())
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
		return fmt.Errorf("-upstream %s is not an http or https URL", s)
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
	if !ok || c.public == "" || c.private == "" || strings.ContainsAny(c.public, "\r\n") {
		return fmt.Errorf("-rename %s is not PUBLIC=MODEL", s)
	}
	return nil
}

func (c *config) checkRefuse() error {
	if c.refuse == "" {
		return nil
	}
	if err := relay.CheckWord(c.refuse); err != nil {
		return fmt.Errorf("-refuse %q: %w", c.refuse, err)
	}
	return nil
}

// example is a model to try.
func (c *config) example() string {
	if c.public != "" {
		return c.public
	}
	return upstream.Default
}

// testdata finds the module's test streams: from the module's root, or from where
// this file was compiled.
func testdata() string {
	const name = "testdata"
	if _, err := os.Stat(filepath.Join(name, upstream.Default+".sse")); err == nil {
		return name
	}
	_, file, _, _ := runtime.Caller(0)
	return filepath.Join(filepath.Dir(file), "..", "..", name)
}
