package chatstream_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-08fc7208/chatstream"
)

// TestValuesOfEachKindAreMatched: a template gets to know a value of each type as one that
// may be another in the next event, also where it is written in an unusual way.
func TestValuesOfEachKindAreMatched(t *testing.T) {
	for name, event := range map[string]string{
		"text":                  `{"id":  "%d"}`,
		"long text":             `{"id":  "` + strings.Repeat("a", 100) + `%d"}`,
		"escaped text":          `{"id":  "\n%d"}`,
		"other text":            `{"id":  "é%d"}`,
		"integer":               `{"choices":[{"index":  %d}]}`,
		"number":                `{"created":  %d}`,
		"fraction":              `{"created":  %d.25e1}`,
		"number of many digits": `{"created":  %d.00000000000000000000}`,
		"bytes":                 `{"choices":[{"logprobs":{"content":[{"bytes":  [%d]}]}}]}`,
		"large bytes":           `{"choices":[{"logprobs":{"content":[{"bytes":  [123456789,%d]}]}}]}`,
		"misfit":                `{"id":  [%d]}`,
	} {
		event = strings.Replace(event, "{", `{"object":"chat.completion.chunk","service_tier":"default","system_fingerprint":"fp_0123456789",`, 1)
		t.Run(name, func(t *testing.T) {
			const n = 100
			var stream strings.Builder
			for i := range n {
				fmt.Fprintf(&stream, "data: "+event+"\n\n", i%10)
			}
			d := chatstream.NewDecoder(strings.NewReader(stream.String()))
			defer d.Close()
			var got chunk
			for i := range n {
				err := d.Decode(&got)
				var want chunk
				wantErr := chatstream.Unmarshal(fmt.Appendf(nil, event, i%10), &want)
				if wantErr == nil {
					require.NoError(t, err)
				}
				require.Equal(t, string(want.AppendJSON(nil)), string(got.AppendJSON(nil)))
			}
			assert.GreaterOrEqual(t, d.Stats().Matched, int64(n/2))
		})
	}
}

// TestLineEndInAValueIsNotMatched: an event that ends within a value ends there, although
// the next line would complete the value that a template expects.
func TestLineEndInAValueIsNotMatched(t *testing.T) {
	for _, value := range []string{`{"a":%s}`, `[%s]`} {
		for _, lineEnd := range []string{"\n\n", "\r\r", "\r\n\r\n"} {
			event := `data: {"object":"chat.completion.chunk","service_tier":"default","x":` + value + "}\n\n"
			var stream strings.Builder
			for i := range 100 {
				fmt.Fprintf(&stream, event, fmt.Sprint(i%10))
			}
			fmt.Fprintf(&stream, event, lineEnd+"1")
			d := chatstream.NewDecoder(strings.NewReader(stream.String()))
			defer d.Close()
			var got chunk
			for range 100 {
				require.NoError(t, d.Decode(&got))
			}
			assert.Greater(t, d.Stats().Matched, int64(50))
			var syntax *chatstream.SyntaxError
			require.ErrorAs(t, d.Decode(&got), &syntax, "%q: %s", lineEnd, got.String())
		}
	}
}

// TestListsOfIntegers: white space changes nothing, and what holds another value is not a
// list of integers.
func TestListsOfIntegers(t *testing.T) {
	var got chunk
	for list, want := range map[string][]int64{
		`[]`: {}, `[ ]`: {}, "[\n\t ]": {}, `[ 1 ]`: {1}, `[1 , 2]`: {1, 2}, `[-1,3.0,123456789]`: {-1, 3, 123456789},
		`[1.5]`: nil, `[1,"2"]`: nil, `[null]`: nil, `{}`: nil, `[ 1,2,[]]`: nil, `1`: nil,
	} {
		for _, before := range []string{``, `"bytes":[7,8],`, `"bytes":[9,""],`, `"bytes":null,`} {
			payload := `{"choices":[{"logprobs":{"content":[{` + before + `"bytes":` + list + `}]}}]}`
			require.NoError(t, chatstream.Unmarshal([]byte(payload), &got), payload)
			token := got.Choices[0].Logprobs.Value.Content.Value[0]
			require.Equal(t, want, token.Bytes.Value, payload)
			require.Equal(t, want != nil, token.Bytes.IsSet(), payload)
			require.Equal(t, want == nil, len(token.Extra) == 1, payload)
		}
	}
	// The lists before do not count towards a list's limit.
	payload := `{"choices":[{"logprobs":{"content":[{"bytes":[1` + strings.Repeat(",2", 3000) + `]},{"bytes":[-1` + strings.Repeat(",-2", 3000) + `]}]}}]}`
	require.NoError(t, chatstream.Unmarshal([]byte(payload), &got))
	for _, token := range got.Choices[0].Logprobs.Value.Content.Value {
		require.Len(t, token.Bytes.Value, 3001)
	}
}

// TestRepeatedChoicesDoNotCount: the choices that later ones replace leave the chunk's
// limit of elements alone.
func TestRepeatedChoicesDoNotCount(t *testing.T) {
	choice := `{"index":0,"delta":{"content":"` + strings.Repeat("x", 50) + `"}},`
	list := `"choices":[` + strings.Repeat(choice, 999) + strings.TrimSuffix(choice, ",") + `]`
	payload := "{" + strings.Repeat(list+",", 19) + list + "}"
	var got chunk
	require.NoError(t, chatstream.Unmarshal([]byte(payload), &got))
	require.Len(t, got.Choices, 1000)
}
