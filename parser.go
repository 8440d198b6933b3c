package chatstream

import "encoding/binary"

const (
	// maxChoices and maxElements are how long a list may be to be built. Longer
	// ones go to Extra: what a chunk holds stays in proportion to its bytes.
	maxChoices  = 1024
	maxElements = 4096
	// maxObjects is how many list elements that are objects a whole chunk may
	// have, since an element that is {} takes 70 times its size in memory.
	maxObjects = 1 << 14
)

// parser reads one payload into a chunk. It belongs to the chunk, and has the
// memory that the chunk's lists are carved from; between two payloads all its
// slices are empty, and their capacity is what is kept.
//
// Its methods take the index that they read from and return the one after what
// they read, or a negative one after a fault, which they note.
type parser struct {
	b       []byte
	depth   int
	objects int
	at      int // of the fault
	fault   fault

	choices   []Choice
	toolCalls []ToolCall
	tokens    []TokenLogprob
	tops      []TopLogprob
	ints      []int64
	members   []Member

	pending []Member // Extra of the objects that are open, innermost last
	text    []byte   // unescaped texts
	names   interner
	follow  successors

	recorder *recorder // while a replay remembers the payload
}

// newParser returns a parser whose lists are not nil, since an empty list in the
// payload is not a nil one, with memory for the usual single choice.
func newParser() *parser {
	return &parser{
		choices:   make([]Choice, 0, 1),
		toolCalls: []ToolCall{},
		tokens:    []TokenLogprob{},
		tops:      []TopLogprob{},
		ints:      []int64{},
		members:   []Member{},
		pending:   []Member{},
		text:      []byte{},
		names:     newInterner(),
		follow:    newSuccessors(),
	}
}

// parse overwrites c with the payload b. After a fault c is empty and at is the
// index of the offending byte.
func parse(b []byte, c *CreateChatCompletionData) (at int, f fault) {
	p := c.parser
	if p == nil {
		p = newParser()
	}
	p.text = renew(p.text, len(b))
	*c = CreateChatCompletionData{parser: p}
	p.b = b
	if p.root(c) < 0 {
		at, f = p.at, p.fault
		*c = CreateChatCompletionData{parser: p}
	}
	p.reset()
	return at, f
}

// reset forgets everything but memory.
func (p *parser) reset() {
	p.b, p.depth, p.objects, p.at, p.fault = nil, 0, 0, 0, ok
	p.choices = emptied(p.choices)
	p.toolCalls = emptied(p.toolCalls)
	p.tokens = emptied(p.tokens)
	p.tops = emptied(p.tops)
	p.ints = emptied(p.ints)
	p.members = emptied(p.members)
	p.pending = emptied(p.pending)
	p.text = emptied(p.text)
}

// maxIdle is how many elements the memory of a list may have that hardly uses it.
const maxIdle = 1 << 12

// emptied returns the list without its elements. It gives up memory that one large
// payload needed and the present one did not.
func emptied[T any](list []T) []T {
	if cap(list) > maxIdle && len(list) < cap(list)/8 {
		return []T{}
	}
	return list[:0]
}

// capacities tells whether the memory of a list has been replaced.
func (p *parser) capacities() [6]int {
	return [...]int{cap(p.choices), cap(p.toolCalls), cap(p.tokens), cap(p.tops), cap(p.ints), cap(p.members)}
}

// root reads the whole payload.
func (p *parser) root(c *CreateChatCompletionData) int {
	i := skipSpace(p.b, 0)
	if i == len(p.b) || p.b[i] != '{' {
		end, f := skipValue(p.b, i, 0)
		if f == ok {
			end, f = i, faultNotObject
		}
		return p.fail(end, f)
	}
	if i = p.chunk(i, c); i < 0 {
		return i
	}
	if i = skipSpace(p.b, i); i < len(p.b) {
		return p.fail(i, faultTrailing)
	}
	return i
}

func (p *parser) fail(at int, f fault) int {
	p.at, p.fault = at, f
	return -1
}

// object is the state of reading one object.
type object struct {
	kind   *objectKind
	follow *[numLabels]uint8
	member int   // the present one, or noMember
	label  uint8 // of the present member, or of the object's beginning
	start  int   // index of the present member's name, unless it is in name
	name   Text  // unescaped

	extra    int       // where in pending the object's Extra begins
	end      int       // index after its brace
	seen     memberSet // members with a field that were read
	repeated memberSet // and read again
	misfits  memberSet // and whose value is in pending
}

// noMember stands for a member that has no field.
const noMember = -1

// open steps into the object at i, to the value of its first member. It returns 0
// where there is none.
func (p *parser) open(i int, o *object, kind *objectKind) int {
	p.depth++ // the schema itself is less than maxDepth deep
	o.kind, o.member, o.label, o.extra = kind, noMember, kind.begin, len(p.pending)
	o.follow = p.follow.array()
	if j := p.expected(i, o, anyFirstByte); j > 0 {
		return j
	}
	if i = skipSpace(p.b, i+1); i < len(p.b) && p.b[i] == '}' {
		return p.close(i, o)
	}
	return p.named(i, o)
}

