package chatstream

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestInternerForgetsInTurn: the last values are kept, so that a stream with many odd ones does
// not keep the next one from having its own without an allocation for each.
func TestInternerForgetsInTurn(t *testing.T) {
	in := newInterner()
	var last []string
	for i := range 3 * maxInterned {
		value := fmt.Sprint("odd", i)
		assert.Equal(t, value, in.intern(Text(value)))
		if last = append(last, value); len(last) > maxInterned {
			last = last[1:]
		}
		assert.Subset(t, in[:maxInterned], last)
	}
}
