package main

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/seed-08fc7208/chatstream/examples/proxy/internal/observe"
	"github.com/seed-08fc7208/chatstream/examples/proxy/internal/page"
	"github.com/seed-08fc7208/chatstream/examples/proxy/internal/relay"
	"github.com/seed-08fc7208/chatstream/examples/proxy/internal/upstream"
)

// server is an HTTP server that runs.
type server struct {
	http   http.Server
	url    string
	failed chan error // gets one if it stops by itself
}

// serve starts a server. It has no timeout for an answer: a stream may take as long as
// it does. What there is for the body of a request is the handler's.
func serve(address string, handler http.Handler) (*server, error) {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, err
	}
	s := &server{
		http:   http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute},
		url:    "http://" + listener.Addr().String(),
		failed: make(chan error, 1),
	}
	go func() {
		if err := s.http.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			s.failed <- err
		}
	}()
	return s, nil
}

// close stops the server at once.
func (s *server) close() { s.http.Close() }

// shutdown lets open requests end, until ctx is done.
func (s *server) shutdown(ctx context.Context) error {
	if err := s.http.Shutdown(ctx); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return nil
}

// startUpstream starts the upstream that plays test streams.
func startUpstream(c *config) (*server, error) {
	handler, err := upstream.New(c.streams, c.pace)
	if err != nil {
		return nil, err
	}
	s, err := serve("127.0.0.1:0", handler)
	if err != nil {
		return nil, err
	}
	c.upstream, err = url.Parse(s.url)
	return s, err
}

// proxy is what runs between clients and upstream.
type proxy struct {
	*server         // for the clients
	admin   *server // for those who run it; nil without
	onExit  func()
}

// startProxy starts the proxy and, on an address of its own, its page and metrics: no
// path of upstream is hidden by them, and clients don't see them.
func startProxy(c config) (*proxy, error) {
	metrics := observe.NewMetrics()
	transport := newTransport(c.headerTimeout)
	handler := relay.New(relay.Options{
		Upstream:     c.upstream,
		Public:       c.public,
		Private:      c.private,
		Refuse:       c.refuse,
		PassOthers:   c.passOthers,
		InjectUsage:  c.injectUsage,
		ReadTimeout:  c.readTimeout,
		StallTimeout: c.stallTimeout,
		Metrics:      metrics,
		Transport:    transport,
	})
	s, err := serve(c.listen, handler)
	if err != nil {
		return nil, err
	}
	p := &proxy{server: s, onExit: transport.CloseIdleConnections}
	if c.admin == "" {
		return p, nil
	}
	history := observe.NewHistory(metrics, c.sampleEvery)
	if p.admin, err = serve(c.admin, adminHandler(metrics, history, handler)); err != nil {
		p.close()
		return nil, err
	}
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { history.Run(ctx) })
	p.onExit = func() {
		stop()
		running.Wait()
		transport.CloseIdleConnections()
	}
	return p, nil
}

// adminHandler serves the page, the metrics, and for the page what it tries.
func adminHandler(metrics *observe.Metrics, history, relay http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /", page.Handler())
	mux.Handle("GET /metrics", metrics.Handler())
	mux.Handle("GET /history", history)
	mux.Handle("GET /v1/models", relay)
	mux.Handle("POST /v1/chat/completions", relay)
	return mux
}

// close stops all at once.
func (p *proxy) close() {
	p.server.close()
	if p.admin != nil {
		p.admin.close()
	}
	p.onExit()
}

// shutdown lets open requests end, as long as grace allows.
func (p *proxy) shutdown(grace time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	err := p.server.shutdown(ctx)
	if p.admin != nil {
		err = errors.Join(err, p.admin.shutdown(ctx))
	}
	return err
}

// newTransport returns a Transport that leaves compression to upstream and client,
// and keeps as many connections as there are streams at a time.
func newTransport(headerTimeout time.Duration) *http.Transport {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.DisableCompression = true
	t.MaxIdleConns, t.MaxIdleConnsPerHost = 0, 1000
	t.ResponseHeaderTimeout = headerTimeout
	return t
}
