package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// good is a chunk that nothing can be said against, good1 one of choice 1.
const (
	good  = `{"object":"chat.completion.chunk","choices":[{"index":0,"delta":{"role":"assistant","content":"a"},"finish_reason":null}]}`
	good1 = `{"object":"chat.completion.chunk","choices":[{"index":1,"delta":{"role":"assistant","content":"a"},"finish_reason":null}]}`
	last  = `{"object":"chat.completion.chunk","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}`
	end   = "\n\ndata: " + last + "\n\ndata: [DONE]\n\n"
)

// foreignText is what the Decoder or Validate say, whose words are not the command's.
var foreignText = regexp.MustCompile(`( (?:error/syntax|error/truncated|schema/objection) \d+ \d+ \d+ (?:event stream|\S+)) .*`)

// rows returns the table without its head and foreign texts, the spaces in it made
// one.
func rows(out string) []string {
	var rows []string
	for line := range strings.Lines(out) {
		line = strings.Join(strings.Fields(line), " ")
		if level, _, _ := strings.Cut(line, " "); slices.Contains(levelNames, level) {
			rows = append(rows, foreignText.ReplaceAllString(line, "$1"))
		}
	}
	return rows
}

// TestFindings: the findings of a stream, their number, and their first place, which a § marks.
func TestFindings(t *testing.T) {
	const separate = "event stream no empty line after the event: a reader to the standard joins it to the next"
	for name, test := range map[string]struct {
		stream string
		want   []string // with B for the byte
	}{
		"nothing":             {"data: " + good + end, nil},
		"comments":            {": wait\n\n:\ndata: " + good + end, nil},
		"retry and id":        {"retry: 10\n\nid: 1\ndata: " + good + end, nil},
		"no empty line":       {"§data: " + good + "\ndata: " + good + end, []string{"finding sse/no-blank-line 1 1 B " + separate}},
		"comment inside":      {"data: " + good + "\n§: x\n\ndata: " + last + "\n\ndata: [DONE]\n\n", []string{"note sse/comment-inside 1 1 B event stream comment inside an event: some clients end the event there"}},
		"comment between":     {"§data: " + good + "\n: x\ndata: " + good + end, []string{"finding sse/no-blank-line 1 1 B " + separate}},
		"before [DONE]":       {"data: " + good + "\n\n§data: " + last + "\ndata: [DONE]\n\n", []string{"finding sse/no-blank-line 1 2 B " + separate}},
		"CRLF":                {"§data: " + good + "\r\n\r\ndata: " + last + "\n\ndata: [DONE]\n\n", []string{"note sse/crlf 2 1 B event stream CRLF as the line end"}},
		"CR":                  {"data: " + good + "\n§\rdata: " + last + "\n\ndata: [DONE]\n\n", []string{"note sse/cr 1 1 B event stream CR as the line end"}},
		"CR at the end":       {"data: " + last + "\n§\r", []string{"finding stream/no-done 1 1 E event stream the stream has no [DONE]", "note sse/cr 1 1 B event stream CR as the line end"}},
		"BOM":                 {"§\xEF\xBB\xBFdata: " + good + end, []string{"note sse/bom 1 1 B event stream byte order mark at the start"}},
		"BOM later":           {"data: " + good + "\n\n§\xEF\xBB\xBFdata: " + good + end, []string{`finding sse/unknown-field 1 2 B event stream an unknown field, which is ignored, first "\ufeffdata"`}},
		"no space":            {"data: " + good + "\n\n§data:" + good + end, []string{"note sse/no-space 1 2 B event stream no space after data:"}},
		"unknown field":       {"§datum: " + good + "\ndata: " + good + end, []string{`finding sse/unknown-field 1 1 B event stream an unknown field, which is ignored, first "datum"`}},
		"no colon":            {"data: " + good + "\n\n§garbage\ndata: " + good + end, []string{`finding sse/unknown-field 1 2 B event stream an unknown field, which is ignored, first "garbage"`}},
		"event type":          {"§event: ping\ndata: " + good + end, []string{`note sse/event-type 1 1 B event stream event type: browsers do not give it to onmessage, first "ping"`}},
		"event type message":  {"event: message\ndata: " + good + end, nil},
		"event without data":  {"data: " + good + "\n\n§event:x\n\n" + "data: " + good + end, []string{`note sse/event-type 1 2 B event stream event type: browsers do not give it to onmessage, first "x"`, "note sse/no-data 1 2 B event stream event without data"}},
		"empty data":          {"data: " + good + "\n\n§data:\n\ndata:  \n\n" + "data: " + good + end, []string{"note sse/empty-data 2 2 B event stream empty data: clients that parse it fail"}},
		"empty string":        {"§data: \"\"\n\n" + "data: " + good + end, []string{`note sse/empty-string 1 1 B event stream data that is "": clients that expect an object fail`}},
		"several lines":       {"§data: {\ndata: \"object\":\"chat.completion.chunk\",\"choices\":[]}" + end, []string{"note sse/several-lines 1 1 B event stream payload on several data lines: clients that go by the line fail"}},
		"NUL in id":           {"§id: a\x00\ndata: " + good + end, []string{"finding sse/id-nul 1 1 B event stream id with a NUL, which is ignored"}},
		"retry":               {"§retry: 1.5\nretry:\nretry: 7\ndata: " + good + end, []string{"finding sse/retry 2 1 B event stream retry that is no number, which is ignored"}},
		"UTF-8":               {"§: \xFF\ndata: " + good + end, []string{"finding sse/not-utf8 1 1 B event stream bytes that are not UTF-8"}},
		"long line":           {"§data: " + good + strings.Repeat(" ", 64<<10) + end, []string{"note sse/long-line 1 1 B event stream line over 64 KiB: common line readers stop here"}},
		"no [DONE]":           {"data: " + last + "\n\n§", []string{"finding stream/no-done 1 1 B event stream the stream has no [DONE]"}},
		"last event":          {"§data: " + last + "\n", []string{"finding sse/last-event 1 1 B event stream no empty line after the last event: a reader to the standard drops it", "finding stream/no-done 1 1 E event stream the stream has no [DONE]"}},
		"last line":           {"data: " + last + "\n\n§data: " + last, []string{"finding sse/last-event 1 2 B event stream no empty line after the last event: a reader to the standard drops it", "finding sse/last-line 1 2 B event stream no line end after the last line", "finding stream/no-done 1 2 E event stream the stream has no [DONE]", "finding stream/finished-twice 1 2 B choices[].finish_reason a choice has the same finish reason more than once"}},
		"[DONE] cut":          {"data: " + last + "\n\n§data: [DONE]", []string{"finding sse/last-line 1 2 B event stream no line end after the last line"}},
		"[DONE] line":         {"data: " + last + "\n\n§data: [DONE]\n", []string{"finding sse/done-blank-line 1 2 B event stream no empty line after [DONE]"}},
		"[DONE] CRLF":         {"data: " + last + "\n\n§data: [DONE]\r\n¶\r\n", []string{"note sse/crlf 2 2 B event stream CRLF as the line end"}},
		"[DONE] spaces":       {"data: " + last + "\n\n§data:  [DONE] \n\n", []string{"finding stream/done-spaces 1 2 B event stream spaces around [DONE]: clients compare it exactly"}},
		"[DONE] alone":        {"§data: [DONE]\n\n", []string{"finding stream/no-chunk 1 1 B event stream no chunk comes before [DONE]"}},
		"more after [DONE]":   {"data: " + last + "\n\ndata: [DONE]\n\n§data: x\n\ndata: y\n\n", []string{"finding stream/after-done 1 2 B event stream more events after [DONE], which are not read, first 2 events"}},
		"blank after [DONE]":  {"data: " + last + "\n\ndata: [DONE]\n\n\n\n: bye\n\n", nil},
		"[DONE] twice":        {"data: " + last + "\n\n§data: [DONE]\n¶data: [DONE]\n\n", []string{"finding stream/after-done 1 2 C event stream more events after [DONE], which are not read, first 1 event", "finding sse/done-blank-line 1 2 B event stream no empty line after [DONE]"}},
		"error field":         {"data: " + good + "\n\n§error: {\"message\":\"m\"}" + end, []string{"finding sse/error-field 1 2 B event stream field error: a reader to the standard ignores it, and the error in it", "error error/api 1 2 B payload error from the provider: m"}},
		"error":               {"data: " + good + "\n\n: x\n§data: {\"error\":{\"message\":\"m\",\"code\":7}}" + end, []string{"error error/api 1 2 B payload error from the provider: m (code 7)"}},
		"error in a chunk":    {"§data: {\"error\":\"m\",\"choices\":[]}" + end, []string{"error error/api 1 1 B payload error from the provider: m", "finding schema/objection 1 1 B object"}},
		"syntax errors":       {"data: " + good + "\n\n§data: {x}\n\n¶data: {,}\n\ndata: { x" + end, []string{"error error/syntax 2 2 B payload", "error error/syntax 1 3 C payload"}},
		"truncated":           {"data: " + good + "\n\n§", []string{"error error/truncated 1 1 B event stream"}},
		"another id":          {`data: {"id":"x",` + good[1:] + "\n\n§" + `data: {"id":"y",` + good[1:] + "\n\n" + `data: {"id":"y",` + good[1:] + end, []string{"finding stream/id-changes 1 2 B id the id is not that of the chunk before"}},
		"empty ids":           {`data: {"id":"x",` + good[1:] + "\n\n" + `data: {"id":"",` + good[1:] + "\n\n" + `data: {"id":"x",` + good[1:] + end, nil},
		"usage":               {`data: {"usage":{"total_tokens":1},` + good[1:] + "\n\n§" + `data: {"usage":{"total_tokens":1},` + good[1:] + end, []string{"note usage/repeated 1 2 B usage usage comes more than once: clients that add the counts count too much"}},
		"finished twice":      {"data: " + good + "\n\ndata: " + last + "\n\n§data: " + last + "\n\ndata: [DONE]\n\n", []string{"finding stream/finished-twice 1 3 B choices[].finish_reason a choice has the same finish reason more than once"}},
		"never finished":      {"data: " + good1 + "\n\ndata: " + last + "\n\n§data: [DONE]\n\n", []string{"finding stream/never-finished 1 3 B choices[].finish_reason a choice has no finish reason, first choice 1"}},
		"quotes in a message": {"§data: {\"error\":\"a\\nb\\tc\\u001b\"}" + end, []string{`error error/api 1 1 B payload error from the provider: a\nb\tc\x1b`}},
	} {
		t.Run(name, func(t *testing.T) {
			stream, places := unmark(test.stream)
			got := runOn("", "-check", fileOf(t, stream))
			want := make([]string, len(test.want))
			for i, row := range test.want {
				want[i] = places.Replace(row)
			}
			assert.ElementsMatch(t, want, rows(got.out))
			if test.want == nil {
				assert.Contains(t, got.out, "Nothing departs from the schema or the standard.\n")
			}
			isError := slices.ContainsFunc(want, func(row string) bool { return strings.HasPrefix(row, "error ") })
			assert.Equal(t, isError, got.code == exitError, "the status tells of errors only")
		})
	}
}

