package main

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// nodeAnswer is what testdata/node/client.cjs prints.
type nodeAnswer struct {
	Model   string
	Chunks  int
	Choices []struct {
		Content string
		Calls   []struct{ ID, Name, Arguments string }
		Finish  string
	}
	Error *struct {
		Status  int
		Message string
	}
}

// askNode streams a completion through the official client for Node. Where that is not
// installed the test is skipped.
func (f *fixture) askNode(model string, more ...string) nodeAnswer {
	f.t.Helper()
	const folder = "testdata/node"
	if _, err := exec.LookPath("node"); err != nil {
		f.t.Skip("no node here: its client was not tried")
	}
	modules := os.Getenv("NODE_PATH")
	_, err := os.Stat(filepath.Join(folder, "node_modules", "openai"))
	_, elsewhere := os.Stat(filepath.Join(modules, "openai"))
	if err != nil && (modules == "" || elsewhere != nil) {
		f.t.Skip("no openai client for Node here: npm install --prefix examples/proxy/testdata/node")
	}
	command := exec.CommandContext(f.t.Context(), "node", append([]string{filepath.Join(folder, "client.cjs"), f.url, model}, more...)...)
	command.Stderr = os.Stderr
	out, err := command.Output()
	require.NoError(f.t, err)
	var answer nodeAnswer
	require.NoError(f.t, json.Unmarshal(out, &answer), "%s", out)
	return answer
}

func TestNodeText(t *testing.T) {
	content, _ := sent(t, "openai-text")
	got := start(t).askNode("openai-text")
	require.Nil(t, got.Error)
	require.Equal(t, content, got.Choices[0].Content)
	require.Equal(t, "stop", got.Choices[0].Finish)
}

func TestNodeTools(t *testing.T) {
	got := start(t).askNode("openai-tools-parallel")
	require.Nil(t, got.Error)
	require.Equal(t, "tool_calls", got.Choices[0].Finish)
	require.Len(t, got.Choices[0].Calls, 2)
	for _, call := range got.Choices[0].Calls {
		require.NotEmpty(t, call.ID)
		require.NotEmpty(t, call.Name)
		require.True(t, json.Valid([]byte(call.Arguments)), call.Arguments)
	}
}

// TestNodeChoices: n = 2.
func TestNodeChoices(t *testing.T) {
	got := start(t).askNode("openai-n2")
	require.Nil(t, got.Error)
	require.Len(t, got.Choices, 2)
	for i, choice := range got.Choices {
		require.Equal(t, contentOf(t, "openai-n2", i), choice.Content)
		require.NotEmpty(t, choice.Finish)
	}
}

// TestNodeErrors: one in the stream, one of the proxy's own in it, one of upstream in
// the place of a stream, and one of the proxy.
func TestNodeErrors(t *testing.T) {
	got := start(t).askNode("openrouter-error")
	require.Contains(t, got.Error.Message, "away")
	require.NotEmpty(t, got.Choices[0].Content)

	content, _ := sent(t, "openai-text")
	got = start(t, "-refuse", content[len(content)/2:]).askNode("openai-text")
	require.Contains(t, got.Error.Message, "refuses")
	require.Equal(t, content[:len(got.Choices[0].Content)], got.Choices[0].Content)

	got = start(t, "-usage").askNode("truncated")
	require.Contains(t, got.Error.Message, "before the answer was whole")

	got = start(t, withUpstream(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusUnauthorized)
		io.WriteString(w, `{"error":{"message":"no such key"}}`)
	})...).askNode("x")
	require.Equal(t, 401, got.Error.Status)
	require.Contains(t, got.Error.Message, "no such key")

	got = start(t, "-upstream", "http://127.0.0.1:1").askNode("x")
	require.Equal(t, 502, got.Error.Status)
	require.Contains(t, got.Error.Message, "no answer from upstream")
}

func TestNodeRename(t *testing.T) {
	got := start(t, "-rename", "public=openai-text").askNode("public")
	require.Nil(t, got.Error)
	require.Equal(t, "public", got.Model)
}

// TestNodeAbort: a client that has seen enough aborts; upstream is told.
func TestNodeAbort(t *testing.T) {
	gone := make(chan bool)
	f := start(t, withUpstream(t, func(w http.ResponseWriter, r *http.Request) {
		defer close(gone)
		io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "text/event-stream")
		for range 3 {
			io.WriteString(w, chunk("and "))
		}
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	})...)
	got := f.askNode("x", "3")
	require.Nil(t, got.Error)
	require.Equal(t, "and and and ", got.Choices[0].Content)
	<-gone
	f.requireMetric("abandoned_total", "1")
	f.requireMetric("streams_open", "0")
}
