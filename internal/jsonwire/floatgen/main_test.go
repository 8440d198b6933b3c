package main

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTableIsUpToDate(t *testing.T) {
	want, err := generate()
	require.NoError(t, err)
	got, err := os.ReadFile("../float_table_gen.go")
	require.NoError(t, err)
	require.Equal(t, string(want), string(got), "go generate ./internal/jsonwire")
}
