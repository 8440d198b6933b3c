package chatstream

import (
	"unsafe"

	"github.com/seed-08fc7208/chatstream/internal/jsonwire"
)

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
	answer  *Completion // its owner, if that is no chunk
	b       []byte
	depth   int
	objects int // that stand in lists or behind pointers
	memory  int // in bytes, that those take
	at      int // of the fault
	fault   jsonwire.Fault

	lists   lists
	large   bool     // one of the lists has much memory
	stale   bool     // elements may refer to a large payload, or to memory that a list had
	sweep   bool     // and are to be cleared where they are not in use
	moved   bool     // one of them did not have enough, and has other memory now
	pending []Member // Extra of the objects that are open, innermost last
	text    []byte   // unescaped texts
	names   interner

	tick     tick      // that a template read last
	recorder *recorder // of a payload that a template may be made of
}

// tick is a time that was read, a number of ten digits: it is the same for many events.
type tick struct {
	first, last uint64 // eight of the digits; they overlap
	value       float64
}

// noTick is none: its halves contradict each other where they overlap.
var noTick = tick{first: 1 << 63}

// aligned returns a new T that begins at a multiple of 16 bytes. Of what is larger than
// 512 bytes and has pointers the allocator takes the first eight for itself, so that each
// fourth of the moves that copy or clear it would touch two cache lines.
func aligned[T any]() *T {
	return &new(struct {
		_ uint64
		v T
	}).v
}

// newParser returns a parser with memory for the usual single choice.
func newParser() *parser {
	p := &parser{lists: newLists(), pending: []Member{}, text: []byte{}, names: newInterner(), tick: noTick}
	p.lists.choice = aligned[[1]Choice]()[:0]
	return p
}

// takeParser returns a parser that belongs to no chunk.
func takeParser() *parser {
	if p, ok := parsers.Get().(*parser); ok {
		return p
	}
	return newParser()
}

// parserOf returns the parser of a chunk, which has one from then on. A copy of another
// chunk does not take that one's.
func parserOf(c *CreateChatCompletionData) *parser {
	p := c.ownParser()
	if p == nil {
		p = takeParser()
		p.owner, c.parser = c, p
	}
	return p
}

// ownParser returns the parser of a chunk, or nil if it has none. A copy of another chunk has that one's
// parser in its field, which must not be touched for it.
func (c *CreateChatCompletionData) ownParser() *parser {
	if p := c.parser; p != nil && p.owner == c {
		return p
	}
	return nil
}

// leaveParser empties a chunk whose life has ended, and gives its memory to whoever decodes
// next. A Decoder that waits for data does so: by the time of its next event the memory would
// have left the caches. A chunk that has more memory than usual keeps it.
func (c *CreateChatCompletionData) leaveParser() {
	p := c.ownParser()
	if p == nil || p.isUnusual() {
		return
	}
	*c = CreateChatCompletionData{}
	expire(p.text[:cap(p.text)])
	if p.owner = nil; !poisoned {
		p.sweepLists()
		parsers.Put(p)
	}
}

// isUnusual reports whether the parser has more memory than a chunk of text or with some log
// probabilities needs.
func (p *parser) isUnusual() bool {
	const usual = 64
	return p.large || p.lists.elements()+cap(p.pending) > usual || cap(p.lists.ints) > 4*usual || cap(p.text) > minBuffer
}

// parse overwrites c with the payload b. After a fault c is empty and at is the
// index of the offending byte.
func parse(b []byte, c *CreateChatCompletionData) (at int, f jsonwire.Fault) {
	p := parserOf(c)
	p.text = renew(p.text, len(b))
	*c = CreateChatCompletionData{parser: p}
	p.b = b
	p.stale = p.stale || len(b) > maxPooledCap
	if p.root(c) < 0 {
		at, f = p.at, p.fault
		p.b, p.depth, p.at, p.fault = nil, 0, 0, jsonwire.NoFault
		*c = CreateChatCompletionData{parser: p}
	}
	p.reset()
	return at, f
}

