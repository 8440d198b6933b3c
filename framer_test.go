package chatstream_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-08fc7208/chatstream"
	"github.com/seed-08fc7208/chatstream/internal/testing/reference"
)

// Kinds of results that the reference has not.
const (
	tooLarge    reference.Kind = "event too large"
	readerError reference.Kind = "error of the reader"
)

func kindOf(d *chatstream.Decoder, err error) reference.Kind {
	var syntax *chatstream.SyntaxError
	var api *chatstream.APIError
	switch {
	case err == nil:
		return reference.Chunk
	case err == io.EOF && d.Done():
		return reference.Done
	case errors.Is(err, chatstream.ErrNotChatCompletion) && d.Done():
		return reference.DoneNotChat
	case errors.Is(err, chatstream.ErrNotChatCompletion):
		return reference.NotChat
	case err == io.EOF:
		return reference.EOF
	case errors.As(err, &syntax):
		return reference.Syntax
	case errors.As(err, &api) && errors.Is(err, chatstream.ErrNotEventStream):
		return reference.NotButAPI
	case api != nil:
		return reference.API
	case errors.Is(err, chatstream.ErrNotEventStream):
		return reference.NotEventStream
	case errors.Is(err, chatstream.ErrEventTooLarge):
		return tooLarge
	case errors.Is(err, io.ErrUnexpectedEOF):
		return reference.UnexpectedEOF
	}
	return readerError
}

// resultsOf decodes a stream to its final error, in the reference's words.
func resultsOf(t *testing.T, r io.Reader, opts ...chatstream.Option) []reference.Result {
	t.Helper()
	d := chatstream.NewDecoder(r, opts...)
	defer d.Close()
	return resultsOfDecoder(t, d)
}

func resultsOfDecoder(t *testing.T, d *chatstream.Decoder) []reference.Result {
	t.Helper()
	var all []reference.Result
	for {
		var c chunk
		err := d.Decode(&c)
		kind := kindOf(d, err)
		result := reference.Result{Kind: kind, Raw: string(d.Event().Raw)}
		if e := d.Event(); kind.Done() || !kind.Final() {
			result.Type, result.Data, result.LastEventID = string(e.Type), string(e.Data), string(e.LastEventID)
		}
		all = append(all, result)
		if kind.Final() && kind != tooLarge {
			break
		}
		require.Less(t, len(all), 1000, "the stream does not end")
	}
	err, last := d.Decode(new(chunk)), all[len(all)-1].Kind
	if last == reference.NotButAPI {
		assert.ErrorIs(t, err, chatstream.ErrNotEventStream, "Decode after the end")
	} else {
		assert.Equal(t, last, kindOf(d, err), "Decode after the end")
	}
	assert.Empty(t, d.Event().Raw, "what followed the last event comes once")
	return all
}

// mendResults undoes the traces that cutting a stream may leave: see mendRaws; and the Raw of [DONE] has its line end and
// the blank line only as far as they had been read.
func mendResults(want, got []reference.Result) []reference.Result {
	var raws []string
	for _, r := range got {
		raws = append(raws, r.Raw)
	}
	raws = mendRaws(raws)
	for i := range got {
		got[i].Raw = raws[i]
	}
	last := len(got) - 1
	if last != len(want)-1 || !got[last].Kind.Done() {
		return got
	}
	full := want[last].Raw
	if strings.HasPrefix(full, got[last].Raw) && strings.HasPrefix(got[last].Raw, strings.TrimRight(full, "\r\n")) {
		got[last].Raw = full
	}
	return got
}

// checkFraming checks that the stream gives these results, however its bytes arrive.
func checkFraming(t *testing.T, stream string, want []reference.Result) {
	t.Helper()
	assert.Equal(t, want, resultsOf(t, strings.NewReader(stream)), "whole")
	assert.Equal(t, want, resultsOf(t, iotest.DataErrReader(strings.NewReader(stream))), "whole, with io.EOF")
	assert.Equal(t, want, mendResults(want, resultsOf(t, iotest.OneByteReader(strings.NewReader(stream)))), "byte by byte")
	for i := range stream {
		split := io.MultiReader(strings.NewReader(stream[:i]), strings.NewReader(stream[i:]))
		if !assert.Equal(t, want, mendResults(want, resultsOf(t, split)), "split at %d", i) {
			break
		}
	}
}

