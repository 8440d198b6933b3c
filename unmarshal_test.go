package chatstream_test

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
	"unsafe"

	"github.com/seed-08fc7208/chatstream"
	"github.com/seed-08fc7208/chatstream/internal/testing/chunkgen"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// fullPayload has every member of the schema, valid, with escapes and spaces here and there.
const fullPayload = `{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1746852567.5,"model":"m\u00f6del", "system_fingerprint":"fp",
 "service_tier":"default","obfuscation":"aB3","provider":"Some","error":null,"x":[1,{"y":"z"}],
 "choices":[{"index":0,"delta":{"role":"assistant","content":"a \"quoted\" word","refusal":"no","reasoning":"since","reasoning_content":"so",
 "reasoning_signature":"sig","redacted_reasoning":"AAAA","audio":{"id":"a1","transcript":"hi","data":"UklG","expires_at":1746852600,"x":1},
 "tool_calls":[{"index":0,"id":"call_1","type":"function","function":{"name":"f","arguments":"{\"a\":1}","x":null}},{"index":1,"function":{"arguments":"\n"},"x":""}],
 "function_call":{"name":"g","arguments":""},"x":{}},
 "logprobs":{"content":[{"token":"t","logprob":-0.5,"bytes":[116],"top_logprobs":[{"token":"u","logprob":-9999.0,"bytes":[195,169],"x":0},{"token":"","logprob":0,"bytes":[]}],"x":0}],"refusal":[],"x":0},
 "finish_reason":"tool_calls","x":0},{"index":1,"delta":{},"finish_reason":null}],
 "usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3,"prompt_tokens_details":{"cached_tokens":4,"audio_tokens":null,"x":0},
 "completion_tokens_details":{"reasoning_tokens":5,"accepted_prediction_tokens":6,"rejected_prediction_tokens":7,"audio_tokens":null,"x":0},"x":0}}`

// unmarshal decodes a payload that holds no error.
func unmarshal(t testing.TB, payload string) *chunk {
	t.Helper()
	c := new(chunk)
	require.NoError(t, chatstream.Unmarshal([]byte(payload), c), "%.300q", payload)
	return c
}

// delta decodes a payload with one choice that has this delta.
func delta(t testing.TB, members string) chatstream.Delta {
	t.Helper()
	return unmarshal(t, `{"choices":[{"delta":{`+members+`}}]}`).Choices[0].Delta
}

// extra gives an Extra in the form of its members on the wire.
func extra(members []chatstream.Member) string {
	var list []string
	for _, m := range members {
		list = append(list, fmt.Sprintf("%q:%s", m.Name.String(), m.Value))
	}
	return strings.Join(list, ",")
}

func someText(s string) chatstream.Optional[chatstream.Text] {
	return chatstream.Some(chatstream.Text(s))
}

func TestUnmarshalFull(t *testing.T) {
	judge(t, unmarshal(t, fullPayload), fullPayload)
	c := unmarshal(t, fullPayload)
	require.NoError(t, c.Validate())
	require.Equal(t, "a \"quoted\" word", c.Choices[0].Delta.Content.Value.String())
	require.Equal(t, `{"a":1}`, c.Choices[0].Delta.ToolCalls.Value[0].Function.Value.Arguments.Value.String())
	require.Equal(t, chatstream.FinishReasonToolCalls, c.Choices[0].FinishReason.Value)
	require.Equal(t, []int64{195, 169}, c.Choices[0].Logprobs.Value.Content.Value[0].TopLogprobs.Value[0].Bytes.Value)
	require.EqualValues(t, 7, c.Usage.Value.CompletionTokensDetails.Value.RejectedPredictionTokens.Value)
	require.Equal(t, `"x":[1,{"y":"z"}]`, extra(c.Extra))
}

// values has, for each kind of member, values that are its type and values that are not.
var values = map[chunkgen.Kind]struct{ fit, misfit []string }{
	chunkgen.Text:  {[]string{`""`, `"a"`, `"\u0000\"\\"`, `"é"`, `"null"`}, []string{"0", "true", "false", "[]", `["a"]`, "{}", `{"a":"b"}`, "-1.5e3"}},
	chunkgen.Enum:  {[]string{`""`, `"stop"`, `"assistant"`, `"\u0066unction"`, `"Stop"`, `"\ud800"`}, []string{"0", "true", "[]", "{}", `["stop"]`}},
	chunkgen.Float: {[]string{"0", "-0", "1.5", "-9999.0", "1e308", "5e-324", "1e-400", "1746852567.742961"}, []string{`"1"`, "1e400", "-1e400", "true", "[1]", "{}", `"2025/05/16 16:29:57"`}},
	chunkgen.Int:   {[]string{"0", "-1", "3.0", "1e2", "10e-1", "9223372036854775807"}, []string{`"1"`, "1.5", "1e-1", "9223372036854775808", "1e400", "true", "[1]", "{}"}},
	chunkgen.Obj:   {[]string{"{}", `{"x":1}`, `{ "":null }`, `{"id":{}}`}, []string{"0", `""`, `"{}"`, "true", "[]", "[{}]"}},
	chunkgen.List:  {[]string{"[]", "[ ]", "[{}]", "[{},{}]", `[{"x":1} , { }]`}, []string{"0", `""`, "{}", "false", "[null]", "[{},null]", "[0,{}]", "[{},[]]", `["a"]`, `[{"id":"a"},1]`}},
	chunkgen.Ints:  {[]string{"[]", "[0]", "[ 1 , 2 ]", "[256,-1]", "[3.0,1e2]"}, []string{"0", `""`, "{}", "[null]", "[1,null]", `["1"]`, "[1.5]", "[[1]]", "[1,9223372036854775808]"}},
	chunkgen.Any:   {[]string{"0", `""`, `"a"`, "true", "false", "[]", "{}", `{"message":"m"}`, "[null]", "1e400"}, nil},
}

