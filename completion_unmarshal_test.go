package chatstream_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-08fc7208/chatstream"
)

// wholeCompletion is an answer that was not streamed, with every member.
const wholeCompletion = `{"id":"chatcmpl-1","object":"chat.completion","created":1750000000,"model":"m","provider":"p","service_tier":"default","system_fingerprint":"fp",` +
	`"choices":[{"index":0,"message":{"role":"assistant","content":"a\n\u00e9","refusal":null,"reasoning":"r","reasoning_content":"rc","reasoning_signature":"s","redacted_reasoning":"x",` +
	`"tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{\"a\":1}"}},{"id":"c2","type":"function","function":{"name":"g","arguments":"{}"}}],` +
	`"function_call":{"name":"old","arguments":"{}"},"audio":{"id":"au","transcript":"t","data":"ZGF0YQ==","expires_at":1750000001},"annotations":[{"type":"url_citation"}]},` +
	`"logprobs":{"content":[{"token":"a","logprob":-0.1,"bytes":[97],"top_logprobs":[{"token":"a","logprob":-0.1,"bytes":null}]}],"refusal":null},"finish_reason":"stop","native_finish_reason":"STOP"},` +
	`{"index":1,"message":{"content":[{"type":"text","text":"part"}]},"finish_reason":"length"}],` +
	`"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3,"cost":0.5,"prompt_tokens_details":{"cached_tokens":1},"completion_tokens_details":null},"x":[1,2]}`

// TestUnmarshalCompletion: each member is in its field, or in Extra if it has no field.
func TestUnmarshalCompletion(t *testing.T) {
	var c chatstream.Completion
	require.NoError(t, chatstream.UnmarshalCompletion([]byte(wholeCompletion), &c))
	assert.Equal(t, chatstream.ObjectChatCompletion, c.Object)
	assert.Equal(t, "m", c.Model.Value.String())
	require.Len(t, c.Choices, 2)
	m := c.Choices[0].Message
	assert.Equal(t, "a\n\u00e9", m.Content.Value.String())
	assert.True(t, m.Refusal.IsNull())
	require.Len(t, m.ToolCalls.Value, 2)
	assert.Equal(t, `{"a":1}`, m.ToolCalls.Value[0].Function.Value.Arguments.Value.String())
	assert.Equal(t, "t", m.Audio.Value.Transcript.Value.String())
	assert.Equal(t, "annotations", m.Extra[0].Name.String())
	assert.Equal(t, []int64{97}, c.Choices[0].Logprobs.Value.Content.Value[0].Bytes.Value)
	assert.Equal(t, "native_finish_reason", c.Choices[0].Extra[0].Name.String())
	assert.True(t, c.Choices[1].Message.Content.IsAbsent())
	assert.Equal(t, `[{"type":"text","text":"part"}]`, c.Choices[1].Message.ContentParts.String())
	assert.True(t, c.Choices[1].Truncated())
	assert.False(t, c.Choices[0].Truncated())
	assert.EqualValues(t, 3, c.Usage.Value.TotalTokens.Value)
	assert.Equal(t, "0.5", c.Usage.Value.Cost.Value.String())
	assert.True(t, c.Usage.Value.CompletionTokensDetails.IsNull())
	assert.True(t, equalJSON([]byte(wholeCompletion), c.AppendJSON(nil)))

	again := c.Clone()
	want := string(c.AppendJSON(nil))
	require.NoError(t, chatstream.UnmarshalCompletion([]byte(`{}`), &c))
	assert.Equal(t, "{}", string(c.AppendJSON(nil)), "every field is overwritten")
	assert.Equal(t, want, string(again.AppendJSON(nil)), "a clone keeps the answer")
}

// TestUnmarshalCompletionIsLossless: for every JSON object AppendJSON gives the same value.
func TestUnmarshalCompletionIsLossless(t *testing.T) {
	var used chatstream.Completion
	check := func(payload string) {
		t.Helper()
		if !json.Valid([]byte(payload)) {
			return
		}
		var syntax *chatstream.SyntaxError
		if err := chatstream.UnmarshalCompletion([]byte(payload), &used); err != nil {
			require.NotErrorAs(t, err, &syntax, payload)
		}
		require.True(t, equalJSON([]byte(payload), used.AppendJSON(nil)), "%s\n%s", payload, used.AppendJSON(nil))
		var again chatstream.Completion
		require.NoError(t, json.Unmarshal([]byte(payload), &again))
		require.True(t, again.Equal(used), payload)
		require.True(t, used.Clone().Equal(used), payload)
	}
	everyValue(func(payload string) { // a chunk's members in the places of an answer's
		check(strings.ReplaceAll(payload, `"delta":`, `"message":`))
		check(payload)
	})
	for _, content := range []string{`null`, `""`, `[]`, `{}`, `7`, `true`, `[{"type":"text"}]`, `{"a":1}`, "[1,\n2]"} {
		check(`{"choices":[{"message":{"content":` + content + `}}]}`)
		check(`{"choices":[{"message":{"content":"a","content":` + content + `}}]}`)
		check(`{"choices":[{"message":{"content":` + content + `,"content":"b"}}]}`)
	}
	for _, payload := range []string{wholeCompletion, `{"object":""}`, `{"choices":[]}`, `{"choices":null}`, `{"choices":[{}]}`, `{"choices":[{"message":null}]}`, `{"choices":[{"message":{}}]}`} {
		check(payload)
	}
}

