package chatstream_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-08fc7208/chatstream"
	"github.com/seed-08fc7208/chatstream/internal/testing/chunkgen"
)

// TestAmbiguous: payloads that other readers may read in another way, and payloads that they do not.
func TestAmbiguous(t *testing.T) {
	for _, test := range []struct {
		payload string
		want    bool
		left    string // what AppendJSON writes after Disambiguate
	}{
		{`{"choices":[{"delta":{"content":"a"}}]}`, false, ""},
		{`{"choices":[{"delta":{"content":"EVIL","content":""}}]}`, true, `{"choices":[{"delta":{"content":""}}]}`},
		{`{"choices":[{"delta":{"content":"EVIL","content":null}}]}`, true, `{"choices":[{"delta":{"content":null}}]}`},
		{`{"choices":[{"delta":{"content":"EVIL","content":[1]}}]}`, true, `{"choices":[{"delta":{"content":[1]}}]}`},
		{`{"choices":[{"delta":{"content":"EVIL"},"delta":{}}]}`, true, `{"choices":[{"delta":{}}]}`},
		{`{"choices":[{"delta":{"content":"EVIL"}}],"choices":[]}`, true, `{"choices":[]}`},
		{`{"choices":[{"delta":{"content":"","c\u006fntent":"EVIL"}}]}`, true, `{"choices":[{"delta":{"content":"EVIL"}}]}`},
		{`{"choices":[{"delta":{"CONTENT":"EVIL"}}]}`, true, `{"choices":[{"delta":{}}]}`},
		{`{"choices":[{"delta":{"\u0043ontent":"EVIL","x":1}}]}`, true, `{"choices":[{"delta":{"x":1}}]}`},
		{`{"choiceſ":[{"delta":{"content":"EVIL"}}]}`, true, `{}`},
		{`{"choice\u017f":[{"delta":{"content":"EVIL"}}]}`, true, `{}`},
		{`{"choices":[{"delta":{"tool_calls":[{"function":{"Arguments":"EVIL"}}]}}]}`, true, `{"choices":[{"delta":{"tool_calls":[{"function":{}}]}}]}`},
		{`{"choices":[{"delta":{"tool_calls":[{"function":{"name":"a","name":"b"}}]}}]}`, true, `{"choices":[{"delta":{"tool_calls":[{"function":{"name":"b"}}]}}]}`},
		{`{"choices":[{"delta":{"audio":{"Transcript":"EVIL"}}}]}`, true, `{"choices":[{"delta":{"audio":{}}}]}`},
		{`{"choices":[{"delta":{"function_call":{"NAME":"EVIL"}}}]}`, true, `{"choices":[{"delta":{"function_call":{}}}]}`},
		{`{"choices":[{"delta":{},"logprobs":{"content":[{"TOKEN":"EVIL"}]}}]}`, true, `{"choices":[{"delta":{},"logprobs":{"content":[{}]}}]}`},
		{`{"choices":[{"delta":{},"logprobs":{"content":[{"top_logprobs":[{"tokenN":1,"toKen":2}]}]}}]}`, true, `{"choices":[{"delta":{},"logprobs":{"content":[{"top_logprobs":[{"tokenN":1}]}]}}]}`},
		{`{"choices":[{"delta":{},"logprobs":{"content":[{"to` + "\u212A" + `en":"EVIL"}]}}]}`, true, `{"choices":[{"delta":{},"logprobs":{"content":[{}]}}]}`},
		{`{"usage":{"Total_tokens":1,"prompt_tokens_details":{"AUDIO_TOKENS":1}}}`, true, `{"usage":{"prompt_tokens_details":{}}}`},

		{`{"choices":[{"delta":{"content":7}}]}`, false, ""},
		{`{"choices":null,"object":1}`, false, ""},
		{`{"x":1,"x":2,"choices":[{"delta":{"y":"a","y":"b"}}]}`, false, ""},
		{`{"choices":[{"delta":{"conten":"a","contents":"b","ſontent":"c","":"d","` + "\u0130" + `d":"e"}}]}`, false, ""},
		{`{"x":{"content":"a","CONTENT":"b"}}`, false, ""},
	} {
		c := unmarshalAny(t, test.payload)
		assert.Equal(t, test.want, c.Ambiguous(), test.payload)
		before := string(c.AppendJSON(nil))
		c.Disambiguate()
		assert.False(t, c.Ambiguous(), test.payload)
		if !test.want {
			test.left = before
		}
		assert.Equal(t, test.left, string(c.AppendJSON(nil)), test.payload)
	}
}

