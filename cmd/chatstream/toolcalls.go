package main

import (
	"bytes"
	"encoding/json"

	"github.com/seed-08fc7208/chatstream"
)

// maxAnswer is the size limit of joined tool calls, in bytes.
const maxAnswer = 1 << 30

// toolCalls joins the pieces of a choice's tool calls.
type toolCalls struct {
	answer *chatstream.Accumulator // nil until there is one
	piece  chunk
}

// add adds the tool calls of a delta, and nothing else.
func (t *toolCalls) add(d *chatstream.Delta) {
	if len(d.ToolCalls.Value) == 0 && !d.FunctionCall.IsSet() {
		return
	}
	if t.answer == nil {
		t.answer = &chatstream.Accumulator{Limit: maxAnswer}
	}
	t.piece.Choices = append(t.piece.Choices[:0], chatstream.Choice{
		Delta: chatstream.Delta{ToolCalls: d.ToolCalls, FunctionCall: d.FunctionCall},
	})
	_ = t.answer.Add(&t.piece) // over the limit, earlier pieces are shown
}

// take returns the calls, each on a line as name(arguments), and removes them.
func (t *toolCalls) take() []byte {
	if t == nil || t.answer == nil {
		return nil
	}
	var b []byte
	for _, call := range callsOf(t.answer.Completion(), 0) {
		b = appendCall(b, call)
	}
	*t = toolCalls{}
	return b
}

// callsOf returns the calls of a choice of a completion, the legacy function_call
// first. It leaves out calls without name and arguments.
func callsOf(c *chatstream.Completion, choice int) []functionPiece {
	var calls []functionPiece
	message := &c.Choices[choice].Message
	add := func(f functionPiece) {
		if !f.isEmpty() {
			calls = append(calls, f)
		}
	}
	if f, ok := message.FunctionCall.Get(); ok {
		add(functionPiece{f.Name.Value, argumentsOf(f.Arguments.Value, f.Extra)})
	}
	for i := range message.ToolCalls.Value {
		add(functionOf(&message.ToolCalls.Value[i]))
	}
	return calls
}

// appendCall writes a call on one line. Arguments that are not valid JSON are not changed.
func appendCall(dst []byte, f functionPiece) []byte {
	dst = append(append(dst, f.name...), '(')
	var line bytes.Buffer
	if json.Compact(&line, f.arguments) == nil {
		dst = append(dst, line.Bytes()...)
	} else {
		dst = append(dst, f.arguments...)
	}
	return append(dst, ')', '\n')
}

// hasArguments reports whether a delta has a piece of a tool call's arguments.
func hasArguments(d *chatstream.Delta) bool {
	for i := range d.ToolCalls.Value {
		if len(functionOf(&d.ToolCalls.Value[i]).arguments) > 0 {
			return true
		}
	}
	return len(callOf(d).arguments) > 0
}
