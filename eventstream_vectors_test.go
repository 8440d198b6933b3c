package chatstream_test

import (
	"io"
	"math"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/seed-08fc7208/chatstream"
	"github.com/seed-08fc7208/chatstream/internal/testing/reference"
)

// The vectors are written from the WHATWG HTML standard, 9.2.5 "Parsing an event stream" and 9.2.6 "Interpreting an event
// stream". Each group is named after a rule there.
var eventStreamVectors = []struct {
	rule    string
	vectors []eventStreamVector
}{
	{"a leading byte order mark is stripped", []eventStreamVector{
		{"none", "data: a\n\n", events{{data: "a"}}, "", 0},
		{"before a field", "\uFEFFdata: a\n\n", events{{data: "a"}}, "", 0},
		{"before a comment", "\uFEFF: c\ndata: a\n\n", events{{data: "a"}}, "", 0},
		{"before a blank line", "\uFEFF\ndata: a\n\n", events{{data: "a"}}, "", 0},
		{"alone", "\uFEFF", nil, "\uFEFF", 0},
		{"only one of two: the second begins a field name", "\uFEFF\uFEFFdata: a\ndata: b\n\n", events{{data: "b"}}, "", 0},
		{"only at the start, not at that of a line", "data: a\n\uFEFFdata: b\n\n", events{{data: "a"}}, "", 0},
		{"only at the start, not at that of an event", "data: a\n\n\uFEFFdata: b\n\n", events{{data: "a"}}, "\uFEFFdata: b\n\n", 0},
		{"not after a space", " \uFEFFdata: a\n\n", nil, " \uFEFFdata: a\n\n", 0},
		{"kept in a value", "data: \uFEFFa\n\n", events{{data: "\uFEFFa"}}, "", 0},
		{"the first byte of it is not one", "\xEFdata: a\ndata: b\n\n", events{{data: "b"}}, "", 0},
		{"the first two bytes of it are not one", "\xEF\xBBdata: a\ndata: b\n\n", events{{data: "b"}}, "", 0},
		{"that of UTF-16 is not one", "\xFE\xFFdata: a\ndata: b\n\n", events{{data: "b"}}, "", 0},
	}},
	{"a line ends with CRLF, LF or CR", []eventStreamVector{
		{"LF", "data: a\ndata: b\n\n", events{{data: "a\nb"}}, "", 0},
		{"CR", "data: a\rdata: b\r\r", events{{data: "a\nb"}}, "", 0},
		{"CRLF", "data: a\r\ndata: b\r\n\r\n", events{{data: "a\nb"}}, "", 0},
		{"CRLF is one end of line, not two", "data: a\r\ndata: b\n\n", events{{data: "a\nb"}}, "", 0},
		{"LF CR is two", "data: a\n\rdata: b\n\r", events{{data: "a"}, {data: "b"}}, "", 0},
		{"CR LF LF", "data: a\r\n\ndata: b\n\n", events{{data: "a"}, {data: "b"}}, "", 0},
		{"CR CR LF", "data: a\r\r\ndata: b\n\n", events{{data: "a"}, {data: "b"}}, "", 0},
		{"LF CR LF", "data: a\n\r\ndata: b\n\n", events{{data: "a"}, {data: "b"}}, "", 0},
		{"CR LF CR", "data: a\r\n\rdata: b\n\n", events{{data: "a"}, {data: "b"}}, "", 0},
		{"each in turn", "data: a\rdata: b\ndata: c\r\ndata: d\r\r\ndata: e\n\r", events{{data: "a\nb\nc\nd"}, {data: "e"}}, "", 0},
		{"a blank line's CRLF at the end of the file", "data: a\r\n\r\n", events{{data: "a"}}, "", 0},
		{"a blank line's CR at the end of the file", "data: a\r\n\r", events{{data: "a"}}, "", 0},
		{"vertical tab, form feed, NEL and the Unicode separators end none",
			"data: \v\f\u0085\u2028\u2029\n\n", events{{data: "\v\f\u0085\u2028\u2029"}}, "", 0},
		{"no stream", "", nil, "", 0},
		{"blank lines alone", "\n\r\r\n\n", nil, "\n\r\r\n\n", 0},
		{"blank lines before an event", "\n\r\r\n\ndata: a\n\n", events{{data: "a"}}, "", 0},
	}},
	{"a line that starts with a colon is ignored", []eventStreamVector{
		{"comment", ": a\n\n", nil, ": a\n\n", 0},
		{"empty comment", ":\n\n", nil, ":\n\n", 0},
		{"before a field", ": a\ndata: b\n\n", events{{data: "b"}}, "", 0},
		{"between fields", "data: a\n: b\ndata: c\n\n", events{{data: "a\nc"}}, "", 0},
		{"before the blank line", "data: a\n:\n\n", events{{data: "a"}}, "", 0},
		{"between events", "data: a\n\n: b\n\ndata: c\n\n", events{{data: "a"}, {data: "c"}}, "", 0},
		{"that looks like a field", ":data: a\n:event: b\n:id: c\n:retry: 1\n\n", nil, ":data: a\n:event: b\n:id: c\n:retry: 1\n\n", 0},
		{"is no blank line", "data: a\n:\n:\ndata: b\n\n", events{{data: "a\nb"}}, "", 0},
		{"with NUL in it", ":\x00\ndata: a\n\n", events{{data: "a"}}, "", 0},
		{"long", "data: a\n:" + strings.Repeat("x", 5000) + "\ndata: b\n\n", events{{data: "a\nb"}}, "", 0},
	}},
	{"a line with a colon is a field name and a value", []eventStreamVector{
		{"name and value", "data:a\n\n", events{{data: "a"}}, "", 0},
		{"the first colon counts", "data:a:b:\n\n", events{{data: "a:b:"}}, "", 0},
		{"a value that starts with a colon", "data::a\n\n", events{{data: ":a"}}, "", 0},
		{"one space after the colon is removed", "data: a\n\n", events{{data: "a"}}, "", 0},
		{"only one", "data:   a\n\n", events{{data: "  a"}}, "", 0},
		{"a tab is none", "data:\ta\n\n", events{{data: "\ta"}}, "", 0},
		{"a no-break space is none", "data:\u00A0a\n\n", events{{data: "\u00A0a"}}, "", 0},
		{"spaces at the end stay", "data: a  \n\n", events{{data: "a  "}}, "", 0},
		{"a space alone", "data: \n\n", events{{}}, "", 0},
		{"two spaces alone", "data:  \n\n", events{{data: " "}}, "", 0},
		{"a space before the colon is of the name", "data : a\ndata: b\n\n", events{{data: "b"}}, "", 0},
		{"a space before the name is of the name", " data: a\ndata: b\n\n", events{{data: "b"}}, "", 0},
		{"in every field", "event:a\nid:b\nretry:1\ndata:c\n\n", events{{typ: "a", data: "c", id: "b"}}, "", time.Millisecond},
	}},
	{"a line without a colon is a field name with an empty value", []eventStreamVector{
		{"data", "data\n\n", events{{}}, "", 0},
		{"data, twice", "data\ndata\n\n", events{{data: "\n"}}, "", 0},
		{"event", "event: a\nevent\ndata: b\n\n", events{{data: "b"}}, "", 0},
		{"id", "id: a\ndata: b\n\nid\ndata: c\n\n", events{{data: "b", id: "a"}, {data: "c"}}, "", 0},
		{"retry", "retry: 1\nretry\ndata: a\n\n", events{{data: "a"}}, "", time.Millisecond},
		{"unknown", "dat\ndataa\ndata_a\ndata: b\n\n", events{{data: "b"}}, "", 0},
	}},
	{"field names are compared literally", []eventStreamVector{
		{"case", "Data: a\nDATA: b\nEvent: c\nID: d\nRetry: 1\ndata: e\n\n", events{{data: "e"}}, "", 0},
		{"NUL in the name", "data\x00: a\n\x00data: b\ndata: c\n\n", events{{data: "c"}}, "", 0},
		{"shorter and longer", "dat: a\ndatas: b\ni: c\nids: d\neven: e\nevents: f\nretr: 1\nretrys: 2\ndata: g\n\n", events{{data: "g"}}, "", 0},
		{"unknown fields are ignored", "error: a\nfoo: b\n{\"c\": 1}\ndata: d\n\n", events{{data: "d"}}, "", 0},
		{"an unknown field alone dispatches nothing", "foo: a\n\n", nil, "foo: a\n\n", 0},
	}},
	{"event sets the event type buffer", []eventStreamVector{
		{"none", "data: a\n\n", events{{data: "a"}}, "", 0},
		{"before the data", "event: a\ndata: b\n\n", events{{typ: "a", data: "b"}}, "", 0},
		{"after the data", "data: b\nevent: a\n\n", events{{typ: "a", data: "b"}}, "", 0},
		{"the last one counts", "event: a\ndata: b\nevent: c\n\n", events{{typ: "c", data: "b"}}, "", 0},
		{"empty", "event: a\nevent:\ndata: b\n\n", events{{data: "b"}}, "", 0},
		{"spaces and colons in it", "event:  a: b \ndata: c\n\n", events{{typ: " a: b ", data: "c"}}, "", 0},
		{"reset by a dispatch", "event: a\ndata: b\n\ndata: c\n\n", events{{typ: "a", data: "b"}, {data: "c"}}, "", 0},
		{"reset by a blank line that dispatches nothing", "event: a\n\ndata: b\n\n", events{{data: "b"}}, "", 0},
		{"kept over a comment", "event: a\n:\ndata: b\n\n", events{{typ: "a", data: "b"}}, "", 0},
	}},
	{"data is appended to the data buffer, and an LF", []eventStreamVector{
		{"one line", "data: a\n\n", events{{data: "a"}}, "", 0},
		{"lines are joined by LF", "data: a\ndata: b\ndata: c\n\n", events{{data: "a\nb\nc"}}, "", 0},
		{"by LF, whatever ended them", "data: a\r\ndata: b\rdata: c\n\n", events{{data: "a\nb\nc"}}, "", 0},
		{"over other fields", "data: a\nid: 1\ndata: b\nevent: e\ndata: c\n\n", events{{typ: "e", data: "a\nb\nc", id: "1"}}, "", 0},
		{"an empty line first", "data:\ndata: a\n\n", events{{data: "\na"}}, "", 0},
		{"an empty line between", "data: a\ndata\ndata: b\n\n", events{{data: "a\n\nb"}}, "", 0},
		{"an empty line last", "data: a\ndata:\n\n", events{{data: "a\n"}}, "", 0},
		{"reset by a dispatch", "data: a\n\ndata: b\n\n", events{{data: "a"}, {data: "b"}}, "", 0},
		{"NUL stays", "data: a\x00b\n\n", events{{data: "a\x00b"}}, "", 0},
		{"UTF-8", "data: \u00E4\u20AC\U0001F600\n\n", events{{data: "\u00E4\u20AC\U0001F600"}}, "", 0},
		{"long", "data: " + strings.Repeat("a", 5000) + "\ndata: b\n\n", events{{data: strings.Repeat("a", 5000) + "\nb"}}, "", 0},
	}},
	{"id sets the last event ID buffer", []eventStreamVector{
		{"with data", "id: 1\ndata: a\n\n", events{{data: "a", id: "1"}}, "", 0},
		{"after the data", "data: a\nid: 1\n\n", events{{data: "a", id: "1"}}, "", 0},
		{"kept over events", "id: 1\ndata: a\n\ndata: b\n\n", events{{data: "a", id: "1"}, {data: "b", id: "1"}}, "", 0},
		{"not of the event before", "data: a\n\nid: 1\ndata: b\n\n", events{{data: "a"}, {data: "b", id: "1"}}, "", 0},
		{"the last one counts", "id: 1\ndata: a\nid: 2\n\n", events{{data: "a", id: "2"}}, "", 0},
		{"set by a block without data", "id: 1\n\ndata: a\n\n", events{{data: "a", id: "1"}}, "", 0},
		{"an empty value resets it", "id: 1\ndata: a\n\nid:\ndata: b\n\n", events{{data: "a", id: "1"}, {data: "b"}}, "", 0},
		{"as does none", "id: 1\ndata: a\n\nid\ndata: b\n\n", events{{data: "a", id: "1"}, {data: "b"}}, "", 0},
		{"with NUL ignored", "id: 1\ndata: a\n\nid: 2\x00\ndata: b\n\n", events{{data: "a", id: "1"}, {data: "b", id: "1"}}, "", 0},
		{"NUL first ignored", "id: \x00\ndata: b\n\n", events{{data: "b"}}, "", 0},
		{"with NUL leaves the one before in the same event", "id: 1\nid: 2\x003\ndata: b\n\n", events{{data: "b", id: "1"}}, "", 0},
		{"any text", "id:  a: \u00E4 \ndata: b\n\n", events{{data: "b", id: " a: \u00E4 "}}, "", 0},
		{"longer after shorter", "id: 1\ndata: a\n\nid: 1234567890\ndata: b\n\nid: 2\ndata: c\n\n",
			events{{data: "a", id: "1"}, {data: "b", id: "1234567890"}, {data: "c", id: "2"}}, "", 0},
	}},
	{"retry of only ASCII digits sets the reconnection time", []eventStreamVector{
		{"none", "data: a\n\n", events{{data: "a"}}, "", 0},
		{"milliseconds", "retry: 3000\n\n", nil, "retry: 3000\n\n", 3 * time.Second},
		{"with an event", "retry: 5\ndata: a\n\n", events{{data: "a"}}, "", 5 * time.Millisecond},
		{"the last one counts", "retry: 5\nretry: 7\n\nretry: 6\n\n", nil, "retry: 5\nretry: 7\n\nretry: 6\n\n", 6 * time.Millisecond},
		{"zero", "retry: 5\nretry: 0\n\n", nil, "retry: 5\nretry: 0\n\n", 0},
		{"zeros before it", "retry: 0000000000000000000000000008\n\n", nil, "retry: 0000000000000000000000000008\n\n", 8 * time.Millisecond},
		{"read at its line, not at the blank line", "retry: 5\n", nil, "retry: 5\n", 5 * time.Millisecond},
		{"not read from a line that the end of the file cut", "retry: 5\nretry: 60", nil, "retry: 5\nretry: 60", 5 * time.Millisecond},
		{"empty", "retry: 5\nretry:\n\n", nil, "retry: 5\nretry:\n\n", 5 * time.Millisecond},
		{"letters", "retry: 5\nretry: 1000x\nretry: x\n\n", nil, "retry: 5\nretry: 1000x\nretry: x\n\n", 5 * time.Millisecond},
		{"signs", "retry: 5\nretry: +1\nretry: -1\n\n", nil, "retry: 5\nretry: +1\nretry: -1\n\n", 5 * time.Millisecond},
		{"spaces", "retry: 5\nretry:  1\nretry: 1 \n\n", nil, "retry: 5\nretry:  1\nretry: 1 \n\n", 5 * time.Millisecond},
		{"fractions and exponents", "retry: 5\nretry: 1.0\nretry: 1e3\nretry: 0x10\nretry: 1_0\n\n", nil,
			"retry: 5\nretry: 1.0\nretry: 1e3\nretry: 0x10\nretry: 1_0\n\n", 5 * time.Millisecond},
		{"digits that are not ASCII", "retry: 5\nretry: \u0661\nretry: \uFF11\n\n", nil, "retry: 5\nretry: \u0661\nretry: \uFF11\n\n", 5 * time.Millisecond},
		{"longer than any Duration", "retry: 99999999999999999999999\n\n", nil, "retry: 99999999999999999999999\n\n", (1<<63 - 1) / time.Millisecond * time.Millisecond},
	}},
	{"a blank line dispatches the event", []eventStreamVector{
		{"one", "data: a\n\n", events{{data: "a"}}, "", 0},
		{"two", "data: a\n\ndata: b\n\n", events{{data: "a"}, {data: "b"}}, "", 0},
		{"several blank lines between", "data: a\n\n\n\ndata: b\n\n", events{{data: "a"}, {data: "b"}}, "", 0},
		{"a line of a space is not blank", "data: a\n \ndata: b\n\n", events{{data: "a\nb"}}, "", 0},
		{"empty data is dispatched", "data:\n\ndata: a\n\n", events{{}, {data: "a"}}, "", 0},
		{"no data is not: event", "event: a\n\n", nil, "event: a\n\n", 0},
		{"no data is not: id", "id: 1\n\n", nil, "id: 1\n\n", 0},
		{"no data is not: retry", "retry: 1\n\ndata: a\n\n", events{{data: "a"}}, "", time.Millisecond},
		{"one LF at the end of the data is removed", "data: a\n\n", events{{data: "a"}}, "", 0},
		{"only one", "data: a\ndata\ndata\n\n", events{{data: "a\n\n"}}, "", 0},
		{"the standard's stock ticker", "data: YHOO\ndata: +2\ndata: 10\n\n", events{{data: "YHOO\n+2\n10"}}, "", 0},
		{"the standard's four blocks",
			": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n",
			events{{data: "first event", id: "1"}, {data: "second event"}}, "data:  third event\n", 0},
		{"the standard's two and a half blocks", "data\n\ndata\ndata\n\ndata:", events{{}, {data: "\n"}}, "data:", 0},
		{"the standard's two identical events", "data:test\n\ndata: test\n\n", events{{data: "test"}, {data: "test"}}, "", 0},
	}},
	{"an incomplete event at the end of the file is discarded", []eventStreamVector{
		{"no blank line", "data: a\n\ndata: b\n", events{{data: "a"}}, "data: b\n", 0},
		{"no blank line, CR", "data: a\r\rdata: b\r", events{{data: "a"}}, "data: b\r", 0},
		{"no blank line, CRLF", "data: a\r\n\r\ndata: b\r\n", events{{data: "a"}}, "data: b\r\n", 0},
		{"in the middle of a line", "data: a\n\ndata: b", events{{data: "a"}}, "data: b", 0},
		{"in the middle of a name", "data: a\n\nda", events{{data: "a"}}, "da", 0},
		{"in the middle of a comment", "data: a\n\n: b", events{{data: "a"}}, ": b", 0},
		{"with blocks without data before it", "data: a\n\n: b\n\nid: 1\n\ndata: c", events{{data: "a"}}, ": b\n\nid: 1\n\ndata: c", 0},
		{"the only one", "data: a", nil, "data: a", 0},
	}},
}

