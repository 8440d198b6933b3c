package chatstream_test

import (
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// tableRows returns the rows of the first Markdown table in text, each as its cells. The
// first row is the header.
func tableRows(text string) (rows [][]string) {
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if !strings.HasPrefix(line, "|") {
			if rows != nil {
				break
			}
			continue
		}
		if strings.HasPrefix(line, "|---") {
			continue
		}
		var cells []string
		for _, cell := range strings.Split(strings.Trim(line, "|"), "|") {
			cells = append(cells, strings.TrimSpace(cell))
		}
		rows = append(rows, cells)
	}
	return rows
}

// section returns the text below the heading with this anchor, up to the next heading.
func section(t *testing.T, text, anchor string) string {
	t.Helper()
	headings := regexp.MustCompile(`(?m)^#+ .*$`).FindAllStringIndex(text, -1)
	for i, at := range headings {
		if anchors(text[at[0]:at[1]])[0] != anchor {
			continue
		}
		end := len(text)
		if i+1 < len(headings) {
			end = headings[i+1][0]
		}
		return text[at[1]:end]
	}
	require.Fail(t, "no such heading", anchor)
	return ""
}

// figure returns a number of docs/comparison.md: that of the row and the column in the
// table below the heading. A column is found by the end of its name. Where streams take turns
// all subjects are given events, and none is named after its scanner.
func figure(t *testing.T, anchor, row, column string) float64 {
	t.Helper()
	rows := tableRows(section(t, readText(t, "docs/comparison.md"), anchor))
	require.NotEmpty(t, rows, anchor)
	if strings.HasPrefix(rows[0][1], "pushed: ") {
		row = strings.TrimPrefix(row, "bufio + ")
	}
	for i, name := range rows[0] {
		if !strings.HasSuffix(name, column) {
			continue
		}
		for _, cells := range rows[1:] {
			if cells[0] == row {
				n, err := strconv.ParseFloat(cells[i], 64)
				require.NoError(t, err)
				return n
			}
		}
	}
	require.Fail(t, "no such figure", "%s: %s, %s", anchor, row, column)
	return 0
}

// readmeNumber parses a number as the README writes it, such as 1,148.
func readmeNumber(t *testing.T, text string) float64 {
	t.Helper()
	n, err := strconv.ParseFloat(strings.ReplaceAll(text, ",", ""), 64)
	require.NoError(t, err)
	return n
}

// TestReadmeFigures: the times and ratios in the README are those of docs/comparison.md,
// rounded. Each row links to the table that it is from.
func TestReadmeFigures(t *testing.T) {
	text := section(t, readText(t, "README.md"), "how-fast")
	_, column, found := strings.Cut(text, "; the ")
	require.True(t, found)
	column, _, _ = strings.Cut(column, " of ") // best or median

	link := regexp.MustCompile(`^\[.*\]\(docs/comparison\.md#(.*)\)$`)
	cell := regexp.MustCompile(`^([\d,]+)(?: \((\d+)×\))?$`)
	rows := tableRows(text)
	require.GreaterOrEqual(t, len(rows), 3)
	subjects := rows[0]
	for _, cells := range rows[1:] {
		at := link.FindStringSubmatch(cells[0])
		require.NotNil(t, at, cells[0])
		ours := figure(t, at[1], subjects[1], column)
		for i := 1; i < len(cells); i++ {
			got := cell.FindStringSubmatch(cells[i])
			require.NotNil(t, got, cells[i])
			want := figure(t, at[1], subjects[i], column)
			assert.Equal(t, math.Round(want), readmeNumber(t, got[1]), "%s: %s", cells[0], subjects[i])
			if i > 1 {
				assert.InDelta(t, want/ours, readmeNumber(t, got[2]), 0.6, "%s: %s", cells[0], subjects[i])
			}
		}
	}

	document := readText(t, "docs/comparison.md")
	for _, date := range regexp.MustCompile(`\d{4}-\d\d-\d\d|go1\.\d+\.\d+|\d+ cores`).FindAllString(text, -1) {
		assert.Contains(t, document, date, "the README names another machine, version or day")
	}
}

// TestReadmeAllocations: the allocations of each decoder are those of docs/comparison.md,
// rounded.
func TestReadmeAllocations(t *testing.T) {
	rows := tableRows(section(t, readText(t, "README.md"), "what-it-does-that-the-usual-clients-do-not"))
	require.NotEmpty(t, rows)
	last := rows[len(rows)-1]
	require.True(t, strings.HasPrefix(last[0], "Allocations"), last[0])
	for i, subject := range []string{"openai-go v3", "go-openai", "bufio + encoding/json", "chatstream"} {
		want := figure(t, "whole-path-openai-text", subject, "allocs/chunk")
		assert.Equal(t, math.Round(want), readmeNumber(t, last[i+1]), subject)
	}
}

// TestReadmeGoVersions: the versions of Go that the README asks for are those of the
// modules.
func TestReadmeGoVersions(t *testing.T) {
	readme := readText(t, "README.md")
	for modfile, sentence := range map[string]string{
		"go.mod":       "You need Go %s or later.",
		"bench/go.mod": "and needs Go %s.",
	} {
		version := regexp.MustCompile(`(?m)^go (1\.\d+)`).FindStringSubmatch(readText(t, modfile))
		require.NotNil(t, version, modfile)
		assert.Contains(t, readme, strings.Replace(sentence, "%s", version[1], 1))
	}
}

// TestDocumentedCommands: the packages that the documents run or test exist, and so do
// the test streams that they read.
func TestDocumentedCommands(t *testing.T) {
	command := regexp.MustCompile(`\bgo (?:-C (\S+) )?(?:run|test|build)((?: [^\s` + "`" + `]+)*) (\./[\w./-]+)`)
	stream := regexp.MustCompile(`\btestdata/[\w./-]+\.sse\b`)
	commands, streams := 0, 0
	for _, document := range documents(t) {
		text := readText(t, document)
		for _, m := range command.FindAllStringSubmatch(text, -1) {
			target := filepath.Join(m[1], strings.TrimSuffix(m[3], "..."))
			if info, err := os.Stat(target); assert.NoError(t, err, "%s: %s", document, m[0]) {
				assert.True(t, info.IsDir(), "%s: %s", document, m[0])
			}
			commands++
		}
		for _, name := range stream.FindAllString(text, -1) {
			if name == "testdata/NAME.sse" { // in CONTRIBUTING.md
				continue
			}
			_, err := os.Stat(name)
			assert.NoError(t, err, document)
			streams++
		}
	}
	assert.GreaterOrEqual(t, commands, 15)
	assert.GreaterOrEqual(t, streams, 2)
}
