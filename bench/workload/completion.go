package workload

import (
	"fmt"
	"strconv"
	"strings"
)

// Answer is a whole answer: an object chat.completion with a text of that many words.
type Answer struct {
	Name    string
	Payload []byte
	Text    string
	Tokens  int64
}

// Answers are a short and a long one.
func Answers() []Answer {
	return []Answer{answer("short answer", 20), answer("long answer", 1000)}
}

func answer(name string, words int) Answer {
	text := strings.TrimSpace(strings.Repeat("The quick brown fox waits. ", words/5))
	tokens := int64(12 + words)
	payload := fmt.Sprintf(`{"id":"chatcmpl-abcdefghijklmnopqrstuvwxyz","object":"chat.completion","created":1750000000,"model":"gpt-4o-2024-08-06",`+
		`"choices":[{"index":0,"message":{"role":"assistant","content":%s,"refusal":null,"annotations":[]},"logprobs":null,"finish_reason":"stop"}],`+
		`"usage":{"prompt_tokens":12,"completion_tokens":%d,"total_tokens":%d,"prompt_tokens_details":{"cached_tokens":0,"audio_tokens":0},`+
		`"completion_tokens_details":{"reasoning_tokens":0,"audio_tokens":0,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}},`+
		`"service_tier":"default","system_fingerprint":"fp_0123456789"}`, strconv.Quote(text), words, tokens)
	return Answer{name, []byte(payload), text, tokens}
}
