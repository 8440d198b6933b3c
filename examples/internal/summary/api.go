package summary

import (
	"errors"
	"strings"

	"github.com/seed-08fc7208/chatstream"
)

// API tells whether a stream is a chat completion. Streams of other APIs (Responses, Anthropic
// Messages, legacy completions) decode too, but none of their payloads is a chunk, and their ends
// have other rules. The zero value is ready to use.
type API struct {
	payload bool // there was one
	known   bool // a chunk has come, or an error, which all APIs have
}

// See looks at a chunk with the error beside it.
func (a *API) See(c *chatstream.CreateChatCompletionData, err error) {
	var api *chatstream.APIError
	switch {
	case a.known:
	case errors.As(err, &api):
		a.known = true
	case err == nil:
		a.payload = true
		a.known = isChunk(c)
	}
}

// IsOther reports whether the payloads so far are those of another API.
func (a *API) IsOther() bool { return a.payload && !a.known }

// IsEnd reports whether err ends its stream.
func IsEnd(err error) bool {
	var syntax *chatstream.SyntaxError
	var api *chatstream.APIError
	switch {
	case err == nil, errors.As(err, &syntax), errors.Is(err, chatstream.ErrEventTooLarge):
		return false
	case errors.As(err, &api):
		return errors.Is(err, chatstream.ErrNotEventStream)
	}
	return true
}

// isChunk reports whether a payload is a chunk of a chat completion: its object says
// so, an element of its choices has a delta or a message, or its choices are empty or
// null.
func isChunk(c *chatstream.CreateChatCompletionData) bool {
	if strings.HasPrefix(string(c.Object), "chat.completion") {
		return true
	}
	for i := range c.Choices {
		if hasDelta(&c.Choices[i]) {
			return true
		}
	}
	if c.Choices != nil {
		return len(c.Choices) == 0
	}
	for _, m := range c.Extra {
		if string(m.Name) == "choices" {
			return string(m.Value) == "null"
		}
	}
	return false
}

// hasDelta reports whether a choice has a delta, or the message of an answer that was
// not streamed.
func hasDelta(c *chatstream.Choice) bool {
	for _, m := range c.Extra {
		if string(m.Name) == "message" || string(m.Name) == "delta" { // of another type
			return true
		}
	}
	d := &c.Delta
	return len(d.Extra) > 0 ||
		!d.Content.IsAbsent() || !d.Refusal.IsAbsent() || !d.ToolCalls.IsAbsent() || !d.Role.IsAbsent() ||
		!d.Reasoning.IsAbsent() || !d.ReasoningContent.IsAbsent() || !d.FunctionCall.IsAbsent() || !d.Audio.IsAbsent()
}
