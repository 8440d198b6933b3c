package main

import "fmt"

// The checks of usage and texts.
var (
	usageChecks = []*check{
		{name: "usage/repeated", level: levelNote, what: "usage comes more than once: clients that add the counts count too much", chunk: usageRepeated},
		{name: "usage/empty", level: levelNote, what: "usage has no counts: clients that take the last usage lose the counts before", chunk: usageEmpty},
		{name: "usage/total", level: levelNote, what: "total_tokens is not prompt_tokens plus completion_tokens", chunk: usageTotal},
		{name: "usage/reasoning", level: levelNote, what: "more reasoning tokens than completion_tokens, which should include them", chunk: usageReasoning},
	}
	textChecks = []*check{
		{name: "text/cumulative", level: levelNote, what: "each piece of the text repeats all before it: clients that join them repeat it", end: eachEnd(textCumulative)},
		{name: "text/repeated-whole", level: levelNote, what: "the last piece repeats the whole text: clients that join them show it twice", end: eachEnd(textRepeated)},
	}
)

func usageRepeated(s *seen, c *chunk, found foundFunc) {
	if c.Usage.IsSet() && s.usages > 0 {
		found("usage", "")
	}
}

func usageEmpty(_ *seen, c *chunk, found foundFunc) {
	if t, ok := tokensOf(c); ok && t == (tokens{}) {
		found("usage", "")
	}
}

func usageTotal(_ *seen, c *chunk, found foundFunc) {
	t, _ := tokensOf(c)
	if t.Total.IsSet() && t.Prompt.IsSet() && t.Completion.IsSet() && t.Total.Value != t.Prompt.Value+t.Completion.Value {
		found("usage.total_tokens", fmt.Sprintf("%d with %d and %d", t.Total.Value, t.Prompt.Value, t.Completion.Value))
	}
}

func usageReasoning(_ *seen, c *chunk, found foundFunc) {
	t, _ := tokensOf(c)
	if t.Reasoning.IsSet() && t.Completion.IsSet() && t.Reasoning.Value > t.Completion.Value {
		found("usage.completion_tokens_details.reasoning_tokens", fmt.Sprintf("%d with %d", t.Reasoning.Value, t.Completion.Value))
	}
}

func eachText(ch *seenChoice, look func(where string, t *seenText)) {
	look("choices[].delta.content", &ch.content)
	look("choices[].delta.reasoning", &ch.reasoning)
}

func textCumulative(ch *seenChoice, found foundFunc) {
	eachText(ch, func(where string, t *seenText) {
		if t.cumulative() {
			found(where, quote(t.lastPiece()))
		}
	})
}

func textRepeated(ch *seenChoice, found foundFunc) {
	eachText(ch, func(where string, t *seenText) {
		if t.repeatedWhole() && !t.cumulative() {
			found(where, quote(t.lastPiece()))
		}
	})
	if ch.repeatedMessage {
		found("choices[].message", "")
	}
}
