package chatstream_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/seed-08fc7208/chatstream"
	"github.com/seed-08fc7208/chatstream/internal/testing/chunkgen"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// judge decodes a payload into a fresh chunk and into one that has been used, and reports where either is not what the
// payload has to give.
func judge(t testing.TB, used *chunk, payload string) {
	t.Helper()
	for _, c := range []*chunk{new(chunk), used} {
		if diffs := chunkgen.Judge([]byte(payload), c); diffs != nil {
			t.Errorf("payload %.300q:\n  %s", payload, strings.Join(diffs, "\n  "))
			return
		}
	}
}

// TestRFC8259Vectors puts each text at each place of a payload. It must be accepted or rejected as the standard says and as
// encoding/json does, and the error must name the wrong byte.
func TestRFC8259Vectors(t *testing.T) {
	places := []struct{ before, after string }{
		{"", ""}, // the payload itself
		{`{"x":`, `}`},
		{`{"x":`, `,"id":"after"}`},
		{`{"x":[`, `]}`},
		{`{"x":[{"y":[0,`, `,0]}]}`},
		{`{"id":{"y":`, `}}`}, // skipped since it does not fit
		{`{"choices":[{"delta":{"content":"a"}},`, `]}`},   // not seen to be skipped before
		{`{"created":"today","created":`, `,"created":1}`}, // overwritten
		{`{`, `:1}`},
		{`{"choices":[{"delta":{`, `:null}}]}`},
	}
	for _, s := range chunkgen.Sites() {
		places = append(places, struct{ before, after string }{s.Before, s.After})
		if s.Member.Kind == chunkgen.Ints || s.Member.Kind == chunkgen.List {
			places = append(places, struct{ before, after string }{s.Before + "[", "]" + s.After})
		}
	}
	used := new(chunk)
	count := map[string]*[2]int{}
	var sections []string
	for _, v := range chunkgen.RFC8259() {
		if count[v.Section] == nil {
			count[v.Section] = new([2]int)
			sections = append(sections, v.Section)
		}
		if v.Accepted() {
			count[v.Section][0]++
		} else {
			count[v.Section][1]++
		}
		require.Equal(t, v.Accepted(), json.Valid([]byte(v.Text())), "%s: %q", v.Section, v.Text())
		requireOffset(t, v)
		for _, p := range places {
			judge(t, used, p.before+v.Text()+p.after)
		}
	}
	assert.Contains(t, readText(t, "docs/conformance.md"), fmt.Sprintf("| **%d texts at %d places** |", len(chunkgen.RFC8259()), len(places)))
	for _, s := range sections {
		t.Logf("RFC 8259, section %s: %d accepted, %d rejected, each at %d places", s, count[s][0], count[s][1], len(places))
	}
}

// requireOffset holds the offset of the error to the vector's own mark.
func requireOffset(t *testing.T, v chunkgen.Vector) {
	t.Helper()
	if v.Accepted() {
		return
	}
	const before = `{"x":`
	payload := before + v.Text()
	if c := payload + "?"; strings.ContainsRune(",}", rune(c[len(before)+v.Offset()])) {
		return // in an object these may be right
	}
	var syntax *chatstream.SyntaxError
	require.ErrorAs(t, chatstream.Unmarshal([]byte(payload), new(chunk)), &syntax, "%s: %q", v.Section, payload)
	require.EqualValues(t, len(before)+v.Offset(), syntax.Offset, "%s: %q", v.Section, payload)
}

