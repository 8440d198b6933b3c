package chatstream

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func skipWithoutOpenings(t *testing.T) {
	t.Helper()
	if unsafe.Sizeof(fieldPlace{}) == 0 {
		t.Skip("without unsafe there are no openings")
	}
}

// usedOpenings decodes events that lie side by side. It returns a letter for each: o if its
// beginning was not read again, m if it was matched otherwise, - if it was parsed. Each chunk
// is compared with that of Unmarshal, and then handed to change.
func usedOpenings(t *testing.T, events []string, change func(*CreateChatCompletionData)) string {
	t.Helper()
	d := NewDecoder(strings.NewReader(strings.Join(events, "")))
	defer d.Close()
	d.lessons.only = shelfOf(true)
	var used strings.Builder
	var got, want CreateChatCompletionData
	for _, event := range events {
		matched := d.Stats().Matched
		require.NoError(t, d.Decode(&got))
		require.NoError(t, Unmarshal([]byte(strings.TrimPrefix(strings.TrimSpace(event), "data:")), &want))
		require.Equal(t, want.String(), got.String())
		require.Equal(t, event, string(d.Event().Raw))
		switch o := d.opening; {
		case d.Stats().Matched == matched:
			used.WriteByte('-')
		case o != nil && o.used:
			assert.LessOrEqual(t, len(o.bytes), maxOpening)
			used.WriteByte('o')
		default:
			used.WriteByte('m')
		}
		if change != nil {
			change(&got)
		}
	}
	return used.String()
}

func TestOpening(t *testing.T) {
	skipWithoutOpenings(t)
	event := func(id, created string, index int, word string) string {
		return fmt.Sprintf(`data: {"id":"%s","created":%s,"model":"m","choices":[{"index":%d,"delta":{"content":"%s"},"finish_reason":null}]}`+"\n\n",
			id, created, index, word)
	}
	stream := func(n int, event func(i int) string) (events []string) {
		for i := range n {
			events = append(events, event(i))
		}
		return events
	}
	// An opening is kept of two events in a row that were matched, so that the fourth is the
	// first to have one.
	for name, test := range map[string]struct {
		events []string
		want   string
	}{
		"only the word differs": {
			stream(6, func(i int) string { return event("x", "1770000000", 0, strings.Repeat("w", i)) }), "-mmooo"},
		"the word differs late": {
			stream(7, func(i int) string { return event("x", "1770000000", 0, fmt.Sprint(i/5)) }), "-mmoooo"},
		"ids differ at first": { // in less than a read buffer
			stream(3+openingPause+4, func(i int) string {
				return fmt.Sprintf(`data: {"id":"%d","choices":[{"index":0}]}`+"\n\n", min(i, 3))
			}),
			"-mm" + strings.Repeat("m", openingPause) + "mooo"},
		"what is fixed is longer than an opening": {
			stream(6, func(i int) string {
				return fmt.Sprintf(`data: {"id":"x","model":"%s","choices":[{"index":0,"delta":{"content":"%d"}}]}`+"\n\n",
					strings.Repeat("m", maxOpening), i)
			}), "-mmmmm"},
		"the time differs once": {
			stream(9, func(i int) string { return event("x", fmt.Sprint(1770000000+i/5), 0, "w") }), "-mmoomooo"},
		"every index differs": {
			stream(7, func(i int) string { return event("x", "1770000000", i, "w") }), "-mmoooo"},
		"every id differs": {
			stream(6, func(i int) string { return event(fmt.Sprint("x", i), "1770000000", 0, "w") }), "-mmmmm"},
		"an id that is not ASCII": {
			stream(6, func(int) string { return event("é", "1770000000", 0, "w") }), "-mmmmm"},
		"an id with an escape": {
			stream(6, func(int) string { return event(`\u0078`, "1770000000", 0, "w") }), "-mmmmm"},
		"a time with a fraction": {
			stream(6, func(int) string { return event("x", "1770000000.5", 0, "w") }), "-mmooo"},
		"an id that is longer than an opening": {
			stream(6, func(int) string { return event(strings.Repeat("x", maxOpening), "1770000000", 0, "w") }), "-mmmmm"},
		"a number that goes on": {
			[]string{event("x", "17", 0, "w"), event("x", "17", 0, "w"), event("x", "17", 0, "w"), event("x", "17", 0, "w"), event("x", "170", 0, "w"), event("x", "17e1", 0, "w")}, "-mmomo"},
		"more texts than an opening has": {
			stream(6, func(i int) string {
				return fmt.Sprintf(`data: {"id":"x","obfuscation":"x","a":{},"b":{},"c":{},"choices":[{"index":0,"delta":{"content":"%d"}}]}`+"\n\n", i)
			}), "-mmooo"},
		"values without a field": {
			stream(6, func(i int) string {
				return fmt.Sprintf(`data: {"choices":[{"filter":{"hate":[1]},"index":0,"delta":{"content":"%d"}}]}`+"\n\n", i)
			}), "-mmooo"},
		"a value without a field that changes": {
			stream(8, func(i int) string {
				return fmt.Sprintf(`data: {"choices":[{"index":0,"filter":{"hate":[%d]},"delta":{"content":"%d"}}]}`+"\n\n", i/4, i)
			}), "-mmomooo"},
		"a number without a field that goes on": {
			stream(8, func(i int) string {
				return fmt.Sprintf(`data: {"id":"x","n":1%s,"choices":[{"index":0,"delta":{"content":"%d"}}]}`+"\n\n", []string{"", "0", "e1", ".5"}[i%8/4+i/7*2], i)
			}), "-mmomooo"},
		"an empty text beside the word": {
			stream(7, func(i int) string {
				return fmt.Sprintf(`data: {"choices":[{"index":0,"delta":{"content":"%s","reasoning":"%d"}}]}`+"\n\n", strings.Repeat("w", i/6), i)
			}), "-mmooom"},
		"no word": {
			stream(6, func(int) string { return `data: {"id":"x","choices":[]}` + "\n\n" }), "-mmmmm"},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, test.want, usedOpenings(t, test.events, nil))
		})
	}
}

