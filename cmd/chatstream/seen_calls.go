package main

import (
	"bytes"
	"encoding/json"
	"iter"
	"strconv"

	"github.com/seed-08fc7208/chatstream"
)

// seenCalls are the tool calls of all choices. Which piece belongs to which call is the
// Accumulator's decision: the checks are about its answer.
type seenCalls struct {
	// answer has the choices as Completion gives them, without log probabilities.
	answer chatstream.Accumulator
	// sorted has the calls of the deltas alone. Each piece of a tool call is numbered, so that
	// the call tells which pieces it is made of.
	sorted chatstream.Accumulator
	piece  chunk
}

// seenPieces are the arguments of the pieces of a choice's tool calls, in the order of
// their arrival.
type seenPieces struct {
	joined []byte
	ends   []int
}

func (p *seenPieces) add(arguments []byte) {
	p.joined = append(p.joined, arguments...)
	p.ends = append(p.ends, len(p.joined))
}

func (p *seenPieces) piece(i int) []byte {
	begin := 0
	if i > 0 {
		begin = p.ends[i-1]
	}
	return p.joined[begin:p.ends[i]]
}

// The approximate memory of an id at an index, and of a piece without its arguments, in bytes.
const (
	idCost    = 2 * maxNote
	pieceCost = 32
)

// addToAnswer adds a chunk to the answer.
func (s *seen) addToAnswer(c *chunk) {
	piece := &s.calls.piece
	piece.Choices = append(piece.Choices[:0], c.Choices...)
	for i := range piece.Choices {
		piece.Choices[i].Logprobs = chatstream.Optional[*chatstream.Logprobs]{}
	}
	s.calls.answer.Limit = maxSeenBytes
	if s.calls.answer.Add(piece) != nil {
		s.full = true
	}
}

// addCalls adds the calls of a delta.
func (s *seen) addCalls(ch *seenChoice, d *chatstream.Delta) {
	list, function := d.ToolCalls.Value, callOf(d)
	if len(list) == 0 && function.isEmpty() {
		return
	}
	if !s.spend(len(function.arguments)) {
		return
	}
	ch.function = append(ch.function, function.arguments...)
	numbered := make([]chatstream.ToolCall, len(list))
	for i := range list {
		s.addID(ch, &list[i])
		arguments := functionOf(&list[i]).arguments
		if !s.spend(len(arguments) + pieceCost) {
			return
		}
		numbered[i] = withNumber(list[i], len(ch.pieces.ends))
		ch.pieces.add(arguments)
	}
	piece := &s.calls.piece
	piece.Choices = append(piece.Choices[:0], chatstream.Choice{
		Index: chatstream.Some(ch.index),
		Delta: chatstream.Delta{ToolCalls: chatstream.Some(numbered), FunctionCall: d.FunctionCall},
	})
	s.calls.sorted.Limit = maxSeenBytes
	if s.calls.sorted.Add(piece) != nil {
		s.full = true
	}
}

// addID notes where an id was seen last.
func (s *seen) addID(ch *seenChoice, t *chatstream.ToolCall) {
	id, index := cut(string(t.ID.Value), maxNote), t.Index.Value
	if id == "" || !t.Index.IsSet() {
		return
	}
	if ch.idAt == nil {
		ch.idAt, ch.indexOf = make(map[int64]string), make(map[string]int64)
	}
	_, seenIndex := ch.idAt[index]
	_, seenID := ch.indexOf[id]
	if seenIndex && seenID || s.spend(idCost) {
		ch.idAt[index], ch.indexOf[id] = id, index
	}
}

// customTool is the member whose values an Accumulator keeps all, in a list. A piece of a
// custom tool has an object there.
const customTool = "custom"

// withNumber returns a piece of a tool call with its number among the values of customTool.
func withNumber(t chatstream.ToolCall, number int) chatstream.ToolCall {
	value := append(strconv.AppendInt([]byte{'['}, int64(number), 10), ']')
	extra := append(make(chatstream.Members, 0, len(t.Extra)+1), t.Extra...)
	t.Extra = append(extra, chatstream.Member{Name: chatstream.Text(customTool), Value: value})
	return t
}

// piecesOf returns the joined arguments of the pieces that a call is made of, and whether it is
// a call of a custom tool.
func (ch *seenChoice) piecesOf(t *chatstream.ToolCall) (joined []byte, custom bool) {
	values, _ := t.Extra.Get(customTool) // every call has a number
	for value := range values.Elements() {
		number, ok := value.Int64()
		if !ok || number < 0 || number >= int64(len(ch.pieces.ends)) {
			custom = true
			continue
		}
		joined = append(joined, ch.pieces.piece(int(number))...)
	}
	return joined, custom
}

// seenCall is a tool call or function call, at the end of the stream.
type seenCall struct {
	path  string // of the arguments
	fault callFault
	shown string // the beginning of the call
}

// callFault is a fault of a call.
type callFault int

