// Package observe counts what passes through a proxy of chat completion streams.
package observe

import (
	"net/http"
	"strconv"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Metrics are those of one proxy.
type Metrics struct {
	registry *prometheus.Registry
	models   labels

	streamsOpen    prometheus.Gauge
	streams        prometheus.Counter
	chunks         prometheus.Counter
	replayed       prometheus.Counter
	bytes          prometheus.Counter
	tokens         *prometheus.CounterVec
	firstText      prometheus.Histogram
	gaps           prometheus.Histogram
	truncations    prometheus.Counter
	abandoned      prometheus.Counter
	refusals       prometheus.Counter
	upstreamErrors *prometheus.CounterVec
	decodeErrors   *prometheus.CounterVec
}

// NewMetrics returns Metrics that have counted nothing.
func NewMetrics() *Metrics {
	m := &Metrics{registry: prometheus.NewRegistry()}
	m.streamsOpen = add(m, prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "chatstream_streams_open", Help: "Streams that are open now."}))
	m.streams = add(m, counter("streams_total", "Streams that have begun."))
	m.chunks = add(m, counter("chunks_total", "Chunks that were decoded."))
	m.replayed = add(m, counter("replayed_chunks_total", "Chunks that were decoded from the memory of earlier ones."))
	m.bytes = add(m, counter("bytes_total", "Bytes of streams that upstream sent."))
	m.tokens = add(m, counters("tokens_total", "Tokens by the last usage of each stream.", "model", "kind"))
	m.firstText = add(m, histogram("time_to_first_text_seconds",
		"From the request to the first text that is not empty: content, refusal, reasoning or a tool call, not the role.",
		prometheus.ExponentialBuckets(0.001, 2, 18)))
	m.gaps = add(m, histogram("chunk_gap_seconds", "Between a chunk and the one before it.",
		prometheus.ExponentialBuckets(0.00001, 2.5, 18)))
	m.truncations = add(m, counter("truncations_total", "Streams that upstream ended before the answer was whole."))
	m.abandoned = add(m, counter("abandoned_total", "Streams that were closed before their end, since the client was gone or the answer refused."))
	m.refusals = add(m, counter("refusals_total", "Streams that were cut because of a word."))
	m.upstreamErrors = add(m, counters("upstream_errors_total", "Errors of upstream: by status, within a stream, of the connection.", "kind"))
	m.decodeErrors = add(m, counters("decode_errors_total", "Events and bodies that are no chunks.", "kind"))
	m.registry.MustRegister(collectors.NewGoCollector())
	return m
}

func counterOpts(name, help string) prometheus.CounterOpts {
	return prometheus.CounterOpts{Namespace: "chatstream", Name: name, Help: help}
}

func counter(name, help string) prometheus.Counter {
	return prometheus.NewCounter(counterOpts(name, help))
}

func counters(name, help string, labels ...string) *prometheus.CounterVec {
	return prometheus.NewCounterVec(counterOpts(name, help), labels)
}

func histogram(name, help string, buckets []float64) prometheus.Histogram {
	return prometheus.NewHistogram(prometheus.HistogramOpts{Namespace: "chatstream", Name: name, Help: help, Buckets: buckets})
}

func add[C prometheus.Collector](m *Metrics, c C) C {
	m.registry.MustRegister(c)
	return c
}

// Handler serves the metrics in the format of Prometheus.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

// Status counts the status of a response that is an error.
func (m *Metrics) Status(code int) {
	m.upstreamErrors.WithLabelValues("status_" + strconv.Itoa(code)).Inc()
}

// Unreachable counts a request that upstream did not answer.
func (m *Metrics) Unreachable() { m.upstreamErrors.WithLabelValues("unreachable").Inc() }

// Encoded counts a stream that passed unseen, since its Content-Encoding was not asked for.
func (m *Metrics) Encoded() { m.decodeErrors.WithLabelValues("content_encoding").Inc() }

// Refused counts a stream that was cut because of a word.
func (m *Metrics) Refused() { m.refusals.Inc() }

// labels bounds how many values a label has whose values come from upstream: each
// one is a time series for ever.
type labels struct {
	mu    sync.Mutex
	known map[string]bool
}

const (
	maxLabels   = 100
	maxLabelLen = 100 // bytes
	otherLabel  = "other"
)

func (l *labels) bounded(value string) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.known[value]:
		return value
	case len(l.known) >= maxLabels || len(value) > maxLabelLen:
		return otherLabel
	case l.known == nil:
		l.known = map[string]bool{}
	}
	l.known[value] = true
	return value
}
