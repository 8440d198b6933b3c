package chatstream_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-08fc7208/chatstream"
)

// chunk keeps the tests readable; the long name is the schema's.
type chunk = chatstream.CreateChatCompletionData

// stream is one file of testdata, with what its golden file says.
type stream struct {
	name   string
	data   []byte
	golden []golden
	end    golden // the last line
}

// golden is a line of a golden file; testdata/README.md describes it.
type golden struct {
	Chunk json.RawMessage
	Error *struct {
		Kind                       string
		Message, Type, Code, Param *string
	}
	End  string
	Done bool
}

// clean reports whether no Decode of the stream gives an error but io.EOF.
func (s stream) clean() bool {
	return s.end.End == "EOF" && !slices.ContainsFunc(s.golden, func(g golden) bool { return g.Error != nil })
}

func testStreams(tb testing.TB) []stream {
	tb.Helper()
	files, err := filepath.Glob("testdata/*.sse")
	require.NoError(tb, err)
	require.NotEmpty(tb, files, "no streams in testdata")
	streams := make([]stream, 0, len(files))
	for _, file := range files {
		s := stream{name: strings.TrimSuffix(filepath.Base(file), ".sse")}
		s.data, err = os.ReadFile(file)
		require.NoError(tb, err)
		lines, err := os.ReadFile(strings.TrimSuffix(file, ".sse") + ".golden.jsonl")
		require.NoError(tb, err)
		for line := range bytes.Lines(lines) {
			var g golden
			require.NoError(tb, json.Unmarshal(line, &g), "%s: %s", s.name, line)
			s.golden = append(s.golden, g)
		}
		require.NotEmpty(tb, s.golden, s.name)
		s.end = s.golden[len(s.golden)-1]
		s.golden = s.golden[:len(s.golden)-1]
		require.NotEmpty(tb, s.end.End, "%s: the last line is no end", s.name)
		streams = append(streams, s)
	}
	return streams
}

// final reports whether no event follows err.
func final(err error) bool {
	var syntax *chatstream.SyntaxError
	var api *chatstream.APIError
	switch {
	case err == nil, errors.As(err, &syntax), errors.Is(err, chatstream.ErrEventTooLarge):
		return false
	case errors.As(err, &api):
		return errors.Is(err, chatstream.ErrNotEventStream)
	}
	return true
}

// outcome is what one Decode gave, in memory of its own.
type outcome struct {
	json  []byte // AppendJSON of the chunk
	err   error
	event chatstream.Event
}

func outcomeOf(d *chatstream.Decoder, c *chunk, err error) outcome {
	e := d.Event()
	e.Type, e.Data = bytes.Clone(e.Type), bytes.Clone(e.Data)
	e.LastEventID, e.Raw = bytes.Clone(e.LastEventID), bytes.Clone(e.Raw)
	return outcome{json: c.AppendJSON(nil), err: err, event: e}
}

// decodeAll decodes to the final error, which is in the last outcome, each time
// into the chunk that next returns.
func decodeAll(tb testing.TB, d *chatstream.Decoder, next func() *chunk) []outcome {
	tb.Helper()
	var all []outcome
	for {
		c := next()
		all = append(all, outcomeOf(d, c, d.Decode(c)))
		if final(all[len(all)-1].err) {
			return all
		}
		require.Less(tb, len(all), 1_000_000, "the stream does not end")
	}
}

func fresh() *chunk { return new(chunk) }

// equalJSON reports whether two JSON texts are the same value: members in any
// order, the last of a repeated one, numbers as design allows (see equalNumber).
func equalJSON(a, b []byte) bool {
	va, errA := valueOf(a)
	vb, errB := valueOf(b)
	return errA == nil && errB == nil && equalValue(va, vb)
}

func valueOf(text []byte) (v any, err error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, fmt.Errorf("more than one value: %w", err)
	}
	return v, nil
}

func equalValue(a, b any) bool {
	switch a := a.(type) {
	case json.Number:
		b, ok := b.(json.Number)
		return ok && equalNumber(string(a), string(b))
	case []any:
		b, ok := b.([]any)
		return ok && slices.EqualFunc(a, b, equalValue)
	case map[string]any:
		b, ok := b.(map[string]any)
		return ok && maps.EqualFunc(a, b, equalValue)
	}
	return a == b
}

// equalNumber compares integers exactly and other numbers as float64; one that is
// out of range equals its own text only.
func equalNumber(a, b string) bool {
	if a == b {
		return true
	}
	ia, errA := strconv.ParseInt(a, 10, 64)
	ib, errB := strconv.ParseInt(b, 10, 64)
	if errA == nil && errB == nil {
		return ia == ib
	}
	fa, errA := strconv.ParseFloat(a, 64)
	fb, errB := strconv.ParseFloat(b, 64)
	return errA == nil && errB == nil && fa == fb
}

