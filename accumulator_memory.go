package chatstream

import (
	"hash/maphash"

	"github.com/seed-08fc7208/chatstream/internal/jsonwire"
)

// The sizes that an Accumulator charges for the elements of its lists, in bytes. They are at
// least the real sizes. Those of answers and calls include their part of the Completion
// (TestAccumulatorCountsAllItHolds).
const (
	answerSize       = 2048
	callSize         = 512
	tokenLogprobSize = 256
	topLogprobSize   = 160
	memberSize       = 80
	intSize          = 8
)

// ledger counts what an Accumulator holds.
type ledger struct {
	limit int
	size  int  // counts towards limit
	held  int  // memory in use or kept for reuse
	full  bool // something did not fit

	scratch []byte       // temporary memory for texts
	seed    maphash.Seed // of the sums by which tool calls are compared
}

// charge counts n more bytes and returns true. If they do not fit, it counts nothing, sets
// full and returns false.
func (l *ledger) charge(n int) bool {
	if n > l.limit-l.size {
		l.full = true
		return false
	}
	l.size += n
	return true
}

// chargeText is charge for a piece of a text or list. Once something did not fit, it refuses
// all further pieces, so that the text has no gap.
func (l *ledger) chargeText(n int) bool { return !l.full && l.charge(n) }

// release takes back the charge of n bytes.
func (l *ledger) release(n int) { l.size -= n }

// memory returns the bytes that are in use or kept for reuse.
func (l *ledger) memory() int { return l.held + cap(l.scratch) }

// unescaped returns the value of a JSON string, valid until the next call.
func (l *ledger) unescaped(v RawValue) Text {
	l.scratch, _, _ = jsonwire.AppendUnescaped(l.scratch[:0], v, 1)
	return l.scratch
}

// put appends b to dst. Its bytes must have been charged.
func put[D ~[]byte, S ~[]byte | ~string](l *ledger, dst *D, b S) {
	before := cap(*dst)
	*dst = append(*dst, b...)
	l.held += cap(*dst) - before
}

// addText appends a piece of text to dst, and reports whether it fitted.
func addText[D, S ~[]byte](l *ledger, dst *D, b S) bool {
	if !l.chargeText(len(b)) {
		return false
	}
	put(l, dst, b)
	return true
}

// replace replaces what dst holds. It empties dst and returns false if v does not fit.
func replace[D, S ~[]byte](l *ledger, dst *D, v S) bool {
	l.release(len(*dst))
	*dst = (*dst)[:0]
	if !l.charge(len(v)) {
		return false
	}
	put(l, dst, v)
	return true
}

// replaceEnum replaces the value of an enumeration unless the new one is empty.
func replaceEnum[T ~string](l *ledger, dst *T, v T) {
	if v != "" && v != *dst && l.charge(len(v)-len(*dst)) {
		*dst = v
		l.held += len(v) // it is kept until it is replaced
	}
}

// extend adds an element to a list. Its size must have been charged. The element still has the
// contents of an earlier one, so that the caller can reuse their memory.
func extend[S ~[]T, T any](l *ledger, list *S, size int) *T {
	n := len(*list)
	if n < cap(*list) {
		*list = (*list)[:n+1]
	} else {
		*list = append(*list, *new(T))
		l.held += (cap(*list) - n) * size
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
