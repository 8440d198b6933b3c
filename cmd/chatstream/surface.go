package main

import (
	"encoding/json"
	"iter"

	"github.com/seed-08fc7208/chatstream"
)

// surface is a kind of text in a delta.
type surface int

const (
	none      surface = iota
	answer            // content, refusal, transcript
	reasoning         // the reasoning before it
	calls             // the tool calls
)

// passage is a piece of text.
type passage struct {
	surface surface
	text    []byte
}

// passages returns the texts of a delta that are not empty, without those of tool calls.
// Reasoning comes first.
func passages(d *chatstream.Delta) iter.Seq[passage] {
	return func(yield func(passage) bool) {
		give := func(s surface, text []byte) bool { return len(text) == 0 || yield(passage{s, text}) }
		if !reasoningOf(d, give) || !contentOf(d, give) {
			return
		}
		_ = give(answer, textOf(d.Refusal.Value, d.Extra, "refusal")) && give(answer, transcriptOf(d))
	}
}

type giveFunc func(s surface, text []byte) bool

// reasoningOf returns the reasoning once. Some providers send the same text under two or three
// names.
func reasoningOf(d *chatstream.Delta, give giveFunc) bool {
	a := textOf(d.Reasoning.Value, d.Extra, "reasoning")
	b := textOf(d.ReasoningContent.Value, d.Extra, "reasoning_content")
	if string(a) == string(b) {
		b = nil
	}
	if len(a) > 0 || len(b) > 0 {
		return give(reasoning, a) && give(reasoning, b)
	}
	for _, name := range []string{"reasoning_text", "reasoning_details", "thinking_blocks", "thinking", "cot_summary"} {
		if text := thoughtOf(partsOf(d.Extra, name)); len(text) > 0 {
			return give(reasoning, text)
		}
	}
	return true
}

func thoughtOf(parts []part) []byte {
	var b []byte
	for i := range parts {
		b = append(b, string(parts[i].Text+parts[i].Summary)+parts[i].thinking()...)
	}
	return b
}

// contentOf returns the content, also if it is a list of parts.
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

// textOf returns a text, or the value in Extra that came instead of it: a number or boolean as
// its JSON text, or the texts of parts.
func textOf(text chatstream.Text, extra []chatstream.Member, name string) []byte {
	if len(text) > 0 {
		return text
	}
	return thoughtOf(partsOf(extra, name))
}

// part is an element of a list that came instead of a text.
type part struct {
	Text     partText        `json:"text"`
	Summary  partText        `json:"summary"`
	Thinking json.RawMessage `json:"thinking"` // a text or a list of parts
}

// partText is a text of a part. A number or boolean in its place is its own JSON text,
// and what else there is has none.
type partText string

func (t *partText) UnmarshalJSON(data []byte) error {
	switch data[0] {
	case '"':
		return json.Unmarshal(data, (*string)(t))
	case 'n', '[', '{':
		return nil
	}
	*t = partText(data)
	return nil
}

func (p *part) thinking() string {
	var text partText
	var list []part
	if json.Unmarshal(p.Thinking, &list) != nil {
		_ = json.Unmarshal(p.Thinking, &text) // other shapes have no text
	}
	for i := range list {
		text += list[i].Text
	}
	return string(text)
}

// partsOf returns the elements of the list that is the value of a member. A value that is not a
// list is the only part. The text of a number or boolean is its JSON text.
func partsOf(extra []chatstream.Member, name string) []part {
	value := extraValue(extra, name)
	if len(value) == 0 {
		return nil
	}
	switch value[0] {
	case 'n':
		return nil
	case '[':
		var list []json.RawMessage
		_ = json.Unmarshal(value, &list) // the value is valid JSON
		parts := make([]part, len(list))
		for i, raw := range list {
			parts[i] = partOf(raw)
		}
		return parts
	}
	return []part{partOf(value)}
}

// partOf reads a part, or the text that stands in its place.
func partOf(raw []byte) (p part) {
	if raw[0] == '{' {
		_ = json.Unmarshal(raw, &p) // what has no text gives none
	} else {
		_ = json.Unmarshal(raw, &p.Text)
	}
	return p
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

// memberOf returns the value of a member of an object that came as raw JSON, or nil.
func memberOf(object []byte, name string) []byte {
	if len(object) == 0 {
		return nil
	}
	var members map[string]json.RawMessage
	_ = json.Unmarshal(object, &members) // a value that is not an object has no members
	return members[name]
}

// hasText reports whether a chunk has any text of the answer. A role is not a text.
func hasText(c *chunk) bool {
	for i := range c.Choices {
		d, _ := messageOf(&c.Choices[i])
		for range passages(d) {
			return true
		}
		if hasArguments(d) {
			return true
		}
	}
	return false
}
