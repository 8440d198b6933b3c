package chatstream_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/seed-08fc7208/chatstream"
)

// A client: the answer of a model, word by word.
func ExampleFromResponse() {
	model := upstream()
	defer model.Close()

	resp, err := http.Get(model.URL)
	if err != nil {
		fmt.Println(err)
		return
	}
	d, err := chatstream.FromResponse(resp)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer d.Close() // and with it the body
	for chunk, err := range d.All() {
		if err != nil {
			fmt.Println(err)
			return
		}
		for _, choice := range chunk.Choices {
			fmt.Print(choice.Delta.Content.Value)
		}
	}
	fmt.Println()
	// Output:
	// Hello, world
}

// An error of the server before the stream has begun.
func ExampleFromResponse_error() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, `{"error":{"message":"Rate limit reached","type":"requests","code":"rate_limit_exceeded"}}`, http.StatusTooManyRequests)
	}))
	defer server.Close()

	resp, err := http.Get(server.URL)
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = chatstream.FromResponse(resp)
	var apiErr *chatstream.APIError
	if errors.As(err, &apiErr) {
		fmt.Println(apiErr.StatusCode, apiErr.Code)
		fmt.Println(err)
	}
	// Output:
	// 429 rate_limit_exceeded
	// chatstream: 429 Too Many Requests: error from the provider: Rate limit reached (type requests) (code rate_limit_exceeded)
}
