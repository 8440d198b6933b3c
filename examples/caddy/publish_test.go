package chatstreamcaddy

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/mod/zip"
)

// TestModulesCanBePublished: the go command refuses a module that has a file whose name
// some system does not allow, and then nobody can build a Caddy with it.
func TestModulesCanBePublished(t *testing.T) {
	for _, dir := range []string{".", "../.."} {
		files, err := zip.CheckDir(dir)
		require.NoError(t, err)
		assert.NoError(t, files.Err())
		assert.NotEmpty(t, files.Valid)
	}
}
