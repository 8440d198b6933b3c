package chatstream_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/seed-08fc7208/chatstream"
	"github.com/seed-08fc7208/chatstream/internal/testing/chunkgen"
	"github.com/stretchr/testify/require"
)

// A quirk is something that providers do and the schema does not say. Each test is named after the row in which the
// survey of providers has it: B is about the envelope, C about choices and deltas, D about tool calls.
type quirk struct {
	name     string
	payloads []string // an event each
	check    func(t *testing.T, r reading)
}

// reading is what a Decoder made of the payloads. What failed has its chunk too.
type reading struct {
	chunks []*chunk
	errs   []error
	end    error // what came after the last of them
}

// read decodes payloads as a stream without [DONE]. Quirks must be lossless too: each payload that is an object is held
// to the oracle.
func read(t *testing.T, payloads []string) reading {
	t.Helper()
	d := chatstream.NewDecoder(strings.NewReader("data: " + strings.Join(payloads, "\n\ndata: ") + "\n\n"))
	defer d.Close()
	var r reading
	var c chunk
	for _, payload := range payloads {
		err := d.Decode(&c)
		r.chunks, r.errs = append(r.chunks, c.Clone()), append(r.errs, err)
		judge(t, new(chunk), payload)
		if chunkgen.SyntaxOffset([]byte(payload)) < 0 {
			require.JSONEq(t, payload, string(c.AppendJSON(nil)))
		}
	}
	r.end = d.Decode(&c)
	return r
}

// only is the one chunk of a stream that has no errors.
func (r reading) only(t *testing.T) *chunk {
	t.Helper()
	require.Len(t, r.chunks, 1)
	r.noErrors(t)
	return r.chunks[0]
}

func (r reading) noErrors(t *testing.T) {
	t.Helper()
	require.NoError(t, errors.Join(r.errs...))
}

// envelope is a chunk that the schema has nothing against, with these choices.
func envelope(choices string) string {
	return `{"id":"q-1","object":"chat.completion.chunk","created":1750000000,"model":"quirky","choices":[` + choices + `]}`
}

// spoken is an envelope with one choice that has this delta.
func spoken(delta string) string {
	return envelope(`{"index":0,"delta":{` + delta + `},"finish_reason":null}`)
}

// called is a delta with these tool calls.
func called(calls string) string { return spoken(`"tool_calls":[` + calls + `]`) }

func first(c *chunk) chatstream.Delta { return c.Choices[0].Delta }

func calls(c *chunk) []chatstream.ToolCall { return first(c).ToolCalls.Value }

// surfaces lists what a guardrail sees of a chunk.
func surfaces(c *chunk) []string {
	var list []string
	for s, text := range c.Texts() {
		mark := ""
		if s.Raw {
			mark = "raw "
		}
		list = append(list, fmt.Sprintf("%s%s: %s", mark, s.Kind, text))
	}
	return list
}

// objectsTo requires that Validate objects to these paths and no others.
func objectsTo(t *testing.T, c *chunk, paths ...string) {
	t.Helper()
	var got []string
	for path := range objections(t, c.Validate()) {
		got = append(got, path)
	}
	require.ElementsMatch(t, paths, got)
}

func TestQuirks(t *testing.T) {
	for _, quirks := range [][]quirk{envelopeQuirks, choiceQuirks, toolCallQuirks} {
		for _, q := range quirks {
			t.Run(q.name, func(t *testing.T) { q.check(t, read(t, q.payloads)) })
		}
	}
}