// reset forgets everything but memory.
func (p *parser) reset() {
	p.objects, p.memory = 0, 0
	if p.large || p.stale || !p.lists.isUsual() || p.lists.inUse()|len(p.pending)|len(p.text) != 0 {
		p.resetLists()
	} else {
		p.lists.emptyUsual()
	}
}

func (p *parser) resetLists() {
	all := p.large || p.stale || !p.lists.isUsual()
	p.sweep, p.stale, p.large = p.stale, p.moved || len(p.b) > maxPooledCap, false
	p.emptyAll(all)
}

func (p *parser) emptyAll(all bool) {
	p.emptyLists(all)
	emptied(p, &p.pending, maxIdleScratch)
	if poisoned { // it is overwritten as it expires, and replaced by the next payload's
		p.text = p.text[:0]
	} else {
		emptied(p, &p.text, maxIdleScratch)
	}
	p.moved = false
}

// sweepLists clears what the lists have, which no chunk uses any longer, if that refers to
// memory that is not to be kept.
func (p *parser) sweepLists() {
	if p != nil && p.stale {
		p.b, p.stale = nil, false
		p.sweep, p.moved = true, true // so that no memory is given up
		p.emptyAll(true)
	}
}

const (
	// maxIdleList and maxIdleScratch are how many bytes of memory a list, and what is used
	// while a payload is read, may have that the last payload hardly used.
	maxIdleList    = 8 << 10
	maxIdleScratch = 32 << 10
	// usualElements is how many elements a list that each payload has may have to be
	// emptied without a look at its memory.
	usualElements = 16
)

// emptied empties a list. It gives up memory that one large payload needed and the
// present one did not, and what the elements refer to that the present one has not used.
func emptied[T any](p *parser, list *[]T, maxIdle int) {
	if cap(*list)*int(unsafe.Sizeof(*new(T))) > maxIdle {
		p.large = true
		if len(*list) < cap(*list)/8 && !p.moved {
			*list = []T{}
			p.stale = true
		}
	}
	if p.sweep {
		clear((*list)[len(*list):cap(*list)])
	}
	*list = (*list)[:0]
}

// isBlownUp reports whether a list takes far more memory than it has bytes in the
// payload. Such a list is not built, so that what a chunk holds is a small multiple of
// what was sent.
func isBlownUp(memory, bytes int) bool { return memory > 64<<10 && memory > 64*bytes }

// maxCopied is how many bytes of memory a list may have that is copied when it needs
// room.
const maxCopied = 8 << 10

// makeRoom sees to it that a list has room for n more elements. A large one that has
// not is left to what was carved from it, but for its elements from first on, and gets
// other memory: append would copy all of it, and what was carved keep each copy. It
// returns where first is now.
func makeRoom[T any](p *parser, list *[]T, first, n int) int {
	if cap(*list)-len(*list) >= n || isSmall(*list) {
		return first
	}
	return moveList(p, list, first, n)
}

// isSmall reports whether the list is to be copied when it needs room.
func isSmall[T any](list []T) bool { return cap(list)*int(unsafe.Sizeof(*new(T))) < maxCopied }

// grown returns a list that is full with one more element, and where first is now: see
// makeRoom.
func grown[T any](p *parser, list []T, first int) ([]T, int) {
	if !isSmall(list) {
		first = moveList(p, &list, first, 1)
	}
	return append(list, *new(T)), first
}

// newElement returns an empty element of a list, to which a pointer of the chunk can
// point. It counts as an object.
func newElement[T any](p *parser, list *[]T) *T {
	p.objects++
	p.memory += int(unsafe.Sizeof(*new(T)))
	n := makeRoom(p, list, len(*list), 1)
	if n < cap(*list) {
		*list = (*list)[:n+1]
		clear((*list)[n:])
	} else {
		var empty T
		*list = append(*list, empty)
	}
	return &(*list)[n]
}

