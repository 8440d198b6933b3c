package main

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-08fc7208/chatstream"
)

// reports has streams after bug reports, where the repository's surroundings have
// them.
const reports = "../../../shared/reports"

// TestReports: each stream of the reports through the command and -check.
func TestReports(t *testing.T) {
	if _, err := os.Stat(reports); err != nil {
		t.Skipf("the reports are not here: %v", err)
	}
	for name, test := range map[string]struct {
		text, thought string
		checks        []string
	}{
		"01-number-content":              {text: "It costs $0.005 per token [1].\n", checks: []string{"schema/objection finding"}},
		"03-usage-empty-last":            {text: "Hi\n", checks: []string{"usage/empty note", "usage/repeated note"}},
		"04-args-cumulative":             {text: "search({\"query\":\"paris\"})\n", checks: []string{"tools/arguments-cumulative note"}},
		"05-args-empty-object-first":     {text: "get_weather({\"city\":\"Oslo\"})\n", checks: []string{"tools/empty-object-first note"}},
		"06-call-same-id-two-indexes":    {text: "exec({\"cmd\":\"ls\"})\n", checks: []string{"tools/id-at-other-index note"}},
		"07-call-new-id-each-piece":      {text: "run({\"command\":\"ls\"})\n", checks: []string{"tools/index-reused note"}},
		"12-finish-tool-calls-then-stop": {text: "Let me look.\n\nsearch({\"q\":\"x\"})\n", checks: []string{"stream/finish-changes note"}},
		"13-function-call-stub":          {text: "Hi there\n", checks: []string{"tools/empty-call note"}},
		"23b-completion-in-one-event":    {text: "OK\n", checks: []string{"schema/objection finding", "stream/message note"}},
		"24-raw-json-error-midstream":    {text: "Once\n", checks: nil}, // below
		"30-cut-arguments":               {text: "file_report({\"summary\":\"The cache warmer)\n", checks: []string{"stream/native-length finding", "tools/cut-looks-whole finding"}},
		"31-usage-beside-total":          {text: "Hi\n", checks: []string{"usage/reasoning note", "usage/total note"}},
		"32-logprobs-number":             {checks: []string{"schema/objection finding"}},
		"33-reasoning-text":              {text: "Hi!\n", thought: "The user says hi.\n", checks: []string{}},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(reports, name+".sse")
			data, err := os.ReadFile(file)
			require.NoError(t, err)
			stream := string(data)
			failures := decoderErrors(stream)
			for _, got := range []outcome{runOn("", file), runOn(stream)} {
				assert.Equal(t, test.text, got.out)
				assert.Equal(t, len(failures) > 0, got.code == exitError)
				if failures == nil {
					assert.Equal(t, test.thought, got.err)
				}
				for _, failure := range failures {
					assert.Contains(t, got.err, strings.TrimPrefix(failure.Error(), "chatstream: "))
				}
			}
			found := levelsFound(t, stream)
			for _, failure := range failures {
				c, _ := errorCheck(failure)
				assert.Contains(t, found, c.name+" error")
			}
			if test.checks != nil {
				var unique []string
				for _, f := range found {
					if len(unique) == 0 || unique[len(unique)-1] != f {
						unique = append(unique, f)
					}
				}
				assert.ElementsMatch(t, test.checks, unique)
			}
		})
	}
}

// decoderErrors returns the Decoder's errors in a stream.
func decoderErrors(stream string) []error {
	var list []error
	for _, err := range chatstream.NewDecoder(strings.NewReader(stream)).All() {
		if err != nil {
			list = append(list, err)
		}
	}
	return list
}

// TestCaptures: recorded streams pass through every mode. What the Decoder reads
// without an error fails no mode, and nothing is found that its level belies.
func TestCaptures(t *testing.T) {
	files, err := filepath.Glob("../../../shared/captures/*/*.sse")
	require.NoError(t, err)
	if len(files) == 0 {
		t.Skip("the captures are not here")
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		require.NoError(t, err)
		failures := decoderErrors(string(data))
		for _, mode := range []string{"-json=false", "-json", "-completion", "-check", "-check -json", "-stats", "-stats -json"} {
			got := runOn("", append(strings.Fields(mode), file)...)
			assert.Equal(t, len(failures) > 0, got.code == exitError, "%s %s: %s", mode, file, got.err)
		}
		for _, found := range levelsFound(t, string(data)) {
			if strings.HasSuffix(found, " error") {
				assert.NotEmpty(t, failures, "%s: %s", file, found)
			}
		}
	}
}

// TestCompletionOfFiles: -completion is what an Accumulator makes of the chunks.
func TestCompletionOfFiles(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(testdata, "*.sse"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		data, err := os.ReadFile(file)
		require.NoError(t, err)
		var a chatstream.Accumulator
		d := chatstream.NewDecoder(strings.NewReader(string(data)))
		for c, err := range d.All() {
			var apiErr *chatstream.APIError
			if err == nil || errors.As(err, &apiErr) {
				require.NoError(t, a.Add(c))
			}
		}
		want := ""
		if d.Stats().Chunks > 0 {
			want = string(a.Completion().AppendJSON(nil)) + "\n"
		}
		assert.Equal(t, want, runOn("", "-completion", file).out, file)
	}
}

// TestTableAndJSON: over all streams, the table of -check and its JSON say the same.
func TestTableAndJSON(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(testdata, "*.sse"))
	require.NoError(t, err)
	for _, file := range files {
		table := runOn("", "-check", file)
		var report checkJSON
		require.NoError(t, json.Unmarshal([]byte(runOn("", "-check", "-json", file).out), &report))
		var f findings
		for _, j := range report.Findings {
			for _, c := range allChecks {
				if c.name == j.Check {
					f.addWhat(c, j.Where, j.What, j.Example, place{j.Event, j.Byte})
				}
			}
			f.list[len(f.list)-1].times = j.Times
		}
		if len(f.list) > 0 {
			assert.Contains(t, table.out, f.table(), file)
		} else {
			assert.Contains(t, table.out, "Nothing departs", file)
		}
		assert.Equal(t, len(f.list) == 0, strings.Contains(table.out, "Nothing departs"), file)
	}
}
