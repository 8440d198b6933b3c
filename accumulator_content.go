package chatstream

import (
	"slices"

	"github.com/seed-08fc7208/chatstream/internal/jsonwire"
)

// content is the part of an answer's content that has come: its text, and, once a part has
// come, all of it as a list of parts.
type content struct {
	joined
	parts   RawValue
	ownPart bool // the last of parts is a text part that can go on
}

func (c *content) emptied() content {
	return content{joined: c.joined.emptied(), parts: c.parts[:0]}
}

func (c *content) hasParts() bool { return len(c.parts) > 0 }

func (c *content) isEmpty() bool { return len(c.text) == 0 && !c.hasParts() }

// partsValue returns the list, or nil if only text has come.
func (c *content) partsValue() RawValue {
	if !c.hasParts() {
		return nil
	}
	return slices.Clip(c.parts)
}

// addPiece adds content that came as a string or null, if any came.
func (c *content) addPiece(l *ledger, piece *Optional[Text]) {
	if piece.IsSet() {
		c.addString(l, piece.Value)
	} else {
		c.add(l, piece)
	}
}

// addString adds content that came as a string.
func (c *content) addString(l *ledger, piece []byte) {
	before := len(c.text)
	c.addText(l, piece)
	if added := c.text[before:]; c.hasParts() && len(added) > 0 {
		c.addTextPart(l, added)
	}
}

// addValue adds content that came as a part, a list of parts, a number or a boolean. It
// reports whether content can have all of it.
func (c *content) addValue(l *ledger, v RawValue) bool {
	switch {
	case len(v) == 0 || jsonwire.IsNull(v, 0):
		return true
	case isScalar(v):
		c.addString(l, v)
		return true
	case isRawString(v): // of a list
		c.addString(l, l.unescaped(v))
		return true
	case isRawObject(v):
		return c.addPart(l, v)
	}
	c.ownPart = false
	all := isList(v)
	eachElement(v, func(element RawValue) {
		all = !isList(element) && c.addValue(l, element) && all
	})
	return all
}

// addPart adds a part unchanged. A part without a type is a text part if it has a text; the
// API does not know others.
func (c *content) addPart(l *ledger, v RawValue) bool {
	p := readPart(v)
	if p.kind == nil {
		return p.text != nil && c.addValue(l, p.text)
	}
	if !c.hasParts() && len(c.text) > 0 {
		c.addTextPart(l, c.text)
	}
	c.ownPart = false
	if isScalar(p.text) {
		c.addSpelled(l, v, p.text)
	} else {
		joinElements(l, &c.parts, v)
	}
	switch text := p.text; {
	case p.isThought():
	case isRawString(text):
		c.addText(l, l.unescaped(text))
	case isScalar(text):
		c.addText(l, text)
	}
	return true
}

// addSpelled adds a part whose text is a number or a boolean, which the API would refuse:
// as the string that it means.
func (c *content) addSpelled(l *ledger, v, text RawValue) {
	spelled, err := AppendReplaced(l.scratch[:0], v, jsonwire.AppendString(nil, Text(text)), "text")
	if err == nil { // v is an object
		l.scratch = spelled
		joinElements(l, &c.parts, spelled)
	}
}

// addTextPart adds text that came as a string to the list.
func (c *content) addTextPart(l *ledger, text Text) {
	const begin, end = `{"type":"text","text":`, `}`
	l.scratch = append(l.scratch[:0], begin...)
	l.scratch = jsonwire.AppendString(l.scratch, text)
	if !c.ownPart {
		l.scratch = append(l.scratch, end...)
		joinElements(l, &c.parts, l.scratch)
		c.ownPart = !l.full
		return
	}
	more := l.scratch[len(begin+`"`):]
	if l.chargeText(len(more)) {
		c.parts = c.parts[:len(c.parts)-len(`"`+end+`]`)]
		put(l, &c.parts, more)
		put(l, &c.parts, end+`]`)
	}
}
