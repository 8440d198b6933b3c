package chatstream_test

import (
	"io/fs"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestDependabotKnowsEachModule: Dependabot updates each module of the repository.
func TestDependabotKnowsEachModule(t *testing.T) {
	config := readText(t, ".github/dependabot.yml")
	modules := 0
	require.NoError(t, filepath.WalkDir(".", func(name string, entry fs.DirEntry, err error) error {
		if entry != nil && entry.IsDir() && (entry.Name() == "testdata" || entry.Name() == ".git") {
			return fs.SkipDir
		}
		if err == nil && entry.Name() == "go.mod" {
			modules++
			dir := path.Dir("/" + filepath.ToSlash(name))
			assert.Contains(t, strings.Split(config, "\n"), "      - "+dir)
		}
		return err
	}))
	assert.NotZero(t, modules)
}