// In the streams below a mark stands where a Raw ends, ' for the double quote, CHAT for a chunk and STOP for one that finishes. What is wanted is the kind of each result,
// and its data. A row that ends neither by [DONE] nor by its finish reasons ends as a cut stream does.
var framingTests = []struct {
	rule string
	rows []framingRow
}{
	{"an event ends at its blank line", []framingRow{
		{"LF", "data: {'a':1}\n\n¦data: {'a':2}\n\n¦data: [DONE]\n\n", []string{"chunk {'a':1}", "chunk {'a':2}", "doneOther [DONE]"}},
		{"CR", "data: {'a':1}\r\r¦data: {'a':2}\r\r¦data: [DONE]\r\r", []string{"chunk {'a':1}", "chunk {'a':2}", "doneOther [DONE]"}},
		{"CRLF", "data: {'a':1}\r\n\r\n¦data: {'a':2}\r\n\r\n¦data: [DONE]\r\n\r\n", []string{"chunk {'a':1}", "chunk {'a':2}", "doneOther [DONE]"}},
		{"CR, and blank lines", "\rdata: {'a':1}\r\r¦\rdata: {'a':2}\r\r¦\r\rdata: [DONE]\r\r", []string{"chunk {'a':1}", "chunk {'a':2}", "doneOther [DONE]"}},
		{"any mix", "data: {'a':1}\r\n\n¦data: {'a':2}\n\r\n¦data: [DONE]\r\r\n", []string{"chunk {'a':1}", "chunk {'a':2}", "doneOther [DONE]"}},
		{"byte order mark", "\uFEFFdata: {'a':1}\n\n¦data: [DONE]\n\n", []string{"chunk {'a':1}", "doneOther [DONE]"}},
		{"no space, more spaces, tabs", "data:{'a':1}\n\n¦data:  {'a':2} \n\n¦data:\t{'a':3}\t\n\n¦data:[DONE]\n\n",
			[]string{"chunk {'a':1}", "chunk  {'a':2} ", "chunk \t{'a':3}\t", "doneOther [DONE]"}},
		{"other fields", "event: message\ndata: {'a':1}\nid: 1\n\n¦retry: 5\nfoo: bar\ndata: {'a':2}\n: c\n\n¦data: [DONE]\n\n",
			[]string{"chunk {'a':1}", "chunk {'a':2}", "doneOther [DONE]"}},
		{"a field that means nothing, with an object", "data: {'a':1}\n\n¦foo: {'b':2}\n\nfoobar{'b':2}\n\ndata: {'a':3}\n\n¦data: [DONE]\n\n",
			[]string{"chunk {'a':1}", "chunk {'a':3}", "doneOther [DONE]"}},
		{"no JSON", "data: hello\n\n¦data: {'a':1}\n\n¦data: [DONE]\n\n", []string{"syntax hello", "chunk {'a':1}", "doneOther [DONE]"}},
		{"no object", "data: 1\n\n¦data: 'a'\n\n¦data: []\n\n¦data: null\n\n¦data: [DONE]\n\n",
			[]string{"syntax 1", "syntax 'a'", "syntax []", "syntax null", "doneOther [DONE]"}},
		{"more than an object", "data: {}}\n\n¦data: {} {}\n\n¦data: [DONE]\n\n", []string{"syntax {}}", "syntax {} {}", "doneOther [DONE]"}},
		{"field names differ by case", ": c\nData: {'a':1}\n\ndata: {'a':2}\n\n¦", []string{"chunk {'a':2}", "other"}},
	}},
	{"a whole first line stands alone if another one follows, or the end", []framingRow{
		{"LF", "data: {'a':1}\n¦data: {'a':2}\n¦data: [DONE]\n", []string{"chunk {'a':1}", "chunk {'a':2}", "doneOther [DONE]"}},
		{"CR", "data: {'a':1}\r¦data: {'a':2}\r¦data: [DONE]\r", []string{"chunk {'a':1}", "chunk {'a':2}", "doneOther [DONE]"}},
		{"CRLF", "data: {'a':1}\r\n¦data: {'a':2}\r\n¦data: [DONE]\r\n", []string{"chunk {'a':1}", "chunk {'a':2}", "doneOther [DONE]"}},
		{"CRLF and LF", "data: {'a':1}\r\n¦id: 1\ndata: {'a':2}\r\n¦data: [DONE]\n", []string{"chunk {'a':1}", "chunk {'a':2}", "doneOther [DONE]"}},
		{"blank lines at times", "data: {'a':1}\n¦data: {'a':2}\n\n¦data: {'a':3}\n¦data: [DONE]\n\n",
			[]string{"chunk {'a':1}", "chunk {'a':2}", "chunk {'a':3}", "doneOther [DONE]"}},
		{"the end", "data: {'a':1}\n¦data: {'a':2}\n¦", []string{"chunk {'a':1}", "chunk {'a':2}", "other"}},
		{"the end of the line too", "data: {'a':1}\n¦data: {'a':2}¦", []string{"chunk {'a':1}", "chunk {'a':2}", "other"}},
		{"what follows goes with the next", "data: {'a':1}\n¦: c\nid: 1\ndata: {'a':2}\n\n¦", []string{"chunk {'a':1}", "chunk {'a':2}", "other"}},
		{"what follows is left over at the end", "data: {'a':1}\n¦: c\nid: 1\n", []string{"chunk {'a':1}", "other"}},
		{"but not at a blank line", "data: {'a':1}\n: c\nid: 1\n\n¦", []string{"chunk {'a':1}", "other"}},
		{"a line that is no JSON follows", "data: {'a':1}\n¦data: {'a\n\n¦data: [DONE]\n\n", []string{"chunk {'a':1}", "syntax {'a", "doneOther [DONE]"}},
		{"lines that join follow", "data: {'a':1}\n¦data: {\ndata: 'a':2}\n\n¦data: [DONE]\n\n", []string{"chunk {'a':1}", "chunk {\n'a':2}", "doneOther [DONE]"}},
		{"an empty line follows", "data: {'a':1}\n¦data:\n\ndata: [DONE]\n\n", []string{"chunk {'a':1}", "doneOther [DONE]"}},
		{"a line without a colon follows", "data: {'a':1}\n¦data\n\ndata: [DONE]\n\n", []string{"chunk {'a':1}", "doneOther [DONE]"}},
		{"an error line follows", "data: {'a':1}\n¦error: {'message':'x'}\n\n¦data: [DONE]\n\n",
			[]string{"chunk {'a':1}", "api {'message':'x'}", "done [DONE]"}},
		{"two errors", "data: {'error':'x'}\n¦data: {'error':'y'}\n\n¦data: [DONE]\n\n", []string{"api {'error':'x'}", "api {'error':'y'}", "done [DONE]"}},
	}},
	{"lines are joined to the blank line if the first is not whole", []framingRow{
		{"LF", "data: {\ndata:   'a': 1\ndata: }\n\n¦data: [DONE]\n\n", []string{"chunk {\n  'a': 1\n}", "doneOther [DONE]"}},
		{"CR", "data: {\rdata:   'a': 1\rdata: }\r\r¦data: [DONE]\r\r", []string{"chunk {\n  'a': 1\n}", "doneOther [DONE]"}},
		{"CRLF", "data: {\r\ndata:   'a': 1\r\ndata: }\r\n\r\n¦data: [DONE]\r\n\r\n", []string{"chunk {\n  'a': 1\n}", "doneOther [DONE]"}},
		{"other fields between", "data: {\nid: 1\n: c\nfoo: bar\ndata: 'a':1}\nevent: e\n\n¦data: [DONE]\n\n", []string{"chunk {\n'a':1}", "doneOther [DONE]"}},
		{"an empty line first", "data:\ndata: {'a':1}\n\n¦data: [DONE]\n\n", []string{"chunk \n{'a':1}", "doneOther [DONE]"}},
		{"a whole line inside", "data: {'a':\ndata: {'b':1}\ndata: }\n\n¦data: [DONE]\n\n", []string{"chunk {'a':\n{'b':1}\n}", "doneOther [DONE]"}},
		{"the end after a whole payload", "data: {\ndata: 'a':1}\n¦", []string{"chunk {\n'a':1}", "other"}},
		{"the end of the line too", "data: {\ndata: 'a':1}¦", []string{"chunk {\n'a':1}", "other"}},
		{"JSON that is no object", "data: [\ndata: {'a':1}\ndata: ]\n\n¦data: [DONE]\n\n", []string{"syntax [\n{'a':1}\n]", "doneOther [DONE]"}},
		{"a string does not go over lines", "data: {'a':'\ndata: '}\n\n¦data: [DONE]\n\n", []string{"syntax {'a':'\n'}", "doneOther [DONE]"}},
	}},
	{"each whole line is taken alone if the joined lines are no JSON", []framingRow{
		{"a whole line after one that is cut", "data: {'a\n¦data: {'b':1}\n\n¦data: [DONE]\n\n", []string{"syntax {'a", "chunk {'b':1}", "doneOther [DONE]"}},
		{"whole lines after it", "data: {'a\n¦data: {'b':1}\n¦data: {'c':1}\n\n¦data: [DONE]\n\n",
			[]string{"syntax {'a", "chunk {'b':1}", "chunk {'c':1}", "doneOther [DONE]"}},
		{"after some text", "data: hello\n¦data: {'b':1}\n\n¦data: [DONE]\n\n", []string{"syntax hello", "chunk {'b':1}", "doneOther [DONE]"}},
		{"a run of others is one error", "data: a\ndata: b\n¦data: {'c':1}\n¦data: d\ndata: e\n\n¦data: [DONE]\n\n",
			[]string{"syntax a\nb", "chunk {'c':1}", "syntax d\ne", "doneOther [DONE]"}},
		{"none is whole", "data: a\ndata: b\n\n¦data: [DONE]\n\n", []string{"syntax a\nb", "doneOther [DONE]"}},
		{"a run that would join is an error all the same", "data: a\n¦data: {'b':1}\n¦data: {\ndata: 'c':1}\n\n¦data: [DONE]\n\n",
			[]string{"syntax a", "chunk {'b':1}", "syntax {\n'c':1}", "doneOther [DONE]"}},
		{"CR", "data: {'a\r¦data: {'b':1}\r\r¦data: [DONE]\r\r", []string{"syntax {'a", "chunk {'b':1}", "doneOther [DONE]"}},
		{"CRLF", "data: {'a\r\n¦data: {'b':1}\r\n\r\n¦data: [DONE]\r\n\r\n", []string{"syntax {'a", "chunk {'b':1}", "doneOther [DONE]"}},
		{"a keep-alive in it", "data: ''\ndata: \ndata: {'b':1}\n\n¦data: [DONE]\n\n", []string{"chunk {'b':1}", "doneOther [DONE]"}},
		{"before [DONE]", "data: {'a\n¦data: {'b':1}\n¦data: [DONE]\n\n", []string{"syntax {'a", "chunk {'b':1}", "doneOther [DONE]"}},
		{"before an error line", "data: {'a\n¦data: {'b':1}\n¦error: x\n\n¦data: [DONE]\n\n", []string{"syntax {'a", "chunk {'b':1}", "api x", "done [DONE]"}},
		{"before the end", "data: {'a\n¦data: {'b':1}\n¦", []string{"syntax {'a", "chunk {'b':1}", "other"}},
		{"before the end, where more might have joined", "data: {'a':\n¦data: {'b':1}\n¦", []string{"syntax {'a':", "chunk {'b':1}", "other"}},
		{"only until the blank line", "data: a\n¦data: {'b':1}\n\n¦data: {\ndata: 'c':1}\n\n¦data: [DONE]\n\n",
			[]string{"syntax a", "chunk {'b':1}", "chunk {\n'c':1}", "doneOther [DONE]"}},
	}},
	{"[DONE] ends the stream", []framingRow{
		{"alone", "data: [DONE]\n\n", []string{"done [DONE]"}},
		{"without a blank line", "data: [DONE]\n", []string{"done [DONE]"}},
		{"without the end of its line", "data: [DONE]", []string{"done [DONE]"}},
		{"spaces around it", "data:   [DONE] \t\n\n", []string{"done   [DONE] \t"}},
		{"keep-alives before it", ": c\n\ndata:\n\ndata: [DONE]\n\n", []string{"done [DONE]"}},
		{"it does not join lines before it", "data: {'a':\n¦data: [DONE]\n\n", []string{"syntax {'a':", "doneOther [DONE]"}},
		{"nor lines that do join", "data: {\ndata: 'a':1}\n¦data: [DONE]\n\n", []string{"chunk {\n'a':1}", "doneOther [DONE]"}},
		{"nor an error line", "error: x\n¦data: [DONE]\n\n", []string{"api x", "done [DONE]"}},
		{"it is data, not an error", "error: [DONE]\n\n¦data: [DONE]\n\n", []string{"api [DONE]", "done [DONE]"}},
		{"whatever the event", "event: error\ndata: [DONE]\n\n", []string{"done [DONE]"}},
		{"more than it is no JSON", "data: [DONE]x\n\n¦data: '[DONE]'\n\n¦data: [done]\n\n¦data: [DONE]\n\n",
			[]string{"syntax [DONE]x", "syntax '[DONE]'", "syntax [done]", "doneOther [DONE]"}},
	}},
	{"data and error do not join", []framingRow{
		{"error", "error: {'message':'x'}\n\n¦data: [DONE]\n\n", []string{"api {'message':'x'}", "done [DONE]"}},
		{"error over several lines", "error: {\nerror: 'message':'x'}\n\n¦data: [DONE]\n\n", []string{"api {\n'message':'x'}", "done [DONE]"}},
		{"error, then data", "error: {'message':'x'}\n¦data: {'a':1}\n\n¦data: [DONE]\n\n", []string{"api {'message':'x'}", "chunk {'a':1}", "done [DONE]"}},
		{"cut data, then error", "data: {'a\n¦error: {'message':'x'}\n\n¦data: [DONE]\n\n", []string{"syntax {'a", "api {'message':'x'}", "done [DONE]"}},
		{"data that would join", "data: {\n¦error: x\n¦data: }\n\n¦data: [DONE]\n\n", []string{"syntax {", "api x", "syntax }", "done [DONE]"}},
		{"joined data, then error", "data: {\ndata: }\n¦error: x\n\n¦data: [DONE]\n\n", []string{"chunk {\n}", "api x", "done [DONE]"}},
	}},
	{"an error from upstream", []framingRow{
		{"top-level error", "data: {'error':{'message':'x'}}\n\n¦data: [DONE]\n\n", []string{"api {'error':{'message':'x'}}", "done [DONE]"}},
		{"of any shape", "data: {'error':'x'}\n\n¦data: {'error':1}\n\n¦data: {'error':false}\n\n¦data: {'error':[]}\n\n¦data: {'error':''}\n\n¦data: [DONE]\n\n",
			[]string{"api {'error':'x'}", "api {'error':1}", "api {'error':false}", "api {'error':[]}", "api {'error':''}", "done [DONE]"}},
		{"null is none", "data: {'error':null}\n\n¦data: [DONE]\n\n", []string{"chunk {'error':null}", "doneOther [DONE]"}},
		{"the last one counts", "data: {'error':1,'error':null}\n\n¦data: {'error':null,'error':1}\n\n¦data: [DONE]\n\n",
			[]string{"chunk {'error':1,'error':null}", "api {'error':null,'error':1}", "done [DONE]"}},
		{"escaped name", `data: {'\u0065rror':1}` + "\n\n¦data: [DONE]\n\n", []string{`api {'\u0065rror':1}`, "done [DONE]"}},
		{"other case, or not at the top", "data: {'Error':1,'a':{'error':1}}\n\n¦data: [DONE]\n\n", []string{"chunk {'Error':1,'a':{'error':1}}", "doneOther [DONE]"}},
		{"event: error", "event: error\ndata: {'message':'x'}\n\n¦data: [DONE]\n\n", []string{"api {'message':'x'}", "done [DONE]"}},
		{"event: error after the data", "data: {'message':'x'}\nevent: error\n\n¦data: [DONE]\n\n", []string{"api {'message':'x'}", "done [DONE]"}},
		{"event: error for one event", "event: error\ndata: {'message':'x'}\n¦data: {'a':1}\n\n¦data: [DONE]\n\n",
			[]string{"api {'message':'x'}", "chunk {'a':1}", "done [DONE]"}},
		{"event: error, and text", "event: error\ndata: internal server error\n\n¦data: [DONE]\n\n", []string{"api internal server error", "done [DONE]"}},
		{"event: error, and JSON that is no object", "event: error\ndata: 'x'\n\n¦data: [DONE]\n\n", []string{"api 'x'", "done [DONE]"}},
		{"event: error, and lines of text", "event: error\ndata: internal\ndata: server error\n\n¦data: [DONE]\n\n", []string{"api internal\nserver error", "done [DONE]"}},
		{"event: Error is another", "event: Error\ndata: {'message':'x'}\n\n¦data: [DONE]\n\n", []string{"chunk {'message':'x'}", "doneOther [DONE]"}},
		{"text where the stream ends, which might go on as JSON", "error: 12¦", []string{"api 12", "cut"}},
		{"the same with event: error", "event: error\ndata: nul¦", []string{"api nul", "cut"}},
		{"error field, and text", "error: internal server error\n\n¦data: [DONE]\n\n", []string{"api internal server error", "done [DONE]"}},
	}},
	{"an error without framing", []framingRow{
		{"one line", "data: CHAT\n\n¦{'error':{'message':'x'}}\n¦\ndata: [DONE]\n\n", []string{"chunk CHAT", "api {'error':{'message':'x'}}", "done [DONE]"}},
		{"pretty-printed", "data: CHAT\n\n¦{\n  'error': {\n    'message': 'x'\n  }\n}\n¦", []string{"chunk CHAT", "api {\n  'error': {\n    'message': 'x'\n  }\n}", "cut"}},
		{"CRLF", "data: CHAT\r\n\r\n¦{\r\n'error':'x'\r\n}\r\n¦\r\n", []string{"chunk CHAT", "api {\r\n'error':'x'\r\n}", "cut"}},
		{"blank lines in it", "data: CHAT\n\n¦{\n\n'error':\n\n'x'}\n¦data: [DONE]\n\n", []string{"chunk CHAT", "api {\n\n'error':\n\n'x'}", "done [DONE]"}},
		{"indented", "data: CHAT\n\n¦ \t{'error':'x'} \n¦data: [DONE]\n\n", []string{"chunk CHAT", "api {'error':'x'}", "done [DONE]"}},
		{"a list", "data: CHAT\n\n¦[{\n'error': {'code': 503}\n}\n]\n¦\ndata: [DONE]\n\n", []string{"chunk CHAT", "api [{\n'error': {'code': 503}\n}\n]", "done [DONE]"}},
		{"without an end of its line", "data: CHAT\n\n¦{'error':'x'}¦", []string{"chunk CHAT", "api {'error':'x'}", "cut"}},
		{"after a whole line", "data: CHAT\n¦{'error':'x'}\n¦\ndata: CHAT\n\n¦data: [DONE]\n\n", []string{"chunk CHAT", "api {'error':'x'}", "chunk CHAT", "done [DONE]"}},
		{"after a whole line, with a blank line in it", "data: CHAT\n¦{\n\n'error':'x'}\n¦data: [DONE]\n\n", []string{"chunk CHAT", "api {\n\n'error':'x'}", "done [DONE]"}},
		{"after a line that is not whole", "data: {'choices':[]\n{'error':'x'}\ndata: }\n\n¦data: [DONE]\n\n", []string{"chunk {'choices':[]\n}", "done [DONE]"}},
		{"after another field", "id: 1\n{'error':'x'}\n\ndata: CHAT\n\n¦data: [DONE]\n\n", []string{"chunk CHAT", "done [DONE]"}},
		{"after a comment", ": c\n{'error':'x'}\n¦data: CHAT\n\n¦data: [DONE]\n\n", []string{"api {'error':'x'}", "chunk CHAT", "done [DONE]"}},
		{"after the finish reason", "data: STOP\n\n¦{'error':'x'}\n¦\n", []string{"chunk STOP", "api {'error':'x'}", "EOF"}},
		{"two", "data: STOP\n\n¦{'error':'x'}\n¦{'error':'y'}\n¦", []string{"chunk STOP", "api {'error':'x'}", "api {'error':'y'}", "EOF"}},
		{"before a field", "data: CHAT\n\n¦{'error':'x'}\n¦data: CHAT\n\n¦data: [DONE]\n\n", []string{"chunk CHAT", "api {'error':'x'}", "chunk CHAT", "done [DONE]"}},
		{"brackets in a text", "data: CHAT\n\n¦{'error':'}\\'}'}\n¦data: [DONE]\n\n", []string{"chunk CHAT", "api {'error':'}\\'}'}", "done [DONE]"}},
		{"no error", "data: CHAT\n\n¦{'a':1}\n\n[1]\n\n{'error':null}\n\n[{'error':1},2]\n\ndata: [DONE]\n\n", []string{"chunk CHAT", "done [DONE]"}},
		{"no error, and then one", "data: CHAT\n\n¦{'a':\n1}\n\n{'error':'x'}\n¦data: [DONE]\n\n", []string{"chunk CHAT", "api {'error':'x'}", "done [DONE]"}},
		{"no error after a whole line", "data: CHAT\n{'a':1}\nevent: error\n\n¦data: [DONE]\n\n", []string{"api CHAT", "done [DONE]"}},
		{"more on its line", "data: CHAT\n\n¦{'error':'x'} y\n\ndata: [DONE]\n\n", []string{"chunk CHAT", "done [DONE]"}},
		{"a field in it", "data: CHAT\n\n¦{'error':\ndata: CHAT\n\n¦'x'}\n\ndata: [DONE]\n\n", []string{"chunk CHAT", "chunk CHAT", "done [DONE]"}},
		{"a comment in it", "data: CHAT\n\n¦{'error':\n: c\n'x'}\n\ndata: [DONE]\n\n", []string{"chunk CHAT", "done [DONE]"}},
		{"cut by the end", "data: STOP\n\n¦{'error':{'message':", []string{"chunk STOP", "EOF"}},
		{"brackets that do not match", "data: STOP\n\n¦{'error':[}]\n", []string{"chunk STOP", "EOF"}},
	}},
	{"an error in the place of an object", []framingRow{
		{"a list", "data: [{'error':{'message':'x'}}]\n\n¦data: [DONE]\n\n", []string{"api [{'error':{'message':'x'}}]", "done [DONE]"}},
		{"a list over several lines", "data: [\ndata: {'error':'x'}\ndata: ]\n\n¦data: [DONE]\n\n", []string{"api [\n{'error':'x'}\n]", "done [DONE]"}},
		{"a list of more, or without an error", "data: [{'error':1},{}]\n\n¦data: [{'error':null}]\n\n¦data: [[{'error':1}]]\n\n¦data: CHAT\n\n¦data: [DONE]\n\n",
			[]string{"syntax [{'error':1},{}]", "syntax [{'error':null}]", "syntax [[{'error':1}]]", "chunk CHAT", "done [DONE]"}},
		{"text", "data: error: out of memory\n\n¦data: error:\n\n¦data: [DONE]\n\n", []string{"api error: out of memory", "api error:", "done [DONE]"}},
		{"lines of text", "data: error: out of\ndata: memory\n\n¦data: [DONE]\n\n", []string{"api error: out of\nmemory", "done [DONE]"}},
		{"text at the end", "data: STOP\n\n¦data: error: out of memory¦", []string{"chunk STOP", "api error: out of memory", "EOF"}},
		{"other text", "data: Error: x\n\n¦data: an error: x\n\n¦data: CHAT\n\n¦data: [DONE]\n\n", []string{"syntax Error: x", "syntax an error: x", "chunk CHAT", "done [DONE]"}},
	}},
	{"[DONE] glued to a chunk", []framingRow{
		{"another field glued to it", "data: {'a':1}data:\n\n¦data: {'a':1}data: \n\n¦data: {'a':1}data: [DONE\n\n¦data: [DONE]\n",
			[]string{"syntax {'a':1}data:", "syntax {'a':1}data: ", "syntax {'a':1}data: [DONE", "doneOther [DONE]"}},
		{"LF", "data: CHAT¦data: [DONE]\n\n", []string{"chunk CHAT", "done [DONE]"}},
		{"CRLF", "data: CHAT¦data: [DONE]\r\n\r\n", []string{"chunk CHAT", "done [DONE]"}},
		{"spaces", "data: CHAT ¦data:[DONE] \n\n", []string{"chunk CHAT ", "done [DONE] "}},
		{"the end", "data: CHAT¦data: [DONE]", []string{"chunk CHAT", "done [DONE]"}},
		{"after another line", "data: CHAT\n¦data: STOP¦data: [DONE]\n\n", []string{"chunk CHAT", "chunk STOP", "done [DONE]"}},
		{"after a line that is cut", "data: {'a\n¦data: CHAT¦data: [DONE]\n\n", []string{"syntax {'a", "chunk CHAT", "done [DONE]"}},
		{"to no object", "data: xdata: [DONE]\n\n¦data: {'adata: [DONE]\n\n¦data: CHAT\n\n¦data: [DONE]\n\n",
			[]string{"syntax xdata: [DONE]", "syntax {'adata: [DONE]", "chunk CHAT", "done [DONE]"}},
		{"in a text", "data: {'choices':[],'a':'{}data: [DONE]'}\n\n¦data: [DONE]\n\n", []string{"chunk {'choices':[],'a':'{}data: [DONE]'}", "done [DONE]"}},
	}},
	{"the stream is of another API", []framingRow{
		{"[DONE]", "data: {'type':'a'}\n\n¦data: [DONE]\n\n", []string{"chunk {'type':'a'}", "doneOther [DONE]"}},
		{"the end", "event: a\ndata: {'type':'a'}\n\n¦event: b\ndata: {}\n\n¦: c\n", []string{"chunk {'type':'a'}", "chunk {}", "other"}},
		{"the end within an event", "data: {'type':'a'}\n\n¦data: {'type", []string{"chunk {'type':'a'}", "cut"}},
		{"legacy completions", "data: {'object':'text_completion','choices':[{'text':'a','finish_reason':'stop'}]}\n\n¦data: [DONE]\n\n",
			[]string{"chunk {'object':'text_completion','choices':[{'text':'a','finish_reason':'stop'}]}", "doneOther [DONE]"}},
		{"no payload", ": c\n\ndata:\n\n", []string{"cut"}},
		{"an error", "data: {'type':'a'}\n\n¦data: {'error':'x'}\n\n¦data: [DONE]\n\n", []string{"chunk {'type':'a'}", "api {'error':'x'}", "done [DONE]"}},
		{"a chunk by its object", "data: {'object':'chat.completion.chunk'}\n\n¦data: [DONE]\n\n", []string{"chunk {'object':'chat.completion.chunk'}", "done [DONE]"}},
		{"a chunk by delta", "data: {'choices':[{},{'delta':null}]}\n\n¦data: [DONE]\n\n", []string{"chunk {'choices':[{},{'delta':null}]}", "done [DONE]"}},
		{"a chunk by message", "data: {'choices':[{'message':{}}]}\n\n¦data: [DONE]\n\n", []string{"chunk {'choices':[{'message':{}}]}", "done [DONE]"}},
		{"a chunk by choices that are not built", "data: {'choices':[{'message':{}},1]}\n\n¦data: [DONE]\n\n", []string{"chunk {'choices':[{'message':{}},1]}", "done [DONE]"}},
		{"a chunk by no choices", "data: {'choices':[]}\n\n¦data: [DONE]\n\n", []string{"chunk {'choices':[]}", "done [DONE]"}},
		{"a chunk by choices of null", "data: {'choices':null}\n\n¦data: [DONE]\n\n", []string{"chunk {'choices':null}", "done [DONE]"}},
		{"choices of another type", "data: {'choices':{},'object':'chat'}\n\n¦data: [DONE]\n\n", []string{"chunk {'choices':{},'object':'chat'}", "doneOther [DONE]"}},
		{"payloads that are no JSON", "data: a\n\n¦data: b\n\n¦", []string{"syntax a", "syntax b", "other"}},
	}},
	{"keep-alives are never errors", []framingRow{
		{"comments", ": c\n\n:\n\n: c\ndata: {'a':1}\n\n¦: c\n\ndata: [DONE]\n\n", []string{"chunk {'a':1}", "doneOther [DONE]"}},
		{"blank lines", "\n\r\r\n\n\ndata: {'a':1}\n\n¦\n\ndata: [DONE]\n\n", []string{"chunk {'a':1}", "doneOther [DONE]"}},
		{"events without data", "event: ping\n\nid: 1\n\nretry: 1\n\nfoo: bar\n\ndata: {'a':1}\n\n¦event: ping\n\ndata: [DONE]\n\n",
			[]string{"chunk {'a':1}", "doneOther [DONE]"}},
		{"event: error without data", "event: error\n\ndata: [DONE]\n\n", []string{"done [DONE]"}},
		{"data that is empty", "data\n\ndata:\n\ndata: \n\ndata:\ndata:\n\ndata: {'a':1}\n\n¦data:\n\ndata: [DONE]\n\n", []string{"chunk {'a':1}", "doneOther [DONE]"}},
		{"data that is blank", "data:   \n\ndata: \t\n\ndata: [DONE]\n\n", []string{"done [DONE]"}},
		{"data that is an empty string", "data: ''\n\ndata:''\n\ndata:  '' \n\ndata: [DONE]\n\n", []string{"done [DONE]"}},
		{"with an event type", "event: ping\ndata: ''\n\ndata: [DONE]\n\n", []string{"done [DONE]"}},
		{"at the end", "data: {'choices':[{'delta':{},'finish_reason':'stop'}]}\n\n¦: c\n\ndata:\n\ndata: ''\n", []string{"chunk {'choices':[{'delta':{},'finish_reason':'stop'}]}", "EOF"}},
	}},
	{"the end cuts a payload", []framingRow{
		{"an object", "data: {'choices':[{'delta':{},'finish_reason':'stop'}]}\n\n¦data: {'a\n", []string{"chunk {'choices':[{'delta':{},'finish_reason':'stop'}]}", "cut"}},
		{"in its line", "data: {'choices':[{'delta':{},'finish_reason':'stop'}]}\n\n¦data: {", []string{"chunk {'choices':[{'delta':{},'finish_reason':'stop'}]}", "cut"}},
		{"over several lines", "data: {'choices':[{'delta':{},'finish_reason':'stop'}]}\n\n¦data: {\ndata: 'a':1\n", []string{"chunk {'choices':[{'delta':{},'finish_reason':'stop'}]}", "cut"}},
		{"[DONE]", "data: {'choices':[{'delta':{},'finish_reason':'stop'}]}\n\n¦data: [DON", []string{"chunk {'choices':[{'delta':{},'finish_reason':'stop'}]}", "cut"}},
		{"after a line that was whole", "data: {'choices':[{'delta':{},'finish_reason':'stop'}]}\n¦data: {'a':1\n", []string{"chunk {'choices':[{'delta':{},'finish_reason':'stop'}]}", "cut"}},
		{"of an error", "data: {'choices':[{'delta':{},'finish_reason':'stop'}]}\n\n¦error: {'message':'x", []string{"chunk {'choices':[{'delta':{},'finish_reason':'stop'}]}", "cut"}},
		{"not where nothing of it came", "data: {'choices':[{'delta':{},'finish_reason':'stop'}]}\n¦data: ", []string{"chunk {'choices':[{'delta':{},'finish_reason':'stop'}]}", "EOF"}},
		{"not after it", "data: {'choices':[{'delta':{},'finish_reason':'stop'}]}\n¦eve", []string{"chunk {'choices':[{'delta':{},'finish_reason':'stop'}]}", "EOF"}},
	}},
	{"the body is no event stream", []framingRow{
		{"object", "{'a':1}", []string{"notEventStream"}},
		{"array", "[{'a':1}]\n", []string{"notEventStream"}},
		{"HTML", "<!doctype html>\n<p>data: not really\n\ndata: {}\n\n", []string{"notEventStream"}},
		{"after blank lines", "\r\n\n\n{'a':1}\n\ndata: {}\n\n", []string{"notEventStream"}},
		{"after a byte order mark", "\uFEFF{'a':1}", []string{"notEventStream"}},
		{"text", "Internal Server Error\n", []string{"notEventStream"}},
		{"text without an end", "Bad gateway", []string{"notEventStream"}},
		{"binary", "\x8B\x05\x80data\n:\n\ndata: {}\n\n", []string{"notEventStream"}},
		{"gzip", "\x1F\x8B\x08\x00", []string{"notEventStream"}},
		{"a NUL", "a\x00\ndata: {}\n\n", []string{"notEventStream"}},
		{"unknown fields", "foo: bar\n\nfoo: baz\n\n", []string{"notEventStream"}},
		{"an error", "{'error':{'message':'x'}}", []string{"notButAPI"}},
		{"an error over several lines", "\n{\n  'error': {\n    'message': 'x'\n  }\n}\n", []string{"notButAPI"}},
		{"an error after a byte order mark", "\uFEFF{'error':'x'}", []string{"notButAPI"}},
		{"an error of null", "{'error':null}", []string{"notEventStream"}},
		{"an error, and more", "{'error':'x'}\n{'error':'x'}", []string{"notEventStream"}},
		{"an error that is cut", "{'error':{'message':'x", []string{"notEventStream"}},
	}},
	{"the body is an event stream", []framingRow{
		{"a comment first", ": c\n{'a':1}\n\n", []string{"cut"}},
		{"text first", "foo\n{\n<\ndata: {'a':1}\n\n¦", []string{"chunk {'a':1}", "other"}},
		{"one known field", "foo: bar\n\nretry: 5\n\n", []string{"cut"}},
		{"one error field", "foo: bar\nerror: x\n\n¦", []string{"api x", "cut"}},
		{"a brace later", "\n\nid: 1\n{'error':'x'}\n", []string{"cut"}},
	}},
}