// matchGolden checks one result against its line of the golden file.
func matchGolden(t *testing.T, want golden, gotJSON []byte, err error) {
	t.Helper()
	if want.Chunk != nil {
		assert.True(t, equalJSON(want.Chunk, gotJSON), "want %s\n got %s", want.Chunk, gotJSON)
	}
	switch {
	case want.Error == nil:
		assert.NoError(t, err)
	case want.Error.Kind == "syntax":
		var syntax *chatstream.SyntaxError
		assert.ErrorAs(t, err, &syntax)
		assert.Equal(t, string(new(chunk).AppendJSON(nil)), string(gotJSON), "dst is not empty after a SyntaxError")
	default:
		require.Equal(t, "api", want.Error.Kind)
		var api *chatstream.APIError
		if !assert.ErrorAs(t, err, &api) {
			return
		}
		for _, f := range []struct {
			name string
			want *string
			got  string
		}{
			{"message", want.Error.Message, api.Message},
			{"type", want.Error.Type, api.Type},
			{"code", want.Error.Code, api.Code},
			{"param", want.Error.Param, api.Param},
		} {
			if f.want != nil {
				assert.Equal(t, *f.want, f.got, f.name)
			}
		}
		assert.True(t, equalJSON(errorMember(t, want.Chunk), api.Raw), "Raw of the error is %s", api.Raw)
	}
}

// errorMember returns the payload's error if it has one, else the payload itself.
func errorMember(t *testing.T, payload []byte) []byte {
	t.Helper()
	var members map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(payload, &members))
	if e, ok := members["error"]; ok && string(e) != "null" {
		return e
	}
	return payload
}

// matchEnd checks how a stream ended, and that it stays ended.
func matchEnd(t *testing.T, s stream, d *chatstream.Decoder, err error) {
	t.Helper()
	if s.end.End == "EOF" {
		assert.Equal(t, io.EOF, err)
	} else {
		assert.ErrorIs(t, err, io.ErrUnexpectedEOF)
		assert.NotErrorIs(t, err, io.EOF)
	}
	assert.Equal(t, s.end.Done, d.Done(), "Done")
	again := d.Decode(new(chunk))
	require.Error(t, again)
	assert.Equal(t, err.Error(), again.Error(), "a final error comes at every further call")
	assert.Empty(t, d.Event().Raw, "Raw after the end")
}

func TestGolden(t *testing.T) {
	for _, s := range testStreams(t) {
		t.Run(s.name, func(t *testing.T) {
			d := chatstream.NewDecoder(bytes.NewReader(s.data))
			defer d.Close()
			got := decodeAll(t, d, fresh)
			end := got[len(got)-1]
			got = got[:len(got)-1]
			for i := range min(len(got), len(s.golden)) {
				matchGolden(t, s.golden[i], got[i].json, got[i].err)
			}
			assert.Len(t, got, len(s.golden), "number of results")
			matchEnd(t, s, d, end.err)
		})
	}
}

// doneLine finds the line that ends a stream.
var doneLine = regexp.MustCompile(`(?:^|[\r\n])data: *\[DONE\] *(\r\n|\r|\n|$)(\r\n|\r|\n)?`)

// extent is how much of a stream a decoder reads: all of it, or to [DONE].
type extent struct {
	// lineEnd is behind the first byte of the line end of [DONE]: with that byte
	// the line is complete, and nothing may be read after it. Without [DONE], or
	// where it has no line end, it is behind the end of the reader.
	lineEnd int
	// blankEnd is behind the blank line after [DONE], the most that its Raw has.
	blankEnd int
}

func extentOf(data []byte) extent {
	m := doneLine.FindSubmatchIndex(data)
	if m == nil || m[2] == m[3] {
		return extent{lineEnd: len(data) + 1, blankEnd: len(data)}
	}
	return extent{lineEnd: m[2] + 1, blankEnd: max(m[3], m[5])}
}

// raws returns where the Raws must end when the reader has given n bytes: "its
// Raw has the line end and the blank line where they were already read".
func (e extent) raws(n int) int { return min(n, e.blankEnd) }

// meter counts what is read, and whether more was asked for after [DONE].
type meter struct {
	r      io.Reader
	extent extent
	n      int
	tooFar bool
}

func (m *meter) Read(p []byte) (int, error) {
	m.tooFar = m.tooFar || m.n >= m.extent.lineEnd
	n, err := m.r.Read(p)
	m.n += n
	return n, err
}

