package chatstream_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-08fc7208/chatstream"
	"github.com/seed-08fc7208/chatstream/internal/testing/chunkgen"
	"github.com/seed-08fc7208/chatstream/internal/testing/reference"
)

// framingQuirk is a row of part A of the survey of providers: what they do to the framing. Its streams are read whole, byte
// by byte and in two pieces of every length, and held to the reference too; for how they are written see framingTests.
type framingQuirk struct {
	name  string
	rows  []framingRow
	check func(t *testing.T) // what results do not say
}

func TestFramingQuirks(t *testing.T) {
	for _, q := range framingQuirks {
		t.Run(q.name, func(t *testing.T) {
			for _, row := range q.rows {
				t.Run(row.name, func(t *testing.T) {
					stream, want := row.parse(t)
					ref := reference.Decode(stream)
					require.Len(t, ref, len(want), "reference: %v", ref)
					for i, r := range ref {
						want[i].Type, want[i].LastEventID = r.Type, r.LastEventID
						assert.Equal(t, want[i], r, "reference")
					}
					checkFraming(t, stream, want)
				})
			}
			if q.check != nil {
				q.check(t)
			}
		})
	}
}

// What the rows below call chunk A to C, the last of which finishes.
const (
	chunkA = `{'id':'q','choices':[{'index':0,'delta':{'content':'a'}}]}`
	chunkB = `{'id':'q','choices':[{'index':0,'delta':{'content':'b'}}]}`
	chunkC = `{'id':'q','choices':[{'index':0,'delta':{},'finish_reason':'stop'}]}`
)

func withQuotes(s string) string { return strings.ReplaceAll(s, "'", `"`) }

