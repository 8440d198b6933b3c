package chatstream

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
	owner   *CreateChatCompletionData
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

	large   bool     // one of the lists has much memory
	moved   bool     // one of them did not have enough, and has other memory now
	pending []Member // Extra of the objects that are open, innermost last
	text    []byte   // unescaped texts
	names   interner

	recorder *recorder // while a replay remembers the payload
}

// aligned returns a new T that begins at a multiple of 16 bytes. Of what is larger than
// 512 bytes and has pointers the allocator takes the first eight for itself, so that each
// fourth of the moves that copy or clear it would touch two cache lines.
func aligned[T any]() *T {
	return &new(struct {
		_ uint64
		v T
	}).v
}

// newParser returns a parser whose lists are not nil, since an empty list in the
// payload is not a nil one, with memory for the usual single choice.
func newParser() *parser {
	return &parser{
		choices:   aligned[[1]Choice]()[:0],
		toolCalls: []ToolCall{},
		tokens:    []TokenLogprob{},
		tops:      []TopLogprob{},
		ints:      []int64{},
		members:   []Member{},
		pending:   []Member{},
		text:      []byte{},
		names:     newInterner(),
	}
}

// parserOf returns the parser of a chunk, which has one from then on. A copy of another
// chunk does not take that one's.
func parserOf(c *CreateChatCompletionData) *parser {
	if c.parser == nil || c.parser.owner != c {
		c.parser = newParser()
		c.parser.owner = c
	}
	return c.parser
}

// parse overwrites c with the payload b. After a fault c is empty and at is the
// index of the offending byte.
func parse(b []byte, c *CreateChatCompletionData) (at int, f fault) {
	p := parserOf(c)
	p.text = renew(p.text, len(b))
	*c = CreateChatCompletionData{parser: p}
	p.b = b
	if p.root(c) < 0 {
		at, f = p.at, p.fault
		p.b, p.depth, p.at, p.fault = nil, 0, 0, ok
		*c = CreateChatCompletionData{parser: p}
	}
	p.reset()
	return at, f
}

// reset forgets everything but memory.
func (p *parser) reset() {
	p.objects = 0
	p.choices = p.choices[:0]
	if p.large || len(p.toolCalls)|len(p.tokens)|len(p.tops)|len(p.ints)|len(p.members)|len(p.pending)|len(p.text) != 0 {
		p.resetLists()
	}
}

func (p *parser) resetLists() {
	p.large = false
	emptied(p, &p.choices)
	emptied(p, &p.toolCalls)
	emptied(p, &p.tokens)
	emptied(p, &p.tops)
	emptied(p, &p.ints)
	emptied(p, &p.members)
	emptied(p, &p.pending)
	emptied(p, &p.text)
	p.moved = false
}

// maxIdle is how many elements the memory of a list may have that hardly uses it.
const maxIdle = 1 << 12

// emptied empties a list. It gives up memory that one large payload needed and the
// present one did not.
func emptied[T any](p *parser, list *[]T) {
	if cap(*list) > maxIdle {
		p.large = true
		if len(*list) < cap(*list)/8 && !p.moved {
			*list = []T{}
		}
	}
	*list = (*list)[:0]
}

// makeRoom sees to it that a list has room for n more elements. A large one that has
// not is left to what was carved from it, but for its elements from first on, and gets
// other memory: append would copy all of it, and what was carved keep each copy. It
// returns where first is now.
func makeRoom[T any](p *parser, list *[]T, first, n int) int {
	if cap(*list)-len(*list) >= n || cap(*list) < maxIdle {
		return first
	}
	return moveList(p, list, first, n)
}

func moveList[T any](p *parser, list *[]T, first, n int) int {
	old := *list
	own := old[first:]
	*list = append(make([]T, 0, max(cap(old)+cap(old)/2, len(own)+n)), own...)
	p.large, p.moved = true, true
	return 0
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
	member int  // the present one, or noMember
	start  int  // index of the present member's name, unless it is in name
	name   Text // unescaped

	extra    int       // where in pending the object's Extra begins
	end      int       // index after its brace
	seen     memberSet // members with a field that were read
	repeated memberSet // and read again
	misfits  memberSet // and whose value is in pending
}

// noMember stands for a member that has no field.
const noMember = -1

// word returns the eight bytes at i.
func word(b []byte, i int) uint64 {
	if i+8 <= len(b) {
		return load64(b, i)
	}
	return lastWord(b, i)
}

// lastWord is word where fewer bytes are left; those that are missing are 0. Inlined it
// would be the larger part of each method that reads an object, for the last one's sake.
//
//go:noinline
func lastWord(b []byte, i int) (w uint64) {
	if len(b) >= 8 {
		return load64(b, len(b)-8) >> (8 * uint(8-(len(b)-i)))
	}
	for k := range b[i:] {
		w |= uint64(b[i+k]) << (8 * k)
	}
	return w
}

// firstWord is word for an object's brace, which it gives as a comma.
func firstWord(b []byte, i int) uint64 { return word(b, i)&^0xFF | ',' }

// step steps from the end of a member's value, or from the object's brace, to the
// value of the next member. It returns 0 at the object's end.
func (p *parser) step(i, at int, o *object) int {
	b := p.b
	if i == at {
		if i = skipSpace(b, i+1); i < len(b) && b[i] == '}' {
			return p.close(i, o)
		}
		return p.named(i, o)
	}
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
		p.recorder.addRaw(p.b, i, end, p.depth, len(p.pending)-1, markWhole)
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
func (p *parser) leave(i int, o *object, extra *Members, repeated *memberSet) int {
	if i < 0 {
		return i
	}
	*repeated = o.repeated
	if len(p.pending) > o.extra {
		n := makeRoom(p, &p.members, len(p.members), len(p.pending)-o.extra)
		p.members = append(p.members, p.pending[o.extra:]...)
		p.pending = p.pending[:o.extra]
		*extra = p.members[n:len(p.members):len(p.members)]
		if p.recorder != nil {
			p.recorder.place(o.extra, *extra)
		}
	}
	return o.end
}
