package chatstream_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
	"weak"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-08fc7208/chatstream"
	"github.com/seed-08fc7208/chatstream/internal/testing/reference"
)

// An event is handed out where the mark stands, before another byte is read.
func TestDecoderHandsOutAnEventAtItsLastByte(t *testing.T) {
	for name, s := range map[string]string{
		"LF":                          "data: {}\n\n¦data: {}\n\n¦",
		"CR":                          "data: {}\r\r¦data: {}\r\r¦",
		"CRLF":                        "data: {}\r\n\r¦\ndata: {}\r\n\r¦\n",
		"joined lines":                "data: {\ndata: }\n\n¦data: {}\n\n¦",
		"an error":                    "error: {}\n\n¦event: error\ndata: {}\n\n¦",
		"no JSON":                     "data: {\n\n¦data: a\ndata: b\n\n¦",
		"[DONE], LF":                  "data: {}\n\n¦data: [DONE]\n¦\n",
		"[DONE], CR":                  "data: {}\r\r¦data: [DONE]\r¦\r",
		"[DONE], CRLF":                "data: {}\r\n\r¦\ndata: [DONE]\r¦\n\r\n",
		"[DONE], and an open stream":  "data: [DONE]\n¦: ping\n\n",
		"the same again":              "data: {}\n\n¦data: {}\n\n¦data: {\"a\":1}\n\n¦data: {\"a\":2}\n\n¦data: {\"a\":2}\n\n¦data: [DONE]\n¦\n",
		"the same, other line ends":   "data: {}\n\n¦data: {}\r\r¦data: {}\n\r¦data: {}\n\n¦data: {}\n\r¦\n",
		"the same, of another type":   "data: {}\n\n¦data: {}\nevent: error\n\n¦data: {}\n\n¦",
		"the same, and no blank line": "data: {}\n\n¦data: {}\ndata:¦ {}\ndata:¦ [DONE]\n¦",
		"a whole line at the next":    "data: {}\ndata:¦ {}\ndata:¦ [DONE]\n¦",
	} {
		t.Run(name, func(t *testing.T) {
			stream, parts := marked(s)
			r := &sipReader{stream: stream}
			d := chatstream.NewDecoder(r)
			defer d.Close()
			at := 0
			for i, part := range parts[:len(parts)-1] {
				at += len(part)
				_ = d.Decode(new(chunk))
				assert.LessOrEqual(t, r.n, at, "bytes read for event %d", i+1)
			}
		})
	}
}

// The places that a SyntaxError speaks of are where the marks stand: the event's first field line, the byte that is wrong.
func TestSyntaxErrorPlace(t *testing.T) {
	for name, row := range map[string]struct {
		in     string
		event  int64
		offset int64
	}{
		"first event":              {"¦data: {¦x}\n\n", 1, 1},
		"first byte":               {"¦data: ¦hello\n\n", 1, 0},
		"last byte":                {"¦data: {\"a\":1}¦}\n\n", 1, 7},
		"no object":                {"¦data: ¦[]\n\n", 1, 0},
		"no object after spaces":   {"¦data:   ¦[]\n\n", 1, 2},
		"too short":                {"¦data: {\"a\":1¦\n\n", 1, 6},
		"too short, CRLF":          {"¦data: {\"a\":1¦\r\n\r\n", 1, 6},
		"too short, in a string":   {"¦data: {\"a¦\n\n", 1, 3},
		"second event":             {"data: {}\n\n¦data: {¦x}\n\n", 2, 1},
		"after a CRLF":             {"data: {}\r\n\r\n¦data: {¦x}\r\n\r\n", 2, 1},
		"after a byte order mark":  {"\uFEFF¦data: {¦x}\n\n", 1, 1},
		"after comments":           {": c\n\n: c\n\n¦data: {¦x}\n\n", 1, 1},
		"after blank lines":        {"\n\n\r\n¦data: {¦x}\n\n", 1, 1},
		"after other fields":       {"¦event: e\nid: 1\ndata: {¦x}\n\n", 1, 1},
		"after a line of its own":  {"data: {}\n¦data: {¦x}\n\n", 2, 1},
		"over several lines":       {"¦data: {\ndata:  ¦x\ndata: }\n\n", 1, 3},
		"at the end of a line":     {"¦data: {\ndata: \"a\": 1\ndata: ¦\"b\": 2\ndata: }\n\n", 1, 9},
		"before a whole line":      {"¦data: {¦x\ndata: {}\n\n", 1, 1},
		"before [DONE]":            {"¦data: {¦\ndata: [DONE]\n\n", 1, 1},
		"after an error":           {"data: {\"error\":1}\n\n¦data: {¦x}\n\n", 2, 1},
		"after [DONE] of an error": {"error: [DONE]\n\n¦data: {¦x}\n\n", 2, 1},
	} {
		t.Run(name, func(t *testing.T) {
			stream, parts := marked(row.in)
			d := chatstream.NewDecoder(iotest.OneByteReader(strings.NewReader(stream)))
			defer d.Close()
			var err error
			var syntax *chatstream.SyntaxError
			for range row.event {
				err = d.Decode(new(chunk))
			}
			require.ErrorAs(t, err, &syntax)
			assert.NotErrorIs(t, err, io.ErrUnexpectedEOF, "the stream goes on")
			assert.Equal(t, row.event, syntax.Event, "event")
			assert.Equal(t, int64(len(parts[0])), syntax.EventOffset, "offset of the event")
			assert.Equal(t, row.offset, syntax.Offset, "offset in the payload")
		})
	}
}

