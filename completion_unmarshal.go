package chatstream

import "github.com/seed-08fc7208/chatstream/internal/jsonwire"

// UnmarshalCompletion decodes an answer that was not streamed, one JSON object, into
// dst and overwrites every field of it. Like [Unmarshal] it keeps what has no field in
// Extra, reuses the memory behind dst's slices, and returns a [*SyntaxError] or an
// [*APIError]. The texts may refer to data: they are valid as long as data is not
// changed and dst is not decoded into again.
func UnmarshalCompletion(data []byte, dst *Completion) error {
	if at, f := parseCompletion(data, dst); f != jsonwire.NoFault {
		return newSyntaxError(data, at, f)
	}
	switch {
	case dst.Error.IsSet():
		return newAPIError(dst.Error.Value)
	case dst.Object == "error" && dst.Choices == nil:
		return newAPIError(data)
	}
	return nil
}

// parseCompletion is parse for an answer that was not streamed.
func parseCompletion(b []byte, c *Completion) (at int, f jsonwire.Fault) {
	p := c.parser
	if p == nil || p.answer != c {
		p = newParser()
		p.answer = c
	}
	p.text = renew(p.text, len(b))
	*c = Completion{parser: p}
	p.b = b
	i := p.begin()
	if i >= 0 {
		i = p.completion(i, c)
	}
	if p.finish(i) < 0 {
		at, f = p.at, p.fault
		p.b, p.depth, p.at, p.fault = nil, 0, 0, jsonwire.NoFault
		*c = Completion{parser: p}
	}
	p.reset()
	return at, f
}
