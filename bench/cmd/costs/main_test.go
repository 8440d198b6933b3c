package main

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestCosts(t *testing.T) {
	for _, alone := range []bool{false, true} {
		out := filepath.Join(t.TempDir(), "costs.svg")
		require.NoError(t, run("openai-text", alone, out, 300*time.Millisecond))
		svg, err := os.ReadFile(out)
		require.NoError(t, err)
		assert.Contains(t, string(svg), "<svg")
	}
	require.Error(t, run("no such workload", false, "", 0))
}
