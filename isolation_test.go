package chatstream_test

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"reflect"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-08fc7208/chatstream"
)

const (
	owners      = 64
	shortLived  = 10_048 // decoders, an equal number for each owner
	ownedChunks = 6
)

// ownedStream is a stream in which every value is marked with its owner: what the buffer has, what is unescaped, names, joined
// lines, what is too large for a pooled buffer. No text in it is without the mark.
func ownedStream(mark string, kind int) string {
	const payload = `{"id":"MARK","model":"\u003cMARK\u003e","eMARK":["MARK"],"\u0065MARK":"MARK","choices":[{"index":0,"delta":{"content":"MARK\nPAD","tool_calls":[{"id":"MARK","function":{"name":"MARK","arguments":"{\"MARK\":1}"}}],"MARK":{"MARK":"MARK"}},"finish_reason":REASON}]}`
	var b strings.Builder
	for i := range ownedChunks {
		reason, pad := "null", fmt.Sprint("MARK", i)
		if i == ownedChunks-1 {
			reason = `"stop"`
		}
		if kind%16 == 0 && i == 2 {
			pad = strings.Repeat("MARK ", 20<<10)
		}
		event := "data: " + strings.NewReplacer("PAD", pad, "REASON", reason).Replace(payload) + "\n\n"
		switch kind % 4 {
		case 1: // matched: nothing but the content differs
		case 2:
			event = strings.ReplaceAll(event, `,"`, ",\ndata: \"")
		default:
			event = ": MARK\nid: MARK\nevent: MARK\n" + event
		}
		b.WriteString(event)
	}
	if kind%3 == 0 {
		b.WriteString("data: [DONE]\n\n")
	}
	return strings.ReplaceAll(b.String(), "MARK", mark)
}

// stranger returns a text of the chunk or its event that is not marked with mark alone, if there is one.
func stranger(mark string, c *chunk, e chatstream.Event) (found []byte) {
	check := func(text []byte) {
		// A mark is "<owner/decoder>", so that one is no part of another.
		if n := bytes.Count(text, []byte(mark)); n == 0 || n != bytes.Count(text, []byte("/")) {
			found = bytes.Clone(text)
		}
	}
	views(reflect.ValueOf(c).Elem(), func(v reflect.Value) { check(v.Bytes()) })
	for _, part := range [][]byte{e.Type, e.Data, e.LastEventID, e.Raw} {
		if len(part) > 0 {
			check(part)
		}
	}
	return found
}

// TestIsolation: 64 goroutines with 10,000 short-lived decoders take their buffers from one pool, and none ever sees a byte of
// another stream, in whatever way its life ends.
//
//	go test -race -run Isolation . && go test -race -tags chatstream_poison -run Isolation .
func TestIsolation(t *testing.T) {
	var chunks atomic.Int64
	var wg sync.WaitGroup
	start := make(chan bool)
	for owner := range owners {
		wg.Go(func() {
			<-start // all at once
			random := rand.New(rand.NewPCG(uint64(owner), 0))
			var c chunk // is used by one decoder after the other
			for n := range shortLived / owners {
				mark := fmt.Sprintf("<%d/%d>", owner, n)
				kind := random.IntN(1 << 10)
				read, bad := useOnce(ownedStream(mark, kind), mark, kind, &c)
				if bad != nil {
					t.Errorf("%s of kind %d has %.200q", mark, kind, bad)
					return
				}
				chunks.Add(int64(read))
			}
		})
	}
	close(start)
	wg.Wait()
	t.Logf("%d goroutines, %d decoders, %d chunks checked", owners, shortLived, chunks.Load())
}

// useOnce decodes a stream in the way of its kind, some only in part, and returns how many chunks that were and a text that is
// not of the stream.
func useOnce(stream, mark string, kind int, c *chunk) (n int, bad []byte) {
	var r io.Reader = strings.NewReader(stream)
	if kind%5 == 0 {
		r = iotest.HalfReader(r)
	}
	switch kind >> 4 % 8 {
	case 0: // pushed, in pieces
		var tap *chatstream.Tap
		tap = chatstream.NewTap(func(c *chunk, err error) {
			if err == nil && bad == nil {
				n, bad = n+1, stranger(mark, c, tap.Event())
			}
		})
		io.CopyBuffer(struct{ io.Writer }{tap}, struct{ io.Reader }{r}, make([]byte, 1000))
		tap.Close()
		return n, bad
	case 1: // the framing alone
		s := chatstream.NewScanner(r)
		for s.Scan() && bad == nil && string(s.Event().Data) != "[DONE]" {
			n, bad = n+1, stranger(mark, new(chunk), s.Event())
		}
		return n, bad
	}
	d := chatstream.NewDecoder(r)
	defer d.Close()
	last := ownedChunks
	switch kind >> 4 % 8 {
	case 2: // left before its end
		last = kind % ownedChunks
	case 3: // closed twice
		defer d.Close()
	case 4: // used again after it was closed
		d.Close()
		d.Reset(r)
	case 5: // used again before its end
		d.Decode(c)
		d.Reset(strings.NewReader(stream))
	case 6: // its reader fails
		d.Reset(io.MultiReader(r, iotest.ErrReader(errReader)))
	}
	for ; n < last && bad == nil; n++ {
		if err := d.Decode(c); err != nil {
			return n, []byte(err.Error())
		}
		runtime.Gosched() // let others use what should not be theirs
		bad = stranger(mark, c, d.Event())
	}
	return n, bad
}

// TestIsolationIsChecked: the check finds a text of another owner at every place.
func TestIsolationIsChecked(t *testing.T) {
	var c chunk
	d := chatstream.NewDecoder(strings.NewReader(ownedStream("<1/2>", 0)))
	defer d.Close()
	require.NoError(t, d.Decode(&c))
	assert.Nil(t, stranger("<1/2>", &c, d.Event()))
	n := 0
	views(reflect.ValueOf(&c).Elem(), func(v reflect.Value) {
		n++
		was := v.Bytes()
		for _, other := range []string{"", "<1/3>", "<1/2> <1/3>"} {
			v.SetBytes([]byte(other))
			assert.NotNil(t, stranger("<1/2>", &c, d.Event()), "text %d is %q", n, other)
		}
		v.SetBytes(was)
	})
	assert.Greater(t, n, 10)
}
