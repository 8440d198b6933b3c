package migrating_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed-08fc7208/chatstream/internal/testing/situations"
)

// answered is a response with this event stream as its body.
func answered(stream string) *http.Response {
	return &http.Response{
		StatusCode: http.StatusOK,
		Header:     http.Header{"Content-Type": {"text/event-stream"}},
		Body:       io.NopCloser(strings.NewReader(stream)),
	}
}

// The loop with bufio and encoding/json of docs/migrating.md, as it is before.

type Chunk struct {
	Choices []struct {
		Delta struct {
			Content string `json:"content"`
		} `json:"delta"`
	} `json:"choices"`
	Usage *struct {
		TotalTokens int64 `json:"total_tokens"`
	} `json:"usage"`
}

func forwardLines(w io.Writer, r io.Reader) error {
	scanner := bufio.NewScanner(r)
	for scanner.Scan() {
		fmt.Fprintf(w, "%s\n", scanner.Text())
		payload, ok := strings.CutPrefix(scanner.Text(), "data: ")
		if !ok || payload == "[DONE]" {
			continue
		}
		var chunk Chunk
		if err := json.Unmarshal([]byte(payload), &chunk); err != nil {
			fmt.Fprintln(os.Stderr, err)
			continue
		}
		if chunk.Usage != nil {
			fmt.Println(chunk.Usage.TotalTokens)
		}
	}
	return scanner.Err()
}

// small is an answer, with the usage.
const small = `data: {"choices":[{"index":0,"delta":{"content":"Hello"},"finish_reason":null}]}

data: {"choices":[{"index":0,"delta":{"content":", world"},"finish_reason":"stop"}]}

data: {"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":3,"total_tokens":12}}

data: [DONE]

`

// The loops of docs/migrating.md as they are before, each on its own.
func Example_migrating() {
	for _, before := range []func() error{
		func() error { return printTextSDK(answered(small)) },
		func() error { return printFinishGoOpenAI(answered(small)) },
		func() error { return forwardLines(io.Discard, strings.NewReader(small)) },
	} {
		if err := before(); err != nil {
			fmt.Println(err)
		}
	}
	// Output:
	// Hello, worldstop
	// 12
}

// seen is what a loop saw of a situation: contents and errors. A content that is long
// is cut.
type seen []string

func (s seen) String() string { return strings.Join(s, " ") }

func (s *seen) content(text string) {
	if len(text) > 40 {
		text = text[:1] + "…"
	}
	*s = append(*s, text)
}

func (s *seen) err(err error) {
	var syntax *json.SyntaxError
	var typ *json.UnmarshalTypeError
	switch {
	case err == nil:
	case err == io.EOF:
		*s = append(*s, "EOF")
	case errors.Is(err, bufio.ErrTooLong):
		*s = append(*s, "too-long")
	case errors.As(err, &syntax), strings.Contains(err.Error(), "end of JSON input"):
		*s = append(*s, "json")
	case errors.As(err, &typ):
		*s = append(*s, "json-type")
	default:
		*s = append(*s, "error:"+err.Error())
	}
}

// readLines is the loop above that looks at the contents.
func readLines(stream string) (s seen) {
	scanner := bufio.NewScanner(strings.NewReader(stream))
	for scanner.Scan() {
		payload, ok := strings.CutPrefix(scanner.Text(), "data: ")
		if !ok || payload == "[DONE]" {
			continue
		}
		var chunk Chunk
		if err := json.Unmarshal([]byte(payload), &chunk); err != nil {
			s.err(err)
			continue
		}
		text := ""
		for _, choice := range chunk.Choices {
			text += choice.Delta.Content
		}
		s.content(text)
	}
	s.err(scanner.Err())
	return s
}

