package chatstream

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-08fc7208/chatstream/internal/testing/heap"
)

// shelfOf returns the shelf of a library of its own. If it is eager, each event without a template
// is learned at once, with its model.
func shelfOf(eager bool) *shelf { return &shelf{library: new(library), eager: eager} }

// step is what one Decode gives.
type step struct {
	Chunk, Err, Type, Data, ID, Raw string
	repeated                        string
	stats                           Stats
}

// stepsOf decodes a stream with template or without, and counts what was matched.
func stepsOf(stream []byte, remember bool, newReader func([]byte) io.Reader) (steps []step, matched int64) {
	d := NewDecoder(newReader(stream))
	defer d.Close()
	d.lessons.off, d.lessons.only = !remember, shelfOf(true)
	var c CreateChatCompletionData
	for {
		err := d.Decode(&c)
		ev := d.Event()
		s := step{
			Chunk: string(c.AppendJSON(nil)), Err: fmt.Sprint(err),
			Type: string(ev.Type), Data: string(ev.Data), ID: string(ev.LastEventID), Raw: string(ev.Raw),
			repeated: fmt.Sprint(c.Validate()), // it tells of the marks that AppendJSON does not show
			stats:    d.Stats(),
		}
		matched, s.stats.Matched = s.stats.Matched, 0
		steps = append(steps, s)
		if d.final != nil {
			return steps, matched
		}
	}
}

func wholeReader(b []byte) io.Reader { return bytes.NewReader(b) }

// eventReader gives one event a read, as they arrive from a server.
func eventReader(b []byte) io.Reader {
	var readers []io.Reader
	for _, part := range bytes.SplitAfter(b, []byte("\n\n")) {
		readers = append(readers, bytes.NewReader(part))
	}
	return io.MultiReader(readers...)
}

// templateStreams returns all test streams and, where they are, the recordings.
func templateStreams(t testing.TB) map[string][]byte {
	streams := map[string][]byte{}
	for _, pattern := range []string{"testdata/*.sse", "../shared/captures/*/*.sse"} {
		names, err := filepath.Glob(pattern)
		require.NoError(t, err)
		if len(names) == 0 {
			t.Logf("no file is %s", pattern)
		}
		for _, name := range names {
			data, err := os.ReadFile(name)
			require.NoError(t, err)
			streams[name] = data
		}
	}
	return streams
}

// TestTemplateChangesNothing: with template and without it the same comes out.
func TestTemplateChangesNothing(t *testing.T) {
	for name, stream := range templateStreams(t) {
		for _, reader := range []func([]byte) io.Reader{wholeReader, eventReader} {
			want, none := stepsOf(stream, false, reader)
			got, _ := stepsOf(stream, true, reader)
			assert.Zero(t, none)
			require.Equal(t, want, got, name)
		}
	}
}

// chunkOf builds an event around a delta.
func chunkOf(id, delta, rest string) string {
	return fmt.Sprintf(`data: {"id":"%s","object":"chat.completion.chunk","created":1,"choices":[{"index":0,"delta":{%s},"finish_reason":null}]%s}`+"\n\n", id, delta, rest)
}

// TestTemplateComparesEveryByte: an event that differs in one byte anywhere, from one that
// was matched, comes out as without template, however long what is compared is.
func TestTemplateComparesEveryByte(t *testing.T) {
	for n := range 100 {
		filler := strings.Repeat("what a stream says of itself ", 4)[:n]
		event := func(content, obfuscation string) string {
			return `data: {"id":"` + filler + `","choices":[{"index":0,"delta":{"content":"` + content +
				`"}}],"model":"` + filler + `","obfuscation":"` + obfuscation + `"}` + "\n\n"
		}
		again := event("a", "b") + event("cc", "d") + event("e", "ff") + event(" g", "h")
		_, matched := stepsOf([]byte(again), true, wholeReader)
		require.Equal(t, int64(3), matched)
		last := event("same", "again")
		for i := range last {
			stream := []byte(again + last + event("z", "z"))
			stream[len(again)+i] ^= 1 << ((n + i) % 7)
			want, _ := stepsOf(stream, false, wholeReader)
			got, _ := stepsOf(stream, true, wholeReader)
			require.Equal(t, want, got, "%s", stream[len(again):])
		}
	}
}