func TestSyntaxErrorLeavesTheChunkEmpty(t *testing.T) {
	d := chatstream.NewDecoder(strings.NewReader("data: {\"id\":\"1\",\"choices\":[{\"index\":2}],\"x\":1}\n\ndata: {\"id\":\"1\",\"choices\":[{}],\"x\":1,\n\n"))
	defer d.Close()
	var c chunk
	require.NoError(t, d.Decode(&c))
	var syntax *chatstream.SyntaxError
	require.ErrorAs(t, d.Decode(&c), &syntax)
	assert.JSONEq(t, "{}", string(c.AppendJSON(nil)))
	assert.Nil(t, c.Choices)
	assert.Nil(t, c.Extra)
}

func TestDecoderEventSize(t *testing.T) {
	// The size of the event is what stands between the first two marks.
	for name, s := range map[string]string{
		"LF":                    "¦data: {'a':123}\n\n¦",
		"CR":                    "¦data: {'a':123}\r\r¦",
		"CRLF":                  "¦data: {'a':123}\r\n\r¦\n",
		"several lines":         "¦event: x\nid: 1\ndata: {\ndata: }\n\n¦",
		"a comment before":      ": a comment that is not counted\n\n¦data: {'a':123}\n\n¦",
		"blank lines before":    "\n\n\n¦data: {'a':123}\n\n¦",
		"a byte order mark":     "\uFEFF¦data: {'a':123}\n\n¦",
		"an error":              "¦error: {'message':'a'}\n\n¦",
		"no JSON":               "¦data: this is no JSON\n\n¦",
		"after another event":   "data: {}\n\n¦data: {'a':123}\n\n¦",
		"after a CRLF":          "data: {}\r\n\r\n¦data: {'a':123}\n\n¦",
		"after a keep-alive":    "data:\n\n¦data: {'a':123}\n\n¦",
		"comments in the event": "¦data: {'a':\n: c\n: c\ndata: 123}\n\n¦",
	} {
		t.Run(name, func(t *testing.T) {
			stream, parts := marked(strings.ReplaceAll(s, "'", `"`))
			size := len(parts[1])
			stream += "data: { }\n\ndata: [DONE]\n\n"
			want := reference.Decode(stream)
			event := len(reference.Decode(parts[0])) - 1 // its place in want
			over := append([]reference.Result(nil), want...)
			over[event] = reference.Result{Kind: tooLarge}
			over[len(over)-1].Kind = reference.Done // it may have been a chunk
			for _, in := range []struct {
				name string
				r    func() io.Reader
			}{
				{"whole", func() io.Reader { return strings.NewReader(stream) }},
				{"byte by byte", func() io.Reader { return iotest.OneByteReader(strings.NewReader(stream)) }},
			} {
				fits := resultsOf(t, in.r(), chatstream.WithMaxEventSize(size))
				assert.Equal(t, kindsOf(want), kindsOf(fits), "%s, limit %d", in.name, size)
				skipped := resultsOf(t, in.r(), chatstream.WithMaxEventSize(size-1))
				assert.Equal(t, kindsOf(over), kindsOf(skipped), "%s, limit %d", in.name, size-1)
				assert.Equal(t, "{ }", skipped[event+1].Data, "%s: goes on with the next event", in.name)
			}
		})
	}
}

// An event over the limit is told of at once, and neither stored nor given out.
func TestDecoderEventOverTheLimit(t *testing.T) {
	const limit = 64 << 10
	for name, text := range map[string]string{
		"one line":          "x",
		"lines":             "\ndata: x",
		"lines, CRLF":       "\r\ndata: x",
		"lines of comments": "\n: x",
		"lines of others":   "\rx: x",
		"JSON":              "[",
		"whole lines":       "\ndata: [1]",
	} {
		t.Run(name, func(t *testing.T) {
			r := &endless{text: text, n: 4 << 20}
			d := chatstream.NewDecoder(io.MultiReader(strings.NewReader(": c\n\ndata: {"), r, strings.NewReader("\n\ndata: {}\n\ndata: [DONE]\n\n")),
				chatstream.WithMaxEventSize(limit))
			defer d.Close()
			var c chunk
			used := allocated(func() {
				err := d.Decode(&c)
				assert.ErrorIs(t, err, chatstream.ErrEventTooLarge)
				assert.Less(t, r.read, 4*limit, "read before the limit was seen")
				assert.LessOrEqual(t, len(d.Event().Raw), len(": c\n\n"), "an event over the limit has no Raw")
				assert.NoError(t, d.Decode(&c))
				assert.Equal(t, "{}", string(d.Event().Data), "goes on with the next event")
				assert.Equal(t, io.EOF, d.Decode(&c))
			})
			assert.Less(t, used, uint64(8*limit), "bytes allocated")
		})
	}
}

