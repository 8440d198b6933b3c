package chatstream_test

import (
	"fmt"
	"io"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-08fc7208/chatstream"
	"github.com/seed-08fc7208/chatstream/internal/testing/heap"
)

// The memory of a stream that waits for its next event. Go rounds a size up to a size class,
// and stores 8 bytes more with an object of over 512 bytes that has pointers: 568 bytes take
// 576.
const (
	maxIdleDecoder = 600 // bytes of heap beside the read buffer
	readBuffer     = 4096
	bufferBox      = 24 // what the pool knows the read buffer by
	maxDecoderSize = maxIdleDecoder - bufferBox - 8
	maxTapSize     = 288
)

func TestDecoderSize(t *testing.T) {
	if instrumented || unsafe.Sizeof(uintptr(0)) != 8 {
		t.Skip("the limits are those of a usual build for a 64-bit platform")
	}
	assert.LessOrEqual(t, unsafe.Sizeof(chatstream.Decoder{}), uintptr(maxDecoderSize))
	assert.LessOrEqual(t, unsafe.Sizeof(chatstream.Tap{}), uintptr(maxTapSize))
}

// blockingReader gives one event in a Read. After the last it blocks until the gate opens.
type blockingReader struct {
	events  [][]byte
	blocked *sync.WaitGroup
	gate    <-chan struct{}
}

func (r *blockingReader) Read(p []byte) (int, error) {
	if len(r.events) == 0 {
		r.blocked.Done()
		<-r.gate
		return 0, io.EOF
	}
	n := copy(p, r.events[0])
	r.events = r.events[1:]
	return n, nil
}

// TestDecoderIdleHeap measures what Decoders hold that are blocked in Read after ordinary
// events. The struct that they decode into is the caller's; what hangs on it is counted.
func TestDecoderIdleHeap(t *testing.T) {
	if instrumented || unsafe.Sizeof(uintptr(0)) != 8 {
		t.Skip("the limits are those of a usual build for a 64-bit platform")
	}
	plain := func(i int) string {
		return fmt.Sprintf(`data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1770000000,"model":"m","choices":[{"index":0,"delta":{"content":"word %d"},"finish_reason":null}]}`+"\n\n", i)
	}
	for name, event := range map[string]func(i int) string{
		"plain":             plain,
		"comments between":  func(i int) string { return ": keep-alive\n\n" + plain(i) },
		"named events":      func(i int) string { return "event: message\n" + plain(i) },
		"numbered events":   func(i int) string { return fmt.Sprintf("id: %d\n", i) + plain(i) },
		"CRLF":              func(i int) string { return plain(i)[:len(plain(i))-2] + "\r\n\r\n" },
		"different members": func(i int) string { return fmt.Sprintf(`data: {"m%d":%s}`+"\n\n", i, `{"choices":[]}`) },
	} {
		t.Run(name, func(t *testing.T) {
			events := make([][]byte, 50)
			for i := range events {
				events[i] = []byte(event(i))
			}
			for range 3 { // learn what all share
				idleDecoders(t, 300, events)
			}
			assert.LessOrEqual(t, idleDecoders(t, 1000, events), readBuffer+maxIdleDecoder)
		})
	}
}

// idleDecoders returns the bytes of heap that each of n Decoders holds, which have read the
// events and are blocked in Read.
func idleDecoders(t *testing.T, n int, events [][]byte) int {
	var blocked, ended sync.WaitGroup
	start, gate := make(chan struct{}), make(chan struct{})
	readers := make([]blockingReader, n)
	chunks := make([]chunk, n)
	decoded := make([]int, n)
	blocked.Add(n)
	for i := range n {
		readers[i] = blockingReader{events, &blocked, gate}
		ended.Go(func() { // started before, so that the goroutine is not counted
			<-start
			d := chatstream.NewDecoder(&readers[i])
			for d.Decode(&chunks[i]) == nil {
				decoded[i]++
			}
			_ = d.Close()
		})
	}
	runtime.GC() // what a pool held before goes with the second
	before := heap.Live()
	close(start)
	blocked.Wait()
	runtime.GC()
	after := heap.Live()
	close(gate)
	ended.Wait()
	runtime.KeepAlive(chunks)
	for i := range decoded {
		assert.Equal(t, len(events), decoded[i], "events of Decoder %d", i)
	}
	return (after - before) / n
}

// TestRareMemoryIsKept: what a Decoder and a Tap need for a few streams only is allocated
// once. The next stream, or the next event of that kind, finds it.
func TestRareMemoryIsKept(t *testing.T) {
	if instrumented {
		t.Skip("the race detector and chatstream_poison allocate")
	}
	const payload = `{"choices":[]}`
	for name, stream := range map[string]string{
		"fields after the payload":  "data: " + payload + "\nid: 1\n: comment\n\n",
		"a payload of two lines":    "data: {\"choices\":\ndata: []}\n\n",
		"two payloads in an event":  "data: " + payload + "\nid: 1\ndata: " + payload + "\n\n",
		"lines taken alone":         "data: \ndata: " + payload + "\ndata: " + payload + "\n\n",
		"JSON without a field":      ": comment\n\n{\"a\":\n1}\n\ndata: " + payload + "\n\n",
		"blanks before the first":   "  \n\n \ndata: " + payload + "\n\n",
		"choices with high indexes": `data: {"choices":[{"index":64,"delta":{},"finish_reason":"stop"},{"index":1000,"delta":{},"finish_reason":"stop"}]}` + "\n\n",
	} {
		t.Run(name, func(t *testing.T) {
			var c chunk
			whole := strings.NewReader(stream + "data: [DONE]\n\n")
			r := iotest.OneByteReader(whole)
			d := chatstream.NewDecoder(r)
			defer d.Close()
			var err error
			results := 0
			decode := func() {
				whole.Seek(0, io.SeekStart)
				d.Reset(r)
				for err = d.Decode(&c); err == nil; err = d.Decode(&c) {
					results++
				}
			}
			decode()
			require.Equal(t, io.EOF, err)
			require.Positive(t, results)
			assert.Zero(t, testing.AllocsPerRun(10, decode), "Decoder")

			tap := chatstream.NewTap(func(_ *chunk, err error) { assert.NoError(t, err) })
			data := []byte(stream)
			write := func() {
				for i := range data {
					tap.Write(data[i : i+1])
				}
			}
			for range 100 { // until the templates are learned
				write()
			}
			assert.Zero(t, testing.AllocsPerRun(10, write), "Tap")
		})
	}
}
