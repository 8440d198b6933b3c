package main

import (
	"bytes"
	"encoding/json"

	"github.com/seed-08fc7208/chatstream"
)

// maxAnswer is how large an answer may be that is put together, in bytes.
const maxAnswer = 1 << 30

// toolCalls puts the tool calls of a choice together.
type toolCalls struct {
	answer chatstream.Accumulator
	some   bool
	piece  chunk
}

// add takes what a delta says of tool calls, and nothing else of it.
func (t *toolCalls) add(d *chatstream.Delta) {
	if len(d.ToolCalls.Value) == 0 && !d.FunctionCall.IsSet() {
		return
	}
	t.some = true
	t.answer.Limit = maxAnswer
	t.piece.Choices = append(t.piece.Choices[:0], chatstream.Choice{
		Delta: chatstream.Delta{ToolCalls: d.ToolCalls, FunctionCall: d.FunctionCall},
	})
	_ = t.answer.Add(&t.piece) // over the limit, what came before is shown
}

// take returns the calls as name(arguments), a line each, and forgets them.
func (t *toolCalls) take() []byte {
	if !t.some {
		return nil
	}
	var b []byte
	message := &t.answer.Completion().Choices[0].Message
	if f, ok := message.FunctionCall.Get(); ok {
		b = appendCall(b, &f)
	}
	for i := range message.ToolCalls.Value {
		b = appendCall(b, &message.ToolCalls.Value[i].Function.Value)
	}
	*t = toolCalls{}
	return b
}

// appendCall writes a call on one line. Arguments that are not whole JSON stay as
// they came.
func appendCall(dst []byte, f *chatstream.FunctionCall) []byte {
	dst = append(append(dst, f.Name.Value...), '(')
	var line bytes.Buffer
	if json.Compact(&line, f.Arguments.Value) == nil {
		dst = append(dst, line.Bytes()...)
	} else {
		dst = append(dst, f.Arguments.Value...)
	}
	return append(dst, ')', '\n')
}

// hasArguments reports whether a delta has a piece of a tool call's arguments.
func hasArguments(d *chatstream.Delta) bool {
	for i := range d.ToolCalls.Value {
		if someArguments(&d.ToolCalls.Value[i].Function.Value) {
			return true
		}
	}
	return someArguments(&d.FunctionCall.Value)
}

// someArguments reports whether there are arguments, also as an object.
func someArguments(f *chatstream.FunctionCall) bool {
	raw := extraValue(f.Extra, "arguments")
	return len(f.Arguments.Value) > 0 || len(raw) > 0 && string(raw) != "null"
}