type eventStreamVector struct {
	name  string
	in    string
	want  events
	tail  string // what is left over when the events are out
	retry time.Duration
}

type events []event

type event struct{ typ, data, id string }

func TestEventStreamVectors(t *testing.T) {
	total := 0
	for _, group := range eventStreamVectors {
		t.Run(group.rule, func(t *testing.T) {
			for _, v := range group.vectors {
				t.Run(v.name, v.run)
			}
		})
		t.Logf("%3d vectors: %s", len(group.vectors), group.rule)
		total += len(group.vectors)
	}
	t.Logf("%3d vectors in %d groups", total, len(eventStreamVectors))
}

// run reads the vector whole, byte by byte, and in two pieces of every length.
func (v eventStreamVector) run(t *testing.T) {
	want := scannedByReference(v.in)
	assert.Equal(t, v.want, want.events, "reference: events")
	assert.Equal(t, v.tail, want.tail(), "reference: what is left over")
	assert.Equal(t, v.retry, want.retry, "reference: retry")

	assert.Equal(t, want, scanAll(t, strings.NewReader(v.in)), "whole")
	assert.Equal(t, want, scanAll(t, iotest.DataErrReader(strings.NewReader(v.in))), "whole, with io.EOF")
	assert.Equal(t, want, scanAll(t, iotest.OneByteReader(strings.NewReader(v.in))).mended(), "byte by byte")
	for i := range v.in {
		split := io.MultiReader(strings.NewReader(v.in[:i]), strings.NewReader(v.in[i:]))
		if !assert.Equal(t, want, scanAll(t, split).mended(), "split at %d", i) {
			break
		}
	}
}

