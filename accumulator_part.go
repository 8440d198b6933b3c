package chatstream

import "strings"

// contentPart has the relevant members of a content part, or of an element of
// reasoning_details.
type contentPart struct {
	kind RawValue // type, nil unless it is a string
	text RawValue // text, nil unless it is a string or a scalar
	// thought is the first of thinking, reasoning and summary.
	thought RawValue
}

func readPart(v RawValue) (p contentPart) {
	eachRawMember(v, func(name, value RawValue) {
		switch string(name) {
		case "type":
			if isRawString(value) {
				p.kind = value
			}
		case "text":
			if isRawString(value) || isScalar(value) {
				p.text = value
			}
		case "thinking", "reasoning", "summary":
			if p.thought == nil {
				p.thought = value
			}
		}
	})
	return p
}

// isThought reports whether the part is reasoning.
func (p *contentPart) isThought() bool {
	kind := string(inner(p.kind))
	return strings.HasPrefix(kind, "thinking") || strings.HasPrefix(kind, "reasoning") || strings.HasPrefix(kind, "thought")
}
