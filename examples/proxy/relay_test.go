package main

import (
	"context"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// echo is an upstream that says what it was asked.
func echo(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/plain")
	w.Header().Set("X-Seen", r.Method+" "+r.URL.Path)
	io.WriteString(w, "all is well")
}

// silent is an upstream that does not answer.
func silent(_ http.ResponseWriter, r *http.Request) {
	io.Copy(io.Discard, r.Body) // a server that has not read it does not see that the client is gone
	<-r.Context().Done()
}

// do sends a request, and returns the status and the body.
func (f *fixture) do(method, path, body string, header http.Header) (*http.Response, string) {
	f.t.Helper()
	request, err := http.NewRequestWithContext(f.t.Context(), method, f.url+path, strings.NewReader(body))
	require.NoError(f.t, err)
	if header != nil {
		request.Header = header
	}
	resp, err := f.client.Do(request)
	require.NoError(f.t, err)
	defer resp.Body.Close()
	got, err := io.ReadAll(resp.Body)
	require.NoError(f.t, err)
	return resp, string(got)
}

// TestPathsOfUpstream: page and metrics hide nothing of upstream, and clients don't
// get at them.
func TestPathsOfUpstream(t *testing.T) {
	f := start(t, withUpstream(t, echo)...)
	for _, path := range []string{"/", "/metrics", "/history", "/v1/models", "/v1/responses"} {
		resp, got := f.do(http.MethodGet, path, "", nil)
		require.Equal(t, "GET "+path, resp.Header.Get("X-Seen"))
		require.Equal(t, "all is well", got)
	}
	resp, err := f.client.Get(f.admin + "/v1/responses")
	require.NoError(t, err)
	resp.Body.Close()
	require.Equal(t, http.StatusNotFound, resp.StatusCode)
}

// TestOtherPathsUnderRefuse: what is not looked at is refused, unless it is said that
// it may pass.
func TestOtherPathsUnderRefuse(t *testing.T) {
	flags := append(withUpstream(t, echo), "-refuse", "secret")
	f, passing := start(t, flags...), start(t, append(flags, "-pass-others")...)
	others := []struct{ method, path string }{
		{"POST", "/v1/responses"}, {"POST", "/v1/messages"}, {"POST", "/v1/completions"}, {"POST", "/v1/chat/completions/"},
		{"GET", "/v1/responses/x"}, {"GET", "/v1/realtime"}, {"GET", "/v1/models/../responses/x"}, {"GET", "/v1/modelsx"}, {"POST", "/v1/models"},
		{"POST", "/v1beta/models/gemini:streamGenerateContent"},
	}
	for _, other := range others {
		resp, got := f.do(other.method, other.path, "", nil)
		require.Equal(t, http.StatusForbidden, resp.StatusCode, other)
		require.Contains(t, got, `"error"`)
		require.Empty(t, resp.Header.Get("X-Seen"))
		resp, _ = passing.do(other.method, other.path, "", nil)
		require.Equal(t, http.StatusOK, resp.StatusCode, other)
	}
	f.requireMetric(`refusals_total{reason="other_api"}`, strconv.Itoa(len(others)))
	for _, path := range []string{"/v1/models", "/v1/models/x"} {
		resp, _ := f.do("GET", path, "", nil)
		require.Equal(t, http.StatusOK, resp.StatusCode, path)
	}
}

// TestWholeAnswersUnderRefuse: answers that are no event stream, and errors.
func TestWholeAnswersUnderRefuse(t *testing.T) {
	for name, test := range map[string]struct {
		status            int
		contentType, body string
		want              int
	}{
		"an answer":               {200, "application/json", `{"choices":[{"message":{"content":"all is well"}}]}`, 200},
		"the word":                {200, "application/json", `{"choices":[{"message":{"content":"SECRET"}}]}`, 403},
		"an error":                {429, "application/json", `{"error":{"message":"slow down"}}`, 429},
		"the word in an error":    {429, "application/json", `{"error":{"message":"a secret"}}`, 403},
		"a stream by other names": {200, "text/plain", chunk("sec") + chunk("ret"), 502},
		"an error page":           {500, "text/html", "<html>secret", 403},
		"an error stream":         {500, "text/event-stream", `data: {"error":{"message":"a secret"}}` + "\n\n", 403},
	} {
		f := start(t, append(withUpstream(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", test.contentType)
			w.WriteHeader(test.status)
			io.WriteString(w, test.body)
		}), "-refuse", "secret")...)
		resp, got := f.do("POST", "/v1/chat/completions", "{}", nil)
		require.Equal(t, test.want, resp.StatusCode, name)
		if test.want == test.status {
			require.Equal(t, test.body, got)
		} else {
			require.Contains(t, got, "refuses", name)
		}
	}
}

