package chatstream

import (
	"bytes"
	"slices"
	"unicode/utf8"

	"github.com/seed-08fc7208/chatstream/internal/jsonwire"
)

// ReasoningText returns the model's thought process, which has several names. It returns
// the first of these that is not empty, because servers that use several names repeat the
// same text.
//
//   - Reasoning and ReasoningContent
//   - reasoning_text in Extra
//   - the content parts whose type begins with thinking, reasoning or thought
//   - in Extra: the texts and summaries of reasoning_details and thinking_blocks, then
//     thinking, cot_summary, and reasoning or reasoning_content of another shape
//
// The result is borrowed like the Completion, unless it had to be joined or unescaped: then
// it is new memory.
func (m *Message) ReasoningText() Text {
	if len(m.Reasoning.Value) > 0 {
		return m.Reasoning.Value
	}
	if len(m.ReasoningContent.Value) > 0 {
		return m.ReasoningContent.Value
	}
	var t thoughts
	if t.addMember(m.Extra, "reasoning_text"); len(t.text) > 0 {
		return t.text
	}
	eachElement(m.ContentParts, func(v RawValue) {
		if p := readPart(v); p.isThought() {
			t.add(v, 0)
		}
	})
	for _, name := range [...]string{"reasoning_details", "thinking_blocks", "thinking", "cot_summary", "reasoning", "reasoning_content"} {
		if len(t.text) > 0 {
			return t.text
		}
		t.addMember(m.Extra, name)
	}
	return t.text
}

// thoughts joins the texts of raw values.
type thoughts struct{ text Text }

func (t *thoughts) addMember(extra Members, name string) {
	for i := range extra {
		if m := &extra[i]; string(m.Name) == name {
			t.add(m.Value, 0)
		}
	}
}

// maxThoughtDepth is how deep thoughts may be nested: elements of parts of parts.
const maxThoughtDepth = 6

// add adds the text of a string, or the texts of a list or part.
func (t *thoughts) add(v RawValue, depth int) {
	switch {
	case depth > maxThoughtDepth:
	case isRawString(v):
		t.addString(v)
	case isScalar(v):
		t.join(Text(v))
	case isList(v):
		eachElement(v, func(element RawValue) { t.add(element, depth+1) })
	case isRawObject(v):
		if p := readPart(v); p.thought != nil {
			t.add(p.thought, depth+1)
		} else {
			t.add(p.text, depth+1)
		}
	}
}

func (t *thoughts) addString(v RawValue) {
	if text := inner(v); bytes.IndexByte(text, '\\') < 0 && utf8.Valid(text) {
		t.join(Text(text))
		return
	}
	text, _, _ := jsonwire.AppendUnescaped(nil, v, 1)
	t.join(text)
}

// join borrows the first text and copies it when another one follows.
func (t *thoughts) join(text Text) {
	if len(t.text) == 0 {
		t.text = slices.Clip(text)
		return
	}
	t.text = append(t.text, text...)
}
