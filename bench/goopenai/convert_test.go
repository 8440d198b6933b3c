package goopenai

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/sashabaranov/go-openai"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-08fc7208/chatstream"
	"github.com/seed-08fc7208/chatstream/bench/workload"
	"github.com/seed-08fc7208/chatstream/internal/testing/chunkgen"
)

func Example() {
	stream := strings.NewReader(`data: {"id":"1","object":"chat.completion.chunk","created":1700000000,"model":"harbor-mini","choices":[{"index":0,"delta":{"content":"Hello"},"finish_reason":null}]}

data: {"id":"1","object":"chat.completion.chunk","created":1700000000,"model":"harbor-mini","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}

data: [DONE]

`)
	d := chatstream.NewDecoder(stream)
	defer d.Close()
	var converter Converter
	var kept []openai.ChatCompletionStreamResponse
	for chunk, err := range d.All() {
		if err != nil {
			fmt.Println(err)
			return
		}
		kept = append(kept, converter.Response(chunk)) // chunk is overwritten; a response is not
	}
	for _, response := range kept {
		choice := response.Choices[0]
		fmt.Printf("%s %q %q\n", response.Model, choice.Delta.Content, choice.FinishReason)
	}
	// Output:
	// harbor-mini "Hello" ""
	// harbor-mini "" "stop"
}

// goOpenAI reads a payload as go-openai does, with encoding/json, but for these differences, which chunkgen.Plain takes
// out of the payload: of a repeated member the last one counts, a member of another type is left out instead of being
// an error (a list with such an element, or one too long to be built, too), names match exactly, and an integer may be
// written as 3.0 or 1e2. Two differences are here: a created that is no integer is cut off, and one beyond 1<<53 rounded; members that only Azure
// sends are left out where they have another type, too.
func goOpenAI(t *testing.T, payload []byte) (response openai.ChatCompletionStreamResponse, differs bool) {
	t.Helper()
	tree, err := chunkgen.Parse(payload)
	require.NoError(t, err)
	var x chunkgen.Exceptions
	err = json.Unmarshal([]byte(chunkgen.Plain(tree, &x)), &response)
	var mismatch *json.UnmarshalTypeError
	if errors.As(err, &mismatch) && isElsewhere(mismatch.Field) { // all else has been read
		return response, true
	}
	require.NoError(t, err, "%s", payload)
	return response, false
}

// isElsewhere reports whether a member is none that chunkgen.Plain takes care of.
func isElsewhere(field string) bool {
	return field == "created" || strings.Contains(field, "filter_results") || strings.Contains(field, "prompt_annotations")
}

// conversions checks, after all have been made, that each is what go-openai reads, and at
// once that the same is read into a struct that has been used before.
type conversions struct {
	converter Converter
	chunk     chatstream.Chunk
	payloads  [][]byte
	got       []openai.ChatCompletionStreamResponse
	used      openai.ChatCompletionStreamResponse
}

func (c *conversions) add(t *testing.T, payload []byte) {
	t.Helper()
	var syntax *chatstream.SyntaxError
	if errors.As(chatstream.Unmarshal(payload, &c.chunk), &syntax) {
		return
	}
	response := c.converter.Response(&c.chunk)
	c.converter.Convert(&c.used, &c.chunk)
	if !assert.ObjectsAreEqual(response, c.used) {
		require.Equal(t, response, c.used, "%.2000s", payload)
	}
	c.payloads = append(c.payloads, payload)
	c.got = append(c.got, response)
}

func (c *conversions) check(t *testing.T) {
	t.Helper()
	for i, payload := range c.payloads {
		want, differs := goOpenAI(t, payload)
		if differs || float64(want.Created) == float64(c.got[i].Created) {
			want.Created = c.got[i].Created
		}
		if differs {
			want.PromptFilterResults, want.PromptAnnotations = c.got[i].PromptFilterResults, c.got[i].PromptAnnotations
		}
		if !assert.ObjectsAreEqual(want, c.got[i]) {
			require.Equal(t, want, c.got[i], "%.2000s", payload)
		}
	}
}

