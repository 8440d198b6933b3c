package chatstream

import (
	"bytes"
	"math"
	"math/bits"
	"slices"
)

// Consecutive events of a stream mostly differ in one or two values: the next word,
// and perhaps the padding that hides its length. A replay remembers one event and
// what the parser made of it, a chunk with the place of every value in it. An event
// that has the same bytes but for some of these values, and in their place others
// of the same type, makes the same chunk but for these.
//
// That is exact: a parser that has read equal bytes is in an equal state, so that a
// value stands where a value stood. It is read from its first byte on by the
// parser's own functions; its end is where they stop, and what follows must be
// equal again. Whatever else is found is a miss, and the parser reads the event.
type replay struct {
	ref      []byte                    // the event, from "data:" to the end of its empty line
	data     span                      // its payload
	chunk    *CreateChatCompletionData // what the parser made of it
	recorder                           // its values, in their order
	head     []byte                    // what stands before the first hole
	holes    []hole                    // those of them that have differed, in order

	known   bool // there is an event to compare with
	flat    bool // its chunk has no list but choices
	rawFrom int  // where in the event at hand a raw value begins, of which parts are holes
	single  bool // it has one choice, and no list in that but Extra
	extras  bool // it has an Extra
	seated  bool // all holes have a seat, and there are some
	waiting bool // for the end of the event at hand, which has begun in the same way
	missed  bool // the event at hand is another, whatever is still to be read of it
	misses  int  // since the last hit
	debt    int  // hits that learning has to be worth before it goes on
	off     bool // in tests: never hit
	eager   bool // in tests: remember each miss
}

// valueMark is a value in the remembered event. It is small, since a stream that
// waits for data keeps its marks.
type valueMark struct {
	start, end uint16
	depth      uint16 // of the arrays and objects around a raw value; of a part, the number of its mark
	form       markForm
	// field is where the chunk has the value: a *Optional[Text], *Optional[int64],
	// *Optional[float64], *Optional[[]int64] or, for a raw value and a part of one, a
	// *RawValue.
	field any
}

// markForm tells marks of raw values apart.
type markForm uint8

const (
	markWhole  markForm = iota
	markMisfit          // neither a string nor null although its member should be
	markPart            // a string within a raw value: what mostly differs in one
)

const (
	maxReplayed = 16 << 10 // bytes of an event that is remembered; a mark can say 64 KiB
	maxMarks    = 256      // values of it
	maxParts    = 8        // strings within one of them
	// maxReplayedChoices is how many choices it may have, since a choice that is {}
	// takes 200 times its size in memory, for as long as the stream lasts.
	maxReplayedChoices = 16
	// learnCost is how many hits pay for remembering an event, and maxDebt how many may
	// be outstanding. A stream that never pays has one in rareMisses events remembered,
	// so that it costs next to nothing and still has a way back.
	learnCost  = 4
	maxDebt    = 16
	rareMisses = 64
)

// hole is a value that differs from one event to the next.
type hole struct {
	valueMark
	seat
	text  bool   // it is one, and has a seat: its quotation marks belong to what is around it
	after []byte // what stands between it and the next one, or the end of the event
	last  uint64 // the eight bytes of the event that end there
	shift uint8  // by the bits of them that stand before after

	// Of a part: whether it is the first or the last of its raw value that is a hole.
	first, final bool
	lead, trail  uint16 // how many bytes of the raw value stand before it and after it
}

// seat is the place of a member that often differs, in a chunk with one choice and no
// list within it but Extra. What is read there goes straight to a copy of the
// remembered chunk, which can so be made before anything is compared: the comparing
// does not wait for it, as the copying would for what was just read.
type seat struct {
	kind  seatKind
	index uint8 // of a member of Extra
}

type seatKind uint8

const (
	noSeat seatKind = iota
	createdSeat
	// Texts.
	obfuscationSeat
	contentSeat
	reasoningSeat
	reasoningContentSeat
	// Members of Extra.
	chunkExtraSeat
	choiceExtraSeat
	deltaExtraSeat
)

func (k seatKind) isText() bool { return k >= obfuscationSeat && k <= reasoningContentSeat }

