package chatstream

import "github.com/seed-08fc7208/chatstream/internal/jsonwire"

//go:generate go run ./internal/parsegen

// The members whose values are read in their own way. The methods for the objects
// themselves are generated.

// objectName reads the required member object, where null is misshapen.
func (p *parser) objectName(i int, o *object, c *CreateChatCompletionData) int {
	c.Object, c.emptyObject = "", false
	if i == len(p.b) || p.b[i] != '"' {
		return p.misfit(i, o)
	}
	var value Text
	if i = p.string(i, &value); i >= 0 {
		c.Object = Object(p.names.intern(value))
		c.emptyObject = c.Object == ""
	}
	return i
}

// choicesMember reads the required member choices, where null is misshapen.
func (p *parser) choicesMember(i int, o *object, c *CreateChatCompletionData) int {
	// Those of an earlier list do not count.
	p.objects -= len(p.choices)
	c.Choices, p.choices = nil, p.choices[:0]
	if i < len(p.b) && p.b[i] == '[' {
		if end := p.choiceList(i, &c.Choices); end != 0 {
			return end
		}
	}
	return p.misfit(i, o)
}

// errorMember reads the member error, which may be of any shape.
func (p *parser) errorMember(i int, o *object, c *CreateChatCompletionData) int {
	if jsonwire.IsNull(p.b, i) {
		c.Error = Null[RawValue]()
		return i + 4
	}
	end, f := jsonwire.SkipValue(p.b, i, p.depth)
	if f != jsonwire.NoFault {
		return p.fail(end, f)
	}
	c.Error = Some(RawValue(p.b[i:end:end]))
	return end
}

// deltaMember reads the required member delta, where null is misshapen.
func (p *parser) deltaMember(i int, o *object, c *Choice) int {
	if !c.noDelta { // the member is repeated
		c.Delta, c.noDelta = Delta{}, true
	}
	if i == len(p.b) || p.b[i] != '{' {
		return p.misfit(i, o)
	}
	c.noDelta = false
	return p.delta(i, &c.Delta)
}