// A reader that gives a byte over the limit is not read again before the error.
func TestDecoderEventOverTheLimitAtOnce(t *testing.T) {
	const limit = 100
	r := &sipReader{stream: "data: {}\n\ndata: {\"" + strings.Repeat("x", 2*limit)}
	d := chatstream.NewDecoder(r, chatstream.WithMaxEventSize(limit))
	defer d.Close()
	require.NoError(t, d.Decode(new(chunk)))
	assert.ErrorIs(t, d.Decode(new(chunk)), chatstream.ErrEventTooLarge)
	assert.Equal(t, len("data: {}\n\n")+limit+1, r.n)
	assert.Equal(t, reference.UnexpectedEOF, kindOf(d, d.Decode(new(chunk))), "the event was cut")
}

// Blank lines end an event that is skipped wherever its line ends are cut.
func TestDecoderSkipsToTheBlankLine(t *testing.T) {
	const over = "id: 1\ndata: {\"a\":\"0123456789012345678901234567890123456789\"}"
	for _, eol := range []string{"\n", "\r", "\r\n"} {
		stream := strings.ReplaceAll("data: {}\n\n"+over+"\n: c\nevent: e\n\ndata: { }\n\ndata: [DONE]\n\n", "\n", eol)
		for i := range stream {
			r := io.MultiReader(strings.NewReader(stream[:i]), iotest.OneByteReader(strings.NewReader(stream[i:])))
			got := resultsOf(t, r, chatstream.WithMaxEventSize(40))
			assert.Equal(t, []reference.Kind{reference.Chunk, tooLarge, reference.Chunk, reference.Done}, kindsOf(got), "%q, cut at %d", eol, i)
			assert.Equal(t, "{ }", got[2].Data, "%q, cut at %d", eol, i)
		}
	}
}

// Of an event over the limit that the end of the stream cuts nothing is in the last Raw either: sent on, its last line would pass
// for an event.
func TestDecoderSkipsToTheEnd(t *testing.T) {
	long := "data: {\"a\":\"" + strings.Repeat("x", 100) + "\"}"
	for _, rest := range []string{"", "\n", "\ndata: {}", "\ndata: {}\n", "\ndata: [DONE", "\n" + long, "\n: c"} {
		stream := "data: {}\n\n: c\n" + long + rest
		for i := range stream {
			for _, whole := range []func(io.Reader) io.Reader{func(r io.Reader) io.Reader { return r }, iotest.DataErrReader} {
				r := whole(io.MultiReader(strings.NewReader(stream[:i]), iotest.OneByteReader(strings.NewReader(stream[i:]))))
				got := resultsOf(t, r, chatstream.WithMaxEventSize(80))
				assert.Equal(t, []reference.Kind{reference.Chunk, tooLarge, reference.UnexpectedEOF}, kindsOf(got), "%q, cut at %d", rest, i)
				assert.Empty(t, got[2].Raw, "%q, cut at %d", rest, i)
			}
		}
	}
}

// A first line that is a whole object is not lost with an event whose further lines are over the limit, whatever these are: what
// has not been read yet may begin another event, where servers forget the blank lines.
func TestDecoderWholeLineOfAnEventOverTheLimit(t *testing.T) {
	whole := "data: {\"a\":\"" + strings.Repeat("x", 80) + "\"}\n"
	long := strings.Repeat("y", 200)
	for rest, want := range map[string][]reference.Kind{
		"data: " + long + "\n\n":                {reference.Chunk, tooLarge},
		"error: " + long + "\n\n":               {reference.Chunk, tooLarge},
		"id: " + long + "\n\n":                  {reference.Chunk, tooLarge},
		": " + long + "\n\n":                    {reference.Chunk},
		"id: 1\nid: 2\nid: 3\nid: 4\nid: 5\n\n": {reference.Chunk},
		"id: 1\n\n":                             {reference.Chunk},
		"d: 123\n\n":                            {tooLarge}, // its blank line is what is over
	} {
		stream := whole + rest + "data: {\"choices\":[]}\n\ndata: [DONE]\n\n"
		want = append(want, reference.Chunk, reference.Done)
		for i := range stream {
			r := io.MultiReader(strings.NewReader(stream[:i]), iotest.OneByteReader(strings.NewReader(stream[i:])))
			got := resultsOf(t, r, chatstream.WithMaxEventSize(len(whole)+len("d: 123\n")))
			require.Equal(t, want, kindsOf(got), "%q, cut at %d", rest, i)
		}
	}
}

