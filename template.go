package chatstream

import "unsafe"

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

// tail is the end of the line of a template, as far as it is fixed and up to eight bytes. It
// tells most other events at one glance.
type tail struct{ bytes, mask uint64 }

const tailLen = 8 // bytes of a tail

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
