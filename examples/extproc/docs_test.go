package main

import (
	"flag"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-08fc7208/chatstream/examples/internal/summary"
)

const guideName = "../../docs/guides/envoy.md"

func guide(t *testing.T) string {
	text, err := os.ReadFile(guideName)
	require.NoError(t, err)
	return string(text)
}

// TestGuideConfiguration: the configuration in the guide is a part of envoy.yaml, line by line.
func TestGuideConfiguration(t *testing.T) {
	config, err := os.ReadFile("envoy.yaml")
	require.NoError(t, err)
	blocks := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllStringSubmatch(guide(t), -1)
	require.Len(t, blocks, 2)
	for _, block := range blocks {
		first, _, _ := strings.Cut(block[1], "\n")
		m := regexp.MustCompile(`(?m)^( +)` + regexp.QuoteMeta(first) + `$`).FindSubmatch(config)
		require.NotNil(t, m, first)
		var b strings.Builder
		for line := range strings.Lines(block[1]) {
			b.Write(m[1])
			b.WriteString(line)
		}
		assert.Contains(t, string(config), "\n"+b.String())
	}
}

// inTables are the names that begin the rows of the guide's tables.
func inTables(t *testing.T) (names []string) {
	for _, row := range regexp.MustCompile("(?m)^\\| (`[^|]+`) \\|").FindAllStringSubmatch(guide(t), -1) {
		for _, name := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(row[1], -1) {
			names = append(names, name[1])
		}
	}
	return names
}

// TestGuideNames: the guide lists each flag with its default, each value of the metadata,
// and nothing else.
func TestGuideNames(t *testing.T) {
	c, flags := newFlags(io.Discard)
	require.NotNil(t, c)
	var want []string
	flags.VisitAll(func(f *flag.Flag) {
		want = append(want, "-"+f.Name)
		assert.Regexp(t, "(?m)^\\| `-"+f.Name+"` \\|.*; `"+regexp.QuoteMeta(f.DefValue)+"` \\|$", guide(t))
	})
	sum := summary.Summary{Error: "e", BadUsage: true, FirstText: 1, Usage: summary.Usage{Reported: true}}
	for name := range valuesOf(sum) {
		want = append(want, name)
	}
	assert.ElementsMatch(t, append(want, "unseen"), inTables(t))
}

// TestGuideLinks: the targets of links to the repository exist.
func TestGuideLinks(t *testing.T) {
	links := regexp.MustCompile(`\]\(([^)#]+)`).FindAllStringSubmatch(guide(t), -1)
	require.NotEmpty(t, links)
	for _, m := range links {
		assert.FileExists(t, filepath.Join(filepath.Dir(guideName), m[1]))
	}
}