var framingQuirks = []framingQuirk{
	{"A1 comments as keep-alives", []framingRow{
		{"before the first event", ": OPENROUTER PROCESSING\n\n: OPENROUTER PROCESSING\n\ndata: " + chunkA + "\n\n¦data: [DONE]\n\n",
			[]string{"chunk " + chunkA, "done [DONE]"}},
		{"between events", "data: " + chunkA + "\n\n¦: keep-alive\n\n: PROCESSING\n\ndata: " + chunkC + "\n\n¦:\n\ndata: [DONE]\n\n",
			[]string{"chunk " + chunkA, "chunk " + chunkC, "done [DONE]"}},
		{"after the last one", "data: " + chunkC + "\n\n¦: keep-alive\n\n", []string{"chunk " + chunkC, "EOF"}},
	}, func(t *testing.T) {
		d := chatstream.NewDecoder(strings.NewReader(": a\n\n: b\n\ndata: {\"choices\":[]}\n\n:\n\ndata: [DONE]\n\n"))
		defer d.Close()
		resultsOfDecoder(t, d)
		assert.EqualValues(t, 3, d.Stats().Comments, "they are counted")
		assert.Zero(t, d.Stats().Errors)
	}},
	{"A2 a comment and a blank line fire no event", []framingRow{
		{"with a blank line", ": x\n\ndata: " + chunkA + "\n\n¦: x\n\n: y\n\ndata: [DONE]\n\n", []string{"chunk " + chunkA, "done [DONE]"}},
		{"without one, before data", ": ping\ndata: " + chunkA + "\n\n¦: ping\ndata: [DONE]\n\n", []string{"chunk " + chunkA, "done [DONE]"}},
		{"inside an event", "data: " + chunkA + "\n: ping\n\n¦data: [DONE]\n\n", []string{"chunk " + chunkA, "done [DONE]"}},
	}, nil},
	{"A3 data without a space", []framingRow{
		{"none", "data:" + chunkA + "\n\n¦data:[DONE]\n\n", []string{"chunk " + chunkA, "done [DONE]"}},
		{"now and then", "data:" + chunkA + "\n\n¦data: " + chunkB + "\n\n¦data:" + chunkC + "\n\n¦", []string{"chunk " + chunkA, "chunk " + chunkB, "chunk " + chunkC, "EOF"}},
		{"more than one, and a tab", "data:   " + chunkA + "\n\n¦data:\t" + chunkC + "\n\n¦", []string{"chunk   " + chunkA, "chunk \t" + chunkC, "EOF"}},
	}, nil},
	{"A4 CRLF", []framingRow{
		{"with [DONE]", "data: " + chunkA + "\r\n\r\n¦: ping\r\n\r\ndata: [DONE]\r\n\r\n", []string{"chunk " + chunkA, "done [DONE]"}},
		{"without", "data: " + chunkA + "\r\n\r\n¦data: " + chunkC + "\r\n\r\n¦", []string{"chunk " + chunkA, "chunk " + chunkC, "EOF"}},
	}, nil},
	// A parser to the letter has one event of all these lines, which is no JSON. A line that is a whole object needs no
	// blank line to be one.
	{"A5 one newline between events", []framingRow{
		{"LF", "data: " + chunkA + "\n¦data: " + chunkB + "\n¦data: " + chunkC + "\n¦data: [DONE]\n",
			[]string{"chunk " + chunkA, "chunk " + chunkB, "chunk " + chunkC, "done [DONE]"}},
		{"CRLF, and no [DONE]", "data: " + chunkA + "\r\n¦data: " + chunkC + "\r\n¦", []string{"chunk " + chunkA, "chunk " + chunkC, "EOF"}},
		{"a blank line now and then", "data: " + chunkA + "\n¦data: " + chunkB + "\n\n¦data: " + chunkC + "\n¦data: [DONE]\n\n",
			[]string{"chunk " + chunkA, "chunk " + chunkB, "chunk " + chunkC, "done [DONE]"}},
	}, nil},
	{"A6 one JSON text over several data lines", []framingRow{
		{"pretty printed", "data: {\ndata:   'id': 'q',\ndata:   'choices': []\ndata: }\n\n¦data: [DONE]\n\n", []string{"chunk {\n  'id': 'q',\n  'choices': []\n}", "done [DONE]"}},
		{"with CRLF", "data: {\r\ndata: 'id':'q'}\r\n\r\n¦data: [DONE]\r\n\r\n", []string{"chunk {\n'id':'q'}", "doneOther [DONE]"}},
		{"beside events of one line", "data: " + chunkA + "\n\n¦data: {\ndata: 'id':'q'}\n\n¦data: " + chunkC + "\n\n¦",
			[]string{"chunk " + chunkA, "chunk {\n'id':'q'}", "chunk " + chunkC, "EOF"}},
	}, nil},
	// Of all names an event may have only "error" changes how its data is read.
	{"A7 the event field", []framingRow{
		{"error", "data: " + chunkA + "\n\n¦event: error\ndata: {'error':{'message':'m'}}\n\n¦", []string{"chunk " + chunkA, "api {'error':{'message':'m'}}", "cut"}},
		{"error, and the payload is the error", "event: error\ndata: {'message':'m','type':'t'}\n\n¦data: [DONE]\n\n", []string{"api {'message':'m','type':'t'}", "done [DONE]"}},
		{"any other", "event: message\ndata: " + chunkA + "\n\n¦event: chat.completion.chunk\ndata: " + chunkC + "\n\n¦", []string{"chunk " + chunkA, "chunk " + chunkC, "EOF"}},
		{"without data", "event: ping\n\ndata: " + chunkC + "\n\n¦event: done\n\n", []string{"chunk " + chunkC, "EOF"}},
	}, func(t *testing.T) {
		d := chatstream.NewDecoder(strings.NewReader("event: error\ndata: {\"message\":\"m\",\"type\":\"t\",\"code\":7}\n\n"))
		defer d.Close()
		var api *chatstream.APIError
		require.ErrorAs(t, d.Decode(new(chunk)), &api)
		assert.Equal(t, [3]string{"m", "t", "7"}, [3]string{api.Message, api.Type, api.Code})
		assert.Equal(t, "error", string(d.Event().Type))
	}},
	{"A8 ids and reconnection times", []framingRow{
		{"an id on each event", "id: 1\ndata: " + chunkA + "\n\n¦id: 2\ndata: " + chunkC + "\n\n¦", []string{"chunk " + chunkA, "chunk " + chunkC, "EOF"}},
		{"retry alone", "retry: 3000\n\ndata: " + chunkC + "\n\n¦retry: 1\n\n", []string{"chunk " + chunkC, "EOF"}},
		{"after the data", "data: " + chunkC + "\nid: 1\nretry: 5\n\n¦", []string{"chunk " + chunkC, "EOF"}},
	}, func(t *testing.T) {
		d := chatstream.NewDecoder(strings.NewReader("id: 1\ndata: {}\n\ndata: {}\n\nid: 2\ndata: {}\n\n"))
		defer d.Close()
		for _, id := range []string{"1", "1", "2"} {
			require.NoError(t, d.Decode(new(chunk)))
			assert.Equal(t, id, string(d.Event().LastEventID))
		}
	}},
	// To a parser to the letter the field is unknown: the answer would look like one that is short and whole.
	{"A9 an error as a field of its own", []framingRow{
		{"and the stream ends", "data: " + chunkA + "\n\n¦error: {'code':400,'message':'m'}\n\n¦", []string{"chunk " + chunkA, "api {'code':400,'message':'m'}", "cut"}},
		{"and [DONE]", "error: {'code':400,'message':'m'}\n\n¦data: [DONE]\n\n", []string{"api {'code':400,'message':'m'}", "done [DONE]"}},
		{"on the line after data", "data: " + chunkA + "\n¦error: {'message':'m'}\n\n¦", []string{"chunk " + chunkA, "api {'message':'m'}", "cut"}},
		{"and no JSON", "error: out of memory\n\n¦", []string{"api out of memory", "cut"}},
	}, func(t *testing.T) {
		d := chatstream.NewDecoder(strings.NewReader("error: {\"code\":400,\"message\":\"m\",\"type\":\"t\"}\n\n"))
		defer d.Close()
		var api *chatstream.APIError
		require.ErrorAs(t, d.Decode(new(chunk)), &api)
		assert.Equal(t, [3]string{"m", "t", "400"}, [3]string{api.Message, api.Type, api.Code})
	}},
	{"A10 no [DONE]", []framingRow{
		{"after the finish reason", "data: " + chunkA + "\n\n¦data: " + chunkC + "\n\n¦", []string{"chunk " + chunkA, "chunk " + chunkC, "EOF"}},
		{"after the usage", "data: " + chunkC + "\n\n¦data: {'choices':[],'usage':{'total_tokens':3}}\n\n¦", []string{"chunk " + chunkC, "chunk {'choices':[],'usage':{'total_tokens':3}}", "EOF"}},
		{"before the finish reason", "data: " + chunkA + "\n\n¦", []string{"chunk " + chunkA, "cut"}},
		{"after an error", "data: " + chunkA + "\n\n¦event: error\ndata: {'error':'e'}\n\n¦", []string{"chunk " + chunkA, "api {'error':'e'}", "cut"}},
	}, nil},
	// Usage may follow a finish reason, so the decoder waits for it. Who waits no longer closes the body: the answer was
	// there before.
	{"A11 no [DONE], and heartbeats for ever", nil, func(t *testing.T) {
		gone := errors.New("the caller has had enough")
		pings := 0
		body := io.MultiReader(strings.NewReader(withQuotes("data: "+chunkA+"\n\ndata: "+chunkC+"\n\n")), readerFunc(func(p []byte) (int, error) {
			if pings++; pings > 10_000 {
				return 0, gone
			}
			return copy(p, ": ping\n\n"), nil
		}))
		d := chatstream.NewDecoder(body, chatstream.WithMaxEventSize(4<<10))
		defer d.Close()
		var c chunk
		require.NoError(t, d.Decode(&c))
		require.NoError(t, d.Decode(&c))
		assert.Equal(t, chatstream.FinishReasonStop, c.Choices[0].FinishReason.Value)
		assert.Zero(t, pings, "the chunk came before the first heartbeat")
		used := allocated(func() { assert.ErrorIs(t, d.Decode(&c), gone) })
		assert.Less(t, used, uint64(64<<10), "heartbeats are not kept")
		assert.EqualValues(t, 10_000, d.Stats().Comments)
	}},
	{"A12 [DONE] twice, or data after it", []framingRow{
		{"once", "data: " + chunkC + "\n\n¦data: [DONE]\n\n", []string{"chunk " + chunkC, "done [DONE]"}},
	}, func(t *testing.T) {
		for _, after := range []string{"data: [DONE]\n\n", withQuotes("data: " + chunkA + "\n\n"), "error: x\n\n", "<html>", ": ping\n\n"} {
			stream := withQuotes("data: "+chunkC+"\n\n") + "data: [DONE]\n\n" + after
			results := resultsOf(t, strings.NewReader(stream))
			assert.Equal(t, []reference.Kind{reference.Chunk, reference.Done}, kindsOf(results), "%q", after)
			assert.Equal(t, "data: [DONE]\n\n", results[1].Raw, "what follows is not looked at")
		}
	}},
	{"A13 the end without a blank line, or in a line", []framingRow{
		{"[DONE] and no line end", "data: " + chunkC + "\n\n¦data: [DONE]", []string{"chunk " + chunkC, "done [DONE]"}},
		{"a chunk and no blank line", "data: " + chunkC + "\n¦", []string{"chunk " + chunkC, "EOF"}},
		{"a chunk and no line end", "data: " + chunkC + "¦", []string{"chunk " + chunkC, "EOF"}},
		{"an error that is the body", "{'error':{'message':'m'}}", []string{"notButAPI"}},
		{"a payload that is cut", "data: " + chunkC + "\n\n¦data: {'choices':[],'usage':{", []string{"chunk " + chunkC, "cut"}},
	}, nil},
	{"A14 data that is empty, or an empty string", []framingRow{
		{"empty", "data:\n\ndata: \n\ndata\n\ndata: " + chunkC + "\n\n¦data:\n\n", []string{"chunk " + chunkC, "EOF"}},
		{"an empty string", "data: ''\n\ndata: " + chunkC + "\n\n¦data:''\n\ndata: [DONE]\n\n", []string{"chunk " + chunkC, "done [DONE]"}},
		{"with an event name", "event: heartbeat\ndata: ''\n\ndata: " + chunkC + "\n\n¦", []string{"chunk " + chunkC, "EOF"}},
		{"blank", "data:    \n\ndata: " + chunkC + "\n\n¦", []string{"chunk " + chunkC, "EOF"}},
	}, nil},
	{"A15 a byte order mark first", []framingRow{
		{"before data", "\uFEFFdata: " + chunkC + "\n\n¦", []string{"chunk " + chunkC, "EOF"}},
		{"before a comment", "\uFEFF: ping\n\ndata: [DONE]\n\n", []string{"done [DONE]"}},
		{"before a body of JSON", "\uFEFF{'error':'e'}", []string{"notButAPI"}},
	}, nil},
	{"A16 no event stream at all", []framingRow{
		{"a completion", "{'object':'chat.completion','choices':[{'message':{'content':'a'},'finish_reason':'stop'}]}\n", []string{"notEventStream"}},
		{"an error", "{'error':{'message':'no key','code':401}}", []string{"notButAPI"}},
		{"an error, pretty printed", "{\n  'error': {\n    'message': 'no key'\n  }\n}\n", []string{"notButAPI"}},
		{"a list", "[{'error':{'message':'no key'}}]", []string{"notEventStream"}},
		{"a page", "<!doctype html>\n<html><body>404</body></html>\n", []string{"notEventStream"}},
		{"a line of text", "404 page not found\n", []string{"notEventStream"}},
	}, func(t *testing.T) {
		d := chatstream.NewDecoder(strings.NewReader(`{"error":{"message":"no key","type":"auth","code":401}}`))
		defer d.Close()
		err := d.Decode(new(chunk))
		var api *chatstream.APIError
		require.ErrorAs(t, err, &api)
		assert.ErrorIs(t, err, chatstream.ErrNotEventStream)
		assert.Equal(t, [3]string{"no key", "auth", "401"}, [3]string{api.Message, api.Type, api.Code})
	}},
	{"A17 very long lines", nil, func(t *testing.T) {
		for _, size := range []int{64 << 10, 1 << 20, 10 << 20} {
			image := "data:image/png;base64," + strings.Repeat("iVBORw0KGgo", size/11)
			event := `data: {"choices":[{"index":0,"delta":{"images":[{"image_url":{"url":"` + image + `"}}]},"finish_reason":"stop"}]}` + "\n\n"
			d := chatstream.NewDecoder(strings.NewReader(event))
			var c chunk
			require.NoError(t, d.Decode(&c), "%d bytes", size)
			assert.Equal(t, `[{"image_url":{"url":"`+image+`"}}]`, c.Choices[0].Delta.Extra[0].Value.String())
			assert.Equal(t, io.EOF, d.Decode(&c))
			require.NoError(t, d.Close())

			d = chatstream.NewDecoder(strings.NewReader(event), chatstream.WithMaxEventSize(len(event)-1))
			assert.ErrorIs(t, d.Decode(&c), chatstream.ErrEventTooLarge, "whoever wants less says so")
			require.NoError(t, d.Close())
		}
	}},
	// The half is one SyntaxError; the whole one on its line, which does not join it, is read.
	{"A18 an event that is cut, and the next one on it", []framingRow{
		{"on the next line", "data: {'id':'q','model':'glm-5.1','ch\n¦data: " + chunkC + "\n\n¦", []string{"syntax {'id':'q','model':'glm-5.1','ch", "chunk " + chunkC, "EOF"}},
		{"after a blank line", "data: {'id':'q','ch\n\n¦data: " + chunkC + "\n\n¦", []string{"syntax {'id':'q','ch", "chunk " + chunkC, "EOF"}},
		{"on the same line", "data: {'id':'q','chdata: " + chunkA + "\n\n¦data: " + chunkC + "\n\n¦", []string{"syntax {'id':'q','chdata: " + chunkA, "chunk " + chunkC, "EOF"}},
		{"an error after the half", "data: {'id':'q','ch\n¦data: {'error':{'message':'m'}}\n\n¦data: [DONE]\n\n", []string{"syntax {'id':'q','ch", "api {'error':{'message':'m'}}", "done [DONE]"}},
	}, nil},
	{"A19 spaces after the JSON", []framingRow{
		{"a space", "data: " + chunkC + " \n\n¦", []string{"chunk " + chunkC + " ", "EOF"}},
		{"after [DONE]", "data: [DONE] \t\n\n", []string{"done [DONE] \t"}},
		{"between events of one line", "data: " + chunkA + " \n¦data: " + chunkC + " \t\n¦", []string{"chunk " + chunkA + " ", "chunk " + chunkC + " \t", "EOF"}},
	}, nil},
	// A Text is UTF-8 whatever came: half a character is U+FFFD in each of two chunks. What came is in Event.Data and Raw.
	{"A20 characters in pieces", []framingRow{
		{"over two reads", "data: {'id':'é€😀'}\n\n¦data: [DONE]\n\n", []string{"chunk {'id':'é€😀'}", "doneOther [DONE]"}},
		{"U+FFFD as it came", "data: {'id':'\uFFFD'}\n\n¦data: [DONE]\n\n", []string{"chunk {'id':'\uFFFD'}", "doneOther [DONE]"}},
		{"half a surrogate pair in each of two", `data: {'id':'\ud83d'}` + "\n\n¦" + `data: {'id':'\ude00'}` + "\n\n¦data: [DONE]\n\n",
			[]string{`chunk {'id':'\ud83d'}`, `chunk {'id':'\ude00'}`, "doneOther [DONE]"}},
	}, func(t *testing.T) {
		stream := "data: {\"id\":\"é€😀\"}\n\n" + `data: {"id":"\ud83d\ude00"}` + "\n\n" + `data: {"id":"\ud83d"}` + "\n\n" + `data: {"id":"\ude00"}` + "\n\n" +
			"data: {\"id\":\"\xf0\x9f\"}\n\ndata: {\"id\":\"\x98\x80\"}\n\n"
		d := chatstream.NewDecoder(iotest.OneByteReader(strings.NewReader(stream)))
		defer d.Close()
		var c chunk
		for _, want := range []string{"é€😀", "😀", "\uFFFD", "\uFFFD", "\uFFFD\uFFFD", "\uFFFD\uFFFD"} {
			require.NoError(t, d.Decode(&c))
			assert.Equal(t, want, c.ID.Value.String())
		}
		assert.True(t, bytes.HasSuffix(d.Event().Data, []byte("\x98\x80\"}")), "the bytes as they came")
	}},
}

