package relay

import (
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed-08fc7208/chatstream/examples/proxy/internal/observe"
)

// TestMemoryOfRequests: what is held of requests is bounded, one by one and together,
// and is given back.
func TestMemoryOfRequests(t *testing.T) {
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Write(body)
	}))
	defer upstream.Close()
	target, err := url.Parse(upstream.URL)
	require.NoError(t, err)
	r := New(Options{Upstream: target, InjectUsage: true, Metrics: observe.NewMetrics(), Transport: http.DefaultTransport, ErrorLog: log.New(io.Discard, "", 0)})
	post := func(body io.Reader, size int64) int {
		request := httptest.NewRequest(http.MethodPost, "/v1/chat/completions", body)
		request.ContentLength = size
		answer := httptest.NewRecorder()
		r.ServeHTTP(answer, request)
		return answer.Code
	}
	for range 3 {
		require.Equal(t, 200, post(strings.NewReader(`{"stream":true}`), 15))
		require.Equal(t, 200, post(strings.NewReader(`{"stream":true}`), -1), "it does not say how long it is")
		require.Equal(t, 413, post(strings.NewReader("{}"), maxRequest+1))
		require.Equal(t, 413, post(io.LimitReader(spaces{}, maxRequest+1), -1))
	}
	require.True(t, r.memory.TryAcquire(maxRequests), "all was given back")
	require.Equal(t, 503, post(strings.NewReader("{}"), 2))
	r.memory.Release(4)
	require.Equal(t, 200, post(strings.NewReader("{}"), 2))
	require.Equal(t, 503, post(strings.NewReader("{}"), -1))
}

type spaces struct{}

func (spaces) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}
