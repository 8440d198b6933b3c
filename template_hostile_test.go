package chatstream

import (
	"bytes"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What a server may send to spoil templates, and what a caller may do with a chunk that was
// matched.

const wordEvent = `data: {"id":"a","created":1700000000,"choices":[{"index":0,"delta":{"content":"x"}}]}` + "\n\n"

// decodeWith decodes a stream with the templates of s, and returns what each chunk is in JSON.
func decodeWith(t *testing.T, s *shelf, stream string) (chunks []string, matched int64) {
	t.Helper()
	d := NewDecoder(strings.NewReader(stream))
	d.lessons.only = s
	for c, err := range d.All() {
		require.NoError(t, err)
		chunks = append(chunks, string(c.AppendJSON(nil)))
	}
	return chunks, d.Stats().Matched
}

// TestTemplateOfShortEvents: the shortest events that a chunk can be. The end of a line has to
// be as long as a tail.
func TestTemplateOfShortEvents(t *testing.T) {
	for _, event := range []string{"data:{}\n\n", "data: {}\n\n", "data:{}\r\n\r\n", "data:{\"a\":1}\n\n"} {
		d := NewDecoder(strings.NewReader(strings.Repeat(event, 5)))
		d.lessons.only = shelfOf(true)
		n := 0
		tap := NewTap(func(_ *CreateChatCompletionData, err error) {
			if err == nil {
				n++
			}
		})
		tap.cursor.lessons.only = d.lessons.only
		var c CreateChatCompletionData
		for i := range 5 {
			require.NoError(t, d.Decode(&c), "%q, event %d", event, i)
			_, _ = tap.Write([]byte(event))
		}
		assert.Equal(t, 5, n, "%q", event)
	}
}

// TestTemplateOfEscapedTexts: a text that is fixed and has escapes is no part of the event, even
// if another text has the same bytes.
func TestTemplateOfEscapedTexts(t *testing.T) {
	for _, event := range []string{
		`data: {"id":"a","model":"openai\/gpt-4","choices":[{"index":0,"delta":{"content":"openai/gpt-4"}}]}`,
		`data: {"system_fingerprint":"\u0066p","id":"fp","choices":[]}`,
		`data: {"choices":[{"x\u0079":1,"index":0,"delta":{"content":"xy"}}],"model":"xy"}`,
		"data: {\"model\":\"a\xffb\\n\",\"choices\":[{\"delta\":{\"content\":\"a\uFFFDb\\n\"}}]}",
	} {
		var want CreateChatCompletionData
		require.NoError(t, Unmarshal([]byte(strings.TrimPrefix(event, "data: ")), &want))
		chunks, matched := decodeWith(t, shelfOf(true), strings.Repeat(event+"\n\n", 5)+"data: [DONE]\n\n")
		for _, got := range chunks {
			assert.Equal(t, string(want.AppendJSON(nil)), got)
		}
		assert.EqualValues(t, 4, matched, "%s", event)
	}
}

// TestTemplateHasNoTimeYet: what stands in the place of the time is read, also if it has the bytes of
// a parser that has read no time.
func TestTemplateHasNoTimeYet(t *testing.T) {
	for _, time := range []string{strings.Repeat("\x00", 10), "\x00\x00\x00\x00\x00\x00\x00\x80\x00\x00"} {
		s := shelfOf(true)
		_, _ = decodeWith(t, s, strings.Repeat(strings.Replace(wordEvent, "1700000000", "170", 1), 3)+"data: [DONE]\n\n")
		d := NewDecoder(strings.NewReader(strings.Replace(wordEvent, "1700000000", time, 1)))
		d.lessons.only = s
		var c CreateChatCompletionData
		c.parser = newParser()
		c.parser.owner = &c
		assert.ErrorAs(t, d.Decode(&c), new(*SyntaxError))
	}
}

// TestChunkIsReplaced: the struct that a Tap or All gives is the caller's, who may replace all of
// it: by an empty one, or by a copy of a chunk whose memory is another's.
func TestChunkIsReplaced(t *testing.T) {
	const stranger = "a stranger's text"
	events := strings.Repeat(wordEvent, 4)
	for _, text := range []string{stranger, strings.Repeat(stranger, 10_000)} {
		var other, empty CreateChatCompletionData
		require.NoError(t, Unmarshal([]byte(`{"choices":[{"index":0,"delta":{"content":"`+text+`"}}]}`), &other))
		stale := other.parser.stale
		for name, by := range map[string]*CreateChatCompletionData{"empty": &empty, "another's": &other} {
			s := shelfOf(true)
			check := func(c *CreateChatCompletionData, err error) {
				require.NoError(t, err, name)
				require.Equal(t, "x", string(c.Choices[0].Delta.Content.Value), name)
				*c = *by
			}
			tap := NewTap(check)
			tap.cursor.lessons.only = s
			for range 3 {
				_, _ = tap.Write([]byte(events))
			}
			d := NewDecoder(strings.NewReader(events))
			d.lessons.only = s
			for range 3 {
				for c, err := range d.All() {
					if err == nil {
						check(c, err)
					}
				}
				d.Reset(strings.NewReader(events))
			}
			var c CreateChatCompletionData
			for range 3 { // and by the caller's own, after a large event
				large := strings.Replace(wordEvent, `"x"`, `"`+strings.Repeat("y", 100_000)+`"`, 1)
				d.Reset(strings.NewReader(large + events))
				require.NoError(t, d.Decode(&c))
				c = *by
				require.NoError(t, d.Decode(&c))
				check(&c, nil)
				require.Equal(t, stale, other.parser.stale)
			}
			require.Equal(t, text, string(other.Choices[0].Delta.Content.Value), name)
		}
	}
}

// TestTemplateIsWrittenTo: a text is read-only. Who writes into one that is a template's harms
// nobody: the template does not match any longer, and another one takes its place.
func TestTemplateIsWrittenTo(t *testing.T) {
	stream := strings.Repeat(strings.Replace(wordEvent, `"id":"a"`, `"model":"GPT"`, 1), 10) + "data: [DONE]\n\n"
	s := shelfOf(false)
	_, _ = decodeWith(t, s, stream)
	d := NewDecoder(strings.NewReader(stream))
	d.lessons.only = s
	var c CreateChatCompletionData
	for range 5 {
		require.NoError(t, d.Decode(&c))
	}
	copy(c.Model.Value, "gpt")
	for range 3 {
		chunks, matched := decodeWith(t, s, stream)
		for _, chunk := range chunks {
			assert.Contains(t, chunk, `"model":"GPT"`)
		}
		if len(chunks) > 0 {
			assert.GreaterOrEqual(t, matched, int64(7))
		}
	}
	_, matched := decodeWith(t, s, stream)
	assert.EqualValues(t, 10, matched)
}

// TestTapLeavesLargeWrites: the write is the caller's. Its memory is free once the next ones are
// ordinary.
func TestTapLeavesLargeWrites(t *testing.T) {
	if poisoned {
		t.Skip("the Tap decodes a copy of the write")
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	const call = `{"index":0,"function":{"arguments":"x"}}`
	calls := `data: {"id":"a","choices":[{"index":0,"delta":{"tool_calls":[` + call + `,` + call + `]}}]}` + "\n\n"
	escaped := strings.Replace(wordEvent, `"x"`, `"\n"`, 1)
	for _, event := range []string{calls, escaped} {
		tap := NewTap(func(*CreateChatCompletionData, error) {})
		tap.cursor.lessons.only = shelfOf(true)
		for range 3 {
			_, _ = tap.Write([]byte(event + wordEvent))
		}
		freed := make(chan bool)
		func() {
			large := []byte(strings.Repeat(event, 2<<20/len(event)))
			runtime.AddCleanup(&large[0], func(freed chan bool) { close(freed) }, freed)
			n := tap.Stats().Matched
			_, _ = tap.Write(large)
			require.Equal(t, 2<<20/len(event), int(tap.Stats().Matched-n))
		}()
		for range 10 {
			_, _ = tap.Write([]byte(wordEvent))
			runtime.GC()
		}
		select {
		case <-freed:
		case <-time.After(10 * time.Second):
			t.Errorf("held after %.100s", event)
		}
		runtime.KeepAlive(tap)
	}
}

// TestSearchHasPatience: templates that agree with an event up to its end, behind a large value, are not all
// compared with it; and a stream that had many of them has one read it.
func TestSearchHasPatience(t *testing.T) {
	event := func(value string, shape int) []byte {
		return fmt.Appendf(nil, `data: {"a":%s,"%02d":null,"zzzzzzzz":null}`+"\n\n", value, shape)
	}
	s := shelfOf(true)
	d := NewDecoder(nil)
	d.lessons.only = s
	var c CreateChatCompletionData
	for i := range maxAtHand {
		d.Reset(bytes.NewReader(event("[1]", i)))
		require.NoError(t, d.Decode(&c))
	}
	b := event("["+strings.Repeat("1,", 1000)+"1]", 99)
	q := search{alone: true, patience: maxFailed}
	_, n := s.find(&c, b, bytes.IndexByte(b, '\n'), &q)
	assert.Zero(t, n)
	assert.Equal(t, maxFailed, q.failed)

	l := lessons{only: s}
	for range maxDebt / maxFailed {
		require.False(t, l.isBroke())
		_, _ = l.findOther(&c, b, false)
	}
	require.True(t, l.isBroke())
	debt := l.debt
	_, _ = l.findOther(&c, b, false)
	assert.Equal(t, debt, l.debt, "it is compared with no other")
}

// untilBlocked gives what it has. A Decoder that reads on would block.
type untilBlocked struct {
	parts   []string
	blocked bool
}

func (r *untilBlocked) Read(p []byte) (int, error) {
	if r.blocked = len(r.parts) == 0; r.blocked {
		return 0, io.ErrNoProgress
	}
	n := copy(p, r.parts[0])
	r.parts = r.parts[1:]
	return n, nil
}

// TestTemplateWaitsForNothing: a chunk is given as soon as it is known to be whole.
func TestTemplateWaitsForNothing(t *testing.T) {
	line := strings.TrimSpace(wordEvent)
	for _, last := range [][]string{
		{wordEvent},
		{line + "\r\n\r"},
		{line + "\n", "\n"},
		{line + "data: [DONE]\n"}, // glued
		{line + "data: [DONE]\r"},
	} {
		for _, off := range []bool{true, false} {
			r := &untilBlocked{parts: append([]string{wordEvent, wordEvent, wordEvent}, last...)}
			d := NewDecoder(r)
			d.lessons.only, d.lessons.off = shelfOf(true), off
			var c CreateChatCompletionData
			for i := range 4 {
				require.NoError(t, d.Decode(&c), "%q, event %d, templates off: %v", last, i, off)
			}
			assert.False(t, r.blocked, "%q, templates off: %v", last, off)
		}
	}
}

// TestTemplateOfCutEvents: an event is matched wherever a read ends in it.
func TestTemplateOfCutEvents(t *testing.T) {
	for _, event := range []string{wordEvent, strings.Replace(wordEvent, "data: ", "data:", 1), strings.ReplaceAll(wordEvent, "\n", "\r\n")} {
		for cut := range len(event) {
			if strings.HasSuffix(event[:cut], "\n\r") {
				continue // the event ends there, and is given before the LF has come
			}
			d := NewDecoder(&untilBlocked{parts: []string{event + event + event[:cut], event[cut:], event}})
			d.lessons.only = shelfOf(true)
			var c CreateChatCompletionData
			for range 4 {
				require.NoError(t, d.Decode(&c))
			}
			assert.EqualValues(t, 3, d.Stats().Matched, "%q, cut at %d", event, cut)

			if cut > len(strings.TrimSpace(event)) {
				continue // a Tap has taken the line by the time its empty line comes
			}
			tap := NewTap(func(*CreateChatCompletionData, error) {})
			tap.cursor.lessons.only = shelfOf(true)
			for _, part := range []string{event, event, event[:cut], event[cut:], event} {
				_, _ = tap.Write([]byte(part))
			}
			assert.EqualValues(t, 3, tap.Stats().Matched, "Tap, %q, cut at %d", event, cut)
		}
	}
}
