package main

import (
	"context"
	"io"
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestMetrics: what each stream leaves in the metrics.
func TestMetrics(t *testing.T) {
	for model, want := range map[string]map[string]string{
		"openai-text": {
			"streams_total": "1", "streams_open": "0", "chunks_total": "42", "bytes_total": "14047", "chunk_gap_seconds_count": "41",
			"time_to_first_text_seconds_count": "1", "truncations_total": "0", "abandoned_total": "0",
			`tokens_total{kind="prompt",model="gpt-4.1-mini-2025-04-14"}`:     "19",
			`tokens_total{kind="completion",model="gpt-4.1-mini-2025-04-14"}`: "38",
		},
		"only-done": {"chunks_total": "0", "time_to_first_text_seconds_count": "0", "truncations_total": "0"},
		"truncated": {"truncations_total": "1", "abandoned_total": "0"},
		"openrouter-error": {
			`upstream_errors_total{kind="in_stream"}`: "1", "truncations_total": "0",
			`tokens_total{kind="prompt",model="harbor/harbor-mini:free"}`: "31", // they stand beside the error
		},
		"syntax-error": {`decode_errors_total{kind="syntax"}`: "1"},
	} {
		t.Run(model, func(t *testing.T) {
			f := start(t)
			f.stream(model)
			for name, value := range want {
				f.requireMetric(name, value)
			}
		})
	}
}

// TestFirstText: the role's chunk is no text, and neither is an empty one.
func TestFirstText(t *testing.T) {
	const role = `data: {"choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}` + "\n\n"
	const text = `data: {"choices":[{"index":0,"delta":{"reasoning":"Hm"},"finish_reason":"stop"}]}` + "\n\n"
	const wait = 60 * time.Millisecond
	f := start(t, withUpstream(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
		io.WriteString(w, role)
		w.(http.Flusher).Flush()
		time.Sleep(wait)
		io.WriteString(w, text+text+"data: [DONE]\n\n")
	})...)
	f.stream("x")
	f.requireMetric("time_to_first_text_seconds_count", "1")
	f.requireMetric(`time_to_first_text_seconds_bucket{le="0.0501"}`, "0")
}

func TestUpstreamErrors(t *testing.T) {
	const body = `{"error":{"message":"slow down"}}`
	f := start(t, withUpstream(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "7")
		w.WriteHeader(http.StatusTooManyRequests)
		io.WriteString(w, body)
	})...)
	resp := f.post(t.Context(), "{}")
	require.Equal(t, http.StatusTooManyRequests, resp.StatusCode)
	require.Equal(t, "7", resp.Header.Get("Retry-After"))
	got, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.Equal(t, body, string(got))
	f.requireMetric(`upstream_errors_total{kind="status_429"}`, "1")
}

// TestUpgrade: another protocol passes, and is no error.
func TestUpgrade(t *testing.T) {
	f := start(t, withUpstream(t, func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err == nil {
			io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\nhello")
			conn.Close()
		}
	})...)
	request, err := http.NewRequest(http.MethodGet, f.url+"/v1/realtime", nil)
	require.NoError(t, err)
	request.Header = http.Header{"Connection": {"Upgrade"}, "Upgrade": {"x"}}
	resp, err := f.client.Do(request)
	require.NoError(t, err)
	defer resp.Body.Close()
	require.Equal(t, http.StatusSwitchingProtocols, resp.StatusCode)
	got, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.Equal(t, "hello", string(got))
	require.NotContains(t, f.metrics(), `upstream_errors_total{kind="status_101"}`)
}

func TestUnreachable(t *testing.T) {
	f := start(t, "-upstream", "http://127.0.0.1:1")
	resp := f.post(t.Context(), "{}")
	require.Equal(t, http.StatusBadGateway, resp.StatusCode)
	got, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.Equal(t, `{"error":{"message":"no answer from upstream","type":"upstream_error"}}`, string(got))
	f.requireMetric(`upstream_errors_total{kind="unreachable"}`, "1")
}

// TestBrokenUpstream: a connection that breaks breaks for the client too.
func TestBrokenUpstream(t *testing.T) {
	f := start(t, withUpstream(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		io.WriteString(w, chunk("Hi"))
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	})...)
	got, err := io.ReadAll(f.post(t.Context(), "{}").Body)
	require.Error(t, err)
	require.Equal(t, chunk("Hi"), string(got))
	f.requireMetric("truncations_total", "1")
	f.requireMetric("streams_open", "0")
}

// TestClientGone: upstream is closed at once when the client is gone.
func TestClientGone(t *testing.T) {
	for name, more := range map[string]bool{"while upstream waits": false, "while upstream writes": true} {
		t.Run(name, func(t *testing.T) {
			gone := make(chan bool)
			f := start(t, withUpstream(t, func(w http.ResponseWriter, r *http.Request) {
				defer close(gone)
				w.Header().Set("Content-Type", "text/event-stream")
				for r.Context().Err() == nil {
					io.WriteString(w, "data: {}\n\n")
					w.(http.Flusher).Flush()
					if !more {
						<-r.Context().Done()
					}
				}
			})...)
			ctx, cancel := context.WithCancel(t.Context())
			resp := f.post(ctx, "{}")
			_, err := resp.Body.Read(make([]byte, 10))
			require.NoError(t, err)
			cancel()
			select {
			case <-gone:
			case <-time.After(20 * time.Second):
				require.FailNow(t, "upstream goes on")
			}
			f.requireMetric("abandoned_total", "1")
			f.requireMetric("truncations_total", "0")
			f.requireMetric("streams_open", "0")
		})
	}
}

// TestEncoded: the bytes of a stream that was compressed unasked pass through, and
// the metrics say that they were not seen.
func TestEncoded(t *testing.T) {
	flags := withUpstream(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Accept-Encoding") != "" {
			w.WriteHeader(http.StatusTeapot)
		}
		w.Header().Set("Content-Type", "text/event-stream")
		w.Header().Set("Content-Encoding", "br")
		io.WriteString(w, "\x01\x02\x03")
	})
	f := start(t, flags...)
	require.Equal(t, "\x01\x02\x03", string(f.stream("x")))
	f.requireMetric(`decode_errors_total{kind="content_encoding"}`, "1")

	f = start(t, append(flags, "-refuse", "word")...)
	require.Equal(t, http.StatusBadGateway, f.post(t.Context(), "{}").StatusCode, "a guard would be blind")
	f.requireMetric(`decode_errors_total{kind="content_encoding"}`, "1")
}

// TestNotAStream: other answers pass through unseen.
func TestNotAStream(t *testing.T) {
	f := start(t, withUpstream(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, `{"path":"`+r.URL.Path+`"}`)
	})...)
	resp, err := f.client.Get(f.url + "/v1/models?x=1")
	require.NoError(t, err)
	defer resp.Body.Close()
	got, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.Equal(t, `{"path":"/v1/models"}`, string(got))
	f.requireMetric("streams_total", "0")
}

// TestModelLabels: upstream can't make as many time series as it likes.
func TestModelLabels(t *testing.T) {
	n := 0
	f := start(t, withUpstream(t, func(w http.ResponseWriter, _ *http.Request) {
		n++
		w.Header().Set("Content-Type", "text/event-stream")
		io.WriteString(w, `data: {"model":"m`+strconv.Itoa(n)+`","usage":{"prompt_tokens":1}}`+"\n\ndata: [DONE]\n\n")
	})...)
	for range 120 {
		f.stream("x")
	}
	f.requireMetric(`tokens_total{kind="prompt",model="other"}`, "20")
}