// TestNesting is section 9 of RFC 8259: the limit on depth that an implementation may set. It counts from the payload's
// own brace, in what is read and in what is skipped.
func TestNesting(t *testing.T) {
	nest := func(opens, closes, core string, depth int) string {
		return strings.Repeat(opens, depth) + core + strings.Repeat(closes, depth)
	}
	kinds := []struct{ name, open, close, core string }{
		{"arrays", "[", "]", ""},
		{"arrays around a value", "[", "]", "1"},
		{"objects", `{"a":`, "}", "null"},
		{"objects with names of members", `{"choices":`, "}", "[]"},
		{"arrays with spaces", "[ ", " ]", ""},
	}
	places := chunkgen.Sites()
	places = append(places, chunkgen.Site{Path: "x", Before: `{"x":`, After: "}"}, chunkgen.Site{Path: "x[0].y", Before: `{"x":[{"y":`, After: "}]}"})
	used := new(chunk)
	for _, k := range kinds {
		t.Run(k.name, func(t *testing.T) {
			for _, p := range places {
				left := 10_000 - strings.Count(p.Before, "{") - strings.Count(p.Before, "[") - strings.Count(k.core, "[")
				judgeDepth(t, used, p.With(nest(k.open, k.close, k.core, left)), -1)
				tooDeep := p.With(nest(k.open, k.close, k.core, left+1))
				offset := len(p.Before) + left*len(k.open)
				if strings.HasPrefix(k.core, "[") {
					offset += len(k.open)
				}
				judgeDepth(t, used, tooDeep, offset)
			}
		})
	}
	// What has been closed does not count, however much of it there was.
	many := `{"choices":[` + strings.Repeat(`{"delta":{"tool_calls":[{"function":{}}],"audio":{}},"x":[{}]},`, 1000) + `{}],"usage":{"prompt_tokens_details":{}},"x":`
	judgeDepth(t, used, many+nest("[", "]", "", 9_999)+"}", -1)
	judgeDepth(t, used, many+nest("[", "]", "", 10_000)+"}", len(many)+9_999)

	// An unclosed flood must give an error too, not a stack overflow.
	for _, flood := range []string{"[", `{"a":`, `{"choices":[`, `{"choices":[{"delta":`, `{"x":[{"y":`} {
		for _, before := range []string{"", `{"x":`} {
			var syntax *chatstream.SyntaxError
			require.ErrorAs(t, chatstream.Unmarshal([]byte(before+strings.Repeat(flood, 1_000_000)), used), &syntax)
			require.Less(t, syntax.Offset, int64(len(before)+10_001*len(flood)))
		}
	}
}

// judgeDepth is judge for payloads that a recursive oracle is slow with: it wants an error at offset, or none.
func judgeDepth(t *testing.T, c *chunk, payload string, offset int) {
	t.Helper()
	err := chatstream.Unmarshal([]byte(payload), c)
	require.Equal(t, json.Valid([]byte(payload)), offset < 0)
	if offset < 0 {
		if apiErr := new(chatstream.APIError); err != nil {
			require.ErrorAs(t, err, &apiErr)
		}
		require.JSONEq(t, payload, string(c.AppendJSON(nil)))
		return
	}
	var syntax *chatstream.SyntaxError
	require.ErrorAs(t, err, &syntax)
	require.EqualValues(t, offset, syntax.Offset)
	require.Empty(t, chunkgen.CheckEmpty(c))
}

// TestSeparators replaces each structural character by wrong bytes. A parser that expects certain members might skip the check.
func TestSeparators(t *testing.T) {
	var payloads []string
	for _, s := range chunkgen.Sites() {
		at := s.Before[:len(s.Before)-len(s.Member.Name)-3]
		for _, m := range s.Object.Members {
			payloads = append(payloads, at+`"`+s.Member.Name+`":null,"`+m.Name+`":null`+s.After)
		}
	}
	used := new(chunk)
	for i, payload := range payloads {
		structure := regexp.MustCompile(`[{}\[\]:,]`).FindAllStringIndex(payload, -1)
		for _, at := range structure {
			judge(t, used, payload) // so that this order of the members is what is expected
			const other = "{}[]:,; x0\"\x00"
			for c := i % 3; c < len(other); c += 3 { // a third each is enough
				judge(t, used, payload[:at[0]]+other[c:c+1]+payload[at[1]:])
			}
		}
	}
}

