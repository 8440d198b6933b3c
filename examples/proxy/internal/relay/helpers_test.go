package relay

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// toPublic is a change of name for tests.
var toPublic = &rename{public: "public", private: "secret"}

// testStreams returns the module's test streams by name.
func testStreams(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob("../../../../testdata/*.sse")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	streams := map[string]string{}
	for _, file := range files {
		data, err := os.ReadFile(file)
		require.NoError(t, err)
		streams[strings.TrimSuffix(filepath.Base(file), ".sse")] = string(data)
	}
	return streams
}