// TestOpeningIsACopy: a caller may write to what it was lent, and to its chunk.
func TestOpeningIsACopy(t *testing.T) {
	skipWithoutOpenings(t)
	event := func(id string) string {
		return `data: {"id":"` + id + `","created":1770000000,"choices":[{"index":0,"delta":{"content":"w"}}]}` + "\n\n"
	}
	events := []string{event("abc"), event("abc"), event("abc"), event("abc"), event("abc"), event("abc"), event(`a\"`), event(`a\"`)}
	seen := 0
	used := usedOpenings(t, events, func(c *CreateChatCompletionData) {
		if seen++; seen < 4 {
			return
		}
		copy(c.ID.Value, `a\"`)
		c.Created.Value, c.Choices[0].Index.Value = 1, 7
		c.Choices[0].Delta.Role = Some(Role("user"))
	})
	assert.Equal(t, "-mmooo", used[:6])
}

// TestOpeningIsForgotten: a Decoder that leaves its stream keeps nothing of it.
func TestOpeningIsForgotten(t *testing.T) {
	skipWithoutOpenings(t)
	const event = `data: {"id":"canary","created":1770000000,"choices":[{"index":0,"delta":{"content":"w"}}]}` + "\n\n"
	d := NewDecoder(strings.NewReader(strings.Repeat(event, 6)))
	d.lessons.only = shelfOf(true)
	for range 5 {
		_, err := d.next()
		require.NoError(t, err)
	}
	o := d.opening
	require.True(t, o.used)
	require.Contains(t, string(o.bytes), "canary")
	d.Reset(nil)
	assert.Nil(t, d.opening)
	assert.Nil(t, o.template)
	assert.False(t, bytes.Contains(o.bytes[:cap(o.bytes)], []byte("canary")))
}

// TestOpeningIsLeftBeforeARead: a Decoder that waits has no opening, even within an event.
func TestOpeningIsLeftBeforeARead(t *testing.T) {
	skipWithoutOpenings(t)
	const event = `data: {"id":"x","created":1770000000,"choices":[{"index":0,"delta":{"content":"w"}}]}` + "\n\n"
	for _, cut := range []int{0, 1, len(event) / 2} {
		var d *Decoder
		reads, used := 0, false
		d = NewDecoder(readFunc(func(p []byte) (int, error) {
			if reads++; reads > 1 {
				assert.Nil(t, d.opening)
				return 0, io.EOF
			}
			return copy(p, strings.Repeat(event, 6)+event[:cut]), nil
		}))
		d.lessons.only = shelfOf(true)
		for range 6 {
			_, err := d.next()
			require.NoError(t, err)
			used = used || d.opening != nil && d.opening.used
		}
		require.True(t, used)
		_, err := d.next()
		require.ErrorIs(t, err, io.ErrUnexpectedEOF)
		require.Equal(t, 2, reads)
		assert.Nil(t, d.opening)
	}
}

type readFunc func(p []byte) (int, error)

func (f readFunc) Read(p []byte) (int, error) { return f(p) }
