package chatstream

import "github.com/seed-08fc7208/chatstream/internal/jsonwire"

// How the values of an event are read where a template has holes.

// hole is a value that differs from one event to the next.
type hole struct {
	after      []byte // what stands between the value and the next one, or the end
	next       *hole  // nil for the last
	kind       holeKind
	usual      uint8  // how long a long text was
	depth      uint16 // of the arrays and objects around a raw value
	at         seat   // where a chunk has the value
	fieldPlace        // the same, as an offset
}

type holeKind uint8

const (
	textHole         holeKind = iota // its quotation marks belong to what is around it
	longTextHole                     // the same, of a text that is mostly hole.usual bytes long
	integerHole                      //
	numberHole                       //
	fractionHole                     // the same, of a number that is mostly no integer
	integersHole                     //
	listTextHole                     // those whose place is no offset
	listIntegerHole                  //
	listNumberHole                   //
	listIntegersHole                 //
	rawHole                          // of a member without a field
	rawFieldHole                     // of one whose field takes any type
	misfitHole                       // neither a string nor null although its member should be
)

// seat is where a chunk has a value: a field of an element of a list, or a member of an
// Extra. It holds for any chunk of the template.
type seat struct {
	of    seatOf
	index uint16
}

// read reads b, which has t.least bytes or more, into dst, a copy of the template's chunk. It
// returns the event's length, or 0 if it is another event.
func (t *template) read(dst *CreateChatCompletionData, b []byte) int {
	n := len(t.lead)
	switch {
	case string(b[:n]) != string(t.lead):
		return 0
	case len(t.holes) == 0:
		return n
	}
	return read(dst, b, &t.holes[0], n)
}

// read reads the values from i on, where a hole is, into dst, and compares what stands between
// them. It returns the event's length, or 0 if it is another event.
func read(dst *CreateChatCompletionData, b []byte, hole *hole, i int) int {
	for ; hole != nil; hole = hole.next {
		switch hole.kind {
		case textHole:
			end := i
			if i+16 > len(b) {
				end = jsonwire.SkipASCII(b, i)
			} else if end += jsonwire.FirstOf(jsonwire.Unusual(jsonwire.Load64(b, i)), jsonwire.Unusual(jsonwire.Load64(b, i+8))); end == i+16 {
				end = jsonwire.SkipASCII(b, end) // few are that long
			}
			if uint(end) >= uint(len(b)) || b[end] != '"' {
				if i = hole.readText(dst, b, i); i == 0 {
					return 0
				}
				break
			}
			hole.setText(dst, b, i, end)
			i = end
		case longTextHole:
			end, x := i+int(hole.usual), ^uint64(0)
			if end < len(b) && b[end] == '"' {
				x = jsonwire.Unusual(jsonwire.Load64(b, end-8))
				for at := i; at < end-8; at += 8 {
					x |= jsonwire.Unusual(jsonwire.Load64(b, at))
				}
			}
			if x == 0 {
				hole.setText(dst, b, i, end)
				i = end
			} else if i = hole.readText(dst, b, i); i == 0 {
				return 0
			}
		case integerHole:
			if i+2 <= len(b) {
				if n := b[i] - '0'; n <= 9 && (b[i+1] == ',' || b[i+1] == '}') { // as mostly
					*hole.integer(dst) = int64(n)
					i++
					break
				}
			}
			if *hole.integer(dst), i = jsonwire.Digits(b, i); i == 0 {
				return 0
			}
		case numberHole:
			if last := &dst.parser.tick; i+10 <= len(b) && jsonwire.Load64(b, i) == last.first && jsonwire.Load64(b, i+2) == last.last {
				*hole.number(dst) = last.value
				i += 10
				break
			}
			if i = hole.readNumber(dst, b, i); i == 0 {
				return 0
			}
		case fractionHole:
			if value, end := jsonwire.ParseFloat(b, i); end > 0 {
				*hole.number(dst) = value
				i = end
			} else if i = hole.readOther(dst, b, i); i == 0 {
				return 0
			}
		case integersHole:
			if end := dst.parser.usualInts(b, i, hole.integers(dst)); end > 0 {
				i = end
			} else if i = hole.readOther(dst, b, i); i == 0 {
				return 0
			}
		default:
			if i = hole.readOther(dst, b, i); i == 0 {
				return 0
			}
		}
		fixed := hole.after
		n := len(fixed)
		if n > len(b)-i {
			return 0
		}
		// In blocks, of which the last ones may overlap those before them.
		switch {
		case n >= 32:
			x := differ8(b, fixed, i, 0) | differ8(b, fixed, i, 8) | differ8(b, fixed, i, 16) | differ8(b, fixed, i, 24)
			for k := n - 32; k > 0; k -= 32 {
				x |= differ8(b, fixed, i, k) | differ8(b, fixed, i, k+8) | differ8(b, fixed, i, k+16) | differ8(b, fixed, i, k+24)
			}
			if x != 0 {
				return 0
			}
		case n >= 8:
			x := differ8(b, fixed, i, 0) | differ8(b, fixed, i, n-8)
			if n > 16 {
				x |= differ8(b, fixed, i, 8) | differ8(b, fixed, i, n-16)
			}
			if x != 0 {
				return 0
			}
		case n >= 4:
			if (jsonwire.Load32(b, i)^jsonwire.Load32(fixed, 0))|(jsonwire.Load32(b, i+n-4)^jsonwire.Load32(fixed, n-4)) != 0 {
				return 0
			}
		case string(b[i:i+n]) != string(fixed):
			return 0
		}
		i += n
	}
	return i
}

