package chatstream

import "bytes"

// customTool is the member that replaces function in a tool call of the type custom.
const customTool = "custom"

// callPiece is a piece of a tool call.
type callPiece struct {
	*ToolCall
	id, name, arguments Text
	list                []ToolCall // the list that the piece is in
	position            int        // in list
}

func readCallPiece(list []ToolCall, position int) callPiece {
	t := &list[position]
	return callPiece{
		ToolCall: t, list: list, position: position,
		id:        fieldText(&t.ID, t.Extra, toolCallKind.names[toolCallID]),
		name:      nameOf(&t.Function.Value),
		arguments: argumentsOf(&t.Function.Value),
	}
}

// isNamed reports whether the piece has a name, of a function or of a custom tool.
func (p *callPiece) isNamed() bool {
	if len(p.name) > 0 {
		return true
	}
	for i := range p.Extra {
		if m := &p.Extra[i]; string(m.Name) == customTool && memberOf(m.Value, RawValue("name")) != nil {
			return true
		}
	}
	return false
}

// isFirst reports whether the piece is the first of its index in its list.
func (p *callPiece) isFirst() bool {
	for i := range p.list[:p.position] {
		if q := &p.list[i].Index; q.IsSet() == p.Index.IsSet() && q.Value == p.Index.Value {
			return false
		}
	}
	return true
}

// isElsewhere reports whether a call has another index than the piece.
func (p *callPiece) isElsewhere(c *call) bool {
	return p.Index.IsSet() && c.index.IsSet() && p.Index.Value != c.index.Value
}

// callResult says what place does with a piece.
type callResult int

const (
	beginsCall callResult = iota
	continuesCall
	addsNothing
	replacesArguments
)

// place returns the place of the call to which a piece belongs, and what to do with the
// piece. Servers tell calls apart by index, by id, by name or by nothing. The first row that
// fits applies. A call without an id then gets the id of the piece:
//
//	id               name          arguments, then the piece's       result
//	---------------  ------------  --------------------------------  -----------------
//	known or absent  none, same    closed, then blank or equal       adds nothing
//	known, or
//	  absent         none, same
//	  without name   none          {}, then {…                       replaces
//	known or absent  same          closed, then others               begins a call
//	known or absent  none          closed, then others               continues
//	known or absent  none, same,   open or empty, then any           continues
//	                 the first
//	known or absent  another       some                              begins a call
//	known or absent  another       none                              continues its name
//	new              given         any                               begins a call
//	new              none          open, first piece of its index    continues
//	new              none          any other                         begins a call
func (p *callPiece) place(t *toolCalls) (int, callResult) {
	i := p.find(t)
	if i < 0 {
		return i, beginsCall
	}
	c := &t.list[i]
	switch named := p.isNamed(); {
	case named && p.isElsewhere(c), // show leaves out complete repetitions
		named && !p.Index.IsSet() && len(p.id) == 0 && p.position > 0:
		return i, beginsCall
	case len(p.id) > 0 && len(c.id) > 0 && !bytes.Equal(p.id, c.id):
		return i, placeNew(p, c, named)
	}
	result := placeKnown(p, &c.function)
	if result == continuesCall && p.isElsewhere(c) && c.function.arguments.isClosed(p.arguments) {
		result = beginsCall
	}
	return i, result
}

// placeNew is place for a piece with a new id.
func placeNew(p *callPiece, c *call, named bool) callResult {
	if !named && !c.function.arguments.isClosed(p.arguments) && p.isFirst() {
		return continuesCall
	}
	return beginsCall
}

// placeKnown is place for a piece without an id, or with the id of the call.
func placeKnown(p *callPiece, f *function) callResult {
	g := &f.arguments
	none, same := len(p.name) == 0, len(p.name) > 0 && bytes.Equal(p.name, f.name)
	another := !none && !same && len(f.name) > 0
	switch {
	case another && !g.isEmpty():
		return beginsCall
	case another, !g.isClosed(p.arguments):
		return continuesCall
	case (none || same) && (isBlankText(p.arguments) || g.equals(p.arguments)):
		return addsNothing
	case (none || len(p.id) > 0) && g.isEmptyObject() && beginsObject(p.arguments):
		return replacesArguments
	case none, isBlankText(p.arguments):
		return continuesCall
	}
	return beginsCall
}

// find returns the place of the call with the piece's id. If there is none, it returns the
// last call with the piece's index, or, for a piece without an index, the call that got the
// last piece. It returns -1 if no call fits.
func (p *callPiece) find(t *toolCalls) int {
	if len(p.id) > 0 {
		known := -1
		for i := len(t.list) - 1; i >= 0; i-- {
			c := &t.list[i]
			switch {
			case !bytes.Equal(c.id, p.id):
			case !p.isElsewhere(c):
				return i
			case known < 0:
				known = i
			}
		}
		if known >= 0 {
			return known
		}
	}
	if !p.Index.IsSet() {
		return min(t.last, len(t.list)-1)
	}
	for i := len(t.list) - 1; i >= 0; i-- {
		if c := &t.list[i]; c.index.IsSet() && c.index.Value == p.Index.Value {
			return i
		}
	}
	return -1
}

// isAgain reports whether a piece that begins a call has the id of a call at another index.
func (p *callPiece) isAgain(t *toolCalls) bool {
	if len(p.id) == 0 {
		return false
	}
	for i := range t.list {
		if c := &t.list[i]; bytes.Equal(c.id, p.id) && p.isElsewhere(c) {
			return true
		}
	}
	return false
}

// addFunction adds the function of a piece.
func (p *callPiece) addFunction(l *ledger, dst *function, result callResult, extra Members) {
	dst.state = set
	if result == replacesArguments {
		dst.arguments.clear(l)
	}
	if result != addsNothing {
		dst.add(l, p.name, p.arguments)
	}
	dst.addExtra(l, extra)
}
