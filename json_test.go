package chatstream_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-08fc7208/chatstream"
	"github.com/seed-08fc7208/chatstream/internal/testing/chunkgen"
)

// everyValue calls f with a payload for each place of the schema and each value there.
func everyValue(f func(payload string)) {
	for _, s := range chunkgen.Sites() {
		f(s.Before[:strings.LastIndex(s.Before, "{")+1] + s.After) // absent
		f(s.With("null"))
		for _, v := range append(values[s.Member.Kind].misfit, values[s.Member.Kind].fit...) {
			f(s.With(v))
		}
	}
}

// TestMarshalJSON: encoding/json writes what AppendJSON writes, of a value and of a
// pointer, and reads it again.
func TestMarshalJSON(t *testing.T) {
	everyValue(func(payload string) {
		var c, again chunk
		_ = chatstream.Unmarshal([]byte(payload), &c) // an APIError perhaps
		want := string(c.AppendJSON(nil))
		value, err := json.Marshal(c)
		require.NoError(t, err)
		var compact bytes.Buffer
		require.NoError(t, json.Compact(&compact, []byte(want)))
		require.Equal(t, strings.NewReplacer("<", `\u003c`, ">", `\u003e`, "&", `\u0026`, "\u2028", `\u2028`, "\u2029", `\u2029`).Replace(compact.String()), string(value))
		pointer, err := json.Marshal(&c)
		require.NoError(t, err)
		require.Equal(t, string(value), string(pointer))

		require.NoError(t, json.Unmarshal([]byte(payload), &again))
		require.Equal(t, want, string(again.AppendJSON(nil)), payload)
		require.True(t, again.Equal(c), payload)
	})
}

// TestMarshalJSONOfParts: each object type is written and read on its own.
func TestMarshalJSONOfParts(t *testing.T) {
	c := unmarshalAny(t, fullPayload)
	choice := c.Choices[0]
	for _, part := range []any{
		choice, choice.Delta, choice.Delta.ToolCalls.Value[0], choice.Delta.ToolCalls.Value[0].Function.Value,
		*choice.Delta.FunctionCall.Value, *choice.Delta.Audio.Value, *choice.Logprobs.Value, choice.Logprobs.Value.Content.Value[0],
		choice.Logprobs.Value.Content.Value[0].TopLogprobs.Value[0], *c.Usage.Value,
		c.Usage.Value.PromptTokensDetails.Value, c.Usage.Value.CompletionTokensDetails.Value,
	} {
		data, err := json.Marshal(part)
		require.NoError(t, err)
		require.NotEqual(t, "{}", string(data), "%T", part)
		again := reflect.New(reflect.TypeOf(part))
		require.NoError(t, json.Unmarshal(data, again.Interface()))
		equal := again.Elem().MethodByName("Equal").Call([]reflect.Value{reflect.ValueOf(part)})
		require.True(t, equal[0].Bool(), "%T: %s", part, data)

		require.NoError(t, json.Unmarshal([]byte(" null "), again.Interface()))
		require.True(t, again.Elem().MethodByName("Equal").Call([]reflect.Value{reflect.ValueOf(part)})[0].Bool(), "null changes nothing")
		var syntax *chatstream.SyntaxError
		require.ErrorAs(t, again.Interface().(json.Unmarshaler).UnmarshalJSON([]byte("[1]")), &syntax)
		require.ErrorAs(t, again.Interface().(json.Unmarshaler).UnmarshalJSON([]byte("{}x")), &syntax)
		require.ErrorAs(t, again.Interface().(json.Unmarshaler).UnmarshalJSON([]byte(`{"a":}`)), &syntax)
		require.EqualValues(t, 5, syntax.Offset)
		require.True(t, again.Elem().MethodByName("Equal").Call([]reflect.Value{reflect.ValueOf(part)})[0].Bool(), "an error changes nothing")
	}
}

// TestUnmarshalJSONKeepsNothing: the result shares no memory with data.
func TestUnmarshalJSONKeepsNothing(t *testing.T) {
	data := []byte(fullPayload)
	var c chunk
	require.NoError(t, c.UnmarshalJSON(data))
	want := string(c.AppendJSON(nil))
	clear(data)
	assert.Equal(t, want, string(c.AppendJSON(nil)))

	require.NoError(t, json.Unmarshal([]byte(`{"error":{"message":"m"},"ID":"x"}`), &c), "no APIError")
	assert.Equal(t, `{"error":{"message":"m"},"ID":"x"}`, string(c.AppendJSON(nil)), "names in another case stay in Extra")
}

// TestEqual: two chunks are equal if AppendJSON writes the same for them.
func TestEqual(t *testing.T) {
	var chunks []*chunk
	var written []string
	everyValue(func(payload string) {
		c := new(chunk)
		_ = chatstream.Unmarshal([]byte(payload), c)
		chunks = append(chunks, c)
		written = append(written, string(c.AppendJSON(nil)))
	})
	for i, c := range chunks {
		require.True(t, c.Equal(*c.Clone()), written[i])
		for j := max(0, i-40); j < i; j++ {
			require.Equal(t, written[i] == written[j], c.Equal(*chunks[j]), "%s\n%s", written[i], written[j])
		}
	}
}