// TestEveryMember: absent, null, set and misshapen of every member of the schema, alone, beside others, and twice. A
// misshapen one is in Extra whole.
func TestEveryMember(t *testing.T) {
	used := new(chunk)
	for _, s := range chunkgen.Sites() {
		v := values[s.Member.Kind]
		judge(t, used, s.Before[:strings.LastIndex(s.Before, "{")+1]+s.After) // absent
		all := append(append([]string{"null"}, v.fit...), v.misfit...)
		for _, one := range all {
			judge(t, used, s.With(one))
			judge(t, used, s.With(" \n"+one+"\t"))
			judge(t, used, s.With(one+`,"x":`+one+`,"y":null`))
			judge(t, used, s.Before[:strings.LastIndex(s.Before, "{")+1]+`"x":`+one+`,"`+s.Member.Name+`":`+one+s.After)
			for _, two := range all {
				judge(t, used, s.With(one+`,"x":0,"`+s.Member.Name+`":`+two))
			}
		}
	}
}

func TestThreeStates(t *testing.T) {
	c := unmarshal(t, `{"id":"","model":null}`)
	require.True(t, c.ID.IsSet())
	require.True(t, c.Model.IsNull())
	require.True(t, c.SystemFingerprint.IsAbsent())
	require.Zero(t, c.Model.Value)
	require.Equal(t, `{"id":"","model":null}`, string(c.AppendJSON(nil)))
	v, ok := c.ID.Get()
	require.True(t, ok)
	require.Empty(t, v)
	_, ok = c.Model.Get()
	require.False(t, ok)
	require.Equal(t, "none", c.Model.Or(chatstream.Text("none")).String())

	d := delta(t, `"tool_calls":[],"audio":{},"role":null`)
	require.True(t, d.ToolCalls.IsSet())
	require.Empty(t, d.ToolCalls.Value)
	require.True(t, d.Audio.IsSet())
	require.True(t, d.Role.IsNull())
}

// TestRequiredMembers: choices, object and delta are no Optionals, and yet what was there is known and survives.
func TestRequiredMembers(t *testing.T) {
	for _, payload := range []string{
		`{}`, `{"choices":[]}`, `{"choices":null}`, `{"choices":{}}`, `{"object":""}`, `{"object":null}`, `{"object":7}`,
		`{"choices":[{}]}`, `{"choices":[{"delta":{}}]}`, `{"choices":[{"delta":null}]}`, `{"choices":[{"delta":[]}]}`,
		`{"object":"","choices":[{},{"delta":{}},{"delta":null},{"delta":{"content":""}}]}`,
	} {
		c := unmarshal(t, payload)
		require.JSONEq(t, payload, string(c.AppendJSON(nil)))
		require.JSONEq(t, payload, string(c.Clone().AppendJSON(nil)))
		judge(t, c, payload)
	}
	require.Nil(t, unmarshal(t, `{}`).Choices)
	require.NotNil(t, unmarshal(t, `{"choices":[]}`).Choices)
	require.Equal(t, `"choices":null`, extra(unmarshal(t, `{"choices":null}`).Extra))
	require.Equal(t, `"delta":null`, extra(unmarshal(t, `{"choices":[{"delta":null}]}`).Choices[0].Extra))
	require.Equal(t, `{"choices":[{"delta":{}}]}`, string((&chunk{Choices: []chatstream.Choice{{}}}).AppendJSON(nil)), "nothing of a caller's choice is known to be absent")
}