var envelopeQuirks = []quirk{
	{"B1 empty choices with usage", []string{`{"id":"q","object":"chat.completion.chunk","choices":[],"usage":{"prompt_tokens":9,"completion_tokens":3,"total_tokens":12}}`}, func(t *testing.T, r reading) {
		c := r.only(t)
		require.NotNil(t, c.Choices)
		require.Empty(t, c.Choices)
		require.EqualValues(t, 12, c.Usage.Value.TotalTokens.Value)
		objectsTo(t, c)
	}},
	{"B2 first event with everything empty", []string{`{"choices":[],"created":0,"id":"","model":"","object":"","prompt_filter_results":[{"prompt_index":0,"content_filter_results":{}}]}`}, func(t *testing.T, r reading) {
		c := r.only(t)
		require.True(t, c.ID.IsSet() && c.Model.IsSet() && c.Created.IsSet())
		require.Equal(t, `"prompt_filter_results":[{"prompt_index":0,"content_filter_results":{}}]`, extra(c.Extra))
		objectsTo(t, c, "object")
		require.ErrorIs(t, r.end, io.ErrUnexpectedEOF, "no choice was seen, so none has finished")
	}},
	{"B3 object empty", []string{`{"object":"","choices":[]}`}, func(t *testing.T, r reading) {
		c := r.only(t)
		require.Contains(t, string(c.AppendJSON(nil)), `"object":""`)
		objectsTo(t, c, "object")
	}},
	// Kept as it came; that one says "done" is no reason to end the stream.
	{"B4 object of another name", []string{`{"object":"chat.completion","choices":[]}`, `{"object":"chat.completion.done","choices":[]}`, spoken(`"content":"more"`)}, func(t *testing.T, r reading) {
		r.noErrors(t)
		require.Equal(t, chatstream.Object("chat.completion"), r.chunks[0].Object)
		require.Equal(t, chatstream.Object("chat.completion.done"), r.chunks[1].Object)
		objectsTo(t, r.chunks[1], "object")
		require.Equal(t, "more", first(r.chunks[2]).Content.Value.String())
	}},
	{"B5 no envelope", []string{`{"choices":[{"index":0,"delta":{"content":"hi"},"finish_reason":null}]}`}, func(t *testing.T, r reading) {
		c := r.only(t)
		require.True(t, c.ID.IsAbsent() && c.Created.IsAbsent() && c.Model.IsAbsent())
		require.Equal(t, "hi", first(c).Content.Value.String())
		objectsTo(t, c, "object")
	}},
	{"B6 id empty", []string{`{"id":"q-1","choices":[]}`, `{"id":"","choices":[]}`}, func(t *testing.T, r reading) {
		r.noErrors(t)
		require.True(t, r.chunks[1].ID.IsSet(), "empty is not absent, and the first id is not carried over")
		require.Empty(t, r.chunks[1].ID.Value)
	}},
	{"B7 id changes in the stream", []string{`{"id":"q-1","choices":[]}`, `{"id":"gen-2","choices":[]}`}, func(t *testing.T, r reading) {
		r.noErrors(t)
		require.Equal(t, "q-1", r.chunks[0].ID.Value.String())
		require.Equal(t, "gen-2", r.chunks[1].ID.Value.String())
	}},
	{"B8 created changes in the stream", []string{`{"created":1750000009,"choices":[]}`, `{"created":1750000010,"choices":[]}`, `{"created":1750000011.5,"choices":[]}`}, func(t *testing.T, r reading) {
		r.noErrors(t)
		for i, want := range []float64{1750000009, 1750000010, 1750000011.5} {
			require.Equal(t, want, r.chunks[i].Created.Value)
		}
	}},
	{"B9 created zero", []string{`{"created":0,"choices":[]}`}, func(t *testing.T, r reading) {
		require.Equal(t, chatstream.Some(0.0), r.only(t).Created)
	}},
	{"B10 created float", []string{`{"created":1750000000.742961,"choices":[]}`, `{"created":1750000001.0,"choices":[]}`}, func(t *testing.T, r reading) {
		r.noErrors(t)
		require.Equal(t, 1750000000.742961, r.chunks[0].Created.Value)
		require.Contains(t, string(r.chunks[0].AppendJSON(nil)), "1750000000.742961")
		require.Equal(t, 1750000001.0, r.chunks[1].Created.Value)
	}},
	{"B11 created in milliseconds", []string{`{"created":1750000000742,"choices":[]}`}, func(t *testing.T, r reading) {
		require.Equal(t, 1750000000742.0, r.only(t).Created.Value)
		require.Contains(t, string(r.chunks[0].AppendJSON(nil)), `"created":1750000000742,`, "not as 1.75e+12, which some clients refuse")
	}},
	{"B12 created a date", []string{`{"created":"2026/01/31 12:00:00","choices":[{"index":0,"delta":{"content":"hi"},"finish_reason":null}]}`}, func(t *testing.T, r reading) {
		c := r.only(t)
		require.True(t, c.Created.IsAbsent())
		require.Equal(t, `"created":"2026/01/31 12:00:00"`, extra(c.Extra))
		require.Equal(t, "hi", first(c).Content.Value.String(), "the chunk is none the worse")
		objectsTo(t, c, "created", "object")
	}},
	// A failure in a dialect of its own: not an error member, so not an APIError, but nothing of it is lost.
	{"B13 choices null", []string{`{"id":"q","choices":null,"base_resp":{"status_code":1004,"status_msg":"not logged in"}}`}, func(t *testing.T, r reading) {
		c := r.only(t)
		require.Nil(t, c.Choices)
		require.Equal(t, `"choices":null,"base_resp":{"status_code":1004,"status_msg":"not logged in"}`, extra(c.Extra))
		objectsTo(t, c, "choices", "object")
		require.ErrorIs(t, r.end, io.ErrUnexpectedEOF, "an answer that failed never looks whole")
	}},
	{"B14 choices absent", []string{`{"id":"q","usage":null,"obfuscation":"x9"}`, `{"usage":{"total_tokens":5}}`}, func(t *testing.T, r reading) {
		r.noErrors(t)
		require.Nil(t, r.chunks[0].Choices)
		require.NotContains(t, string(r.chunks[0].AppendJSON(nil)), "choices")
		require.EqualValues(t, 5, r.chunks[1].Usage.Value.TotalTokens.Value)
		objectsTo(t, r.chunks[1], "choices", "object")
	}},
	{"B15 usage null", []string{`{"object":"chat.completion.chunk","choices":[],"usage":null}`}, func(t *testing.T, r reading) {
		c := r.only(t)
		require.True(t, c.Usage.IsNull())
		objectsTo(t, c, "usage")
	}},
	{"B16 usage beside choices", []string{`{"choices":[{"index":0,"delta":{"content":"."},"finish_reason":"stop"}],"usage":{"total_tokens":5}}`}, func(t *testing.T, r reading) {
		c := r.only(t)
		require.Equal(t, ".", first(c).Content.Value.String())
		require.EqualValues(t, 5, c.Usage.Value.TotalTokens.Value)
		require.ErrorIs(t, r.end, io.EOF)
	}},
	// Cumulative, so the last counts; the decoder gives each as it came and adds nothing up.
	{"B17 usage in every event", []string{`{"choices":[],"usage":{"completion_tokens":1,"total_tokens":8}}`, `{"choices":[],"usage":{"completion_tokens":2}}`}, func(t *testing.T, r reading) {
		r.noErrors(t)
		require.EqualValues(t, 2, r.chunks[1].Usage.Value.CompletionTokens.Value)
		require.True(t, r.chunks[1].Usage.Value.TotalTokens.IsAbsent(), "nothing stays from the event before")
	}},
	{"B18 usage in other places too", []string{`{"choices":[{"index":0,"delta":{},"finish_reason":"stop","usage":{"total_tokens":7}}],"x_groq":{"id":"r","usage":{"total_tokens":7}},"usage":{"total_tokens":8}}`}, func(t *testing.T, r reading) {
		c := r.only(t)
		require.EqualValues(t, 8, c.Usage.Value.TotalTokens.Value)
		require.Equal(t, `"usage":{"total_tokens":7}`, extra(c.Choices[0].Extra))
		require.Equal(t, `"x_groq":{"id":"r","usage":{"total_tokens":7}}`, extra(c.Extra))
	}},
	{"B19 event after the usage event", []string{`{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}`, `{"choices":[],"usage":{"total_tokens":5}}`, `{"choices":[{"index":0,"delta":{"audio":{"id":"audio_1","expires_at":1750003600}},"finish_reason":null}]}`}, func(t *testing.T, r reading) {
		r.noErrors(t)
		require.EqualValues(t, 1750003600, first(r.chunks[2]).Audio.Value.ExpiresAt.Value)
		require.ErrorIs(t, r.end, io.EOF, "a choice that has finished stays so")
	}},
	{"B20 floats, objects and nulls in usage", []string{`{"choices":[],"usage":{"prompt_tokens":4,"completion_tokens":3.0,"total_tokens":7,"cost":0.00032,"queue_time":0.038,"cost_details":{"upstream":null},"prompt_tokens_details":{"cached_tokens":null,"video_tokens":0},"completion_tokens_details":null}}`}, func(t *testing.T, r reading) {
		c := r.only(t)
		u := c.Usage.Value
		require.EqualValues(t, 3, u.CompletionTokens.Value)
		require.Equal(t, "0.00032", u.Cost.Value.String())
		require.Equal(t, `"queue_time":0.038,"cost_details":{"upstream":null}`, extra(u.Extra))
		require.True(t, u.CompletionTokensDetails.IsNull() && u.PromptTokensDetails.Value.CachedTokens.IsNull())
		require.EqualValues(t, 0, u.PromptTokensDetails.Value.VideoTokens.Value)
		require.True(t, u.PromptTokensDetails.Value.VideoTokens.IsSet())
		objectsTo(t, c, "object")
	}},
	{"B21 error alone", []string{spoken(`"content":"half of"`), `{"error":{"message":"the model is gone","type":"internal_server_error","code":503,"param":null}}`, spoken(`"content":"more"`)}, func(t *testing.T, r reading) {
		var apiErr *chatstream.APIError
		require.ErrorAs(t, r.errs[1], &apiErr)
		require.Equal(t, [4]string{"the model is gone", "internal_server_error", "503", ""}, [4]string{apiErr.Message, apiErr.Type, apiErr.Code, apiErr.Param})
		require.NoError(t, r.errs[2], "the next Decode goes on")
		require.ErrorIs(t, r.end, io.ErrUnexpectedEOF)
	}},
	{"B22 error inside a chunk", []string{`{"id":"gen-1","provider":"Some","error":{"code":400,"message":"token limit"},"choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null,"native_finish_reason":"error"}]}`}, func(t *testing.T, r reading) {
		var apiErr *chatstream.APIError
		require.ErrorAs(t, r.errs[0], &apiErr)
		require.Equal(t, "400", apiErr.Code)
		c := r.chunks[0]
		require.Equal(t, "Some", c.Provider.Value.String(), "the rest of the chunk is there")
		require.Equal(t, chatstream.RoleAssistant, first(c).Role.Value)
		require.Equal(t, `{"code":400,"message":"token limit"}`, c.Error.Value.String())
	}},
	// An error that is no member error is told by nothing but its own dialect: it stays data, and the end of the stream
	// tells that the answer is not whole.
	{"B23 error of any shape", []string{`{"error":"overloaded"}`, `{"error":{"message":"m","code":"rate_limit"}}`, `{"error":{"message":"m","code":null}}`, `{"error":{}}`, `{"error":{"detail":"d"}}`, `{"detail":"not found"}`, `{"error":null,"choices":[]}`}, func(t *testing.T, r reading) {
		for i, want := range []chatstream.APIError{{Message: "overloaded"}, {Message: "m", Code: "rate_limit"}, {Message: "m"}, {}} {
			var apiErr *chatstream.APIError
			require.ErrorAs(t, r.errs[i], &apiErr)
			require.Equal(t, want.Message, apiErr.Message)
			require.Equal(t, want.Code, apiErr.Code)
		}
		require.ErrorContains(t, r.errs[4], "d")
		require.NoError(t, errors.Join(r.errs[5:]...))
		require.Equal(t, `"detail":"not found"`, extra(r.chunks[5].Extra))
		require.ErrorIs(t, r.end, io.ErrUnexpectedEOF)
	}},
	{"B24 members in any order", []string{
		`{"choices":[{"delta":{"content":"a","role":"assistant"},"finish_reason":null,"index":1}],"created":3,"id":"q","model":"m","object":"chat.completion.chunk"}`,
		`{"model":"m","object":"chat.completion.chunk","created":3,"choices":[{"finish_reason":null,"index":1,"delta":{"role":"assistant","content":"a"}}],"id":"q"}`,
	}, func(t *testing.T, r reading) {
		r.noErrors(t)
		require.Empty(t, chunkgen.Diff(r.chunks[0], r.chunks[1], true))
		require.Equal(t, string(r.chunks[0].AppendJSON(nil)), string(r.chunks[1].AppendJSON(nil)))
	}},
	{"B25 other members from event to event", []string{`{"id":"q","system_fingerprint":"fp","x":1,"choices":[]}`, `{"id":"q","choices":[],"usage":{"total_tokens":1}}`, `{"choices":[],"y":2}`}, func(t *testing.T, r reading) {
		r.noErrors(t)
		require.True(t, r.chunks[1].SystemFingerprint.IsAbsent())
		require.Nil(t, r.chunks[1].Extra)
		require.True(t, r.chunks[2].ID.IsAbsent() && r.chunks[2].Usage.IsAbsent())
		require.Equal(t, `"y":2`, extra(r.chunks[2].Extra))
	}},
	{"B26 spaces after colons and commas", []string{`{"id": "q-1", "choices": [{"index": 0, "delta": {"content": " a "}, "finish_reason": null, "x": [1, 2]}]}`}, func(t *testing.T, r reading) {
		c := r.only(t)
		require.Equal(t, " a ", first(c).Content.Value.String())
		require.Equal(t, `"x":[1, 2]`, extra(c.Choices[0].Extra), "as it came")
	}},
	{"B27 extra members", []string{`{"obfuscation":"aZ09","p":"abc","provider":"Some","service_tier":"priority","x_groq":{"id":"r"},"citations":["https://a.example"],"timings":{"predicted_ms":1.5},"choices":[],"moderation":null}`}, func(t *testing.T, r reading) {
		c := r.only(t)
		require.Equal(t, "aZ09", c.Obfuscation.Value.String())
		require.Equal(t, "Some", c.Provider.Value.String())
		require.Equal(t, "priority", c.ServiceTier.Value.String())
		require.Equal(t, `"p":"abc","x_groq":{"id":"r"},"citations":["https://a.example"],"timings":{"predicted_ms":1.5},"moderation":null`, extra(c.Extra))
		objectsTo(t, c, "object")
	}},
	// Not unwrapped: a guess here would be a chunk that nobody sent. The member is there for whoever knows the provider.
	{"B28 chunk wrapped in another object", []string{`{"event":` + spoken(`"content":"a"`) + `,"state":{"n":1}}`}, func(t *testing.T, r reading) {
		c := r.only(t)
		require.Nil(t, c.Choices)
		require.Len(t, c.Extra, 2)
		inner := new(chunk)
		require.NoError(t, chatstream.Unmarshal(c.Extra[0].Value, inner))
		require.Equal(t, "a", first(inner).Content.Value.String())
		objectsTo(t, c, "choices", "object")
	}},
	// JSON has no such numbers. The event is lost, the stream is not, and the error says where to look.
	{"B29 NaN and Infinity", []string{spoken(`"x":NaN`), envelope(`{"index":0,"delta":{"content":"a"},"logprobs":{"content":[{"token":"a","logprob":-Infinity}]}}`), spoken(`"content":"b"`)}, func(t *testing.T, r reading) {
		for i, what := range []string{"NaN", "Infinity"} {
			var syntax *chatstream.SyntaxError
			require.ErrorAs(t, r.errs[i], &syntax)
			require.EqualValues(t, i+1, syntax.Event)
			require.Contains(t, syntax.Error(), "'"+what[:1]+"'")
			require.Empty(t, chunkgen.CheckEmpty(r.chunks[i]))
		}
		require.Equal(t, "b", first(r.chunks[2]).Content.Value.String())
	}},
	{"B30 members twice", []string{`{"object":"chat.completion.chunk","id":"a","created":1,"object":"chat.completion.chunk","choices":[],"id":"b","x":1,"x":2}`}, func(t *testing.T, r reading) {
		c := r.only(t)
		require.Equal(t, "b", c.ID.Value.String(), "the last one counts, as for encoding/json")
		require.Equal(t, `"x":1,"x":2`, extra(c.Extra))
	}},
}

