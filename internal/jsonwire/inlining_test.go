//go:build (amd64 || arm64) && !purego

package jsonwire_test

import (
	"os/exec"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// inliningGo is the version of Go that inlined has the list for. Others may decide
// otherwise, which costs time and changes no result.
const inliningGo = "go1.26"

// inlined are the functions that the compiler has to inline: each is called for every
// word, byte or member of a payload. One that grows over the compiler's budget leaves the
// list only with a benchmark that shows that it costs nothing.
var inlined = []string{
	"Fault.Reason", "FirstOf", "IsDigit", "IsNull", "IsNumber", "IsSpace",
	"Load32", "Load64", "SkipDigits", "SkipLiteral", "SkipSpace", "TypeOf", "Unusual", "Word",
	"countDigits", "cutPrefix", "decimal", "hexValue", "noDigits",
}

// called are the functions that must not be inlined, since they would only make their
// callers larger.
var called = []string{"lastWord"}

func TestInlining(t *testing.T) {
	if !strings.HasPrefix(runtime.Version(), inliningGo) {
		t.Skipf("the list is for %s, this is %s", inliningGo, runtime.Version())
	}
	tool, err := exec.LookPath("go")
	if err != nil {
		t.Skip("no go command: ", err)
	}
	out, err := exec.Command(tool, "build", "-gcflags=-m", ".").CombinedOutput()
	require.NoError(t, err, "%s", out)
	var can []string
	for _, m := range regexp.MustCompile(`(?m): can inline (\S+?)$`).FindAllSubmatch(out, -1) {
		can = append(can, string(m[1]))
	}
	for _, name := range inlined {
		require.True(t, slices.Contains(can, name), "%s is not inlined. Those that are: %q", name, can)
	}
	for _, name := range called {
		require.False(t, slices.Contains(can, name), "%s is inlined", name)
	}
}
