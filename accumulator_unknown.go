package chatstream

import (
	"bytes"

	"github.com/seed-08fc7208/chatstream/internal/jsonwire"
)

// maxKept is how many members without a field an object may have.
const maxKept = 256

// keepMode says what to do if a member without a field comes again.
type keepMode int

const (
	keepLast     keepMode = iota // the last value counts
	keepElements                 // the last value counts, but lists are joined
	keepAll                      // a list of all values; lists add their elements
	keepMerged                   // the last value counts, objects are merged
)

// keepMembers adds members without a field. It ignores null, and an empty value does not replace
// another value.
func keepMembers(l *ledger, kept *Members, extra Members, mode keepMode) {
	for i := range extra {
		keepMember(l, kept, &extra[i], mode)
	}
}

func keepMember(l *ledger, kept *Members, m *Member, mode keepMode) {
	if len(m.Value) == 0 || jsonwire.IsNull(m.Value, 0) {
		return
	}
	if i := findMember(*kept, m.Name); i >= 0 {
		keepAgain(l, &(*kept)[i].Value, m.Value, mode)
		return
	}
	keepNew(l, kept, m)
}

// findMember returns the place of the member with this name, or -1.
func findMember(members Members, name Text) int {
	for i := range members {
		if bytes.Equal(members[i].Name, name) {
			return i
		}
	}
	return -1
}

// keepNew adds a member, and reports whether there was room for it.
func keepNew(l *ledger, kept *Members, m *Member) bool {
	if len(*kept) == maxKept || !l.charge(memberSize+len(m.Name)+len(m.Value)) {
		l.full = true
		return false
	}
	copyMember(l, extend(l, kept, memberSize), m)
	return true
}

func keepAgain(l *ledger, dst *RawValue, v RawValue, mode keepMode) {
	switch {
	case isEmptyValue(v):
	case mode == keepAll:
		makeList(l, dst)
		joinElements(l, dst, v)
	case mode == keepElements && isList(*dst) && isList(v):
		joinElements(l, dst, v)
	case mode == keepMerged && isRawObject(*dst) && isRawObject(v) && !bytes.Equal(*dst, v):
		l.scratch = appendMerged(l.scratch[:0], *dst, v, 0)
		replace(l, dst, l.scratch)
	default:
		replace(l, dst, v)
	}
}

// makeList turns a value that is not a list into a list of that value.
func makeList(l *ledger, dst *RawValue) {
	if isList(*dst) || !l.chargeText(len("[]")) {
		return
	}
	put(l, dst, "[]")
	list := *dst
	copy(list[1:], list[:len(list)-len("[]")])
	list[0] = '['
}

// joinElements adds the elements of v to the list in dst, or v itself if it is not a list. An
// empty dst becomes a list.
func joinElements(l *ledger, dst *RawValue, v RawValue) { appendElements(l, dst, elementsOf(v)) }

// appendElements adds elements, with commas between them, to the list in dst.
func appendElements(l *ledger, dst *RawValue, elements RawValue) {
	if isBlankText(elements) && len(*dst) > 0 || !l.chargeText(len(elements)+len("[]")) {
		return
	}
	if n := len(*dst); n == 0 {
		put(l, dst, "[")
	} else if isEmptyValue(*dst) {
		*dst = (*dst)[:1]
	} else {
		(*dst)[n-1] = ','
	}
	put(l, dst, elements)
	put(l, dst, "]")
}

// elementsOf returns the bytes between the brackets of a list, or v itself.
func elementsOf(v RawValue) RawValue {
	if isList(v) {
		return v[1 : len(v)-1]
	}
	return v
}

const (
	maxMerged     = 64 // members of an object that is merged
	maxMergeDepth = 8
)

// appendMerged appends an object with the members of both objects. For a member of both it takes
// the new value, unless that is absent, null or empty.
func appendMerged(dst []byte, old, new RawValue, depth int) []byte {
	if depth == maxMergeDepth || !isRawObject(old) || !isRawObject(new) || countMembers(old) > maxMerged || countMembers(new) > maxMerged {
		return append(dst, new...)
	}
	dst = append(dst, '{')
	comma := func() {
		if dst[len(dst)-1] != '{' {
			dst = append(dst, ',')
		}
	}
	eachRawMember(old, func(name, value RawValue) {
		comma()
		dst = append(jsonwire.AppendString(dst, name), ':')
		if later := memberOf(new, name); isEmptyValue(later) {
			dst = append(dst, value...)
		} else {
			dst = appendMerged(dst, value, later, depth+1)
		}
	})
	eachRawMember(new, func(name, value RawValue) {
		if memberOf(old, name) == nil {
			comma()
			dst = append(jsonwire.AppendString(dst, name), ':')
			dst = append(dst, value...)
		}
	})
	return append(dst, '}')
}

// memberOf returns the value of an object's member, or nil.
func memberOf(object, name RawValue) (value RawValue) {
	eachRawMember(object, func(n, v RawValue) {
		if bytes.Equal(n, name) {
			value = v
		}
	})
	return value
}

func countMembers(object RawValue) (n int) {
	eachRawMember(object, func(_, _ RawValue) { n++ })
	return n
}

func copyMember(l *ledger, dst, src *Member) {
	dst.Name, dst.Value = dst.Name[:0], dst.Value[:0]
	put(l, &dst.Name, src.Name)
	put(l, &dst.Value, src.Value)
}

// copyMembers returns a copy of src in the memory of dst. Its size must have been charged.
func copyMembers(l *ledger, dst, src Members) Members {
	dst = dst[:0]
	for i := range src {
		copyMember(l, extend(l, &dst, memberSize), &src[i])
	}
	return dst
}

func membersSize(members Members) (size int) {
	for i := range members {
		size += memberSize + len(members[i].Name) + len(members[i].Value)
	}
	return size
}