// cut reads data up to at and then the rest.
func cut(data []byte, at int) io.Reader {
	return io.MultiReader(bytes.NewReader(data[:at]), bytes.NewReader(data[at:]))
}

// stutter gives zero bytes and no error before each read.
type stutter struct {
	r     io.Reader
	ready bool
}

func (s *stutter) Read(p []byte) (int, error) {
	if s.ready = !s.ready; s.ready {
		return 0, nil
	}
	return s.r.Read(p)
}

// cutter decodes one stream again and again, each time read in another way, and
// compares with what it gave when it was read whole. It keeps no results, since
// the number of cuts is large.
type cutter struct {
	data  []byte
	want  []outcome
	stats chatstream.Stats
	// sameRaws: without a CR each Raw has the same bounds at every cut; with one,
	// the LF of a CRLF that has not arrived yet begins the next Raw.
	sameRaws bool
	extent   extent

	d       *chatstream.Decoder
	dst     chunk
	scratch []byte
}

func newCutter(t *testing.T, data []byte) *cutter {
	t.Helper()
	k := &cutter{data: data, extent: extentOf(data), sameRaws: !bytes.Contains(data, []byte{'\r'})}
	m := &meter{r: bytes.NewReader(data), extent: k.extent}
	k.d = chatstream.NewDecoder(m)
	t.Cleanup(func() { k.d.Close() })
	k.want = decodeAll(t, k.d, fresh)
	k.stats = k.d.Stats()
	var raws []byte
	for _, o := range k.want {
		raws = append(raws, o.event.Raw...)
	}
	require.Equal(t, string(data[:k.extent.raws(m.n)]), string(raws), "the Raws are not the stream")
	require.False(t, m.tooFar, "read after [DONE]")
	return k
}

// check decodes what r gives and returns the first difference.
func (k *cutter) check(r io.Reader) error {
	m := &meter{r: r, extent: k.extent}
	k.d.Reset(m)
	read := 0 // bytes that the Raws have covered
	for i, want := range k.want {
		err := k.d.Decode(&k.dst)
		if message(err) != message(want.err) {
			return fmt.Errorf("result %d: error is %q, want %q", i, message(err), message(want.err))
		}
		if k.scratch = k.dst.AppendJSON(k.scratch[:0]); !bytes.Equal(k.scratch, want.json) {
			return fmt.Errorf("result %d: chunk is %s, want %s", i, k.scratch, want.json)
		}
		e := k.d.Event()
		last := i == len(k.want)-1
		for _, f := range []struct {
			name      string
			got, want []byte
		}{
			{"Type", e.Type, want.event.Type},
			{"Data", e.Data, want.event.Data},
			{"LastEventID", e.LastEventID, want.event.LastEventID},
		} {
			if !bytes.Equal(f.got, f.want) {
				return fmt.Errorf("result %d: Event.%s is %q, want %q", i, f.name, f.got, f.want)
			}
		}
		if k.sameRaws && !last && !bytes.Equal(e.Raw, want.event.Raw) {
			return fmt.Errorf("result %d: Raw is %q, want %q", i, e.Raw, want.event.Raw)
		}
		if !bytes.HasPrefix(k.data[read:], e.Raw) {
			return fmt.Errorf("result %d: Raw is %q, but the stream goes on with %.80q", i, e.Raw, k.data[read:])
		}
		read += len(e.Raw)
	}
	if want := k.extent.raws(m.n); read != want {
		return fmt.Errorf("the Raws have %d bytes, want %d; %d were read", read, want, m.n)
	}
	if m.tooFar {
		return errors.New("read after [DONE]")
	}
	stats := k.d.Stats()
	if stats.Events != k.stats.Events || stats.Comments != k.stats.Comments || stats.Chunks != k.stats.Chunks || stats.Errors != k.stats.Errors {
		return fmt.Errorf("Stats are %+v, want %+v", stats, k.stats)
	}
	return nil
}

