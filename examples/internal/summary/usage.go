package summary

import "github.com/seed-08fc7208/chatstream"

// Usage has the token counts of the last plausible usage in the stream.
type Usage struct {
	Reported                  bool
	Prompt, Completion, Total int64
}

// MaxTokens is the largest plausible token count. No model has a context of even a hundredth of
// it. A single count of 2^63 would make a counter useless.
const MaxTokens = 1_000_000_000

// UsageOf returns the usage of a chunk and whether it has one. The usage is not
// Reported, and all zero, if a count in it is negative or over MaxTokens.
func UsageOf(c *chatstream.CreateChatCompletionData) (Usage, bool) {
	u, ok := c.Usage.Get()
	if !ok {
		return Usage{}, false
	}
	counts := Usage{true, u.PromptTokens.Value, u.CompletionTokens.Value, u.TotalTokens.Value}
	for _, n := range []int64{counts.Prompt, counts.Completion, counts.Total} {
		if n < 0 || n > MaxTokens {
			return Usage{}, true
		}
	}
	return counts, true
}
