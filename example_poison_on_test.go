//go:build chatstream_poison

package chatstream_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestPoisonFindsWhatIsKept checks the promise of docs/guides/testing.md about the build tag.
func TestPoisonFindsWhatIsKept(t *testing.T) {
	wrong, right := keepTexts(twoWords)
	assert.Equal(t, []string{"Hello", " world"}, right)
	for i := range right {
		assert.NotEqual(t, right[i], wrong[i].String())
		assert.Len(t, wrong[i], len(right[i]))
	}
}
