package subject

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Kind is a kind of thing that a chunk carries.
type Kind string

// What is compared between the subjects.
const (
	Content      Kind = "content"
	Refusal      Kind = "refusal"
	Reasoning    Kind = "reasoning"         // the member of that name
	ReasoningToo Kind = "reasoning_content" // its other name
	Tool         Kind = "tool_calls"
	Audio        Kind = "audio"
	Logprobs     Kind = "logprobs"
	Finish       Kind = "finish_reason"
	Tokens       Kind = "usage"
	Padding      Kind = "obfuscation"
	Head         Kind = "id, model, created"
)

// Answer is what a stream said, gathered from its chunks in order. It exists to
// compare subjects with each other, and is not part of what is timed.
type Answer struct {
	parts map[part]*strings.Builder
}

type part struct {
	kind  Kind
	index int64
}

// Add notes one piece; an empty one says nothing.
func (a *Answer) Add(k Kind, index int64, text string) {
	if text == "" {
		return
	}
	p := part{k, index}
	if a.parts[p] == nil {
		if a.parts == nil {
			a.parts = map[part]*strings.Builder{}
		}
		a.parts[p] = new(strings.Builder)
	}
	a.parts[p].WriteString(text)
}

// Addf notes one piece.
func (a *Answer) Addf(k Kind, index int64, format string, args ...any) {
	a.Add(k, index, fmt.Sprintf(format, args...))
}

// Tool notes a piece of a tool call.
func (a *Answer) Tool(choice, index int64, id, name, arguments string) {
	if name != "" {
		a.Addf(Tool, choice, "\n%d %s %s ", index, id, name)
	}
	a.Add(Tool, choice, arguments)
}

// Logprob notes a token.
func (a *Answer) Logprob(choice int64, token string, logprob float64, bytes []int64, rivals int) {
	a.Addf(Logprobs, choice, "%q %v %v %d\n", token, logprob, bytes, rivals)
}

// Usage notes the counts of a chunk.
func (a *Answer) Usage(prompt, completion, total int64) {
	a.Addf(Tokens, 0, "%d+%d=%d\n", prompt, completion, total)
}

// Head notes the envelope of a chunk.
func (a *Answer) Head(id, model string, created int64) {
	a.Addf(Head, 0, "%s %s %d\n", id, model, created)
}

// Text is all that was said of a kind, by all choices.
func (a *Answer) Text(k Kind) string {
	var all strings.Builder
	for _, p := range a.sorted() {
		if p.kind == k {
			all.WriteString(a.parts[p].String())
		}
	}
	return all.String()
}

func (a *Answer) sorted() (parts []part) {
	for p := range a.parts {
		parts = append(parts, p)
	}
	slices.SortFunc(parts, func(x, y part) int {
		return cmp.Or(cmp.Compare(x.kind, y.kind), cmp.Compare(x.index, y.index))
	})
	return parts
}

// Differs says in what b is not a, kinds in skip left out; empty means nowhere.
func (a *Answer) Differs(b *Answer, skip []Kind) string {
	for _, p := range append(a.sorted(), b.sorted()...) {
		if slices.Contains(skip, p.kind) {
			continue
		}
		var x, y string
		if s := a.parts[p]; s != nil {
			x = s.String()
		}
		if s := b.parts[p]; s != nil {
			y = s.String()
		}
		if x != y {
			return fmt.Sprintf("%s of choice %d: %s", p.kind, p.index, firstDifference(x, y))
		}
	}
	return ""
}

func firstDifference(x, y string) string {
	i := 0
	for i < min(len(x), len(y)) && x[i] == y[i] {
		i++
	}
	from := max(0, i-20)
	return fmt.Sprintf("at byte %d of %d and %d: %.60q and %.60q", i, len(x), len(y), x[from:], y[from:])
}
