package migrating_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"testing"

	"github.com/sashabaranov/go-openai"
	"github.com/stretchr/testify/require"
)

// The loop with go-openai of docs/migrating.md, as it is before.

func printFinish(stream *openai.ChatCompletionStream) error {
	for {
		chunk, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		for _, choice := range chunk.Choices {
			if choice.FinishReason != "" {
				fmt.Println(choice.FinishReason)
			}
		}
	}
}

// requestBody is the request that is made with net/http afterwards.
func requestBody(model string, messages []openai.ChatCompletionMessage) ([]byte, error) {
	body, err := json.Marshal(openai.ChatCompletionRequest{Model: model, Messages: messages, Stream: true})
	return body, err
}

func TestMigratingGoOpenAIRequest(t *testing.T) {
	body, err := requestBody("m", nil)
	require.NoError(t, err)
	require.JSONEq(t, `{"model":"m","messages":null,"stream":true}`, string(body))
}

// canned answers every request with the same response.
type canned struct{ response *http.Response }

func (c canned) Do(*http.Request) (*http.Response, error) { return c.response, nil }

func goOpenAIStream(resp *http.Response) (*openai.ChatCompletionStream, error) {
	config := openai.DefaultConfig("none")
	config.HTTPClient = canned{resp}
	return openai.NewClientWithConfig(config).CreateChatCompletionStream(context.Background(), openai.ChatCompletionRequest{Model: "m", Stream: true})
}

func printFinishGoOpenAI(resp *http.Response) error {
	stream, err := goOpenAIStream(resp)
	if err != nil {
		return err
	}
	defer stream.Close()
	return printFinish(stream)
}

// readGoOpenAI is the loop above that notes what it sees.
func readGoOpenAI(text string) (s seen) {
	stream, err := goOpenAIStream(answered(text))
	if err != nil {
		s.err(err)
		return s
	}
	defer stream.Close()
	for {
		chunk, err := stream.Recv()
		if err != nil {
			s.err(err)
			return s
		}
		text := ""
		for _, choice := range chunk.Choices {
			text += choice.Delta.Content
		}
		s.content(text)
	}
}
