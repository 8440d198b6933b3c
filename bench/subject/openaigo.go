package subject

import (
	"io"
	"net/http"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/packages/ssestream"
)

// openaiGo is OpenAI's own SDK, its stream and its chunk.
func openaiGo() *Subject {
	return &Subject{
		Name:       SDK,
		Module:     "github.com/openai/openai-go/v3",
		Not:        "fields for reasoning; it ends at an error event and at the first payload that does not fit",
		Blind:      []Kind{Reasoning, ReasoningToo},
		NewStream:  func() Stream { return new(openaiStream) },
		NewPayload: func() Payload { return new(openaiStream) },
		NewPushed:  func(int) Fleet { return new(pushedOpenAI) },
		NewPulled:  newPulledOpenAI,
	}
}

// openaiStream has what a response would bring and a program would not pay for here.
type openaiStream struct {
	response http.Response
	body     bodyOf
}

// bodyOf makes a reader the body of a response.
type bodyOf struct{ io.Reader }

func (bodyOf) Close() error { return nil }

func (s *openaiStream) Decode(r io.Reader, a *Answer) (t Tally, err error) {
	s.body = bodyOf{r}
	s.response = http.Response{StatusCode: http.StatusOK, Body: &s.body}
	stream := ssestream.NewStream[openai.ChatCompletionChunk](ssestream.NewDecoder(&s.response), nil)
	for stream.Next() {
		chunk := stream.Current()
		t.Chunks++
		if a != nil {
			tellOpenAI(&chunk, a)
		}
	}
	if err := stream.Err(); err != nil {
		t.Refused++
		// It never goes on, and its users expect that: the stream is over.
		_, _ = io.Copy(io.Discard, r)
	}
	return t, nil
}

func (s *openaiStream) Unmarshal(payloads [][]byte, a *Answer) (t Tally) {
	for _, p := range payloads {
		var chunk openai.ChatCompletionChunk
		if chunk.UnmarshalJSON(p) != nil {
			t.Refused++
			continue
		}
		t.Chunks++
		if a != nil {
			tellOpenAI(&chunk, a)
		}
	}
	return t
}

func tellOpenAI(c *openai.ChatCompletionChunk, a *Answer) {
	a.Head(c.ID, c.Model, c.Created)
	a.Add(Padding, 0, c.Obfuscation)
	if c.JSON.Usage.Valid() {
		a.Usage(c.Usage.PromptTokens, c.Usage.CompletionTokens, c.Usage.TotalTokens)
	}
	for _, c := range c.Choices {
		d := &c.Delta
		a.Add(Content, c.Index, d.Content)
		a.Add(Refusal, c.Index, d.Refusal)
		a.Add(Finish, c.Index, c.FinishReason)
		a.Add(Audio, c.Index, d.Audio.Transcript+d.Audio.Data)
		for _, t := range d.ToolCalls {
			a.Tool(c.Index, t.Index, t.ID, t.Function.Name, t.Function.Arguments)
		}
		for _, t := range c.Logprobs.Content {
			a.Logprob(c.Index, t.Token, t.Logprob, t.Bytes, len(t.TopLogprobs))
		}
	}
}