// differ8 is not 0 if the eight bytes at k in fixed are not those at i+k in b.
func differ8(b, fixed []byte, i, k int) uint64 {
	return jsonwire.Load64(b, i+k) ^ jsonwire.Load64(fixed, k)
}

// readNumber reads a number at i, in the place of a numberHole. It returns the index after it,
// or 0.
func (h *hole) readNumber(dst *CreateChatCompletionData, b []byte, i int) int {
	n, end := jsonwire.Digits(b, i)
	if end == 0 {
		return h.readOther(dst, b, i)
	}
	*h.number(dst) = float64(n)
	if end == i+10 {
		dst.parser.tick = tick{jsonwire.Load64(b, i), jsonwire.Load64(b, i+2), float64(n)}
	}
	return end
}

// readText reads any text at i. It returns the index of its
// quotation mark, or 0.
func (h *hole) readText(dst *CreateChatCompletionData, b []byte, i int) int {
	p := dst.parser
	p.b = b
	end := p.string(i-1, h.text(dst))
	if end < 0 {
		p.at, p.fault = 0, jsonwire.NoFault
		return 0
	}
	return end - 1
}

// readOther reads a value that is not what is most frequent. It returns the index after it,
// or 0 if there is no value of its type.
func (h *hole) readOther(dst *CreateChatCompletionData, b []byte, i int) int {
	if i >= len(b) {
		return 0
	}
	p := dst.parser
	p.b = b
	end := h.readValue(p, dst, i)
	if end < 0 {
		p.at, p.fault = 0, jsonwire.NoFault
		return 0
	}
	return end
}

func (h *hole) readValue(p *parser, dst *CreateChatCompletionData, i int) int {
	b := p.b
	switch h.kind {
	case listTextHole:
		return max(p.string(i-1, &p.textAt(dst, h.at).Value)-1, 0)
	case listIntegerHole:
		n, end := jsonwire.Digits(b, i)
		p.integerAt(dst, h.at).Value = n
		return end
	case numberHole, fractionHole, listNumberHole:
		field := p.numberAt(dst, h.at)
		n, end := jsonwire.Digits(b, i)
		if field.Value = float64(n); end > 0 {
			return end
		}
		if jsonwire.IsNumber(b, i) {
			if end, fits := p.float(i, &field.Value); end < 0 || fits {
				return end
			}
		}
	case integersHole, listIntegersHole:
		if b[i] == '[' {
			if end := p.intList(i, &p.integersAt(dst, h.at).Value); end <= 0 || !jsonwire.HasLineEnd(b[i:end]) {
				return end
			}
		}
	case rawFieldHole:
		if b[i] == 'n' { // null is no value of the field
			return 0
		}
		return p.rawLine(i, int(h.depth), &p.rawAt(dst, h.at).Value)
	case misfitHole:
		if b[i] == '"' || b[i] == 'n' {
			return 0
		}
		fallthrough
	case rawHole:
		var value RawValue
		end := p.rawLine(i, int(h.depth), &value)
		h.setRaw(dst, value)
		return end
	}
	return 0
}

// setRaw sets the place of a rawHole or misfitHole in dst.
func (h *hole) setRaw(dst *CreateChatCompletionData, value RawValue) {
	members := &dst.parser.lists.members
	(*members)[:cap(*members)][h.at.index].Value = value
}

// resembles tells, without making a chunk, whether b may begin with an event of the
// template. It looks at the fixed bytes as far as it sees at once where the values end.
func (t *template) resembles(b []byte) bool {
	if len(b) < t.least {
		return false
	}
	i := len(t.lead)
	if string(b[:i]) != string(t.lead) {
		return false
	}
	for h := range t.holes {
		hole := &t.holes[h]
		switch hole.kind {
		case textHole, longTextHole, listTextHole:
			if i = jsonwire.SkipASCII(b, i); i == len(b) || b[i] != '"' {
				return true
			}
		case integerHole, listIntegerHole, numberHole, fractionHole, listNumberHole:
			from := i
			if i = jsonwire.SkipDigits(b, i); i == len(b) || i == from || b[i] == '.' || b[i] == 'e' || b[i] == 'E' {
				return true
			}
		default:
			return true
		}
		n := len(hole.after)
		if n > len(b)-i || string(b[i:i+n]) != string(hole.after) {
			return false
		}
		i += n
	}
	return true
}