// seatOf returns the seat of a value of the remembered chunk.
func (r *replay) seatOf(m *valueMark) seat {
	if !r.single || m.form == markMisfit {
		return seat{}
	}
	c := r.chunk
	choice := &c.Choices[0]
	switch m.field {
	case &c.Created:
		return seat{kind: createdSeat}
	case &c.Obfuscation:
		return seat{kind: obfuscationSeat}
	case &choice.Delta.Content:
		return seat{kind: contentSeat}
	case &choice.Delta.Reasoning:
		return seat{kind: reasoningSeat}
	case &choice.Delta.ReasoningContent:
		return seat{kind: reasoningContentSeat}
	}
	for i, extra := range [...][]Member{c.Extra, choice.Extra, choice.Delta.Extra} {
		for k := range min(len(extra), math.MaxUint8+1) {
			if m.field == &extra[k].Value {
				return seat{chunkExtraSeat + seatKind(i), uint8(k)}
			}
		}
	}
	return seat{}
}

// textOf returns the text that has the seat in a chunk.
func (s seat) textOf(c *CreateChatCompletionData) *Text {
	switch s.kind {
	case contentSeat:
		return &c.Choices[0].Delta.Content.Value
	case reasoningSeat:
		return &c.Choices[0].Delta.Reasoning.Value
	case reasoningContentSeat:
		return &c.Choices[0].Delta.ReasoningContent.Value
	}
	return &c.Obfuscation.Value
}

// raw returns the raw value that has the seat in a chunk.
func (s seat) raw(c *CreateChatCompletionData) *RawValue {
	switch s.kind {
	case chunkExtraSeat:
		return &c.Extra[s.index].Value
	case choiceExtraSeat:
		return &c.Choices[0].Extra[s.index].Value
	}
	return &c.Choices[0].Delta.Extra[s.index].Value
}

// recorder has the marks of a payload. It collects them while the parser reads it.
type recorder struct {
	marks    []valueMark
	unplaced []unplacedMark // raw values whose members are still pending
	failed   bool           // something that can't be replayed was read
}

type unplacedMark struct{ mark, pending int }

func (r *recorder) reset() { *r = recorder{marks: r.marks[:0], unplaced: r.unplaced[:0]} }

// add adds the value from start to end.
func (r *recorder) add(start, end int, field any) {
	if r.failed = r.failed || len(r.marks) == maxMarks; !r.failed {
		r.marks = append(r.marks, valueMark{start: uint16(start), end: uint16(end), field: field})
	}
}

// addRaw adds the raw value of the given pending member, b[start:end], inside depth
// arrays and objects.
func (r *recorder) addRaw(b []byte, start, end, depth, pending int, form markForm) {
	whole := len(r.marks)
	r.unplaced = append(r.unplaced, unplacedMark{whole, pending})
	if r.add(start, end, nil); r.failed {
		return
	}
	m := &r.marks[whole]
	m.depth, m.form = uint16(depth), form
	for i := start; i < end && len(r.marks)-whole <= maxParts && len(r.marks) < maxMarks/4 && b[start] != '"'; i++ {
		if b[i] != '"' {
			continue
		}
		from := i
		i, _ = skipString(b, i)
		if next := skipSpace(b, i); b[next] != ':' {
			r.marks = append(r.marks, valueMark{start: uint16(from), end: uint16(i), depth: uint16(whole), form: markPart})
		}
		i--
	}
}

// place tells where the pending members from first on have got.
func (r *recorder) place(first int, members []Member) {
	if r.failed { // members may have been taken back since
		return
	}
	n := len(r.unplaced)
	for ; n > 0 && r.unplaced[n-1].pending >= first; n-- {
		u := r.unplaced[n-1]
		for m := u.mark; m < len(r.marks) && (m == u.mark || r.marks[m].form == markPart); m++ {
			r.marks[m].field = &members[u.pending-first].Value
		}
	}
	r.unplaced = r.unplaced[:n]
}

// reset forgets the event. It keeps the memory.
func (r *replay) reset() {
	r.recorder.reset()
	*r = replay{ref: r.ref[:0], chunk: r.chunk, recorder: r.recorder, holes: r.holes[:0], off: r.off, eager: r.eager}
}