// TestConvertGenerated: of generated chunks, those that keep to the schema and those that do not.
func TestConvertGenerated(t *testing.T) {
	for _, wild := range []bool{false, true} {
		var c conversions
		for seed := range uint64(3000) {
			c.add(t, chunkgen.NewGen(seed, wild).Payload())
		}
		for _, site := range chunkgen.Sites() {
			for _, value := range []string{`null`, `1`, `3.0`, `"a"`, `[]`, `[null]`, `{}`, `[{}]`, `true`, `"\u00e9\n"`} {
				c.add(t, []byte(site.With(value)))
			}
		}
		require.Greater(t, len(c.got), 3000)
		c.check(t)
	}
}

// TestConvertAzure: what go-openai has beyond the schema.
func TestConvertAzure(t *testing.T) {
	const filter = `"content_filter_results":{"hate":{"filtered":true,"severity":"high"},"self_harm":{"filtered":false,"severity":"safe"},"sexual":{"severity":"low"},` +
		`"violence":{"filtered":true},"jailbreak":{"filtered":true,"detected":false},"profanity":{"filtered":false,"detected":true},"protected_material_code":{"detected":true}}`
	var c conversions
	for _, payload := range []string{
		`{"prompt_filter_results":[{"prompt_index":0,"index":2,` + filter + `},{}],"choices":[]}`,
		`{"prompt_annotations":[{"prompt_index":3,` + filter + `}],"choices":[]}`,
		`{"prompt_filter_results":[],"prompt_annotations":null}`,
		`{"choices":[{"index":0,"delta":{"content":"a"},` + filter + `},{"index":1,"delta":{},"content_filter_results":{}},{"content_filter_results":null}]}`,
		`{"choices":[{"index":0,"delta":{}}]}`, // nothing of the one before is left
	} {
		c.add(t, []byte(payload))
	}
	require.Len(t, c.got, 5)
	require.Equal(t, "high", c.got[0].PromptFilterResults[0].ContentFilterResults.Hate.Severity)
	require.True(t, c.got[3].Choices[0].ContentFilterResults.Profanity.Detected)
	c.check(t)
}

// TestConvertWorkloads: of all streams that the benchmarks have, the recorded ones too where there are any.
func TestConvertWorkloads(t *testing.T) {
	list, missing := workload.All()
	if missing != nil {
		t.Log(missing)
	}
	for _, w := range list {
		t.Run(w.Name, func(t *testing.T) {
			var c conversions
			for _, payload := range w.Payloads {
				c.add(t, payload)
			}
			c.check(t)
		})
	}
}

// TestConvertKeeps: a response stays as it is when the next chunk is converted. A struct that is
// used again is overwritten, but for the texts that were taken from it.
func TestConvertKeeps(t *testing.T) {
	var c Converter
	var chunk chatstream.Chunk
	convert := func(content string, fn func()) {
		t.Helper()
		payload := []byte(`{"choices":[{"index":0,"delta":{"content":"` + content + `","tool_calls":[{"index":1,"function":{"arguments":"` + content + `"}}]},` +
			`"logprobs":{"content":[{"token":"` + content + `","bytes":[1,2],"top_logprobs":[{"token":"` + content + `"}]}]}}],"usage":{"total_tokens":3}}`)
		require.NoError(t, chatstream.Unmarshal(payload, &chunk))
		fn()
		for i := range payload {
			payload[i] = 'x'
		}
	}
	var first, second, again openai.ChatCompletionStreamResponse
	convert("one", func() { first = c.Response(&chunk) })
	convert("two", func() { second = c.Response(&chunk) })
	convert("one", func() { again = c.Response(&chunk) })
	require.Equal(t, again, first)
	require.Equal(t, "two", second.Choices[0].Logprobs.Content[0].TopLogprobs[0].Token)

	choices, text := first.Choices, first.Choices[0].Delta.Content
	convert("three", func() { c.Convert(&first, &chunk) })
	require.Equal(t, "one", text)
	require.Equal(t, "three", choices[0].Delta.Content, "the list is used again")
	require.Equal(t, "two", second.Choices[0].Delta.ToolCalls[0].Function.Arguments)
}