// unmark takes the marks out of a stream, and returns what puts their places into
// a row: B for §, C for ¶, E for the end.
func unmark(marked string) (string, *strings.Replacer) {
	stream := strings.NewReplacer("§", "", "¶", "").Replace(marked)
	before := func(mark string) string {
		text, _, _ := strings.Cut(marked, mark)
		return fmt.Sprintf(" %d ", len(strings.NewReplacer("§", "", "¶", "").Replace(text)))
	}
	return stream, strings.NewReplacer(" B ", before("§"), " C ", before("¶"), " E ", before("end of it"))
}

func fileOf(t *testing.T, stream string) string {
	file := filepath.Join(t.TempDir(), "stream.sse")
	require.NoError(t, os.WriteFile(file, []byte(stream), 0o600))
	return file
}

// TestCheckSchema: objections are grouped by path, without list indices, and by
// reason. What the reason says is Validate's.
func TestCheckSchema(t *testing.T) {
	stream := "data: " + good + "\n\n" +
		`data: {"object":"chat.completion.chunk","created":"today","usage":null,"choices":[` +
		`{"delta":{"role":"bot","content":[]},"finish_reason":"eos"},{"delta":{"content":7},"finish_reason":"eos"}]}` + "\n\n" +
		`data: {"object":"chat.completion.chunk","created":"tomorrow","usage":null,"x\u001b":1,"x\u001b":2,"choices":[` +
		`{"delta":{"role":"bot"},"finish_reason":"eos"}]}` + "\n\n"
	second, third := strings.Index(stream, `data: {"object":"chat.completion.chunk","created"`), strings.LastIndex(stream, "data: ")
	got := runOn(stream+done, "-check")
	assert.Zero(t, got.code)
	for _, row := range []string{
		fmt.Sprintf(`finding schema/objection 3 2 %d choices[].finish_reason`, second),
		fmt.Sprintf(`finding schema/objection 2 2 %d choices[].delta.role`, second),
		fmt.Sprintf(`finding schema/objection 1 3 %d x\x1b`, third),
		fmt.Sprintf(`note schema/usage-null 2 2 %d usage usage is null, which the schema does not allow but the API's documentation shows`, second),
	} {
		assert.Contains(t, rows(got.out), row)
	}
	assert.Contains(t, got.out, "eos", "what is wrong is shown")
}

