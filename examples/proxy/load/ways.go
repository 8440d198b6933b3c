package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httputil"
	"net/url"
	"sync/atomic"

	"github.com/seed-08fc7208/chatstream"
	"github.com/seed-08fc7208/chatstream/examples/proxy/internal/observe"
	"github.com/seed-08fc7208/chatstream/examples/proxy/internal/relay"
)

// The ways in which a stream may come from upstream to a client.
const (
	direct = "direct" // without a proxy: what the delays are measured against
	plain  = "plain"  // net/http/httputil.ReverseProxy
	again  = "again"  // and once more
	tapped = "tap"    // and a Tap that knows the usage and the first text
	whole  = "proxy"  // examples/proxy with all its metrics
	naive  = "naive"  // and the same as tap with bufio and encoding/json
)

func wayNames() []string { return []string{plain, again, tapped, whole, naive} }

// newWay returns the proxy of a way.
func newWay(name string, target *url.URL) (http.Handler, error) {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.DisableCompression = true
	switch name {
	case plain, again:
		return reverseProxy(target, transport, nil), nil
	case tapped:
		return reverseProxy(target, transport, tapBody), nil
	case naive:
		return reverseProxy(target, transport, naiveBody), nil
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

// naiveChunk is the part of a chunk that programs usually declare.
type naiveChunk struct {
	ID      string `json:"id"`
	Object  string `json:"object"`
	Created int64  `json:"created"`
	Model   string `json:"model"`
	Choices []struct {
		Index int `json:"index"`
		Delta struct {
			Role      string `json:"role"`
			Content   string `json:"content"`
			Refusal   string `json:"refusal"`
			ToolCalls []struct {
				Index    int    `json:"index"`
				ID       string `json:"id"`
				Function struct {
					Name      string `json:"name"`
					Arguments string `json:"arguments"`
				} `json:"function"`
			} `json:"tool_calls"`
		} `json:"delta"`
		FinishReason *string `json:"finish_reason"`
	} `json:"choices"`
	Usage *struct {
		PromptTokens     int64 `json:"prompt_tokens"`
		CompletionTokens int64 `json:"completion_tokens"`
		TotalTokens      int64 `json:"total_tokens"`
	} `json:"usage"`
}

// naive reads lines, decodes those with data, and passes on what it has read.
type naiveReader struct {
	io.Closer
	lines *bufio.Reader
	ready []byte
	shown bool
	err   error
}

func naiveBody(body io.ReadCloser) io.ReadCloser {
	return &naiveReader{Closer: body, lines: bufio.NewReader(body)}
}

func (n *naiveReader) Read(p []byte) (int, error) {
	for len(n.ready) == 0 && n.err == nil {
		n.readLines()
	}
	if len(n.ready) == 0 {
		return 0, n.err
	}
	size := copy(p, n.ready)
	n.ready = n.ready[size:]
	return size, nil
}

// readLines reads the lines that came together, so that they are sent together.
func (n *naiveReader) readLines() {
	n.ready = n.ready[:0]
	for more := true; more && n.err == nil; more = n.lines.Buffered() > 0 {
		var line []byte
		line, n.err = n.lines.ReadBytes('\n')
		n.ready = append(n.ready, line...)
		if data, ok := bytes.CutPrefix(line, []byte("data: ")); ok {
			n.look(data)
		}
	}
}

func (n *naiveReader) look(data []byte) {
	var chunk naiveChunk
	if json.Unmarshal(data, &chunk) != nil {
		return
	}
	if chunk.Usage != nil {
		counted.tokens.Add(chunk.Usage.TotalTokens)
	}
	if !n.shown && len(chunk.Choices) > 0 && chunk.Choices[0].Delta.Content != "" {
		counted.texts.Add(1)
		n.shown = true
	}
}