func message(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// TestEveryCut reads each stream cut at every byte: the chunks, errors and Raws are the same.
func TestEveryCut(t *testing.T) {
	t.Parallel()
	stride := 1
	if testing.Short() || instrumented {
		stride = 13 // every place is reached in some stream
	}
	for _, s := range testStreams(t) {
		t.Run(s.name, func(t *testing.T) {
			k := newCutter(t, s.data)
			whole := func() io.Reader { return bytes.NewReader(s.data) }
			for name, r := range map[string]io.Reader{
				"byte by byte":                    iotest.OneByteReader(whole()),
				"byte by byte, the last with EOF": iotest.DataErrReader(iotest.OneByteReader(whole())),
				"byte by byte, stuttering":        &stutter{r: iotest.OneByteReader(whole())},
				"halves":                          iotest.HalfReader(whole()),
				"data with EOF":                   iotest.DataErrReader(whole()),
				"halves with EOF":                 iotest.DataErrReader(iotest.HalfReader(whole())),
				"stuttering":                      &stutter{r: whole()},
			} {
				require.NoError(t, k.check(r), name)
			}
			for at := 0; at <= len(s.data); at += stride {
				require.NoError(t, k.check(cut(s.data, at)), "cut at %d", at)
				if at%2 == 0 { // the combinations take turns, for the sake of time
					require.NoError(t, k.check(iotest.DataErrReader(cut(s.data, at))), "cut at %d, data with EOF", at)
				} else {
					require.NoError(t, k.check(&stutter{r: cut(s.data, at)}), "cut at %d, stuttering", at)
				}
			}
		})
	}
}

// TestDoneIsTheEnd: [DONE] ends the stream with its line, while the connection
// stays open; a CR alone is a line end too.
func TestDoneIsTheEnd(t *testing.T) {
	const event = `data: {"choices":[]}` + "\n\n"
	for _, end := range []string{"\n", "\r", "\r\n", "\n\n", "\r\n\r\n", "\r\r"} {
		for _, oneByte := range []bool{false, true} {
			t.Run(fmt.Sprintf("%q one byte %v", end, oneByte), func(t *testing.T) {
				text := event + "data: [DONE]" + end
				var r io.Reader = io.MultiReader(strings.NewReader(text), iotest.ErrReader(errors.New("read after [DONE]")))
				given := len(text)
				if oneByte {
					r, given = iotest.OneByteReader(r), len(text)-len(end)+1
				}
				d := chatstream.NewDecoder(r)
				defer d.Close()
				got := decodeAll(t, d, fresh)
				require.Len(t, got, 2)
				assert.Equal(t, io.EOF, got[1].err)
				assert.True(t, d.Done())
				assert.Equal(t, text[len(event):given], string(got[1].event.Raw))
			})
		}
	}
}

// TestRawBounds: each ¦ is where a Raw must end when the stream is read whole. What
// stands before an event goes with it, what follows the last one with the end.
func TestRawBounds(t *testing.T) {
	for _, test := range []struct{ name, marked, ids string }{
		{"blank lines", "data: {A}\n\n¦data: {B}\n\n¦", " , , "},
		{"CRLF", "data: {A}\r\n\r\n¦data: {B}\r\n\r\n¦", " , , "},
		{"more blank lines", "\n\ndata: {A}\n\n¦\n\ndata: {B}\n\n¦\n", " , , "},
		{"comments", ": 1\ndata: {A}\n: 2\n\n¦: 3\n\n: 4\ndata: {B}\n\n¦: 5\n\n", " , , "},
		{"keep-alives", "data:\n\nevent: ping\n\ndata: {A}\n\n¦retry: 1\n\ndata: \"\"\n\ndata: {B}\n\n¦data: \n\n", " , , "},
		{"ids", "id: 1\ndata: {A}\nid: 2\n\n¦id: 3\n\ndata: {B}\n\n¦id: 4\n\n", "2, 3, "},
		// As if a blank line stood after the data line.
		{"no blank lines", "data: {A}\n¦data: {B}\n¦", " , , "},
		{"no blank lines, comments", "data: {A}\n¦: 1\ndata: {B}\n¦: 2\n", " , , "},
		{"no blank lines, ids", "data: {A}\n¦id: 1\ndata: {B}\n¦id: 2\n", ", 1, "},
		{"no blank lines, CRLF", "data: {A}\r\n¦: 1\r\ndata: {B}\r\n¦", " , , "},
		{"no blank line before the end", "data: {A}\n\n¦data: {B}¦", " , , "},
		{"an error field", "data: {A}\n¦: 1\nerror: {B}\n\n¦", " , , "},
		{"done", "data: {A}\n¦: 1\ndata: [DONE]\n\n¦", " , "},
	} {
		t.Run(test.name, func(t *testing.T) {
			marked := strings.NewReplacer(
				"{A}", `{"choices":[{"delta":{},"finish_reason":"stop"}]}`, "{B}", `{"choices":[]}`,
			).Replace(test.marked)
			want := strings.Split(marked, "¦")
			d := chatstream.NewDecoder(strings.NewReader(strings.Join(want, "")))
			defer d.Close()
			var raws, ids []string
			for _, o := range decodeAll(t, d, fresh) {
				raws, ids = append(raws, string(o.event.Raw)), append(ids, string(o.event.LastEventID))
			}
			if strings.HasSuffix(marked, "[DONE]\n\n¦") { // the end of the stream is an event itself
				want = want[:len(want)-1]
			}
			assert.Equal(t, want, raws)
			for i, id := range strings.Split(test.ids, ",")[:len(want)-1] { // of the events, not of the end
				assert.Equal(t, strings.TrimSpace(id), ids[i], "LastEventID %d", i)
			}
		})
	}
}

// TestReaderError: a whole pending event is delivered before an error of the
// reader, which is final and can be found in what Decode returns.
func TestReaderError(t *testing.T) {
	broken := errors.New("broken pipe")
	const whole = `data: {"id":"whole","choices":[]}` + "\n\n"
	for _, test := range []struct {
		name, text string
		chunks     int
	}{
		{"between events", whole, 1},
		{"in an event", whole + `data: {"id":"cut`, 1},
		{"in a comment", whole + ": pi", 1},
		{"before the blank line", whole + `data: {"id":"pending","choices":[]}` + "\n", 2},
		{"at the start", "", 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			d := chatstream.NewDecoder(io.MultiReader(strings.NewReader(test.text), iotest.ErrReader(broken)))
			defer d.Close()
			got := decodeAll(t, d, fresh)
			require.Len(t, got, test.chunks+1)
			for _, o := range got[:test.chunks] {
				assert.NoError(t, o.err)
			}
			assert.ErrorIs(t, got[test.chunks].err, broken)
			assert.ErrorIs(t, d.Decode(new(chunk)), broken)
			var raws strings.Builder
			for _, o := range got {
				raws.Write(o.event.Raw)
			}
			assert.Equal(t, test.text, raws.String())
		})
	}
}

