package chatstream_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-08fc7208/chatstream"
	"github.com/seed-08fc7208/chatstream/internal/testing/heap"
)

// isSame reports whether two equal strings have the same bytes in memory.
func isSame(a, b string) bool { return a == b && unsafe.StringData(a) == unsafe.StringData(b) }

func TestInterner(t *testing.T) {
	var in chatstream.Interner
	buffer := []byte("chatcmpl-1")
	first := in.String(buffer)
	assert.Equal(t, "chatcmpl-1", first)
	require.True(t, isSame(first, in.String(buffer)))
	copy(buffer, "XXXX")
	assert.Equal(t, "chatcmpl-1", first, "it is owned")
	assert.True(t, isSame(first, in.String([]byte("chatcmpl-1"))))
	assert.Equal(t, "XXXXcmpl-1", in.String(buffer))
	assert.Empty(t, in.String(nil))
	assert.Equal(t, "\xff\x00", in.String([]byte("\xff\x00")), "any bytes")
	assert.Equal(t, "text", in.String(chatstream.Text("text")))
}

func TestInternerPtr(t *testing.T) {
	var in chatstream.Interner
	assert.Nil(t, in.Ptr(chatstream.Optional[chatstream.Text]{}))
	assert.Nil(t, in.Ptr(chatstream.Null[chatstream.Text]()))
	empty := in.Ptr(someText(""))
	require.NotNil(t, empty)
	assert.Empty(t, *empty)
	first := in.Ptr(someText("stop"))
	require.NotNil(t, first)
	assert.Equal(t, "stop", *first)
	assert.Same(t, first, in.Ptr(someText("stop")))
	assert.True(t, isSame(*first, in.String([]byte("stop"))))

	// A string that is known, but without a pointer.
	known := in.String([]byte("length"))
	second := in.Ptr(someText("length"))
	assert.True(t, isSame(known, *second))
	assert.Same(t, second, in.Ptr(someText("length")))

	var chunk chatstream.Chunk
	require.NoError(t, chatstream.Unmarshal([]byte(`{"id":"a","model":null}`), &chunk))
	id := in.Ptr(chunk.ID)
	assert.Nil(t, in.Ptr(chunk.Model))
	assert.Nil(t, in.Ptr(chunk.Provider))
	require.NoError(t, chatstream.Unmarshal([]byte(`{"id":"b"}`), &chunk))
	assert.Equal(t, "a", *id)
	assert.Equal(t, "b", *in.Ptr(chunk.ID))
}

// TestInternerEvictsInTurn: the oldest string is evicted first, also if it was used often, and no
// other string is evicted.
func TestInternerEvictsInTurn(t *testing.T) {
	var in chatstream.Interner
	text := func(i int) []byte { return fmt.Appendf(nil, "text %d", i) }
	var strs []string
	for i := range 1024 {
		strs = append(strs, in.String(text(i)))
	}
	for i := range 1024 {
		require.True(t, isSame(strs[i], in.String(text(i))), "%d", i)
	}
	in.String(text(1024))                                      // in the place of 0
	require.True(t, isSame(strs[1], in.String(text(1))))       // still there
	require.True(t, isSame(strs[1023], in.String(text(1023)))) // so is the last
	require.False(t, isSame(strs[0], in.String(text(0))))      // gone; comes again in the place of 1
	require.False(t, isSame(strs[1], in.String(text(1))))      // in the place of 2
	require.True(t, isSame(strs[3], in.String(text(3))))       // 2 is what went
	require.Equal(t, "text 0", strs[0], "what was handed out stays valid")
}

// TestInternerForgets: a string that was evicted is not found in any way, also where no
// other one was asked for since that looks like it.
func TestInternerForgets(t *testing.T) {
	for _, text := range []string{"chatcmpl-1", strings.Repeat("x", 200)} {
		var in chatstream.Interner
		first := in.String([]byte(text))
		for i := range 1024 {
			in.String(fmt.Appendf(nil, "y%04dz", i)) // all of one length, beginning and end
		}
		assert.False(t, isSame(first, in.String([]byte(text))), text)
	}
}