// TestUnmarshalCompletionErrors: the same errors as those of a chunk, and an empty answer.
func TestUnmarshalCompletionErrors(t *testing.T) {
	c := new(chatstream.Completion)
	for _, payload := range []string{"", "[]", "{", `{"a":}`, `{"choices":[{"message":{"content":"a}}]}`, wholeCompletion + "x", "1"} {
		require.NoError(t, chatstream.UnmarshalCompletion([]byte(wholeCompletion), c))
		var syntax, want *chatstream.SyntaxError
		require.ErrorAs(t, chatstream.UnmarshalCompletion([]byte(payload), c), &syntax, payload)
		require.ErrorAs(t, chatstream.Unmarshal([]byte(payload), new(chunk)), &want)
		assert.Equal(t, want.Offset, syntax.Offset, payload)
		assert.Equal(t, "{}", string(c.AppendJSON(nil)), payload)
	}
	for _, payload := range []string{`{"error":{"message":"m","code":5}}`, `{"error":"m"}`, `{"object":"error","message":"m"}`} {
		var api, want *chatstream.APIError
		require.ErrorAs(t, chatstream.UnmarshalCompletion([]byte(payload), c), &api, payload)
		require.ErrorAs(t, chatstream.Unmarshal([]byte(payload), new(chunk)), &want)
		assert.Equal(t, want.Error(), api.Error())
	}
}

// TestUnmarshalCompletionReuse: no value of one answer appears in the next.
func TestUnmarshalCompletionReuse(t *testing.T) {
	var used chatstream.Completion
	payloads := []string{wholeCompletion, `{}`, `{"choices":[{"message":{"tool_calls":[{}]}}]}`, wholeCompletion, `{"usage":{}}`}
	for _, payload := range payloads {
		var fresh chatstream.Completion
		require.NoError(t, chatstream.UnmarshalCompletion([]byte(payload), &used))
		require.NoError(t, chatstream.UnmarshalCompletion([]byte(payload), &fresh))
		assert.True(t, used.Equal(fresh), payload)
		for i := range used.Choices {
			used.Choices[i].Message.Content = someText("vandalised")
			used.Choices[i].Extra = append(used.Choices[i].Extra, chatstream.Member{Name: chatstream.Text("v")})
		}
	}
	if instrumented {
		return
	}
	data := []byte(wholeCompletion)
	assert.Zero(t, testing.AllocsPerRun(20, func() { _ = chatstream.UnmarshalCompletion(data, &used) }), "when warm")
}

// TestUnmarshalCompletionOfStreams: the completion of a stream, written and read again.
func TestUnmarshalCompletionOfStreams(t *testing.T) {
	files, err := filepath.Glob("testdata/*.sse")
	require.NoError(t, err)
	recordings, err := filepath.Glob("../shared/captures/*/*.sse")
	require.NoError(t, err)
	if len(recordings) == 0 {
		t.Log("no recordings here")
	}
	for _, name := range append(files, recordings...) {
		stream, err := os.ReadFile(name)
		require.NoError(t, err)
		var a chatstream.Accumulator
		for c, err := range chatstream.NewDecoder(strings.NewReader(string(stream))).All() {
			if err == nil {
				require.NoError(t, a.Add(c), name)
			}
		}
		written := a.Completion().AppendJSON(nil)
		var c chatstream.Completion
		_ = chatstream.UnmarshalCompletion(written, &c) // an APIError perhaps
		require.True(t, equalJSON(written, c.AppendJSON(nil)), name)
	}
}

func ExampleUnmarshalCompletion() {
	body := []byte(`{"object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"Hello"},"finish_reason":"stop"}]}`)
	var c chatstream.Completion
	if err := chatstream.UnmarshalCompletion(body, &c); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(c.Choices[0].Message.Content)
	// Output: Hello
}

// TestUnmarshalCompletionContent: content is a text, or parts where it is a list or an
// object; of a member that is repeated the last one counts.
func TestUnmarshalCompletionContent(t *testing.T) {
	values := map[string]struct {
		content chatstream.Optional[chatstream.Text]
		parts   string
		extra   int
	}{
		`"a"`:            {content: someText("a")},
		`"\n"`:           {content: someText("\n")},
		`null`:           {content: chatstream.Null[chatstream.Text]()},
		`7`:              {extra: 1},
		`[1]`:            {parts: `[1]`},
		`{"x":` + "\n1}": {parts: `{"x":` + "\n1}"},
	}
	var got chatstream.Completion
	for _, before := range []string{``, `"content":"b",`, `"content":null,`, `"content":[2],`, `"content":{},`, `"content":true,`} {
		for _, space := range []string{"", " ", "\n\t"} {
			for value, want := range values {
				payload := `{"choices":[{"message":{` + before + `"content":` + space + value + `}}]}`
				require.NoError(t, chatstream.UnmarshalCompletion([]byte(payload), &got), payload)
				m := &got.Choices[0].Message
				require.Equal(t, want.content.IsSet(), m.Content.IsSet(), payload)
				require.Equal(t, want.content.IsNull(), m.Content.IsNull(), payload)
				require.Equal(t, want.content.Value.String(), m.Content.Value.String(), payload)
				require.Equal(t, want.parts, m.ContentParts.String(), payload)
				require.Len(t, m.Extra, want.extra, payload)
			}
		}
	}
	for _, cut := range []string{`[1`, `{"x"`, `[1,]`, `{1}`, `[`, `nul`, ``} {
		payload := `{"choices":[{"message":{"content":` + cut
		var syntax *chatstream.SyntaxError
		require.ErrorAs(t, chatstream.UnmarshalCompletion([]byte(payload), &got), &syntax, payload)
	}
}
