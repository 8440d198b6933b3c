package chatstream_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"

	"github.com/seed-08fc7208/chatstream"
)

// upstream stands for a server with a model behind it.
func upstream() *httptest.Server {
	return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		for _, event := range []string{
			`data: {"choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}`,
			`data: {"choices":[{"index":0,"delta":{"content":"Hello, "}}]}`,
			`data: {"choices":[{"index":0,"delta":{"content":"world"},"finish_reason":"stop"}]}`,
			`data: {"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":3,"total_tokens":12}}`,
			`data: [DONE]`,
		} {
			io.WriteString(w, event+"\n\n")
			w.(http.Flusher).Flush()
		}
	}))
}

// The usage of every stream that passes through a reverse proxy. The client gets the bytes of
// upstream unchanged and without delay. The example in docs/guides/metering.md reports the usage at
// the end of each stream.
func ExampleTap_Body() {
	model := upstream()
	defer model.Close()
	target, _ := url.Parse(model.URL)

	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			r.Out.Header.Set("Accept-Encoding", "identity") // a Tap cannot read a compressed stream
		},
		ModifyResponse: func(resp *http.Response) error {
			if !strings.HasPrefix(resp.Header.Get("Content-Type"), "text/event-stream") {
				return nil // an answer that is not streamed, or an error page
			}
			tap := chatstream.NewTap(func(chunk *chatstream.Chunk, err error) {
				if err != nil {
					fmt.Println("error:", err) // the chunk is never nil
				}
				if usage, ok := chunk.Usage.Get(); ok { // it may come beside an error
					fmt.Println("tokens:", usage.TotalTokens.Value)
				}
			})
			resp.Body = tap.Body(resp.Body)
			return nil
		},
	}
	front := httptest.NewServer(proxy)
	defer front.Close()

	resp, err := http.Get(front.URL)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	fmt.Println("events:", strings.Count(string(body), "\n\n"))
	// Output:
	// tokens: 12
	// events: 5
}

// A Tap is an io.Writer: what is copied through it may come in pieces of any size.
func ExampleNewTap() {
	tap := chatstream.NewTap(func(chunk *chatstream.CreateChatCompletionData, err error) {
		if err != nil {
			fmt.Println(err)
			return
		}
		for surface, text := range chunk.Texts() {
			fmt.Printf("%s: %s\n", surface.Kind, text)
		}
	})
	for _, piece := range []string{
		`data: {"choices":[{"index":0,"del`, `ta":{"content":"One"}}]}` + "\n\n" + `data: {"cho`,
		`ices":[{"index":0,"delta":{"refusal":"no more"}}]}` + "\n\n",
	} {
		io.WriteString(tap, piece)
	}
	tap.Close()
	// Output:
	// content: One
	// refusal: no more
	// chatstream: event 2 at byte 122: the stream ends without [DONE] and before every choice has its finish reason: unexpected EOF
}
