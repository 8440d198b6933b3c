package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"regexp"
	"strings"

	"github.com/seed-08fc7208/chatstream"
)

// bodyHint explains a body that is not an event stream.
type bodyHint struct {
	is   func(head []byte) bool
	hint string
}

var bodyHints = []bodyHint{
	{hasPrefix("\x1f\x8b"), "this is gzip: decompress it first (gunzip -c FILE | chatstream), or send Accept-Encoding: identity"},
	{hasPrefix("\x28\xb5\x2f\xfd"), "this is zstd: decompress it first (zstd -dc FILE | chatstream), or send Accept-Encoding: identity"},
	{isHAR, "this is a HAR file, which a browser recorded: save only the body of the response"},
	{matches(`^\s*\{[^{}\[\]]*"object"\s*:\s*"chat\.completion"|^\s*\{\s*"choices"\s*:[\s\S]*"message"\s*:`),
		`this answer was not streamed: send "stream": true in the request`},
	{matches(`^\s*\{[^\n]*"done"\s*:\s*(true|false)`), "this is Ollama's native API: use its /v1/chat/completions"},
	{matches(`^\s*[\[{][\s\S]*"candidates"\s*:`), "this is Gemini's native API: use its OpenAI-compatible endpoint"},
}

func hasPrefix(prefix string) func([]byte) bool {
	return func(head []byte) bool { return bytes.HasPrefix(head, []byte(prefix)) }
}

func matches(pattern string) func([]byte) bool { return regexp.MustCompile(pattern).Match }

// isHAR reports whether a body begins like an HTTP archive: a log with a creator or entries.
func isHAR(head []byte) bool {
	return matchesHAR(head) && (bytes.Contains(head, []byte(`"creator"`)) || bytes.Contains(head, []byte(`"entries"`)))
}

var matchesHAR = matches(`^(\xEF\xBB\xBF)?\s*\{\s*"log"\s*:\s*\{`)

// otherAPI recognizes streams of other APIs.
type otherAPI struct {
	hint string
	chat bool // a chunk of a chat completion, or an error, has come
}

func (o *otherAPI) observe(c *chunk, err error) {
	var apiErr *chatstream.APIError
	switch {
	case o.chat:
	case errors.As(err, &apiErr):
		o.chat = true
	case c == nil:
	case strings.HasPrefix(string(c.Object), "chat.completion"):
		o.chat = true
	default:
		hint := otherAPIHint(c)
		o.chat = hint == "" && c.Choices != nil
		o.hint = cmp.Or(o.hint, hint)
	}
}

// otherAPIHint names the other API that a payload seems to be from, or returns "".
func otherAPIHint(c *chunk) string {
	var typ string
	_ = json.Unmarshal(extraValue(c.Extra, "type"), &typ) // other types do not count
	switch {
	case strings.HasPrefix(typ, "response.") || c.Object == "response":
		return "this is a stream of the Responses API, which chatstream does not read"
	case typ == "message_start" || typ == "message_delta" || typ == "message_stop" || typ == "ping" || strings.HasPrefix(typ, "content_block_"):
		return "this is a stream of Anthropic's Messages API, which chatstream does not read"
	case c.Object == "text_completion":
		return "this is a stream of the legacy completions API: use /v1/chat/completions"
	case strings.HasPrefix(string(c.Object), "thread."):
		return "this is a stream of the Assistants API, which chatstream does not read"
	case len(c.Choices) == 0 && extraValue(c.Extra, "candidates") != nil:
		return "this is a stream of Gemini's native API: use its OpenAI-compatible endpoint"
	}
	return ""
}

// hintFor returns one line that explains a stream that is not a chat completion, or "".
func hintFor(in *input, other *otherAPI, final error) string {
	if other.chat {
		return ""
	}
	if other.hint != "" {
		return other.hint
	}
	if final == nil {
		return ""
	}
	for _, h := range bodyHints {
		if h.is(in.head) {
			return h.hint
		}
	}
	return ""
}
