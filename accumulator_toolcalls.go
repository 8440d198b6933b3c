package chatstream

import "bytes"

// call is a tool call in the making.
type call struct {
	index    Optional[int64]
	id       Text
	kind     ToolCallType
	function function
	extra    []Member
}

// function is the function of a call in the making.
type function struct {
	state     presence
	name      Text
	arguments Text
	extent    extent // of arguments
	extra     []Member
}

func (f *function) emptied() function {
	return function{name: f.name[:0], arguments: f.arguments[:0], extra: f.extra[:0]}
}

func (c *call) reset(index Optional[int64]) {
	*c = call{index: index, id: c.id[:0], function: c.function.emptied(), extra: c.extra[:0]}
}

// addCall adds a piece of a tool call that stands at position of its list.
func (a *Accumulator) addCall(c *answer, position int, piece *ToolCall) {
	i := c.findCall(position, piece)
	if i < 0 {
		if i = a.newCall(c, piece.Index); i < 0 {
			return
		}
	}
	c.lastCall = i
	dst := &c.calls[i]
	if len(dst.id) == 0 {
		replace(a, &dst.id, piece.ID.Value)
	}
	if dst.kind == "" {
		setEnum(a, &dst.kind, piece.Type.Value)
	}
	if piece.Function.IsSet() {
		a.addFunction(&dst.function, &piece.Function.Value)
	}
	for i := range piece.Extra {
		switch m := &piece.Extra[i]; string(m.Name) {
		case "index": // of another shape: as if it were missing
		case "custom": // in pieces like a function
			a.keepMember(&dst.extra, m, keepAll)
		default:
			a.keepMember(&dst.extra, m, keepLast)
		}
	}
}

// newCall adds a call before those with a larger index, and returns its place, or
// -1 when there is no room for it.
func (a *Accumulator) newCall(c *answer, index Optional[int64]) int {
	if len(c.calls) == maxCalls || !a.room(callSize) {
		a.full = true
		return -1
	}
	place := len(c.calls)
	for index.IsSet() && place > 0 && c.calls[place-1].index.IsSet() && c.calls[place-1].index.Value > index.Value {
		place--
	}
	extend(a, &c.calls, callSize).reset(index)
	moveLast(c.calls, place)
	return place
}

// findCall returns the place of the call that a piece continues, or -1 where it
// begins one.
func (c *answer) findCall(position int, piece *ToolCall) int {
	if len(c.calls) == 0 {
		return -1
	}
	id := piece.ID.Value
	if piece.Index.IsSet() {
		return c.findIndexed(piece, id)
	}
	if len(id) > 0 {
		i := c.lastWith(func(k *call) bool { return bytes.Equal(k.id, id) })
		if i >= 0 && c.calls[i].function.endsBefore(&piece.Function.Value) {
			return -1 // the name serves as the id
		}
		return i
	}
	last, name := &c.calls[c.lastCall].function, piece.Function.Value.Name.Value
	switch {
	case len(name) > 0 && position > 0,
		len(name) > 0 && len(last.name) > 0 && !bytes.Equal(name, last.name),
		last.endsBefore(&piece.Function.Value):
		return -1
	}
	return c.lastCall
}

// findIndexed is findCall for a piece that has an index: of the calls with this
// index the one with this id, or the last one.
func (c *answer) findIndexed(piece *ToolCall, id Text) int {
	index := piece.Index.Value
	i := c.lastWith(func(k *call) bool { return k.index.IsSet() && k.index.Value == index })
	if i < 0 {
		return -1
	}
	last := &c.calls[i]
	switch {
	case len(id) > 0 && len(last.id) > 0 && !bytes.Equal(id, last.id):
		return c.lastWith(func(k *call) bool {
			return k.index.IsSet() && k.index.Value == index && bytes.Equal(k.id, id)
		})
	case len(id) == 0 && last.function.endsBefore(&piece.Function.Value):
		return -1
	}
	return i
}

// lastWith returns the place of the last call of which is holds, or -1.
func (c *answer) lastWith(is func(*call) bool) int {
	for i := len(c.calls) - 1; i >= 0; i-- {
		if is(&c.calls[i]) {
			return i
		}
	}
	return -1
}

// endsBefore reports whether a piece that nothing but its name tells apart begins
// another function: one with another name once this one has arguments, or with the
// same name and other arguments once these are complete.
func (f *function) endsBefore(piece *FunctionCall) bool {
	name, arguments := piece.Name.Value, piece.Arguments.Value
	if len(name) == 0 || len(f.name) == 0 || len(f.arguments) == 0 {
		return false
	}
	if !bytes.Equal(name, f.name) {
		return true
	}
	return f.extent.closed && len(arguments) > 0 && !bytes.Equal(arguments, f.arguments)
}

// addFunction adds a piece of a function.
func (a *Accumulator) addFunction(dst *function, piece *FunctionCall) {
	dst.state = set
	// A name may come in pieces, but some servers repeat it with every piece.
	if name := piece.Name.Value; !bytes.Equal(name, dst.name) {
		add(a, &dst.name, name)
	}
	a.addArguments(dst, piece.Arguments.Value)
	for i := range piece.Extra {
		m := &piece.Extra[i]
		if string(m.Name) == functionNames[functionArguments] {
			a.addArguments(dst, Text(m.Value)) // JSON in the place of its text
		} else {
			a.keepMember(&dst.extra, m, keepLast)
		}
	}
}

func (a *Accumulator) addArguments(dst *function, piece Text) {
	if dst.extent.closed && bytes.Equal(piece, dst.arguments) {
		return // repeated whole: twice the same object is not JSON
	}
	if add(a, &dst.arguments, piece) {
		dst.extent.grow(piece)
	}
}

// extent follows the brackets of a JSON text that grows piece by piece.
type extent struct {
	depth           int
	quoted, escaped bool // within a string, and there after a reverse solidus
	closed          bool // the outermost bracket was closed
}

func (e *extent) grow(piece Text) {
	for _, c := range piece {
		switch {
		case e.escaped:
			e.escaped = false
		case e.quoted:
			e.escaped, e.quoted = c == '\\', c != '"'
		case c == '"':
			e.quoted = true
		case c == '{' || c == '[':
			e.depth++
			e.closed = false
		case c == '}' || c == ']':
			e.depth--
			e.closed = e.depth == 0
		}
	}
}