// learn remembers an event that was a miss, if that is worth it, and reports whether it
// did. An event that is alone among hits is not, nor are those of a stream in which none
// is like another.
func (r *replay) learn(found *found) bool {
	switch r.misses++; {
	case r.eager:
	case r.off, r.misses == 1:
		return false
	case r.debt > maxDebt-learnCost && r.misses%rareMisses != 0:
		r.known = false
		return false
	}
	r.debt = min(r.debt+learnCost, maxDebt)
	r.known = false
	raw, data := found.event.Raw, found.event.Data
	from := found.data
	if from > len("data: ") || len(raw) > maxReplayed || !bytes.HasPrefix(raw, []byte("data:")) {
		return false
	}
	switch string(raw[from+len(data):]) {
	case "\n\n", "\r\n\r\n":
	default:
		return false
	}
	r.ref = append(r.ref[:0], raw...)
	r.data = span{from, from + len(data)}
	r.holes, r.seated = r.holes[:0], false
	if r.known = r.record(); !r.known {
		// Where the memory for a list grows, marks in the list are left behind. Now
		// it has grown once for all.
		r.known = r.record()
	}
	if len(r.chunk.Choices) > maxReplayedChoices {
		r.forget()
	}
	return r.known
}

// forget forgets the event and gives up its memory. Its marks and holes go too, since
// they point into the chunk.
func (r *replay) forget() {
	*r = replay{misses: r.misses, debt: r.debt, off: r.off, eager: r.eager}
}

// repeat decodes the event that has just been learned. That spares the parser doing
// the same again.
func (r *replay) repeat(found *found, dst *CreateChatCompletionData) bool {
	n, _ := r.try(found.event.Raw, dst)
	return n > 0
}

// record parses the remembered payload.
func (r *replay) record() bool {
	if r.chunk == nil {
		r.chunk = &CreateChatCompletionData{parser: newParser()}
	}
	p := r.chunk.parser
	before := p.capacities()
	r.recorder.reset()
	p.recorder = &r.recorder
	_, f := parse(r.ref[r.data.from:r.data.to], r.chunk)
	p.recorder = nil
	for i := range r.marks {
		r.marks[i].start += uint16(r.data.from)
		r.marks[i].end += uint16(r.data.from)
	}
	flat, extras := r.chunk.isFlat(), r.chunk.hasExtra()
	r.flat, r.extras = flat && !extras, extras
	r.single = flat && len(r.chunk.Choices) == 1
	return f == ok && !r.failed && p.capacities() == before && errorOf(r.chunk, r.ref[r.data.from:r.data.to]) == nil
}

// hadHit notes that remembering was worth it.
func (r *replay) hadHit() {
	r.misses, r.debt = 0, max(r.debt-1, 0)
}

// hit is try for what is most frequent: all that differs has a seat. It returns 0
// where that is not so.
func (r *replay) hit(b []byte, dst *CreateChatCompletionData) int {
	p := dst.parser
	if !r.seated || p == nil || cap(p.choices) == 0 {
		return 0
	}
	i := len(r.head)
	if i >= len(b) || string(b[:i]) != string(r.head) {
		return 0
	}
	*dst = *r.chunk
	dst.parser = p
	dst.Choices = p.choices[:1:1]
	copy(dst.Choices, r.chunk.Choices)
	if r.extras {
		p.copyExtras(dst)
	}
	for h := range r.holes {
		hole := &r.holes[h]
		if hole.text && i+16 <= len(b) {
			end := i + firstOf(unusual(load64(b, i)), unusual(load64(b, i+8)))
			if hole.precedes(b, end) { // so it is plain ASCII, and short
				*hole.textOf(dst) = Text(b[i:end:end])
				i = end + len(hole.after)
				continue
			}
		}
		if i = r.readSeat(p, b, i, hole, dst); i <= 0 || !hole.precedes(b, i) {
			return 0
		}
		i += len(hole.after)
	}
	switch {
	case len(p.text) > 0:
		emptied(p, &p.text)
	case p.large:
		p.resetLists()
	}
	return i
}