// next steps from the end of a member's value to the value of the next one. It
// returns 0 at the object's end.
func (p *parser) next(i int, o *object) int {
	if i < 0 {
		return i
	}
	if j := p.expected(i, o, everyByte); j > 0 {
		return j
	}
	b := p.b
	if i = skipSpace(b, i); i == len(b) {
		return p.fail(i, faultObjectComma)
	}
	switch b[i] {
	case ',':
		return p.named(skipSpace(b, i+1), o)
	case '}':
		return p.close(i, o)
	}
	return p.fail(i, faultObjectComma)
}

func (p *parser) close(i int, o *object) int {
	o.end = i + 1
	p.depth--
	return 0
}

// What expected compares of a label's first byte: a comma, but for an object's
// first member, which has a brace there.
const (
	everyByte    = ^uint64(0)
	anyFirstByte = everyByte &^ 0xFF
)

// expected tries the member that followed the present one the last time, at the
// comma or brace before it. It returns 0 where another one stands, or where this
// one came before.
func (p *parser) expected(i int, o *object, compare uint64) int {
	b := p.b
	l := &labels[o.follow[o.label%numLabels]%numLabels]
	if uint(len(b)) < labelSize || uint(i) > uint(len(b)-labelSize) {
		return p.expectedAtEnd(i, o, l, compare)
	}
	w := b[i : i+labelSize : i+labelSize]
	x := ((binary.LittleEndian.Uint64(w) & l.masks[0]) ^ l.words[0]) & compare
	x |= (binary.LittleEndian.Uint64(w[8:]) & l.masks[1]) ^ l.words[1]
	x |= (binary.LittleEndian.Uint64(w[16:]) & l.masks[2]) ^ l.words[2]
	if x != 0 || o.seen&l.bit != 0 {
		return 0
	}
	o.seen |= l.bit
	o.member, o.label, o.start = int(l.member), l.number, i+1
	if i += int(l.size); uint(i) < uint(len(b)) && b[i] <= ' ' {
		return skipSpace(b, i)
	}
	return i
}

// expectedAtEnd is expected where fewer bytes are left than it compares at once.
func (p *parser) expectedAtEnd(i int, o *object, l *label, compare uint64) int {
	end := i + int(l.size)
	if l.size == 0 || end > len(p.b) || string(p.b[i+1:end]) != l.text || o.seen&l.bit != 0 {
		return 0
	}
	if compare == everyByte && p.b[i] != ',' {
		return 0
	}
	o.seen |= l.bit
	o.member, o.label, o.start = int(l.member), l.number, i+1
	return skipSpace(p.b, end)
}

// named reads the member name at i.
func (p *parser) named(i int, o *object) int {
	if i == len(p.b) || p.b[i] != '"' {
		return p.fail(i, faultName)
	}
	if i = p.string(i, &o.name); i < 0 {
		return i
	}
	i, f := skipColon(p.b, i)
	if f != ok {
		return p.fail(i, f)
	}
	o.member, o.start = o.kind.number(o.name), -1
	if o.member != noMember {
		number := o.kind.begin + 1 + uint8(o.member)
		o.follow[o.label%numLabels] = number
		o.label = number
		p.meet(o)
	}
	return i
}

// meet notes that a member with a field is read, and forgets what an earlier one
// of its name left in Extra. Every caller overwrites the whole field.
func (p *parser) meet(o *object) {
	bit := memberSet(1) << o.member
	if o.repeated |= o.seen & bit; o.repeated != 0 && p.recorder != nil {
		p.recorder.failed = true
	}
	o.seen |= bit
	if o.misfits&bit == 0 {
		return
	}
	o.misfits &^= bit
	// From the end: what is moved came after the misfit, and is not moved for it
	// again, so that this takes linear time over the whole object.
	i := len(p.pending) - 1
	for string(p.pending[i].Name) != string(o.name) {
		i--
	}
	p.pending = append(p.pending[:i], p.pending[i+1:]...)
}

// extra keeps the present member, which has no field, as it is.
func (p *parser) extra(i int, o *object) int {
	end := p.keep(i, o)
	if end > 0 && p.recorder != nil {
		p.recorder.addRaw(i, end, p.depth, len(p.pending)-1, false)
	}
	return end
}

// misfit keeps the present member in Extra although it has a field.
func (p *parser) misfit(i int, o *object) int {
	o.misfits |= 1 << o.member
	return p.keep(i, o)
}

// keep adds the present member to what will be the object's Extra.
func (p *parser) keep(i int, o *object) int {
	end, f := skipValue(p.b, i, p.depth)
	if f != ok {
		return p.fail(end, f)
	}
	name := o.name
	if o.start >= 0 {
		from := o.start + 1
		to := from + len(o.kind.names[o.member])
		name = Text(p.b[from:to:to])
	}
	p.pending = append(p.pending, Member{Name: name, Value: p.b[i:end:end]})
	return end
}

// leave ends the object: i is what its last step returned.
func (p *parser) leave(i int, o *object, extra *[]Member, repeated *memberSet) int {
	if i < 0 {
		return i
	}
	*repeated = o.repeated
	if len(p.pending) > o.extra {
		n := len(p.members)
		p.members = append(p.members, p.pending[o.extra:]...)
		p.pending = p.pending[:o.extra]
		*extra = p.members[n:len(p.members):len(p.members)]
		if p.recorder != nil {
			p.recorder.place(o.extra, *extra)
		}
	}
	return o.end
}
