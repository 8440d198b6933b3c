//go:build !purego

package chatstream

import "unsafe"

// A place in the chunk or in its choices is an offset, since a switch over all members takes
// longer than reading a short text (BenchmarkDecode with and without the tag purego).

// fieldPlace is where a value is in a chunk, in its choices or in the lists of its parser.
type fieldPlace struct {
	base   fieldBase
	list   uint16 // the offset of the list in the parser, if inLists
	offset uintptr
}

// fieldBase is what the offset counts from.
type fieldBase uint8

const (
	inChunk   fieldBase = iota // the chunk
	inChoices                  // its choices
	inLists                    // a list of the parser
)

// text returns the place of a textHole in dst.
func (h *hole) text(dst *CreateChatCompletionData) *Text {
	return (*Text)(h.field(dst))
}

// setText makes b[from:to], which is part of b and not at its end, the text of a textHole in dst.
// Its capacity is its length.
func (h *hole) setText(dst *CreateChatCompletionData, b []byte, from, to int) {
	at := unsafe.Add(unsafe.Pointer(unsafe.SliceData(b)), from)
	*(*sliceHeader)(h.field(dst)) = sliceHeader{at, to - from, to - from}
}

// sliceHeader is how a slice lies in memory. The runtime checks what unsafe.Slice gets, which the caller has done.
type sliceHeader struct {
	data     unsafe.Pointer
	len, cap int
}

// integer returns the place of an integerHole in dst.
func (h *hole) integer(dst *CreateChatCompletionData) *int64 {
	return (*int64)(h.field(dst))
}

// number returns the place of a numberHole in dst.
func (h *hole) number(dst *CreateChatCompletionData) *float64 {
	return (*float64)(h.field(dst))
}

// integers returns the place of an integersHole in dst.
func (h *hole) integers(dst *CreateChatCompletionData) *[]int64 {
	return (*[]int64)(h.field(dst))
}

// inChoice reports whether a choice has the value.
func (h *hole) inChoice() bool { return h.base == inChoices }

// inList reports whether a list of the parser has the value.
func (h *hole) inList() bool { return h.base == inLists }

// field returns the place in dst.
func (f *fieldPlace) field(dst *CreateChatCompletionData) unsafe.Pointer {
	base := unsafe.Pointer(dst)
	switch f.base {
	case inChoices:
		base = unsafe.Pointer(unsafe.SliceData(dst.Choices))
	case inLists:
		base = (*sliceHeader)(unsafe.Add(unsafe.Pointer(dst.parser), uintptr(f.list))).data
	}
	return unsafe.Add(base, f.offset)
}

// fieldPlaceOf returns the place of a field of c, whose lists are own's.
func fieldPlaceOf[T any](c *CreateChatCompletionData, own *parser, field *T) (p fieldPlace, found bool) {
	at := uintptr(unsafe.Pointer(field))
	if offset := at - uintptr(unsafe.Pointer(c)); offset < unsafe.Sizeof(*c) {
		return fieldPlace{offset: offset}, true
	}
	choices := unsafe.SliceData(c.Choices)
	if offset := at - uintptr(unsafe.Pointer(choices)); offset < unsafe.Sizeof(*choices)*uintptr(len(c.Choices)) {
		return fieldPlace{base: inChoices, offset: offset}, true
	}
	// Of the lists, each of which is memory of its own, that one has the field which begins
	// last before it.
	const size = unsafe.Sizeof(sliceHeader{})
	p.base, p.offset = inLists, at
	for list := unsafe.Offsetof(own.lists); list < unsafe.Offsetof(own.lists)+unsafe.Sizeof(own.lists); list += size {
		header := (*sliceHeader)(unsafe.Add(unsafe.Pointer(own), list))
		if offset := at - uintptr(header.data); offset < p.offset {
			p.list, p.offset = uint16(list), offset
		}
	}
	return p, true
}

// link is a list or pointer of a chunk that the lists of its parser have the elements of.
type link struct{ from, to fieldPlace }

// addLink notes that from, a list or pointer to the elements of arena from n on, is linked to them.
// The choices need no link, nor do lists of integers, which are holes.
func addLink[P, T any](c *copier, from *P, arena *[]T, n int) {
	place, _ := fieldPlaceOf(c.chunk, c.parser, from)
	if place == (fieldPlace{offset: unsafe.Offsetof(c.chunk.Choices)}) || any(arena) == any(&c.lists.ints) {
		return
	}
	to := fieldPlace{base: inLists, list: uint16(uintptr(unsafe.Pointer(arena)) - uintptr(unsafe.Pointer(c.parser)))}
	if n < len(*arena) { // otherwise the end of the memory may be there
		to.offset = uintptr(n) * unsafe.Sizeof(*new(T))
	}
	c.links = append(c.links, link{place, to})
}

// copyLists gives dst, a copy of the template's chunk with its choices, the other lists.
func (t *template) copyLists(p *parser, dst *CreateChatCompletionData) {
	p.lists.fill(t.lists)
	for i := range t.links {
		l := &t.links[i]
		*(*unsafe.Pointer)(l.from.field(dst)) = l.to.field(dst)
	}
}