// TestFieldHidesExtra: AppendJSON writes the value that a caller sets, not an older one from the payload or in Extra.
func TestFieldHidesExtra(t *testing.T) {
	for _, test := range []struct {
		name, payload string
		write         func(c *chunk)
		want          string
	}{
		{"object that was empty", `{"object":""}`, func(c *chunk) { c.Object = "o" }, `{"object":"o"}`},
		{"object that was null", `{"object":null}`, func(c *chunk) { c.Object = "o" }, `{"object":"o"}`},
		{"delta that was absent", `{"choices":[{}]}`, func(c *chunk) { c.Choices[0].Delta.Content = someText("t") }, `{"choices":[{"delta":{"content":"t"}}]}`},
		{"delta that was null", `{"choices":[{"delta":null}]}`, func(c *chunk) { c.Choices[0].Delta.Role = chatstream.Null[chatstream.Role]() }, `{"choices":[{"delta":{"role":null}}]}`},
		{"delta that is given an Extra", `{"choices":[{}]}`, func(c *chunk) {
			c.Choices[0].Delta.Extra = []chatstream.Member{{Name: chatstream.Text("x"), Value: chatstream.RawValue("1")}}
		}, `{"choices":[{"delta":{"x":1}}]}`},
		{"choices that were null", `{"choices":null,"x":1}`, func(c *chunk) { c.Choices = []chatstream.Choice{} }, `{"choices":[],"x":1}`},
		{"choices taken away", `{"choices":[{}]}`, func(c *chunk) { c.Choices = nil }, `{}`},
		{"field set over its Extra", `{"choices":[{"delta":{"content":[{"type":"text","text":"secret"}]}}]}`, func(c *chunk) { c.Choices[0].Delta.Content = someText("[redacted]") }, `{"choices":[{"delta":{"content":"[redacted]"}}]}`},
		{"field null over its Extra", `{"choices":[{"delta":{"content":{"text":"secret"}}}]}`, func(c *chunk) { c.Choices[0].Delta.Content = chatstream.Null[chatstream.Text]() }, `{"choices":[{"delta":{"content":null}}]}`},
		{"field cleared shows its Extra", `{"created":"today"}`, func(c *chunk) { c.Created = chatstream.Optional[float64]{} }, `{"created":"today"}`},
		{"count over its Extra", `{"usage":{"total_tokens":"7"}}`, func(c *chunk) { c.Usage.Value.TotalTokens = chatstream.Some[int64](8) }, `{"usage":{"total_tokens":8}}`},
		{"arguments over their Extra", `{"choices":[{"delta":{"tool_calls":[{"function":{"arguments":{"a":1}}}]}}]}`, func(c *chunk) { c.Choices[0].Delta.ToolCalls.Value[0].Function.Value.Arguments = someText("{}") }, `{"choices":[{"delta":{"tool_calls":[{"function":{"arguments":"{}"}}]}}]}`},
		{"a name that is written in another way hides too", `{"\u0069d":1}`, func(c *chunk) { c.ID = someText("i") }, `{"id":"i"}`},
		{"a caller's own Extra is hidden too", `{"id":"i"}`, func(c *chunk) {
			c.Extra = []chatstream.Member{{Name: chatstream.Text("id"), Value: chatstream.RawValue("1")}, {Name: chatstream.Text("ID"), Value: chatstream.RawValue("2")}}
		}, `{"id":"i","ID":2}`},
		{"names of another object hide nothing", `{"content":1,"choices":[{"id":2}]}`, func(c *chunk) { c.ID, c.Choices[0].Delta.Content = someText("i"), someText("t") }, `{"id":"i","content":1,"choices":[{"id":2,"delta":{"content":"t"}}]}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := unmarshal(t, test.payload)
			test.write(c)
			require.JSONEq(t, test.want, string(c.AppendJSON(nil)))
			require.JSONEq(t, test.want, string(c.Clone().AppendJSON(nil)))
			require.NotContains(t, string(c.AppendJSON(nil)), "secret")
		})
	}
}

func TestIntegers(t *testing.T) {
	for _, test := range []struct {
		number string
		want   int64
		fits   bool
	}{
		{"0", 0, true}, {"-0", 0, true}, {"7", 7, true}, {"-7", -7, true}, {"3.0", 3, true}, {"3.000", 3, true}, {"1e2", 100, true}, {"1E+2", 100, true},
		{"10e-1", 1, true}, {"1200e-2", 12, true}, {"1.5e1", 15, true}, {"0.000001e6", 1, true}, {"-12.50e2", -1250, true}, {"-0.0", 0, true}, {"0e5", 0, true}, {"0.0e-5", 0, true},
		{"0e999999999", 0, true}, {"0e-999999999", 0, true}, {"0e99999999999999999999999999", 0, true}, {"0.000e99999999999999999999999999", 0, true},
		{"9007199254740993", 9007199254740993, true}, {"-9007199254740993", -9007199254740993, true}, {"9007199254740993.0", 9007199254740993, true}, {"900719925474099.3e1", 9007199254740993, true},
		{"9223372036854775807", math.MaxInt64, true}, {"-9223372036854775808", math.MinInt64, true}, {"9223372036854775807.00", math.MaxInt64, true}, {"922337203685477580.7e1", math.MaxInt64, true},
		{"-9.223372036854775808e18", math.MinInt64, true}, {"92233720368547758070e-1", math.MaxInt64, true}, {"1e18", 1e18, true}, {"9e18", 9e18, true},
		{"1" + strings.Repeat("0", 400) + "e-400", 1, true}, {"0." + strings.Repeat("0", 400) + "1e401", 1, true},
		{"0.5", 0, false}, {"1.5", 0, false}, {"1e-1", 0, false}, {"3.0000000000000000000000000000001", 0, false}, {"1e-999999999", 0, false}, {"1e-99999999999999999999999999", 0, false},
		{"9223372036854775808", 0, false}, {"-9223372036854775809", 0, false}, {"9223372036854775807.5", 0, false}, {"18446744073709551616", 0, false}, {"18446744073709551617", 0, false}, {"1e19", 0, false}, {"1e20", 0, false},
		{"1e400", 0, false}, {"-1e400", 0, false}, {"1e999999999", 0, false}, {"1e99999999999999999999999999", 0, false}, {"1e18446744073709551617", 0, false}, {"92233720368547758080e-1", 0, false},
	} {
		payload := `{"usage":{"total_tokens":` + test.number + `}}`
		u := unmarshal(t, payload).Usage.Value
		require.Equal(t, test.fits, u.TotalTokens.IsSet(), test.number)
		if test.fits {
			require.Equal(t, test.want, u.TotalTokens.Value, test.number)
			require.Nil(t, u.Extra)
		} else {
			require.Equal(t, `"total_tokens":`+test.number, extra(u.Extra))
		}
		for _, s := range chunkgen.Sites() {
			switch s.Member.Kind {
			case chunkgen.Int:
				judge(t, new(chunk), s.With(test.number))
			case chunkgen.Ints:
				judge(t, new(chunk), s.With("[1,"+test.number+"]"))
			}
		}
	}
}

func TestFloats(t *testing.T) {
	for _, test := range []struct {
		number string
		want   float64
		fits   bool
	}{
		{"0", 0, true}, {"-0", math.Copysign(0, -1), true}, {"-0.0", math.Copysign(0, -1), true}, {"1", 1, true}, {"1753879075170", 1753879075170, true}, {"1746852567.742961", 1746852567.742961, true},
		{"-9999.0", -9999, true}, {"0.1", 0.1, true}, {"1e2", 100, true}, {"1E-2", 0.01, true}, {"9007199254740993", 9007199254740992, true}, {"9007199254740992.99999999999999", 9007199254740992, true},
		{"1.7976931348623157e308", math.MaxFloat64, true}, {"1.7976931348623158e308", math.MaxFloat64, true}, {"5e-324", 5e-324, true}, {"2e-324", 0, true}, {"1e-400", 0, true}, {"-1e-400", math.Copysign(0, -1), true}, {"0e999999999", 0, true},
		{"2.2250738585072011e-308", 2.2250738585072011e-308, true}, {"0.1" + strings.Repeat("0", 800) + "1", 0.1, true},
		{"1.8e308", 0, false}, {"1e400", 0, false}, {"-1e400", 0, false}, {"1e999999999", 0, false}, {"1" + strings.Repeat("0", 400), 0, false},
	} {
		c := unmarshal(t, `{"created":`+test.number+`}`)
		require.Equal(t, test.fits, c.Created.IsSet(), test.number)
		require.Equal(t, math.Float64bits(test.want), math.Float64bits(c.Created.Value), test.number)
		if !test.fits {
			require.Equal(t, `"created":`+test.number, extra(c.Extra))
		}
		for _, s := range chunkgen.Sites() {
			if s.Member.Kind == chunkgen.Float {
				judge(t, new(chunk), s.With(test.number))
			}
		}
	}
}

// TestRepeatedMembers: the last occurrence of a member with a field counts; all occurrences of others stay in Extra.
func TestRepeatedMembers(t *testing.T) {
	for _, test := range []struct{ name, payload, id, extra, json string }{
		{"both fit", `{"id":"a","id":"b"}`, "b", "", `{"id":"b"}`},
		{"last is null", `{"id":"a","id":null}`, "", "", `{"id":null}`},
		{"last is misshapen", `{"id":"a","id":1}`, "", `"id":1`, `{"id":1}`},
		{"earlier is misshapen", `{"id":1,"id":"b"}`, "b", "", `{"id":"b"}`},
		{"both misshapen", `{"id":1,"x":0,"id":2,"y":0}`, "", `"x":0,"id":2,"y":0`, `{"x":0,"id":2,"y":0}`},
		{"misshapen around one that fits", `{"id":1,"x":0,"id":"b","y":0,"id":[3]}`, "", `"x":0,"y":0,"id":[3]`, `{"x":0,"y":0,"id":[3]}`},
		{"escaped", `{"id":"a","\u0069d":"b"}`, "b", "", `{"id":"b"}`},
		{"unknown", `{"x":1,"x":2,"id":"a","x":1}`, "a", `"x":1,"x":2,"x":1`, `{"id":"a","x":1,"x":2,"x":1}`},
		{"unknown, escaped", `{"x":1,"\u0078":2}`, "", `"x":1,"x":2`, `{"x":1,"x":2}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := unmarshal(t, test.payload)
			require.Equal(t, test.id, c.ID.Value.String())
			require.Equal(t, test.extra, extra(c.Extra))
			require.Equal(t, test.json, string(c.AppendJSON(nil)))
			judge(t, c, test.payload)
		})
	}
	t.Run("objects and lists are not merged", func(t *testing.T) {
		c := unmarshal(t, `{"choices":[{"index":1,"delta":{"content":"a","content":"b"}},{}],"usage":{"total_tokens":1},"choices":[{"delta":{"role":"assistant"},"delta":{"refusal":"r"}}],"usage":{"prompt_tokens":2}}`)
		require.Equal(t, `{"choices":[{"delta":{"refusal":"r"}}],"usage":{"prompt_tokens":2}}`, string(c.AppendJSON(nil)))
	})
	t.Run("object that was empty before", func(t *testing.T) {
		for payload, want := range map[string]string{
			`{"object":"","object":"o"}`:  `{"object":"o"}`,
			`{"object":"","object":null}`: `{"object":null}`,
			`{"object":null,"object":""}`: `{"object":""}`,
			`{"object":"o","object":""}`:  `{"object":""}`,
		} {
			require.Equal(t, want, string(unmarshal(t, payload).AppendJSON(nil)))
		}
	})
	t.Run("an error that was overwritten is none", func(t *testing.T) {
		unmarshal(t, `{"error":"e","error":null}`)
		require.Error(t, chatstream.Unmarshal([]byte(`{"error":null,"error":"e"}`), new(chunk)))
	})
}