var choiceQuirks = []quirk{
	{"C1 finish_reason absent until the end", []string{envelope(`{"index":0,"delta":{"content":"a"}}`), envelope(`{"index":0,"delta":{},"finish_reason":"stop"}`)}, func(t *testing.T, r reading) {
		r.noErrors(t)
		require.True(t, r.chunks[0].Choices[0].FinishReason.IsAbsent())
		objectsTo(t, r.chunks[0], "choices[0].finish_reason")
		require.ErrorIs(t, r.end, io.EOF)
	}},
	// To take it for an end would cut the answer off at its first chunk.
	{"C2 finish_reason empty", []string{envelope(`{"index":0,"delta":{"content":"a"},"finish_reason":""}`)}, func(t *testing.T, r reading) {
		c := r.only(t)
		require.Equal(t, chatstream.Some(chatstream.FinishReason("")), c.Choices[0].FinishReason)
		objectsTo(t, c, "choices[0].finish_reason")
		require.ErrorIs(t, r.end, io.ErrUnexpectedEOF)
	}},
	{"C3 other finish reasons", []string{envelope(`{"index":0,"delta":{},"finish_reason":"eos"},{"index":1,"delta":{},"finish_reason":"MALFORMED_FUNCTION_CALL"}`)}, func(t *testing.T, r reading) {
		c := r.only(t)
		require.Equal(t, chatstream.FinishReason("eos"), c.Choices[0].FinishReason.Value)
		require.Equal(t, chatstream.FinishReason("MALFORMED_FUNCTION_CALL"), c.Choices[1].FinishReason.Value)
		objectsTo(t, c, "choices[0].finish_reason", "choices[1].finish_reason")
		require.ErrorIs(t, r.end, io.EOF, "whatever it is called, it is an end")
	}},
	{"C4 finish_reason twice", []string{envelope(`{"index":0,"delta":{"content":""},"finish_reason":"stop"}`), `{"choices":[{"index":0,"delta":{"content":""},"finish_reason":"stop"}],"usage":{"total_tokens":5}}`}, func(t *testing.T, r reading) {
		r.noErrors(t)
		require.EqualValues(t, 5, r.chunks[1].Usage.Value.TotalTokens.Value, "the second event is not swallowed")
		require.ErrorIs(t, r.end, io.EOF)
	}},
	{"C5 finish_reason beside content", []string{envelope(`{"index":0,"delta":{"content":"last words"},"finish_reason":"length"}`)}, func(t *testing.T, r reading) {
		c := r.only(t)
		require.Equal(t, "last words", first(c).Content.Value.String())
		require.Equal(t, chatstream.FinishReasonLength, c.Choices[0].FinishReason.Value)
		objectsTo(t, c)
	}},
	// Without [DONE] nothing tells such an answer from one that was cut off.
	{"C6 no finish_reason at all", []string{envelope(`{"index":0,"delta":{"content":"a"}}`), envelope(`{"index":0,"delta":{}}`)}, func(t *testing.T, r reading) {
		r.noErrors(t)
		require.ErrorIs(t, r.end, io.ErrUnexpectedEOF)
		d := chatstream.NewDecoder(strings.NewReader("data: " + envelope(`{"index":0,"delta":{"content":"a"}}`) + "\n\ndata: [DONE]\n\n"))
		require.NoError(t, d.Decode(new(chunk)))
		require.ErrorIs(t, d.Decode(new(chunk)), io.EOF)
		require.True(t, d.Done())
	}},
	{"C7 delta missing or null", []string{envelope(`{"index":0,"finish_reason":null,"content_filter_offsets":{"start_offset":1}}`), envelope(`{"index":0,"delta":null,"finish_reason":null}`)}, func(t *testing.T, r reading) {
		r.noErrors(t)
		for _, c := range r.chunks {
			require.Empty(t, chunkgen.Diff(&chunk{Choices: []chatstream.Choice{{}}}, &chunk{Choices: []chatstream.Choice{{Delta: first(c)}}}, true), "reading it gives nothing, and does not panic")
			objectsTo(t, c, "choices[0].delta")
		}
		require.NotContains(t, string(r.chunks[0].AppendJSON(nil)), "delta", "and it is not made up")
	}},
	// The message is all so far, or the same again: to add it to the deltas would double the text.
	{"C8 message besides or instead of delta", []string{envelope(`{"index":0,"message":{"role":"assistant","content":"one two"},"delta":{"content":" two"},"finish_reason":null}`), envelope(`{"index":0,"message":{"content":"one two"},"finish_reason":"stop"}`)}, func(t *testing.T, r reading) {
		r.noErrors(t)
		require.Equal(t, " two", first(r.chunks[0]).Content.Value.String())
		require.Equal(t, `"message":{"role":"assistant","content":"one two"}`, extra(r.chunks[0].Choices[0].Extra))
		require.Contains(t, surfaces(r.chunks[1]), `raw message: {"content":"one two"}`, "a guardrail sees it")
		objectsTo(t, r.chunks[1], "choices[0].delta")
	}},
	{"C9 content null", []string{spoken(`"role":"assistant","content":null,"reasoning_content":"hm"`)}, func(t *testing.T, r reading) {
		c := r.only(t)
		require.True(t, first(c).Content.IsNull())
		require.Equal(t, "hm", first(c).ReasoningContent.Value.String())
		objectsTo(t, c)
	}},
	{"C10 content empty besides reasoning", []string{spoken(`"content":"","reasoning":"hm"`)}, func(t *testing.T, r reading) {
		d := first(r.only(t))
		require.True(t, d.Content.IsSet())
		require.Empty(t, d.Content.Value)
		require.Equal(t, "hm", d.Reasoning.Value.String())
	}},
	{"C11 content an array of parts", []string{spoken(`"content":[{"type":"thinking","thinking":[{"type":"text","text":"hm"}]},{"type":"text","text":"so"}]`)}, func(t *testing.T, r reading) {
		c := r.only(t)
		parts := `[{"type":"thinking","thinking":[{"type":"text","text":"hm"}]},{"type":"text","text":"so"}]`
		require.True(t, first(c).Content.IsAbsent())
		require.Equal(t, `"content":`+parts, extra(first(c).Extra))
		require.Equal(t, []string{"raw content: " + parts}, surfaces(c))
		objectsTo(t, c, "choices[0].delta.content")
	}},
	{"C12 role in every chunk", []string{spoken(`"role":"assistant","content":"a"`), spoken(`"role":"assistant","content":"b"`)}, func(t *testing.T, r reading) {
		r.noErrors(t)
		require.Equal(t, chatstream.RoleAssistant, first(r.chunks[1]).Role.Value)
		require.Equal(t, "b", first(r.chunks[1]).Content.Value.String())
	}},
	{"C13 role null", []string{spoken(`"role":null,"content":"a"`)}, func(t *testing.T, r reading) {
		c := r.only(t)
		require.True(t, first(c).Role.IsNull())
		objectsTo(t, c, "choices[0].delta.role")
	}},
	{"C14 role missing wholly", []string{spoken(`"content":"a"`)}, func(t *testing.T, r reading) {
		c := r.only(t)
		require.True(t, first(c).Role.IsAbsent())
		objectsTo(t, c)
	}},
	// Three fields, not one: which of them a provider means, and whether two say the same, is the caller's to know.
	{"C15 reasoning under three names", []string{spoken(`"reasoning_content":"a"`), spoken(`"reasoning":"b","reasoning_details":[{"type":"reasoning.text","text":"b"}]`)}, func(t *testing.T, r reading) {
		r.noErrors(t)
		require.Equal(t, "a", first(r.chunks[0]).ReasoningContent.Value.String())
		require.Equal(t, "b", first(r.chunks[1]).Reasoning.Value.String())
		require.Equal(t, `"reasoning_details":[{"type":"reasoning.text","text":"b"}]`, extra(first(r.chunks[1]).Extra))
		require.Equal(t, []string{"reasoning: b", `raw reasoning_details: [{"type":"reasoning.text","text":"b"}]`}, surfaces(r.chunks[1]))
		objectsTo(t, r.chunks[1])
	}},
	{"C16 null for every unused member", []string{envelope(`{"index":0,"delta":{"content":"a","tool_calls":null,"function_call":null,"refusal":null,"audio":null,"reasoning_content":null},"logprobs":null,"finish_reason":null,"matched_stop":null}`)}, func(t *testing.T, r reading) {
		c := r.only(t)
		d := first(c)
		require.True(t, d.ToolCalls.IsNull() && d.FunctionCall.IsNull() && d.Refusal.IsNull() && d.Audio.IsNull() && c.Choices[0].Logprobs.IsNull())
		require.Nil(t, d.ToolCalls.Value)
		objectsTo(t, c, "choices[0].delta.tool_calls")
	}},
	{"C17 refusal empty", []string{spoken(`"content":"a","refusal":""`)}, func(t *testing.T, r reading) {
		c := r.only(t)
		require.True(t, first(c).Refusal.IsSet())
		require.Equal(t, []string{"content: a"}, surfaces(c), "an empty refusal is no refusal")
	}},
	{"C18 extra choice members", []string{envelope(`{"index":0,"delta":{},"finish_reason":"stop","native_finish_reason":"end_turn","content_filter_results":{"hate":{"filtered":false}},"matched_stop":2,"stop_reason":null,"seed":7,"text":"a","token_ids":[1]}`)}, func(t *testing.T, r reading) {
		require.Equal(t, `"native_finish_reason":"end_turn","content_filter_results":{"hate":{"filtered":false}},"matched_stop":2,"stop_reason":null,"seed":7,"text":"a","token_ids":[1]`, extra(r.only(t).Choices[0].Extra))
		objectsTo(t, r.chunks[0])
	}},
	{"C19 extra delta members", []string{spoken(`"channel":"final","content":"a","token_id":12,"provider_metadata":{"x":{"y":"z"}},"annotations":[{"type":"url_citation"}],"index":0`)}, func(t *testing.T, r reading) {
		require.Equal(t, `"channel":"final","token_id":12,"provider_metadata":{"x":{"y":"z"}},"annotations":[{"type":"url_citation"}],"index":0`, extra(first(r.only(t)).Extra))
		objectsTo(t, r.chunks[0])
	}},
	// An index is given as it came. For the end each index is a choice: one that counts tokens leaves choices unfinished.
	{"C20 index that counts tokens, or twice the same", []string{envelope(`{"index":16,"delta":{"content":"a"},"finish_reason":null}`), envelope(`{"index":17,"delta":{"content":"b"},"finish_reason":"stop"}`), envelope(`{"index":0,"delta":{"content":"c"},"finish_reason":null},{"index":0,"delta":{"tool_calls":[]},"finish_reason":"tool_calls"}`)}, func(t *testing.T, r reading) {
		r.noErrors(t)
		require.EqualValues(t, 17, r.chunks[1].Choices[0].Index.Value)
		require.Len(t, r.chunks[2].Choices, 2, "two choices of one index are not merged")
		require.ErrorIs(t, r.end, io.ErrUnexpectedEOF, "16 has not finished")
	}},
	{"C21 index missing", []string{envelope(`{"delta":{"content":"a"},"finish_reason":null}`), envelope(`{"delta":{},"finish_reason":"stop"}`)}, func(t *testing.T, r reading) {
		r.noErrors(t)
		require.True(t, r.chunks[0].Choices[0].Index.IsAbsent())
		require.EqualValues(t, 0, r.chunks[0].Choices[0].Index.Or(0))
		objectsTo(t, r.chunks[0])
		require.ErrorIs(t, r.end, io.EOF, "it counts as 0")
	}},
	{"C22 role alone with a stop", []string{envelope(`{"index":0,"delta":{"role":"assistant"},"finish_reason":"stop"}`)}, func(t *testing.T, r reading) {
		c := r.only(t)
		require.Empty(t, surfaces(c))
		objectsTo(t, c)
		require.ErrorIs(t, r.end, io.EOF, "an answer of nothing is whole")
	}},
}