// scanned is all that a Scanner gives.
type scanned struct {
	events  events
	raws    []string        // one more than events
	retries []time.Duration // when each of the events had come
	retry   time.Duration   // in the end
	err     error
}

func (s scanned) tail() string { return s.raws[len(s.raws)-1] }

// mended undoes the one trace that cutting a stream may leave: a CRLF that is cut in two begins the next Raw with its LF.
func (s scanned) mended() scanned {
	s.raws = mendRaws(s.raws)
	return s
}

func mendRaws(raws []string) []string {
	for i := 1; i < len(raws); i++ {
		if strings.HasSuffix(raws[i-1], "\r") && strings.HasPrefix(raws[i], "\n") {
			raws[i-1], raws[i] = raws[i-1]+"\n", raws[i][1:]
		}
	}
	return raws
}

func scannedByReference(stream string) scanned {
	var all scanned
	ref := reference.Scan(stream, math.MaxInt)
	for _, e := range ref.Events {
		all.events = append(all.events, event{e.Type, e.Data, e.LastEventID})
		all.raws = append(all.raws, e.Raw)
		all.retries = append(all.retries, e.Retry)
	}
	all.raws = append(all.raws, ref.Tail)
	all.retry = ref.Retry
	return all
}

func scanAll(t *testing.T, r io.Reader, opts ...chatstream.Option) scanned {
	t.Helper()
	return scanRest(t, chatstream.NewScanner(r, opts...))
}

func scanRest(t *testing.T, s *chatstream.Scanner) scanned {
	t.Helper()
	var all scanned
	for s.Scan() {
		all.events = append(all.events, ownedEvent(s.Event()))
		all.raws = append(all.raws, string(s.Event().Raw))
		all.retries = append(all.retries, s.Retry())
	}
	all.raws = append(all.raws, string(s.Event().Raw))
	assert.Zero(t, ownedEvent(s.Event()), "there is no event after the last one")
	all.retry, all.err = s.Retry(), s.Err()

	assert.False(t, s.Scan(), "Scan after the end")
	assert.Empty(t, s.Event().Raw, "what followed the last event comes once")
	assert.Equal(t, all.err, s.Err(), "Err after the end")
	return all
}

func ownedEvent(e chatstream.Event) event {
	return event{string(e.Type), string(e.Data), string(e.LastEventID)}
}
