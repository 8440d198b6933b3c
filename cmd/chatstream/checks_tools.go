package main

import "slices"

// The checks of tool calls.
var toolChecks = []*check{
	{name: "tools/cut-looks-whole", level: levelFinding, what: "the arguments are not JSON, but the finish reason says that the answer is whole", end: eachEnd(cutArguments)},
	{name: "tools/arguments-go-on", level: levelFinding, what: "the arguments go on after they are complete", end: eachArguments(argumentsGoOn)},
	{name: "tools/arguments-not-json", level: levelNote, what: "the joined arguments are not JSON", end: eachArguments(argumentsNotJSON)},
	{name: "tools/arguments-empty", level: levelNote, what: "the arguments are empty, which is not JSON: clients that parse them fail", end: eachArguments(argumentsEmpty)},
	{name: "tools/arguments-cumulative", level: levelNote, what: "each piece of the arguments repeats all before it: clients that join them get no JSON", end: eachArguments(argumentsCumulative)},
	{name: "tools/empty-object-first", level: levelNote, what: "{} comes before the real arguments: clients that join them get no JSON", end: eachArguments(argumentsEmptyFirst)},
	{name: "tools/arguments-repeated", level: levelNote, what: "the arguments are repeated whole: clients that join them get no JSON", end: eachArguments(argumentsRepeated)},
	{name: "tools/finish-stop", level: levelNote, what: "the finish reason is stop, but there are tool calls: clients that wait for tool_calls do not run them", end: eachEnd(toolsFinishStop)},
	{name: "tools/no-index", level: levelNote, what: "a piece of a tool call has no index: clients cannot tell which call it belongs to", chunk: eachCall(callNoIndex)},
	{name: "tools/index-reused", level: levelNote, what: "an index is used again with another id: clients that go by the index join the calls", chunk: eachCall(indexReused)},
	{name: "tools/id-at-other-index", level: levelNote, what: "an id is used again at another index: clients that go by the index run the call twice", chunk: eachCall(idAtOtherIndex)},
	{name: "tools/empty-call", level: levelNote, what: "a call without name and arguments: clients take it for one", chunk: eachChoice(emptyFunctionCall), end: eachEnd(emptyToolCalls)},
}

// callPiece is a piece of a tool call.
type callPiece struct {
	id       string
	index    int64
	hasIndex bool
	earlier  []callPiece // of the same list
}

// idBefore returns the last id at the index of the piece, or "".
func (c *callPiece) idBefore(ch *seenChoice) string {
	for _, e := range slices.Backward(c.earlier) {
		if e.hasIndex && e.index == c.index && e.id != "" {
			return e.id
		}
	}
	return ch.idAt[c.index]
}

// indexBefore returns the last index of the piece's id, or the index of the piece.
func (c *callPiece) indexBefore(ch *seenChoice) int64 {
	for _, e := range slices.Backward(c.earlier) {
		if e.hasIndex && e.id == c.id {
			return e.index
		}
	}
	if index, known := ch.indexOf[c.id]; known {
		return index
	}
	return c.index
}

// maxEarlier bounds the search in a list.
const maxEarlier = 100

// eachCall converts a function for a piece of a tool call to the function of a check.
func eachCall(look func(ch *seenChoice, c callPiece, found foundFunc)) func(*seen, *chunk, foundFunc) {
	return eachChoice(func(p *said, found foundFunc) {
		if p.isMessage { // its calls are complete and have no index
			return
		}
		list := make([]callPiece, len(p.delta.ToolCalls.Value))
		for i := range list {
			t := &p.delta.ToolCalls.Value[i]
			list[i] = callPiece{cut(string(t.ID.Value), maxNote), t.Index.Value, t.Index.IsSet(), list[max(0, i-maxEarlier):i]}
			look(p.seen, list[i], found)
		}
	})
}

func callNoIndex(_ *seenChoice, c callPiece, found foundFunc) {
	if !c.hasIndex {
		found(toolCallsPath+".index", "")
	}
}

func indexReused(ch *seenChoice, c callPiece, found foundFunc) {
	if !c.hasIndex || c.id == "" {
		return
	}
	if before := c.idBefore(ch); before != "" && before != c.id {
		found(toolCallsPath+".index", quote([]byte(before))+", then "+quote([]byte(c.id)))
	}
}

func idAtOtherIndex(ch *seenChoice, c callPiece, found foundFunc) {
	if !c.hasIndex || c.id == "" {
		return
	}
	if c.indexBefore(ch) != c.index {
		found(toolCallsPath+".id", quote([]byte(c.id)))
	}
}

// emptyToolCalls looks for tool calls that stayed stubs.
func emptyToolCalls(ch *seenChoice, found foundFunc) {
	for call := range ch.callsWith(callEmpty) {
		found(call.path, "")
	}
}

// emptyFunctionCall looks for a function_call that is a stub beside text.
func emptyFunctionCall(p *said, found foundFunc) {
	if p.delta.FunctionCall.IsSet() && callOf(p.delta).isEmpty() && !p.seen.functions {
		found(functionCallPath, "")
	}
}

// eachArguments makes the function of a check for a fault of joined arguments.
func eachArguments(fault callFault) func(*seen, foundFunc) {
	return eachEnd(func(ch *seenChoice, found foundFunc) {
		if fault == argumentsNotJSON && ch.saysWhole() { // cutArguments
			return
		}
		for call := range ch.callsWith(fault) {
			found(call.path, call.shown)
		}
	})
}

// cutArguments finds arguments that are not JSON although nothing says that they were cut.
func cutArguments(ch *seenChoice, found foundFunc) {
	if !ch.saysWhole() {
		return
	}
	for call := range ch.callsWith(argumentsNotJSON) {
		found(call.path, call.shown+" with "+quote([]byte(ch.finish)))
	}
}

// saysWhole reports whether the finish reason says that the choice is whole.
func (ch *seenChoice) saysWhole() bool {
	return ch.toolFinish || ch.finish == "stop"
}

func toolsFinishStop(ch *seenChoice, found foundFunc) {
	called := slices.ContainsFunc(ch.calls, func(c seenCall) bool { return c.fault != callEmpty })
	if called && !ch.toolFinish && ch.finish == "stop" {
		found(finishReason, "")
	}
}
