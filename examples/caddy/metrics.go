package chatstreamcaddy

import (
	"errors"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"
)

// The reasons why an event stream is not read, as values of the label reason.
const (
	otherPath     = "path"     // the request was not for a chat completion
	otherEncoding = "encoding" // the body is compressed
	otherAPI      = "api"      // the stream of another API
)

// metrics are shared by the handlers of a configuration.
type metrics struct {
	streams, others, tokens *prometheus.CounterVec
	implausible             prometheus.Counter
	firstText               prometheus.Histogram
}

func newMetrics(registry *prometheus.Registry) (*metrics, error) {
	opts := func(name, help string) prometheus.CounterOpts {
		return prometheus.CounterOpts{Namespace: "caddy", Subsystem: "chatstream", Name: name, Help: help}
	}
	m := &metrics{
		streams: prometheus.NewCounterVec(opts("streams_total",
			"Chat completion streams by the way they ended."), []string{"end"}),
		others: prometheus.NewCounterVec(opts("other_streams_total",
			"Event streams that were not read, or were those of another API."), []string{"reason"}),
		tokens: prometheus.NewCounterVec(opts("tokens_total",
			"Tokens by the last plausible usage of each stream."), []string{"kind"}),
		implausible: prometheus.NewCounter(opts("implausible_usage_total",
			"Streams whose usage was negative or too large to be added to tokens_total.")),
		firstText: prometheus.NewHistogram(prometheus.HistogramOpts{
			Namespace: "caddy", Subsystem: "chatstream", Name: "first_text_seconds",
			Help:    "Time from the request to the first text that is not empty.",
			Buckets: prometheus.ExponentialBuckets(0.001, 2, 18),
		}),
	}
	return m, errors.Join(
		register(registry, &m.streams), register(registry, &m.others), register(registry, &m.tokens),
		register(registry, &m.implausible), register(registry, &m.firstText))
}

// register registers *c, or replaces it by the equal collector that another handler of
// the same configuration has registered.
func register[C prometheus.Collector](registry *prometheus.Registry, c *C) error {
	err := registry.Register(*c)
	var already prometheus.AlreadyRegisteredError
	if errors.As(err, &already) {
		if same, ok := already.ExistingCollector.(C); ok {
			*c = same
			return nil
		}
	}
	return err
}

// countOther counts an event stream that is not a chat completion, and returns its field for the
// log.
func (m *metrics) countOther(reason string) []zap.Field {
	m.others.WithLabelValues(reason).Inc()
	return []zap.Field{zap.String("end", "other"), zap.String("reason", reason)}
}

// count counts a chat completion stream, and returns its field for the log.
func (m *metrics) count(s *stream, clientGone bool) []zap.Field {
	end := s.end(clientGone)
	m.streams.WithLabelValues(end).Inc()
	fields := []zap.Field{zap.String("end", end), zap.String("model", s.model), zap.Int64("chunks", s.tap.Stats().Chunks)}
	if s.firstText > 0 {
		m.firstText.Observe(s.firstText.Seconds())
		fields = append(fields, zap.Duration("first_text", s.firstText))
	}
	if u := s.usage; u != nil {
		if u.isPlausible() {
			m.tokens.WithLabelValues("prompt").Add(float64(u.prompt))
			m.tokens.WithLabelValues("completion").Add(float64(u.completion))
		} else {
			m.implausible.Inc()
		}
		fields = append(fields, zap.Int64("prompt_tokens", u.prompt),
			zap.Int64("completion_tokens", u.completion), zap.Int64("total_tokens", u.total))
	}
	message := s.err
	if end == "truncated" { // other ends are not caused by upstream
		message = s.truncated
	}
	if message != "" {
		fields = append(fields, zap.String("error", message))
	}
	return fields
}
