package chatstream

import (
	"bytes"
	"math"
	"slices"

	"github.com/seed-08fc7208/chatstream/internal/jsonwire"
)

// function is the part of a call's function that has come.
type function struct {
	state     presence
	name      Text
	arguments arguments
	extra     Members
}

func (f *function) emptied() function {
	return function{name: f.name[:0], arguments: f.arguments.emptied(), extra: f.extra[:0]}
}

// isNone reports whether neither a name nor arguments have come.
func (f *function) isNone() bool { return len(f.name) == 0 && f.arguments.isEmpty() }

// add adds a name and arguments.
func (f *function) add(l *ledger, name, arguments Text) {
	// A name may come in pieces, but some servers repeat it with every piece.
	if !bytes.Equal(name, f.name) {
		addText(l, &f.name, name)
	}
	f.arguments.add(l, arguments)
}

func (f *function) addExtra(l *ledger, extra Members) {
	for i := range extra {
		m := &extra[i]
		switch {
		case string(m.Name) == functionCallKind.names[functionCallArguments]: // argumentsOf
		case string(m.Name) == functionCallKind.names[functionCallName] && isScalar(m.Value): // nameOf
		default:
			keepMember(l, &f.extra, m, keepLast)
		}
	}
}

func nameOf(f *FunctionCall) Text {
	return fieldText(&f.Name, f.Extra, functionCallKind.names[functionCallName])
}

// argumentsOf returns the arguments of a piece. If a JSON value came instead of a string,
// they are the text of the value.
func argumentsOf(f *FunctionCall) Text {
	if f.Arguments.IsSet() {
		return f.Arguments.Value
	}
	for i := range f.Extra {
		m := &f.Extra[i]
		if string(m.Name) == functionCallKind.names[functionCallArguments] && !jsonwire.IsNull(m.Value, 0) {
			return Text(m.Value)
		}
	}
	return nil
}

// value returns the function with the arguments as they are shown.
func (f *function) value() Optional[FunctionCall] {
	if f.state != set {
		return Optional[FunctionCall]{}
	}
	v := FunctionCall{Arguments: Some(f.arguments.shown), Extra: slices.Clip(f.extra)}
	if len(f.name) > 0 {
		v.Name = Some(slices.Clip(f.name))
	}
	return Some(v)
}

// arguments are the arguments of a function so far.
//
// Some servers repeat all earlier pieces in each piece. That is certain only at the end.
// While each piece begins with the previous one, arguments keeps the last piece and the
// lengths of the others. So the memory is that of the last piece.
type arguments struct {
	text    Text  // all pieces joined, or the last piece
	lengths []int // lengths of the pieces before the last one, if text has the last piece
	mixed   bool  // some piece does not begin with the previous piece
	extent  extent
	shown   Text // what Completion shows
}

func (g *arguments) emptied() arguments {
	return arguments{text: g.text[:0], lengths: g.lengths[:0]}
}

func (g *arguments) isEmpty() bool { return len(g.text) == 0 }

// add adds a piece.
func (g *arguments) add(l *ledger, piece Text) {
	switch {
	case len(piece) == 0 || l.full:
		return
	case g.mixed || g.isEmpty():
		if !addText(l, &g.text, piece) {
			return
		}
	case g.continuesRun(piece):
		if !l.chargeText(intSize + len(piece) - len(g.text)) {
			return
		}
		*extend(l, &g.lengths, intSize) = len(g.text)
		put(l, &g.text, piece[len(g.text):])
	default:
		if !g.mix(l, len(piece)) {
			return
		}
		put(l, &g.text, piece)
	}
	g.extent.grow(piece)
}

// clear forgets what came.
func (g *arguments) clear(l *ledger) {
	l.release(len(g.text) + intSize*len(g.lengths))
	*g = g.emptied()
}

// continuesRun reports whether each piece, including this one, begins with the previous piece.
func (g *arguments) continuesRun(piece Text) bool {
	return !g.mixed && bytes.HasPrefix(piece, g.text)
}

// isClosed reports whether the outermost bracket is closed and piece does not repeat all
// earlier text.
func (g *arguments) isClosed(piece Text) bool {
	return g.extent.closed && (len(g.lengths) == 0 || !g.continuesRun(piece))
}

// mix joins the pieces, and charges n bytes for another one. It reports whether they fit.
func (g *arguments) mix(l *ledger, n int) bool {
	g.mixed = true
	total := g.joinedLen()
	if !l.chargeText(total - len(g.text) - intSize*len(g.lengths) + n) {
		return false
	}
	// The other pieces are beginnings of the last one, which moves to the end.
	before, begin := cap(g.text), total-len(g.text)
	g.text = slices.Grow(g.text, begin)[:total]
	l.held += cap(g.text) - before
	copy(g.text[begin:], g.text)
	at := 0
	for _, length := range g.lengths {
		at += copy(g.text[at:], g.text[begin:begin+length])
	}
	g.lengths = g.lengths[:0]
	return true
}

// joinedLen returns the length of the joined pieces, or more than can be kept.
func (g *arguments) joinedLen() int {
	n := len(g.text)
	for _, length := range g.lengths {
		n = min(n+length, math.MaxInt/2)
	}
	return n
}

// eachPiece calls fn with each piece, in order.
func (g *arguments) eachPiece(fn func(Text)) {
	for _, length := range g.lengths {
		fn(g.text[:length])
	}
	fn(g.text)
}

// equals reports whether the joined pieces equal text.
func (g *arguments) equals(text Text) bool {
	if len(text) != g.joinedLen() {
		return false
	}
	equal := true
	g.eachPiece(func(b Text) {
		equal = equal && bytes.HasPrefix(text, b)
		text = text[len(b):]
	})
	return equal
}

// isWhole reports whether the shown arguments are closed.
func (g *arguments) isWhole() bool { return g.extent.closed || jsonwire.IsValue(g.shown) }

// isEmptyObject reports whether the pieces are {}, white space aside.
func (g *arguments) isEmptyObject() bool { return len(g.lengths) == 0 && isEmptyObject(g.text) }

// show sets the arguments for Completion. If each piece repeats the previous one, the last
// piece is a JSON value and the joined pieces are not, it is the last piece. Otherwise it is
// the joined pieces. They may be much larger; they are cut at the capacity of spare.
func (g *arguments) show(l *ledger, spare *Text) {
	g.shown = slices.Clip(g.text)
	if len(g.lengths) == 0 || jsonwire.IsValue(g.text) && beginsBracket(g.text) && !g.extent.closed {
		return // an open bracket is not a JSON value
	}
	begin := len(*spare)
	g.eachPiece(func(b Text) {
		room := max(l.limit-l.size-len(*spare), 0)
		put(l, spare, b[:min(len(b), room)])
	})
	all := slices.Clip((*spare)[begin:])
	if jsonwire.IsValue(g.text) && !jsonwire.IsValue(all) {
		*spare = (*spare)[:begin]
		return
	}
	g.shown = all
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
