// Package summary summarizes a stream for a proxy: model, usage, timing and end.
package summary

import (
	"errors"
	"io"
	"time"

	"github.com/seed-08fc7208/chatstream"
)

// Summary describes a stream. Its strings are copies, in the form of Bound.
type Summary struct {
	Model        string
	FinishReason string // of the first choice
	Chunks       int64
	FirstText    time.Duration // from the beginning to the first text that is not empty; 0 if there was none
	Usage        Usage
	Ended        bool   // by [DONE], or by the end of the body
	Truncated    bool   // the body ended before the answer was complete
	Error        string // the last error, of upstream or of the framing

	// OtherAPI means that the stream is not a chat completion. Then Truncated is false, because
	// its end has other rules, and Chunks counts its payloads.
	OtherAPI bool
	// BadUsage means that an implausible usage was ignored.
	BadUsage bool
}

// Watcher computes the Summary of a stream from its bytes.
type Watcher struct {
	tap   *chatstream.Tap
	begun time.Time
	api   API
	sum   Summary
}

// Watch begins a stream at the given time.
func Watch(begun time.Time) *Watcher {
	w := &Watcher{begun: begun}
	w.tap = chatstream.NewTap(w.see)
	return w
}

// Write reads the next bytes of the stream. It never fails.
func (w *Watcher) Write(p []byte) (int, error) { return w.tap.Write(p) }

// Close ends the stream.
func (w *Watcher) Close() error {
	w.sum.Ended = true
	return w.tap.Close()
}

// Done reports whether [DONE] was seen.
func (w *Watcher) Done() bool { return w.tap.Done() }

// Summary returns the Summary of the stream so far.
func (w *Watcher) Summary() Summary {
	w.sum.Chunks = w.tap.Stats().Chunks
	w.sum.Ended = w.sum.Ended || w.tap.Done()
	w.sum.OtherAPI = w.sum.Ended && w.api.IsOther()
	return w.sum
}

func (w *Watcher) see(c *chatstream.CreateChatCompletionData, err error) {
	w.api.See(c, err)
	if err != nil {
		w.seeError(err)
	}
	if model, ok := c.Model.Get(); ok && string(model) != w.sum.Model {
		w.sum.Model = Bound(model, MaxModel)
	}
	if u, ok := UsageOf(c); u.Reported {
		w.sum.Usage = u
	} else if ok {
		w.sum.BadUsage = true
	}
	for i := range c.Choices {
		if reason := c.Choices[i].FinishReason.Value; reason != "" && c.Choices[i].Index.Value == 0 {
			w.sum.FinishReason = Bound(reason, MaxFinishReason)
		}
	}
	if w.sum.FirstText == 0 {
		for _, text := range c.Texts() {
			if len(text) > 0 {
				w.sum.FirstText = time.Since(w.begun)
				break
			}
		}
	}
}

func (w *Watcher) seeError(err error) {
	if w.api.IsOther() && IsEnd(err) {
		return // the end of a stream whose rules are others
	}
	message := err.Error()
	var api *chatstream.APIError
	if errors.As(err, &api) && api.Message != "" {
		message = api.Message
	}
	w.sum.Error = Bound(message, MaxError)
	// A Tap reports this only at the end.
	w.sum.Truncated = w.sum.Truncated || errors.Is(err, io.ErrUnexpectedEOF)
}
