package main

import (
	"encoding/json"
	"iter"
	"strings"

	"github.com/seed-08fc7208/chatstream"
)

// surface is a kind of text in a delta.
type surface int

const (
	none      surface = iota
	answer            // what the model says: content, refusal, transcript
	reasoning         // what it thought before
	calls             // the tool calls, written out
)

// passage is a piece of text.
type passage struct {
	surface surface
	text    []byte
}

// passages returns the texts of a delta that are not empty, but for those of tool
// calls. Reasoning comes first, since what it led to comes after it.
func passages(d *chatstream.Delta) iter.Seq[passage] {
	return func(yield func(passage) bool) {
		give := func(s surface, text []byte) bool { return len(text) == 0 || yield(passage{s, text}) }
		if !reasoningOf(d, give) || !contentOf(d, give) {
			return
		}
		if give(answer, d.Refusal.Value) && d.Audio.Value != nil {
			give(answer, d.Audio.Value.Transcript.Value)
		}
	}
}

type giveFunc func(s surface, text []byte) bool

// reasoningOf gives the reasoning once, though some providers send the same text
// under two or three names.
func reasoningOf(d *chatstream.Delta, give giveFunc) bool {
	a, b := d.Reasoning.Value, d.ReasoningContent.Value
	if string(a) == string(b) {
		b = nil
	}
	if len(a) > 0 || len(b) > 0 {
		return give(reasoning, a) && give(reasoning, b)
	}
	for _, name := range []string{"reasoning_details", "thinking_blocks", "reasoning_text"} {
		for _, p := range partsOf(d.Extra, name) {
			if !give(reasoning, []byte(p.Text+p.Summary+p.thinking())) {
				return false
			}
		}
	}
	return true
}

// contentOf gives the content, also where it is a list of parts.
func contentOf(d *chatstream.Delta, give giveFunc) bool {
	if !give(answer, d.Content.Value) {
		return false
	}
	for _, part := range partsOf(d.Extra, "content") {
		if !give(reasoning, []byte(part.thinking())) || !give(answer, []byte(part.Text)) {
			return false
		}
	}
	return true
}

// part is an element of a list that stands in the place of a text.
type part struct {
	Text     string          `json:"text"`
	Summary  string          `json:"summary"`
	Thinking json.RawMessage `json:"thinking"` // a text or a list of parts
}

func (p *part) thinking() string {
	var text string
	if json.Unmarshal(p.Thinking, &text) == nil {
		return text
	}
	var list []part
	_ = json.Unmarshal(p.Thinking, &list) // other shapes have no text
	var b strings.Builder
	for i := range list {
		b.WriteString(list[i].Text)
	}
	return b.String()
}

// partsOf returns the elements of the list that the member of the given name is; a
// string is the only part. It returns nothing for every other shape.
func partsOf(extra []chatstream.Member, name string) []part {
	value := extraValue(extra, name)
	if value == nil {
		return nil
	}
	var text string
	if json.Unmarshal(value, &text) == nil {
		return []part{{Text: text}}
	}
	var list []json.RawMessage
	if json.Unmarshal(value, &list) != nil {
		return nil
	}
	parts := make([]part, len(list))
	for i, raw := range list {
		_ = json.Unmarshal(raw, &parts[i]) // what has no text gives none
	}
	return parts
}

// extraValue returns the value of the last member of that name, or nil.
func extraValue(extra []chatstream.Member, name string) []byte {
	for i := len(extra) - 1; i >= 0; i-- {
		if string(extra[i].Name) == name {
			return extra[i].Value
		}
	}
	return nil
}

// hasText reports whether a chunk has any text of the answer, rather than only
// says that there will be one.
func hasText(c *chunk) bool {
	for i := range c.Choices {
		d := &c.Choices[i].Delta
		for range passages(d) {
			return true
		}
		if hasArguments(d) {
			return true
		}
	}
	return false
}