// vandal does to a struct what its owner may do between two Decodes.
type vandal struct {
	name   string
	attack func(c *chunk)
}

// vandals returns attacks that are allowed: the struct and its slices are the
// caller's, only the bytes of a Text or a RawValue are not.
func vandals(t *testing.T) []vandal {
	other := new(chunk)
	require.NoError(t, chatstream.Unmarshal(fullChunk(), other))
	var older []chunk
	turn := 0
	all := []vandal{
		{"every field set", func(c *chunk) { *c = everyField() }},
		{"fields set around the slices", func(c *chunk) {
			full := everyField()
			full.Choices, full.Extra = c.Choices, c.Extra
			for i := range c.Choices {
				choice := full.Choices[i]
				choice.Delta = everyField().Choices[0].Delta
				choice.Logprobs, choice.Extra = everyField().Choices[0].Logprobs, c.Extra
				c.Choices[i] = choice
			}
			*c = full
		}},
		{"zeroed", func(c *chunk) { *c = chunk{} }},
		{"elements zeroed", func(c *chunk) { clear(c.Choices[:cap(c.Choices)]); clear(c.Extra[:cap(c.Extra)]) }},
		{"null everywhere", func(c *chunk) {
			c.ID, c.Model, c.Usage = chatstream.Null[chatstream.Text](), chatstream.Null[chatstream.Text](), chatstream.Null[*chatstream.Usage]()
			for i := range c.Choices {
				c.Choices[i].Delta.ToolCalls = chatstream.Null[[]chatstream.ToolCall]()
				c.Choices[i].Logprobs = chatstream.Null[*chatstream.Logprobs]()
			}
		}},
		{"truncated", func(c *chunk) {
			for i := range c.Choices {
				choice := &c.Choices[i]
				choice.Extra = choice.Extra[:0]
				choice.Delta.Extra = choice.Delta.Extra[:0]
				choice.Delta.ToolCalls.Value = choice.Delta.ToolCalls.Value[:0]
			}
			c.Choices, c.Extra = c.Choices[:0], c.Extra[:0]
		}},
		{"extended to the capacity", func(c *chunk) {
			c.Choices, c.Extra = c.Choices[:cap(c.Choices)], c.Extra[:cap(c.Extra)]
			for i := range c.Choices {
				calls := &c.Choices[i].Delta.ToolCalls.Value
				*calls = (*calls)[:cap(*calls)]
			}
		}},
		{"appended", func(c *chunk) {
			c.ID.Value = append(c.ID.Value, " and more"...)
			c.Extra = append(c.Extra, everyField().Extra...)
			for i := range c.Choices {
				delta := &c.Choices[i].Delta
				delta.Content.Value = append(delta.Content.Value, " and more"...)
				delta.Extra = append(delta.Extra, everyField().Extra...)
				delta.ToolCalls.Value = append(delta.ToolCalls.Value, everyField().Choices[0].Delta.ToolCalls.Value...)
				if l := c.Choices[i].Logprobs.Value; l != nil {
					l.Content.Value = append(l.Content.Value, everyField().Choices[0].Logprobs.Value.Content.Value...)
				}
			}
			c.Choices = append(c.Choices, everyField().Choices...)
		}},
		{"choices doubled", func(c *chunk) { c.Choices = append(c.Choices, c.Choices...) }},
		{"choices reversed and cut", func(c *chunk) {
			slices.Reverse(c.Choices)
			if len(c.Choices) > 0 {
				c.Choices = c.Choices[1:]
			}
		}},
		{"one slice in many places", func(c *chunk) {
			c.Choices = append(c.Choices, other.Choices...)
			c.Extra = append(c.Extra, other.Extra...)
			first := c.Choices[0]
			for i := range c.Choices {
				choice := &c.Choices[i]
				choice.Extra, choice.Delta.Extra = c.Extra, c.Extra
				choice.Delta.ToolCalls = first.Delta.ToolCalls
				for j := range choice.Delta.ToolCalls.Value {
					choice.Delta.ToolCalls.Value[j].Extra = c.Extra
				}
				choice.Logprobs = first.Logprobs
				if l := choice.Logprobs.Value; l != nil {
					l.Refusal = l.Content
				}
			}
			if c.Usage.Value != nil {
				c.Usage.Value.Extra = c.Extra
			}
		}},
		{"replaced by a decoded one", func(c *chunk) { *c = *other }},
		{"replaced by an older one", func(c *chunk) {
			older = append(older, *c)
			*c = older[len(older)/2]
		}},
		{"replaced by a clone", func(c *chunk) { *c = *c.Clone() }},
		{"decoded into by Unmarshal", func(c *chunk) { require.NoError(t, chatstream.Unmarshal(fullChunk(), c)) }},
	}
	return append(all, vandal{"all in turn", func(c *chunk) {
		all[turn%len(all)].attack(c)
		turn++
	}})
}