// TestGeneralReason: the varying value is removed from a reason.
func TestGeneralReason(t *testing.T) {
	for reason, want := range map[string][2]string{
		`missing`:                       {"missing", ""},
		`"a b" is wrong`:                {"is wrong", "a b"},
		`"abc"... is wrong`:             {"is wrong", "abc..."},
		`"eos" is not one of ["stop"]`:  {`"eos" is not one of ["stop"]`, ""},
		`a list where a string belongs`: {`a list where a string belongs`, ""},
	} {
		what, example := generalReason(reason)
		assert.Equal(t, want, [2]string{what, example}, reason)
	}
}

// TestBoundedFindings: the number of findings and their size do not grow with the stream.
func TestBoundedFindings(t *testing.T) {
	var stream strings.Builder
	for i := range 3 * maxFindings {
		fmt.Fprintf(&stream, `data: {"x%d":1,"x%[1]d":2,`+good[1:]+"\n\n", i)
	}
	first := strings.Index(stream.String(), fmt.Sprintf(`data: {"x%d"`, maxFindings))
	for i := range 5 * maxAlike {
		fmt.Fprintf(&stream, `data: {"error":"e%d%s"}`+"\n\n", i, strings.Repeat("x", 10_000))
	}
	got := runOn(stream.String()+"data: "+good+end, "-check")
	assert.Len(t, rows(got.out), maxFindings+1)
	assert.Contains(t, rows(got.out), fmt.Sprintf("note check/limit %d %d %d - further findings, too many kinds to list",
		2*maxFindings+5*maxAlike, maxFindings+1, first))
}

