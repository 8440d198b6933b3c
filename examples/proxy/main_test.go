package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

// TestMain finds goroutines that outlive the tests.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fixture is a running proxy.
type fixture struct {
	t      *testing.T
	url    string
	admin  string // the URL of page and metrics
	client *http.Client
}

// start runs a proxy with the given flags, before the upstream that plays test streams
// unless the flags name another.
func start(t *testing.T, args ...string) *fixture {
	t.Helper()
	c, err := parseFlags(append([]string{"-listen", "127.0.0.1:0", "-admin", "127.0.0.1:0", "-pace", "1ms"}, args...), io.Discard)
	require.NoError(t, err)
	if c.upstream == nil {
		upstream, err := startUpstream(&c)
		require.NoError(t, err)
		t.Cleanup(upstream.close)
	}
	p, err := startProxy(c)
	require.NoError(t, err)
	t.Cleanup(p.close)
	transport := newTransport(0)
	t.Cleanup(transport.CloseIdleConnections)
	return &fixture{t: t, url: p.url, admin: p.admin.url, client: &http.Client{Transport: transport}}
}

// withUpstream starts a server of the test's own, and returns the flags for it.
func withUpstream(t *testing.T, handler http.HandlerFunc) []string {
	t.Helper()
	s := httptest.NewServer(handler)
	t.Cleanup(s.Close)
	return []string{"-upstream", s.URL}
}

// post asks for a completion.
func (f *fixture) post(ctx context.Context, body string) *http.Response {
	f.t.Helper()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, f.url+"/v1/chat/completions", strings.NewReader(body))
	require.NoError(f.t, err)
	request.Header.Set("Content-Type", "application/json")
	resp, err := f.client.Do(request)
	require.NoError(f.t, err)
	f.t.Cleanup(func() { resp.Body.Close() })
	return resp
}

// stream asks for the stream of a model and returns all of it.
func (f *fixture) stream(model string) []byte {
	f.t.Helper()
	request, err := json.Marshal(map[string]any{"model": model, "stream": true})
	require.NoError(f.t, err)
	resp := f.post(f.t.Context(), string(request))
	require.Equal(f.t, http.StatusOK, resp.StatusCode)
	data, err := io.ReadAll(resp.Body)
	require.NoError(f.t, err, model)
	return data
}

// metric returns the samples of one metric by their labels.
func (f *fixture) metrics() map[string]string {
	f.t.Helper()
	resp, err := f.client.Get(f.admin + "/metrics")
	require.NoError(f.t, err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	require.NoError(f.t, err)
	samples := map[string]string{}
	for line := range strings.Lines(string(text)) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), " "); ok && name != "#" {
			samples[strings.TrimPrefix(name, "chatstream_")] = value
		}
	}
	return samples
}

// requireMetric waits for a sample to have a value: a stream is counted when the
// proxy has closed it, which its client does not wait for.
func (f *fixture) requireMetric(name, want string) {
	f.t.Helper()
	require.EventuallyWithT(f.t, func(c *assert.CollectT) {
		if got := f.metrics()[name]; got != want {
			c.Errorf("%s is %q, want %q", name, got, want)
		}
	}, 20*time.Second, 10*time.Millisecond)
}

// testStreams returns the module's test streams by name.
func testStreams(t *testing.T) map[string][]byte {
	t.Helper()
	files, err := filepath.Glob("../../testdata/*.sse")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	streams := map[string][]byte{}
	for _, file := range files {
		data, err := os.ReadFile(file)
		require.NoError(t, err)
		streams[strings.TrimSuffix(filepath.Base(file), ".sse")] = data
	}
	return streams
}

// TestBytes: what passes through is what upstream sent, byte for byte.
func TestBytes(t *testing.T) {
	f := start(t)
	for name, want := range testStreams(t) {
		require.Equal(t, string(want), string(f.stream(name)), name)
	}
	f.requireMetric("streams_open", "0")
}