// TestEqualIgnoresMarks: Equal ignores state that AppendJSON does not write.
func TestEqualIgnoresMarks(t *testing.T) {
	for _, pair := range [][2]string{
		{`{"id":"a","id":"b"}`, `{"id":"b"}`},
		{`{"choices":[{"delta":{"content":"a","content":"b"}}]}`, `{"choices":[{"delta":{"content":"b"}}]}`},
	} {
		assert.True(t, unmarshalAny(t, pair[0]).Equal(*unmarshalAny(t, pair[1])))
	}
	c := unmarshalAny(t, `{"object":"","choices":[{}]}`)
	assert.False(t, c.Equal(*unmarshalAny(t, `{"choices":[{}]}`)), "an empty object is written")
	assert.False(t, c.Equal(*unmarshalAny(t, `{"object":"","choices":[{"delta":{}}]}`)), "so is an empty delta")
	literal := chunk{Object: "o", Choices: []chatstream.Choice{{Index: chatstream.Some[int64](0), Delta: chatstream.Delta{Content: someText("hi")}}}}
	assert.True(t, literal.Equal(*unmarshalAny(t, `{"object":"o","choices":[{"index":0,"delta":{"content":"hi"}}]}`)), "a literal")

	usage := chatstream.Some[*chatstream.Usage](nil)
	nilUsage := chunk{Usage: usage}
	assert.Equal(t, `{"usage":null}`, string(nilUsage.AppendJSON(nil)))
	assert.True(t, nilUsage.Equal(chunk{Usage: chatstream.Null[*chatstream.Usage]()}))
}

// TestOptionalEqual: states, then values of all types that an Optional can have.
func TestOptionalEqual(t *testing.T) {
	a, b := unmarshalAny(t, fullPayload), unmarshalAny(t, fullPayload)
	assert.True(t, a.ID.Equal(b.ID))
	assert.True(t, a.Created.Equal(b.Created))
	assert.True(t, a.Usage.Equal(b.Usage))
	assert.True(t, a.Choices[0].Index.Equal(b.Choices[0].Index))
	assert.True(t, a.Choices[0].FinishReason.Equal(b.Choices[0].FinishReason))
	assert.True(t, a.Choices[0].Logprobs.Equal(b.Choices[0].Logprobs))
	assert.True(t, a.Choices[0].Delta.ToolCalls.Equal(b.Choices[0].Delta.ToolCalls))
	call := b.Choices[0].Delta.ToolCalls.Value[0].Function
	assert.True(t, a.Choices[0].Delta.ToolCalls.Value[0].Function.Equal(call))
	call.Value.Name = chatstream.Null[chatstream.Text]()
	assert.False(t, a.Choices[0].Delta.ToolCalls.Value[0].Function.Equal(call))
	b.Choices[0].Delta.ToolCalls.Value[0].Function = call
	assert.False(t, a.Choices[0].Delta.ToolCalls.Equal(b.Choices[0].Delta.ToolCalls))
	b.Usage.Value.TotalTokens = chatstream.Some[int64](-1)
	assert.False(t, a.Usage.Equal(b.Usage))
	assert.False(t, a.Usage.Equal(chatstream.Null[*chatstream.Usage]()))
	assert.False(t, a.Usage.Equal(chatstream.Some[*chatstream.Usage](nil)))

	assert.True(t, chatstream.Null[int64]().Equal(chatstream.Null[int64]()))
	assert.False(t, chatstream.Null[int64]().Equal(chatstream.Optional[int64]{}))
	assert.False(t, chatstream.Some[int64](0).Equal(chatstream.Null[int64]()))
	assert.False(t, someText("a").Equal(someText("b")))
	assert.True(t, chatstream.Some(chatstream.RawValue("1")).Equal(chatstream.Some(chatstream.RawValue("1"))))
	assert.True(t, chatstream.Some([]int64{1}).Equal(chatstream.Some([]int64{1})))
	assert.False(t, chatstream.Some(struct{ a int }{1}).Equal(chatstream.Some(struct{ a int }{2})), "another type")
}

// TestOptionalString: the value, "null" or nothing.
func TestOptionalString(t *testing.T) {
	assert.Equal(t, "a\nb", someText("a\nb").String())
	assert.Equal(t, "7", chatstream.Some[int64](7).String())
	assert.Equal(t, "null", chatstream.Null[chatstream.Text]().String())
	assert.Empty(t, chatstream.Optional[chatstream.Text]{}.String())
}

// TestChunkString: String returns one line of at most 200 bytes for any chunk.
func TestChunkString(t *testing.T) {
	assert.Equal(t, `{"id":"a"}`, unmarshalAny(t, `{ "id" : "a" }`).String())
	for _, text := range []string{strings.Repeat("word ", 100), strings.Repeat("\u65e5", 100), strings.Repeat("\U0001F600", 90), strings.Repeat("\x01\n", 80)} {
		c := chunk{ID: someText(text)}
		s := c.String()
		assert.LessOrEqual(t, len(s), 200)
		assert.True(t, utf8.ValidString(s))
		assert.NotContains(t, s, "\n")
		assert.NotContains(t, s, "\x01")
		assert.True(t, strings.HasSuffix(s, "..."), s)
		assert.Equal(t, slog.StringValue(s), c.LogValue())
		assert.Equal(t, c.LogValue(), (&c).LogValue())
	}
}
