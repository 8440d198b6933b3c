package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestNewMember adds members to the structs in a copy of the package, generates, and runs a
// program there that uses them. Nothing else is changed.
func TestNewMember(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds the package twice")
	}
	for name, fields := range map[string]map[string]string{
		"text": {"Delta": "Mood Optional[Text] `json:\"mood,omitzero\" schema:\"text\"`"},
		"numbers": {
			"Usage":  "SearchUnits Optional[int64] `json:\"search_units,omitzero\"`",
			"Choice": "Mirror Optional[*FunctionCall] `json:\"mirror,omitzero\" schema:\"nullable\"`",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := copyPackage(t)
			path := filepath.Join(dir, "chunk.go")
			source, err := os.ReadFile(path)
			require.NoError(t, err)
			for object, field := range fields {
				before := "type " + object + " struct {\n"
				require.Equal(t, 1, strings.Count(string(source), before))
				source = []byte(strings.Replace(string(source), before, before+"\t"+field+"\n", 1))
			}
			require.NoError(t, os.WriteFile(path, source, 0o666))
			program, err := os.ReadFile(filepath.Join("testdata", name, "main.go"))
			require.NoError(t, err)
			require.NoError(t, os.Mkdir(filepath.Join(dir, "program"), 0o777))
			require.NoError(t, os.WriteFile(filepath.Join(dir, "program", "main.go"), program, 0o666))
			run(t, dir, "run", "./internal/schemagen")
			run(t, dir, "run", "./program")
		})
	}
}

func run(t *testing.T, dir string, args ...string) {
	t.Helper()
	cmd := exec.Command("go", args...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "go %v: %s", args, out)
}

// copyPackage copies what the package and its generator are made of.
func copyPackage(t *testing.T) (dir string) {
	t.Helper()
	root, dir := filepath.Join("..", ".."), t.TempDir()
	for _, pattern := range []string{"*.go", "go.mod", "go.sum", "internal/jsonwire/*.go", "internal/schemagen/*.go"} {
		paths, err := filepath.Glob(filepath.Join(root, pattern))
		require.NoError(t, err)
		require.NotEmpty(t, paths, pattern)
		for _, path := range paths {
			if strings.HasSuffix(path, "_test.go") {
				continue
			}
			rel, err := filepath.Rel(root, path)
			require.NoError(t, err)
			b, err := os.ReadFile(path)
			require.NoError(t, err)
			require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, rel)), 0o777))
			require.NoError(t, os.WriteFile(filepath.Join(dir, rel), b, 0o666))
		}
	}
	return dir
}
