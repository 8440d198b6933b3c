//go:build !purego

package chatstream

import "unsafe"

// A place in the chunk or in its choices is an offset, since a switch over all members takes
// longer than reading a short text (BenchmarkDecode with and without the tag purego).

// place is where a value is in a chunk or in its choices.
type place struct {
	first  bool // the offset counts from the first choice, not from the chunk
	offset uintptr
}

// text returns the place of a textHole in dst.
func (h *hole) text(dst *CreateChatCompletionData) *Text {
	return (*Text)(h.field(dst))
}

// integer returns the place of an integerHole in dst.
func (h *hole) integer(dst *CreateChatCompletionData) *int64 {
	return (*int64)(h.field(dst))
}

// number returns the place of a numberHole in dst.
func (h *hole) number(dst *CreateChatCompletionData) *float64 {
	return (*float64)(h.field(dst))
}

func (h *hole) field(dst *CreateChatCompletionData) unsafe.Pointer {
	base := unsafe.Pointer(dst)
	if h.first {
		base = unsafe.Pointer(unsafe.SliceData(dst.Choices))
	}
	return unsafe.Add(base, h.offset)
}

// sitText notes where dst has the hole's text, which is in a field of it.
func (h *hole) sitText(dst *CreateChatCompletionData, field *Text) {
	if !h.sit(dst, unsafe.Pointer(field)) {
		h.kind = listTextHole
	}
}

// sitInteger is sitText for an integer.
func (h *hole) sitInteger(dst *CreateChatCompletionData, field *int64) {
	if !h.sit(dst, unsafe.Pointer(field)) {
		h.kind = listIntegerHole
	}
}

// sitNumber is sitText for a number.
func (h *hole) sitNumber(dst *CreateChatCompletionData, field *float64) {
	if !h.sit(dst, unsafe.Pointer(field)) {
		h.kind = listNumberHole
	}
}

func (h *hole) sit(dst *CreateChatCompletionData, field unsafe.Pointer) bool {
	if h.lies(unsafe.Pointer(dst), unsafe.Sizeof(*dst), field) {
		return true
	}
	h.first = true
	return len(dst.Choices) > 0 &&
		h.lies(unsafe.Pointer(&dst.Choices[0]), unsafe.Sizeof(dst.Choices[0])*uintptr(len(dst.Choices)), field)
}

// lies reports whether the field is in the memory at base, and notes where.
func (h *hole) lies(base unsafe.Pointer, size uintptr, field unsafe.Pointer) bool {
	h.offset = uintptr(field) - uintptr(base)
	return h.offset < size
}