// Keep-alives for hours do not add up to an event.
func TestDecoderKeepAlivesOverTheLimit(t *testing.T) {
	const limit = 64 << 10
	for _, text := range []string{"\n", "\r", "\r\n", ": ping\n", ": ping\r\n\r\n", "event: ping\n\n", "id: 1\r\r", "data:\n\n", "data: \"\"\n\n", ":", ": x"} {
		r := &endless{text: text, n: 4 << 20}
		in := io.MultiReader(strings.NewReader("data: {\"choices\":[]}\n\n"), r, strings.NewReader("\n\ndata: { }\n\ndata: [DONE]\n\n"))
		d := chatstream.NewDecoder(in, chatstream.WithMaxEventSize(limit))
		var c chunk
		require.NoError(t, d.Decode(&c), "%q", text)
		assert.Equal(t, "data: {\"choices\":[]}\n\n", string(d.Event().Raw), "%q", text)
		assert.Less(t, allocated(func() { require.NoError(t, d.Decode(&c), "%q", text) }), uint64(8*limit), "%q", text)
		assert.Equal(t, "{ }", string(d.Event().Data), "%q", text)
		assert.LessOrEqual(t, len(d.Event().Raw), 2*limit, "%q", text)
		assert.True(t, strings.HasSuffix(string(d.Event().Raw), "data: { }\n\n"), "%q", text)
		assert.Equal(t, io.EOF, d.Decode(&c))
		d.Close()
	}
}

func TestDecoderKeepAlivesUnderTheLimit(t *testing.T) {
	for name, run := range map[string]string{
		"1 MiB of blank lines": strings.Repeat("\n", 1<<20),
		"100,000 comments":     strings.Repeat(": ping\n\n", 100_000),
		"100,000 empty events": strings.Repeat("data:\n\n", 100_000),
	} {
		t.Run(name, func(t *testing.T) {
			results := resultsOf(t, strings.NewReader(run+"data: {}\n\n"+run+"data: [DONE]\n\n"))
			require.Len(t, results, 2)
			assert.True(t, run+"data: {}\n\n" == results[0].Raw, "Raw has them all")
			assert.True(t, run+"data: [DONE]\n\n" == results[1].Raw, "Raw has them all")
		})
	}
}

// Keep-alives are counted: comments by line, events without a payload as events.
func TestDecoderStats(t *testing.T) {
	const stream = "\uFEFF: c\n\ndata: {}\n: c\n\nevent: ping\n\ndata:\n\n:\ndata: {\n\ndata: {\"error\":1}\n\ndata: [DONE]\n\n"
	d := chatstream.NewDecoder(strings.NewReader(stream))
	defer d.Close()
	resultsOfDecoder(t, d)
	assert.Equal(t, chatstream.Stats{Bytes: int64(len(stream)), Events: 6, Comments: 3, Chunks: 2, Errors: 2}, d.Stats())
}