// TestMemberNames: names are compared exactly, after unescaping.
func TestMemberNames(t *testing.T) {
	for name, known := range map[string]bool{
		`id`: true, `\u0069d`: true, `i\u0064`: true, `\u0069\u0064`: true,
		`ID`: false, `Id`: false, `iD`: false, ` id`: false, `id `: false, `i`: false, `idd`: false, ``: false, `id\u0000`: false, `\u0000id`: false, "ı" + `d`: false, `id\ud800`: false, "id\xff": false, `\"id\"`: false, `i\\u0064`: false,
	} {
		c := unmarshal(t, `{"`+name+`":"v"}`)
		require.Equal(t, known, c.ID.IsSet(), name)
		require.Equal(t, known, c.Extra == nil, name)
		judge(t, c, `{"`+name+`":"v"}`)
	}
	used := new(chunk)
	for _, s := range chunkgen.Sites() {
		name := s.Member.Name
		at := s.Before[:len(s.Before)-len(name)-2]
		for _, other := range []string{
			strings.ToUpper(name), strings.ToUpper(name[:1]) + name[1:], strings.ReplaceAll(name, "_", ""), strings.ReplaceAll(name, "_", "-"), strings.Replace(name, "s", "ſ", 1), strings.Replace(name, "k", "\u212a", 1),
			name[:len(name)-1], name[1:], name + "s", name + "_", name + `\u0000`, name[:len(name)-1] + `\u00` + fmt.Sprintf("%02x", name[len(name)-1]), `\u00` + fmt.Sprintf("%02X", name[0]) + name[1:],
		} {
			for _, value := range []string{`"v"`, "1", "null", "{}", "[]"} {
				judge(t, used, at+other+`":`+value+s.After)
			}
		}
	}
}