// TestInternerBytes: an Interner keeps at most 64 KiB, for any number of strings.
func TestInternerBytes(t *testing.T) {
	var in chatstream.Interner
	text := func(c string) []byte { return []byte(strings.Repeat(c, 16<<10)) }
	var strs []string
	for _, c := range []string{"a", "b", "c", "d"} {
		strs = append(strs, in.String(text(c)))
	}
	for i, c := range []string{"a", "b", "c", "d"} {
		require.True(t, isSame(strs[i], in.String(text(c))), "64 KiB fit")
	}
	one := in.String([]byte("1"))
	require.True(t, isSame(strs[1], in.String(text("b"))))
	require.True(t, isSame(one, in.String([]byte("1"))))
	require.False(t, isSame(strs[0], in.String(text("a"))), "one byte more, and the first goes")
	require.False(t, isSame(strs[1], in.String(text("b"))))

	whole := in.String([]byte(strings.Repeat("w", 64<<10)))
	require.True(t, isSame(whole, in.String([]byte(whole))), "64 KiB alone fit")
	require.False(t, isSame(strs[3], in.String(text("d"))))
	large := strings.Repeat("x", 64<<10+1)
	got := in.String([]byte(large))
	require.Equal(t, large, got)
	require.False(t, isSame(got, in.String([]byte(large))), "too large to be kept")
	p := in.Ptr(someText(large))
	require.Equal(t, large, *p)
	require.NotSame(t, p, in.Ptr(someText(large)))
	kept := in.String(text("e"))
	in.String([]byte(large))
	require.True(t, isSame(kept, in.String(text("e"))), "what is not kept evicts nothing")
}

// TestInternerPointersStay: the string behind a pointer does not change when it is evicted.
func TestInternerPointersStay(t *testing.T) {
	var in chatstream.Interner
	pointers := map[string]*string{}
	for i := range 5000 {
		text := fmt.Sprintf("text %d", i)
		pointers[text] = in.Ptr(someText(text))
	}
	for text, p := range pointers {
		require.Equal(t, text, *p)
	}
	again := in.Ptr(someText("text 0"))
	assert.NotSame(t, pointers["text 0"], again)
	assert.Equal(t, "text 0", *again)
}

func TestInternerDoesNotAllocate(t *testing.T) {
	if instrumented {
		t.Skip("instrumented builds allocate")
	}
	var in chatstream.Interner
	text := chatstream.Text("chatcmpl-0123456789abcdefghijklmnopqrstuvwxyz")
	optional := chatstream.Some(text)
	for i := range 2000 {
		in.String(fmt.Appendf(nil, "text %d", i))
	}
	in.String(text)
	in.Ptr(optional)
	assert.Zero(t, testing.AllocsPerRun(100, func() {
		if in.String(text) != string(text) || *in.Ptr(optional) != string(text) || in.Ptr(chatstream.Null[chatstream.Text]()) != nil {
			t.Fatal()
		}
	}))
}

// TestInternerMemory: an endless stream of new texts does not make an Interner grow.
func TestInternerMemory(t *testing.T) {
	var in chatstream.Interner
	buffer := []byte("text 00000000")
	next := func() {
		for i := len(buffer) - 1; ; i-- {
			if buffer[i]++; buffer[i] <= '9' {
				return
			}
			buffer[i] = '0'
		}
	}
	fill := func(n int) {
		for range n {
			next()
			in.Ptr(chatstream.Some(chatstream.Text(buffer)))
		}
	}
	before := heap.Live()
	fill(2_000)
	full := heap.Live()
	fill(400_000)
	after := heap.Live()
	assert.Less(t, full-before, 400<<10)
	assert.Less(t, after-before, 400<<10, "%d bytes when it was full first", full-before)

	// Texts that are evicted are not held by what is kept instead.
	large := make([]byte, 60<<10)
	for i := range 100 {
		large[0] = byte(i)
		in.String(large)
	}
	assert.Less(t, heap.Live()-before, 400<<10)
	runtime.KeepAlive(&in)
}