// TestMigrating checks the columns of the other decoders in docs/migrating.md. The root module
// checks the column of chatstream.
func TestMigrating(t *testing.T) {
	type seenBy struct{ sdk, goOpenAI, lines string }
	rows := []struct {
		cells string
		want  seenBy
	}{
		{"cut between two events | A, no error | A, `io.EOF` | A, no error", seenBy{"A", "A EOF", "A"}},
		{"cut inside an event | A, no error | A, `io.EOF` | A, a JSON error", seenBy{"A", "A EOF", "A json"}},
		{"ends after its finish reason, without `[DONE]` | A, B | A, B | A, B", seenBy{"A B", "A B EOF", "A B"}},
		{"last event without its blank line | A, no error | A, `io.EOF` | A, B", seenBy{"A", "A EOF", "A B"}},
		{"lines end with CR | nothing, no error | nothing, `io.EOF` | a JSON error", seenBy{"", "EOF", "json"}},
		{"begins with a byte order mark | B, no error | B, `io.EOF` | B, no error", seenBy{"B", "B EOF", "B"}},
		{"`data:` without a space | A, B | A, B | nothing, no error", seenBy{"A B", "A B EOF", ""}},
		{"empty `data:` as a keep-alive | A, a JSON error, the end | A, a JSON error | A, B", seenBy{"A json", "A json", "A B"}},
		{`400 comments in a row | A, B | A, an error, above 300 | A, B`, seenBy{"A B", "A error:stream has sent too many empty messages", "A B"}},
		{"one payload over several `data:` lines | A, B | a JSON error | a JSON error, B", seenBy{"A B", "json", "json json B"}},
		{`no blank lines between events | a JSON error, the end | A, B | A, B`, seenBy{"json", "A B EOF", "A B"}},
		{"a line of 70 KiB | A, B | A, B | A, `bufio.ErrTooLong`", seenBy{"A B…", "A B… EOF", "A too-long"}},
		{"a line of 40 MiB | A, `bufio.ErrTooLong`; the limit is 32 MiB | A, it, B; there is no limit | A, `bufio.ErrTooLong`", seenBy{"A too-long", "A B… B EOF", "A too-long"}},
		{"`\"error\":null` in a chunk | an error without text, the end | a JSON error | A, B", seenBy{"error:received error while streaming: ", "json", "A B"}},
		{"`{\"error\":{...}}` in the stream | A, an error, the end | A, an error | A, an empty chunk, B", seenBy{"A error:received error while streaming: {\"message\":\"m\"}", "A error:error, m", "A  B"}},
		{`the same with spaces, as Python writes it | A, an error, the end | A, an empty chunk, B | A, an empty chunk, B`, seenBy{"A error:received error while streaming: {\"message\": \"m\"}", "A  B EOF", "A  B"}},
		{"`{\"error\":\"text\"}` | A, an error, the end | A, a JSON error | A, an empty chunk, B", seenBy{"A error:received error while streaming: m", "A json", "A  B"}},
		{"`event: error` | A, an empty chunk, B | A, an empty chunk, B | A, an empty chunk, B", seenBy{"A  B", "A  B EOF", "A  B"}},
		{"the field `error:` of llama.cpp | A, no error | A, `io.EOF` | A, no error", seenBy{"A", "A EOF", "A"}},
		{`a payload that is no JSON | A, a JSON error, the end | A, a JSON error | A, a JSON error, B`, seenBy{"A json", "A json", "A json B"}},
		{"the body is a JSON error | nothing, no error | nothing, `io.EOF`; the error if a line end follows | nothing, no error", seenBy{"", "EOF", ""}},
		{"the body is a page of HTML | nothing, no error | nothing, `io.EOF` | nothing, no error", seenBy{"", "EOF", ""}},
		{"`content` is a list of parts | its JSON as the text, B | an error | an error, B", seenBy{"[{\"text\":\"A\"}] B", "json-type", "json-type B"}},
		{"`\"index\":0.0` | A, B | an error | an error where it has a field", seenBy{"A B", "json-type", "A B"}},
		{"`\"Content\"` beside `\"content\"` | A | the wrong one | the wrong one", seenBy{"A B", "X B EOF", "X B"}},
		{"`\"content\"` twice | the first | the last | the last", seenBy{"X B", "A B EOF", "A B"}},
		{`invalid UTF-8 in a text | passed on | U+FFFD | U+FFFD`, seenBy{"\xff B", "� B EOF", "� B"}},
	}
	doc := readText(t, "../../docs/migrating.md")
	all := situations.All()
	require.Len(t, rows, len(all))
	for i, row := range rows {
		require.Contains(t, doc, "| "+row.cells+" | ")
		name, _, _ := strings.Cut(row.cells, " | ")
		require.Equal(t, all[i].Name, name)
		got := seenBy{readSDK(all[i].Stream).String(), readGoOpenAI(all[i].Stream).String(), readLines(all[i].Stream).String()}
		require.Equal(t, row.want, got, name)
	}
}

// TestMigratingCode: the code of docs/migrating.md under "Before" is a part of the files of this
// test, line by line, so it compiles.
func TestMigratingCode(t *testing.T) {
	names, err := filepath.Glob("*_test.go")
	require.NoError(t, err)
	code := ""
	for _, name := range names {
		code += strings.ReplaceAll(readText(t, name), "\t", "")
	}
	blocks := regexp.MustCompile("(?s)```go\n(.*?)```").FindAllStringSubmatch(readText(t, "../../docs/migrating.md"), -1)
	require.NotEmpty(t, blocks)
	for _, block := range blocks {
		if !strings.Contains(block[1], "chatstream.") {
			require.Contains(t, code, strings.ReplaceAll(block[1], "\t", ""))
		}
	}
}

func readText(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	require.NoError(t, err)
	return string(text)
}