// TestSyntaxErrorOffset shows, for a whole payload, which byte an error names: ‸ stands before it.
func TestSyntaxErrorOffset(t *testing.T) {
	for _, marked := range []string{
		"‸", "  ‸", "\n‸", "‸[]", " ‸[1,2]", "‸\"text\"", "‸1", "‸null", "  ‸true ", "‸x", "nul‸", "[1‸", "[1,‸]", "‸[1] x", "{}‸x",
		"{‸", `{"id‸`, `{"id"‸`, `{"id":‸`, `{"id":"a‸`, `{"id":"a"‸`, `{"id":"a",‸`, `{"id":"a",‸}`, `{"id":"a" ‸"model":"b"}`, `{"id" ‸"a"}`, `{‸id:"a"}`,
		"{\"id\":\"a‸\nb\"}", `{"id":"\‸q"}`, `{"id":"\u00‸zz"}`, `{"id":‸'a'}`, `{"id":nul‸}`, `{"id":n‸il}`, `{"id":t‸}`,
		`{"created":1‸`, `{"created":1.‸}`, `{"created":0‸1}`, `{"created":-‸}`, `{"created":1e‸}`, `{"created":1‸a}`, `{"created":‸NaN}`, `{"created":-‸Infinity}`, `{"created":‸+1}`,
		`{"object":"‸`, `{"object":‸}`, `{"object":fals‸}`,
		`{"choices":‸}`, `{"choices":[‸`, `{"choices":[{}‸`, `{"choices":[{},‸]}`, `{"choices":[{}‸}`, `{"choices":[{} ‸{}]}`, `{"choices":[1 ‸2]}`, `{"choices":[{}]‸]`, `{"choices":nul‸`,
		`{"choices":[{"index":1‸`, `{"choices":[{"index":0‸0}]}`, `{"choices":[{"delta":{‸]}]}`, `{"choices":[{"delta":{"content":"a‸`, `{"choices":[{"delta":{"content":"a"}‸]}`,
		`{"choices":[{"delta":{"tool_calls":[{"function":{"arguments":"{\"‸`, `{"choices":[{"delta":{"tool_calls":[{}‸:{}]}}]}`,
		`{"choices":[{"logprobs":{"content":[{"bytes":[1,‸]}]}}]}`, `{"choices":[{"logprobs":{"content":[{"bytes":[1,-‸]}]}}]}`, `{"choices":[{"logprobs":{"content":[{"bytes":[1.5,‸]}]}}]}`,
		`{"choices":[{"logprobs":{"content":[{"bytes":[1 ‸2]}]}}]}`, `{"choices":[{"logprobs":{"content":[{"logprob":-‸Infinity}]}}]}`,
		`{"usage":{"prompt_tokens":1,‸}}`, `{"usage":{"prompt_tokens":1.‸}}`, `{"usage":null‸l}`, `{"usage":{}‸`,
		`{"error":‸}`, `{"error":{‸`, `{"error":"a"‸`, `{"error":tru‸`,
		`{"x":[[[‸}`, `{"x":{"y":[1,{"z":‸}]}}`, "{\"x\":\"\xff‸\x00\"}", `{"x":1}‸}`, `{"x":1} ‸,`, `{"x":1}‸{"x":1}`, "{\"x\":1}‸\x00", "‸\xef\xbb\xbf{}",
	} {
		payload := strings.Replace(marked, chunkgen.Mark, "", 1)
		var syntax *chatstream.SyntaxError
		require.ErrorAs(t, chatstream.Unmarshal([]byte(payload), new(chunk)), &syntax, "%q", marked)
		require.EqualValues(t, strings.Index(marked, chunkgen.Mark), syntax.Offset, "%q: %v", marked, syntax)
		require.Contains(t, syntax.Error(), fmt.Sprintf("byte %d", syntax.Offset), "the message says where")
		require.Zero(t, syntax.Event, "a payload alone is no event of a stream")
		judge(t, new(chunk), payload)
	}
}