// TestConformanceDocument: docs/conformance.md has each group of vectors with its number.
func TestConformanceDocument(t *testing.T) {
	text := readText(t, "docs/conformance.md")
	requireRow := func(rule string, numbers ...int) {
		row := "| " + rule + " |"
		for _, n := range numbers {
			row += fmt.Sprintf(" %d |", n)
		}
		assert.Contains(t, text, row+"\n")
	}
	total := 0
	for _, group := range eventStreamVectors {
		requireRow(group.rule, len(group.vectors), len(group.vectors))
		total += len(group.vectors)
	}
	assert.Contains(t, text, fmt.Sprintf("| **%d rules** | **%d** | **%[2]d** |", len(eventStreamVectors), total))

	counts, sections, accepted := map[string][2]int{}, []string{}, 0
	for _, v := range chunkgen.RFC8259() {
		count, known := counts[v.Section]
		if !known {
			sections = append(sections, v.Section)
		}
		if v.Accepted() {
			accepted++
			count[0]++
		} else {
			count[1]++
		}
		counts[v.Section] = count
	}
	for _, section := range sections {
		requireRow(section, counts[section][0], counts[section][1], counts[section][0]+counts[section][1])
	}
	all := len(chunkgen.RFC8259())
	assert.Regexp(t, fmt.Sprintf(`\| \*\*%d texts at \d+ places\*\* \| \*\*%d\*\* \| \*\*%d\*\* \| \*\*%[1]d\*\* \|`, all, accepted, all-accepted), text)

	total = 0
	for _, group := range framingTests {
		requireRow(group.rule, len(group.rows), len(group.rows))
		total += len(group.rows)
	}
	assert.Contains(t, text, fmt.Sprintf("%d in %d groups", total, len(framingTests)))
}

