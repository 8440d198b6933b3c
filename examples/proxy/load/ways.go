package main

import (
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httputil"
	"net/url"
	"sync/atomic"

	"github.com/bytedance/sonic"

	"github.com/seed-08fc7208/chatstream"
	"github.com/seed-08fc7208/chatstream/examples/proxy/internal/observe"
	"github.com/seed-08fc7208/chatstream/examples/proxy/internal/relay"
)

// The ways in which a stream may come from upstream to a client.
const (
	direct    = "direct" // without a proxy: what the delays are measured against
	plain     = "plain"  // net/http/httputil.ReverseProxy
	again     = "again"  // and once more
	tapped    = "tap"    // and a Tap that knows the usage and the first text
	whole     = "proxy"  // examples/proxy with all its metrics
	withSonic = "sonic"  // the same as tap the naive way: bufio, and sonic (fastest)
	withJSON  = "json"   // and with encoding/json
)

func wayNames() []string { return []string{plain, again, tapped, whole, withSonic, withJSON} }

// newWay returns the proxy of a way.
func newWay(name string, target *url.URL) (http.Handler, error) {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.DisableCompression = true
	switch name {
	case plain, again:
		return reverseProxy(target, transport, nil), nil
	case tapped:
		return reverseProxy(target, transport, tapBody), nil
	case withSonic:
		return reverseProxy(target, transport, naive(sonic.ConfigFastest.Unmarshal).body), nil
	case withJSON:
		return reverseProxy(target, transport, naive(json.Unmarshal).body), nil
	case whole:
		return relay.New(relay.Options{Upstream: target, Metrics: observe.NewMetrics(), Transport: transport, ErrorLog: quiet}), nil
	}
	return nil, fmt.Errorf("no way %q", name)
}

// quiet is for the errors of clients that go when their time is over.
var quiet = log.New(io.Discard, "", 0)

func reverseProxy(target *url.URL, transport http.RoundTripper, body func(io.ReadCloser) io.ReadCloser) http.Handler {
	return &httputil.ReverseProxy{
		Rewrite:       func(r *httputil.ProxyRequest) { r.SetURL(target) },
		Transport:     transport,
		FlushInterval: -1,
		ErrorLog:      quiet,
		ModifyResponse: func(resp *http.Response) error {
			if body != nil {
				resp.Body = body(resp.Body)
			}
			return nil
		},
	}
}

// counted has what both decoders find, so that neither does it for nothing.
var counted struct{ tokens, texts atomic.Int64 }

func tapBody(body io.ReadCloser) io.ReadCloser {
	shown := false
	return chatstream.NewTap(func(chunk *chatstream.CreateChatCompletionData, err error) {
		if err != nil {
			return
		}
		if usage, ok := chunk.Usage.Get(); ok {
			counted.tokens.Add(usage.TotalTokens.Value)
		}
		if shown {
			return
		}
		for range chunk.Texts() {
			counted.texts.Add(1)
			shown = true
			return
		}
	}).Body(body)
}
