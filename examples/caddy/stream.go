package chatstreamcaddy

import (
	"errors"
	"io"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/seed-08fc7208/chatstream"
)

// stream is a summary of a chat completion stream. Its strings are copies.
//
// The module cannot share this code with the other examples: xcaddy builds it outside
// this repository, where only published modules can be required.
type stream struct {
	tap   *chatstream.Tap
	begin time.Time

	isChat    bool // at least one chunk of a chat completion was seen
	model     string
	firstText time.Duration // from begin to the first text that is not empty; 0 if there was none
	usage     *usage        // the last one of the stream; nil if there was none
	truncated string        // how the body ended before the answer was complete; empty if it did not
	err       string        // the last other error, of upstream or of the framing
}

// usage has the token counts as the stream reported them.
type usage struct{ prompt, completion, total int64 }

// maxTokens is the largest plausible token count. It is well above any context window, and small
// enough that a counter holds the sum of very many exactly.
const maxTokens = 1_000_000_000

// isPlausible reports whether the counts may be added to counters.
func (u *usage) isPlausible() bool {
	return min(u.prompt, u.completion, u.total) >= 0 && max(u.prompt, u.completion, u.total) <= maxTokens
}

func newStream(begin time.Time) *stream {
	s := &stream{begin: begin}
	s.tap = chatstream.NewTap(s.see)
	return s
}

// close ends the stream.
func (s *stream) close() { s.tap.Close() }

// isOtherAPI reports whether the stream had payloads, none of which belongs to a chat
// completion. Call it after close.
func (s *stream) isOtherAPI() bool { return !s.isChat && s.tap.Stats().Chunks > 0 }

// end names the way the stream ended. clientGone is whether the client has left.
func (s *stream) end(clientGone bool) string {
	switch {
	case clientGone && !s.tap.Done():
		return "abandoned"
	case s.truncated != "":
		return "truncated"
	case s.err != "":
		return "error"
	}
	return "whole"
}

func (s *stream) see(c *chatstream.CreateChatCompletionData, err error) {
	if err != nil {
		s.seeError(err)
	}
	s.isChat = s.isChat || isChatCompletion(c)
	if model, ok := c.Model.Get(); ok && s.model == "" {
		s.model = printable(model)
	}
	if u, ok := c.Usage.Get(); ok {
		s.usage = &usage{u.PromptTokens.Value, u.CompletionTokens.Value, u.TotalTokens.Value}
	}
	if s.firstText == 0 {
		for _, text := range c.Texts() {
			if len(text) > 0 {
				s.firstText = time.Since(s.begin)
				break
			}
		}
	}
}

func (s *stream) seeError(err error) {
	if errors.Is(err, io.ErrUnexpectedEOF) { // a Tap reports this only at the end
		s.truncated = printable(err.Error())
		return
	}
	message := err.Error()
	var api *chatstream.APIError
	if errors.As(err, &api) {
		s.isChat = true // an error ends a stream of this API as well
		if api.Message != "" {
			message = api.Message
		}
	}
	s.err = printable(message)
}

// isChatCompletion reports whether a payload belongs to a chat completion. The streams of
// the Responses and Messages APIs have no choices; those of the legacy Completions API
// have, and say so in object.
func isChatCompletion(c *chatstream.CreateChatCompletionData) bool {
	return strings.HasPrefix(string(c.Object), "chat.completion") ||
		c.Choices != nil && c.Object != "text_completion"
}

// maxShown is the most bytes of a text in the log.
const maxShown = 256

// printable returns a text of the other side for a log: at most maxShown bytes of valid UTF-8 on
// one line, with an ellipsis if the text is cut. Characters that are not printable become U+FFFD,
// including those that have no width or change the text direction.
func printable[T ~string | ~[]byte](text T) string {
	text = text[:min(len(text), utf8.UTFMax*maxShown)] // more is never shown
	var b strings.Builder
	for _, r := range string(text) {
		switch {
		case unicode.IsSpace(r):
			r = ' '
		case !unicode.IsPrint(r):
			r = utf8.RuneError
		}
		if b.Len()+utf8.RuneLen(r) > maxShown {
			return b.String() + "…"
		}
		b.WriteRune(r)
	}
	return b.String()
}
