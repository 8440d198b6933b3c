package main

import "github.com/seed-08fc7208/chatstream"

// messageOf returns the text of a choice as a Delta: its delta or, if that is empty, the message
// that some servers send instead. It returns an empty Delta for a message that is not an object.
func messageOf(c *chatstream.Choice) (d *chatstream.Delta, isMessage bool) {
	if saysSomething(&c.Delta) {
		return &c.Delta, false
	}
	message := extraValue(c.Extra, "message")
	if len(message) == 0 || message[0] != '{' {
		return &c.Delta, false
	}
	payload := append([]byte(`{"choices":[{"delta":`), message...)
	payload = append(payload, `}]}`...)
	whole := new(chunk)
	if chatstream.Unmarshal(payload, whole) != nil || len(whole.Choices) != 1 {
		return &c.Delta, false
	}
	return &whole.Choices[0].Delta, true
}

// saysSomething reports whether a delta has any text or piece of a call.
func saysSomething(d *chatstream.Delta) bool {
	if len(d.Content.Value) > 0 { // the usual case
		return true
	}
	for range passages(d) {
		return true
	}
	return len(d.ToolCalls.Value) > 0 || !callOf(d).isEmpty()
}

// functionPiece is a piece of a function's name and arguments.
type functionPiece struct {
	name, arguments []byte
}

func (f functionPiece) isEmpty() bool { return len(f.name)+len(f.arguments) == 0 }

// callOf returns the legacy function_call of a delta, or an empty one.
func callOf(d *chatstream.Delta) functionPiece {
	f, ok := d.FunctionCall.Get()
	if !ok {
		return functionPiece{}
	}
	return functionPiece{f.Name.Value, argumentsOf(f.Arguments.Value, f.Extra)}
}

// functionOf returns the function of a piece of a tool call.
func functionOf(t *chatstream.ToolCall) functionPiece {
	f, ok := t.Function.Get()
	if !ok {
		return functionPiece{}
	}
	return functionPiece{f.Name.Value, argumentsOf(f.Arguments.Value, f.Extra)}
}

// argumentsOf returns arguments that came as a string, or as other JSON.
func argumentsOf(text chatstream.Text, extra []chatstream.Member) []byte {
	if raw := extraValue(extra, "arguments"); len(text) == 0 && string(raw) != "null" {
		return raw
	}
	return text
}

// transcriptOf returns the next piece of the spoken text.
func transcriptOf(d *chatstream.Delta) []byte {
	audio, ok := d.Audio.Get()
	if !ok {
		return nil
	}
	return audio.Transcript.Value
}