// TestProvidersDocument: each row of the survey has a test, docs/providers.md names it, and the files of testdata that it speaks of
// are there.
func TestProvidersDocument(t *testing.T) {
	text := readText(t, "docs/providers.md")
	rows := map[string]bool{}
	var names []string
	for _, q := range framingQuirks {
		names = append(names, q.name)
	}
	for _, quirks := range [][]quirk{envelopeQuirks, choiceQuirks, toolCallQuirks} {
		for _, q := range quirks {
			names = append(names, q.name)
		}
	}
	require.Len(t, names, 20+30+22+14)
	for part, n := range map[string]int{"A": 20, "B": 30, "C": 22, "D": 14} {
		for i := range n {
			row := fmt.Sprint(part, i+1, " ")
			assert.True(t, slices.ContainsFunc(names, func(name string) bool { return strings.HasPrefix(name, row) }), row)
		}
	}
	prose, table, _ := strings.Cut(text, "## The tests")
	for _, name := range names {
		row, what, _ := strings.Cut(name, " ")
		rows[row] = true
		assert.Contains(t, table, "| "+row+" | "+what+" |\n")
	}
	for _, row := range regexp.MustCompile(`\b[ABCD]\d+\b`).FindAllString(prose, -1) {
		assert.True(t, rows[row], "there is no test of %s", row)
	}
	for row := range rows {
		assert.True(t, regexp.MustCompile(`\b`+row+`\b`).MatchString(prose), "nobody does %s", row)
	}
	for _, list := range regexp.MustCompile(`(?s)\*Streams?: ([^*]+)\.\*`).FindAllStringSubmatch(prose, -1) {
		for name := range strings.SplitSeq(strings.Join(strings.Fields(list[1]), " "), ", ") {
			assert.FileExists(t, "testdata/"+name+".sse")
		}
	}
}
