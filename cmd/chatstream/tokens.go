package main

import (
	"fmt"
	"strings"

	"github.com/seed-08fc7208/chatstream"
)

// tokens has the counts of a usage. Absent counts are not set.
type tokens struct {
	Prompt, Cached, Completion, Reasoning, Total chatstream.Optional[int64]
}

// tokensOf returns the counts of a chunk's usage, if it has one.
func tokensOf(c *chunk) (t tokens, ok bool) {
	usage, ok := c.Usage.Get()
	if !ok {
		return tokens{}, false
	}
	t.Prompt, t.Completion, t.Total = counted(usage.PromptTokens), counted(usage.CompletionTokens), counted(usage.TotalTokens)
	if details, ok := usage.PromptTokensDetails.Get(); ok {
		t.Cached = counted(details.CachedTokens)
	}
	if details, ok := usage.CompletionTokensDetails.Get(); ok {
		t.Reasoning = counted(details.ReasoningTokens)
	}
	return t, true
}

// counted treats null as absent.
func counted(n chatstream.Optional[int64]) chatstream.Optional[int64] {
	if !n.IsSet() {
		return chatstream.Optional[int64]{}
	}
	return n
}

// merge replaces counts by those of a later usage. A count that the later usage lacks stays.
func (t *tokens) merge(later tokens) {
	for _, m := range []struct{ dst, src *chatstream.Optional[int64] }{
		{&t.Prompt, &later.Prompt}, {&t.Cached, &later.Cached}, {&t.Completion, &later.Completion},
		{&t.Reasoning, &later.Reasoning}, {&t.Total, &later.Total},
	} {
		if m.src.IsSet() {
			*m.dst = *m.src
		}
	}
}

// String lists the counts that are set.
func (t tokens) String() string {
	var list []string
	add := func(n chatstream.Optional[int64], name string, part chatstream.Optional[int64], partName string) {
		switch {
		case n.IsSet() && part.IsSet() && part.Value != 0:
			list = append(list, fmt.Sprintf("%d %s (%d %s)", n.Value, name, part.Value, partName))
		case n.IsSet():
			list = append(list, fmt.Sprintf("%d %s", n.Value, name))
		}
	}
	add(t.Prompt, "prompt", t.Cached, "cached")
	add(t.Completion, "completion", t.Reasoning, "reasoning")
	add(t.Total, "total", chatstream.Optional[int64]{}, "")
	return strings.Join(list, ", ")
}

// json returns the counts for machines, or nil if there are none.
func (t tokens) json() *usageJSON {
	if t == (tokens{}) {
		return nil
	}
	count := func(n chatstream.Optional[int64]) *int64 {
		if !n.IsSet() {
			return nil
		}
		return &n.Value
	}
	return &usageJSON{count(t.Prompt), count(t.Cached), count(t.Completion), count(t.Reasoning), count(t.Total)}
}