// TestEnums: a value that the schema does not know is kept as it came, and owned by the caller.
func TestEnums(t *testing.T) {
	payload := []byte(`{"object":"chat.completion","choices":[{"finish_reason":"end_turn","delta":{"role":"Assistant","tool_calls":[{"type":"custom"}]}},{"finish_reason":""},{"finish_reason":"sto\u0070"},{"finish_reason":"\ud800"}]}`)
	c := unmarshal(t, string(payload))
	require.NoError(t, chatstream.Unmarshal(payload, c))
	clear(payload)
	require.Equal(t, chatstream.Object("chat.completion"), c.Object)
	require.Equal(t, chatstream.FinishReason("end_turn"), c.Choices[0].FinishReason.Value)
	require.Equal(t, chatstream.Role("Assistant"), c.Choices[0].Delta.Role.Value)
	require.Equal(t, chatstream.ToolCallType("custom"), c.Choices[0].Delta.ToolCalls.Value[0].Type.Value)
	require.Equal(t, chatstream.Some(chatstream.FinishReason("")), c.Choices[1].FinishReason)
	require.Equal(t, chatstream.FinishReasonStop, c.Choices[2].FinishReason.Value)
	require.Equal(t, chatstream.FinishReason("\ufffd"), c.Choices[3].FinishReason.Value)

	// More values than any provider has: none may be confused with another.
	for round := range 2 {
		for i := range 200 {
			value := strings.Repeat("reason", i%20) + fmt.Sprint(i)
			require.NoError(t, chatstream.Unmarshal([]byte(`{"choices":[{"finish_reason":"`+value+`"}]}`), c))
			require.Equal(t, chatstream.FinishReason(value), c.Choices[0].FinishReason.Value, "round %d", round)
		}
	}
}

// TestTextRepair: invalid bytes and escapes become U+FFFD, one for each, in every string.
func TestTextRepair(t *testing.T) {
	for _, test := range []struct{ in, want string }{
		{`\ud83d\ude00`, "\U0001f600"}, {`\uD83D\uDE00`, "\U0001f600"}, {`\ud800\udc00`, "\U00010000"}, {`\udbff\udfff`, "\U0010ffff"},
		{`\ud83d`, "\ufffd"}, {`\ude00`, "\ufffd"}, {`\ude00\ud83d`, "\ufffd\ufffd"}, {`\ud83d\ud83d\ude00`, "\ufffd\U0001f600"}, {`\ud83dx`, "\ufffdx"}, {`\ud83d\n`, "\ufffd\n"},
		{`\ud83d\u0041`, "\ufffdA"}, {`\ud83d\\ude00`, "\ufffd\\ude00"}, {`\ud83d\ufffd`, "\ufffd\ufffd"}, {`\ud83d` + "\xff", "\ufffd\ufffd"},
		{"\x80", "\ufffd"}, {"\xff\xfe", "\ufffd\ufffd"}, {"\xc0\x80", "\ufffd\ufffd"}, {"\xe0\x80\xaf", "\ufffd\ufffd\ufffd"}, {"\xf0\x80\x80\xaf", "\ufffd\ufffd\ufffd\ufffd"},
		{"\xed\xa0\xbd\xed\xb8\x80", "\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd"}, {"\xf4\x90\x80\x80", "\ufffd\ufffd\ufffd\ufffd"}, {"\xe2\x82", "\ufffd\ufffd"}, {"\xe2\x82x", "\ufffd\ufffdx"},
		{"a\xf0\x9f\x98", "a\ufffd\ufffd\ufffd"}, {"\xc3\\u00a9", "\ufffd©"}, {"é\x80€", "é\ufffd€"}, {"\xc0\xa2", "\ufffd\ufffd"}, {"\u00e9\U0001f600\ufffd\uffff", "\u00e9\U0001f600\ufffd\uffff"},
		{"12345678\xff", "12345678\ufffd"}, {"1234567\xff8", "1234567\ufffd8"}, {"\xff" + strings.Repeat("a", 100), "\ufffd" + strings.Repeat("a", 100)}, {strings.Repeat("é", 50) + "\xc3", strings.Repeat("é", 50) + "\ufffd"},
	} {
		for pad := range 9 { // so that each meets each place in a word
			in, want := strings.Repeat("p", pad)+test.in, strings.Repeat("p", pad)+test.want
			require.Equal(t, want, delta(t, `"content":"`+in+`"`).Content.Value.String(), "%q", in)
			require.Equal(t, want, unmarshal(t, `{"`+in+`x":1}`).Extra[0].Name.String()[:len(want)], "%q", in)
			require.Equal(t, chatstream.Object(want), unmarshal(t, `{"object":"`+in+`"}`).Object, "%q", in)
			judge(t, new(chunk), `{"id":"`+in+`","choices":[{"delta":{"content":"`+in+in+`"}}],"`+in+`":"`+in+`"}`)
		}
	}
}

// TestListLimits: a list at its limit is built, and one over it is in Extra whole.
func TestListLimits(t *testing.T) {
	used := new(chunk)
	for _, s := range chunkgen.Sites() {
		element := map[chunkgen.Kind]string{chunkgen.List: `{"x":100}`, chunkgen.Ints: "1"}[s.Member.Kind]
		if element == "" {
			continue
		}
		limit := 4096
		if s.Path == "choices" {
			limit = 1024
		}
		list := func(n int) string { return "[" + strings.Repeat(element+",", n-1) + element + "]" }
		judge(t, used, s.With(list(limit)))
		require.Empty(t, chunkgen.Check([]byte(s.With(list(limit))), used))
		judge(t, used, s.With(list(limit+1)))
		require.ErrorContains(t, used.Validate(), "too long", s.Path)
		judge(t, used, s.With(list(limit+1)+`,"`+s.Member.Name+`":[`+element+`]`))
	}
}

