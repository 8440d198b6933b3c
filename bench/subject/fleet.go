package subject

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"io"
	"net/http"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/packages/ssestream"

	"github.com/seed-08fc7208/chatstream"
)

// Fleet decodes many streams at the same time: an event of one, and then an event of
// another.
type Fleet interface {
	// Open begins stream i anew.
	Open(i int)
	// Event decodes the next event of stream i, which arrives whole.
	Event(i int, event []byte)
	// Tell shows a every chunk from now on; nil ends that.
	Tell(a *Answer)
	// Tally is of all events so far.
	Tally() Tally
}

// Touched is the subject that reads each byte of an event once and makes nothing of it:
// what no decoder can do without.
const Touched = "touch"

// Living lists the subjects that are compared in life: ours, those that others are
// measured against, and the floor.
func Living() []*Subject {
	touched := func(int) Fleet { return new(touch) }
	return []*Subject{
		Find(Ours), Find(Fastest), Find(Std), Find(SDK),
		{Name: Touched, Not: "anything: it reads each byte once", NewPushed: touched, NewPulled: touched},
	}
}

// listener is the part that all fleets have.
type listener struct {
	tally  Tally
	answer *Answer
}

func (l *listener) Tell(a *Answer) { l.answer = a }
func (l *listener) Tally() Tally   { return l.tally }

// feed is a reader that hands out one event, as a connection does while a model writes.
// It is asked for no more than has come: a decoder that reads on would block here for
// good, and gets an error.
type feed struct{ event []byte }

func (f *feed) Read(p []byte) (int, error) {
	if len(f.event) == 0 {
		return 0, io.ErrNoProgress
	}
	n := copy(p, f.event)
	f.event = f.event[n:]
	return n, nil
}

func (f *feed) Close() error { return nil }

type taps struct {
	listener
	taps []*chatstream.Tap
	fn   func(*chatstream.CreateChatCompletionData, error)
}

func newTaps(n int) Fleet {
	t := &taps{taps: make([]*chatstream.Tap, n)}
	t.fn = t.chunk
	return t
}

func (t *taps) chunk(c *chatstream.CreateChatCompletionData, err error) {
	if err != nil {
		t.tally.Refused++
		return
	}
	t.tally.Chunks++
	if t.answer != nil {
		tellOurs(c, t.answer)
	}
}

func (t *taps) Open(i int)                { t.taps[i] = chatstream.NewTap(t.fn) }
func (t *taps) Event(i int, event []byte) { _, _ = t.taps[i].Write(event) }

type decoders struct {
	listener
	streams []decoderLoop
}

// decoderLoop is what the loop that serves a stream has: a chunk of its own, too.
type decoderLoop struct {
	decoder *chatstream.Decoder
	feed    feed
	chunk   chatstream.CreateChatCompletionData
}

func newDecoders(n int) Fleet { return &decoders{streams: make([]decoderLoop, n)} }

func (d *decoders) Open(i int) {
	s := &d.streams[i]
	if s.decoder != nil {
		_ = s.decoder.Close()
	}
	s.decoder = chatstream.NewDecoder(&s.feed)
}

func (d *decoders) Event(i int, event []byte) {
	s := &d.streams[i]
	s.feed.event = event
	if s.decoder.Decode(&s.chunk) != nil {
		d.tally.Refused++
		return
	}
	d.tally.Chunks++
	if d.answer != nil {
		tellOurs(&s.chunk, d.answer)
	}
}

// pushedLines decodes the data lines of each event, into one struct for all streams.
type pushedLines struct {
	listener
	unmarshal func([]byte, any) error
	chunk     Chunk
}

func (*pushedLines) Open(int) {}

func (p *pushedLines) Event(_ int, event []byte) {
	eachData(event, func(data []byte) {
		p.chunk = Chunk{}
		p.decode(p.unmarshal, data, &p.chunk)
	})
}

func (l *listener) decode(unmarshal func([]byte, any) error, data []byte, c *Chunk) {
	if unmarshal(data, c) != nil {
		l.tally.Refused++
		return
	}
	l.tally.Chunks++
	if l.answer != nil {
		c.tell(l.answer)
	}
}

// eachData calls payload with what follows data: in the lines of an event.
func eachData(event []byte, payload func([]byte)) {
	for len(event) > 0 {
		line, rest, _ := bytes.Cut(event, newline)
		event = rest
		data, ok := bytes.CutPrefix(line, fieldData)
		if data = bytes.TrimSpace(data); ok && !bytes.Equal(data, donePiece) {
			payload(data)
		}
	}
}

var newline = []byte("\n")

type pulledLines struct {
	listener
	unmarshal func([]byte, any) error
	streams   []lineLoop
}

// lineLoop is what the loop that serves a stream has: a struct of its own, too.
type lineLoop struct {
	feed  feed
	lines *bufio.Scanner
	chunk Chunk
}

func newPulledLines(unmarshal func([]byte, any) error, n int) *pulledLines {
	return &pulledLines{unmarshal: unmarshal, streams: make([]lineLoop, n)}
}

func (p *pulledLines) Open(i int) {
	s := &p.streams[i]
	s.lines = bufio.NewScanner(&s.feed)
	s.lines.Buffer(nil, maxLine)
}

func (p *pulledLines) Event(i int, event []byte) {
	s := &p.streams[i]
	s.feed.event = event
	for s.lines.Scan() {
		data, ok := bytes.CutPrefix(s.lines.Bytes(), fieldData)
		if !ok {
			continue
		}
		s.chunk = Chunk{}
		p.decode(p.unmarshal, bytes.TrimSpace(data), &s.chunk)
		return
	}
	p.tally.Refused++
}

// pushedOpenAI is what the SDK does with a payload; its streams can't be pushed.
type pushedOpenAI struct{ listener }

func (*pushedOpenAI) Open(int) {}

func (p *pushedOpenAI) Event(_ int, event []byte) {
	eachData(event, func(data []byte) {
		var chunk openai.ChatCompletionChunk
		if chunk.UnmarshalJSON(data) != nil {
			p.tally.Refused++
			return
		}
		p.see(&chunk)
	})
}

func (l *listener) see(chunk *openai.ChatCompletionChunk) {
	l.tally.Chunks++
	if l.answer != nil {
		tellOpenAI(chunk, l.answer)
	}
}

type pulledOpenAI struct {
	listener
	feeds   []feed
	streams []*ssestream.Stream[openai.ChatCompletionChunk]
}

func newPulledOpenAI(n int) Fleet {
	return &pulledOpenAI{feeds: make([]feed, n), streams: make([]*ssestream.Stream[openai.ChatCompletionChunk], n)}
}

func (p *pulledOpenAI) Open(i int) {
	response := &http.Response{StatusCode: http.StatusOK, Body: &p.feeds[i]}
	p.streams[i] = ssestream.NewStream[openai.ChatCompletionChunk](ssestream.NewDecoder(response), nil)
}

func (p *pulledOpenAI) Event(i int, event []byte) {
	p.feeds[i].event = event
	if !p.streams[i].Next() {
		p.tally.Refused++
		return
	}
	chunk := p.streams[i].Current()
	p.see(&chunk)
}

type touch struct {
	listener
	sum uint64
}

func (*touch) Open(int) {}

func (t *touch) Event(_ int, event []byte) {
	sum := t.sum
	for ; len(event) >= 8; event = event[8:] {
		sum += binary.LittleEndian.Uint64(event)
	}
	for _, b := range event {
		sum += uint64(b)
	}
	t.sum = sum
	t.tally.Chunks++
}
