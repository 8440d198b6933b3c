package chatstream_test

import (
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestModuleRequires: go.mod requires only the few modules that the tests and the command need,
// because users of this module get these versions. Other code is in the modules bench and examples.
func TestModuleRequires(t *testing.T) {
	var direct []string
	for _, m := range regexp.MustCompile(`(?m)^(?:require)?\s+(\S+) v\S+\r?$`).FindAllStringSubmatch(readText(t, "go.mod"), -1) {
		direct = append(direct, m[1]) // indirect ones have a comment
	}
	slices.Sort(direct)
	assert.Equal(t, []string{"github.com/stretchr/testify", "golang.org/x/sys", "golang.org/x/term"}, direct)
}

// TestModulesNeedNoWorkspace: each nested module uses the root module of the same checkout, not a
// published version.
func TestModulesNeedNoWorkspace(t *testing.T) {
	nested := 0
	require.NoError(t, filepath.WalkDir(".", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || filepath.Base(path) != "go.mod" || path == "go.mod" {
			return err
		}
		nested++
		up := strings.Repeat("../", strings.Count(filepath.ToSlash(path), "/"))
		assert.Regexp(t, `\bgithub\.com/seed-08fc7208/chatstream => `+regexp.QuoteMeta(strings.TrimSuffix(up, "/"))+`/?\r?\n`, readText(t, path), path)
		return nil
	}))
	assert.GreaterOrEqual(t, nested, 3)
}
