package chatstream

import (
	"io"
	"sync"
)

// pushReader decodes what cannot be decoded where it lies. It has a Decoder that reads what
// is pushed.
type pushReader struct {
	feed    feed
	decoder Decoder
}

// pushReaders has those that are not in use.
var pushReaders = sync.Pool{New: func() any { return new(pushReader) }}

// takeReader gets a reader that goes on where the cursor stands.
func (t *Tap) takeReader() *pushReader {
	r := t.reader
	if r == nil {
		r = pushReaders.Get().(*pushReader)
		r.decoder.framer.r = &r.feed
		t.cursor.resume(&r.decoder)
		t.reader = r
	}
	return r
}

// giveReader gives the reader back if the cursor can say all that it knows.
func (t *Tap) giveReader() {
	r := t.reader
	d := &r.decoder
	if !d.isWaiting() {
		return
	}
	t.cursor.note(d)
	t.reader = nil
	*r = pushReader{decoder: Decoder{framer: framer{
		joiner:  joiner{copies: d.framer.copies},
		framing: framing{rare: d.framer.rare.again()},
	}}}
	pushReaders.Put(r)
}

// read decodes data, and what comes before it and is pending. end tells what comes after it:
// nil if that is not known yet.
func (t *Tap) read(data []byte, end error) {
	if t.cursor.over {
		return
	}
	r := t.takeReader()
	r.feed.data = data
	if r.feed.end == nil {
		r.feed.end = end
	}
	t.drain(r)
}

// drain decodes all that is complete.
func (t *Tap) drain(r *pushReader) {
	d := &r.decoder
	for d.final == nil {
		if d.chunk == nil {
			d.chunk = takeChunk()
		}
		chunk, err := d.next()
		if err == errPause || err == io.EOF {
			return
		}
		t.fn(chunk, err)
		if len(r.feed.data) == 0 && r.feed.end == nil && len(d.framer.following()) == 0 {
			return // as mostly: a write is an event
		}
	}
}

// rest ends the life of what fn was given and keeps what the next call needs. After
// a panic of fn that is also the part of the write that has not been looked at.
func (t *Tap) rest() {
	if at := &t.at; at.given > 0 { // fn has panicked
		at.pass()
		at.leave()
		if len(at.data) > 0 {
			t.takeReader().feed.data = at.data
		}
	}
	t.at.data = nil
	if t.reader != nil {
		t.reader.rest()
		t.giveReader()
	}
}

// rest is that of a Tap.
func (r *pushReader) rest() {
	d := &r.decoder
	d.expire()
	d.keepEvent(Event{})
	r.giveChunk()
	if d.final != nil {
		d.framer.source.leave()
		d.framer.joiner.reset()
	} else {
		if d.matchedLast {
			d.framer.pass()
		} else {
			d.framer.release()
		}
		for len(r.feed.data) > 0 && d.framer.more() {
		}
		d.shrink(nil)
		d.framer.idle() // when nothing is pending
	}
	d.matchedLast = false
	r.feed.data = nil
}

// giveChunk gives the chunk back, if there is one.
func (r *pushReader) giveChunk() {
	d := &r.decoder
	c := d.chunk
	if c == nil {
		return
	}
	d.chunk = nil
	if len(d.framer.buf) <= maxPooledCap { // its texts would keep a large one alive
		giveChunk(c)
	}
}

// feed is the reader that stands between a Tap and its Decoder.
type feed struct {
	data []byte
	end  error // what comes after data; nil if that is not known yet
}

func (f *feed) Read(p []byte) (int, error) {
	n := copy(p, f.data)
	f.data = f.data[n:]
	switch {
	case n > 0:
		return n, nil
	case f.end != nil:
		return 0, f.end
	}
	return 0, errPause
}

// chunks has chunks for Taps, which need one only while they are written to. That of a
// stream that waits would have left the caches by the time of its next event.
var chunks = sync.Pool{New: func() any { return aligned[CreateChatCompletionData]() }}

func takeChunk() *CreateChatCompletionData {
	c := chunks.Get().(*CreateChatCompletionData)
	parserOf(c)
	return c
}

// giveChunk gives a chunk back. One that has much memory is left to the garbage collector.
func giveChunk(c *CreateChatCompletionData) {
	switch p := c.ownParser(); {
	case p == nil: // the caller has replaced all of it
	case poisoned: // whoever looks at it yet sees that it is no longer valid
		clear(p.lists.choice[:cap(p.lists.choice)])
		*c = CreateChatCompletionData{}
	case !p.isLarge():
		p.sweepLists()
		chunks.Put(c)
	}
}
