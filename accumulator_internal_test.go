package chatstream

import (
	"strings"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/assert"
)

// TestAccumulatorCountsAllItHolds: the charge for a list element is at least its size.
func TestAccumulatorCountsAllItHolds(t *testing.T) {
	assert.GreaterOrEqual(t, uintptr(answerSize), unsafe.Sizeof(answer{})+unsafe.Sizeof(CompletionChoice{}))
	assert.GreaterOrEqual(t, uintptr(callSize), unsafe.Sizeof(call{})+unsafe.Sizeof(ToolCall{}))
	assert.GreaterOrEqual(t, uintptr(tokenLogprobSize), unsafe.Sizeof(TokenLogprob{}))
	assert.GreaterOrEqual(t, uintptr(topLogprobSize), unsafe.Sizeof(TopLogprob{}))
	assert.GreaterOrEqual(t, uintptr(memberSize), unsafe.Sizeof(Member{})+unsafe.Sizeof(int(0))+2*8, "its name and value have 8 bytes at least")
}

func TestLedgerCharge(t *testing.T) {
	l := ledger{limit: 10}
	assert.True(t, l.charge(3))
	assert.True(t, l.chargeText(7), "as much as the limit fits")
	assert.False(t, l.full)
	assert.False(t, l.charge(1))
	assert.True(t, l.full)
	assert.Equal(t, 10, l.size, "what does not fit is not counted")
	l.release(4)
	assert.Equal(t, 6, l.size)
	assert.False(t, l.chargeText(1), "nothing comes after a gap")
	assert.Equal(t, 6, l.size)
	assert.True(t, l.charge(4))
	assert.Equal(t, 10, l.size)
}

func TestLedgerMemory(t *testing.T) {
	l := ledger{limit: 100, held: 5}
	assert.Equal(t, 5, l.memory())
	assert.Equal(t, "a\né", l.unescaped(RawValue(`"a\né"`)).String())
	assert.Equal(t, "b", l.unescaped(RawValue(`"b"`)).String())
	assert.Equal(t, 5+cap(l.scratch), l.memory())
}

// TestLedgerTexts: held counts the memory of texts, and size their bytes.
func TestLedgerTexts(t *testing.T) {
	l := ledger{limit: 100}
	var text, other Text
	assert.True(t, addText(&l, &text, []byte("abc")))
	assert.True(t, addText(&l, &text, []byte(strings.Repeat("d", 57))))
	assert.True(t, addText(&l, &other, []byte(strings.Repeat("e", 30))))
	assert.Equal(t, "abc"+strings.Repeat("d", 57), text.String())
	assert.Equal(t, 90, l.size)
	assert.Equal(t, cap(text)+cap(other), l.held)

	assert.True(t, replace(&l, &text, []byte(strings.Repeat("f", 70))), "what it held makes room")
	assert.Equal(t, strings.Repeat("f", 70), text.String())
	assert.Equal(t, 100, l.size)
	assert.Equal(t, cap(text)+cap(other), l.held)

	assert.False(t, replace(&l, &text, []byte(strings.Repeat("g", 71))))
	assert.Empty(t, text)
	assert.True(t, l.full)
	assert.Equal(t, 30, l.size)
	assert.Equal(t, cap(text)+cap(other), l.held, "its memory is kept")

	assert.False(t, addText(&l, &text, []byte("h")), "nothing comes after a gap")
	assert.Empty(t, text)
	assert.True(t, replace(&l, &text, []byte("i")), "which a whole text is not")
	assert.Equal(t, "i", text.String())
}

func TestLedgerEnums(t *testing.T) {
	l := ledger{limit: 6}
	var reason FinishReason
	replaceEnum(&l, &reason, "stop")
	assert.EqualValues(t, "stop", reason)
	assert.Equal(t, []int{4, 4}, []int{l.size, l.held})
	replaceEnum(&l, &reason, "")
	replaceEnum(&l, &reason, "stop")
	assert.EqualValues(t, "stop", reason)
	assert.Equal(t, []int{4, 4}, []int{l.size, l.held})
	replaceEnum(&l, &reason, "length")
	assert.EqualValues(t, "length", reason)
	assert.Equal(t, []int{6, 10}, []int{l.size, l.held})
	assert.False(t, l.full)
	replaceEnum(&l, &reason, "lengths")
	assert.EqualValues(t, "length", reason, "the new one does not fit")
	assert.Equal(t, []int{6, 10}, []int{l.size, l.held})
	assert.True(t, l.full)
}

// TestLedgerLists: an element that was left is used again, as it is.
func TestLedgerLists(t *testing.T) {
	var l ledger
	var list []int64
	for i := range int64(20) {
		element := extend(&l, &list, 8)
		assert.Zero(t, *element)
		*element = i
		assert.EqualValues(t, i, list[i])
		assert.Len(t, list, int(i)+1)
		assert.Equal(t, 8*cap(list), l.held)
	}
	held := l.held
	list = list[:7]
	assert.EqualValues(t, 7, *extend(&l, &list, 8))
	assert.Len(t, list, 8)
	assert.Equal(t, held, l.held)
}

func TestMoveLast(t *testing.T) {
	for place, want := range []string{"dabc", "adbc", "abdc", "abcd"} {
		list := []byte("abcd")
		moveLast(list, place)
		assert.Equal(t, want, string(list))
	}
}