var toolCallQuirks = []quirk{
	{"D1 whole call in one delta", []string{called(`{"index":0,"id":"call_1","type":"function","function":{"name":"weather","arguments":"{\"city\":\"K\u00f8ge\"}"}}`)}, func(t *testing.T, r reading) {
		f := calls(r.only(t))[0].Function.Value
		require.Equal(t, "weather", f.Name.Value.String())
		require.Equal(t, `{"city":"Køge"}`, f.Arguments.Value.String())
	}},
	{"D2 index missing", []string{called(`{"id":"call_1","type":"function","function":{"name":"f","arguments":"{}"}},{"id":"call_2","function":{"name":"g"}}`)}, func(t *testing.T, r reading) {
		require.True(t, calls(r.only(t))[1].Index.IsAbsent(), "absent, not 0, so that a caller can tell calls apart by their id")
		objectsTo(t, r.chunks[0])
	}},
	{"D3 index null", []string{called(`{"index":null,"id":"call_1"}`)}, func(t *testing.T, r reading) {
		require.True(t, calls(r.only(t))[0].Index.IsNull())
		objectsTo(t, r.chunks[0])
	}},
	{"D4 all calls have index 0", []string{called(`{"index":0,"id":"call_1"},{"index":0,"id":"call_2"}`), called(`{"index":0,"id":"call_3"}`)}, func(t *testing.T, r reading) {
		r.noErrors(t)
		require.Len(t, calls(r.chunks[0]), 2, "calls of one index are not merged: a new id is a new call")
		require.Equal(t, "call_2", calls(r.chunks[0])[1].ID.Value.String())
		require.Equal(t, "call_3", calls(r.chunks[1])[0].ID.Value.String())
	}},
	{"D5 first index is 1", []string{called(`{"index":1,"id":"toolu_1"}`)}, func(t *testing.T, r reading) {
		require.Len(t, calls(r.only(t)), 1)
		require.EqualValues(t, 1, calls(r.chunks[0])[0].Index.Value)
	}},
	{"D6 continuation with empty or null members", []string{called(`{"index":0,"id":"","type":"function","function":{"name":"","arguments":"{\"a"}}`), called(`{"index":0,"id":null,"type":null,"function":{"name":null,"arguments":"\":1}"}}`)}, func(t *testing.T, r reading) {
		r.noErrors(t)
		empty, null := calls(r.chunks[0])[0], calls(r.chunks[1])[0]
		require.True(t, empty.ID.IsSet() && empty.Function.Value.Name.IsSet())
		require.True(t, null.ID.IsNull() && null.Type.IsNull() && null.Function.Value.Name.IsNull())
		require.Equal(t, `{"a":1}`, empty.Function.Value.Arguments.Value.String()+null.Function.Value.Arguments.Value.String())
		objectsTo(t, r.chunks[1], "choices[0].delta.tool_calls[0].id", "choices[0].delta.tool_calls[0].type", "choices[0].delta.tool_calls[0].function.name")
	}},
	{"D7 arguments null", []string{called(`{"index":0,"function":{"name":"f","arguments":null}}`)}, func(t *testing.T, r reading) {
		require.True(t, calls(r.only(t))[0].Function.Value.Arguments.IsNull())
		objectsTo(t, r.chunks[0], "choices[0].delta.tool_calls[0].function.arguments")
	}},
	// Never read as a string it is not: its JSON is in Extra as it came, and a guardrail sees it.
	{"D8 arguments an object", []string{called(`{"index":0,"function":{"name":"f","arguments":{"command":"ls"}}}`)}, func(t *testing.T, r reading) {
		f := calls(r.only(t))[0].Function.Value
		require.True(t, f.Arguments.IsAbsent())
		require.Equal(t, `"arguments":{"command":"ls"}`, extra(f.Extra))
		require.Contains(t, surfaces(r.chunks[0]), `raw tool_calls.function.arguments: {"command":"ls"}`)
		objectsTo(t, r.chunks[0], "choices[0].delta.tool_calls[0].function.arguments")
	}},
	// The decoder cannot tell a repetition from a fragment that is the same: it gives both.
	{"D9 arguments repeated whole", []string{called(`{"index":0,"function":{"arguments":"{\"a\":1}"}}`), called(`{"index":0,"function":{"arguments":"{\"a\":1}"}}`)}, func(t *testing.T, r reading) {
		r.noErrors(t)
		for _, c := range r.chunks {
			require.Equal(t, `{"a":1}`, calls(c)[0].Function.Value.Arguments.Value.String())
		}
	}},
	{"D10 several calls in one event", []string{called(`{"index":0,"id":"a","function":{"name":"f","arguments":"{}"}},{"index":1,"id":"b","function":{"name":"g","arguments":"{}"}}`), called(`{"index":1,"id":"c"}`)}, func(t *testing.T, r reading) {
		r.noErrors(t)
		require.Len(t, calls(r.chunks[0]), 2)
		require.Equal(t, "g", calls(r.chunks[0])[1].Function.Value.Name.Value.String())
		require.Len(t, calls(r.chunks[1]), 1, "the longer list before leaves nothing")
		require.True(t, calls(r.chunks[1])[0].Function.IsAbsent())
	}},
	{"D11 type absent", []string{called(`{"id":"a","function":{"name":"f","arguments":""},"index":0}`)}, func(t *testing.T, r reading) {
		require.True(t, calls(r.only(t))[0].Type.IsAbsent())
		objectsTo(t, r.chunks[0])
	}},
	{"D12 name in pieces, arguments before it", []string{called(`{"index":0,"function":{"arguments":"{"}}`), called(`{"index":0,"function":{"name":"get_"}}`), called(`{"index":0,"function":{"name":"weather","arguments":"}"}}`)}, func(t *testing.T, r reading) {
		r.noErrors(t)
		require.True(t, calls(r.chunks[0])[0].Function.Value.Name.IsAbsent())
		require.Equal(t, "get_", calls(r.chunks[1])[0].Function.Value.Name.Value.String())
		require.Equal(t, "weather", calls(r.chunks[2])[0].Function.Value.Name.Value.String())
	}},
	{"D13 legacy function_call", []string{spoken(`"function_call":{"name":"f","arguments":"{"}`), spoken(`"function_call":{"arguments":"}"}`), spoken(`"function_call":null`)}, func(t *testing.T, r reading) {
		r.noErrors(t)
		require.Equal(t, "f", first(r.chunks[0]).FunctionCall.Value.Name.Value.String())
		require.Equal(t, []string{"function_call.arguments: }"}, surfaces(r.chunks[1]))
		require.True(t, first(r.chunks[2]).FunctionCall.IsNull())
		objectsTo(t, r.chunks[2])
	}},
	{"D14 tool_calls empty on text", []string{spoken(`"content":"a","tool_calls":[]`)}, func(t *testing.T, r reading) {
		d := first(r.only(t))
		require.True(t, d.ToolCalls.IsSet(), "as it came: neither absent nor null")
		require.Empty(t, d.ToolCalls.Value)
		objectsTo(t, r.chunks[0])
	}},
}