// TestListsThatBlowUp: a list that would take over 64 KiB and over 64 times its bytes is not built, with the lists in it.
func TestListsThatBlowUp(t *testing.T) {
	used := new(chunk)
	for element, most := range map[string]int{
		`{}`:              (64 << 10) / int(unsafe.Sizeof(chatstream.Choice{})),
		`{"a":"bcdefgh"}`: 1024,
		`{"delta":{"tool_calls":[{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}]}}`: 0,
		`{"delta":{"audio":{}},"logprobs":{}}`:                                       1024,
	} {
		list := func(n int) string { return `{"choices":[` + strings.Repeat(element+",", n-1) + element + `]}` }
		for n := 1; n <= 1024; n += 1 + n/8 {
			judge(t, used, list(n))
			require.Empty(t, chunkgen.Check([]byte(list(n)), used))
			if most > 0 {
				require.Equal(t, n <= most, used.Choices != nil, "%d times %s", n, element)
			}
			require.Equal(t, used.Choices == nil, used.Validate() != nil && strings.Contains(used.Validate().Error(), "too long"))
		}
	}
}

// TestSyntaxErrorEmpties: after a SyntaxError dst is empty, for every earlier content and every place of the fault.
func TestSyntaxErrorEmpties(t *testing.T) {
	c := new(chunk)
	for i := range len(fullPayload) {
		require.NoError(t, chatstream.Unmarshal([]byte(fullPayload), c))
		var syntax *chatstream.SyntaxError
		require.ErrorAs(t, chatstream.Unmarshal([]byte(fullPayload[:i]), c), &syntax, "prefix of %d", i)
		require.EqualValues(t, i, syntax.Offset, "prefix of %d", i)
		require.Empty(t, chunkgen.CheckEmpty(c), "prefix of %d", i)
		require.Equal(t, "{}", string(c.AppendJSON(nil)))
	}
	require.Error(t, chatstream.Unmarshal(nil, c))
	require.Empty(t, chunkgen.CheckEmpty(c))
}

// No error's text has a line end, another control character or bytes that are no UTF-8, wherever the other side put them: it
// goes into logs, where what follows would pass for a line of its own.
func TestErrorTextIsOneLine(t *testing.T) {
	const evil = `a\n2026-01-01 all is well\u001b[2K\u0085\u2028`
	for _, payload := range []string{
		`{"error":{"message":"EVIL"}}`, `{"error":{"message":"m","type":"EVIL"}}`, `{"error":{"message":"m","code":"EVIL"}}`,
		`{"error":{"message":"m","param":"EVIL"}}`, `{"error":{"type":"EVIL"}}`, `{"error":{"detail":"EVIL"}}`, `{"error":"EVIL"}`,
		"{\"error\":\n[1,\r\n\"EVIL\"]}", "{\"error\":{\"code\":\n[1,\r\n2]}}", `{"object":"error","EVIL":1}`,
		`{"EVIL":1,"EVIL":2}`, `{"choices":[{"EVIL":1,"EVIL":2,"finish_reason":"EVIL"}]}`, `{"object":"EVIL"}`, "{\"id\":[1,\r\n2]}",
		"{\"EVIL\":\n}", "\xFF", "{\"\xFF\":1,\"\xFF\":1,\"error\":{\"message\":\"\xFF\",\"type\":\"\xFF\"}}",
	} {
		payload = strings.ReplaceAll(payload, "EVIL", evil)
		var c chunk
		err := chatstream.Unmarshal([]byte(payload), &c)
		all := []error{err, c.Validate()}
		for _, stream := range []string{
			"data: " + payload + "\n\n", "event: error\ndata: " + payload + "\n\n", "error: " + payload + "\n\n",
			"error: a\x1B[2K\x00\x7F\xFF\n\n", payload, "<" + payload, "x" + payload,
		} {
			d := chatstream.NewDecoder(strings.NewReader(stream))
			for _, err := range d.All() {
				all = append(all, err)
			}
			d.Close()
		}
		for _, err := range all {
			if err == nil {
				continue
			}
			lines := []error{err}
			if joined, is := err.(interface{ Unwrap() []error }); is && !errors.Is(err, chatstream.ErrNotEventStream) {
				lines = joined.Unwrap() // errors.Join puts each on a line
			}
			for _, line := range lines {
				text := line.Error()
				assert.False(t, strings.ContainsFunc(text, unicode.IsControl) || !utf8.ValidString(text), "%q: %q", payload, text)
			}
		}
	}
}

