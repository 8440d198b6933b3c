package chatstream_test

import (
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

// TestFirstEventOverTheLimit: a stream that begins with an event over the limit is an
// event stream all the same, however it is cut.
func TestFirstEventOverTheLimit(t *testing.T) {
	stream := "data: {" + strings.Repeat(" ", 6000) + "}\n\n{\"foo\n\ndata: {\"choices\":[]}\n\ndata: [DONE]\n\n"
	whole := resultsOf(t, strings.NewReader(stream), chatstream.WithMaxEventSize(3000))
	assert.Len(t, whole, 3)
	assert.Equal(t, kindsOf(whole), kindsOf(resultsOf(t, iotest.OneByteReader(strings.NewReader(stream)), chatstream.WithMaxEventSize(3000))))
}

// TestSmallestLimits: a size below 1 stands for the default of 16 MiB. A size of 1 lets no event pass.
func TestSmallestLimits(t *testing.T) {
	require.Equal(t, 16*miB, chatstream.DefaultMaxEventSize)
	const stream = "data: {\"choices\":[]}\n\ndata: [DONE]\n"
	for size, want := range map[int][]reference.Kind{
		-1: {reference.Chunk, reference.Done},
		0:  {reference.Chunk, reference.Done},
		1:  {tooLarge, tooLarge, reference.UnexpectedEOF},
	} {
		require.Equal(t, want, kindsOf(resultsOf(t, strings.NewReader(stream), chatstream.WithMaxEventSize(size))), "%d", size)
	}
}

// TestChunkMemory: what a chunk holds stays in proportion to its bytes, where lists are
// repeated too, and a struct does not hold for ever what one payload needed.
func TestChunkMemory(t *testing.T) {
	choices := `"choices":[{"x":100}` + strings.Repeat(`,{"x":100}`, 1023) + `]`
	payload := "{" + choices + strings.Repeat(","+choices, 63) + "}"
	var c chunk
	allocated := testing.AllocsPerRun(1, func() { require.NoError(t, chatstream.Unmarshal([]byte(payload), &c)) })
	assert.Len(t, c.Choices, 1024)
	assert.Less(t, allocated, 100.0)
}

// TestEventOverTheLimitIsCut: where the stream ends within an event over the limit, it is not
// complete, whatever came before.
func TestEventOverTheLimitIsCut(t *testing.T) {
	const finished = "data: {\"choices\":[{\"finish_reason\":\"stop\"}]}\n\n"
	over := "data: " + strings.Repeat("x", 200)
	for _, rest := range []string{"", "\n", "\r\n", "\n: c", "\n: c\n", "\nid: 1\r"} {
		for _, r := range []io.Reader{strings.NewReader(finished + over + rest), iotest.OneByteReader(strings.NewReader(finished + over + rest))} {
			d := chatstream.NewDecoder(r, chatstream.WithMaxEventSize(100))
			require.NoError(t, d.Decode(new(chunk)))
			require.ErrorIs(t, d.Decode(new(chunk)), chatstream.ErrEventTooLarge, "%q", rest)
			require.ErrorIs(t, d.Decode(new(chunk)), io.ErrUnexpectedEOF, "%q", rest)
			d.Close()
		}
		var got []error
		d := chatstream.NewDecoder(strings.NewReader(finished+over+rest), chatstream.WithMaxEventSize(100))
		for _, err := range d.Events() {
			got = append(got, err)
		}
		require.Len(t, got, 3, "%q", rest)
		require.ErrorIs(t, got[2], io.ErrUnexpectedEOF, "%q", rest)
	}
}

// TestDoneIsOverTheLimit: where the line that takes an event over the limit is [DONE], the
// rest of the event is not in the Raw of [DONE].
func TestDoneIsOverTheLimit(t *testing.T) {
	stream := ": c\n\nid: " + strings.Repeat("x", 32) + "\ndata: [DONE]\n\n"
	for i := range stream {
		r := io.MultiReader(strings.NewReader(stream[:i]), iotest.OneByteReader(strings.NewReader(stream[i:])))
		got := resultsOf(t, r, chatstream.WithMaxEventSize(40))
		require.Equal(t, []reference.Kind{tooLarge, reference.Done}, kindsOf(got), "cut at %d", i)
		require.Equal(t, ": c\n\n", got[0].Raw, "cut at %d", i)
		require.Equal(t, "data: [DONE]", strings.TrimRight(got[1].Raw, "\n"), "cut at %d", i)
	}
}

// TestPaddedDoneAfterAnEventOverTheLimit: blanks after [DONE] are held up to a line of 64 bytes.
func TestPaddedDoneAfterAnEventOverTheLimit(t *testing.T) {
	stream := "data: " + strings.Repeat("x", 200) + "\ndata: [DONE]" + strings.Repeat(" ", 64-len("data: [DONE]")) + "\n\n"
	for i := range stream {
		r := io.MultiReader(strings.NewReader(stream[:i]), iotest.OneByteReader(strings.NewReader(stream[i:])))
		got := resultsOf(t, r, chatstream.WithMaxEventSize(100))
		require.Equal(t, []reference.Kind{tooLarge, reference.Done}, kindsOf(got), "cut at %d", i)
	}
}

// TestPaddedDoneAtTheLimit: the same where only that line would take the event before it over the limit.
func TestPaddedDoneAtTheLimit(t *testing.T) {
	stream := "data: x\ndata: [DONE]" + strings.Repeat(" ", 64-len("data: [DONE]")) + "\n\n"
	for i := range stream {
		r := io.MultiReader(strings.NewReader(stream[:i]), iotest.OneByteReader(strings.NewReader(stream[i:])))
		got := resultsOf(t, r, chatstream.WithMaxEventSize(66))
		require.Equal(t, []reference.Kind{reference.Syntax, reference.DoneNotChat}, kindsOf(got), "cut at %d", i)
	}
}

// TestKeepAlivesAtTheLimit: those that have as many bytes as an event may have are in Raw;
// those that have more are not. The same number of bytes of unknown fields is no document yet.
func TestKeepAlivesAtTheLimit(t *testing.T) {
	const limit, event = 100, "data: {}\n\n"
	for _, before := range []string{": " + strings.Repeat("x", limit-4) + "\n\n", strings.Repeat("x: y\n\n", 16) + "\n\n\n\n", "id: 1\n\n" + strings.Repeat("\n", limit-7)} {
		require.Len(t, before, limit)
		for _, more := range []string{"", ": c\n"} {
			stream := before + more + event
			for i := range stream {
				r := io.MultiReader(strings.NewReader(stream[:i]), iotest.OneByteReader(strings.NewReader(stream[i:])))
				got := resultsOf(t, r, chatstream.WithMaxEventSize(limit))
				require.Equal(t, reference.Chunk, got[0].Kind, "%q, cut at %d", stream, i)
				if more == "" {
					require.Equal(t, stream, got[0].Raw, "cut at %d", i)
				} else {
					require.NotContains(t, got[0].Raw, before, "%q, cut at %d", stream, i)
				}
			}
		}
	}
}

// TestEventOverTheLimitIsFoundAtOnce: with the first byte that is too much, whatever line it is in.
func TestEventOverTheLimitIsFoundAtOnce(t *testing.T) {
	for _, limit := range []int{20, 30, 100} {
		for _, text := range []string{
			"data: " + strings.Repeat("x", limit), "id: 1\ndata: " + strings.Repeat("x", limit), "foo\n" + strings.Repeat("y", limit), "id: 1\n:" + strings.Repeat("c", limit),
			"id: " + strings.Repeat("1", limit-len("id: \n")) + "\nx", "id: " + strings.Repeat("1", limit-len("id: \n")-1) + "\nxx",
		} {
			const before = "data: {}\n\n"
			got := 0
			tap := chatstream.NewTap(func(_ *chunk, err error) {
				if got++; got > 1 {
					require.ErrorIs(t, err, chatstream.ErrEventTooLarge)
				}
			}, chatstream.WithMaxEventSize(limit))
			for i, b := range []byte(before + text[:limit+1]) {
				require.Less(t, got, 2, "limit %d, %q: before byte %d", limit, text, i)
				tap.Write([]byte{b})
			}
			require.Equal(t, 2, got, "limit %d, %q", limit, text)
		}
	}
}

// TestLongCommentIsOneLine: no part of a comment that is longer than an event may be is read as a field.
func TestLongCommentIsOneLine(t *testing.T) {
	stream := ":" + strings.Repeat("data: {}", 20) + "\n\ndata: [DONE]\n\n"
	for i := range stream {
		r := io.MultiReader(strings.NewReader(stream[:i]), iotest.OneByteReader(strings.NewReader(stream[i:])))
		got := resultsOf(t, r, chatstream.WithMaxEventSize(60))
		require.Equal(t, []reference.Kind{reference.Done}, kindsOf(got), "cut at %d", i)
	}
}

// TestRestOfALongCommentIsDropped: where a Read ends within a comment that is longer than an event may be, what the next one
// brings of it is bounded too.
func TestRestOfALongCommentIsDropped(t *testing.T) {
	const limit, event = 60, "data: {}\n\n"
	comment := ":" + strings.Repeat("x", 4*limit) + "\n"
	for i := range comment {
		r := io.MultiReader(strings.NewReader(comment[:i]), strings.NewReader(comment[i:]+event))
		got := resultsOf(t, r, chatstream.WithMaxEventSize(limit))
		require.LessOrEqual(t, len(got[0].Raw), limit+len(event), "cut at %d", i)
		require.True(t, strings.HasSuffix(comment+event, got[0].Raw), "cut at %d", i)
	}
}

// TestBlankLineOverTheLimit: an event that only its blank line takes over the limit ends with it.
func TestBlankLineOverTheLimit(t *testing.T) {
	const event = "data: {}\n\n"
	d := chatstream.NewDecoder(strings.NewReader(event+event), chatstream.WithMaxEventSize(len(event)-1))
	for i := range 2 {
		require.ErrorIs(t, d.Decode(new(chunk)), chatstream.ErrEventTooLarge)
		require.EqualValues(t, (i+1)*len(event), d.Stats().Bytes)
		require.EqualValues(t, i+1, d.Stats().Events)
	}
}

// TestGluedDoneAtTheLimit: [DONE] that is glued to an object does not count for the event that the object is.
func TestGluedDoneAtTheLimit(t *testing.T) {
	const object = `data: {"choices":[]}`
	got := resultsOf(t, strings.NewReader(object+"data: [DONE]\n\n"), chatstream.WithMaxEventSize(len(object)))
	require.Equal(t, []reference.Kind{reference.Chunk, reference.Done}, kindsOf(got))
	got = resultsOf(t, strings.NewReader(object+"data: [DONE]\n\n"), chatstream.WithMaxEventSize(len(object)-1))
	require.Equal(t, tooLarge, got[0].Kind)
}

// TestFieldsAfterAWholeObjectAtTheLimit: what takes an event over the limit after a whole object does not take the object away.
// What was known of one event says nothing of the next.
func TestFieldsAfterAWholeObjectAtTheLimit(t *testing.T) {
	const limit = 20
	for in, want := range map[string][]reference.Kind{
		"data: {}\nfoo: " + strings.Repeat("x", limit):                 {reference.Chunk, tooLarge, reference.UnexpectedEOF},
		"data: {}\nid: " + strings.Repeat("x", limit) + "\n\n":         {reference.Chunk, tooLarge, reference.UnexpectedEOF},
		"data: {\nid: " + strings.Repeat("x", limit) + "\n\n":          {tooLarge, reference.UnexpectedEOF},
		"data: {}\ndata: {}\n\nid: " + strings.Repeat("x", limit):      {reference.Chunk, reference.Chunk, tooLarge, reference.UnexpectedEOF},
		"data: {}\ndata: {}\n\nfoo\nid: " + strings.Repeat("x", limit): {reference.Chunk, reference.Chunk, tooLarge, reference.UnexpectedEOF},
	} {
		assert.Equal(t, want, kindsOf(resultsOf(t, strings.NewReader(in), chatstream.WithMaxEventSize(limit))), "%q", in)
		assert.Equal(t, want, kindsOf(resultsOf(t, iotest.OneByteReader(strings.NewReader(in)), chatstream.WithMaxEventSize(limit))), "%q, byte by byte", in)
	}
}

// TestTextOverTheLimit: a body that has shown no known field by the limit is no event stream, whatever comes after it.
func TestTextOverTheLimit(t *testing.T) {
	const limit = 100
	for _, text := range []string{strings.Repeat("x", limit+1) + "\n", strings.Repeat("x: y\n", limit/5+1), strings.Repeat("x: y\n\n", limit/6+1)} {
		for _, r := range []io.Reader{strings.NewReader(text + "data: {}\n\n"), iotest.OneByteReader(strings.NewReader(text + "data: {}\n\n"))} {
			got := resultsOf(t, r, chatstream.WithMaxEventSize(limit))
			assert.Equal(t, []reference.Kind{reference.NotEventStream}, kindsOf(got), "%q", text)
		}
	}
}

// TestWhatIsSkippedIsInNoRaw: nor is it reported again. The error says where the event begins.
func TestWhatIsSkippedIsInNoRaw(t *testing.T) {
	const limit, before = 20, ": c\n\n"
	for _, rest := range []string{"", "\n", "\nfoo: " + strings.Repeat("y", 2*limit), "\nfoo: " + strings.Repeat("y", 2*limit) + "\nbar"} {
		in := before + "data: " + strings.Repeat("x", limit) + rest
		for name, r := range map[string]io.Reader{"whole": strings.NewReader(in), "byte by byte": iotest.OneByteReader(strings.NewReader(in))} {
			d := chatstream.NewDecoder(r, chatstream.WithMaxEventSize(limit))
			err := d.Decode(new(chunk))
			require.ErrorIs(t, err, chatstream.ErrEventTooLarge)
			assert.Contains(t, err.Error(), fmt.Sprintf("event 1 at byte %d:", len(before)), "%q, %s", in, name)
			assert.Equal(t, before, string(d.Event().Raw), "%q, %s", in, name)
			require.ErrorIs(t, d.Decode(new(chunk)), io.ErrUnexpectedEOF, "%q, %s", in, name)
			assert.Empty(t, d.Event().Raw, "%q, %s", in, name)
			assert.EqualValues(t, len(in), d.Stats().Bytes, "%q, %s", in, name)
			assert.EqualValues(t, 1, d.Stats().Events, "%q, %s", in, name)
		}
		var got []error
		tap := chatstream.NewTap(func(_ *chunk, err error) { got = append(got, err) }, chatstream.WithMaxEventSize(limit))
		for _, b := range []byte(in) {
			tap.Write([]byte{b})
		}
		tap.Close()
		require.Len(t, got, 2, "%q", in)
	}
}

// TestLongDoneAfterAnEventOverTheLimit: the line of [DONE] may have as many bytes as an event, with its end.
func TestLongDoneAfterAnEventOverTheLimit(t *testing.T) {
	const limit = 30
	over := "data: " + strings.Repeat("x", limit) + "\n"
	for n, want := range map[int][]reference.Kind{
		limit - 1: {tooLarge, reference.Done},
		limit:     {tooLarge, reference.UnexpectedEOF},
	} {
		line := "data: [DONE]" + strings.Repeat(" ", n-len("data: [DONE]"))
		assert.Equal(t, want, kindsOf(resultsOf(t, strings.NewReader(over+line+"\n"), chatstream.WithMaxEventSize(limit))), "%d", n)
	}
}

// TestTapEventOverTheLimit: to a Tap an event over the limit is what it is to a Decoder,
// however it is written.
func TestTapEventOverTheLimit(t *testing.T) {
	stream := "data: {}\n\nid: 1\ndata: " + strings.Repeat("x", 200) + "\n: c\ndata: y\n\ndata: { }\n\ndata: [DONE]\n\n"
	for i := range stream {
		var got []error
		tap := chatstream.NewTap(func(_ *chunk, err error) { got = append(got, err) }, chatstream.WithMaxEventSize(100))
		tap.Write([]byte(stream[:i]))
		for _, b := range []byte(stream[i:]) {
			tap.Write([]byte{b})
		}
		tap.Close()
		require.Len(t, got, 3, "cut at %d", i)
		require.NoError(t, got[0], "cut at %d", i)
		require.ErrorIs(t, got[1], chatstream.ErrEventTooLarge, "cut at %d", i)
		require.NoError(t, got[2], "cut at %d", i)
	}
}
