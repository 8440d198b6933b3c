package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// server is a Caddy that runs, with the handler before reverse_proxy.
type server struct {
	t   *testing.T
	url string
	log string
}

// start runs Caddy with a Caddyfile like the one beside this test.
func start(t *testing.T, upstream http.HandlerFunc) *server {
	up := httptest.NewServer(upstream)
	t.Cleanup(up.Close)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	address := l.Addr().String()
	require.NoError(t, l.Close())
	s := &server{t, "http://" + address, filepath.Join(t.TempDir(), "access.log")}
	text, err := os.ReadFile("Caddyfile")
	require.NoError(t, err)
	config := strings.NewReplacer(
		"127.0.0.1:8080", address,
		"127.0.0.1:8000", strings.TrimPrefix(up.URL, "http://"),
		"\tlog\n", fmt.Sprintf("\tlog {\n\t\toutput file %q\n\t}\n", s.log),
	).Replace(string(text))
	asJSON, warnings, err := caddyconfig.GetAdapter("caddyfile").Adapt([]byte(config), map[string]any{"filename": "Caddyfile"})
	require.NoError(t, err)
	require.Empty(t, warnings)
	require.NoError(t, caddy.Load(asJSON, true))
	t.Cleanup(func() { require.NoError(t, caddy.Stop()) })
	return s
}

func (s *server) get(path string) ([]byte, error) {
	resp, err := http.Get(s.url + path)
	require.NoError(s.t, err)
	defer resp.Body.Close()
	return io.ReadAll(resp.Body)
}

// logged returns the field chatstream of the last request in the access log.
func (s *server) logged(path string) (field map[string]any) {
	require.EventuallyWithT(s.t, func(c *assert.CollectT) {
		lines, err := os.ReadFile(s.log)
		require.NoError(c, err)
		var found bool
		for line := range bytes.Lines(lines) {
			var entry struct {
				Request    struct{ URI string }
				Chatstream map[string]any
			}
			require.NoError(c, json.Unmarshal(line, &entry))
			if entry.Request.URI == path {
				field, found = entry.Chatstream, true
			}
		}
		require.True(c, found, "nothing of %s in the log", path)
	}, 10*time.Second, 10*time.Millisecond)
	return field
}

const stream = `data: {"id":"a","model":"m","choices":[{"index":0,"delta":{"content":"Hi"}}]}

data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}

data: {"choices":[],"usage":{"prompt_tokens":5,"completion_tokens":2,"total_tokens":7}}

data: [DONE]

`

func eventStream(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		io.WriteString(w, body)
	}
}

func TestStream(t *testing.T) {
	s := start(t, eventStream(stream))
	body, err := s.get("/v1")
	require.NoError(t, err)
	assert.Equal(t, stream, string(body))
	field := s.logged("/v1")
	assert.Positive(t, field["first_text"])
	delete(field, "first_text")
	assert.Equal(t, map[string]any{"end": "whole", "model": "m", "chunks": 3.0,
		"prompt_tokens": 5.0, "completion_tokens": 2.0, "total_tokens": 7.0}, field)
	metrics, err := s.get("/metrics")
	require.NoError(t, err)
	for _, line := range []string{
		`caddy_chatstream_streams_total{end="whole"} 1`,
		`caddy_chatstream_tokens_total{kind="prompt"} 5`,
		`caddy_chatstream_tokens_total{kind="completion"} 2`,
		`caddy_chatstream_first_text_seconds_count 1`,
	} {
		assert.Contains(t, string(metrics), line+"\n")
	}
}

// TestBytes: what the client gets is what upstream sent, byte for byte.
func TestBytes(t *testing.T) {
	names, err := filepath.Glob("../../testdata/*.sse")
	require.NoError(t, err)
	require.NotEmpty(t, names)
	s := start(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		data, _ := os.ReadFile("../../testdata" + r.URL.Path)
		w.Write(data)
	})
	for _, name := range names {
		want, err := os.ReadFile(name)
		require.NoError(t, err)
		got, err := s.get("/" + filepath.Base(name))
		require.NoError(t, err)
		require.Equal(t, string(want), string(got), name)
	}
}

// TestAtOnce: an event is with the client before upstream sends the next one.
func TestAtOnce(t *testing.T) {
	next := make(chan bool)
	s := start(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		for event := range strings.SplitAfterSeq(stream, "\n\n") {
			io.WriteString(w, event)
			w.(http.Flusher).Flush()
			<-next
		}
	})
	resp, err := http.Get(s.url)
	require.NoError(t, err)
	defer resp.Body.Close()
	for event := range strings.SplitAfterSeq(stream, "\n\n") {
		got := make([]byte, len(event))
		_, err := io.ReadFull(resp.Body, got)
		require.NoError(t, err)
		require.Equal(t, event, string(got))
		next <- true
	}
	assert.Equal(t, "whole", s.logged("/")["end"])
}

func TestTruncated(t *testing.T) {
	s := start(t, eventStream(stream[:100]))
	_, err := s.get("/cut")
	require.NoError(t, err)
	field := s.logged("/cut")
	assert.Equal(t, "truncated", field["end"])
	assert.Contains(t, field["error"], "ends")
}

// TestBrokenConnection: upstream's connection breaks within the body.
func TestBrokenConnection(t *testing.T) {
	s := start(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		io.WriteString(w, stream[:100])
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	})
	_, err := s.get("/broken")
	require.Error(t, err)
	assert.Equal(t, "truncated", s.logged("/broken")["end"])
}

func TestErrorOfUpstream(t *testing.T) {
	s := start(t, eventStream(`data: {"error":{"message":"busy","code":503}}`+"\n\ndata: [DONE]\n\n"))
	_, err := s.get("/error")
	require.NoError(t, err)
	field := s.logged("/error")
	assert.Equal(t, "error", field["end"])
	assert.Equal(t, "busy", field["error"])
}

// TestClientGone: a client that goes away ends upstream's request, and is not upstream's fault.
func TestClientGone(t *testing.T) {
	gone := make(chan bool)
	s := start(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		io.WriteString(w, stream[:100])
		w.(http.Flusher).Flush()
		<-r.Context().Done()
		close(gone)
	})
	ctx, leave := context.WithCancel(context.Background())
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url+"/gone", nil)
	require.NoError(t, err)
	resp, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	_, err = io.ReadFull(resp.Body, make([]byte, 100))
	require.NoError(t, err)
	leave()
	resp.Body.Close()
	<-gone
	assert.Equal(t, "abandoned", s.logged("/gone")["end"])
}

// TestOthersPass: what is no stream leaves no trace.
func TestOthersPass(t *testing.T) {
	s := start(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, `{"choices":[]}`)
	})
	body, err := s.get("/json")
	require.NoError(t, err)
	assert.Equal(t, `{"choices":[]}`, string(body))
	assert.Nil(t, s.logged("/json"))
}

func TestDirective(t *testing.T) {
	for _, text := range []string{"chatstream on", "chatstream {\n\t\tfast\n\t}"} {
		_, _, err := caddyconfig.GetAdapter("caddyfile").Adapt([]byte("http://:8080 {\n\t"+text+"\n}\n"), nil)
		assert.Error(t, err, text)
	}
}
