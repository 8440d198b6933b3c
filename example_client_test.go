package chatstream_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/seed-08fc7208/chatstream"
)

// The code of docs/guides/client.md.

// ask sends a request and writes the text of the answer as it comes. The context ends
// the request, and the answer with it.
func ask(ctx context.Context, w io.Writer, url, request string) (*chatstream.Completion, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(request))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+os.Getenv("OPENAI_API_KEY"))
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, err
	}
	d, err := chatstream.FromResponse(resp)
	if err != nil {
		return nil, err // an *APIError if the status is not 2xx
	}
	defer d.Close() // and the body
	var answer chatstream.Accumulator
	for chunk, err := range d.All() {
		if err != nil {
			return nil, err
		}
		for _, choice := range chunk.Choices {
			fmt.Fprint(w, choice.Delta.Content.Value)
		}
		if err := answer.Add(chunk); err != nil {
			return nil, err
		}
	}
	return answer.Completion(), nil
}

// A client with a deadline for the whole answer.
func Example_client() {
	model := upstream()
	defer model.Close()

	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	completion, err := ask(ctx, os.Stdout, model.URL, `{"model":"harbor-mini","stream":true,"messages":[{"role":"user","content":"Hi"}]}`)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("\n%s, %d tokens\n", completion.Choices[0].FinishReason.Value, completion.Usage.Value.TotalTokens.Value)
	// Output:
	// Hello, world
	// stop, 12 tokens
}
