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
	"github.com/seed-08fc7208/chatstream/internal/reference"
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
		{"any mix", "data: {'a':1}\r\n\n¦data: {'a':2}\n\r\n¦data: [DONE]\r\r\n", []string{"chunk {'a':1}", "chunk {'a':2}", "doneOther [DONE]"}},
		{"byte order mark", "\uFEFFdata: {'a':1}\n\n¦data: [DONE]\n\n", []string{"chunk {'a':1}", "doneOther [DONE]"}},
		{"no space, more spaces, tabs", "data:{'a':1}\n\n¦data:  {'a':2} \n\n¦data:\t{'a':3}\t\n\n¦data:[DONE]\n\n",
			[]string{"chunk {'a':1}", "chunk  {'a':2} ", "chunk \t{'a':3}\t", "doneOther [DONE]"}},
		{"other fields", "event: message\ndata: {'a':1}\nid: 1\n\n¦retry: 5\nfoo: bar\ndata: {'a':2}\n: c\n\n¦data: [DONE]\n\n",
			[]string{"chunk {'a':1}", "chunk {'a':2}", "doneOther [DONE]"}},
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

func kindsOf(results []reference.Result) []reference.Kind {
	var kinds []reference.Kind
	for _, r := range results {
		kinds = append(kinds, r.Kind)
	}
	return kinds
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
		d := chatstream.NewDecoder(&endless{text: text, n: 64 << 20}, chatstream.WithMaxEventSize(limit))
		var err error
		used := allocated(func() { err = d.Decode(new(chunk)) })
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