// everyField returns a chunk of the caller's own in which every field is set.
func everyField() chunk {
	text := func(s string) chatstream.Optional[chatstream.Text] { return chatstream.Some(chatstream.Text(s)) }
	num := chatstream.Some[int64]
	extra := []chatstream.Member{{Name: chatstream.Text("vandal"), Value: chatstream.RawValue(`"was here"`)}}
	top := chatstream.TopLogprob{Token: text("t"), Logprob: chatstream.Some(-1.0), Bytes: chatstream.Some([]int64{1}), Extra: extra}
	tokens := chatstream.Some([]chatstream.TokenLogprob{{
		Token: text("t"), Logprob: chatstream.Some(-1.0), Bytes: chatstream.Some([]int64{1, 2}),
		TopLogprobs: chatstream.Some([]chatstream.TopLogprob{top, top}), Extra: extra,
	}})
	function := chatstream.Some(chatstream.FunctionCall{Name: text("f"), Arguments: text("{}"), Extra: extra})
	return chunk{
		ID: text("vandal"), Created: chatstream.Some(1.5), Model: text("m"), SystemFingerprint: text("s"), Object: "vandal",
		ServiceTier: text("t"), Obfuscation: text("o"), Provider: text("p"), Error: chatstream.Some(chatstream.RawValue(`"e"`)), Extra: extra,
		Choices: []chatstream.Choice{{
			FinishReason: chatstream.Some(chatstream.FinishReasonStop), Index: num(7), Extra: extra,
			Logprobs: chatstream.Some(&chatstream.Logprobs{Content: tokens, Refusal: tokens, Extra: extra}),
			Delta: chatstream.Delta{
				Content: text("c"), Refusal: text("r"), Role: chatstream.Some(chatstream.RoleAssistant),
				Reasoning: text("r"), ReasoningSignature: text("s"), RedactedReasoning: text("x"), ReasoningContent: text("rc"),
				FunctionCall: chatstream.Some(&function.Value), Extra: extra,
				ToolCalls: chatstream.Some([]chatstream.ToolCall{{ID: text("i"), Type: chatstream.Some(chatstream.ToolCallTypeFunction), Function: function, Index: num(1), Extra: extra}}),
				Audio:     chatstream.Some(&chatstream.Audio{ID: text("a"), Transcript: text("t"), Data: text("d"), ExpiresAt: num(2), Extra: extra}),
			},
		}},
		Usage: chatstream.Some(&chatstream.Usage{
			CompletionTokens: num(1), PromptTokens: num(2), TotalTokens: num(3), Extra: extra,
			PromptTokensDetails: chatstream.Some(chatstream.PromptTokensDetails{CachedTokens: num(4), AudioTokens: num(5), Extra: extra}),
			CompletionTokensDetails: chatstream.Some(chatstream.CompletionTokensDetails{
				ReasoningTokens: num(6), AcceptedPredictionTokens: num(7), RejectedPredictionTokens: num(8), AudioTokens: num(9), Extra: extra,
			}),
		}),
	}
}