func TestDecoderEnd(t *testing.T) {
	const eof, cut = reference.EOF, reference.UnexpectedEOF
	choice := func(index int64, reason string) string {
		return fmt.Sprintf(`{"choices":[{"index":%d,"finish_reason":%s}]}`, index, reason)
	}
	choices := func(n int, reason string) (all []string) {
		for i := range n {
			all = append(all, choice(int64(i), reason))
		}
		return all
	}
	together := func(n int) string {
		return `{"choices":[` + strings.Repeat(`{"finish_reason":"stop"},`, n-1) + `{"finish_reason":"stop"}]}`
	}
	for name, row := range map[string]struct {
		payloads []string
		want     reference.Kind
	}{
		"nothing":                          {nil, cut},
		"no choice":                        {[]string{`{}`, `{"choices":[]}`, `{"choices":null}`, `{"usage":{}}`}, cut},
		"one, not finished":                {[]string{`{"choices":[{"index":0,"finish_reason":null}]}`}, cut},
		"one, without a finish reason":     {[]string{`{"choices":[{"index":0}]}`}, cut},
		"one, finished":                    {choices(1, `"stop"`), eof},
		"any finish reason":                {choices(1, `"eos"`), eof},
		"an empty one is none":             {choices(1, `""`), cut},
		"one that is no string is none":    {choices(1, `1`), cut},
		"an escaped one":                   {choices(1, `"\u0073top"`), eof},
		"finished before more":             {[]string{choice(0, `"stop"`), choice(0, `null`), choice(0, `""`)}, eof},
		"finished, then usage":             {[]string{choice(0, `"stop"`), `{"choices":[],"usage":{}}`}, eof},
		"finished, then an error":          {[]string{choice(0, `"stop"`), `{"error":"x"}`}, eof},
		"finished beside an error":         {[]string{`{"error":"x","choices":[{"finish_reason":"error"}]}`}, eof},
		"an error alone":                   {[]string{`{"error":"x"}`}, cut},
		"not finished, then no JSON":       {[]string{choice(0, `null`), `{"choices":[{"finish_reason":"stop"}]`}, cut},
		"two, one finished":                {[]string{choice(0, `null`), choice(1, `null`), choice(1, `"stop"`)}, cut},
		"two, both finished":               {[]string{choice(0, `null`), choice(1, `"stop"`), choice(0, `"stop"`)}, eof},
		"two in a chunk, one finished":     {[]string{`{"choices":[{"index":0,"finish_reason":"stop"},{"index":1}]}`}, cut},
		"two in a chunk, both finished":    {[]string{`{"choices":[{"index":0,"finish_reason":"stop"},{"index":1,"finish_reason":"stop"}]}`}, eof},
		"one appears late":                 {[]string{choice(0, `"stop"`), choice(1, `null`)}, cut},
		"a missing index is 0":             {[]string{`{"choices":[{}]}`, choice(0, `"stop"`)}, eof},
		"a null index is 0":                {[]string{`{"choices":[{"index":null}]}`, choice(0, `"stop"`)}, eof},
		"a misshapen index is 0":           {[]string{`{"choices":[{"index":"1"}]}`, `{"choices":[{"index":1.5}]}`, `{"choices":[{"index":1e99}]}`, choice(0, `"stop"`)}, eof},
		"an index is a number":             {[]string{choice(100, `null`), `{"choices":[{"index":1e2,"finish_reason":"stop"}]}`}, eof},
		"a negative index is an index":     {[]string{choice(-1, `null`), choice(0, `"stop"`)}, cut},
		"a large index is an index":        {[]string{choice(1<<40, `null`), choice(1<<40, `"stop"`)}, eof},
		"128":                              {choices(128, `"stop"`), eof},
		"128, one not finished":            {append(choices(127, `"stop"`), choice(127, `null`)), cut},
		"128, the first finished last":     {append(choices(128, `null`), choices(128, `"stop"`)...), eof},
		"129 are not tracked":              {choices(129, `"stop"`), cut},
		"129 with other indexes neither":   {append(choices(128, `"stop"`), choice(1_000_000, `"stop"`)), cut},
		"128 with other indexes":           {append(choices(127, `"stop"`), choice(1_000_000, `"stop"`)), eof},
		"1,024 in a chunk":                 {[]string{together(1024)}, eof},
		"1,025 in a chunk are not built":   {[]string{together(1025)}, cut},
		"choices with something else":      {[]string{`{"choices":[{"finish_reason":"stop"},null]}`}, cut},
		"choices that are no list":         {[]string{`{"choices":{"finish_reason":"stop"}}`}, cut},
		"the last member of a name counts": {[]string{`{"choices":[{"finish_reason":"stop","finish_reason":null}]}`}, cut},
	} {
		t.Run(name, func(t *testing.T) {
			stream := ": c\n\ndata: {\"choices\":[]}\n\n" // a chat completion, whatever follows
			for _, p := range row.payloads {
				stream += "data: " + p + "\n\n"
			}
			results := resultsOf(t, strings.NewReader(stream))
			assert.Equal(t, row.want, results[len(results)-1].Kind)
			ref := reference.Decode(stream)
			assert.Equal(t, row.want, ref[len(ref)-1].Kind, "reference")

			results = resultsOf(t, strings.NewReader(stream+"data: [DONE]\n\n"))
			assert.Equal(t, reference.Done, results[len(results)-1].Kind, "[DONE] is a clean end of anything")
		})
	}
}

func TestDecoderEmptyStream(t *testing.T) {
	for _, stream := range []string{"", "\n", "\r\n\r\n", "\uFEFF"} {
		results := resultsOf(t, strings.NewReader(stream))
		assert.Equal(t, []reference.Result{{Kind: reference.UnexpectedEOF, Raw: stream}}, results, "%q", stream)
	}
}

