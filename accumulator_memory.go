package chatstream

import (
	"bytes"
	"slices"
)

// What the elements of an Accumulator's lists count, in bytes: a little more than
// they take, answers and calls with what Completion makes of them.
const (
	answerSize       = 2048
	callSize         = 512
	tokenLogprobSize = 256
	topLogprobSize   = 160
	memberSize       = 64
)

// joined is a string in the making: its pieces one after the other.
type joined struct {
	text  Text
	state presence // the strongest that came: absent, null, set
}

func (j *joined) emptied() joined { return joined{text: j.text[:0]} }

// value returns the string so far.
func (j *joined) value() Optional[Text] {
	if j.state != set {
		return Optional[Text]{state: j.state}
	}
	return Some(slices.Clip(j.text))
}

func (a *Accumulator) limit() int {
	if a.Limit > 0 {
		return a.Limit
	}
	return DefaultAccumulatorLimit
}

// room reports whether n more bytes fit, and counts them. Once something did not
// fit nothing does, lest a text have a hole.
func (a *Accumulator) room(n int) bool { return !a.full && a.fits(n) }

// fits is room for what is not part of a text.
func (a *Accumulator) fits(n int) bool {
	if n > a.limit()-a.size {
		a.full = true
		return false
	}
	a.size += n
	return true
}

// put appends b to dst, for which there is room.
func put[D ~[]byte, S ~[]byte | ~string](a *Accumulator, dst *D, b S) {
	before := cap(*dst)
	*dst = append(*dst, b...)
	a.held += cap(*dst) - before
}

// add appends a piece of text to dst if there is room.
func add[D, S ~[]byte](a *Accumulator, dst *D, b S) bool {
	if !a.room(len(b)) {
		return false
	}
	put(a, dst, b)
	return true
}

// replace replaces what dst holds if there is room, and empties it otherwise.
func replace[T ~[]byte](a *Accumulator, dst *T, v T) bool {
	a.size -= len(*dst)
	*dst = (*dst)[:0]
	if !a.fits(len(v)) {
		return false
	}
	put(a, dst, v)
	return true
}

// setEnum replaces the value of an enumeration unless the new one is empty.
func setEnum[T ~string](a *Accumulator, dst *T, v T) {
	if v != "" && v != *dst && a.fits(len(v)-len(*dst)) {
		*dst = v
	}
}

// join adds a piece of a string.
func (a *Accumulator) join(dst *joined, piece Optional[Text]) {
	dst.state = max(dst.state, piece.state)
	if piece.IsSet() {
		add(a, &dst.text, piece.Value)
	}
}

// joinFirst keeps the first string that is not empty.
func (a *Accumulator) joinFirst(dst *joined, o Optional[Text]) {
	if len(dst.text) > 0 {
		return
	}
	dst.state = max(dst.state, o.state)
	if o.IsSet() && a.fits(len(o.Value)) {
		put(a, &dst.text, o.Value)
	}
}

// extend adds an element to a list, for which there is room. It has what an earlier
// one left, whose memory is to be reused.
func extend[T any](a *Accumulator, list *[]T, size int) *T {
	n := len(*list)
	if n < cap(*list) {
		*list = (*list)[:n+1]
	} else {
		*list = append(*list, *new(T))
		a.held += (cap(*list) - n) * size
	}
	return &(*list)[n]
}

// moveLast moves the last element to place.
func moveLast[T any](list []T, place int) {
	n := len(list) - 1
	last := list[n]
	copy(list[place+1:], list[place:n])
	list[place] = last
}

// keepMode is what becomes of a member that has no field when it comes again.
type keepMode int

const (
	keepLast     keepMode = iota // the last value counts
	keepElements                 // so it does, but lists are joined
	keepAll                      // a list of all values, those of lists by element
)

// keep notes members that have no field. Null says nothing, and an empty value does
// not replace another.
func (a *Accumulator) keep(kept *[]Member, extra []Member, mode keepMode) {
	for i := range extra {
		a.keepMember(kept, &extra[i], mode)
	}
}

func (a *Accumulator) keepMember(kept *[]Member, m *Member, mode keepMode) {
	if len(m.Value) == 0 || isNull(m.Value, 0) {
		return
	}
	for i := range *kept {
		if old := &(*kept)[i]; bytes.Equal(old.Name, m.Name) {
			a.keepAgain(&old.Value, m.Value, mode)
			return
		}
	}
	if len(*kept) == maxKept || !a.fits(memberSize+len(m.Name)+len(m.Value)) {
		a.full = true
		return
	}
	copyMember(a, extend(a, kept, memberSize), m)
}

func (a *Accumulator) keepAgain(dst *RawValue, v RawValue, mode keepMode) {
	switch {
	case isEmptyValue(v):
	case mode == keepAll:
		a.makeList(dst)
		a.joinElements(dst, v)
	case mode == keepElements && isList(*dst) && isList(v):
		a.joinElements(dst, v)
	default:
		replace(a, dst, v)
	}
}

func isList(v RawValue) bool { return len(v) > 1 && v[0] == '[' && v[len(v)-1] == ']' }

// makeList makes a value that is no list one with the value in it.
func (a *Accumulator) makeList(dst *RawValue) {
	if isList(*dst) || !a.room(len("[]")) {
		return
	}
	put(a, dst, "[]")
	list := *dst
	copy(list[1:], list[:len(list)-len("[]")])
	list[0] = '['
}

