package chatstream_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"

	"github.com/seed-08fc7208/chatstream"
)

// The code of docs/guides/metering.md.

// bill has the tokens of a stream.
type bill struct {
	model     string
	tokens    int64
	truncated bool
}

// meterUsage calls report with the bill of resp, once its body is closed.
func meterUsage(resp *http.Response, report func(bill)) {
	var b bill
	tap := chatstream.NewTap(func(chunk *chatstream.Chunk, err error) {
		if errors.Is(err, io.ErrUnexpectedEOF) {
			b.truncated = true
		}
		if b.model == "" {
			b.model = chunk.Model.Value.String()
		}
		if usage, ok := chunk.Usage.Get(); ok {
			b.tokens = usage.TotalTokens.Or(b.tokens) // the last usage counts, never the sum
		}
	})
	resp.Body = &meteredBody{tap.Body(resp.Body), func() { report(b) }}
}

type meteredBody struct {
	io.ReadCloser
	closed func()
}

func (b *meteredBody) Close() error {
	err := b.ReadCloser.Close() // ends the stream for the Tap
	b.closed()
	return err
}

// askForUsage sets stream_options.include_usage in the body of a request.
func askForUsage(r *http.Request) error {
	body, err := io.ReadAll(io.LimitReader(r.Body, 32<<20))
	if err != nil {
		return err
	}
	body, err = chatstream.AppendSet(nil, body, chatstream.RawValue("true"), "stream_options", "include_usage")
	if err != nil {
		return err // no JSON object, or stream_options is no object
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	r.ContentLength = int64(len(body))
	return nil
}

// A proxy that asks for the usage of every stream and reports it at the end.
func Example_metering() {
	var asked string
	answer := upstream()
	defer answer.Close()
	model := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		asked = string(body)
		answer.Config.Handler.ServeHTTP(w, r)
	}))
	defer model.Close()
	target, _ := url.Parse(model.URL)

	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			r.Out.Header.Set("Accept-Encoding", "identity")
			if err := askForUsage(r.Out); err != nil {
				fmt.Println(err)
			}
		},
		ModifyResponse: func(resp *http.Response) error {
			if strings.HasPrefix(resp.Header.Get("Content-Type"), "text/event-stream") {
				meterUsage(resp, func(b bill) { fmt.Println("tokens:", b.tokens, "truncated:", b.truncated) })
			}
			return nil
		},
	}

	r := httptest.NewRequest(http.MethodPost, "/v1/chat/completions", strings.NewReader(`{"model":"harbor-mini","stream":true}`))
	w := httptest.NewRecorder()
	proxy.ServeHTTP(w, r)
	fmt.Println(asked)
	// Output:
	// tokens: 12 truncated: false
	// {"model":"harbor-mini","stream":true,"stream_options":{"include_usage":true}}
}