// TestBoundedErrors: distinct errors at one place fill a few lines.
func TestBoundedErrors(t *testing.T) {
	var f findings
	for i := range 5 * maxAlike {
		f.addWhat(errorAPI, strings.Repeat("w", 1000), fmt.Sprint(i, strings.Repeat("x", 1<<20)), strings.Repeat("é", 1000), place{})
	}
	require.Len(t, f.list, maxAlike+1)
	assert.EqualValues(t, 4*maxAlike, f.list[maxAlike].times)
	for _, found := range f.list {
		assert.Less(t, len(found.where)+len(found.what)+len(found.example), 3*maxNote+10)
		assert.True(t, utf8.ValidString(found.example))
	}
}

// TestNotAnEventStream: the lines of an HTML page are not checked as fields.
func TestNotAnEventStream(t *testing.T) {
	for _, body := range []string{"<!doctype html>\n<p>Sorry\n", `{"error":{"message":"bad key"}}`, "[]\n", "Service Unavailable\n"} {
		got := runOn(body, "-check")
		assert.Equal(t, exitError, got.code)
		require.Len(t, rows(got.out), 1, got.out)
		assert.Contains(t, rows(got.out)[0], "error error/body 1 0 0 event stream not an event stream")
	}
}

// TestStrictCount: the chunks that a reader loses if it follows the standard exactly.
func TestStrictCount(t *testing.T) {
	for stream, lost := range map[string]string{
		"data: " + good + end:                                                     "",
		"data: " + good + "\ndata: " + good + end:                                 "gets 1 of the 3 chunks.",
		"data: " + last + "\n":                                                    "gets 0 of the 1 chunks.",
		"data: " + good + "\n\nerror: {}\n\n" + end:                               "gets 2 of the 3 chunks.",
		"data: " + good + "\n\ndata: " + strings.Repeat("x", 17<<20) + "\n" + end: "",
	} {
		got := runOn(stream, "-check")
		if lost == "" {
			assert.NotContains(t, got.out, "letter of the standard")
		} else {
			assert.Contains(t, got.out, "\nA reader that keeps to the letter of the standard "+lost+"\n")
		}
	}
}

// TestCheckCuts: the table does not depend on how reads cut the bytes. Bytes after [DONE] are not
// waited for, so their findings may be missing.
func TestCheckCuts(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(testdata, "*.sse"))
	require.NoError(t, err)
	afterDone := regexp.MustCompile(`(?m)^.*(after \[DONE\]|after the last line|CR(LF)? as the line end|Nothing departs).*\n|^LEVEL.*\n| +|\d+ bytes`)
	for _, file := range files {
		data, err := os.ReadFile(file)
		require.NoError(t, err)
		whole := runWith(bytes.NewReader(data), "-check")
		bytewise := runWith(iotest.OneByteReader(bytes.NewReader(data)), "-check")
		assert.Equal(t, afterDone.ReplaceAllString(whole.out, ""), afterDone.ReplaceAllString(bytewise.out, ""), file)
		assert.Equal(t, whole.err, bytewise.err, file)
	}
}

// TestCheckDoesNotWait: [DONE] ends the check of a connection that stays open.
func TestCheckDoesNotWait(t *testing.T) {
	r, w := io.Pipe()
	defer w.Close()
	go io.WriteString(w, "data: "+good+end)
	got := runWith(r, "-check")
	assert.Zero(t, got.code)
	assert.Contains(t, got.out, "Nothing departs")
}