// precedes reports whether what stands after the hole stands at i.
func (h *hole) precedes(b []byte, i int) bool {
	n := len(h.after)
	if n > len(b)-i {
		return false
	}
	if n <= 8 {
		return (load64(b, i+n-8)^h.last)>>(h.shift&63) == 0
	}
	return string(b[i:i+n]) == string(h.after)
}

// readSeat reads the value at i for the seat of a hole. It returns the index where what
// stands after it should begin.
func (r *replay) readSeat(p *parser, b []byte, i int, hole *hole, dst *CreateChatCompletionData) int {
	if i == len(b) {
		return 0
	}
	p.b = b
	switch {
	case hole.text:
		i = p.string(i-1, hole.textOf(dst)) - 1
	case hole.kind == createdSeat:
		n, end := digits(b, i)
		dst.Created.Value = float64(n)
		return end
	case hole.form == markPart:
		return r.readPart(b, i, hole, hole.raw(dst))
	default:
		i = p.rawLine(i, int(hole.depth), hole.raw(dst))
	}
	p.at, p.fault = 0, ok
	return i
}

// readPart reads a string within a raw value, and at the last one the raw value; whether
// that ends as the remembered one does has yet to be compared. It returns the index after
// the string, 0 where there is none, and len(b) where b ends before the raw value.
func (r *replay) readPart(b []byte, i int, hole *hole, dst *RawValue) int {
	if hole.first {
		r.rawFrom = i - int(hole.lead)
	}
	if b[i] != '"' {
		return 0
	}
	end, f := skipString(b, i)
	if f != ok {
		if end == len(b) {
			return end
		}
		return 0
	}
	if hole.final {
		to := end + int(hole.trail)
		if to > len(b) {
			return len(b)
		}
		*dst = RawValue(b[r.rawFrom:to:to])
	}
	return end
}

// measure notes what stands before and after a new hole.
func (r *replay) measure(h int) {
	for k := max(h-1, 0); k <= min(h+1, len(r.holes)-1); k++ {
		hole := &r.holes[k]
		hole.text = hole.kind.isText()
		hole.after = r.ref[hole.to():]
		if k+1 < len(r.holes) {
			next := &r.holes[k+1]
			next.text = next.kind.isText()
			hole.after = r.ref[hole.to():next.from()]
		}
		hole.last = load64(r.ref, hole.to()+len(hole.after)-8)
		hole.shift = uint8(64 - 8*min(len(hole.after), 8))
		if hole.form == markPart {
			whole := &r.marks[hole.depth]
			hole.first = k == 0 || !hole.shares(&r.holes[k-1])
			hole.final = k+1 == len(r.holes) || !hole.shares(&r.holes[k+1])
			hole.lead, hole.trail = hole.start-whole.start, whole.end-hole.end
		}
	}
	r.head = r.ref[:r.holes[0].from()]
}

// from and to are what of the remembered event is the hole to a hit.
func (h *hole) from() int {
	if h.text {
		return int(h.start) + 1
	}
	return int(h.start)
}

func (h *hole) to() int {
	if h.text {
		return int(h.end) - 1
	}
	return int(h.end)
}

// shares reports whether two holes are parts of one raw value.
func (h *hole) shares(other *hole) bool {
	return h.form == markPart && other.form == markPart && h.depth == other.depth
}

// copyExtras gives a chunk with one choice an Extra of its own.
func (p *parser) copyExtras(dst *CreateChatCompletionData) {
	choice := &dst.Choices[0]
	carve(&p.members, &dst.Extra)
	carve(&p.members, &choice.Extra)
	carve(&p.members, &choice.Delta.Extra)
	p.members = p.members[:0]
}

// try compares the event that b begins with to the remembered one, and makes its
// chunk. It returns the event's length, or 0 at a miss; short tells that b has
// ended before there was a difference.
func (r *replay) try(b []byte, dst *CreateChatCompletionData) (n int, short bool) {
	p := dst.parser
	if p == nil {
		p = newParser()
		dst.parser = p
	}
	p.text = renew(p.text, len(r.ref))
	p.b = b
	if n, short = r.compare(p, b); n > 0 {
		p.copyChunk(dst, r.chunk, r.flat)
	}
	p.reset()
	return n, short
}

