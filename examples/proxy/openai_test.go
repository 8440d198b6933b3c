package main

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
	"github.com/openai/openai-go/v3/packages/ssestream"
	"github.com/stretchr/testify/require"
)

// The tests of this file use the proxy as programs do: through the official client.

func (f *fixture) openAI() openai.Client {
	return openai.NewClient(
		option.WithBaseURL(f.url+"/v1"),
		option.WithAPIKey("none"),
		option.WithHTTPClient(f.client),
		option.WithMaxRetries(0),
	)
}

// ask streams a completion.
func (f *fixture) ask(ctx context.Context, model string) *ssestream.Stream[openai.ChatCompletionChunk] {
	f.t.Helper()
	client := f.openAI()
	stream := client.Chat.Completions.NewStreaming(ctx, openai.ChatCompletionNewParams{
		Model:    model,
		Messages: []openai.ChatCompletionMessageParamUnion{openai.UserMessage("Hello")},
	})
	f.t.Cleanup(func() { stream.Close() })
	return stream
}

// answer reads a stream to its end.
func answer(stream *ssestream.Stream[openai.ChatCompletionChunk]) (openai.ChatCompletionAccumulator, error) {
	var all openai.ChatCompletionAccumulator
	for stream.Next() {
		all.AddChunk(stream.Current())
	}
	return all, stream.Err()
}

// sent is what a test stream says, by another reader than the ones under test.
func sent(t *testing.T, name string) (content string, usage int64) {
	t.Helper()
	for line := range strings.Lines(string(testStreams(t)[name])) {
		var chunk struct {
			Choices []struct{ Delta struct{ Content string } }
			Usage   struct {
				TotalTokens int64 `json:"total_tokens"`
			}
		}
		if data, ok := strings.CutPrefix(line, "data: {"); ok {
			require.NoError(t, json.Unmarshal([]byte("{"+data), &chunk))
			for _, choice := range chunk.Choices {
				content += choice.Delta.Content
			}
			usage = max(usage, chunk.Usage.TotalTokens)
		}
	}
	return content, usage
}

func TestOpenAIText(t *testing.T) {
	f := start(t)
	content, usage := sent(t, "openai-text")
	require.NotEmpty(t, content)
	all, err := answer(f.ask(t.Context(), "openai-text"))
	require.NoError(t, err)
	require.Equal(t, content, all.Choices[0].Message.Content)
	require.Equal(t, "stop", all.Choices[0].FinishReason)
	require.Equal(t, usage, all.Usage.TotalTokens)
}

func TestOpenAITools(t *testing.T) {
	f := start(t)
	all, err := answer(f.ask(t.Context(), "openai-tools-parallel"))
	require.NoError(t, err)
	require.Equal(t, "tool_calls", all.Choices[0].FinishReason)
	calls := all.Choices[0].Message.ToolCalls
	require.Len(t, calls, 2)
	for _, call := range calls {
		require.NotEmpty(t, call.ID)
		require.NotEmpty(t, call.Function.Name)
		require.True(t, json.Valid([]byte(call.Function.Arguments)), call.Function.Arguments)
	}
	require.NotEqual(t, calls[0].ID, calls[1].ID)
}

// contentOf is the content of one choice of a test stream.
func contentOf(t *testing.T, name string, index int) (content string) {
	t.Helper()
	for line := range strings.Lines(string(testStreams(t)[name])) {
		var chunk struct {
			Choices []struct {
				Index int
				Delta struct{ Content string }
			}
		}
		if data, ok := strings.CutPrefix(line, "data: {"); ok {
			require.NoError(t, json.Unmarshal([]byte("{"+data), &chunk))
			for _, choice := range chunk.Choices {
				if choice.Index == index {
					content += choice.Delta.Content
				}
			}
		}
	}
	require.NotEmpty(t, content)
	return content
}

// TestOpenAIChoices: n = 2.
func TestOpenAIChoices(t *testing.T) {
	all, err := answer(start(t).ask(t.Context(), "openai-n2"))
	require.NoError(t, err)
	require.Len(t, all.Choices, 2)
	for i, choice := range all.Choices {
		require.Equal(t, contentOf(t, "openai-n2", i), choice.Message.Content)
		require.NotEmpty(t, choice.FinishReason)
	}
}

func TestOpenAIErrorInStream(t *testing.T) {
	f := start(t)
	all, err := answer(f.ask(t.Context(), "openrouter-error"))
	require.ErrorContains(t, err, "error while streaming")
	require.NotEmpty(t, all.Choices, "what came before the error")
	f.requireMetric(`upstream_errors_total{kind="in_stream"}`, "1")
}