func chunk(content string) string {
	return `data: {"object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"` + content + `"}}]}` + "\n\n"
}

// TestRenameWhole: answers that are no event stream have the public name too.
func TestRenameWhole(t *testing.T) {
	status, body := 200, `{"model":"private-2025","choices":[]}`
	f := start(t, append(withUpstream(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		io.WriteString(w, body)
	}), "-rename", "public=private")...)
	_, got := f.do("POST", "/v1/chat/completions", `{"model":"public"}`, nil)
	require.Equal(t, `{"model":"public","choices":[]}`, got)
	_, got = f.do("POST", "/v1/chat/completions", `{"model":"private-2025"}`, nil)
	require.Equal(t, body, got, "it was asked for by its name")
	status, body = 404, `{"error":{"message":"the model private does not exist"}}`
	resp, got := f.do("POST", "/v1/chat/completions", `{"model":"public"}`, nil)
	require.Equal(t, 404, resp.StatusCode)
	require.Equal(t, `{"error":{"message":"the model public does not exist"}}`, got)
}

// TestForwardedFor: the proxies before this one stay known.
func TestForwardedFor(t *testing.T) {
	f := start(t, withUpstream(t, func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, strings.Join(r.Header.Values("X-Forwarded-For"), ", "))
	})...)
	_, got := f.do("GET", "/", "", http.Header{"X-Forwarded-For": {"192.0.2.7"}})
	require.Equal(t, "192.0.2.7, 127.0.0.1", got)
	_, got = f.do("GET", "/", "", nil)
	require.Equal(t, "127.0.0.1", got)
}

// TestHeaderTimeout: an upstream that does not begin to answer.
func TestHeaderTimeout(t *testing.T) {
	f := start(t, append(withUpstream(t, silent), "-header-timeout", "20ms")...)
	resp, got := f.do("POST", "/v1/chat/completions", "{}", nil)
	require.Equal(t, http.StatusGatewayTimeout, resp.StatusCode)
	require.Equal(t, `{"error":{"message":"no answer from upstream","type":"upstream_error"}}`, got)
	f.requireMetric(`upstream_errors_total{kind="unreachable"}`, "1")
}

// TestStallTimeout: an upstream that falls silent within its answer. The client's
// connection breaks, where events are looked at behind an error event.
func TestStallTimeout(t *testing.T) {
	for name, flags := range map[string][]string{"as it is": nil, "with a guard": {"-refuse", "secret"}} {
		f := start(t, append(append(withUpstream(t, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/event-stream")
			io.WriteString(w, chunk("Hi"))
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		}), flags...), "-stall-timeout", "50ms")...)
		got, err := io.ReadAll(f.post(t.Context(), `{"stream":true}`).Body)
		require.Error(t, err, name)
		require.True(t, strings.HasPrefix(string(got), chunk("Hi")), name)
		require.Equal(t, flags != nil, strings.Contains(string(got), "before the answer was whole"), name)
		f.requireMetric(`upstream_errors_total{kind="stalled"}`, "1")
		f.requireMetric("truncations_total", "0")
		f.requireMetric("abandoned_total", "0")
	}
}

