package subject

import (
	"errors"
	"io"

	"github.com/seed-08fc7208/chatstream"
)

// ours is the library that this is about: one decoder and one chunk, used again.
func ours() *Subject {
	return &Subject{
		Name:       Ours,
		NewStream:  func() Stream { return newOurs() },
		NewPayload: func() Payload { return newOurs() },
		NewPushed:  newTaps,
		NewPulled:  newDecoders,
	}
}

type oursStream struct {
	d     *chatstream.Decoder
	chunk chatstream.CreateChatCompletionData
}

func newOurs() *oursStream {
	return &oursStream{d: chatstream.NewDecoder(nil, chatstream.WithMaxEventSize(maxLine))}
}

func (s *oursStream) Decode(r io.Reader, a *Answer) (t Tally, err error) {
	s.d.Reset(r)
	for {
		err := s.d.Decode(&s.chunk)
		if err == nil {
			t.Chunks++
			if a != nil {
				tellOurs(&s.chunk, a)
			}
			continue
		}
		switch {
		case err == io.EOF:
			return t, nil
		case isAPIError(err):
			t.Chunks++ // the chunk is there, beside the error in it
			t.Errors++
		case goesOn(err):
			t.Refused++
		case errors.Is(err, io.ErrUnexpectedEOF):
			t.Cut++
			return t, nil
		default:
			return t, err
		}
		if a != nil {
			tellOurs(&s.chunk, a)
		}
	}
}

func (s *oursStream) Unmarshal(payloads [][]byte, a *Answer) (t Tally) {
	for _, p := range payloads {
		if err := chatstream.Unmarshal(p, &s.chunk); err != nil {
			if !isAPIError(err) {
				t.Refused++
				continue
			}
			t.Errors++
		}
		t.Chunks++
		if a != nil {
			tellOurs(&s.chunk, a)
		}
	}
	return t
}

func isAPIError(err error) bool {
	var api *chatstream.APIError
	return errors.As(err, &api) && !errors.Is(err, chatstream.ErrNotEventStream)
}

func goesOn(err error) bool {
	var syntax *chatstream.SyntaxError
	return errors.As(err, &syntax) || errors.Is(err, chatstream.ErrEventTooLarge)
}

func tellOurs(c *chatstream.CreateChatCompletionData, a *Answer) {
	a.Head(c.ID.Value.String(), c.Model.Value.String(), int64(c.Created.Value))
	a.Add(Padding, 0, c.Obfuscation.Value.String())
	if u, ok := c.Usage.Get(); ok {
		a.Usage(u.PromptTokens.Value, u.CompletionTokens.Value, u.TotalTokens.Value)
	}
	for i := range c.Choices {
		tellOurChoice(&c.Choices[i], a)
	}
}

func tellOurChoice(c *chatstream.Choice, a *Answer) {
	index, d := c.Index.Value, &c.Delta
	a.Add(Content, index, d.Content.Value.String())
	a.Add(Refusal, index, d.Refusal.Value.String())
	a.Add(Reasoning, index, d.Reasoning.Value.String())
	a.Add(ReasoningToo, index, d.ReasoningContent.Value.String())
	a.Add(Finish, index, string(c.FinishReason.Value))
	for _, t := range d.ToolCalls.Value {
		if f, ok := t.Function.Get(); ok {
			a.Tool(index, t.Index.Value, t.ID.Value.String(), f.Name.Value.String(), f.Arguments.Value.String())
		}
	}
	if audio := d.Audio.Value; audio != nil {
		a.Add(Audio, index, audio.Transcript.Value.String()+audio.Data.Value.String())
	}
	if logprobs := c.Logprobs.Value; logprobs != nil {
		for _, t := range logprobs.Content.Value {
			a.Logprob(index, t.Token.Value.String(), t.Logprob.Value, t.Bytes.Value, len(t.TopLogprobs.Value))
		}
	}
}