// joinElements adds the elements of v to the list in dst, or v itself if it is no
// list. An empty dst becomes a list.
func (a *Accumulator) joinElements(dst *RawValue, v RawValue) {
	elements := v
	if isList(v) {
		elements = v[1 : len(v)-1]
	}
	if skipSpace(elements, 0) == len(elements) && len(*dst) > 0 || !a.room(len(elements)+len("[]")) {
		return
	}
	if n := len(*dst); n == 0 {
		put(a, dst, "[")
	} else if isEmptyValue(*dst) {
		*dst = (*dst)[:1]
	} else {
		(*dst)[n-1] = ','
	}
	put(a, dst, elements)
	put(a, dst, "]")
}

// eachElement calls fn with the elements of v if it is a list.
func eachElement(v RawValue, fn func(RawValue)) {
	if !isList(v) {
		return
	}
	for i := skipSpace(v, 1); i < len(v) && v[i] != ']'; {
		end, f := skipValue(v, i, 1)
		if f != ok {
			return // not decoded but made up
		}
		fn(v[i:end:end])
		if i = skipSpace(v, end); i < len(v) && v[i] == ',' {
			i = skipSpace(v, i+1)
		}
	}
}

func copyMember(a *Accumulator, dst, src *Member) {
	dst.Name, dst.Value = dst.Name[:0], dst.Value[:0]
	put(a, &dst.Name, src.Name)
	put(a, &dst.Value, src.Value)
}

// copyMembers returns a copy of src, for which there is room, in the memory of dst.
func copyMembers(a *Accumulator, dst, src []Member) []Member {
	dst = dst[:0]
	for i := range src {
		copyMember(a, extend(a, &dst, memberSize), &src[i])
	}
	return dst
}

func membersSize(members []Member) (size int) {
	for i := range members {
		size += memberSize + len(members[i].Name) + len(members[i].Value)
	}
	return size
}

// replaceMembers is copyMembers where dst counts no longer. It returns no members
// if there is no room for them.
func (a *Accumulator) replaceMembers(dst, src []Member) []Member {
	a.size -= membersSize(dst)
	if !a.fits(membersSize(src)) {
		return dst[:0]
	}
	return copyMembers(a, dst, src)
}

func (a *Accumulator) setUsage(src *Usage) {
	old := a.usage.Value
	a.usage = Some(*src)
	u := &a.usage.Value
	u.Extra = a.replaceMembers(old.Extra, src.Extra)
	prompt, completion := &u.PromptTokensDetails.Value, &u.CompletionTokensDetails.Value
	prompt.Extra = a.replaceMembers(old.PromptTokensDetails.Value.Extra, prompt.Extra)
	completion.Extra = a.replaceMembers(old.CompletionTokensDetails.Value.Extra, completion.Extra)
}

// emptiedUsage returns a usage that is absent, with the memory of u.
func emptiedUsage(u *Usage) (empty Optional[Usage]) {
	e := &empty.Value
	e.Extra = u.Extra[:0]
	e.PromptTokensDetails.Value.Extra = u.PromptTokensDetails.Value.Extra[:0]
	e.CompletionTokensDetails.Value.Extra = u.CompletionTokensDetails.Value.Extra[:0]
	return empty
}

const intSize = 8 // bytes of an int64

// tokenSize returns how much memory a copy of t takes.
func tokenSize(t *TokenLogprob) int {
	size := tokenLogprobSize + len(t.Token.Value) + intSize*len(t.Bytes.Value) + membersSize(t.Extra)
	for i := range t.TopLogprobs.Value {
		top := &t.TopLogprobs.Value[i]
		size += topLogprobSize + len(top.Token.Value) + intSize*len(top.Bytes.Value) + membersSize(top.Extra)
	}
	return size
}

// copyToken copies src, for which there is room, into the memory of dst.
func copyToken(a *Accumulator, dst, src *TokenLogprob) {
	copyText(a, &dst.Token, &src.Token)
	dst.Logprob = src.Logprob
	copyInts(a, &dst.Bytes, &src.Bytes)
	tops := dst.TopLogprobs.Value[:0]
	for i := range src.TopLogprobs.Value {
		copyTop(a, extend(a, &tops, topLogprobSize), &src.TopLogprobs.Value[i])
	}
	dst.TopLogprobs = Optional[[]TopLogprob]{tops, src.TopLogprobs.state}
	dst.Extra = copyMembers(a, dst.Extra, src.Extra)
}

func copyTop(a *Accumulator, dst, src *TopLogprob) {
	copyText(a, &dst.Token, &src.Token)
	dst.Logprob = src.Logprob
	copyInts(a, &dst.Bytes, &src.Bytes)
	dst.Extra = copyMembers(a, dst.Extra, src.Extra)
}

func copyText(a *Accumulator, dst, src *Optional[Text]) {
	dst.Value, dst.state = dst.Value[:0], src.state
	put(a, &dst.Value, src.Value)
}

func copyInts(a *Accumulator, dst, src *Optional[[]int64]) {
	before := cap(dst.Value)
	dst.Value, dst.state = append(dst.Value[:0], src.Value...), src.state
	a.held += intSize * (cap(dst.Value) - before)
}
