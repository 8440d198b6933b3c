package chatstreamcaddy

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
	_ "github.com/caddyserver/caddy/v2/modules/standard"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// chatPath is a request path of the API.
const chatPath = "/v1/chat/completions"

// server is a Caddy that runs, with the handler before reverse_proxy.
type server struct {
	t            *testing.T
	url, metrics string
	log          string
}

// start runs Caddy with the Caddyfile beside this test. The replacements are made in it,
// pairs of old and new.
func start(t *testing.T, upstream http.HandlerFunc, replacements ...string) *server {
	up := httptest.NewServer(upstream)
	t.Cleanup(up.Close)
	address, metrics := freeAddress(t), freeAddress(t)
	s := &server{t, "http://" + address, "http://" + metrics, filepath.Join(t.TempDir(), "access.log")}
	text, err := os.ReadFile("Caddyfile")
	require.NoError(t, err)
	config := strings.NewReplacer(append(replacements,
		"127.0.0.1:8080", address,
		"127.0.0.1:9180", metrics,
		"127.0.0.1:8000", strings.TrimPrefix(up.URL, "http://"),
		"\tlog\n", fmt.Sprintf("\tlog {\n\t\toutput file %q\n\t}\n", s.log),
	)...).Replace(string(text))
	asJSON, warnings, err := caddyconfig.GetAdapter("caddyfile").Adapt([]byte(config), map[string]any{"filename": "Caddyfile"})
	require.NoError(t, err)
	require.Empty(t, warnings)
	require.NoError(t, caddy.Load(asJSON, true))
	t.Cleanup(func() { require.NoError(t, caddy.Stop()) })
	return s
}

func freeAddress(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	return l.Addr().String()
}

func (s *server) get(path string) ([]byte, error) {
	resp, err := http.Get(s.url + path)
	require.NoError(s.t, err)
	defer resp.Body.Close()
	return io.ReadAll(resp.Body)
}

