package chatstream

import (
	"bytes"

	"github.com/seed-08fc7208/chatstream/internal/jsonwire"
)

// streamContent is what the payloads of a stream have shown it to be.
type streamContent uint8

const (
	contentNone  streamContent = iota // there was no payload
	contentOther                      // there were some, and none was a chunk or an error
	contentChat                       // one was
)

// sawPayload notes a payload that is no error.
func (k *known) sawPayload(isChunk bool) {
	switch {
	case isChunk:
		k.content = contentChat
	case k.content == contentNone:
		k.content = contentOther
	}
}

// isChatCompletion reports whether a payload, and what the parser made of it, is a chunk:
// its object says so, or a choice has delta or message, or choices is empty or null.
func isChatCompletion(c *CreateChatCompletionData, payload []byte) bool {
	const object = "chat.completion"
	if len(c.Object) >= len(object) && c.Object[:len(object)] == object || c.Choices != nil && len(c.Choices) == 0 {
		return true
	}
	for i := range c.Choices {
		if !c.Choices[i].noDelta {
			return true
		}
	}
	return hasChatChoice(payload)
}

// hasChatChoice looks for what a chunk has not: delta that is no object, message, and
// choices that are null or were not built.
func hasChatChoice(payload []byte) (has bool) {
	eachMember(payload, func(name, choices []byte) {
		if string(name) == "choices" { // the last one counts
			has = string(choices) == "null" || isChoiceList(choices)
		}
	})
	return has
}

// isChoiceList reports whether a valid value is an empty list, or one with an object that
// has delta or message.
func isChoiceList(value []byte) bool {
	if value[0] != '[' {
		return false
	}
	i := jsonwire.SkipSpace(value, 1)
	if value[i] == ']' {
		return true
	}
	has := false
	for !has && value[i] != ']' {
		end, _ := jsonwire.SkipValue(value, i, 1)
		if value[i] == '{' {
			eachMember(value[i:end], func(name, _ []byte) {
				has = has || bytes.Equal(name, []byte("delta")) || bytes.Equal(name, []byte("message"))
			})
		}
		if i = jsonwire.SkipSpace(value, end); value[i] == ',' {
			i = jsonwire.SkipSpace(value, i+1)
		}
	}
	return has
}
