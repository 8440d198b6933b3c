// Package clients_test holds Texts, Ambiguous and Disambiguate against what the clients openai-go and go-openai show.
package clients_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	sdk "github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/packages/respjson"
	"github.com/openai/openai-go/v3/packages/ssestream"
	"github.com/sashabaranov/go-openai"
	"github.com/stretchr/testify/require"

	"github.com/seed-08fc7208/chatstream"
)

// shown is a text that a client shows of a chunk.
type shown struct {
	kind chatstream.SurfaceKind
	text string
}

// answer has all texts that a client shows of a chunk. refused means that the client returned an error instead of the chunk, or
// beside a part of it.
type answer struct {
	texts   []shown
	refused bool
}

func (a *answer) add(kind chatstream.SurfaceKind, text string) {
	if text != "" {
		a.texts = append(a.texts, shown{kind, text})
	}
}

// client reads the payload of one event as one of the real modules does, its reading of the stream included.
type client struct {
	name string
	read func(t *testing.T, payload []byte) answer
	// kinds are the texts that it has fields for.
	kinds []chatstream.SurfaceKind
}

var clients = []client{
	{"openai-go", readSDK, []chatstream.SurfaceKind{
		chatstream.SurfaceContent, chatstream.SurfaceRefusal, chatstream.SurfaceReasoning, chatstream.SurfaceReasoningContent,
		chatstream.SurfaceToolCallName, chatstream.SurfaceToolCallArguments,
		chatstream.SurfaceFunctionCallName, chatstream.SurfaceFunctionCallArguments, chatstream.SurfaceTranscript,
	}},
	{"go-openai", readGoOpenAI, []chatstream.SurfaceKind{
		chatstream.SurfaceContent, chatstream.SurfaceRefusal, chatstream.SurfaceReasoningContent,
		chatstream.SurfaceToolCallName, chatstream.SurfaceToolCallArguments,
		chatstream.SurfaceFunctionCallName, chatstream.SurfaceFunctionCallArguments,
	}},
}

// response has the payload as the only event of a stream.
func response(payload []byte) *http.Response {
	return &http.Response{
		StatusCode: http.StatusOK,
		Header:     http.Header{"Content-Type": {"text/event-stream"}},
		Body:       io.NopCloser(strings.NewReader("data: " + string(payload) + "\n\n")),
	}
}

func readSDK(_ *testing.T, payload []byte) (a answer) {
	stream := ssestream.NewStream[sdk.ChatCompletionChunk](ssestream.NewDecoder(response(payload)), nil)
	defer stream.Close()
	next := stream.Next()
	chunk := stream.Current()
	for i := range chunk.Choices {
		d := &chunk.Choices[i].Delta
		a.add(chatstream.SurfaceContent, d.Content)
		a.add(chatstream.SurfaceRefusal, d.Refusal)
		for _, call := range d.ToolCalls {
			a.add(chatstream.SurfaceToolCallName, call.Function.Name)
			a.add(chatstream.SurfaceToolCallArguments, call.Function.Arguments)
		}
		a.addField(chatstream.SurfaceReasoning, d.JSON.ExtraFields["reasoning"])
		a.add(chatstream.SurfaceTranscript, d.Audio.Transcript)
		a.addField(chatstream.SurfaceReasoningContent, d.JSON.ExtraFields["reasoning_content"])
		//lint:ignore SA1019 servers still send it, and the client still shows it
		call := d.FunctionCall
		a.add(chatstream.SurfaceFunctionCallName, call.Name)
		a.add(chatstream.SurfaceFunctionCallArguments, call.Arguments)
	}
	if next {
		return a
	}
	a.refused = true
	var failure *ssestream.StreamError
	if errors.As(stream.Err(), &failure) {
		a.add(chatstream.SurfaceError, strings.TrimPrefix(failure.Message, "received error while streaming: "))
	}
	return a
}

// addField adds a field that openai-go knows nothing of, as its users read it: if it is a string.
func (a *answer) addField(kind chatstream.SurfaceKind, field respjson.Field) {
	var text string
	if json.Unmarshal([]byte(field.Raw()), &text) == nil {
		a.add(kind, text)
	}
}

// canned answers every request with the same response.
type canned struct{ response *http.Response }

func (c canned) Do(*http.Request) (*http.Response, error) { return c.response, nil }

func readGoOpenAI(t *testing.T, payload []byte) (a answer) {
	config := openai.DefaultConfig("none")
	config.HTTPClient = canned{response(payload)}
	stream, err := openai.NewClientWithConfig(config).CreateChatCompletionStream(context.Background(), openai.ChatCompletionRequest{Model: "m"})
	require.NoError(t, err)
	defer stream.Close()
	chunk, err := stream.Recv()
	for i := range chunk.Choices {
		d := &chunk.Choices[i].Delta
		a.add(chatstream.SurfaceContent, d.Content)
		a.add(chatstream.SurfaceRefusal, d.Refusal)
		for _, call := range d.ToolCalls {
			a.add(chatstream.SurfaceToolCallName, call.Function.Name)
			a.add(chatstream.SurfaceToolCallArguments, call.Function.Arguments)
		}
		a.add(chatstream.SurfaceReasoningContent, d.ReasoningContent)
		if d.FunctionCall != nil {
			a.add(chatstream.SurfaceFunctionCallName, d.FunctionCall.Name)
			a.add(chatstream.SurfaceFunctionCallArguments, d.FunctionCall.Arguments)
		}
	}
	a.refused = err != nil
	var failure *openai.APIError
	if errors.As(err, &failure) {
		a.add(chatstream.SurfaceError, failure.Message)
	}
	return a
}
