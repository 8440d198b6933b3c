package main

import (
	"bytes"
	"encoding/json"

	"github.com/seed-08fc7208/chatstream"
)

// seenCall is a tool call so far.
type seenCall struct {
	id        string
	index     int64
	hasIndex  bool
	name      string
	arguments seenText
	custom    bool  // of a tool whose input is plain text
	named     []int // where in the arguments a piece began that had the name again
}

// The approximate memory of a call without its arguments, and of a position in them, in bytes.
const (
	callCost     = 512
	boundaryCost = 8
)

// addCall adds a piece of a tool call.
func (s *seen) addCall(ch *seenChoice, t *chatstream.ToolCall) {
	call := ch.callOf(t)
	if call == nil {
		if len(ch.calls) == maxSeenCalls || !s.spend(callCost) {
			s.full = true
			return
		}
		call = &seenCall{index: t.Index.Value, hasIndex: t.Index.IsSet()}
		ch.calls = append(ch.calls, call)
		if ch.indexed == nil {
			ch.indexed = make(map[int64]string)
		}
	}
	ch.lastCall = call
	call.custom = call.custom || extraValue(t.Extra, "custom") != nil
	if id := cut(string(t.ID.Value), maxNote); id != "" {
		if call.id == "" {
			call.id = id
		}
		if t.Index.IsSet() {
			ch.indexed[t.Index.Value] = id
		}
	}
	s.addFunction(call, functionOf(t))
}

func (s *seen) addFunction(call *seenCall, f functionPiece) {
	if len(f.name) > 0 {
		if call.name != "" && len(f.arguments) > 0 && s.spend(boundaryCost) {
			call.named = append(call.named, len(call.arguments.joined))
		}
		call.name = cut(string(f.name), maxNote)
	}
	s.addText(&call.arguments, f.arguments)
}

// callOf returns the call that a piece continues, or nil if the piece begins a call. This is
// simpler than in an Accumulator: a call that begins with a repeated name is separated only at
// the end.
func (ch *seenChoice) callOf(t *chatstream.ToolCall) *seenCall {
	id, name := cut(string(t.ID.Value), maxNote), cut(string(functionOf(t).name), maxNote)
	call := ch.callWithID(id, name, t)
	switch {
	case call != nil:
	case t.Index.IsSet():
		call = ch.lastWith(func(c *seenCall) bool { return c.hasIndex && c.index == t.Index.Value })
	default:
		call = ch.lastCall
	}
	if call == nil || name == "" {
		return call
	}
	if isNew := id != "" && call.id != "" && id != call.id; isNew {
		return nil
	}
	if call.name != "" && call.name != name && len(call.arguments.joined) > 0 {
		return nil
	}
	return call
}

// callWithID returns the last call with an id, or nil. One at another index than the
// piece counts only if the piece has no name.
func (ch *seenChoice) callWithID(id, name string, t *chatstream.ToolCall) *seenCall {
	if id == "" {
		return nil
	}
	call := ch.lastWith(func(c *seenCall) bool {
		return c.id == id && !(c.hasIndex && t.Index.IsSet() && c.index != t.Index.Value)
	})
	if call == nil && name == "" {
		call = ch.lastWith(func(c *seenCall) bool { return c.id == id })
	}
	return call
}

// isNone reports whether nothing was said of what is called.
func (c *seenCall) isNone() bool {
	return c.name == "" && len(c.arguments.joined) == 0 && !c.custom
}

// lastWith returns the last call of which is holds, or nil.
func (ch *seenChoice) lastWith(is func(*seenCall) bool) *seenCall {
	for i := len(ch.calls) - 1; i >= 0; i-- {
		if is(ch.calls[i]) {
			return ch.calls[i]
		}
	}
	return nil
}

// argumentsFault is a fault of the joined arguments of a call.
type argumentsFault int

const (
	argumentsFine argumentsFault = iota
	argumentsEmpty
	argumentsCumulative // each piece has all earlier text
	argumentsEmptyFirst // {} before the real arguments
	argumentsRepeated   // complete, and repeated
	argumentsGoOn       // text follows complete arguments
	argumentsNotJSON    // without another explanation
)

// judge returns the fault of the arguments.
func (c *seenCall) judge() argumentsFault {
	t := &c.arguments
	rest := t.joined
	if len(bytes.TrimSpace(rest)) == 0 {
		return argumentsEmpty
	}
	if json.Valid(rest) {
		return argumentsFine
	}
	if t.pieces > 1 && t.grown > 0 && t.grown+t.same == t.pieces-1 && json.Valid(t.lastPiece()) {
		return argumentsCumulative
	}
	for named := c.named; ; {
		first, after, ok := firstValue(rest)
		if !ok {
			return argumentsNotJSON
		}
		again := bytes.TrimSpace(after)
		for bytes.HasPrefix(again, first) {
			again = bytes.TrimSpace(again[len(first):])
		}
		switch begin := len(t.joined) - len(after); {
		case len(bytes.TrimSpace(after)) == 0:
			return argumentsFine
		case len(again) == 0:
			return argumentsRepeated
		case isEmptyObject(first) && json.Valid(after):
			return argumentsEmptyFirst
		case isEmptyObject(first) && again[0] == '{': // the real ones are at fault
		default:
			for len(named) > 0 && named[0] < begin {
				named = named[1:]
			}
			if len(named) == 0 || named[0] != begin {
				return argumentsGoOn
			}
		}
		rest = after // another call of the same name
	}
}

// firstValue splits off the first JSON value.
func firstValue(b []byte) (first, after []byte, ok bool) {
	d := json.NewDecoder(bytes.NewReader(b))
	var raw json.RawMessage
	if d.Decode(&raw) != nil {
		return nil, nil, false
	}
	n := d.InputOffset()
	return bytes.TrimSpace(b[:n]), b[n:], true
}

func isEmptyObject(b []byte) bool {
	var members map[string]json.RawMessage
	return json.Unmarshal(b, &members) == nil && members != nil && len(members) == 0
}
