package chatstream

import (
	"encoding/binary"
	"strconv"
	"unicode/utf8"
)

const (
	// maxChoices and maxElements are how long a list may be to be built. Longer
	// ones go to Extra: what a chunk holds stays in proportion to its bytes.
	maxChoices  = 1024
	maxElements = 4096
	// maxObjects is how many list elements that are objects a whole chunk may
	// have, since an element that is {} takes 70 times its size in memory.
	maxObjects = 1 << 16
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
	p.choices = p.choices[:0]
	p.toolCalls = p.toolCalls[:0]
	p.tokens = p.tokens[:0]
	p.tops = p.tops[:0]
	p.ints = p.ints[:0]
	p.members = p.members[:0]
	p.pending = p.pending[:0]
	p.text = p.text[:0]
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

// isNull reports whether null begins at i.
func isNull(b []byte, i int) bool { return i+4 <= len(b) && string(b[i:i+4]) == "null" }

// absentOr reads a value that is not of its field's type: null, or a misfit.
func (p *parser) absentOr(i int, o *object, state *presence) int {
	if isNull(p.b, i) {
		*state = null
		return i + 4
	}
	*state = absent
	return p.misfit(i, o)
}

// string reads the string at i: a part of the payload where it stands there as it
// is, unescaped or repaired into p.text otherwise.
func (p *parser) string(i int, dst *Text) int {
	b := p.b
	i++
	end := skipASCII(b, i)
	if uint(end) < uint(len(b)) && b[end] == '"' {
		*dst = Text(b[i:end:end])
		return end + 1
	}
	return p.oddString(i, end, dst)
}

// oddString reads a string that has more to it than ASCII from position end on.
func (p *parser) oddString(i, end int, dst *Text) int {
	b := p.b
	end, ascii := skipPlain(b, end)
	if end < len(b) && b[end] == '"' && (ascii || utf8.Valid(b[i:end])) {
		*dst = Text(b[i:end:end])
		return end + 1
	}
	n := len(p.text)
	text, end, f := appendUnescaped(p.text, b, i)
	p.text = text
	if f != ok {
		return p.fail(end, f)
	}
	*dst = Text(text[n:len(text):len(text)])
	return end
}

func (p *parser) textMember(i int, o *object, dst *Optional[Text]) int {
	b := p.b
	if uint(i) >= uint(len(b)) || b[i] != '"' {
		dst.Value = nil
		return p.noText(i, o, &dst.state)
	}
	dst.state = set
	start := i + 1
	end := skipASCII(b, start)
	if uint(end) < uint(len(b)) && b[end] == '"' {
		dst.Value = Text(b[start:end:end])
		end++
	} else if end = p.oddString(start, end, &dst.Value); end < 0 {
		return end
	}
	if p.recorder != nil {
		p.recorder.add(i, end, dst)
	}
	return end
}

// noText is absentOr for a text, which a replay may find to be another misfit.
func (p *parser) noText(i int, o *object, state *presence) int {
	end := p.absentOr(i, o, state)
	if end > 0 && *state == absent && p.recorder != nil {
		p.recorder.addRaw(i, end, p.depth, len(p.pending)-1, true)
	}
	return end
}

func enumMember[T ~string](p *parser, i int, o *object, dst *Optional[T]) int {
	dst.Value = ""
	if i < len(p.b) && p.b[i] == '"' {
		var value Text
		if i = p.string(i, &value); i >= 0 {
			dst.Value, dst.state = T(p.names.intern(value)), set
		}
		return i
	}
	return p.absentOr(i, o, &dst.state)
}

// maxFastDigits is how many digits a number may have to be read as it comes: all
// of them fit, also the 53 bits of a float64.
const maxFastDigits = 15

// digits reads an integer without a sign of a few digits. It returns 0 where
// something else stands, or more of it.
func (p *parser) digits(i int) (n int64, end int) {
	b := p.b
	for end = i; end < len(b) && isDigit(b[end]); end++ {
		if end-i == maxFastDigits {
			return 0, 0
		}
		n = n*10 + int64(b[end]-'0')
	}
	switch {
	case end == i, end-i > 1 && b[i] == '0':
		return 0, 0
	case end < len(b) && (b[end] == '.' || b[end] == 'e' || b[end] == 'E'):
		return 0, 0
	}
	return n, end
}

func isNumber(b []byte, i int) bool { return i < len(b) && (b[i] == '-' || isDigit(b[i])) }

func (p *parser) intMember(i int, o *object, dst *Optional[int64]) int {
	if n, end := p.digits(i); end > 0 {
		*dst = Some(n)
		if p.recorder != nil {
			p.recorder.add(i, end, dst)
		}
		return end
	}
	dst.Value = 0
	if !isNumber(p.b, i) {
		return p.absentOr(i, o, &dst.state)
	}
	end, f := skipNumber(p.b, i)
	if f != ok {
		return p.fail(end, f)
	}
	n, fits := exactInt(p.b[i:end])
	if !fits {
		dst.state = absent
		return p.misfit(i, o)
	}
	*dst = Some(n)
	return end
}

func (p *parser) floatMember(i int, o *object, dst *Optional[float64]) int {
	dst.Value = 0
	if !isNumber(p.b, i) {
		return p.absentOr(i, o, &dst.state)
	}
	end, fits := p.float(i, &dst.Value)
	if end < 0 {
		return end
	}
	if !fits {
		dst.state = absent
		return p.misfit(i, o)
	}
	dst.state = set
	if p.recorder != nil {
		p.recorder.add(i, end, dst)
	}
	return end
}

// float reads the number at i, and reports whether it is one that fits.
func (p *parser) float(i int, dst *float64) (end int, fits bool) {
	if n, end := p.digits(i); end > 0 {
		*dst = float64(n)
		return end, true
	}
	end, f := skipNumber(p.b, i)
	if f != ok {
		return p.fail(end, f), false
	}
	number := p.b[i:end]
	if isHuge(number) {
		return end, false
	}
	v, err := strconv.ParseFloat(string(number), 64)
	if err != nil { // just out of range
		return end, false
	}
	*dst = v
	return end, true
}

func objectMember[T any](p *parser, i int, o *object, dst *Optional[T], read func(*parser, int, *T) int) int {
	if dst.state == set { // the member is repeated
		*dst = Optional[T]{}
	}
	if i < len(p.b) && p.b[i] == '{' {
		dst.state = set
		return read(p, i, &dst.Value)
	}
	return p.absentOr(i, o, &dst.state)
}

func listMember[T any](p *parser, i int, o *object, dst *Optional[[]T], arena *[]T, read func(*parser, int, *T) int) int {
	dst.Value = nil
	if i == len(p.b) || p.b[i] != '[' {
		return p.absentOr(i, o, &dst.state)
	}
	end := objectList(p, i, &dst.Value, arena, maxElements, read)
	if end == 0 {
		dst.state = absent
		return p.misfit(i, o)
	}
	dst.state = set
	return end
}

// objectList reads the list of objects at i into memory from arena. It returns 0
// at an element that is no object and at one too many.
func objectList[T any](p *parser, i int, dst *[]T, arena *[]T, limit int, read func(*parser, int, *T) int) int {
	b := p.b
	first, pending := len(*arena), len(p.pending)
	p.depth++
	if i = skipSpace(b, i+1); i < len(b) && b[i] == ']' {
		p.depth--
		*dst = (*arena)[first:first:first]
		return i + 1
	}
	for n := 0; ; n++ {
		if i == len(b) || b[i] != '{' || n == limit || p.objects == maxObjects {
			break
		}
		p.objects++
		if i = read(p, i, grow(arena)); i < 0 {
			return i
		}
		if i = skipSpace(b, i); i == len(b) {
			return p.fail(i, faultArrayComma)
		}
		switch b[i] {
		case ',':
			i = skipSpace(b, i+1)
			continue
		case ']':
			p.depth--
			*dst = (*arena)[first:len(*arena):len(*arena)]
			return i + 1
		}
		return p.fail(i, faultArrayComma)
	}
	p.depth--
	*arena, p.pending = (*arena)[:first], p.pending[:pending]
	if p.recorder != nil {
		p.recorder.failed = true
	}
	return 0
}

// grow adds an empty element to the arena.
func grow[T any](arena *[]T) *T {
	a := *arena
	if n := len(a); n < cap(a) {
		a = a[:n+1]
		clear(a[n:])
	} else {
		a = append(a, *new(T))
	}
	*arena = a
	return &a[len(a)-1]
}

func (p *parser) bytesMember(i int, o *object, dst *Optional[[]int64]) int {
	dst.Value = nil
	if i == len(p.b) || p.b[i] != '[' {
		return p.absentOr(i, o, &dst.state)
	}
	end := p.intList(i, &dst.Value)
	if end == 0 {
		dst.state = absent
		return p.misfit(i, o)
	}
	dst.state = set
	if p.recorder != nil {
		p.recorder.add(i, end, dst)
	}
	return end
}

// intList is objectList for integers.
func (p *parser) intList(i int, dst *[]int64) int {
	b, first := p.b, len(p.ints)
	if i = skipSpace(b, i+1); i < len(b) && b[i] == ']' {
		*dst = p.ints[first:first:first]
		return i + 1
	}
	for isNumber(b, i) && len(p.ints)-first < maxElements {
		n, end := p.digits(i)
		if end == 0 {
			var f fault
			if end, f = skipNumber(b, i); f != ok {
				return p.fail(end, f)
			}
			var fits bool
			if n, fits = exactInt(b[i:end]); !fits {
				break
			}
		}
		p.ints = append(p.ints, n)
		if i = skipSpace(b, end); i == len(b) {
			return p.fail(i, faultArrayComma)
		}
		switch b[i] {
		case ',':
			i = skipSpace(b, i+1)
			continue
		case ']':
			*dst = p.ints[first:len(p.ints):len(p.ints)]
			return i + 1
		}
		return p.fail(i, faultArrayComma)
	}
	p.ints = p.ints[:first]
	return 0
}
