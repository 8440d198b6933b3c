package main

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"
	"github.com/caddyserver/caddy/v2/caddyconfig/httpcaddyfile"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"

	"github.com/seed-08fc7208/chatstream/examples/internal/summary"
)

func init() {
	caddy.RegisterModule(new(Handler))
	httpcaddyfile.RegisterHandlerDirective("chatstream", parse)
	httpcaddyfile.RegisterDirectiveOrder("chatstream", httpcaddyfile.Before, "reverse_proxy")
}

// Handler looks at the chat completion streams in the responses of the handlers after
// it. It changes nothing. What it finds is in the access log, in the field chatstream,
// and in Caddy's metrics.
type Handler struct {
	metrics *metrics
}

// metrics are shared by the handlers of a configuration.
type metrics struct {
	streams, tokens *prometheus.CounterVec
	firstText       prometheus.Histogram
}

// CaddyModule returns the module's name and how it is made.
func (*Handler) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: "http.handlers.chatstream", New: func() caddy.Module { return new(Handler) }}
}

// Provision registers the metrics.
func (h *Handler) Provision(ctx caddy.Context) error {
	registry := ctx.GetMetricsRegistry()
	opts := func(name, help string) prometheus.CounterOpts {
		return prometheus.CounterOpts{Namespace: "caddy", Subsystem: "chatstream", Name: name, Help: help}
	}
	h.metrics = new(metrics)
	var err error
	h.metrics.streams, err = register(registry, err, prometheus.NewCounterVec(opts("streams_total", "Streams by their end."), []string{"end"}))
	h.metrics.tokens, err = register(registry, err, prometheus.NewCounterVec(opts("tokens_total", "Tokens by the last usage of each stream."), []string{"kind"}))
	h.metrics.firstText, err = register(registry, err, prometheus.NewHistogram(prometheus.HistogramOpts{
		Namespace: "caddy", Subsystem: "chatstream", Name: "first_text_seconds",
		Help:    "From the request to the first text that is not empty.",
		Buckets: prometheus.ExponentialBuckets(0.001, 2, 18),
	}))
	return err
}

// register returns the collector, or the equal one that another handler of the same
// configuration has registered.
func register[C prometheus.Collector](registry *prometheus.Registry, before error, c C) (C, error) {
	err := registry.Register(c)
	var already prometheus.AlreadyRegisteredError
	if errors.As(err, &already) {
		if same, ok := already.ExistingCollector.(C); ok {
			return same, before
		}
	}
	return c, errors.Join(before, err)
}

// ServeHTTP implements caddyhttp.MiddlewareHandler.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request, next caddyhttp.Handler) error {
	view := &viewer{ResponseWriterWrapper: &caddyhttp.ResponseWriterWrapper{ResponseWriter: w}, begun: time.Now()}
	// In a defer, since reverse_proxy panics where a response breaks off.
	defer func() {
		if view.watcher != nil {
			view.watcher.Close()
			h.report(r, view.watcher)
		}
	}()
	return next.ServeHTTP(view, r)
}

// report says how a stream was.
func (h *Handler) report(r *http.Request, w *summary.Watcher) {
	sum := w.Summary()
	end := "whole"
	switch {
	case r.Context().Err() != nil && !w.Done():
		end = "abandoned"
	case sum.Truncated:
		end = "truncated"
	case sum.Error != "":
		end = "error"
	}
	h.metrics.streams.WithLabelValues(end).Inc()
	fields := []zap.Field{zap.String("end", end), zap.String("model", sum.Model), zap.Int64("chunks", sum.Chunks)}
	if sum.FirstText > 0 {
		h.metrics.firstText.Observe(sum.FirstText.Seconds())
		fields = append(fields, zap.Duration("first_text", sum.FirstText))
	}
	if u := sum.Usage; u.Reported {
		h.metrics.tokens.WithLabelValues("prompt").Add(float64(max(u.Prompt, 0)))
		h.metrics.tokens.WithLabelValues("completion").Add(float64(max(u.Completion, 0)))
		fields = append(fields, zap.Int64("prompt_tokens", u.Prompt), zap.Int64("completion_tokens", u.Completion), zap.Int64("total_tokens", u.Total))
	}
	if sum.Error != "" {
		fields = append(fields, zap.String("error", sum.Error))
	}
	if extra, ok := r.Context().Value(caddyhttp.ExtraLogFieldsCtxKey).(*caddyhttp.ExtraLogFields); ok {
		extra.Add(zap.Dict("chatstream", fields...))
	}
}

// viewer sees a response that is an event stream on its way.
type viewer struct {
	*caddyhttp.ResponseWriterWrapper
	begun   time.Time
	decided bool
	watcher *summary.Watcher // nil: it is no stream, or one that can't be read
}

// WriteHeader looks whether the response is a stream.
func (v *viewer) WriteHeader(status int) {
	if status >= 200 {
		v.decide()
	}
	v.ResponseWriterWrapper.WriteHeader(status)
}

func (v *viewer) decide() {
	if v.decided {
		return
	}
	v.decided = true
	mediaType, _, _ := mime.ParseMediaType(v.Header().Get("Content-Type"))
	encoding := v.Header().Get("Content-Encoding")
	if mediaType == "text/event-stream" && (encoding == "" || strings.EqualFold(encoding, "identity")) {
		v.watcher = summary.Watch(v.begun)
	}
}

// Write passes the bytes on, and then looks at them.
func (v *viewer) Write(p []byte) (int, error) {
	v.decide()
	n, err := v.ResponseWriterWrapper.Write(p)
	if v.watcher != nil {
		v.watcher.Write(p[:n])
	}
	return n, err
}

// ReadFrom is Write: the one of the wrapper would pass it by.
func (v *viewer) ReadFrom(r io.Reader) (int64, error) {
	return io.Copy(struct{ io.Writer }{v}, r)
}

// parse reads the directive, which has no arguments:
//
//	chatstream
func parse(h httpcaddyfile.Helper) (caddyhttp.MiddlewareHandler, error) {
	handler := new(Handler)
	return handler, handler.UnmarshalCaddyfile(h.Dispenser)
}

// UnmarshalCaddyfile implements caddyfile.Unmarshaler.
func (*Handler) UnmarshalCaddyfile(d *caddyfile.Dispenser) error {
	d.Next() // the directive's name
	if d.NextArg() {
		return d.ArgErr()
	}
	if d.NextBlock(0) {
		return d.Errf("unknown option %q", d.Val())
	}
	return nil
}

var (
	_ caddy.Provisioner           = (*Handler)(nil)
	_ caddyhttp.MiddlewareHandler = (*Handler)(nil)
	_ caddyfile.Unmarshaler       = (*Handler)(nil)
)
