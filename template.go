package chatstream

import (
	"unsafe"

	"github.com/seed-08fc7208/chatstream/internal/jsonwire"
)

// Events of one kind differ in a few values: the id, the time, the next word, and perhaps
// the padding that hides its length. A template is an event with holes where these values
// stand, and the chunk that a parser made of the rest. An event that has the same bytes
// outside of the holes, and values of the same type in them, makes the same chunk but for
// these values.
//
// That is exact. A parser that has read equal bytes is in an equal state, so that a value
// stands where a value stood. It is read from its first byte on by the parser's own
// functions. It ends where they stop, and what follows must be equal again. Whatever else
// is found is a miss, and the parser reads the event.
//
// All streams share templates. A template does not change once it is published. Of the
// stream that it was learned from it has names, punctuation, enumerations, null, and the
// texts whose fields are tagged as fixed in chunk.go. All other values are holes, and what
// stood in them is wiped.
type template struct {
	event []byte   // from "data:" to the end of the empty line; zeros stand in the holes
	from  int      // where its payload begins
	rest  int      // how many bytes follow the payload
	least int      // how long an event is without what is in the holes
	lead  []byte   // what stands before the first hole
	holes []hole   // in order
	few   [11]hole // the memory of these, if it is enough
	tail  tail
	fixed []seat // of the texts that are no holes, under the poison tag

	chunk   CreateChatCompletionData // without what is in the holes
	choices [1]Choice                // if there is one
	flat    bool                     // there is, and the chunk has no other list
	lists   *lists                   // of the chunk; nil if that is flat
	links   []link                   // from the chunk to the lists
	open    bool                     // it has one choice, which has no finish reason
	loose   bool                     // the texts that are fixed in others are holes
	isChat  bool                     // its events are chunks
	n       placed                   // how many elements its lists have

	digest  uint64 // of its fixed bytes: equal templates have the same
	outline uint64 // the same for templates whose fixed texts alone are others
}

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

// tail is the end of the line of a template, as far as it is fixed and up to eight bytes. It
// tells most other events at one glance.
type tail struct{ bytes, mask uint64 }

const tailLen = 8 // bytes of a tail

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

const (
	maxTemplate = 8 << 10 // bytes of an event that is learned; a mark can say 64 KiB
	// maxTemplateElements is how many elements the lists of its chunk may have, since one
	// that is {} takes 70 times its size in memory.
	maxTemplateElements = 40
)

// size is how many bytes of memory the template takes, more or less.
func (t *template) size() int {
	n := int(unsafe.Sizeof(*t)) + len(t.event) + len(t.links)*int(unsafe.Sizeof(link{})) + t.n.members*int(unsafe.Sizeof(Member{})) + (t.n.elements()-t.n.members)*int(unsafe.Sizeof(Choice{}))
	if t.lists != nil {
		n += int(unsafe.Sizeof(*t.lists))
	}
	if len(t.holes) > len(t.few) {
		n += len(t.holes) * int(unsafe.Sizeof(hole{}))
	}
	return n
}

// match makes dst of the event that b begins with, perhaps with an opening. It returns the
// event's length, or 0 if the event is another one or not whole. Then dst has anything.
//
// The chunk is copied before the event is looked at, so that the copying goes on while the
// event comes from memory.
func (t *template) match(dst *CreateChatCompletionData, b []byte, o *opening) int {
	if len(b) < t.least {
		return 0
	}
	p := dst.parser
	if p == nil || p.owner != dst { // the caller may have replaced all of dst
		p = parserOf(dst)
	}
	if poisoned || len(p.text) > 0 {
		p.text = renew(p.text, len(t.event)+len(b))
	}
	if !t.flat {
		return t.matchLists(p, dst, b, o)
	}
	reserve(&p.lists.choice, 1)
	choices := p.lists.choice[:1:1]
	n := 0
	if o.begins(b, t) {
		*dst = o.chunk
		choices[0] = o.choices[0]
		dst.parser, dst.Choices = p, choices
		o.setTexts(dst, b)
		n = read(dst, b, o.rest, len(o.bytes))
	} else {
		*dst = t.chunk
		choices[0] = t.choices[0]
		dst.parser, dst.Choices = p, choices
		n = t.read(dst, b)
	}
	switch {
	case n == 0:
	case poisoned, p.large, p.stale, n > maxPooledCap:
		t.finish(p, dst, b[:n])
	case len(p.text) > 0:
		emptied(p, &p.text, maxIdleScratch)
	}
	return n
}

