package chatstreamcaddy

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const guideName = "../../docs/guides/caddy.md"

func guide(t *testing.T) string {
	text, err := os.ReadFile(guideName)
	require.NoError(t, err)
	return string(text)
}

// blocks are the guide's code blocks of a language.
func blocks(t *testing.T, language string) (code []string) {
	for _, m := range regexp.MustCompile("(?s)```"+language+"\n(.*?)```").FindAllStringSubmatch(guide(t), -1) {
		code = append(code, m[1])
	}
	require.NotEmpty(t, code)
	return code
}

// TestGuideConfiguration: the Caddyfile in the guide is the one in this folder.
func TestGuideConfiguration(t *testing.T) {
	want, err := os.ReadFile("Caddyfile")
	require.NoError(t, err)
	assert.Equal(t, []string{string(want)}, blocks(t, "caddyfile"))
}

// TestGuideLog: the log line of the guide is that of the stream which the guide asks for,
// but for the time that it took.
func TestGuideLog(t *testing.T) {
	s := start(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		body, err := os.ReadFile("../../testdata/openai-text.sse")
		assert.NoError(t, err)
		w.Write(body)
	})
	assert.Contains(t, guide(t), `"model":"openai-text"`)
	_, err := s.get(chatPath)
	require.NoError(t, err)
	got := s.logged(chatPath)
	var want struct{ Chatstream map[string]any }
	require.NoError(t, json.Unmarshal([]byte("{"+blocks(t, "json")[0]+"}"), &want))
	require.Positive(t, got["first_text"])
	got["first_text"] = want.Chatstream["first_text"]
	assert.Equal(t, want.Chatstream, got)
	for _, name := range slices.Collect(maps.Keys(got)) {
		assert.Regexp(t, "(?m)^\\|.*`"+name+"`.*\\|$", guide(t))
	}
}

// TestGuideMetrics: the guide lists each metric with its labels, and no other.
func TestGuideMetrics(t *testing.T) {
	registry := prometheus.NewRegistry()
	m, err := newMetrics(registry)
	require.NoError(t, err)
	m.countOther(otherAPI)
	s := newStream(time.Now())
	io.WriteString(s.tap, answer)
	s.close()
	m.count(s, false)
	families, err := registry.Gather()
	require.NoError(t, err)
	var want []string
	for _, f := range families {
		name := f.GetName()
		if labels := f.Metric[0].GetLabel(); len(labels) > 0 {
			name += "{" + labels[0].GetName() + "}"
		}
		want = append(want, name)
	}
	var got []string
	for _, m := range regexp.MustCompile("(?m)^\\| `(caddy_chatstream_[^`]+)`").FindAllStringSubmatch(guide(t), -1) {
		got = append(got, m[1])
	}
	assert.ElementsMatch(t, want, got)
}

// TestGuideLinks: the targets of links to the repository exist.
func TestGuideLinks(t *testing.T) {
	for _, m := range regexp.MustCompile(`\]\(([^)#]+)`).FindAllStringSubmatch(guide(t), -1) {
		if !strings.Contains(m[1], "://") {
			assert.FileExists(t, filepath.Join(filepath.Dir(guideName), m[1]))
		}
	}
}
