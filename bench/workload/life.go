package workload

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
)

// Life is the load of a proxy: many streams at the same time, which get one event each in turn. Each
// stream has its own id and time, and each event its own memory. When a stream gets its next event,
// the caches hold data of other streams.
type Life struct {
	Name, About string

	Streams int // that are open at the same time
	Turns   int // after which the events are the same again; a stream goes on with them

	events []lifeEvent // of a copy, turn by turn
	size   int         // of a copy
	memory []byte      // all copies, one after the other
	copies int
}

// lifeEvent is where an event stands in each copy.
type lifeEvent struct {
	offset uint32
	length uint16
	begins bool // it is the first one of its stream
}

const (
	// LifeStreams is how many streams a proxy has open.
	LifeStreams = 8192
	// PassTurns is how many events each stream gets in a pass.
	PassTurns = 24
)

// lives are the ways to live, and what the events of stream i are.
var lives = []struct {
	name, about string
	turns       int
	stream      func(i uint64) [][]byte // one event for each turn; one of a stream that ends has [DONE] in its last one
}{
	{"life", "OpenAI text, an event of 320 bytes", PassTurns, func(i uint64) [][]byte {
		return middle(openaiSized(i, PassTurns+3))
	}},
	{"life-four-providers", "four providers' shapes mixed", PassTurns, func(i uint64) [][]byte {
		four := []shape{openaiSized, deepseek, mistral, groq}
		return middle(four[i%4](i, PassTurns+3))
	}},
	{"life-phases", "reasoning, then content, then a tool call", PassTurns, agent},
	{"life-short", "streams of 30 chunks that end and are followed by new ones", 2 * shortChunks, short},
}

// LifeNames lists the ways to live.
func LifeNames() (names []string) {
	for _, l := range lives {
		names = append(names, l.name)
	}
	return names
}

// NewLife makes a life of n streams, in so many copies that the events of as many passes
// are memory bytes or more. Release gives the memory back.
func NewLife(name string, n, memory int) *Life {
	for _, l := range lives {
		if l.name != name {
			continue
		}
		life := &Life{Name: l.name, About: l.about, Streams: n, Turns: l.turns}
		life.lay(l.stream)
		life.copy(memory)
		return life
	}
	return nil
}

// lay makes the events of all streams and puts those of a turn side by side.
func (l *Life) lay(stream func(i uint64) [][]byte) {
	streams := make([][][]byte, l.Streams)
	for i := range streams {
		streams[i] = stream(uint64(i))[:l.Turns]
	}
	ends := []byte("data: [DONE]\n")
	for t := range l.Turns {
		for _, events := range streams {
			before := events[(t+l.Turns-1)%l.Turns]
			l.events = append(l.events, lifeEvent{uint32(l.size), uint16(len(events[t])), bytes.Contains(before, ends)})
			l.size += len(events[t])
		}
	}
	l.memory = make([]byte, 0, l.size)
	for t := range l.Turns {
		for _, events := range streams {
			l.memory = append(l.memory, events[t]...)
		}
	}
}

// copy multiplies the events, outside of the heap: a heap that holds them would be
// collected less often, and spare the subjects what their garbage costs.
func (l *Life) copy(memory int) {
	once := l.memory
	l.copies = max(1, (memory-1)/l.PassBytes()+1)
	l.memory = allocate(l.copies * l.size)
	for c := range l.copies {
		copy(l.memory[c*l.size:], once)
	}
}

// Release gives the memory back; the events are no more.
func (l *Life) Release() {
	release(l.memory)
	l.memory = nil
}

// PassBytes is the size of the events of a pass, on average.
func (l *Life) PassBytes() int { return l.size / l.Turns * PassTurns }

// EventBytes is the size of an event, on average.
func (l *Life) EventBytes() float64 { return float64(l.size) / float64(len(l.events)) }

// Memory is the size of all events in all copies.
func (l *Life) Memory() int { return len(l.memory) }

// Event is the event of a stream in a turn, from a copy; any number of a copy will do.
// begins reports whether a new stream begins with it.
func (l *Life) Event(number, turn, stream int) (event []byte, begins bool) {
	e := &l.events[turn*l.Streams+stream]
	at := number%l.copies*l.size + int(e.offset)
	return l.memory[at : at+int(e.length) : at+int(e.length)], e.begins
}

// TwoHoles are n events of one stream, each of 320 bytes: the text and the padding differ.
func TwoHoles(n int) [][]byte {
	events := split(openaiSized(1, n+3))
	return events[1 : 1+n]
}

// FourHoles are n events of as many streams: the id and the time differ, too.
func FourHoles(n int) (events [][]byte) {
	for i := range uint64(n) {
		events = append(events, split(openaiSized(i, 4))[1])
	}
	return events
}

// owned gives a stream a time of its own.
func owned(i uint64, stream []byte) []byte {
	return bytes.ReplaceAll(stream, []byte(strconv.Itoa(created)), []byte(strconv.FormatUint(created+i, 10)))
}

// split lists the events of a stream.
func split(stream []byte) (events [][]byte) {
	for len(stream) > 0 {
		n := firstEvent(stream)
		events = append(events, stream[:n])
		stream = stream[n:]
	}
	return events
}

// middle is a stream without its first event and what comes with its end.
func middle(stream []byte) [][]byte {
	events := split(stream)
	return events[1 : 1+PassTurns]
}

// openaiSized is OpenAI text in events of 320 bytes: the padding makes up for the text.
func openaiSized(seed uint64, n int) []byte {
	o := newOpenAI(seed, prose)
	o.model = "gpt-harbour-mini"
	o.obfuscation, o.size = true, 320
	return owned(seed, o.text(n))
}

const shortChunks = 30

// short is two answers, of which the first has begun already: in each turn some end.
func short(i uint64) [][]byte {
	var events [][]byte
	for k := range uint64(2) {
		seed := 2*i + k
		o := newOpenAI(seed, prose)
		o.obfuscation = true
		answer := split(owned(seed, o.text(shortChunks)))
		last := len(answer) - 1 // [DONE] comes with the usage
		answer[last-1] = slices.Concat(answer[last-1], answer[last])
		events = append(events, answer[:last]...)
	}
	begun := int(i) % len(events)
	return slices.Concat(events[begun:], events[:begun])
}

// agent reasons, answers and calls a function.
func agent(i uint64) [][]byte {
	s := newStream(i, prose)
	id := "chatcmpl-" + s.letters(32, hexDigits)
	chunk := func(delta string) {
		s.data(`{"id":"%s","object":"chat.completion.chunk","created":%d,"model":"harbour-agent","system_fingerprint":"fp_77c2d09e1b","choices":[{"index":0,"delta":%s,"logprobs":null,"finish_reason":null}]}`,
			id, created+i, delta)
	}
	for range 10 {
		chunk(`{"reasoning_content":` + quote(s.token()) + `}`)
	}
	for range 8 {
		chunk(`{"content":` + quote(s.token()) + `}`)
	}
	chunk(fmt.Sprintf(`{"tool_calls":[{"index":0,"id":"call_%s","type":"function","function":{"name":"note_sounding","arguments":""}}]}`, s.letters(24, alphanumeric)))
	for range PassTurns - 19 {
		chunk(`{"tool_calls":[{"index":0,"function":{"arguments":` + quote(s.token()) + `}}]}`)
	}
	return split(s.bytes())
}
