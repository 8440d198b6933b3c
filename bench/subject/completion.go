package subject

import (
	"encoding/json"

	"github.com/bytedance/sonic"
	"github.com/openai/openai-go/v3"
	goopenai "github.com/sashabaranov/go-openai"

	"github.com/seed-08fc7208/chatstream"
)

// Whole is one way to decode an answer that was not streamed. Decode returns the text of
// the first choice and the count of all tokens.
type Whole struct {
	Name   string
	Decode func(payload []byte) (text string, tokens int64, err error)
}

// Wholes lists them: ours first. The structs of go-openai are those that encoding/json and
// sonic fill.
func Wholes() []Whole {
	var ours chatstream.Completion
	return []Whole{
		{Ours, func(payload []byte) (string, int64, error) {
			if err := chatstream.UnmarshalCompletion(payload, &ours); err != nil {
				return "", 0, err
			}
			return ours.Choices[0].Message.Content.Value.String(), ours.Usage.Value.TotalTokens.Value, nil
		}},
		{"sonic fastest", func(payload []byte) (string, int64, error) {
			return ofGoOpenAI(payload, sonic.ConfigFastest.Unmarshal)
		}},
		{"encoding/json", func(payload []byte) (string, int64, error) { return ofGoOpenAI(payload, json.Unmarshal) }},
		{SDK, func(payload []byte) (string, int64, error) {
			var c openai.ChatCompletion
			if err := json.Unmarshal(payload, &c); err != nil {
				return "", 0, err
			}
			return c.Choices[0].Message.Content, c.Usage.TotalTokens, nil
		}},
	}
}

// ofGoOpenAI fills the struct of go-openai.
func ofGoOpenAI(payload []byte, unmarshal func([]byte, any) error) (string, int64, error) {
	var c goopenai.ChatCompletionResponse
	if err := unmarshal(payload, &c); err != nil {
		return "", 0, err
	}
	return c.Choices[0].Message.Content, int64(c.Usage.TotalTokens), nil
}
