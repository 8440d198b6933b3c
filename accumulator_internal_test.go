package chatstream

import (
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
