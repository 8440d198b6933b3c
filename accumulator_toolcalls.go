package chatstream

import (
	"bytes"
	"hash/maphash"
	"slices"
)

const maxCalls = 1024 // tool calls of a choice

// toolCalls are the tool calls of an answer that have come, in the order of their index.
type toolCalls struct {
	list  []call
	last  int // the call that got the last piece
	shown []ToolCall
}

func (t *toolCalls) emptied() toolCalls {
	return toolCalls{list: t.list[:0], shown: t.shown[:0]}
}

// call is the part of a tool call that has come.
type call struct {
	index    Optional[int64]
	id       Text
	kind     ToolCallType
	function function
	extra    Members
	again    bool   // its id also came at another index
	sum      uint64 // hash of id, name and arguments, if a call came again
}

func (c *call) reset(index Optional[int64]) {
	*c = call{index: index, id: c.id[:0], function: c.function.emptied(), extra: c.extra[:0]}
}

// isNone reports whether the call has at most an id, an index, a type and an empty function.
func (c *call) isNone() bool {
	return c.function.isNone() && len(c.extra) == 0 && len(c.function.extra) == 0
}

// add adds the piece of a tool call at position of a list.
func (t *toolCalls) add(l *ledger, list []ToolCall, position int) {
	p := readCallPiece(list, position)
	i, result := p.place(t)
	if result == beginsCall {
		if i = t.begin(l, p.Index); i < 0 {
			return
		}
		t.list[i].again = p.isAgain(t)
	}
	t.last = i
	c := &t.list[i]
	if len(c.id) == 0 {
		replace(l, &c.id, p.id)
	}
	if c.kind == "" {
		replaceEnum(l, &c.kind, p.Type.Value)
	}
	if p.Function.IsSet() {
		p.addFunction(l, &c.function, result, p.Function.Value.Extra)
	}
	c.addExtra(l, p.Extra)
}

func (c *call) addExtra(l *ledger, extra Members) {
	for i := range extra {
		switch m := &extra[i]; {
		case string(m.Name) == toolCallKind.names[toolCallIndex]: // as if it were missing
		case string(m.Name) == toolCallKind.names[toolCallID] && isScalar(m.Value): // a text
		case string(m.Name) == customTool: // in pieces like a function
			keepMember(l, &c.extra, m, keepAll)
		default:
			keepMember(l, &c.extra, m, keepLast)
		}
	}
}

// begin adds a call before the calls with a larger index. It returns its place, or -1 if there
// is no room.
func (t *toolCalls) begin(l *ledger, index Optional[int64]) int {
	if len(t.list) == maxCalls || !l.chargeText(callSize) {
		l.full = true
		return -1
	}
	place := len(t.list)
	for index.IsSet() && place > 0 && t.list[place-1].index.IsSet() && t.list[place-1].index.Value > index.Value {
		place--
	}
	extend(l, &t.list, callSize).reset(index)
	moveLast(t.list, place)
	return place
}

// has reports whether a whole call has come before.
func (t *toolCalls) has(whole *ToolCall) bool {
	name, arguments := nameOf(&whole.Function.Value), argumentsOf(&whole.Function.Value)
	for i := range t.list {
		c := &t.list[i]
		sameID := len(c.id) == 0 || len(whole.ID.Value) == 0 || bytes.Equal(c.id, whole.ID.Value)
		if sameID && bytes.Equal(c.function.name, name) && c.function.arguments.equals(arguments) {
			return true
		}
	}
	return false
}

// show returns the calls for Completion, without empty calls and without repetitions at another
// index. The result is valid until the next call of show.
func (t *toolCalls) show(l *ledger, spare *Text) Optional[[]ToolCall] {
	for i := range t.list {
		t.list[i].function.arguments.show(l, spare)
	}
	t.shown = t.shown[:0]
	t.sumUp(l)
	for i := range t.list {
		if c := &t.list[i]; !c.isNone() && !t.isRepetition(i) {
			*extend(l, &t.shown, callSize) = c.value()
		}
	}
	if len(t.shown) == 0 {
		return Optional[[]ToolCall]{}
	}
	return Some(slices.Clip(t.shown))
}

// sumUp computes the hash of each call if an id came again. Comparing all calls with each other
// would take too long.
func (t *toolCalls) sumUp(l *ledger) {
	if !slices.ContainsFunc(t.list, func(c call) bool { return c.again }) {
		return
	}
	if l.seed == (maphash.Seed{}) {
		l.seed = maphash.MakeSeed()
	}
	for i := range t.list {
		c := &t.list[i]
		var h maphash.Hash
		h.SetSeed(l.seed)
		for _, text := range [...]Text{c.id, c.function.name, c.function.arguments.shown} {
			h.Write(text)
			h.WriteByte(0)
		}
		c.sum = h.Sum64()
	}
}

// isRepetition reports whether the call at i repeats another call: it has the same id, name and
// complete arguments at another index.
func (t *toolCalls) isRepetition(i int) bool {
	c := &t.list[i]
	if !c.again || !c.function.arguments.isWhole() {
		return false
	}
	for j := range t.list {
		if first := &t.list[j]; (!first.again || j < i) && first.sum == c.sum && c.equals(first) {
			return true
		}
	}
	return false
}

func (c *call) equals(other *call) bool {
	return bytes.Equal(c.id, other.id) && bytes.Equal(c.function.name, other.function.name) &&
		bytes.Equal(c.function.arguments.shown, other.function.arguments.shown)
}

func (c *call) value() ToolCall {
	t := ToolCall{Function: c.function.value(), Extra: slices.Clip(c.extra)}
	if len(c.id) > 0 {
		t.ID = Some(slices.Clip(c.id))
	}
	switch {
	case c.kind != "":
		t.Type = Some(c.kind)
	case t.Function.IsSet(): // some servers never say it
		t.Type = Some(ToolCallTypeFunction)
	}
	return t
}