type framingRow struct {
	name string
	in   string
	want []string
}

var kindNames = map[string]reference.Kind{
	"chunk": reference.Chunk, "syntax": reference.Syntax, "api": reference.API,
	"done": reference.Done, "EOF": reference.EOF, "cut": reference.UnexpectedEOF,
	"doneOther": reference.DoneNotChat, "other": reference.NotChat,
	"notEventStream": reference.NotEventStream, "notButAPI": reference.NotButAPI,
}

// parse gives the stream and the results of a row.
func (row framingRow) parse(t *testing.T) (stream string, results []reference.Result) {
	t.Helper()
	unquote := strings.NewReplacer("'", `"`, "CHAT", `{"choices":[{"delta":{}}]}`, "STOP", `{"choices":[{"delta":{},"finish_reason":"stop"}]}`).Replace
	stream, raws := marked(unquote(row.in))
	require.Len(t, raws, len(row.want), "a mark between every two results")
	for i, want := range row.want {
		kind, data, _ := strings.Cut(unquote(want), " ")
		results = append(results, reference.Result{Kind: kindNames[kind], Data: data, Raw: raws[i]})
	}
	return stream, results
}

func TestFraming(t *testing.T) {
	for _, group := range framingTests {
		t.Run(group.rule, func(t *testing.T) {
			for _, row := range group.rows {
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
		})
	}
}

// TestFramingAfterTemplates: the framing is the same after events that are matched by a template.
func TestFramingAfterTemplates(t *testing.T) {
	const before = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"}}]}\n\n"
	matched := strings.Repeat(before, 6)
	d := chatstream.NewDecoder(strings.NewReader(matched))
	resultsOfDecoder(t, d)
	require.Positive(t, d.Stats().Matched)
	for _, group := range framingTests {
		for _, row := range group.rows {
			tail, _ := row.parse(t)
			stream := matched + tail
			want := reference.Decode(stream)
			assert.Equal(t, want, resultsOf(t, strings.NewReader(stream)), "%s: %s: whole", group.rule, row.name)
			for i := range tail {
				at := len(matched) + i
				r := io.MultiReader(strings.NewReader(stream[:at]), strings.NewReader(stream[at:]))
				if got := mendResults(want, resultsOf(t, r)); !assert.Equal(t, want, got, "%s: %s: split at %d", group.rule, row.name, i) {
					break
				}
			}
			r := io.MultiReader(strings.NewReader(matched), iotest.OneByteReader(strings.NewReader(tail)))
			assert.Equal(t, want, mendResults(want, resultsOf(t, r)), "%s: %s: byte by byte", group.rule, row.name)
		}
	}
}

// An event has the type and the last event ID of the lines that go with it.
func TestFramingEventFields(t *testing.T) {
	const stream = "id: 1\n\n" +
		"event: a\ndata: {}\n¦" +
		"id: 2\ndata: {}\n¦" +
		"event: b\nid: 3\ndata: {}\n\n¦" +
		"data: {\nid: 4\nevent: c\ndata: }\n\n¦" +
		"data: {}\nid: 5\nevent: d\n\n¦" +
		"event: e\nevent\nid\ndata: {}\n\n¦" +
		"id: 6\nid: 7\x00\nerror: {}\n\n¦" +
		"event: f\ndata: [DONE]\n\n"
	in, raws := marked(stream)
	want := []reference.Result{
		{Kind: reference.Chunk, Data: "{}", Type: "a", LastEventID: "1"},
		{Kind: reference.Chunk, Data: "{}", LastEventID: "2"},
		{Kind: reference.Chunk, Data: "{}", Type: "b", LastEventID: "3"},
		{Kind: reference.Chunk, Data: "{\n}", Type: "c", LastEventID: "4"},
		{Kind: reference.Chunk, Data: "{}", Type: "d", LastEventID: "5"},
		{Kind: reference.Chunk, Data: "{}"},
		{Kind: reference.API, Data: "{}", LastEventID: "6"},
		{Kind: reference.Done, Data: "[DONE]", Type: "f", LastEventID: "6"},
	}
	for i := range want {
		want[i].Raw = raws[i]
	}
	assert.Equal(t, want, reference.Decode(in), "reference")
	checkFraming(t, in, want)
}

// TestEventEndsWithTheNextField: an event that has no blank line is handed out once the name of the next field has been read,
// which shows that it has ended. A name that does not show it yet is no reason.
func TestEventEndsWithTheNextField(t *testing.T) {
	for before, ends := range map[string]map[string]int{
		"data: {}\n":             {"data:": 1, "error:": 1, "dat": 0, "erro": 0, "id:": 0, ":": 0, "data": 0},
		"data: {}\nid: 1\n":      {"data:": 1, "error:": 1, "event:": 0},
		"data: {\n":              {"data:": 0, "error:": 1, "id:": 0},
		"data: {\ndata: }\n":     {"data:": 0, "error:": 1},
		"error: {\n":             {"data:": 1, "error:": 0, "event:": 0},
		"error: {}\n":            {"data:": 1, "error:": 1, "event:": 0},
		"id: 1\nevent: a\n":      {"data:": 0, "error:": 0},
		"data: {}\n\ndata: {}\n": {"data:": 2, "retry:": 1},
		"data: {}\ndata: {\n":    {"data:": 1, "error:": 2},
	} {
		for next, want := range ends {
			got := 0
			tap := chatstream.NewTap(func(*chunk, error) { got++ })
			for _, b := range []byte(before + next) {
				tap.Write([]byte{b})
			}
			assert.Equal(t, want, got, "%q, %q", before, next)
			tap.Close()
		}
	}
}

// TestCommentsAreCountedOnce: a comment counts once, also where the lines of an event are read again, and where it is too long
// to be kept.
func TestCommentsAreCountedOnce(t *testing.T) {
	const limit = 60
	long := ":" + strings.Repeat(" c", limit)
	for _, row := range []struct {
		in   string
		want int64
	}{
		{": a\n\ndata: {}\n: b\n\n: c\ndata: {}\n\n", 3},
		{"data: {\n: b\ndata: x\n: c\n\n: d\ndata: {}\n\n", 3},          // no JSON: taken alone
		{": a\n\n: b\ndata: {\n: c\ndata: x\n\ndata: {}\n\n", 3},        // the same after others
		{"data: x\n: b\ndata: {}\n: c\n", 2},                            // the same at the end
		{"data: {}\n: b\n: c\ndata: {}\n: d\nerror: x\n\n", 3},          // a whole line, and what goes with the next event
		{"data: {}\n\n{\n: a\n: b\n\n", 2},                              // ends a candidate
		{long + "\n" + long + "\r" + long + "\r\n: a\ndata: {}\n\n", 4}, // longer than an event may be
		{"data: {}\n\n" + long + "\n\ndata: {}\n\n", 1},
	} {
		for name, r := range map[string]io.Reader{"whole": strings.NewReader(row.in), "byte by byte": iotest.OneByteReader(strings.NewReader(row.in))} {
			d := chatstream.NewDecoder(r, chatstream.WithMaxEventSize(limit))
			resultsOfDecoder(t, d)
			assert.Equal(t, row.want, d.Stats().Comments, "%q, %s", row.in, name)
		}
	}
}

// TestEventsAreCounted: an event with at least one field counts, also one of unknown fields that might have been an error
// without framing.
func TestEventsAreCounted(t *testing.T) {
	for in, want := range map[string]int64{
		": c\n\ndata: {}\n\n\nid: 1\n\ndata: [DONE]\n":  3,
		"data: {}\n\n{\n\n":                             2,
		"data: {}\n\n{\n\n[\n\nfoo\n\n":                 4,
		"data: {}\ndata: {}\nerror: x\n\n":              3,
		"data: x\ndata: {}\ndata: y\ndata: z\n\n":       3,
		"data: {}\n\n{\n\n: c\n\n{\"error\":\"m\"}\n\n": 3,
	} {
		for name, r := range map[string]io.Reader{"whole": strings.NewReader(in), "byte by byte": iotest.OneByteReader(strings.NewReader(in))} {
			d := chatstream.NewDecoder(r)
			resultsOfDecoder(t, d)
			assert.Equal(t, want, d.Stats().Events, "%q, %s", in, name)
		}
	}
}

// TestErrorsSayWhereTheirEventBegins: an event begins at its first field. Comments and blank lines before it do not belong to it.
func TestErrorsSayWhereTheirEventBegins(t *testing.T) {
	const before = "data: {\"choices\":[{\"delta\":{}}]}\n\n: c\n\n: d\n"
	for _, event := range []string{"data: x\n\n", "error: x\n\n", "id: 1\ndata: x\n\n", "data: x\ndata: {\n\n", "{\"error\":1}\n", "event: error\ndata: x\n\n"} {
		for name, r := range map[string]io.Reader{"whole": strings.NewReader(before + event), "byte by byte": iotest.OneByteReader(strings.NewReader(before + event))} {
			d := chatstream.NewDecoder(r)
			require.NoError(t, d.Decode(new(chunk)))
			err := d.Decode(new(chunk))
			var syntax *chatstream.SyntaxError
			var api *chatstream.APIError
			switch {
			case errors.As(err, &syntax):
				assert.Equal(t, []int64{2, int64(len(before))}, []int64{syntax.Event, syntax.EventOffset}, "%q, %s", event, name)
			case errors.As(err, &api):
				assert.Equal(t, []int64{2, int64(len(before))}, []int64{api.Event, api.EventOffset}, "%q, %s", event, name)
			default:
				t.Errorf("%q, %s: %v", event, name, err)
			}
		}
	}
}

// TestCutPayloadMayBeDeep: a payload that the end of the stream cuts may have as many open brackets as a whole one. With more it
// is no JSON.
func TestCutPayloadMayBeDeep(t *testing.T) {
	const deepest = 10_000
	for n, want := range map[int][]reference.Kind{
		deepest:     {reference.UnexpectedEOF},
		deepest + 1: {reference.Syntax, reference.NotChat},
	} {
		assert.Equal(t, want, kindsOf(resultsOf(t, strings.NewReader("data: "+strings.Repeat("[", n)))), "%d", n)
	}
}

// TestRawOfDone: the Raw of [DONE] ends with its line, or with the blank line where that is the next one. No other line is in it.
func TestRawOfDone(t *testing.T) {
	for rest, want := range map[string]string{
		"": "", "\n": "\n", "\n\n": "\n\n", "\r\n\r\n": "\r\n\r\n", "\r\r": "\r\r", "\n\n\n": "\n\n", "\nfoo\n\n": "\n", "\n: c\n\n": "\n", "\ndata: {}\n\n": "\n",
	} {
		d := chatstream.NewDecoder(strings.NewReader("data: [DONE]" + rest))
		require.Equal(t, io.EOF, d.Decode(new(chunk)))
		assert.Equal(t, "data: [DONE]"+want, string(d.Event().Raw), "%q", rest)
		assert.EqualValues(t, len("data: [DONE]"+want), d.Stats().Bytes, "%q", rest)
	}
}

// TestFinalErrorSaysWhereTheStreamEnds: behind all that was read, whether it is an event or not.
func TestFinalErrorSaysWhereTheStreamEnds(t *testing.T) {
	const event = "data: {\"choices\":[{\"delta\":{}}]}\n\n"
	for _, rest := range []string{"", ": c\n\n", "id: 1", "data: {", "{\n"} {
		for name, r := range map[string]io.Reader{"whole": strings.NewReader(event + rest), "byte by byte": iotest.OneByteReader(strings.NewReader(event + rest))} {
			d := chatstream.NewDecoder(r)
			require.NoError(t, d.Decode(new(chunk)))
			err := d.Decode(new(chunk))
			require.ErrorIs(t, err, io.ErrUnexpectedEOF)
			place := len(event + rest)
			if rest == "data: {" {
				place = len(event) // where the event that is cut begins
			}
			assert.Contains(t, err.Error(), fmt.Sprintf("byte %d", place), "%q, %s", rest, name)
		}
	}
}

func kindsOf(results []reference.Result) []reference.Kind {
	var kinds []reference.Kind
	for _, r := range results {
		kinds = append(kinds, r.Kind)
	}
	return kinds
}

// Time is linear in the bytes, however they are cut: the longer line must have the MB/s of the shorter one.
//
//	go test -run '^$' -bench LongLine -benchtime 3x .
func BenchmarkLongLine(b *testing.B) {
	for name, line := range map[string]string{
		"spaces first":            " ",
		"text first":              "x",
		"data":                    "data: {}\n\ndata: x",
		"data of spaces":          "data: {}\ndata:  ",
		"no colon":                "data: {}\n\nx",
		"no colon in an event":    "data: {\nx",
		"no colon after an event": "data: {}\nx",
		"comment":                 "data: {}\n\n: x",
		"HTML":                    "<x",
	} {
		for _, size := range []int{64 << 10, 512 << 10} {
			b.Run(fmt.Sprintf("%s/%d KiB", name, size>>10), func(b *testing.B) {
				stream := line + strings.Repeat(line[len(line)-1:], size) + "\n\n"
				b.SetBytes(int64(len(stream)))
				d := chatstream.NewDecoder(nil)
				for b.Loop() {
					r := strings.NewReader(stream)
					d.Reset(readerFunc(func(p []byte) (int, error) { return r.Read(p[:min(len(p), 64)]) }))
					var c chunk
					for !final(d.Decode(&c)) {
					}
				}
			})
		}
	}
}