// fullChunk returns the payload of everyField, but for the error.
func fullChunk() []byte {
	c := everyField()
	c.Error = chatstream.Optional[chatstream.RawValue]{}
	return c.AppendJSON(nil)
}

// TestDecoderReuse: nothing that the caller did to the struct shows in the next result.
func TestDecoderReuse(t *testing.T) {
	for _, s := range testStreams(t) {
		t.Run(s.name, func(t *testing.T) {
			d := chatstream.NewDecoder(bytes.NewReader(s.data))
			defer d.Close()
			want := decodeAll(t, d, fresh)
			for _, v := range vandals(t) {
				var c chunk
				// The second round meets what the first one left.
				for round := range 2 {
					d.Reset(bytes.NewReader(s.data))
					got := decodeAll(t, d, func() *chunk { v.attack(&c); return &c })
					require.Len(t, got, len(want), v.name)
					for i := range want {
						require.Equal(t, string(want[i].json), string(got[i].json), "%s: round %d: result %d", v.name, round, i)
						require.Equal(t, message(want[i].err), message(got[i].err), "%s: round %d: result %d", v.name, round, i)
					}
				}
			}
		})
	}
}

// TestTwoStructs: a chunk does not depend on another struct that was decoded into before.
func TestTwoStructs(t *testing.T) {
	for _, s := range testStreams(t) {
		t.Run(s.name, func(t *testing.T) {
			d := chatstream.NewDecoder(bytes.NewReader(s.data))
			defer d.Close()
			want := decodeAll(t, d, fresh)
			d.Reset(bytes.NewReader(s.data))
			structs, turn := [3]chunk{}, 0
			got := decodeAll(t, d, func() *chunk { turn++; return &structs[turn/2%3] })
			require.Len(t, got, len(want))
			for i := range want {
				require.Equal(t, string(want[i].json), string(got[i].json), "result %d", i)
			}
		})
	}
}

// TestDecoderCapacity: a Text, a RawValue and the parts of an Event have cut capacity, and
// what is appended to one list of a chunk is not written over another.
func TestDecoderCapacity(t *testing.T) {
	for _, s := range testStreams(t) {
		t.Run(s.name, func(t *testing.T) {
			d := chatstream.NewDecoder(bytes.NewReader(s.data))
			defer d.Close()
			for c := new(chunk); ; {
				if final(d.Decode(c)) {
					return
				}
				before := c.AppendJSON(nil)
				appendEverywhere(t, reflect.ValueOf(c).Elem())
				appendEverywhere(t, reflect.ValueOf(d.Event()))
				require.Equal(t, string(before), string(c.AppendJSON(nil)))
			}
		})
	}
}

// appendEverywhere appends to each slice under v and drops the result.
func appendEverywhere(t *testing.T, v reflect.Value) {
	t.Helper()
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				appendEverywhere(t, v.Field(i))
			}
		}
	case reflect.Pointer:
		if !v.IsNil() {
			appendEverywhere(t, v.Elem())
		}
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			require.Equal(t, v.Len(), v.Cap(), "capacity of %q", v.Bytes())
			return
		}
		for i := range v.Len() {
			appendEverywhere(t, v.Index(i))
		}
		reflect.Append(v, reflect.Zero(v.Type().Elem()))
	}
}

// TestClone: a clone outlives its Decoder, and its memory is its own.
func TestClone(t *testing.T) {
	for _, s := range testStreams(t) {
		t.Run(s.name, func(t *testing.T) {
			d := chatstream.NewDecoder(bytes.NewReader(s.data))
			c, clones := new(chunk), []*chunk{}
			want := decodeAll(t, d, func() *chunk {
				clones = append(clones, c.Clone()) // what the Decode before left
				return c
			})
			clones = append(clones, c.Clone())
			require.NoError(t, d.Close())
			for _, v := range vandals(t) {
				v.attack(c)
			}
			for i, o := range want {
				require.Equal(t, string(o.json), string(clones[i+1].AppendJSON(nil)), "result %d", i)
			}
		})
	}
}