func TestOpenAIErrorStatus(t *testing.T) {
	f := start(t, withUpstream(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusUnauthorized)
		io.WriteString(w, `{"error":{"message":"no such key","type":"invalid_request_error","code":"invalid_api_key"}}`)
	})...)
	_, err := answer(f.ask(t.Context(), "x"))
	var apiErr *openai.Error
	require.ErrorAs(t, err, &apiErr)
	require.Equal(t, "invalid_api_key", apiErr.Code)
	f.requireMetric(`upstream_errors_total{kind="status_401"}`, "1")
}

// TestOpenAICancel: a client that has seen enough cancels; upstream stops.
func TestOpenAICancel(t *testing.T) {
	gone := make(chan bool)
	f := start(t, withUpstream(t, func(w http.ResponseWriter, r *http.Request) {
		defer close(gone)
		w.Header().Set("Content-Type", "text/event-stream")
		for r.Context().Err() == nil {
			io.WriteString(w, `data: {"object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"and "}}]}`+"\n\n")
			w.(http.Flusher).Flush()
			time.Sleep(time.Millisecond)
		}
	})...)
	ctx, cancel := context.WithCancel(t.Context())
	stream := f.ask(ctx, "x")
	for range 3 {
		require.True(t, stream.Next(), "%v", stream.Err())
	}
	cancel()
	select {
	case <-gone:
	case <-time.After(20 * time.Second):
		require.FailNow(t, "upstream goes on")
	}
	for stream.Next() {
	}
	require.ErrorIs(t, stream.Err(), context.Canceled)
	f.requireMetric("streams_open", "0")
	f.requireMetric("abandoned_total", "1")
}

// TestOpenAIClose: so does one that closes the stream.
func TestOpenAIClose(t *testing.T) {
	f := start(t, "-pace", "20ms")
	stream := f.ask(t.Context(), "openai-text")
	require.True(t, stream.Next(), "%v", stream.Err())
	require.NoError(t, stream.Close())
	f.requireMetric("abandoned_total", "1")
}

func TestOpenAIRename(t *testing.T) {
	f := start(t, "-rename", "public=openai-text")
	content, _ := sent(t, "openai-text")
	stream := f.ask(t.Context(), "public")
	var got string
	for stream.Next() {
		chunk := stream.Current()
		require.Equal(t, "public", chunk.Model)
		if len(chunk.Choices) > 0 {
			got += chunk.Choices[0].Delta.Content
		}
	}
	require.NoError(t, stream.Err())
	require.Equal(t, content, got)
}

func TestOpenAIRefused(t *testing.T) {
	content, _ := sent(t, "openai-text")
	words := strings.Fields(content)
	word := words[len(words)/2]
	f := start(t, "-refuse", strings.ToUpper(word))
	all, err := answer(f.ask(t.Context(), "openai-text"))
	require.ErrorContains(t, err, "refuses")
	before, _, _ := strings.Cut(content, word)
	require.True(t, strings.HasPrefix(before, all.Choices[0].Message.Content), "the word's beginning is held back")
	f.requireMetric(`refusals_total{reason="word"}`, "1")
	f.requireMetric("streams_open", "0")

	all, err = answer(f.ask(t.Context(), "mistral-text"))
	require.NoError(t, err, "an answer without the word is whole")
	require.NotEmpty(t, all.Choices[0].Message.Content)
}

func TestOpenAIUsage(t *testing.T) {
	asked := make(chan string, 2)
	f := start(t, append(withUpstream(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		asked <- string(body)
		w.Header().Set("Content-Type", "text/event-stream")
		w.Write(testStreams(t)["openai-text"])
	}), "-usage")...)
	_, usage := sent(t, "openai-text")

	stream := f.ask(t.Context(), "x")
	for stream.Next() {
		require.NotEmpty(t, stream.Current().Choices, "the client did not ask for the usage")
	}
	require.NoError(t, stream.Err())
	require.Contains(t, <-asked, `"stream_options":{"include_usage":true}`)
	f.requireMetric(`tokens_total{kind="prompt",model="gpt-4.1-mini-2025-04-14"}`, "19")

	client := f.openAI()
	stream = client.Chat.Completions.NewStreaming(t.Context(), openai.ChatCompletionNewParams{
		Model:         "x",
		StreamOptions: openai.ChatCompletionStreamOptionsParam{IncludeUsage: openai.Bool(true)},
	})
	all, err := answer(stream)
	require.NoError(t, err)
	require.Equal(t, usage, all.Usage.TotalTokens, "and this one did")
	require.Equal(t, 1, strings.Count(<-asked, "include_usage"))
}