func TestAPIErrors(t *testing.T) {
	for _, test := range []struct {
		name, value string
		want        chatstream.APIError
	}{
		{"object", `{"message":"m","type":"t","code":"c","param":"p"}`, chatstream.APIError{Message: "m", Type: "t", Code: "c", Param: "p"}},
		{"code a number", `{"message":"m","code":400}`, chatstream.APIError{Message: "m", Code: "400"}},
		{"code the same text", `{"message":"m","code":"400"}`, chatstream.APIError{Message: "m", Code: "400"}},
		{"nulls", `{"message":"m","type":null,"code":null,"param":null}`, chatstream.APIError{Message: "m"}},
		{"escapes", `{"message":"a\n\u00e9","code":"\u0063"}`, chatstream.APIError{Message: "a\né", Code: "c"}},
		{"names by case", `{"message":"m","Message":"no","CODE":"no"}`, chatstream.APIError{Message: "m"}},
		{"other members", `{"message":"m","metadata":{"message":"inner"},"status":5}`, chatstream.APIError{Message: "m"}},
		{"spaces", "{ \"message\" :\n\"m\" }", chatstream.APIError{Message: "m"}},
		{"empty object", `{}`, chatstream.APIError{}},
		{"string", `"overloaded"`, chatstream.APIError{Message: "overloaded"}},
		{"empty string", `""`, chatstream.APIError{}},
	} {
		t.Run(test.name, func(t *testing.T) {
			payload := []byte(`{"id":"a","error":` + test.value + `,"choices":[{"delta":{"content":"b"},"finish_reason":"error"}]}`)
			c := new(chunk)
			var got *chatstream.APIError
			require.ErrorAs(t, chatstream.Unmarshal(payload, c), &got)
			require.Empty(t, chunkgen.Check(payload, c), "dst has the whole chunk")
			require.Equal(t, test.value, c.Error.Value.String())
			clear(payload)
			require.Equal(t, test.value, string(got.Raw), "the error is owned")
			require.Equal(t, [4]string{test.want.Message, test.want.Type, test.want.Code, test.want.Param}, [4]string{got.Message, got.Type, got.Code, got.Param})
			require.Zero(t, got.StatusCode)
			require.NotErrorIs(t, got, chatstream.ErrNotEventStream)
		})
	}
	for _, value := range []string{"0", "1.5", "true", "false", "[]", `["e"]`} {
		var got *chatstream.APIError
		require.ErrorAs(t, chatstream.Unmarshal([]byte(`{"error":`+value+`}`), new(chunk)), &got)
		require.Equal(t, value, string(got.Raw), "an error of any shape is one")
	}
	for _, payload := range []string{`{"error":null}`, `{"Error":"e"}`, `{"choices":[{"error":"e","delta":{"error":"e"}}]}`, `{"x":{"error":"e"}}`} {
		unmarshal(t, payload) // none of the chunk's own
	}
	require.ErrorAs(t, chatstream.Unmarshal([]byte(`{"\u0065rror":"e"}`), new(chunk)), new(*chatstream.APIError))
}

// TestUnmarshalBorrows: a Text is a part of the payload where it stands there as it is, the payload is never written to, and an
// append to a Text writes to neither.
func TestUnmarshalBorrows(t *testing.T) {
	payload := []byte(fullPayload)
	c := new(chunk)
	require.NoError(t, chatstream.Unmarshal(payload, c))
	require.Equal(t, fullPayload, string(payload))

	want := string(c.AppendJSON(nil))
	n := 0
	views(reflect.ValueOf(c).Elem(), func(b reflect.Value) {
		n++
		require.Equal(t, b.Len(), b.Cap(), "%s", b.Bytes())
		_ = append(b.Bytes(), "overrun, overrun, overrun"...)
	})
	require.Greater(t, n, 40)
	require.Equal(t, fullPayload, string(payload))
	require.Equal(t, want, string(c.AppendJSON(nil)))

	payload[bytes.Index(payload, []byte("chatcmpl-1"))] = 'C'
	require.Equal(t, "Chatcmpl-1", c.ID.Value.String(), "what needs no unescaping is not copied")

	for _, text := range []string{"a", "é", strings.Repeat("a", 100), strings.Repeat("aé", 50)} {
		payload := []byte(`{"id":"` + text + `","choices":[{"delta":{"content":"` + text + `"}}]}`)
		require.NoError(t, chatstream.Unmarshal(payload, c))
		require.Equal(t, text, c.ID.Value.String())
		changed := strings.Repeat("b", len(text))
		copy(payload, bytes.ReplaceAll(payload, []byte(text), []byte(changed)))
		require.Equal(t, changed, c.ID.Value.String(), text)
		require.Equal(t, changed, c.Choices[0].Delta.Content.Value.String(), text)
	}
}

// TestAppendToLists: an append to one list does not write into another, though they are carved from the same memory.
func TestAppendToLists(t *testing.T) {
	const tokens = `[{"bytes":[1],"top_logprobs":[{"bytes":[2],"x":1}],"x":1}]`
	const choice = `{"delta":{"tool_calls":[{"id":"a","x":1}],"x":1},"logprobs":{"content":` + tokens + `,"refusal":` + tokens + `},"x":1}`
	const payload = `{"choices":[` + choice + `,` + choice + `],"x":1}`
	c := new(chunk)
	for range 2 { // the second time in memory that is used again
		require.NoError(t, chatstream.Unmarshal([]byte(payload), c))
		want := string(c.AppendJSON(nil))
		eachSlice(reflect.ValueOf(c).Elem(), func(s reflect.Value) {
			reflect.Append(s, reflect.Zero(s.Type().Elem()))
			require.Equal(t, want, string(c.AppendJSON(nil)), "%s", s.Type())
		})
	}
}

// views calls f with each Text and RawValue in v.
func views(v reflect.Value, f func(reflect.Value)) {
	eachSlice(v, func(s reflect.Value) {
		if s.Type().Elem().Kind() == reflect.Uint8 {
			f(s)
		}
	})
}

// eachSlice calls f with each slice in v that a caller can reach, and with what a pointer
// points to as a slice of one element.
func eachSlice(v reflect.Value, f func(reflect.Value)) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				eachSlice(v.Field(i), f)
			}
		}
	case reflect.Pointer:
		if !v.IsNil() {
			f(reflect.SliceAt(v.Type().Elem(), v.UnsafePointer(), 1))
			eachSlice(v.Elem(), f)
		}
	case reflect.Slice:
		if !v.IsNil() {
			f(v)
		}
		for i := range v.Len() {
			eachSlice(v.Index(i), f)
		}
	}
}