// compare reads the values in the holes into the remembered chunk.
func (r *replay) compare(p *parser, b []byte) (n int, short bool) {
	at, i := 0, 0 // in ref and in b
	for h := 0; ; h++ {
		next := len(r.ref)
		if h < len(r.holes) {
			next = int(r.holes[h].start)
		}
		fixed := r.ref[at:next]
		if len(fixed) > len(b)-i || string(b[i:i+len(fixed)]) != string(fixed) {
			k := commonPrefix(fixed, b[i:])
			if i+k == len(b) {
				return 0, true
			}
			m := r.markAt(at + k)
			if m < 0 {
				return 0, false
			}
			if w := r.widen(m); w >= 0 {
				h = w - 1
				if start := int(r.holes[w].start); start < at { // parts of it have been read
					at, i = start, r.rawFrom
				}
				continue
			}
			if int(r.marks[m].start) < at {
				return 0, false
			}
			next = r.open(h, m)
		}
		i += next - at
		if h == len(r.holes) {
			return i, false
		}
		if i == len(b) {
			return 0, true
		}
		hole := &r.holes[h]
		if hole.form == markPart {
			i = r.readPart(b, i, hole, hole.field.(*RawValue))
			if i == len(b) {
				return 0, true
			}
			if i == 0 {
				h = r.widen(int(hole.depth)) - 1
				at, i = int(r.holes[h+1].start), r.rawFrom
				continue
			}
		} else if i = r.read(p, i, &hole.valueMark); i <= 0 {
			short = p.fault != ok && p.at == len(b)
			p.at, p.fault = 0, ok
			return 0, short
		}
		at = int(hole.end)
	}
}

// open makes a hole of a value that has never differed before, and returns where it
// begins.
func (r *replay) open(h, m int) int {
	mark := r.marks[m]
	seat := r.seatOf(&mark)
	r.seated = (r.seated || len(r.holes) == 0) && seat.kind != noSeat
	r.holes = slices.Insert(r.holes, h, hole{valueMark: mark, seat: seat})
	r.measure(h)
	return int(mark.start)
}

// widen makes one hole of a raw value, if parts of it are holes, and returns which one
// that is; -1 if there are none.
func (r *replay) widen(m int) int {
	isPart := func(h hole) bool { return h.form == markPart && int(h.depth) == m }
	h := slices.IndexFunc(r.holes, isPart)
	if h >= 0 {
		r.holes = slices.DeleteFunc(r.holes, isPart)
		r.open(h, m)
	}
	return h
}

// commonPrefix returns how many bytes a and b have in common at their beginnings.
func commonPrefix(a, b []byte) int {
	n, i := min(len(a), len(b)), 0
	for ; i+8 <= n; i += 8 {
		if x := load64(a, i) ^ load64(b, i); x != 0 {
			return i + bits.TrailingZeros64(x)/8
		}
	}
	for i < n && a[i] == b[i] {
		i++
	}
	return i
}

// markAt returns the value that stands at a position of the remembered event, or
// ends there, since a number that goes on differs at its end; or -1.
func (r *replay) markAt(i int) int {
	for m := len(r.marks) - 1; m >= 0; m-- {
		switch mark := &r.marks[m]; {
		case i < int(mark.start):
		case i <= int(mark.end) && (i < int(mark.end) || mark.form != markPart):
			return m
		case mark.form != markPart:
			return -1
		}
	}
	return -1
}

// read reads the value at i in the place of m. It returns the index after it, or 0
// or less where there is no value of that type.
func (r *replay) read(p *parser, i int, m *valueMark) int {
	b := p.b
	switch field := m.field.(type) {
	case *Optional[Text]:
		if b[i] == '"' {
			return p.string(i, &field.Value)
		}
	case *RawValue:
		if m.form == markMisfit && (b[i] == '"' || b[i] == 'n') {
			return 0
		}
		return p.rawLine(i, int(m.depth), field)
	case *Optional[int64]:
		n, end := digits(b, i)
		field.Value = n
		return end
	case *Optional[float64]:
		if isNumber(b, i) {
			if end, fits := p.float(i, &field.Value); end < 0 || fits {
				return end
			}
		}
	case *Optional[[]int64]:
		if b[i] == '[' {
			if end := p.intList(i, &field.Value); end <= 0 || !hasLineEnd(b[i:end]) {
				return end
			}
		}
	}
	return 0
}