// TestTemplateReadsTimes: a time that stands where another did is read whole.
func TestTemplateReadsTimes(t *testing.T) {
	event := func(created, word string) string {
		return `data: {"created":` + created + `,"choices":[{"index":0,"delta":{"content":"` + word + `"}}]}` + "\n\n"
	}
	begin := event("1700000000", "a") + event("1700000000", "b") + event("2", "c")
	for _, created := range []string{
		"1700000000", "1700000001", "17000000001", "170000000", "1700000000.5", "1700000000e1", "0700000000", "-1700000000",
		"7", "null", `"1700000000"`, strings.Repeat("\x00", 10), strings.Repeat(" ", 10), "1700000000 ", " 1700000000",
	} {
		for _, between := range []string{"", event("1700000000", "d")} {
			stream := []byte(begin + between + event(created, "e") + event(created, "f") + event("1700000000", "g"))
			want, _ := stepsOf(stream, false, wholeReader)
			got, _ := stepsOf(stream, true, wholeReader)
			require.Equal(t, want, got, created)
		}
	}
}

// TestMatched: which events are taken from memory.
func TestMatched(t *testing.T) {
	content := func(s string) string { return chunkOf("a", `"content":"`+s+`"`, "") }
	logprobs := func(token, p, bytes string) string {
		return `data: {"choices":[{"index":0,"delta":{"content":"` + token + `"},"logprobs":{"content":[{"token":"` + token +
			`","logprob":` + p + `,"bytes":` + bytes + `,"top_logprobs":[{"token":"x","logprob":` + p + `,"bytes":` + bytes + `}]}],"refusal":null}}]}` + "\n\n"
	}
	// The shape of OpenRouter's: the same text as a member and inside another.
	details := func(text, format, rest string) string {
		return chunkOf("a", `"reasoning":"`+text+`","details":[{"type":"t","text":"`+text+`","format":`+format+`,"index":0}]`+rest, "")
	}
	parts := func(text string) string {
		return chunkOf("a", `"content":[{"type":"thinking","thinking":[{"type":"text","text":"`+text+`"}]}]`, "")
	}
	for _, test := range []struct {
		name    string
		events  []string
		matched int64
	}{
		{"another word", []string{content("a"), content("bb"), content("")}, 2},
		{"the same again", []string{content("a"), content("a")}, 1},
		{"escapes and other characters", []string{content("a"), content(`\u00e9\n\"`), content("é世界"), content("a")}, 3},
		{"two texts", []string{chunkOf("a", `"content":"a"`, `,"obfuscation":"x"`), chunkOf("a", `"content":"b"`, `,"obfuscation":"yyyy"`)}, 1},
		{"two texts again and again", []string{
			chunkOf("a", `"content":"a"`, `,"obfuscation":"x"`), chunkOf("a", `"content":"b"`, `,"obfuscation":"yy"`),
			chunkOf("a", `"content":"\n1"`, `,"obfuscation":"\t22222222222222222222"`), chunkOf("a", `"content":"ä"`, `,"obfuscation":"\\\"ß"`),
			chunkOf("a", `"content":"fifteen bytes ."`, `,"obfuscation":"sixteen bytes .."`), chunkOf("a", `"content":"seventeen bytes ."`, `,"obfuscation":""`),
		}, 5},
		{"text inside a member", []string{details("a", "null", ""), details("b", "null", ""), details(`\"c\n`, "null", ""), details("世界", "null", ""), details("", "null", "")}, 4},
		{"two texts inside a member", []string{details("a", `"x"`, ""), details("b", `"x"`, ""), details("c", `"yy"`, ""), details("d d", `"z"`, "")}, 3},
		{"another shape of it after that", []string{details("a", `"x"`, ""), details("b", `"x"`, ""), details("c", `"y"`, ""), details("d", "null", ""), details("e", `{"z":1}`, ""), details("f", `"x"`, "")}, 5},
		{"a member after it", []string{details("a", "1", `,"refusal":"r"`), details("b", "1", `,"refusal":"ss"`), details("c", "1", `,"refusal":"t"`)}, 2},
		{"text inside parts", []string{parts("a"), parts("b"), parts(`\u00e4`), parts("c")}, 3},
		{"parts of another shape", []string{parts("a"), parts("b"), chunkOf("a", `"content":[]`, ""), chunkOf("a", `"content":{"x":[]}`, ""), parts("d")}, 4},
		{"names of members inside", []string{details("a", `{"x":1}`, ""), details("a", `{"y":1}`, ""), details("b", `{"z":"z"}`, "")}, 2},
		{"a member without a field", []string{chunkOf("a", `"content":"a"`, `,"p":"x"`), chunkOf("a", `"content":"b"`, `,"p":[1,{"q":null}]`)}, 1},
		{"a number that ticks", []string{`data: {"created":99}` + "\n\n", `data: {"created":100}` + "\n\n", `data: {"created":1.5e3}` + "\n\n"}, 2},
		{"choices in turn", []string{`data: {"choices":[{"index":0,"delta":{"content":"a"}}]}` + "\n\n", `data: {"choices":[{"index":1,"delta":{"content":"b"}}]}` + "\n\n"}, 1},
		{"logprobs", []string{logprobs("a", "-0.5", "[97]"), logprobs("bc", "-1e-5", "[98,99]"), logprobs("", "0", "[]")}, 2},
		{"parts in the place of text", []string{chunkOf("a", `"content":[{"text":"a"}]`, ""), chunkOf("a", `"content":[{"text":"b"},{}]`, "")}, 1},
		{"CRLF", []string{"data: {\"id\":\"a\"}\r\n\r\n", "data: {\"id\":\"b\"}\r\n\r\n"}, 1},
		{"a first line that begins with blanks", []string{" \t x: y\n\n", content("a"), content("b"), content("c")}, 1},
		{"no space after the colon", []string{"data:{\"id\":\"a\"}\n\n", "data:{\"id\":\"b\"}\n\n"}, 1},

		{"null in the place of text", []string{content("a"), chunkOf("a", `"content":null`, "")}, 0},
		{"text in the place of parts", []string{chunkOf("a", `"content":[]`, ""), content("a")}, 0},
		{"an integer that does not fit", []string{`data: {"choices":[{"index":1}]}` + "\n\n", `data: {"choices":[{"index":1.5}]}` + "\n\n"}, 0},
		{"a number that does not fit", []string{`data: {"created":1}` + "\n\n", `data: {"created":1e999}` + "\n\n"}, 0},
		{"another member", []string{content("a"), chunkOf("a", `"refusal":"a"`, "")}, 0},
		{"a member that is repeated", []string{chunkOf("a", `"content":"a","content":"b"`, ""), chunkOf("a", `"content":"a","content":"b"`, "")}, 0},
		{"an event with an id", []string{content("a"), "id: 1\n" + content("b")}, 0},
		{"a comment before", []string{content("a"), ": ping\n" + content("b")}, 1},
		{"comments and empty lines before", []string{": a\n\n\n: b\n" + content("a"), ": c\n\n" + content("b"), content("c"), ":\r\n\r\n" + content("d")}, 3},
		{"a comment and a field before", []string{content("a"), ": ping\nid: 1\n" + content("b"), ": ping\n\nevent: x\n" + content("c")}, 0},
		{"a comment and what is no chunk", []string{content("a"), ": ping\n\ndata: [1]\n\n", ": ping\n\n" + content("b")}, 1},
		{"what closes the text early", []string{content("a"), content(`a"},"x":{"y":"`)}, 0},
		{"a control character in the text", []string{content("a"), content("\x01")}, 0},
		{"a text that is cut", []string{content("a"), content(`\`)}, 0},
		{"text in the place of parts, after others", []string{parts("a"), parts("b"), chunkOf("a", `"content":"x"`, "")}, 1},
		{"what closes the text inside early", []string{details("a", "1", ""), details("b", "1", ""), details(`c"}],"x":["`, "1", "")}, 1},
		{"a line end inside a member", []string{details("a", "1", ""), details("b", "1", ""), details("c", "1\n", "")}, 1},
		{"a line end in a value", []string{"data: {\"x\":[1]}\n\n", "data: {\"x\":[1,\n\n2]}\n\n", "data: {\"x\":[1\r]}\n\n"}, 0},
		{"fractions that are read another way", []string{logprobs("a", "-0.5", "[97]"), logprobs("b", "-0.12345678901234567890123", "[98]"), logprobs("c", "7", "[99]"),
			logprobs("d", "-1e-400", "[99]")}, 3},
		{"integers that are read another way", []string{logprobs("a", "-0.5", "[97]"), logprobs("b", "-0.5", "[123456,-1,1e3]"), logprobs("c", "-0.5", "[]"),
			logprobs("d", "-0.5", "[ 1 , 2 ]")}, 3},
		{"a line end in a list", []string{logprobs("a", "-0.5", "[97]"), logprobs("a", "-0.5", "[97,\n98]")}, 0},
		{"other ends of line", []string{content("a"), "data: {\"id\":1}\r\n\r\n"}, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			var stream []byte
			for _, event := range test.events {
				stream = append(stream, event...)
			}
			for _, reader := range []func([]byte) io.Reader{wholeReader, eventReader} {
				want, _ := stepsOf(stream, false, reader)
				got, matched := stepsOf(stream, true, reader)
				assert.Equal(t, want, got)
				assert.Equal(t, test.matched, matched)
			}
		})
	}
}

// TestTemplateLearnsAgain: nothing in a stream switches template off for good.
func TestTemplateLearnsAgain(t *testing.T) {
	var stream []byte
	for i := range 1000 {
		stream = fmt.Appendf(stream, "data: {\"x%d\":1}\n\n", i)
	}
	for range 100 {
		stream = append(stream, chunkOf("a", `"content":"a"`, "")...)
	}
	want, _ := stepsOf(stream, false, wholeReader)
	got, matched := stepsOf(stream, true, wholeReader)
	assert.Equal(t, want, got)
	assert.GreaterOrEqual(t, matched, int64(100-(patience+2*rareTries)))
}

// TestTemplateIsWorthIt: what an event that is alone costs has to be earned. So a stream
// that is never alike pays for some events and then for one in many, until it is alike.
func TestTemplateIsWorthIt(t *testing.T) {
	var stream []byte
	a := func(text string) { stream = append(stream, chunkOf("a", `"content":"`+text+`"`, "")...) }
	odd := func(name string) { stream = append(stream, "data: {\""+name+"\":1}\n\n"...) }
	d := NewDecoder(nil)
	var c CreateChatCompletionData
	s := shelfOf(false)
	matched := func() int64 {
		d.lessons = lessons{only: s}
		d.Reset(bytes.NewReader(stream))
		for d.Decode(&c) == nil {
		}
		return d.Stats().Matched
	}
	a("1")
	odd("x")
	a("2")
	assert.EqualValues(t, 1, matched(), "each was learned at once, since there was room")
	assert.EqualValues(t, 3, matched(), "by the next stream they are known")
	for i := range fewTemplates {
		odd(fmt.Sprint("x", i))
		a(fmt.Sprint(i))
	}
	matched()
	stream = nil
	odd("y")
	assert.EqualValues(t, 0, matched(), "there is no room")
	assert.EqualValues(t, 0, matched(), "it came again, and is learned")
	assert.EqualValues(t, 1, matched())

	stream = nil
	odd("z")
	s.spent = maxSpent
	for range 2 * rareLooks {
		s.spent = max(s.spent, maxSpent)
		matched()
	}
	assert.EqualValues(t, 1, matched(), "one in many is looked at although that was not earned")
	s.found()
	assert.Less(t, s.spent, maxSpent, "a hit earns")

	stream = nil
	for i := range 200 {
		odd(fmt.Sprint("never", i))
	}
	for i := range 2 * (patience + 2*rareTries) {
		a(fmt.Sprint(i))
	}
	s.library, s.atHand, s.guesses = new(library), nil, guesses{}
	assert.Greater(t, matched(), int64((patience+2*rareTries)/2), "and then the same again and again")
}

// TestTemplateManyMembers: more members without a field than a seat can count.
func TestTemplateManyMembers(t *testing.T) {
	event := func(last int) string {
		var b bytes.Buffer
		b.WriteString(`data: {"created":1`)
		for i := range 254 {
			fmt.Fprintf(&b, `,"m%d":%d`, i, i)
		}
		fmt.Fprintf(&b, `,"last":%d,"choices":[{}]}`+"\n\n", last)
		return b.String()
	}
	stream := []byte(event(1) + event(2) + event(3) + event(4))
	want, _ := stepsOf(stream, false, wholeReader)
	got, matched := stepsOf(stream, true, wholeReader)
	assert.Equal(t, want, got)
	assert.EqualValues(t, 3, matched)
}

// TestTemplateWidensOnce: what stands before a raw value is not read again, and not
// unescaped again, when its parts become one hole.
func TestTemplateWidensOnce(t *testing.T) {
	event := func(content, text, format string) []byte {
		b := []byte(`data: {"choices":[{"delta":{"content":"` + content + `"}}]`)
		for i := range 30 {
			b = fmt.Appendf(b, `,"x%d":["%s",%s,"%s"]`, i, text, format, text)
		}
		return append(b, "}\n\n"...)
	}
	long := strings.Repeat(`\n`, 1<<15)
	for _, formats := range [][2]string{{`"f"`, "2"}, {"1", "2"}} {
		first, last := formats[0], formats[1]
		d := NewDecoder(bytes.NewReader(slices.Concat(event("a", "a", first), event("b", "b", first), event("c", "c", first), event(long, "d", last))))
		d.lessons.only = shelfOf(true)
		var c CreateChatCompletionData
		for range 4 {
			require.NoError(t, d.Decode(&c))
		}
		assert.EqualValues(t, 3, d.Stats().Matched)
		if !poisoned { // each payload has memory of its own
			assert.Less(t, cap(c.parser.text), 4*len(long))
		}
	}
}

// TestTemplateHoldsLittle: what was remembered of a chunk with many choices, and of an
// event that was large, holds no memory of theirs.
func TestTemplateHoldsLittle(t *testing.T) {
	if poisoned {
		t.Skip("the texts that expire last are kept")
	}
	const streams = 20
	many := bytes.Repeat([]byte(`data: {"created":1,"choices":[{}`+strings.Repeat(",{}", 1000)+"]}\n\n"), 4)
	before, decoders := heap.Live(), [streams]*Decoder{}
	for i := range decoders {
		decoders[i] = NewDecoder(bytes.NewReader(many))
		for range 4 {
			require.NoError(t, decoders[i].Decode(new(CreateChatCompletionData)))
		}
	}
	assert.Less(t, (heap.Live()-before)/streams, 64<<10, "many choices")
	runtime.KeepAlive(&decoders)

	before, taps := heap.Live(), [streams]*Tap{}
	for i := range taps {
		taps[i] = NewTap(func(*CreateChatCompletionData, error) {})
		for _, content := range []string{"a", "b", "c", strings.Repeat("x", 1<<20)} {
			taps[i].Write([]byte(chunkOf(fmt.Sprint(len(content)), `"content":"`+content+`"`, "")))
		}
		assert.GreaterOrEqual(t, taps[i].Stats().Matched, int64(2))
	}
	assert.Less(t, (heap.Live()-before)/streams, 64<<10, "a large event")
	runtime.KeepAlive(&taps)
}

// TestTemplateGivesUpTexts: the memory for one long text that had to be unescaped is given
// up at the next hit.
func TestTemplateGivesUpTexts(t *testing.T) {
	if poisoned {
		t.Skip("each payload has memory of its own")
	}
	content := func(s string) string { return chunkOf("a", `"content":"`+s+`"`, "") }
	for _, next := range []string{"d", `\n`} {
		stream := content("a") + content("b") + content("c") + content(strings.Repeat(`\n`, 1<<20)) + content(next)
		d := NewDecoder(strings.NewReader(stream))
		d.lessons.only = shelfOf(false)
		var c CreateChatCompletionData
		for range 5 {
			require.NoError(t, d.Decode(&c))
		}
		assert.EqualValues(t, 4, d.Stats().Matched)
		assert.LessOrEqual(t, cap(c.parser.text), maxIdleScratch)
	}
}

// TestTapMissesOnce: an event that comes in many writes is compared to templates when its
// first piece has come, and when its line is whole.
func TestTapMissesOnce(t *testing.T) {
	tap := NewTap(func(*CreateChatCompletionData, error) {})
	defer tap.Close()
	tap.cursor.lessons.only = shelfOf(false)
	word, other := chunkOf("a", `"content":"a"`, ""), chunkOf("a", `"content":"b"`, `,"other":"x"`)
	for range 4 {
		tap.Write([]byte(word))
	}
	for i := range len(other) - 1 {
		tap.Write([]byte{other[i]})
		if i >= len("data: {") {
			require.Equal(t, waiting, tap.reader.decoder.tried, "byte %d", i)
		}
	}
	tap.Write([]byte(other[len(other)-1:]))
	assert.Nil(t, tap.reader, "nothing is pending")
	tap.Write([]byte(word))
	assert.EqualValues(t, 6, tap.Stats().Chunks)
	assert.EqualValues(t, 4, tap.Stats().Matched)
}

// FuzzTemplate decodes sequences of events with template and without it. The events are
// the lines of the input; those that follow one another with a mutation between
// them are the ones that template is about.
func FuzzTemplate(f *testing.F) {
	word := chunkOf("a", `"content":"a"`, `,"usage":null,"obfuscation":"x"`)
	for _, seed := range []string{
		word + chunkOf("a", `"content":"b\u00e9"`, `,"usage":null,"obfuscation":"yy"`),
		word + chunkOf("a", `"content":"b`, `,"usage":null,"obfuscation":"yy"`),
		"data: {\"created\":1}\n\ndata: {\"created\":12}\n\ndata: {\"created\":1.}\n\n",
		"data: {\"x\":[1]}\n\ndata: {\"x\":[1}\n\ndata: {\"x\":{}}\n\n",
		"data: {\"x\":[1]}\n\ndata: {\"x\":[1,\n\n2]}\n\n",
		"data: {\"x\":1,\"x\":2}\n\ndata: {\"x\":1,\"x\":3}\n\n",
		"data: {\"x\":[\"a\",{\"y\":\"b\"}]}\n\ndata: {\"x\":[\"a\",{\"y\":\"c\"}]}\n\ndata: {\"x\":[\"\\\"\",{\"y\":\"d\"}]}\n\n",
		chunkOf("a", `"d":["t","a"]`, "") + chunkOf("a", `"d":["t","b"]`, "") + chunkOf("a", `"d":["u","c"]`, "") + chunkOf("a", `"d":[]`, ""),
		chunkOf("a", `"content":[{"t":"a"}]`, "") + chunkOf("a", `"content":[{"t":"b"}]`, "") + chunkOf("a", `"content":[{"t":1}]`, "") + chunkOf("a", `"content":""`, ""),
		"data: {\"choices\":[{\"index\":0}]}\r\n\r\ndata: {\"choices\":[{\"index\":9}]}\r\n\r\n",
	} {
		f.Add([]byte(seed), uint16(7), byte('"'))
	}
	for _, stream := range templateStreams(f) {
		if len(stream) < 4<<10 {
			f.Add(stream, uint16(100), byte('\\'))
		}
	}
	f.Fuzz(func(t *testing.T, stream []byte, at uint16, with byte) {
		// The stream, then itself with one byte replaced, so that each event meets
		// one that is nearly the same.
		stream = append(append(bytes.Clone(stream), "\n\n"...), stream...)
		if int(at) < len(stream) {
			stream[len(stream)-1-int(at)] = with
		}
		for _, reader := range []func([]byte) io.Reader{wholeReader, eventReader} {
			want, _ := stepsOf(stream, false, reader)
			got, _ := stepsOf(stream, true, reader)
			require.Equal(t, want, got)
		}
	})
}

// TestTemplateGivesUpLists: hits give up the memory of one large payload, also where each of
// them has an escape.
func TestTemplateGivesUpLists(t *testing.T) {
	event := func(content string) string { return chunkOf("a", `"content":"`+content+`"`, "") }
	large := `data: {"choices":[]` + strings.Repeat(`,"x":1`, 100_000) + "}\n\n"
	d := NewDecoder(strings.NewReader(event("a") + event("b") + event("c") + large + event(`\n1`) + event(`\n2`)))
	d.lessons.only = shelfOf(false)
	var c CreateChatCompletionData
	for range 6 {
		require.NoError(t, d.Decode(&c))
	}
	assert.EqualValues(t, 4, d.Stats().Matched)
	assert.LessOrEqual(t, cap(c.parser.lists.members)*int(unsafe.Sizeof(Member{})), maxIdleList)
}

// TestTemplateLeavesListsEmpty: after each match the lists of the parser are empty, as they are after each
// payload, and have no more memory than one event needs.
func TestTemplateLeavesListsEmpty(t *testing.T) {
	var stream []byte
	for i := range 2000 {
		stream = fmt.Appendf(stream, `data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"%d"}],"x":%d},"logprobs":{"content":[{"token":"a","logprob":-0.5,"bytes":[%d,2,3]}]}}],"usage":{"total_tokens":%d}}`+"\n\n", i, i, i, i)
	}
	d := NewDecoder(bytes.NewReader(stream))
	d.lessons.only = shelfOf(true)
	var c CreateChatCompletionData
	for i := range 2000 {
		require.NoError(t, d.Decode(&c))
		l := &c.parser.lists
		require.Zero(t, l.inUse()|len(l.choice), "event %d", i)
		require.Equal(t, []int64{int64(i), 2, 3}, c.Choices[0].Logprobs.Value.Content.Value[0].Bytes.Value)
	}
	assert.Equal(t, int64(1999), d.Stats().Matched)
	assert.LessOrEqual(t, cap(c.parser.lists.ints), 64)
	assert.Nil(t, d.lessons.template.lists.ints, "the integers of the event that was learned")
}

// TestTemplateOfEmptyLists: an empty list of a chunk that was matched points into the memory of its list,
// not behind it, where the collector would take it for another object.
func TestTemplateOfEmptyLists(t *testing.T) {
	if unsafe.Sizeof(fieldPlace{}) == 0 {
		t.Skip("without unsafe the lists are carved by the runtime's own rules")
	}
	event := func(id string) string {
		return `data: {"id":"` + id + `","choices":[{"index":0,"delta":{"tool_calls":[]},"logprobs":{"content":[{"token":"a","top_logprobs":[{"token":"b"}]},{"token":"c","top_logprobs":[]}],"refusal":[]}}]}` + "\n\n"
	}
	d := NewDecoder(strings.NewReader(event("a") + event("b")))
	d.lessons.only = shelfOf(true)
	var c CreateChatCompletionData
	require.NoError(t, d.Decode(&c))
	require.NoError(t, d.Decode(&c))
	require.Equal(t, int64(1), d.Stats().Matched)
	l, logprobs := &c.parser.lists, c.Choices[0].Logprobs.Value
	require.NotNil(t, logprobs.Content.Value[1].TopLogprobs.Value)
	assert.Equal(t, unsafe.SliceData(l.topLogprob), unsafe.SliceData(logprobs.Content.Value[1].TopLogprobs.Value))
	require.NotNil(t, logprobs.Refusal.Value)
	assert.Equal(t, unsafe.SliceData(l.tokenLogprob), unsafe.SliceData(logprobs.Refusal.Value))
	require.NotNil(t, c.Choices[0].Delta.ToolCalls.Value)
	assert.Equal(t, unsafe.SliceData(l.toolCall), unsafe.SliceData(c.Choices[0].Delta.ToolCalls.Value))
}