// TestNoAllocations: a whole stream through a reused Decoder and struct.
func TestNoAllocations(t *testing.T) {
	if instrumented {
		t.Skip("the race detector and chatstream_poison allocate")
	}
	for _, s := range testStreams(t) {
		if !s.clean() {
			continue // errors are allocated
		}
		t.Run(s.name, func(t *testing.T) {
			var c chunk
			r := bytes.NewReader(s.data)
			d := chatstream.NewDecoder(r)
			defer d.Close()
			decode := func() {
				r.Reset(s.data)
				d.Reset(r)
				for {
					if err := d.Decode(&c); err == io.EOF {
						return
					} else if err != nil {
						t.Fatal(err)
					}
				}
			}
			for range 30 { // until all templates are made
				decode()
			}
			assert.Zero(t, testing.AllocsPerRun(10, decode))
		})
	}
}

// recordings is where streams recorded from servers may lie, beside the module.
// They are no part of it.
const recordings = "../shared/captures"

// TestLossless: AppendJSON writes the JSON value of each payload, and the Raws are the stream.
func TestLossless(t *testing.T) {
	var files []string
	for _, root := range []string{"testdata", recordings} {
		if _, err := os.Stat(root); errors.Is(err, fs.ErrNotExist) {
			t.Logf("no streams in %s", root)
			continue
		}
		require.NoError(t, filepath.WalkDir(root, func(path string, _ fs.DirEntry, err error) error {
			if filepath.Ext(path) == ".sse" {
				files = append(files, path)
			}
			return err
		}))
	}
	require.NotEmpty(t, files)
	for _, file := range files {
		t.Run(filepath.ToSlash(file), func(t *testing.T) {
			data, err := os.ReadFile(file)
			require.NoError(t, err)
			k := newCutter(t, data)
			for i, o := range k.want {
				var api *chatstream.APIError
				if o.err == nil || errors.As(o.err, &api) {
					require.True(t, equalJSON(o.event.Data, o.json), "result %d: payload %s\nchunk %s", i, o.event.Data, o.json)
				}
			}
			require.NoError(t, k.check(cut(data, len(data)/2)), "halves")
			require.NoError(t, k.check(iotest.OneByteReader(bytes.NewReader(data))), "byte by byte")
		})
	}
}

// textStream returns n chunks whose ID and content are mark.
func textStream(mark string, n int) io.Reader {
	event := fmt.Sprintf(`data: {"id":%q,"choices":[{"index":0,"delta":{"content":%[1]q},"finish_reason":"stop"}],"x":[%[1]q]}`+"\n\n", mark)
	return strings.NewReader(strings.Repeat(event, n))
}

// requireMark checks everything that c has from textStream.
func requireMark(t *testing.T, mark string, c *chunk, e chatstream.Event) {
	t.Helper()
	require.Equal(t, mark, c.ID.Value.String())
	require.Equal(t, mark, c.Choices[0].Delta.Content.Value.String())
	require.Equal(t, fmt.Sprintf("[%q]", mark), c.Extra[0].Value.String())
	require.Contains(t, string(e.Raw), mark)
	require.Contains(t, string(e.Data), mark)
}

// TestDecodersShareNothing: the chunk of one Decoder stays valid while others use the same pool of
// buffers, even after Close was called twice.
func TestDecodersShareNothing(t *testing.T) {
	const n = 20
	used := chatstream.NewDecoder(textStream("used", n))
	require.NoError(t, used.Decode(new(chunk)))
	require.NoError(t, used.Close())
	require.NoError(t, used.Close(), "Close is idempotent")

	marks := []string{"aaaa", "bbbb", "cccc"}
	var ds []*chatstream.Decoder
	cs := make([]chunk, len(marks))
	for _, mark := range marks {
		d := chatstream.NewDecoder(textStream(mark, n))
		defer d.Close()
		ds = append(ds, d)
	}
	for i := range n {
		for j, d := range ds {
			require.NoError(t, d.Decode(&cs[j]))
			// A third party takes buffers and gives them back in between.
			passing := chatstream.NewDecoder(textStream("passing", i+1))
			require.NoError(t, passing.Decode(new(chunk)))
			require.NoError(t, passing.Close())
			require.NoError(t, used.Close())
		}
		for j, d := range ds {
			requireMark(t, marks[j], &cs[j], d.Event())
		}
	}
}

// TestDecodersAtOnce is for the race detector: pooled buffers change hands.
func TestDecodersAtOnce(t *testing.T) {
	for g := range 4 {
		t.Run(strconv.Itoa(g), func(t *testing.T) {
			t.Parallel()
			for i := range 50 {
				mark := fmt.Sprintf("%d-%d", g, i)
				d := chatstream.NewDecoder(textStream(mark, 5))
				n := 0
				for c, err := range d.All() {
					require.NoError(t, err)
					requireMark(t, mark, c, d.Event())
					n++
				}
				require.Equal(t, 5, n)
				require.NoError(t, d.Close())
			}
		})
	}
}
