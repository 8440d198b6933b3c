package main

import (
	"iter"

	"github.com/seed-08fc7208/chatstream"
)

// messages are the messages of a choice that came in the place of deltas. Each may
// repeat what the ones before said, or go on.
type messages struct {
	answer chatstream.Accumulator
	piece  chunk
	// What was printed of the answer: how many bytes of each text, and how many calls.
	reasoning, content, refusal, transcript, calls int
}

func newMessages() *messages {
	return &messages{answer: chatstream.Accumulator{Limit: maxAnswer}}
}

// add adds a message and returns what it says for the first time, but for tool calls.
func (m *messages) add(c *chatstream.Choice) iter.Seq[passage] {
	m.piece.Choices = append(m.piece.Choices[:0], chatstream.Choice{Extra: c.Extra})
	_ = m.answer.Add(&m.piece) // over the limit, what came before is shown
	all := &m.answer.Completion().Choices[0].Message
	return func(yield func(passage) bool) {
		for _, p := range []struct {
			surface surface
			text    chatstream.Text
			printed *int
		}{
			{reasoning, all.ReasoningText(), &m.reasoning},
			{answer, all.Content.Value, &m.content},
			{answer, all.Refusal.Value, &m.refusal},
			{answer, all.Audio.Value.Transcript.Value, &m.transcript},
		} {
			text := p.text[min(*p.printed, len(p.text)):]
			*p.printed += len(text)
			if len(text) > 0 && !yield(passage{p.surface, text}) {
				return
			}
		}
	}
}

// takeCalls returns the calls that have not been printed, a line each.
func (m *messages) takeCalls() (b []byte) {
	if m == nil {
		return nil
	}
	all := callsOf(m.answer.Completion(), 0)
	for _, call := range all[min(m.calls, len(all)):] {
		b = appendCall(b, call)
	}
	m.calls = len(all)
	return b
}

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
	return textOf(audio.Transcript.Value, audio.Extra, "transcript")
}
