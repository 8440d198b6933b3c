// Package summary is what a proxy wants to know of a stream that has passed.
package summary

import (
	"errors"
	"io"
	"time"

	"github.com/seed-08fc7208/chatstream"
)

// Summary is what is known of a stream. Its strings are copies.
type Summary struct {
	Model        string
	FinishReason string // of the first choice
	Chunks       int64
	FirstText    time.Duration // from the beginning to the first text that is not empty; 0 if there was none
	Usage        Usage
	Ended        bool   // by [DONE], or by the end of the body
	Truncated    bool   // the body ended before the answer was whole
	Error        string // the last error, of upstream or of the framing
}

// Usage has the token counts of the last usage in the stream.
type Usage struct {
	Reported                  bool
	Prompt, Completion, Total int64
}

// Watcher makes the Summary of one stream from its bytes.
type Watcher struct {
	tap   *chatstream.Tap
	begun time.Time
	sum   Summary
}

// Watch begins a stream at the given time.
func Watch(begun time.Time) *Watcher {
	w := &Watcher{begun: begun}
	w.tap = chatstream.NewTap(w.see)
	return w
}

// Write sees the next bytes of the stream. It never fails.
func (w *Watcher) Write(p []byte) (int, error) { return w.tap.Write(p) }

// Close ends the stream.
func (w *Watcher) Close() error {
	w.sum.Ended = true
	return w.tap.Close()
}

// Done reports whether [DONE] was seen.
func (w *Watcher) Done() bool { return w.tap.Done() }

// Summary returns what is known so far.
func (w *Watcher) Summary() Summary {
	w.sum.Chunks = w.tap.Stats().Chunks
	w.sum.Ended = w.sum.Ended || w.tap.Done()
	return w.sum
}

func (w *Watcher) see(c *chatstream.CreateChatCompletionData, err error) {
	if err != nil {
		w.sum.Error = err.Error()
		var api *chatstream.APIError
		if errors.As(err, &api) && api.Message != "" {
			w.sum.Error = api.Message
		}
		// A Tap tells of this at the end alone.
		w.sum.Truncated = w.sum.Truncated || errors.Is(err, io.ErrUnexpectedEOF)
	}
	if model, ok := c.Model.Get(); ok && w.sum.Model != string(model) {
		w.sum.Model = model.String()
	}
	if u, ok := c.Usage.Get(); ok {
		w.sum.Usage = Usage{true, u.PromptTokens.Value, u.CompletionTokens.Value, u.TotalTokens.Value}
	}
	for i := range c.Choices {
		if reason := c.Choices[i].FinishReason.Value; reason != "" && c.Choices[i].Index.Value == 0 {
			w.sum.FinishReason = string(reason)
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
