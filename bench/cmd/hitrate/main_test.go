package main

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestHitRate(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, run(&out, []string{"../../../testdata"}))
	assert.Regexp(t, `(?m)^\| testdata \| \d+ \| \d+ \| \d+\.\d %\ \|$`, out.String())
	assert.Regexp(t, `(?m)^\| all \| \d+ \| \d+ \| \d+\.\d %\ \|$`, out.String())
	require.Error(t, run(&out, []string{"."}), "no streams here")
	require.Error(t, run(&out, []string{"no such folder"}))
}
