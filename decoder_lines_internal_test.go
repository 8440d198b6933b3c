package chatstream

import (
	"testing"
	"unsafe"

	"github.com/stretchr/testify/assert"
)

// TestDecoderLines: of the 64-byte lines of a Decoder, which come from far where thousands of
// streams take turns, five have all that an event with a template needs.
func TestDecoderLines(t *testing.T) {
	if poisoned || unsafe.Sizeof(uintptr(0)) != 8 {
		t.Skip("a Decoder is as it is elsewhere: words have another size, or memory is poisoned")
	}
	var d Decoder
	f := &d.framer
	lines := map[uintptr]bool{}
	for _, field := range []unsafe.Pointer{
		unsafe.Pointer(&f.r), unsafe.Pointer(&f.limit), unsafe.Pointer(&f.buf), unsafe.Pointer(&f.start), unsafe.Pointer(&f.end),
		unsafe.Pointer(&f.given), unsafe.Pointer(&f.off), unsafe.Pointer(&f.err), unsafe.Pointer(&f.pos), unsafe.Pointer(&f.lf),
		unsafe.Pointer(&f.cr), unsafe.Pointer(&f.full), unsafe.Pointer(&f.begun), unsafe.Pointer(&f.closed),
		unsafe.Pointer(&f.id), unsafe.Pointer(&f.copies), unsafe.Pointer(&f.frame.begun), unsafe.Pointer(&f.shown), unsafe.Pointer(&f.mode),
		unsafe.Pointer(&f.events), unsafe.Pointer(&f.rare),
		unsafe.Pointer(&d.opening), unsafe.Pointer(&d.final), unsafe.Pointer(&d.matchedLast), unsafe.Pointer(&d.tried),
		unsafe.Pointer(&d.content), unsafe.Pointer(&d.matched), unsafe.Pointer(&d.finish.seen),
		unsafe.Pointer(&d.lessons.template), unsafe.Pointer(&d.lessons.debt), unsafe.Pointer(&d.lessons.off),
	} {
		lines[(uintptr(field)-uintptr(unsafe.Pointer(&d)))/64] = true
	}
	assert.Len(t, lines, 5)
}
