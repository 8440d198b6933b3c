package main

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the golden files anew")

// requireGolden compares with testdata/NAME.
func requireGolden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
		require.NoError(t, os.WriteFile(file, []byte(got), 0o644))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, string(want), got)
}

// transcript writes a run down.
func transcript(got outcome) string {
	b := "stdout:\n" + got.out + "stderr:\n" + got.err
	return strings.ReplaceAll(b, testdata+string(filepath.Separator), "") + "status: " + string(rune('0'+got.code)) + "\n"
}

// TestText: the text of streams in the shapes of providers.
func TestText(t *testing.T) {
	for _, name := range []string{
		"openai-text", "openai-n2", "openai-tools-parallel", "openai-refusal", "openai-audio", "openai-function-call",
		"azure-text", "openrouter-error", "openrouter-reasoning", "avian-spaces", "litellm-n2", "deepseek-reasoning",
		"mistral-parts", "mistral-tools", "ollama-tools", "perplexity-crlf", "llamacpp-error-field",
		"gemini-tools", "qwen-tools", "anthropic-tools", "truncated", "truncated-n2", "newline-only", "reasoning-signature",
	} {
		t.Run(name, func(t *testing.T) {
			requireGolden(t, "text/"+name+".txt", transcript(runOn("", streamFile(name))))
		})
	}
}

// withoutReasons leaves out of a table what Validate says, and so how often it said
// which: its words are not the command's.
func withoutReasons(table string) string {
	objection := regexp.MustCompile(`^(\S+ +schema/objection +)\d+( +\d+ +\d+ +(\S+)).*\n`)
	seen := make(map[string]bool)
	var b strings.Builder
	for line := range strings.Lines(table) {
		if parts := objection.FindStringSubmatch(line); parts != nil {
			if seen[parts[3]] {
				continue
			}
			seen[parts[3]] = true
			line = parts[1] + "*" + parts[2] + "\n"
		}
		b.WriteString(line)
	}
	return b.String()
}

// TestCheck: the findings of these streams.
func TestCheck(t *testing.T) {
	for _, name := range []string{
		"openai-text", "azure-text", "azure-async-filter", "openrouter-error", "perplexity-crlf", "llamacpp-error-field",
		"groq-error-event", "newline-only", "newline-only-end", "multiline", "glued", "keepalives", "bom", "cr-only",
		"mixed-eol", "no-space", "done-spaces", "done-no-newline", "after-done", "no-final-blank-line", "no-final-newline",
		"truncated", "only-done", "malformed", "odd-shapes",
	} {
		t.Run(name, func(t *testing.T) {
			requireGolden(t, "check/"+name+".txt", withoutReasons(transcript(runOn("", "-check", streamFile(name)))))
		})
	}
}

// TestStatsOfFiles: the statistics of these streams, as text and as JSON, with a clock that does not
// advance.
func TestStatsOfFiles(t *testing.T) {
	for _, name := range []string{
		"openai-text", "openai-n2", "openai-tools-parallel", "openrouter-error", "groq-usage", "truncated", "only-done",
		"keepalives", "deepseek-reasoning", "minimax-text",
	} {
		t.Run(name, func(t *testing.T) {
			file := streamFile(name)
			requireGolden(t, "stats/"+name+".txt", transcript(runStill("-stats", file))+transcript(runStill("-stats", "-json", file)))
		})
	}
}

// TestJSON: each line is the chunk that the stream's golden file has.
func TestJSON(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(testdata, "*.sse"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			want, failed := goldenChunks(t, strings.TrimSuffix(file, ".sse")+".golden.jsonl")
			got := runOn("", "-json", file)
			lines := strings.Split(got.out, "\n")
			require.Len(t, lines, len(want)+1)
			for i := range want {
				require.Equal(t, jsonValue(t, want[i]), jsonValue(t, lines[i]), "chunk %d", i)
			}
			assert.Equal(t, failed, got.code == exitError)
			for _, mode := range []string{"-stats=true", "-check", "-json=false"} {
				assert.Equal(t, got.code, runOn("", mode, file).code, mode)
			}
		})
	}
}

// jsonValue decodes JSON; a number that is no float64 stays as it is.
func jsonValue(t *testing.T, text string) any {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var v any
	require.NoError(t, d.Decode(&v), text)
	return floats(v)
}

func floats(v any) any {
	switch v := v.(type) {
	case json.Number:
		if f, err := v.Float64(); err == nil {
			return f
		}
	case []any:
		for i := range v {
			v[i] = floats(v[i])
		}
	case map[string]any:
		for name := range v {
			v[name] = floats(v[name])
		}
	}
	return v
}

// goldenChunks reads the chunks of a golden file, and whether it has errors.
func goldenChunks(t *testing.T, file string) (chunks []string, failed bool) {
	data, err := os.ReadFile(file)
	require.NoError(t, err)
	for line := range strings.Lines(string(data)) {
		var result struct {
			Chunk json.RawMessage
			Error json.RawMessage
			End   string
		}
		require.NoError(t, json.Unmarshal([]byte(line), &result))
		if result.Chunk != nil {
			chunks = append(chunks, string(result.Chunk))
		}
		failed = failed || result.Error != nil || result.End == "unexpected EOF"
	}
	return chunks, failed
}