func moveList[T any](p *parser, list *[]T, first, n int) int {
	old := *list
	own := old[first:]
	*list = append(make([]T, 0, max(cap(old)+cap(old)/2, len(own)+n)), own...)
	p.large, p.moved, p.stale = true, true, true
	return 0
}

// root reads the whole payload.
func (p *parser) root(c *CreateChatCompletionData) int {
	i := p.begin()
	if i >= 0 {
		i = p.chunk(i, c)
	}
	return p.finish(i)
}

// begin returns where the payload's object begins.
func (p *parser) begin() int {
	i := jsonwire.SkipSpace(p.b, 0)
	if i == len(p.b) || p.b[i] != '{' {
		end, f := jsonwire.SkipValue(p.b, i, 0)
		if f == jsonwire.NoFault {
			end, f = i, jsonwire.FaultNotObject
		}
		return p.fail(end, f)
	}
	return i
}

// finish reads what follows the payload's object, which ends at i: nothing but space.
func (p *parser) finish(i int) int {
	if i < 0 {
		return i
	}
	if i = jsonwire.SkipSpace(p.b, i); i < len(p.b) {
		return p.fail(i, jsonwire.FaultTrailing)
	}
	return i
}

func (p *parser) fail(at int, f jsonwire.Fault) int {
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

// step steps from the end of a member's value, or from the object's brace, to the
// value of the next member. It returns 0 at the object's end.
func (p *parser) step(i, at int, o *object) int {
	b := p.b
	if i == at {
		if i = jsonwire.SkipSpace(b, i+1); i < len(b) && b[i] == '}' {
			return p.close(i, o)
		}
		return p.named(i, o)
	}
	if i = jsonwire.SkipSpace(b, i); i == len(b) {
		return p.fail(i, jsonwire.FaultObjectComma)
	}
	switch b[i] {
	case ',':
		return p.named(jsonwire.SkipSpace(b, i+1), o)
	case '}':
		return p.close(i, o)
	}
	return p.fail(i, jsonwire.FaultObjectComma)
}

func (p *parser) close(i int, o *object) int {
	o.end = i + 1
	p.depth--
	return 0
}

// named reads the member name at i.
func (p *parser) named(i int, o *object) int {
	if i == len(p.b) || p.b[i] != '"' {
		return p.fail(i, jsonwire.FaultName)
	}
	if i = p.string(i, &o.name); i < 0 {
		return i
	}
	i, f := jsonwire.SkipColon(p.b, i)
	if f != jsonwire.NoFault {
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
		p.recorder.addPending(i, end, p.depth, len(p.pending)-1, false)
	}
	return end
}

// misfit keeps the present member in Extra although it has a field.
func (p *parser) misfit(i int, o *object) int {
	if p.recorder != nil { // it would have to differ from what belongs there
		p.recorder.failed = true
	}
	o.misfits |= 1 << o.member
	return p.keep(i, o)
}

// keep adds the present member to what will be the object's Extra.
func (p *parser) keep(i int, o *object) int {
	end, f := jsonwire.SkipValue(p.b, i, p.depth)
	if f != jsonwire.NoFault {
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
		n := makeRoom(p, &p.lists.members, len(p.lists.members), len(p.pending)-o.extra)
		p.lists.members = append(p.lists.members, p.pending[o.extra:]...)
		p.pending = p.pending[:o.extra]
		*extra = p.lists.members[n:len(p.lists.members):len(p.lists.members)]
		if p.recorder != nil {
			p.recorder.settle(o.extra, *extra)
		}
	}
	return o.end
}

// isLarge reports whether the parser holds more memory than ordinary chunks need.
func (p *parser) isLarge() bool {
	const ordinary = 128 // elements, of up to 700 bytes
	if p == nil {
		return false
	}
	return p.lists.elements()+cap(p.pending) > ordinary || cap(p.lists.ints) > maxElements || cap(p.text) > maxPooledCap
}