// TestRun runs the whole program: what it prints can be used at once.
func TestRun(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	r, w := io.Pipe()
	c, err := parseFlags([]string{"-listen", "127.0.0.1:0", "-admin", "127.0.0.1:0", "-pace", "1ms"}, io.Discard)
	require.NoError(t, err)
	done := make(chan error, 1)
	go func() {
		done <- run(ctx, c, w)
		w.Close()
	}()
	out := make([]byte, 0, 4096)
	for !bytes.Contains(out, []byte("curl")) || !bytes.HasSuffix(out, []byte("\n")) {
		n, err := r.Read(out[len(out):cap(out)])
		require.NoError(t, err)
		out = out[:len(out)+n]
	}
	go io.Copy(io.Discard, r)
	_, command, _ := strings.Cut(string(out), "curl -N ")
	address, rest, _ := strings.Cut(command, " -d '")
	body, _, _ := strings.Cut(rest, "'")
	f := &fixture{t: t, client: &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}}
	f.url = strings.TrimSuffix(address, "/v1/chat/completions")
	got, err := io.ReadAll(f.post(t.Context(), body).Body)
	require.NoError(t, err)
	require.Equal(t, string(testStreams(t)["openai-text"]), string(got))
	stop()
	require.NoError(t, <-done)
}

func TestAddressInUse(t *testing.T) {
	f := start(t)
	address := strings.TrimPrefix(f.url, "http://")
	c, err := parseFlags([]string{"-listen", address}, io.Discard)
	require.NoError(t, err)
	require.ErrorContains(t, run(t.Context(), c, io.Discard), address)

	address = strings.TrimPrefix(f.admin, "http://")
	c, err = parseFlags([]string{"-listen", "127.0.0.1:0", "-admin", address}, io.Discard)
	require.NoError(t, err)
	require.ErrorContains(t, run(t.Context(), c, io.Discard), address)
}

func TestFlags(t *testing.T) {
	for _, args := range [][]string{
		{"-upstream", "localhost"}, {"-upstream", "ftp://x"}, {"-upstream", "http://%zz"},
		{"-rename", "x"}, {"-rename", "=x"}, {"-rename", "x="}, {"-rename", "a\nb=c"}, {"-refuse", "\u200b"}, {"more"}, {"-nonsense"},
	} {
		_, err := parseFlags(args, io.Discard)
		require.Error(t, err, args)
	}
	c, err := parseFlags([]string{"-upstream", "https://example.test/api", "-rename", "a=b=c"}, io.Discard)
	require.NoError(t, err)
	require.Equal(t, &url.URL{Scheme: "https", Host: "example.test", Path: "/api"}, c.upstream)
	require.Equal(t, "a", c.public)
	require.Equal(t, "b=c", c.private)
}

// TestShutdown: an open stream ends well when the proxy is stopped.
func TestShutdown(t *testing.T) {
	release := make(chan bool)
	c, err := parseFlags(append(withUpstream(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		io.WriteString(w, "data: {}\n\n")
		w.(http.Flusher).Flush()
		<-release
		io.WriteString(w, "data: [DONE]\n\n")
	}), "-listen", "127.0.0.1:0", "-admin", ""), io.Discard)
	require.NoError(t, err)
	p, err := startProxy(c)
	require.NoError(t, err)
	defer p.close()
	f := &fixture{t: t, url: p.url, client: &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}}
	resp := f.post(t.Context(), `{"stream":true}`)
	buf := make([]byte, 100)
	n, err := resp.Body.Read(buf)
	require.NoError(t, err)
	require.Equal(t, "data: {}\n\n", string(buf[:n]))
	stopped := make(chan error, 1)
	go func() { stopped <- p.shutdown(10 * time.Second) }()
	require.Eventually(t, func() bool { // no new connection is taken
		resp, err := http.Get(p.url)
		if err == nil {
			resp.Body.Close()
		}
		return err != nil
	}, 5*time.Second, 10*time.Millisecond)
	close(release)
	rest, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.Equal(t, "data: [DONE]\n\n", string(rest))
	require.NoError(t, <-stopped)
}

// TestShutdownCuts: a stream that does not end is cut when its time is over.
func TestShutdownCuts(t *testing.T) {
	gone := make(chan bool)
	c, err := parseFlags(append(withUpstream(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		w.(http.Flusher).Flush()
		<-r.Context().Done()
		close(gone)
	}), "-listen", "127.0.0.1:0", "-admin", ""), io.Discard)
	require.NoError(t, err)
	p, err := startProxy(c)
	require.NoError(t, err)
	f := &fixture{t: t, url: p.url, client: &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}}
	resp := f.post(t.Context(), `{"stream":true}`)
	require.NoError(t, p.shutdown(50*time.Millisecond))
	p.close()
	_, err = io.ReadAll(resp.Body)
	require.Error(t, err)
	<-gone
}
