package subject

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"math"
	"net/http"

	"github.com/sashabaranov/go-openai"
)

// goOpenAI is the most used client that is not OpenAI's. Its stream is only to be
// had through its client, so a request is made (and not sent) for each stream.
func goOpenAI() *Subject {
	return &Subject{
		Name:   "go-openai",
		Module: "github.com/sashabaranov/go-openai",
		Not: "fields for audio, obfuscation and reasoning (only reasoning_content); an error ends it; " +
			"the time has the making of one request per stream",
		Blind:      []Kind{Audio, Padding, Reasoning},
		NewStream:  func() Stream { return newGoOpenAI() },
		NewPayload: func() Payload { return newGoOpenAI() },
	}
}

type goOpenAIStream struct {
	client *openai.Client
	server canned
}

// canned answers every request with the same response.
type canned struct {
	response http.Response
	body     bodyOf
}

func (c *canned) Do(*http.Request) (*http.Response, error) { return &c.response, nil }

func newGoOpenAI() *goOpenAIStream {
	s := new(goOpenAIStream)
	config := openai.DefaultConfig("none")
	config.HTTPClient = &s.server
	config.EmptyMessagesLimit = math.MaxInt // counts comments and blank lines
	s.client = openai.NewClientWithConfig(config)
	return s
}

func (s *goOpenAIStream) Decode(r io.Reader, a *Answer) (t Tally, err error) {
	s.server.body = bodyOf{r}
	s.server.response = http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: &s.server.body}
	stream, err := s.client.CreateChatCompletionStream(context.Background(),
		openai.ChatCompletionRequest{Model: "harbour", Stream: true})
	if err != nil {
		return t, err
	}
	defer stream.Close()
	for {
		chunk, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return t, nil
		}
		if err != nil {
			t.Refused++
			_, _ = io.Copy(io.Discard, r)
			return t, nil
		}
		t.Chunks++
		if a != nil {
			tellGoOpenAI(&chunk, a)
		}
	}
}

func (s *goOpenAIStream) Unmarshal(payloads [][]byte, a *Answer) (t Tally) {
	for _, p := range payloads {
		var chunk openai.ChatCompletionStreamResponse
		if json.Unmarshal(p, &chunk) != nil {
			t.Refused++
			continue
		}
		t.Chunks++
		if a != nil {
			tellGoOpenAI(&chunk, a)
		}
	}
	return t
}

func tellGoOpenAI(c *openai.ChatCompletionStreamResponse, a *Answer) {
	a.Head(c.ID, c.Model, c.Created)
	if u := c.Usage; u != nil {
		a.Usage(int64(u.PromptTokens), int64(u.CompletionTokens), int64(u.TotalTokens))
	}
	for _, c := range c.Choices {
		index, d := int64(c.Index), &c.Delta
		a.Add(Content, index, d.Content)
		a.Add(Refusal, index, d.Refusal)
		a.Add(ReasoningToo, index, d.ReasoningContent)
		a.Add(Finish, index, string(c.FinishReason))
		for _, t := range d.ToolCalls {
			a.Tool(index, int64(or(t.Index)), t.ID, t.Function.Name, t.Function.Arguments)
		}
		if c.Logprobs != nil {
			for _, t := range c.Logprobs.Content {
				a.Logprob(index, t.Token, t.Logprob, t.Bytes, len(t.TopLogprobs))
			}
		}
	}
}
