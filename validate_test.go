package chatstream_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/seed-08fc7208/chatstream"
	"github.com/seed-08fc7208/chatstream/internal/testing/chunkgen"
	"github.com/stretchr/testify/require"
)

// reasons has a word of what Validate says, for each of its kinds of objection.
var reasons = map[string]string{
	chunkgen.Missing: "missing", chunkgen.NotNull: "null", chunkgen.WrongType: " belongs| in range", chunkgen.NotInEnum: "not one of", chunkgen.Duplicate: "repeated", chunkgen.TooLong: "too long",
}

// TestValidateEveryMember: every violation of every member, by its path.
func TestValidateEveryMember(t *testing.T) {
	count := map[string]int{}
	for _, s := range chunkgen.Sites() {
		payloads := []string{s.Before[:strings.LastIndex(s.Before, "{")+1] + s.After, s.With("null")}
		for _, v := range append(values[s.Member.Kind].misfit, values[s.Member.Kind].fit...) {
			payloads = append(payloads, s.With(v), s.With(v+`,"`+s.Member.Name+`":`+v))
		}
		for _, payload := range payloads {
			c := new(chunk)
			_ = chatstream.Unmarshal([]byte(payload), c) // an APIError perhaps
			said := objections(t, c.Validate())
			for _, want := range chunkgen.Objections([]byte(payload)) {
				count[want.What]++
				require.Regexp(t, reasons[want.What], fmt.Sprint(said[want.Path]), "%s in %.200s", want.Path, payload)
			}
		}
	}
	for _, what := range []string{chunkgen.Missing, chunkgen.NotNull, chunkgen.WrongType, chunkgen.NotInEnum, chunkgen.Duplicate} {
		require.NotZero(t, count[what], what)
	}
	t.Logf("objections: %v", count)
}

// objections takes what Validate returned apart: the reasons by path.
func objections(t *testing.T, err error) map[string][]string {
	t.Helper()
	said := map[string][]string{}
	if err == nil {
		return said
	}
	joined, ok := err.(interface{ Unwrap() []error })
	require.True(t, ok, "a caller can take them one by one")
	for _, e := range joined.Unwrap() {
		var v *chatstream.ValidationError
		require.ErrorAs(t, e, &v)
		require.Contains(t, v.Error(), v.Path)
		require.NotEmpty(t, v.Reason)
		said[v.Path] = append(said[v.Path], v.Reason)
	}
	return said
}

func TestValidate(t *testing.T) {
	for _, test := range []struct {
		name, payload string
		paths         []string
	}{
		{"nothing", `{}`, []string{"choices", "object"}},
		{"usage null and an absent finish_reason, as ordinary providers send them", `{"object":"chat.completion.chunk","usage":null,"choices":[{"delta":{}}]}`, []string{"usage", "choices[0].finish_reason"}},
		{"a final chunk", `{"object":"chat.completion.chunk","choices":[],"usage":{"total_tokens":1}}`, nil},
		{"deep paths", `{"object":"chat.completion.chunk","choices":[{"finish_reason":null,"delta":{}},{"finish_reason":null,"delta":{"content":1,"tool_calls":[{},{"function":{"name":null}}]},"logprobs":{"content":[{"token":"t","logprob":0,"bytes":[],"top_logprobs":[{"token":1,"logprob":0,"bytes":[]}]}],"refusal":[]}}]}`,
			[]string{"choices[1].delta.content", "choices[1].delta.tool_calls[1].function.name", "choices[1].logprobs.content[0].top_logprobs[0].token"}},
		{"misshapen is not missing too", `{"object":1,"choices":{}}`, []string{"object", "choices"}},
		{"null is not missing too", `{"object":null,"choices":[{"delta":null,"finish_reason":null,"logprobs":{"content":null,"refusal":null}}]}`, []string{"object", "choices[0].delta", "choices[0].logprobs.content", "choices[0].logprobs.refusal"}},
		{"repeated and misshapen are two objections", `{"object":"chat.completion.chunk","choices":[],"id":"a","id":1}`, []string{"id", "id"}},
		{"repeated thrice is one", `{"object":"chat.completion.chunk","choices":[],"id":"a","id":"b","id":"c","x":1,"x":2,"x":3}`, []string{"id", "x"}},
		{"repeated in a repeated one that does not count", `{"object":"chat.completion.chunk","choices":[{"x":1,"x":2}],"choices":[]}`, []string{"choices"}},
		{"unknown members are none", `{"object":"chat.completion.chunk","choices":[],"x":null,"Object":1}`, nil},
		{"extensions may be null", `{"object":"chat.completion.chunk","choices":[{"finish_reason":null,"delta":{"reasoning_content":null,"function_call":null,"tool_calls":[{"index":null}]}}],"service_tier":null,"obfuscation":null,"provider":null,"error":null}`, nil},
		{"empty enumerations", `{"object":"","choices":[{"finish_reason":"","delta":{"role":""}}]}`, []string{"object", "choices[0].finish_reason", "choices[0].delta.role"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := unmarshal(t, test.payload)
			var got []string
			for path, said := range objections(t, c.Validate()) {
				for range said {
					got = append(got, path)
				}
			}
			require.ElementsMatch(t, test.paths, got)
		})
	}
}

// TestValidateFilter: a caller can filter common violations.
func TestValidateFilter(t *testing.T) {
	c := unmarshal(t, `{"object":"chat.completion.chunk","usage":null,"choices":[{"delta":{"role":"model"}}]}`)
	var rest []error
	for _, err := range c.Validate().(interface{ Unwrap() []error }).Unwrap() {
		var v *chatstream.ValidationError
		if errors.As(err, &v) && (v.Path == "usage" || strings.HasSuffix(v.Path, ".finish_reason")) {
			continue
		}
		rest = append(rest, err)
	}
	require.Len(t, rest, 1)
	require.ErrorContains(t, rest[0], "choices[0].delta.role")
}

// TestValidateCallersChunk: a chunk that a caller has built is checked like any other.
func TestValidateCallersChunk(t *testing.T) {
	require.NotPanics(t, func() {
		c := &chunk{Extra: []chatstream.Member{{Name: chatstream.Text("id")}, {}}}
		require.Contains(t, objections(t, c.Validate()), "id")
	}, "a member without a value, which AppendJSON writes as null")
	c := &chunk{Object: chatstream.ObjectChatCompletionChunk, Choices: []chatstream.Choice{{FinishReason: chatstream.Null[chatstream.FinishReason]()}}}
	require.NoError(t, c.Validate())
}