func TestNotEventStream(t *testing.T) {
	for name, row := range map[string]struct {
		body    string
		message string
		api     *chatstream.APIError
	}{
		"HTML":                 {"<!doctype html>\n<h1>Bad gateway", `<!doctype html>`, nil},
		"text":                 {"upstream connect error", "upstream connect error", nil},
		"a completion":         {`{"object":"chat.completion","choices":[{}]}`, `chat.completion`, nil},
		"an error":             {`{"error":{"message":"no","type":"t","code":401,"param":"p"}}`, "no", &chatstream.APIError{Message: "no", Type: "t", Code: "401", Param: "p"}},
		"an error of a string": {`{"error":"no"}`, "no", &chatstream.APIError{Message: "no"}},
		"an error, indented":   {"{\n  \"error\": {\n    \"message\": \"no\"\n  }\n}\n", "no", &chatstream.APIError{Message: "no"}},
	} {
		t.Run(name, func(t *testing.T) {
			for _, r := range []io.Reader{strings.NewReader(row.body), iotest.OneByteReader(strings.NewReader(row.body))} {
				d := chatstream.NewDecoder(r)
				err := d.Decode(new(chunk))
				require.ErrorIs(t, err, chatstream.ErrNotEventStream)
				assert.ErrorContains(t, err, row.message)
				assert.Equal(t, row.body, string(d.Event().Raw))
				var api *chatstream.APIError
				require.Equal(t, row.api != nil, errors.As(err, &api))
				if row.api != nil {
					assert.Equal(t, *row.api, chatstream.APIError{Message: api.Message, Type: api.Type, Code: api.Code, Param: api.Param})
				}
				d.Close()
			}
		})
	}
}

func TestNotEventStreamIsBounded(t *testing.T) {
	const limit = 64 << 10
	for _, text := range []string{"<", "{", "x", "x\n", "x: y\n\n"} {
		r := &endless{text: text, n: 64 << 20}
		d := chatstream.NewDecoder(r, chatstream.WithMaxEventSize(limit))
		var err error
		used := allocated(func() { err = d.Decode(new(chunk)) })
		assert.Less(t, r.read, 4*limit, "%q", text)
		assert.Less(t, used, uint64(16*limit), "%q", text)
		assert.ErrorIs(t, err, chatstream.ErrNotEventStream, "%q", text)
		assert.Less(t, len(err.Error()), 2000, "%q: it quotes the beginning", text)
		d.Close()
	}
}

// A whole pending event is delivered before the reader's error, which is final, and a broken one is not an error of its own.
func TestDecoderReaderFails(t *testing.T) {
	const finished = `{"choices":[{"finish_reason":"stop"}]}`
	for name, row := range map[string]struct{ in, want string }{
		"at once":                    {"", ""},
		"after an event":             {"data: " + finished + "\n\n¦", "chunk"},
		"after a whole line":         {"data: " + finished + "\n¦", "chunk"},
		"after a whole payload":      {"data: " + finished + "¦", "chunk"},
		"after joined lines":         {"data: {\ndata: }\n¦", "chunk"},
		"after what follows a line":  {"data: {}\n¦: c\nid: 1", "chunk"},
		"in a payload":               {"data: {}\n\n¦data: {\"a", "chunk"},
		"in a payload of lines":      {"data: {}\n\n¦data: {\ndata: \"a\":", "chunk"},
		"in a line after a line":     {"data: {}\n¦data: {\"a", "chunk"},
		"in [DONE]":                  {"data: {}\n\n¦data: [DO", "chunk"},
		"in a name":                  {"data: {}\n\n¦dat", "chunk"},
		"in a comment":               {"data: {}\n\n¦: c", "chunk"},
		"in a keep-alive":            {"data: {}\n\n¦data:", "chunk"},
		"after an error":             {"data: {\"error\":1}\n\n¦", "api"},
		"in the first line's name":   {"dat", ""},
		"in a byte order mark":       {"\xEF\xBB", ""},
		"after no JSON":              {"data: x\n\n¦", "syntax"},
		"in the middle of a CRLF":    {"data: {}\r\n\r¦", "chunk"},
		"after an event of an error": {"error: {}\n\n¦", "api"},
	} {
		t.Run(name, func(t *testing.T) {
			stream, raws := marked(row.in)
			for _, r := range []io.Reader{
				io.MultiReader(strings.NewReader(stream), iotest.ErrReader(errReader)),
				iotest.DataErrReader(io.MultiReader(strings.NewReader(stream), iotest.ErrReader(errReader))),
				io.MultiReader(iotest.OneByteReader(strings.NewReader(stream)), iotest.ErrReader(errReader)),
			} {
				d := chatstream.NewDecoder(r)
				results := resultsOfDecoder(t, d)
				for i, raw := range raws {
					require.Less(t, i, len(results))
					assert.Equal(t, raw, results[i].Raw)
				}
				var want []reference.Kind
				if row.want != "" {
					want = []reference.Kind{kindNames[row.want]}
				}
				assert.Equal(t, want, kindsOf(results[:len(results)-1]))
				assert.ErrorIs(t, d.Decode(new(chunk)), errReader, "it is the last error, at every further call")
				d.Close()
			}
		})
	}
}