// matchLists is match for a chunk that has other lists than the one of its only choice.
func (t *template) matchLists(p *parser, dst *CreateChatCompletionData, b []byte, o *opening) int {
	reserve(&p.lists.choice, t.n.choice)
	choices, opened := p.lists.choice[:t.n.choice:t.n.choice], o.begins(b, t)
	if opened { // the chunk has one choice
		*dst = o.chunk
		choices[0] = o.choices[0]
	} else {
		*dst = t.chunk
		copy(choices, t.lists.choice)
	}
	dst.parser = p
	if len(choices) > 0 {
		dst.Choices = choices
	}
	t.copyLists(p, dst)
	n := 0
	if opened {
		o.setTexts(dst, b)
		n = read(dst, b, o.rest, len(o.bytes))
	} else {
		n = t.read(dst, b)
	}
	if n > 0 && (poisoned || p.large || p.stale || n > maxPooledCap) {
		t.finish(p, dst, b[:n])
		return n
	}
	p.lists.empty()
	emptied(p, &p.lists.ints, maxIdleList)
	if n > 0 && len(p.text) > 0 {
		emptied(p, &p.text, maxIdleScratch)
	}
	return n
}

// finish ends a match of an event.
func (t *template) finish(p *parser, dst *CreateChatCompletionData, event []byte) {
	p.lists.choice = p.lists.choice[:t.n.choice] // in use, until reset
	if poisoned {
		t.ownFixed(p, dst)
	}
	p.b = event // in place of an older one, which may be large
	p.stale = p.stale || len(event) > maxPooledCap
	p.reset()
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

// ownFixed gives the fixed texts of the chunk memory that expires with it. It does so under
// the poison tag alone: otherwise they are the template's.
func (t *template) ownFixed(p *parser, dst *CreateChatCompletionData) {
	own := func(text *Text) {
		n := len(p.text)
		p.text = append(p.text, *text...)
		*text = Text(p.text[n:len(p.text):len(p.text)])
	}
	members := p.lists.members[:t.n.members]
	for _, at := range t.fixed {
		if at.of == atMember {
			own((*Text)(&members[at.index].Value))
		} else {
			own(&p.textAt(dst, at).Value)
		}
	}
	for i := range members {
		own(&members[i].Name)
	}
}

// reserve sees to it that a list, which is empty, has memory for n elements.
func reserve[T any](list *[]T, n int) {
	if cap(*list) < n {
		*list = make([]T, 0, n)
	}
}

// copier copies what a chunk has lists and pointers to, to the memory of a parser.
type copier struct {
	*parser
	chunk *CreateChatCompletionData
	links []link // from the chunk to the lists
}

// carve replaces a list by a copy of it in the arena.
func carve[S ~[]T, T any](p *copier, arena *[]T, list *S) {
	if *list == nil {
		return
	}
	n := len(*arena)
	*arena = append(*arena, *list...)
	*list = (*arena)[n:len(*arena):len(*arena)]
	addLink(p, list, arena, n)
}

// carvePointer replaces what a pointer points to by a copy of it in the arena.
func carvePointer[T any](p *copier, arena *[]T, pointer **T) {
	n := len(*arena)
	*arena = append(*arena, **pointer)
	*pointer = &(*arena)[n]
	addLink(p, pointer, arena, n)
}

// fill makes a list, which is empty, have these elements.
func fill[T any](list *[]T, elements []T) {
	if n := len(elements); n > 0 {
		reserve(list, n)
		*list = (*list)[:n]
		copy(*list, elements)
	}
}
