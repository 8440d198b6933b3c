// Package observe has the metrics of a proxy of chat completion streams.
package observe

import (
	"math"
	"net/http"
	"strconv"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Metrics are the metrics of one proxy.
type Metrics struct {
	registry        *prometheus.Registry // the metrics that Handler serves
	streamsRegistry *prometheus.Registry // the part of them about streams
	bounds          map[string][]float64 // of the histograms, by name
	models          labels

	streamsOpen    prometheus.Gauge
	streams        prometheus.Counter
	chunks         prometheus.Counter
	matched        prometheus.Counter
	bytes          prometheus.Counter
	tokens         *prometheus.CounterVec
	firstText      prometheus.Histogram
	gaps           prometheus.Histogram
	truncations    prometheus.Counter
	abandoned      prometheus.Counter
	refusals       *prometheus.CounterVec
	others         *prometheus.CounterVec
	upstreamErrors *prometheus.CounterVec
	decodeErrors   *prometheus.CounterVec
}

// namespace is the prefix of the name of each metric.
const namespace = "chatstream"

// NewMetrics returns Metrics that have counted nothing.
func NewMetrics() *Metrics {
	m := &Metrics{streamsRegistry: prometheus.NewRegistry(), registry: prometheus.NewRegistry(), bounds: map[string][]float64{}}
	m.streamsOpen = add(m, prometheus.NewGauge(prometheus.GaugeOpts{
		Namespace: namespace, Name: "streams_open", Help: "Streams that are open now."}))
	m.streams = add(m, counter("streams_total", "Streams that have begun."))
	m.chunks = add(m, counter("chunks_total", "Chunks that were decoded."))
	m.matched = add(m, counter("matched_chunks_total", "Chunks that were decoded by what was learned of earlier ones."))
	m.bytes = add(m, counter("bytes_total", "Bytes of streams that upstream sent."))
	m.tokens = add(m, counters("tokens_total", "Tokens by the last usage of each stream.", "model", "kind"))
	m.firstText = m.histogram("time_to_first_text_seconds",
		"From the request to the first text that is not empty: content, refusal, reasoning or a tool call, not the role.",
		buckets(0.001, 100))
	m.gaps = m.histogram("chunk_gap_seconds", "Between a chunk and the one before it.", buckets(0.00001, 30))
	m.truncations = add(m, counter("truncations_total", "Streams that upstream ended before the answer was whole."))
	m.abandoned = add(m, counter("abandoned_total", "Streams that were closed before their end, since the client was gone or the answer refused."))
	m.refusals = add(m, counters("refusals_total", "Answers that were cut or not passed on: because of the word, or since they could not be read as a client may.", "reason"))
	m.others = add(m, counters("other_responses_total", "Answers that are no chat completion streams: event streams of other paths, answers of another Content-Type, streams of other APIs.", "kind"))
	m.upstreamErrors = add(m, counters("upstream_errors_total", "Errors of upstream: by status, within a stream, of the connection.", "kind"))
	m.decodeErrors = add(m, counters("decode_errors_total", "Events and bodies that are no chunks.", "kind"))
	m.registry.MustRegister(collectors.NewGoCollector(), m.streamsRegistry)
	return m
}

func counterOpts(name, help string) prometheus.CounterOpts {
	return prometheus.CounterOpts{Namespace: namespace, Name: name, Help: help}
}

func counter(name, help string) prometheus.Counter {
	return prometheus.NewCounter(counterOpts(name, help))
}

func counters(name, help string, labels ...string) *prometheus.CounterVec {
	return prometheus.NewCounterVec(counterOpts(name, help), labels)
}

func (m *Metrics) histogram(name, help string, buckets []float64) prometheus.Histogram {
	m.bounds[name] = buckets
	return add(m, prometheus.NewHistogram(prometheus.HistogramOpts{Namespace: namespace, Name: name, Help: help, Buckets: buckets}))
}

// buckets returns bounds from low to high, ten for each power of ten, so that a quantile has one
// exact digit. The bounds are labels, and have three digits.
func buckets(low, high float64) []float64 {
	var bounds []float64
	for i := range int(math.Round(10*math.Log10(high/low))) + 1 {
		label := strconv.FormatFloat(low*math.Pow(10, float64(i)/10), 'g', 3, 64)
		bound, _ := strconv.ParseFloat(label, 64)
		bounds = append(bounds, bound)
	}
	return bounds
}

func add[C prometheus.Collector](m *Metrics, c C) C {
	m.streamsRegistry.MustRegister(c)
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

// Encoded counts a stream that was not read because of an unexpected Content-Encoding.
func (m *Metrics) Encoded() { m.decodeErrors.WithLabelValues("content_encoding").Inc() }

// Refused counts an answer that was cut or not passed on.
func (m *Metrics) Refused(reason string) { m.refusals.WithLabelValues(reason).Inc() }

// Other counts an answer that is not a chat completion stream, by the reason.
func (m *Metrics) Other(kind string) { m.others.WithLabelValues(kind).Inc() }

// labels bounds the number of values of a label whose values come from upstream: each value is a
// time series for ever.
type labels struct {
	mu    sync.Mutex
	known map[string]bool
}

const (
	maxLabels  = 100
	otherLabel = "other"
)

func (l *labels) bounded(value string) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.known[value]:
		return value
	case len(l.known) >= maxLabels:
		return otherLabel
	case l.known == nil:
		l.known = map[string]bool{}
	}
	l.known[value] = true
	return value
}
