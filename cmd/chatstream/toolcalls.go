package main

import (
	"bytes"
	"encoding/json"
	"iter"
	"slices"

	"github.com/seed-08fc7208/chatstream"
)

// callPiece is what a delta says of one tool call. It is borrowed from the chunk.
type callPiece struct {
	index           int64
	hasIndex        bool
	id              []byte
	name, arguments []byte
}

// legacyIndex is the index of the call in function_call, which is no list.
const legacyIndex = -1

// callPieces returns the pieces of tool calls in a delta.
func callPieces(d *chatstream.Delta) iter.Seq[callPiece] {
	return func(yield func(callPiece) bool) {
		if f, ok := d.FunctionCall.Get(); ok && !yield(callPiece{
			index: legacyIndex, hasIndex: true, name: f.Name.Value, arguments: argumentsOf(&f),
		}) {
			return
		}
		for i := range d.ToolCalls.Value {
			t := &d.ToolCalls.Value[i]
			f := &t.Function.Value
			if !yield(callPiece{t.Index.Value, t.Index.IsSet(), t.ID.Value, f.Name.Value, argumentsOf(f)}) {
				return
			}
		}
	}
}

// argumentsOf returns the arguments also where they came as an object rather than
// as its text.
func argumentsOf(f *chatstream.FunctionCall) []byte {
	raw := extraValue(f.Extra, "arguments")
	if len(f.Arguments.Value) > 0 || string(raw) == "null" {
		return f.Arguments.Value
	}
	return raw
}

// toolCalls puts the tool calls of a choice together.
type toolCalls []*toolCall

type toolCall struct {
	index           int64
	id              string
	name, arguments []byte
}

func (calls *toolCalls) add(p callPiece) {
	call := calls.find(p)
	if call == nil {
		call = &toolCall{index: p.index}
		*calls = append(*calls, call)
	}
	if len(p.id) > 0 {
		call.id = string(p.id)
	}
	if !bytes.Equal(call.name, p.name) { // some repeat it in each piece
		call.name = append(call.name, p.name...)
	}
	call.arguments = append(call.arguments, p.arguments...)
}

// find returns the call that a piece continues, the latest that it can.
func (calls toolCalls) find(p callPiece) *toolCall {
	for _, call := range slices.Backward(calls) {
		if call.continuedBy(p) {
			return call
		}
	}
	return nil
}

// continuedBy goes by the index and the id. A new id is a new call even under an
// index that there was, since some servers number all calls 0; where there is
// neither, a new name is.
func (call *toolCall) continuedBy(p callPiece) bool {
	switch {
	case p.hasIndex && p.index != call.index:
		return false
	case len(p.id) > 0 && call.id != "":
		return string(p.id) == call.id
	}
	return p.hasIndex || len(p.id) > 0 || len(p.name) == 0 || len(call.name) == 0
}

// text writes the calls as name(arguments), a line each.
func (calls toolCalls) text() []byte {
	var b []byte
	for _, call := range calls {
		b = append(b, call.name...)
		b = append(b, '(')
		b = append(b, oneLine(call.arguments)...)
		b = append(b, ')', '\n')
	}
	return b
}

// oneLine takes the line ends and indentation out of arguments; what is not whole
// JSON stays as it came.
func oneLine(arguments []byte) []byte {
	var b bytes.Buffer
	if json.Compact(&b, arguments) != nil {
		return arguments
	}
	return b.Bytes()
}
