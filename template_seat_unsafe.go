//go:build !purego

package chatstream

import "unsafe"

// A place in the chunk or in its choices is an offset, since a switch over all members takes
// longer than reading a short text (BenchmarkDecode with and without the tag purego).

// fieldPlace is where a value is in a chunk or in its choices.
type fieldPlace struct {
	first  bool // the offset counts from the first choice, not from the chunk
	offset uintptr
}

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

// inChoice reports whether a choice has the value.
func (h *hole) inChoice() bool { return h.first }

func (h *hole) field(dst *CreateChatCompletionData) unsafe.Pointer {
	base := unsafe.Pointer(dst)
	if h.first {
		base = unsafe.Pointer(unsafe.SliceData(dst.Choices))
	}
	return unsafe.Add(base, h.offset)
}

// fieldPlaceOf returns the place of a field of c, if it is in the chunk itself or in a choice.
func fieldPlaceOf[T any](c *CreateChatCompletionData, field *T) (p fieldPlace, found bool) {
	offset := uintptr(unsafe.Pointer(field)) - uintptr(unsafe.Pointer(c))
	if offset < unsafe.Sizeof(*c) {
		return fieldPlace{offset: offset}, true
	}
	choices := unsafe.SliceData(c.Choices)
	offset = uintptr(unsafe.Pointer(field)) - uintptr(unsafe.Pointer(choices))
	return fieldPlace{first: true, offset: offset}, offset < unsafe.Sizeof(*choices)*uintptr(len(c.Choices))
}
