package chatstream

import "github.com/seed-08fc7208/chatstream/internal/jsonwire"

// match makes dst, the chunk of p, of the event that b begins with. It returns the event's
// length, or 0 if the event is another one, or not whole; then dst has anything.
func (t *template) match(p *parser, dst *CreateChatCompletionData, b []byte) int {
	if len(b) < t.least || !jsonwire.HasPrefix(b, t.head) {
		return 0
	}
	p.text = renew(p.text, len(t.event)+len(b))
	t.fill(p, dst)
	p.b = b
	n := t.read(p, dst, b)
	p.stale = p.stale || n > maxPooledCap
	if n <= 0 {
		n = 0
		p.at, p.fault = 0, jsonwire.NoFault
	} else if poisoned {
		t.ownFixed(p, dst)
	}
	p.reset()
	return n
}

// read reads the values in the holes from b, which begins with the head, into dst. It
// returns the event's length, or 0 or less if it is another event.
func (t *template) read(p *parser, dst *CreateChatCompletionData, b []byte) int {
	i := len(t.head)
	for h := range t.holes {
		hole := &t.holes[h]
		if i >= len(b) {
			return 0
		}
		if hole.kind == textHole {
			field := p.textAt(dst, hole.at)
			if i+24 <= len(b) { // a short text of plain ASCII
				end := i + jsonwire.FirstOf(jsonwire.Unusual(jsonwire.Load64(b, i)), jsonwire.Unusual(jsonwire.Load64(b, i+8)))
				if (jsonwire.Load64(b, end)^hole.next)&hole.mask == 0 {
					if !hole.follows(b, end) {
						return 0
					}
					field.Value = Text(b[i:end:end])
					i = end + len(hole.after)
					continue
				}
			}
			i = p.string(i-1, &field.Value) - 1
		} else {
			i = t.readValue(p, dst, b, i, hole)
		}
		if i <= 0 || !hole.follows(b, i) {
			return 0
		}
		i += len(hole.after)
	}
	return i
}

// follows reports whether what stands after the hole stands at i.
func (h *hole) follows(b []byte, i int) bool {
	n := len(h.after)
	if n > len(b)-i {
		return false
	}
	if n <= 8 && i+8 <= len(b) {
		return (jsonwire.Load64(b, i)^h.next)&h.mask == 0
	}
	return jsonwire.HasPrefix(b[i:], h.after)
}

// readValue reads a value that is no text. It returns the index after it, or 0 or less
// if it is of another type.
func (t *template) readValue(p *parser, dst *CreateChatCompletionData, b []byte, i int, hole *hole) int {
	switch hole.kind {
	case integerHole:
		n, end := jsonwire.Digits(b, i)
		p.integerAt(dst, hole.at).Value = n
		return end
	case numberHole:
		n, end := jsonwire.Digits(b, i)
		field := p.numberAt(dst, hole.at)
		if field.Value = float64(n); end > 0 {
			return end
		}
		if jsonwire.IsNumber(b, i) {
			if end, fits := p.float(i, &field.Value); end < 0 || fits {
				return end
			}
		}
	case integersHole:
		if b[i] == '[' {
			if end := p.intList(i, &p.integersAt(dst, hole.at).Value); end <= 0 || !jsonwire.HasLineEnd(b[i:end]) {
				return end
			}
		}
	case misfitHole:
		if b[i] == '"' || b[i] == 'n' {
			return 0
		}
		fallthrough
	case rawHole:
		return p.rawLine(i, int(hole.depth), &p.lists.members[hole.at.index].Value)
	}
	return 0
}

// resembles tells, without making a chunk, whether b may begin with an event of the
// template. It looks at the fixed bytes as far as it sees at once where the values end.
func (t *template) resembles(b []byte) bool {
	if len(b) < t.least || !jsonwire.HasPrefix(b, t.head) {
		return false
	}
	i := len(t.head)
	for h := range t.holes {
		hole := &t.holes[h]
		switch hole.kind {
		case textHole:
			if i = jsonwire.SkipASCII(b, i); i == len(b) || b[i] != '"' {
				return true
			}
		case integerHole, numberHole:
			from := i
			if i = jsonwire.SkipDigits(b, i); i == len(b) || i == from || b[i] == '.' || b[i] == 'e' || b[i] == 'E' {
				return true
			}
		default:
			return true
		}
		if !hole.follows(b, i) {
			return false
		}
		i += len(hole.after)
	}
	return true
}

// ownFixed gives the fixed texts of the chunk memory that expires with it. It does so under
// the poison tag alone: otherwise they are the template's.
func (t *template) ownFixed(p *parser, dst *CreateChatCompletionData) {
	own := func(text *Text) {
		n := len(p.text)
		p.text = append(p.text, *text...)
		*text = Text(p.text[n:len(p.text):len(p.text)])
	}
	for _, at := range t.fixed {
		own(&p.textAt(dst, at).Value)
	}
	for i := range p.lists.members {
		own(&p.lists.members[i].Name)
	}
}