// TestReadTimeout: a client that does not send what it has announced.
func TestReadTimeout(t *testing.T) {
	for name, flags := range map[string][]string{
		"as it is": nil, "edited": {"-usage"}, "refused": {"-refuse", "secret"},
	} {
		f := start(t, append(append(withUpstream(t, func(w http.ResponseWriter, r *http.Request) {
			io.Copy(io.Discard, r.Body)
		}), flags...), "-read-timeout", "50ms")...)
		conn, err := net.Dial("tcp", strings.TrimPrefix(f.url, "http://"))
		require.NoError(t, err)
		path := "/v1/chat/completions"
		if name == "refused" {
			path = "/v1/responses"
		}
		io.WriteString(conn, "POST "+path+" HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
		answer, err := io.ReadAll(conn) // to the end of the connection
		require.NoError(t, err, name)
		require.Contains(t, string(answer), "HTTP/1.1 ", name)
		if name == "edited" {
			require.Contains(t, string(answer), "408 Request Timeout")
		}
		conn.Close()
	}
}

// TestUsageThatCannotBe: one absurd value does not end what a counter is good for.
func TestUsageThatCannotBe(t *testing.T) {
	usage := ""
	f := start(t, withUpstream(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		io.WriteString(w, `data: {"model":"m","choices":[],"usage":{`+usage+`}}`+"\n\ndata: [DONE]\n\n")
	})...)
	for _, usage = range []string{
		`"prompt_tokens":3,"completion_tokens":4`, `"prompt_tokens":-1,"completion_tokens":4`,
		`"prompt_tokens":9223372036854775807`, `"prompt_tokens":1e15`, `"prompt_tokens":5,"completion_tokens":6`,
	} {
		f.stream("x")
	}
	f.requireMetric(`tokens_total{kind="prompt",model="m"}`, "8")
	f.requireMetric(`tokens_total{kind="completion",model="m"}`, "10")
	f.requireMetric(`decode_errors_total{kind="usage"}`, "3")
}

// TestOtherAnswers: what is no chat completion stream is counted apart, and is not
// truncated.
func TestOtherAnswers(t *testing.T) {
	const responses = "event: response.created\ndata: {\"type\":\"response.created\"}\n\n"
	f := start(t, withUpstream(t, func(w http.ResponseWriter, r *http.Request) {
		if !strings.Contains(r.URL.Path, "json") {
			w.Header().Set("Content-Type", "text/event-stream")
		}
		io.WriteString(w, responses)
	})...)
	for _, path := range []string{"/v1/responses", "/v1/messages", "/v1/chat/completions", "/json/chat/completions"} {
		_, got := f.do("POST", path, "{}", nil)
		require.Equal(t, responses, got)
	}
	f.requireMetric(`other_responses_total{kind="path"}`, "2")
	f.requireMetric(`other_responses_total{kind="payload"}`, "1")
	f.requireMetric(`other_responses_total{kind="content_type"}`, "1")
	f.requireMetric("streams_total", "1")
	f.requireMetric("truncations_total", "0")
}

// TestModelsAreBounded: a model's name of any length and bytes is a short label.
func TestModelsAreBounded(t *testing.T) {
	f := start(t, withUpstream(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		io.WriteString(w, `data: {"model":"`+strings.Repeat("m", 1<<20)+`\u001b","choices":[],"usage":{"prompt_tokens":1}}`+"\n\ndata: [DONE]\n\n")
	})...)
	f.stream("x")
	f.requireMetric(`tokens_total{kind="prompt",model="`+strings.Repeat("m", 97)+`…"}`, "1")
}

// TestHistory: the metrics of the last minutes.
func TestHistory(t *testing.T) {
	f := start(t)
	f.stream("openai-text")
	f.requireMetric("streams_open", "0")
	resp, err := f.client.Get(f.admin + "/history")
	require.NoError(t, err)
	defer resp.Body.Close()
	got, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.Contains(t, string(got), `"chunks_total":0`)
	require.Contains(t, string(got), `"chunks_total":42`)
	require.NotContains(t, string(got), "go_")
}

// TestClientGoneFromWhole: a client that goes while an answer is read whole.
func TestClientGoneFromWhole(t *testing.T) {
	gone := make(chan bool)
	f := start(t, append(withUpstream(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.(http.Flusher).Flush()
		<-r.Context().Done()
		close(gone)
	}), "-refuse", "secret")...)
	ctx, cancel := context.WithCancel(t.Context())
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, f.url+"/v1/chat/completions", strings.NewReader("{}"))
	require.NoError(t, err)
	failed := make(chan error)
	go func() {
		_, err := f.client.Do(request)
		failed <- err
	}()
	f.requireMetric(`other_responses_total{kind="content_type"}`, "1")
	cancel()
	require.ErrorIs(t, <-failed, context.Canceled)
	<-gone
}
