package observe

import (
	"context"
	"errors"
	"io"
	"sync"
	"time"

	"github.com/seed-08fc7208/chatstream"
	"github.com/seed-08fc7208/chatstream/examples/internal/summary"
)

// ErrStalled is the error of Read if upstream has been silent for too long.
var ErrStalled = errors.New("upstream has stalled")

// Body returns the body of an event stream from upstream, and observes all bytes that are read
// from it. begun is the time when the request came.
func (m *Metrics) Body(rc io.ReadCloser, begun time.Time) io.ReadCloser {
	s := &stream{m: m, upstream: rc, begun: begun}
	s.tap = chatstream.NewTap(s.observe)
	m.streams.Inc()
	m.streamsOpen.Inc()
	return &body{ReadCloser: s.tap.Body((*upstream)(s)), stream: s}
}

// stream is the state of one stream.
type stream struct {
	m        *Metrics
	upstream io.ReadCloser
	ended    bool // upstream has ended the body, with or without an error
	stalled  bool // it was silent for too long
	tap      *chatstream.Tap
	closed   sync.Once

	begun   time.Time
	last    time.Time // of the last chunk
	shown   bool      // a text has been seen
	matched int64     // chunks, as counted so far

	api   summary.API
	model string
	usage summary.Usage
}

// upstream is the body of the response: it counts bytes and notes the end.
type upstream stream

func (u *upstream) Read(p []byte) (int, error) {
	n, err := u.upstream.Read(p)
	u.m.bytes.Add(float64(n))
	u.ended = u.ended || err != nil
	u.stalled = u.stalled || errors.Is(err, ErrStalled)
	return n, err
}

func (u *upstream) Close() error { return u.upstream.Close() }

// body is the tapped body: closing it is the end of the stream.
type body struct {
	io.ReadCloser
	stream *stream
}

func (b *body) Close() error {
	err := b.ReadCloser.Close()
	b.stream.closed.Do(b.stream.close)
	return err
}

// close updates the metrics that are known only at the end. Usage is cumulative, so the last one
// counts.
func (s *stream) close() {
	s.m.streamsOpen.Dec()
	if s.api.IsOther() {
		s.m.Other("payload")
	}
	if !s.usage.Reported {
		return
	}
	model := s.m.models.bounded(s.model)
	s.m.tokens.WithLabelValues(model, "prompt").Add(float64(s.usage.Prompt))
	s.m.tokens.WithLabelValues(model, "completion").Add(float64(s.usage.Completion))
}

// observe is the Tap's function.
func (s *stream) observe(chunk *chatstream.CreateChatCompletionData, err error) {
	s.api.See(chunk, err)
	s.observeUsage(chunk)
	if err != nil {
		s.observeError(err)
		return
	}
	s.m.chunks.Inc()
	if n := s.tap.Stats().Matched; n > s.matched {
		s.m.matched.Add(float64(n - s.matched))
		s.matched = n
	}
	now := time.Now()
	if !s.last.IsZero() {
		s.m.gaps.Observe(now.Sub(s.last).Seconds())
	}
	s.last = now
	if !s.shown && hasText(chunk) {
		s.shown = true
		s.m.firstText.Observe(now.Sub(s.begun).Seconds())
	}
}

// observeUsage keeps the usage, which is counted at the end. It may come beside an error.
func (s *stream) observeUsage(chunk *chatstream.CreateChatCompletionData) {
	if model := chunk.Model.Value; string(model) != s.model && len(model) > 0 {
		s.model = summary.Bound(model, summary.MaxModel)
	}
	if usage, ok := summary.UsageOf(chunk); usage.Reported {
		s.usage = usage
	} else if ok {
		s.m.decodeErrors.WithLabelValues("usage").Inc()
	}
}

func hasText(chunk *chatstream.CreateChatCompletionData) bool {
	for range chunk.Texts() {
		return true
	}
	return false
}

func (s *stream) observeError(err error) {
	var syntax *chatstream.SyntaxError
	var api *chatstream.APIError
	switch {
	case errors.As(err, &syntax):
		s.m.decodeErrors.WithLabelValues("syntax").Inc()
	case errors.Is(err, chatstream.ErrEventTooLarge):
		s.m.decodeErrors.WithLabelValues("too_large").Inc()
	case errors.Is(err, chatstream.ErrNotEventStream):
		s.m.decodeErrors.WithLabelValues("not_event_stream").Inc()
	case errors.As(err, &api):
		s.m.upstreamErrors.WithLabelValues("in_stream").Inc()
	case s.stalled:
		s.m.upstreamErrors.WithLabelValues("stalled").Inc()
	case !s.ended || errors.Is(err, context.Canceled):
		s.m.abandoned.Inc()
	case s.api.IsOther(): // its end has other rules
	case errors.Is(err, io.ErrUnexpectedEOF):
		s.m.truncations.Inc()
	default:
		s.m.upstreamErrors.WithLabelValues("read").Inc()
	}
}
