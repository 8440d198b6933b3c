package migrating_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
	"github.com/openai/openai-go/v3/packages/ssestream"
	"github.com/stretchr/testify/require"
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

// TestMigratingSDKRequest: the SDK asks for a stream and leaves its body unread.
func TestMigratingSDKRequest(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("Content-Type", "text/event-stream")
		fmt.Fprintf(w, "%s %s", r.URL.Path, body)
	}))
	defer server.Close()
	client := openai.NewClient(option.WithBaseURL(server.URL), option.WithAPIKey("none"))
	resp, err := responseOf(t.Context(), client, openai.ChatCompletionNewParams{Model: "m"})
	require.NoError(t, err)
	defer resp.Body.Close()
	asked, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.Equal(t, `/chat/completions {"model":"m","stream":true}`, string(asked))
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