// [DONE] that has been read is the end, whatever the reader says with it or after it.
func TestDecoderReaderFailsAfterDone(t *testing.T) {
	failing := iotest.DataErrReader(io.MultiReader(strings.NewReader("data: [DONE]\n\n"), iotest.ErrReader(errReader)))
	results := resultsOf(t, failing)
	assert.Equal(t, []reference.Result{{Kind: reference.Done, Data: "[DONE]", Raw: "data: [DONE]\n\n"}}, results)
}

func TestDecoderReaderMisbehaves(t *testing.T) {
	const stream = "data: {}\n\ndata: {\"a"
	for name, row := range map[string]struct {
		read readerFunc
		want error
	}{
		"nothing for ever":      {func([]byte) (int, error) { return 0, nil }, io.ErrNoProgress},
		"a negative count":      {func([]byte) (int, error) { return -1, nil }, nil},
		"a count of too much":   {func(p []byte) (int, error) { return len(p) + 1, nil }, nil},
		"a body that broke off": {func([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }, io.ErrUnexpectedEOF},
	} {
		t.Run(name, func(t *testing.T) {
			d := chatstream.NewDecoder(io.MultiReader(strings.NewReader(stream), row.read))
			defer d.Close()
			require.NoError(t, d.Decode(new(chunk)))
			err := d.Decode(new(chunk))
			require.Error(t, err)
			assert.NotEqual(t, io.EOF, err)
			if row.want != nil {
				assert.ErrorIs(t, err, row.want)
			}
			assert.Equal(t, "data: {\"a", string(d.Event().Raw))
		})
	}
}

// Nothing of the stream before shows in the one after Reset.
func TestDecoderResetForgets(t *testing.T) {
	const next = "\uFEFFdata: {}\n\nevent: e\ndata: { }\n\ndata: x\n\ndata: {\n"
	want := reference.Decode(next)
	for name, before := range map[string]struct {
		in      string
		decodes int
	}{
		"unused":                        {"data: {}\n\n", 0},
		"with events left":              {"id: 1\nevent: f\ndata: {}\n\ndata: {}\n\n", 1},
		"finished":                      {"id: 1\ndata: {\"choices\":[{\"finish_reason\":\"stop\"}]}\n\n", 2},
		"with [DONE]":                   {"id: 1\ndata: [DONE]\r\n", 1},
		"cut":                           {"id: 1\nevent: f\ndata: {", 1},
		"with lines taken alone":        {"data: a\ndata: {}\ndata: b\ndata: {}\n\n", 1},
		"with lines left":               {"data: {}\n: c\n: c\ndata: {}\n\n", 1},
		"no event stream":               {"{}", 1},
		"skipping":                      {"data: " + strings.Repeat("x", 200), 1},
		"in keep-alives over the limit": {": " + strings.Repeat("x", 200), 1},
	} {
		t.Run(name, func(t *testing.T) {
			d := chatstream.NewDecoder(strings.NewReader(before.in), chatstream.WithMaxEventSize(100))
			defer d.Close()
			for range before.decodes {
				_ = d.Decode(new(chunk))
			}
			d.Reset(strings.NewReader(next))
			assert.False(t, d.Done())
			assert.Zero(t, d.Stats())
			assert.Empty(t, d.Event().Raw)
			assert.Equal(t, want, resultsOfDecoder(t, d))
		})
	}
}

// A [DONE] line never joins, not even an event over the limit; and one that is over the limit itself is one more of those.
func TestDecoderDoneAndTheLimit(t *testing.T) {
	long := "data: " + strings.Repeat("x", 50) + "\n"
	padded := "data: [DONE]" + strings.Repeat(" ", 50) + "\n"
	for name, row := range map[string]struct {
		in   string
		want []reference.Kind
	}{
		"after an event over the limit":    {long + "data: [DONE]\n", []reference.Kind{tooLarge, reference.Done}},
		"after one, and the end":           {long + "data: [DONE]", []reference.Kind{tooLarge, reference.Done}},
		"over the limit":                   {padded + "\ndata: [DONE]\n", []reference.Kind{tooLarge, reference.Done}},
		"over the limit, after such a one": {long + padded + "\ndata: {}\n\ndata: [DONE]\n\n", nil},
		"over the limit, at the end":       {padded, nil},
		"at the limit, after such a one":   {long + padded[:39] + "\n\ndata: {}\n\n", []reference.Kind{tooLarge, reference.Done}},
		"a byte over it, after such a one": {long + padded[:40] + "\n\ndata: {}\n\ndata: [DONE]\n\n", []reference.Kind{tooLarge, reference.Chunk, reference.Done}},
	} {
		t.Run(name, func(t *testing.T) {
			for _, r := range []io.Reader{
				strings.NewReader(row.in),
				iotest.DataErrReader(strings.NewReader(row.in)),
				iotest.OneByteReader(strings.NewReader(row.in)),
			} {
				got := resultsOf(t, r, chatstream.WithMaxEventSize(40))
				assert.Less(t, len(got), 5, "an event is told of once")
				if row.want != nil {
					assert.Equal(t, row.want, kindsOf(got))
				}
			}
		})
	}
}

// TestAll holds All to the same golden files. It yields a final error once, and
// io.EOF never.
func TestDecoderAll(t *testing.T) {
	for _, s := range testStreams(t) {
		t.Run(s.name, func(t *testing.T) {
			d := chatstream.NewDecoder(bytes.NewReader(s.data))
			defer d.Close()
			n, ended := 0, false
			for c, err := range d.All() {
				require.False(t, ended, "something follows the final error")
				if final(err) {
					require.Equal(t, "unexpected EOF", s.end.End)
					require.ErrorIs(t, err, io.ErrUnexpectedEOF)
					ended = true
					continue
				}
				require.Less(t, n, len(s.golden), "more results than the golden file has")
				if c == nil {
					require.Equal(t, "syntax", s.golden[n].Error.Kind, "the chunk comes beside the error")
					c = new(chunk)
				}
				matchGolden(t, s.golden[n], c.AppendJSON(nil), err)
				n++
			}
			assert.Equal(t, len(s.golden), n, "number of results")
			assert.Equal(t, s.end.End == "unexpected EOF", ended)
			assert.Equal(t, s.end.Done, d.Done())
		})
	}
}

func TestDecoderClose(t *testing.T) {
	var c chunk
	d := chatstream.NewDecoder(textStream("first", 2))
	require.NoError(t, d.Decode(&c))
	kept := c.Clone()
	require.NoError(t, d.Close())
	yielded := 0
	for _, err := range d.All() {
		require.ErrorIs(t, err, chatstream.ErrClosed)
		yielded++
	}
	assert.Equal(t, 1, yielded, "All yields a final error once")
	for range 2 {
		require.ErrorIs(t, d.Decode(&c), chatstream.ErrClosed)
		require.NoError(t, d.Close())
	}

	d.Reset(textStream("second", 1))
	require.NoError(t, d.Decode(&c), "Reset reopens")
	requireMark(t, "second", &c, d.Event())
	assert.Equal(t, "first", kept.ID.Value.String(), "Clone keeps a chunk")
	assert.Equal(t, io.EOF, d.Decode(&c))
	require.NoError(t, d.Close())
	require.ErrorIs(t, d.Decode(&c), chatstream.ErrClosed, "Close after the end")
}

// TestDecoderReset: nothing of the stream before shows in the next, wherever it was left.
func TestDecoderReset(t *testing.T) {
	streams := testStreams(t)
	d := chatstream.NewDecoder(strings.NewReader(""))
	defer d.Close()
	for i, s := range streams {
		left := streams[(i*7+3)%len(streams)]
		d.Reset(bytes.NewReader(left.data))
		for range i % 4 {
			_ = d.Decode(new(chunk)) // whatever it is
		}
		if i%5 == 0 {
			require.NoError(t, d.Close())
		}
		d.Reset(bytes.NewReader(s.data))
		assert.False(t, d.Done())
		assert.Zero(t, d.Stats())
		assert.Empty(t, d.Event().Raw)
		got := decodeAll(t, d, fresh)
		again := chatstream.NewDecoder(bytes.NewReader(s.data))
		want := decodeAll(t, again, fresh)
		require.NoError(t, again.Close())
		require.Len(t, got, len(want), "%s after %s", s.name, left.name)
		for j := range want {
			require.Equal(t, string(want[j].json), string(got[j].json), "%s after %s: result %d", s.name, left.name, j)
			require.Equal(t, message(want[j].err), message(got[j].err), "%s after %s: result %d", s.name, left.name, j)
			require.Equal(t, string(want[j].event.LastEventID), string(got[j].event.LastEventID), "%s after %s: result %d", s.name, left.name, j)
		}
	}
}

// TestEndedStreamLeavesItsReader: a Decoder or Scanner that has come to its end, or was closed, does not keep its reader alive.
func TestEndedStreamLeavesItsReader(t *testing.T) {
	const stream = "data: {}\n\n"
	for name, read := range map[string]func(r io.Reader) any{
		"Decoder": func(r io.Reader) any {
			d := chatstream.NewDecoder(r)
			for !final(d.Decode(new(chunk))) {
			}
			return d
		},
		"closed Decoder": func(r io.Reader) any {
			d := chatstream.NewDecoder(r)
			d.Close()
			d.Decode(new(chunk))
			return d
		},
		"Scanner": func(r io.Reader) any {
			s := chatstream.NewScanner(r)
			for s.Scan() {
			}
			return s
		},
	} {
		r := strings.NewReader(stream)
		kept := weak.Make(r)
		owner := read(r)
		runtime.GC()
		assert.Nil(t, kept.Value(), name)
		runtime.KeepAlive(owner)
	}
}