func unmarshalAny(t testing.TB, payload string) *chunk {
	t.Helper()
	c := new(chunk)
	require.NoError(t, chatstream.Unmarshal([]byte(payload), c))
	return c
}

// TestAmbiguousEveryMember: each member of each object, repeated and in different case.
func TestAmbiguousEveryMember(t *testing.T) {
	for _, s := range chunkgen.Sites() {
		name := s.Member.Name
		upper := strings.Replace(s.With("null"), `"`+name+`":null`, `"`+strings.ToUpper(name)+`":null`, 1)
		twice := s.With(`null,"` + name + `":null`)
		require.NotEqual(t, s.With("null"), upper)
		for _, payload := range []string{upper, twice} {
			c := new(chunk)
			_ = chatstream.Unmarshal([]byte(payload), c)
			assert.True(t, c.Ambiguous(), payload)
			c.Disambiguate()
			assert.False(t, c.Ambiguous(), payload)
		}
		c := new(chunk)
		_ = chatstream.Unmarshal([]byte(s.With("null")), c)
		assert.False(t, c.Ambiguous(), s.With("null"))
	}
}

// TestAmbiguousOnAMatch: an event like the previous one has the same result. An event that differs
// only in a repetition has the other result.
func TestAmbiguousOnAMatch(t *testing.T) {
	var stream strings.Builder
	var want []bool
	for i := range 40 {
		odd := i%7 == 6
		name := "x"
		if odd {
			name = "Content"
		}
		fmt.Fprintf(&stream, "data: {\"choices\":[{\"delta\":{\"content\":\"w%d\",%q:\"v\"}}]}\n\n", i, name)
		want = append(want, odd)
	}
	d := chatstream.NewDecoder(strings.NewReader(stream.String() + "data: [DONE]\n\n"))
	var got []bool
	for c, err := range d.All() {
		require.NoError(t, err)
		got = append(got, c.Ambiguous())
	}
	assert.Equal(t, want, got)
	assert.Positive(t, d.Stats().Matched)
}

// TestTextsBesideTheAnswer: texts beside the answer are yielded, and IsAnswer is false for them.
func TestTextsBesideTheAnswer(t *testing.T) {
	for payload, want := range map[string]chatstream.SurfaceKind{
		`{"choices":[{"delta":{"annotations":[{"type":"url_citation","url_citation":{"title":"SEEN","url":"u"}}]}}]}`: chatstream.SurfaceAnnotations,
		`{"citations":["https://example.org/SEEN"]}`:                                                                  chatstream.SurfaceCitations,
		`{"search_results":[{"title":"SEEN","url":"u"}]}`:                                                             chatstream.SurfaceSearchResults,
		`{"error":{"message":"SEEN","code":5}}`:                                                                       chatstream.SurfaceError,
		`{"error":"SEEN","choices":[]}`:                                                                               chatstream.SurfaceError,
		`{"choices":[{"delta":{"cot_summary":"SEEN"}}]}`:                                                              chatstream.SurfaceCoTSummary,
		`{"choices":[{"delta":{"thinking":"SEEN"}}]}`:                                                                 chatstream.SurfaceThinking,
		`{"choices":[{"message":{"content":"SEEN"}}]}`:                                                                chatstream.SurfaceMessage,
		`{"choices":[{"delta":{},"message":{"reasoning":"SEEN"}}]}`:                                                   chatstream.SurfaceMessage,
	} {
		c := new(chunk)
		_ = chatstream.Unmarshal([]byte(payload), c)
		var kinds []chatstream.SurfaceKind
		for s, text := range c.Texts() {
			assert.Contains(t, string(text), "SEEN", payload)
			kinds = append(kinds, s.Kind)
		}
		assert.Equal(t, []chatstream.SurfaceKind{want}, kinds, payload)
		answers := []chatstream.SurfaceKind{chatstream.SurfaceCoTSummary, chatstream.SurfaceThinking, chatstream.SurfaceMessage}
		assert.Equal(t, slices.Contains(answers, want), want.IsAnswer(), payload)
		c.EditTexts(func(chatstream.Surface, chatstream.Text) chatstream.Text { return chatstream.Text("masked") })
		assert.NotContains(t, string(c.AppendJSON(nil)), "SEEN")
	}
}