const (
	callFine            callFault = iota
	callEmpty                     // without name and arguments
	argumentsEmpty                // blank
	argumentsGoOn                 // text follows complete arguments
	argumentsNotJSON              // without another explanation
	argumentsCumulative           // repaired: each piece has all earlier text
	argumentsEmptyFirst           // repaired: {} before the real arguments
	argumentsRepeated             // repaired: complete, and repeated
)

const (
	toolCallsPath         = "choices[].delta.tool_calls[]"
	toolArgumentsPath     = toolCallsPath + ".function.arguments"
	functionCallPath      = "choices[].delta.function_call"
	functionArgumentsPath = functionCallPath + ".arguments"
)

// callsWith returns the calls with a fault.
func (ch *seenChoice) callsWith(fault callFault) iter.Seq[seenCall] {
	return func(yield func(seenCall) bool) {
		for _, call := range ch.calls {
			if call.fault == fault && !yield(call) {
				return
			}
		}
	}
}

// shown returns the beginning of a call for a finding.
func shown(name, arguments []byte) string {
	const most = 60
	begin := func(b []byte) string { return cut(string(b[:min(len(b), 2*most)]), most) }
	return begin(name) + "(" + begin(arguments) + ")"
}

// conclude finds out what became of the calls, at the end of the stream. If not all of it was
// held, it finds none, since their arguments may lack an end that the stream has.
func (s *seen) conclude() {
	if s.full {
		return
	}
	whole := s.calls.answer.Completion()
	for i := range whole.Choices {
		if ch := s.choices[whole.Choices[i].Index.Value]; ch != nil {
			ch.judgeAnswer(&whole.Choices[i].Message)
		}
	}
	sorted := s.calls.sorted.Completion()
	for i := range sorted.Choices {
		if ch := s.choices[sorted.Choices[i].Index.Value]; ch != nil {
			ch.judgePieces(&sorted.Choices[i].Message)
		}
	}
}

// judgeAnswer judges the calls of the answer, the function_call last. Those without name and
// arguments are judgePieces'.
func (ch *seenChoice) judgeAnswer(m *chatstream.Message) {
	for i := range m.ToolCalls.Value {
		switch f := functionOf(&m.ToolCalls.Value[i]); {
		case len(f.arguments) == 0 && extraValue(m.ToolCalls.Value[i].Extra, customTool) != nil:
			ch.addCall(toolArgumentsPath, f, callFine, nil) // it has an input instead
		case !f.isEmpty():
			ch.addCall(toolArgumentsPath, f, faultOf(f.arguments), f.arguments)
		}
	}
	if f, ok := m.FunctionCall.Get(); ok {
		piece := functionPiece{f.Name.Value, f.Arguments.Value}
		ch.addCall(functionArgumentsPath, piece, faultOf(piece.arguments), piece.arguments)
	}
}

// judgePieces looks for calls whose arguments are not those of their pieces, and for tool calls
// that stayed stubs.
func (ch *seenChoice) judgePieces(m *chatstream.Message) {
	for i := range m.ToolCalls.Value {
		f := functionOf(&m.ToolCalls.Value[i])
		joined, custom := ch.piecesOf(&m.ToolCalls.Value[i])
		if f.isEmpty() && !custom {
			ch.addCall(toolCallsPath, f, callEmpty, nil)
		} else if fault := repairOf(joined, f.arguments); fault != callFine {
			ch.addCall(toolArgumentsPath, f, fault, joined)
		}
	}
	f := m.FunctionCall.Value
	if fault := repairOf(ch.function, f.Arguments.Value); fault != callFine {
		ch.addCall(functionArgumentsPath, functionPiece{name: f.Name.Value}, fault, ch.function)
	}
}

// addCall adds a call that a finding shows with these arguments.
func (ch *seenChoice) addCall(path string, f functionPiece, fault callFault, arguments []byte) {
	ch.calls = append(ch.calls, seenCall{path, fault, shown(f.name, arguments)})
}

// faultOf returns the fault of arguments as the answer has them.
func faultOf(arguments []byte) callFault {
	switch {
	case len(bytes.Trim(arguments, " \t\r\n")) == 0: // JSON's white space
		return argumentsEmpty
	case json.Valid(arguments):
		return callFine
	}
	if _, ok := firstValue(arguments); ok {
		return argumentsGoOn
	}
	return argumentsNotJSON
}

// repairOf returns why arguments are JSON although their joined pieces are not.
func repairOf(joined, arguments []byte) callFault {
	if !json.Valid(arguments) || json.Valid(joined) {
		return callFine
	}
	switch first, ok := firstValue(joined); {
	case !ok: // a piece that is not whole is repeated
		return argumentsCumulative
	case isEmptyObject(first) && !isEmptyObject(arguments):
		return argumentsEmptyFirst
	}
	return argumentsRepeated
}

// firstValue returns the JSON value that b begins with.
func firstValue(b []byte) (first json.RawMessage, ok bool) {
	err := json.NewDecoder(bytes.NewReader(b)).Decode(&first)
	return first, err == nil
}

func isEmptyObject(b []byte) bool {
	var members map[string]json.RawMessage
	return json.Unmarshal(b, &members) == nil && members != nil && len(members) == 0
}