// counted asserts that the metrics have these lines.
func (s *server) counted(lines ...string) {
	resp, err := http.Get(s.metrics + "/metrics")
	require.NoError(s.t, err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	require.NoError(s.t, err)
	for _, line := range lines {
		assert.Contains(s.t, string(text), "\n"+line+"\n")
	}
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

const answer = `data: {"id":"a","model":"m","choices":[{"index":0,"delta":{"content":"Hi"}}]}

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
	s := start(t, eventStream(answer))
	body, err := s.get(chatPath)
	require.NoError(t, err)
	assert.Equal(t, answer, string(body))
	field := s.logged(chatPath)
	assert.Positive(t, field["first_text"])
	delete(field, "first_text")
	assert.Equal(t, map[string]any{"end": "whole", "model": "m", "chunks": 3.0,
		"prompt_tokens": 5.0, "completion_tokens": 2.0, "total_tokens": 7.0}, field)
	s.counted(
		`caddy_chatstream_streams_total{end="whole"} 1`,
		`caddy_chatstream_tokens_total{kind="prompt"} 5`,
		`caddy_chatstream_tokens_total{kind="completion"} 2`,
		`caddy_chatstream_first_text_seconds_count 1`,
	)
}

// TestBytes: the client gets exactly the bytes of upstream.
func TestBytes(t *testing.T) {
	names, err := filepath.Glob("../../testdata/*.sse")
	require.NoError(t, err)
	require.NotEmpty(t, names)
	s := start(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		data, _ := os.ReadFile("../../testdata/" + r.URL.Query().Get("name"))
		w.Write(data)
	})
	for _, name := range names {
		want, err := os.ReadFile(name)
		require.NoError(t, err)
		got, err := s.get(chatPath + "?name=" + filepath.Base(name))
		require.NoError(t, err)
		require.Equal(t, string(want), string(got), name)
	}
}

// TestAtOnce: the client gets an event before upstream sends the next one.
func TestAtOnce(t *testing.T) {
	next := make(chan bool)
	s := start(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		for event := range strings.SplitAfterSeq(answer, "\n\n") {
			io.WriteString(w, event)
			w.(http.Flusher).Flush()
			<-next
		}
	})
	resp, err := http.Get(s.url + chatPath)
	require.NoError(t, err)
	defer resp.Body.Close()
	for event := range strings.SplitAfterSeq(answer, "\n\n") {
		got := make([]byte, len(event))
		_, err := io.ReadFull(resp.Body, got)
		require.NoError(t, err)
		require.Equal(t, event, string(got))
		next <- true
	}
	assert.Equal(t, "whole", s.logged(chatPath)["end"])
}

func TestTruncated(t *testing.T) {
	s := start(t, eventStream(answer[:100]))
	_, err := s.get(chatPath)
	require.NoError(t, err)
	field := s.logged(chatPath)
	assert.Equal(t, "truncated", field["end"])
	assert.Contains(t, field["error"], "ends")
}

// TestEmpty: a stream without a byte is truncated.
func TestEmpty(t *testing.T) {
	s := start(t, eventStream(""))
	_, err := s.get(chatPath)
	require.NoError(t, err)
	assert.Equal(t, "truncated", s.logged(chatPath)["end"])
}

// TestBrokenConnection: upstream's connection breaks within the body.
func TestBrokenConnection(t *testing.T) {
	s := start(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		io.WriteString(w, answer[:100])
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	})
	_, err := s.get(chatPath)
	require.Error(t, err)
	assert.Equal(t, "truncated", s.logged(chatPath)["end"])
}

func TestErrorOfUpstream(t *testing.T) {
	s := start(t, eventStream(`data: {"error":{"message":"busy","code":503}}`+"\n\ndata: [DONE]\n\n"))
	_, err := s.get(chatPath)
	require.NoError(t, err)
	field := s.logged(chatPath)
	assert.Equal(t, "error", field["end"])
	assert.Equal(t, "busy", field["error"])
}

// TestClientGone: if the client leaves, the request to upstream ends, and counts as abandoned.
func TestClientGone(t *testing.T) {
	gone := make(chan bool)
	s := start(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		io.WriteString(w, answer[:100])
		w.(http.Flusher).Flush()
		<-r.Context().Done()
		close(gone)
	})
	ctx, leave := context.WithCancel(context.Background())
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url+chatPath, nil)
	require.NoError(t, err)
	resp, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	_, err = io.ReadFull(resp.Body, make([]byte, 100))
	require.NoError(t, err)
	leave()
	resp.Body.Close()
	<-gone
	field := s.logged(chatPath)
	assert.Equal(t, "abandoned", field["end"])
	assert.NotContains(t, field, "error")
}

// TestEnd: a client that leaves after [DONE] has had the whole answer.
func TestEnd(t *testing.T) {
	for body, want := range map[string]string{answer: "whole", answer[:100]: "abandoned"} {
		s := newStream(time.Now())
		io.WriteString(s.tap, body)
		s.close()
		assert.Equal(t, want, s.end(true))
	}
}

// TestNoStream: a response that is not an event stream is not logged or counted.
func TestNoStream(t *testing.T) {
	s := start(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, `{"choices":[]}`)
	})
	body, err := s.get(chatPath)
	require.NoError(t, err)
	assert.Equal(t, `{"choices":[]}`, string(body))
	assert.Nil(t, s.logged(chatPath))
}

// TestNoBody: a response that cannot have a body is not a truncated stream.
func TestNoBody(t *testing.T) {
	s := start(t, func(w http.ResponseWriter, r *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack() // net/http leaves the type out
		if assert.NoError(t, err) {
			fmt.Fprintf(conn, "HTTP/1.1 %s X\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n", r.URL.Query().Get("status"))
			conn.Close()
		}
	})
	for _, test := range []struct{ method, status string }{{"HEAD", "200"}, {"GET", "204"}, {"GET", "304"}} {
		path := chatPath + "?status=" + test.status
		request, err := http.NewRequest(test.method, s.url+path, nil)
		require.NoError(t, err)
		resp, err := http.DefaultClient.Do(request)
		require.NoError(t, err)
		resp.Body.Close()
		assert.Nil(t, s.logged(path), test)
	}
}

// TestOtherStreams: event streams that are not chat completions, or cannot be read, are counted
// separately and pass unchanged.
func TestOtherStreams(t *testing.T) {
	const responses = "event: response.created\ndata: {\"type\":\"response.created\",\"response\":{}}\n\n"
	const legacy = `data: {"object":"text_completion","choices":[{"text":"Hi","index":0,"finish_reason":null}]}` + "\n\ndata: [DONE]\n\n"
	tests := []struct{ name, path, body, encoding, reason string }{
		{"other path", "/v1/responses", responses, "", "path"},
		{"path that ends alike", "/v1/nochat/completions", answer, "", "path"},
		{"compressed", chatPath, "\x1f\x8b\b\x00", "gzip", "encoding"},
		{"other payloads", chatPath, responses, "", "api"},
		{"legacy completions", chatPath, legacy, "", "api"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := start(t, func(w http.ResponseWriter, r *http.Request) {
				if test.encoding != "" {
					w.Header().Set("Content-Encoding", test.encoding)
				}
				eventStream(test.body)(w, r)
			})
			request, err := http.NewRequest(http.MethodGet, s.url+test.path, nil)
			require.NoError(t, err)
			request.Header.Set("Accept-Encoding", "identity") // or the client would decompress
			resp, err := http.DefaultClient.Do(request)
			require.NoError(t, err)
			defer resp.Body.Close()
			body, err := io.ReadAll(resp.Body)
			require.NoError(t, err)
			assert.Equal(t, test.body, string(body))
			assert.Equal(t, map[string]any{"end": "other", "reason": test.reason}, s.logged(test.path))
			s.counted(fmt.Sprintf(`caddy_chatstream_other_streams_total{reason=%q} 1`, test.reason))
		})
	}
}

// TestPaths: the paths of the directive replace the default.
func TestPaths(t *testing.T) {
	s := start(t, eventStream(answer), "\tchatstream\n", "\tchatstream {\n\t\tpaths /api/chat /openai/*\n\t}\n")
	for path, end := range map[string]string{"/api/chat": "whole", "/openai/x": "whole", chatPath: "other"} {
		_, err := s.get(path)
		require.NoError(t, err)
		assert.Equal(t, end, s.logged(path)["end"], path)
	}
}

// TestImplausibleUsage: one absurd usage does not ruin the counters.
func TestImplausibleUsage(t *testing.T) {
	for _, count := range []string{"-1", "1000000001", "9223372036854775807"} {
		t.Run(count, func(t *testing.T) {
			s := start(t, func(w http.ResponseWriter, r *http.Request) {
				body := answer
				if r.URL.Query().Has("absurd") {
					body = strings.Replace(answer, `"completion_tokens":2`, `"completion_tokens":`+count, 1)
				}
				eventStream(body)(w, r)
			})
			for _, path := range []string{chatPath, chatPath + "?absurd"} {
				_, err := s.get(path)
				require.NoError(t, err)
				s.logged(path)
			}
			s.counted(
				`caddy_chatstream_tokens_total{kind="prompt"} 5`,
				`caddy_chatstream_tokens_total{kind="completion"} 2`,
				`caddy_chatstream_implausible_usage_total 1`,
			)
		})
	}
}

// TestLogIsBounded: model and error of upstream are short, valid and on one line.
func TestLogIsBounded(t *testing.T) {
	long := "\xff" + strings.Repeat("x", 1<<20)
	s := start(t, eventStream(`data: {"model":"`+long+`","choices":[],"error":{"message":"`+long+`"}}`+"\n\ndata: [DONE]\n\n"))
	_, err := s.get(chatPath)
	require.NoError(t, err)
	field := s.logged(chatPath)
	want := "\ufffd" + strings.Repeat("x", maxShown-3) + "…"
	assert.Equal(t, want, field["model"])
	assert.Equal(t, want, field["error"])
}

func TestPrintable(t *testing.T) {
	full := strings.Repeat("x", maxShown)
	for _, test := range []struct{ text, want string }{
		{"", ""},
		{"gpt-4o", "gpt-4o"},
		{"größe 模型 🙂", "größe 模型 🙂"},
		{"a\nb\r\tc\u2028d\u00a0e", "a b  c d e"},
		{"\x1b[31m\x00", "\ufffd[31m\ufffd"},
		{"\u202edcba\u200b\ufeff", "\ufffddcba\ufffd\ufffd"},
		{"a\xff\xc3", "a\ufffd\ufffd"},
		{full, full},
		{full + "x", full + "…"},
		{full[1:] + "ö", full[1:] + "…"},
		{strings.Repeat("\xff", 300), strings.Repeat("\ufffd", maxShown/3) + "…"},
		{strings.Repeat("\u3000", 300), strings.Repeat(" ", maxShown) + "…"},
		{strings.Repeat("\U000e0001", 300), strings.Repeat("\ufffd", maxShown/3) + "…"},
	} {
		assert.Equal(t, test.want, printable(test.text), "%q", test.text)
		assert.Equal(t, test.want, printable([]byte(test.text)), "%q", test.text)
	}
}

// TestMetricsHideNothing: the path /metrics of upstream can still be reached.
func TestMetricsHideNothing(t *testing.T) {
	s := start(t, func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "upstream's") })
	body, err := s.get("/metrics")
	require.NoError(t, err)
	assert.Equal(t, "upstream's", string(body))
}

// TestAcceptEncoding: the request to upstream never allows compression.
func TestAcceptEncoding(t *testing.T) {
	s := start(t, func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.Header["Accept-Encoding"]) })
	body, err := s.get(chatPath) // the client accepts gzip
	require.NoError(t, err)
	assert.Equal(t, "[]", string(body))
}

// TestTimeouts: the Caddyfile limits every wait, but not the length of a stream.
func TestTimeouts(t *testing.T) {
	text, err := os.ReadFile("Caddyfile")
	require.NoError(t, err)
	asJSON, _, err := caddyconfig.GetAdapter("caddyfile").Adapt(text, map[string]any{"filename": "Caddyfile"})
	require.NoError(t, err)
	for _, name := range []string{"read_header_timeout", "idle_timeout", "dial_timeout", "response_header_timeout", "read_timeout"} {
		assert.Contains(t, string(asJSON), `"`+name+`":`)
	}
	assert.NotContains(t, string(asJSON), `"write_timeout":`)
	assert.NotContains(t, string(asJSON), `"stream_timeout":`)
}

func TestDirective(t *testing.T) {
	for _, text := range []string{"chatstream on", "chatstream {\n\t\tfast\n\t}", "chatstream {\n\t\tpaths\n\t}"} {
		_, _, err := caddyconfig.GetAdapter("caddyfile").Adapt([]byte("http://:8080 {\n\t"+text+"\n}\n"), nil)
		assert.Error(t, err, text)
	}
}