// rawLine reads the value at i inside depth arrays and objects. It returns 0 where the
// line ends within it.
func (p *parser) rawLine(i, depth int, dst *RawValue) int {
	b := p.b
	end, f := skipValue(b, i, depth)
	if f != ok {
		return p.fail(end, f)
	}
	if (b[i] == '{' || b[i] == '[') && hasLineEnd(b[i:end]) {
		return 0
	}
	*dst = RawValue(b[i:end:end])
	return end
}

// hasLineEnd reports whether the line ends within a value: to JSON a line end is but
// white space, to the event stream it is where the data stops.
func hasLineEnd(value []byte) bool {
	return bytes.IndexByte(value, '\n') >= 0 || bytes.IndexByte(value, '\r') >= 0
}

// copyChunk makes dst equal to src, with lists of its own. In a flat chunk there are
// none but choices.
func (p *parser) copyChunk(dst, src *CreateChatCompletionData, flat bool) {
	*dst = *src
	dst.parser = p
	carve(&p.choices, &dst.Choices)
	if flat {
		return
	}
	carve(&p.members, &dst.Extra)
	carve(&p.members, &dst.Usage.Value.Extra)
	carve(&p.members, &dst.Usage.Value.PromptTokensDetails.Value.Extra)
	carve(&p.members, &dst.Usage.Value.CompletionTokensDetails.Value.Extra)
	for i := range dst.Choices {
		p.copyLists(&dst.Choices[i])
	}
}

func (p *parser) copyLists(c *Choice) {
	carve(&p.members, &c.Extra)
	carve(&p.members, &c.Delta.Extra)
	carve(&p.members, &c.Delta.FunctionCall.Value.Extra)
	carve(&p.members, &c.Delta.Audio.Value.Extra)
	carve(&p.toolCalls, &c.Delta.ToolCalls.Value)
	for i := range c.Delta.ToolCalls.Value {
		t := &c.Delta.ToolCalls.Value[i]
		carve(&p.members, &t.Extra)
		carve(&p.members, &t.Function.Value.Extra)
	}
	l := &c.Logprobs.Value
	carve(&p.members, &l.Extra)
	p.copyTokens(&l.Content.Value)
	p.copyTokens(&l.Refusal.Value)
}

func (p *parser) copyTokens(list *[]TokenLogprob) {
	carve(&p.tokens, list)
	for i := range *list {
		t := &(*list)[i]
		carve(&p.members, &t.Extra)
		carve(&p.ints, &t.Bytes.Value)
		carve(&p.tops, &t.TopLogprobs.Value)
		for j := range t.TopLogprobs.Value {
			top := &t.TopLogprobs.Value[j]
			carve(&p.members, &top.Extra)
			carve(&p.ints, &top.Bytes.Value)
		}
	}
}

// carve replaces a list by a copy of it in the arena.
func carve[T any](arena, list *[]T) {
	if *list == nil {
		return
	}
	n := len(*arena)
	*arena = append(*arena, *list...)
	*list = (*arena)[n:len(*arena):len(*arena)]
}

// isFlat reports whether the chunk has no list but choices, and the Extra of itself,
// of a choice and of a delta.
func (c *CreateChatCompletionData) isFlat() bool {
	u := &c.Usage.Value
	flat := u.Extra == nil && u.PromptTokensDetails.Value.Extra == nil && u.CompletionTokensDetails.Value.Extra == nil
	for i := range c.Choices {
		d, l := &c.Choices[i].Delta, &c.Choices[i].Logprobs.Value
		flat = flat && d.FunctionCall.Value.Extra == nil && d.Audio.Value.Extra == nil &&
			d.ToolCalls.Value == nil && l.Extra == nil && l.Content.Value == nil && l.Refusal.Value == nil
	}
	return flat
}

// hasExtra reports whether the chunk, one of its choices or a delta has an Extra.
func (c *CreateChatCompletionData) hasExtra() bool {
	has := c.Extra != nil
	for i := range c.Choices {
		has = has || c.Choices[i].Extra != nil || c.Choices[i].Delta.Extra != nil
	}
	return has
}
