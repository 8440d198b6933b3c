package main

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/seed-08fc7208/chatstream/examples/proxy/internal/observe"
	"github.com/seed-08fc7208/chatstream/examples/proxy/internal/page"
	"github.com/seed-08fc7208/chatstream/examples/proxy/internal/relay"
	"github.com/seed-08fc7208/chatstream/examples/proxy/internal/replay"
)

// server is an HTTP server that runs.
type server struct {
	http   http.Server
	url    string
	failed chan error // gets one if it stops by itself
	onExit func()
}

// serve starts a server. It has no write timeout: a stream may take as long as it does.
func serve(address string, handler http.Handler) (*server, error) {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, err
	}
	s := &server{
		http:   http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute},
		url:    "http://" + listener.Addr().String(),
		failed: make(chan error, 1),
		onExit: func() {},
	}
	go func() {
		if err := s.http.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			s.failed <- err
		}
	}()
	return s, nil
}

// close stops the server at once.
func (s *server) close() {
	s.http.Close()
	s.onExit()
}

// shutdown lets open requests end, as long as grace allows.
func (s *server) shutdown(grace time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	if err := s.http.Shutdown(ctx); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return nil
}

// startReplay starts the upstream that replays streams.
func startReplay(c *config) (*server, error) {
	upstream, err := replay.New(c.streams, c.pace)
	if err != nil {
		return nil, err
	}
	s, err := serve("127.0.0.1:0", upstream)
	if err != nil {
		return nil, err
	}
	c.upstream, err = url.Parse(s.url)
	return s, err
}

// startProxy starts the proxy with its page and metrics.
func startProxy(c config) (*server, error) {
	metrics := observe.NewMetrics()
	transport := newTransport()
	mux := http.NewServeMux()
	mux.Handle("GET /{$}", page.Handler())
	mux.Handle("GET /metrics", metrics.Handler())
	mux.Handle("/", relay.New(relay.Options{
		Upstream:    c.upstream,
		Public:      c.public,
		Private:     c.private,
		Refuse:      c.refuse,
		InjectUsage: c.injectUsage,
		Metrics:     metrics,
		Transport:   transport,
	}))
	s, err := serve(c.listen, mux)
	if err != nil {
		return nil, err
	}
	s.onExit = transport.CloseIdleConnections
	return s, nil
}

// newTransport returns a Transport that leaves compression to upstream and client,
// and keeps as many connections as there are streams at a time.
func newTransport() *http.Transport {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.DisableCompression = true
	t.MaxIdleConns, t.MaxIdleConnsPerHost = 0, 1000
	return t
}