// TestCloneSharesNothing: a clone is equal to its source in all that it says, and shares no memory with it or with the payload.
func TestCloneSharesNothing(t *testing.T) {
	for _, payload := range []string{fullPayload, `{}`, `{"choices":[],"object":""}`, `{"choices":[{},{"delta":null}],"object":null,"usage":null}`, `{"id":"a","id":"b","choices":[{"index":0,"index":1,"x":1,"x":2}]}`, `{"error":{"message":"m"}}`} {
		source := []byte(payload)
		c := new(chunk)
		_ = chatstream.Unmarshal(source, c)
		k := c.Clone()
		wantJSON, wantErr := string(c.AppendJSON(nil)), fmt.Sprint(c.Validate())
		require.Empty(t, chunkgen.Diff(c, k, true))

		var own [][2]uintptr
		eachSlice(reflect.ValueOf(c).Elem(), func(s reflect.Value) { own = append(own, memoryOf(s)) })
		eachSlice(reflect.ValueOf(k).Elem(), func(s reflect.Value) {
			e := memoryOf(s)
			for _, o := range append(own, memoryOf(reflect.ValueOf(source))) {
				require.False(t, e[0] < o[1] && o[0] < e[1], "%v is shared", s)
			}
		})

		clear(source)
		require.NoError(t, chatstream.Unmarshal([]byte(`{"choices":[{"delta":{"content":"other","tool_calls":[{},{}]},"x":1},{}],"x":1}`), c))
		require.Equal(t, wantJSON, string(k.AppendJSON(nil)))
		require.Equal(t, wantErr, fmt.Sprint(k.Validate()))

		before := string(c.AppendJSON(nil))
		_ = chatstream.Unmarshal([]byte(fullPayload), k)
		require.Equal(t, before, string(c.AppendJSON(nil)), "decoding into the clone does not write to the source")
	}
}

// memoryOf gives the memory behind a slice.
func memoryOf(s reflect.Value) [2]uintptr {
	start := s.Pointer()
	return [2]uintptr{start, start + uintptr(s.Cap())*s.Type().Elem().Size()}
}

// TestAppendJSON: AppendJSON appends one line to dst.
func TestAppendJSON(t *testing.T) {
	c := unmarshal(t, "{\"x\":{\r\n\"y\" : [ 1,\n2 ]},\"id\":\"a\\nb\\u2028\",\"created\":1,\"usage\":{\"x\":\"\\r\\n\"}}")
	out := c.AppendJSON([]byte("data: {"))
	require.True(t, bytes.HasPrefix(out, []byte("data: {{")))
	require.NotContains(t, string(out), "\n")
	require.NotContains(t, string(out), "\r")
	require.JSONEq(t, `{"x":{"y":[1,2]},"id":"a\nb\u2028","created":1,"usage":{"x":"\r\n"}}`, string(out[len("data: {"):]))

	// What a caller may put into the fields, JSON has or has not.
	c = &chunk{ID: someText("\xff\"\x00"), Created: chatstream.Some(math.NaN()), Error: chatstream.Some(chatstream.RawValue(nil)), Object: "\xed\xa0\x80"}
	c.Choices = []chatstream.Choice{{Delta: chatstream.Delta{ToolCalls: chatstream.Some[[]chatstream.ToolCall](nil)}}}
	c.Extra = []chatstream.Member{{}}
	require.JSONEq(t, `{"id":"\ufffd\"\u0000","created":null,"error":null,"object":"\ufffd\ufffd\ufffd","choices":[{"delta":{"tool_calls":[]}}],"":null}`, string(c.AppendJSON(nil)))
	require.Equal(t, "{}", string(new(chunk).AppendJSON(nil)))
}

// TestLargeListsAreKept: memory for many lists is allocated once, and reused.
func TestLargeListsAreKept(t *testing.T) {
	if instrumented {
		t.Skip("the race detector and chatstream_poison allocate")
	}
	for _, n := range []int{10, 50, 100, 333, 1000} {
		members := `{"choices":[` + strings.Repeat("{"+strings.Repeat(`"":0,`, 300)+`"":0},`, n) + "{}]}"
		numbers := `{"choices":[` + strings.Repeat(`{"logprobs":{"content":[{"bytes":[`+strings.Repeat("0,", 300)+`0]}]}},`, n) + "{}]}"
		texts := `{"choices":[` + strings.Repeat(`{"delta":{"content":"`+strings.Repeat(`\n`, 300)+`"}},`, n) + "{}]}"
		for _, payload := range []string{members, numbers, texts} {
			var c chunk
			for range 8 {
				require.NoError(t, chatstream.Unmarshal([]byte(payload), &c))
			}
			data := []byte(payload)
			require.Zero(t, testing.AllocsPerRun(3, func() { chatstream.Unmarshal(data, &c) }), "%d: %.40s", n, payload)
			require.True(t, equalJSON(data, c.AppendJSON(nil)), "%d: %.40s", n, payload)
		}
	}
}

// TestCopyOfChunk: a copy of the struct that is decoded into shares no memory with it.
func TestCopyOfChunk(t *testing.T) {
	var c chatstream.CreateChatCompletionData
	require.NoError(t, chatstream.Unmarshal([]byte(`{"choices":[{"index":0,"delta":{"content":"first"}}],"x":"first"}`), &c))
	want := string(c.AppendJSON(nil))
	other := c
	require.NoError(t, chatstream.Unmarshal([]byte(`{"choices":[{"index":9,"delta":{"content":"other"}}],"x":"other"}`), &other))
	assert.Equal(t, want, string(c.AppendJSON(nil)))
	assert.EqualValues(t, 9, other.Choices[0].Index.Value)
}
