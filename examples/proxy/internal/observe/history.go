package observe

import (
	"context"
	"encoding/json"
	"net/http"
	"sync"
	"time"

	dto "github.com/prometheus/client_model/go"
)

// History keeps samples of the Metrics of the last minutes, for charts. To keep metrics for longer,
// use Prometheus.
type History struct {
	metrics *Metrics
	every   time.Duration

	mu      sync.Mutex
	samples []sample // oldest first
}

// maxSamples is how many samples a History has: ten minutes at one every five seconds.
const maxSamples = 121

// sample is the state of the Metrics at a time. Names are without the namespace. For metrics with
// labels it has the sum.
type sample struct {
	Time       int64                `json:"time"` // Unix, in milliseconds
	Values     map[string]float64   `json:"values"`
	Histograms map[string][]float64 `json:"histograms"` // the number below each bound, and at the end the total
}

// NewHistory returns a History that takes a sample now and, while Run runs, at
// intervals.
func NewHistory(m *Metrics, every time.Duration) *History {
	h := &History{metrics: m, every: every}
	h.take(time.Now())
	return h
}

// Run takes samples until ctx is done.
func (h *History) Run(ctx context.Context) {
	ticker := time.NewTicker(h.every)
	defer ticker.Stop()
	for {
		select {
		case now := <-ticker.C:
			h.take(now)
		case <-ctx.Done():
			return
		}
	}
}

func (h *History) take(now time.Time) {
	s := h.metrics.sample(now)
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.samples) == maxSamples {
		h.samples = append(h.samples[:0], h.samples[1:]...)
	}
	h.samples = append(h.samples, s)
}

// ServeHTTP serves the samples and the current Metrics as JSON.
func (h *History) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	now := h.metrics.sample(time.Now())
	h.mu.Lock()
	samples := append(h.samples[:len(h.samples):len(h.samples)], now)
	h.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	json.NewEncoder(w).Encode(map[string]any{
		"every":   h.every.Milliseconds(),
		"samples": samples,
		"bounds":  h.metrics.bounds,
	})
}

// sample reads the Metrics of this package: those of the runtime are left out.
func (m *Metrics) sample(now time.Time) sample {
	s := sample{Time: now.UnixMilli(), Values: map[string]float64{}, Histograms: map[string][]float64{}}
	families, err := m.streamsRegistry.Gather()
	if err != nil {
		return s
	}
	for _, family := range families {
		name := family.GetName()[len(namespace)+1:]
		for _, metric := range family.GetMetric() {
			if h := metric.GetHistogram(); h != nil {
				s.Histograms[name] = counts(h)
				continue
			}
			s.Values[name] += metric.GetCounter().GetValue() + metric.GetGauge().GetValue()
		}
	}
	return s
}

func counts(h *dto.Histogram) []float64 {
	var all []float64
	for _, b := range h.GetBucket() {
		all = append(all, float64(b.GetCumulativeCount()))
	}
	return append(all, float64(h.GetSampleCount()))
}
