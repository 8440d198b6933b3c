package bench

import (
	"context"
	"fmt"
	"net/http"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
	"github.com/openai/openai-go/v3/packages/ssestream"
)

// The loop with openai-go of docs/migrating.md, as it is before.

func printTextSDK(resp *http.Response) error {
	stream := ssestream.NewStream[openai.ChatCompletionChunk](ssestream.NewDecoder(resp), nil)
	defer stream.Close()
	for stream.Next() {
		chunk := stream.Current()
		for _, choice := range chunk.Choices {
			fmt.Print(choice.Delta.Content)
		}
	}
	return stream.Err()
}

// responseOf has the SDK make the request and hand out the response.
func responseOf(ctx context.Context, client openai.Client, params openai.ChatCompletionNewParams) (*http.Response, error) {
	var resp *http.Response
	err := client.Post(ctx, "chat/completions", params, &resp, option.WithJSONSet("stream", true))
	return resp, err
}

// readSDK is the loop above that notes what it sees.
func readSDK(text string) (s seen) {
	stream := ssestream.NewStream[openai.ChatCompletionChunk](ssestream.NewDecoder(answered(text)), nil)
	defer stream.Close()
	for stream.Next() {
		chunk, text := stream.Current(), ""
		for _, choice := range chunk.Choices {
			text += choice.Delta.Content
		}
		s.content(text)
	}
	s.err(stream.Err())
	return s
}
