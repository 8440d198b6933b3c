package main

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/seed-08fc7208/chatstream/internal/testing/chunkgen"
)

// stream is what is sent.
type stream struct {
	bytes     []byte
	failing   bool // its reader ends with an error
	overLimit bool // it has an event over the limit
}

// generator makes streams. Most chunks are made of a few that were generated at first, with another word in each, so that a run
// spends its time on decoding.
type generator struct {
	random  *rand.Rand
	plain   [][]byte   // payloads that keep to the schema
	wild    [][]byte   // and others
	broken  [][]byte   // payloads that are mostly no JSON
	varied  [][][]byte // chunks as they follow one another
	large   []byte
	scratch bytes.Buffer
}

const (
	made      = 200 // payloads of each sort
	inVaried  = 12
	maxStream = maxEventSize - 4<<10 // bytes, about
)

func newGenerator(seed uint64) *generator {
	g := &generator{random: rand.New(rand.NewPCG(seed, 2))}
	plain, wild := chunkgen.NewGen(seed, false), chunkgen.NewGen(seed+1, true)
	for range made {
		p, w := oneLine(plain.Payload()), oneLine(wild.Payload())
		g.plain, g.wild = append(g.plain, p), append(g.wild, w)
		g.broken = append(g.broken, oneLine(wild.Mutate(p)))
		var chunks [][]byte
		for range inVaried {
			chunks = append(chunks, oneLine(wild.Vary(p)))
		}
		g.varied = append(g.varied, chunks)
	}
	g.large = bytes.Repeat([]byte("large "), 2*maxEventSize/6)
	return g
}

// oneLine replaces the line ends of a payload, which are white space where they are no fault.
func oneLine(payload []byte) []byte {
	for i, c := range payload {
		if c == '\n' || c == '\r' {
			payload[i] = ' '
		}
	}
	return payload
}

func (g *generator) one(in int) bool { return g.random.IntN(in) == 0 }

func pick[T any](g *generator, list []T) T { return list[g.random.IntN(len(list))] }

// stream makes the next stream.
func (g *generator) stream() stream {
	b := &g.scratch
	b.Reset()
	size := 256 << g.random.IntN(11) // up to 256 KiB, half of them below 16 KiB
	size = min(size+g.random.IntN(size), maxStream)
	f := framing{eol: pick(g, []string{"\n", "\n", "\n", "\n", "\n", "\r\n", "\r"}), blank: !g.one(10), prefix: pick(g, []string{"data: ", "data: ", "data: ", "data:"})}
	if g.one(50) {
		b.WriteString("\uFEFF")
	}
	var st stream
	for b.Len() < size-4<<10 || b.Len() == 0 {
		g.sequence(b, f, size)
	}
	if f.blank && g.one(300) {
		st.overLimit = true
		g.overLimit(b, f)
	}
	g.end(b, f)
	st.bytes = bytes.Clone(b.Bytes())
	if !st.overLimit {
		st.bytes = g.damage(st.bytes)
		st.bytes = st.bytes[:min(len(st.bytes), maxEventSize)] // so that nothing in it can be over the limit
	}
	st.failing = g.one(20)
	return st
}

// framing is how a server writes its events.
type framing struct {
	eol    string
	blank  bool // it puts blank lines between them
	prefix string
}

func (f framing) event(b *bytes.Buffer, payload []byte) {
	b.WriteString(f.prefix)
	b.Write(payload)
	b.WriteString(f.eol)
	if f.blank {
		b.WriteString(f.eol)
	}
}

// sequence writes some events that belong together.
func (g *generator) sequence(b *bytes.Buffer, f framing, size int) {
	switch n := g.random.IntN(100); {
	case n < 60:
		g.answer(b, f, size)
	case n < 75:
		for _, payload := range pick(g, g.varied) {
			f.event(b, payload)
		}
	case n < 82:
		f.event(b, pick(g, g.plain))
		f.event(b, pick(g, g.wild))
	case n < 84:
		f.event(b, pick(g, g.broken))
	case n < 86:
		f.event(b, []byte(pick(g, []string{`{"error":{"message":"busy","code":503}}`, `{"error":"busy"}`, `{"object":"error","message":"busy"}`, `{"error":null}`})))
	case n < 88:
		b.WriteString("event: error" + f.eol)
		f.event(b, []byte(`{"message":"gone"}`))
	case n < 89:
		fmt.Fprintf(b, "error: {\"code\":%d}%s%[2]s", n, f.eol)
	case n < 96:
		b.WriteString(strings.ReplaceAll(pick(g, []string{": ping\n\n", ":\n", "\n", "data:\n\n", "data: \"\"\n\n", "event: ping\n\n", "retry: 5\n\n", "id: 7\n", "unknown: field\n"}), "\n", f.eol))
	default:
		g.inLines(b, f)
	}
}

var words = []string{"the", " quick", " brown", " fox", "", `\n`, `\"quoted\"`, " é", " 你好", `\ud83d\ude00`, "\xff", `\ud800`, ".", " a longer piece of text than usual"}

// answer writes chunks of one shape with other words in them, as a model's answer comes.
func (g *generator) answer(b *bytes.Buffer, f framing, size int) {
	id := g.random.Uint32()
	before := fmt.Sprintf(`{"id":"chatcmpl-%x","object":"chat.completion.chunk","created":%d,"model":"soak","choices":[{"index":0,"delta":{"content":"`, id, 1_700_000_000+id%1000)
	after := pick(g, []string{`"},"logprobs":null,"finish_reason":null}],"usage":null,"obfuscation":"`, `"},"finish_reason":null}],"p":"`, `"},"finish_reason":""}],"p":"`, `","role":"assistant"}}],"x":"`})
	for n := g.random.IntN(200); n >= 0 && b.Len() < size; n-- {
		b.WriteString(f.prefix)
		b.WriteString(before)
		b.WriteString(pick(g, words))
		b.WriteString(pick(g, words))
		b.WriteString(after)
		b.WriteString("0123456789abcdef"[:g.random.IntN(17)])
		b.WriteString(`"}`)
		b.WriteString(f.eol)
		if f.blank {
			b.WriteString(f.eol)
		}
	}
}

// inLines writes a payload over several data lines.
func (g *generator) inLines(b *bytes.Buffer, f framing) {
	payload := bytes.ReplaceAll(pick(g, g.plain), []byte(`,"`), []byte(",\n\""))
	for line := range bytes.Lines(payload) {
		b.WriteString(f.prefix)
		b.Write(bytes.TrimRight(line, "\n"))
		b.WriteString(f.eol)
	}
	b.WriteString(f.eol)
}

// overLimit writes an event that is just over the limit, or far, between two that are not.
func (g *generator) overLimit(b *bytes.Buffer, f framing) {
	b.WriteString(f.eol) // ends what came before
	f.event(b, []byte(`{}`))
	n := len(f.prefix) + len(`{"x":""}`) + len(f.eol) + 1
	fill := maxEventSize + 1 - n
	if g.one(2) {
		fill += g.random.IntN(len(g.large) - fill)
	}
	f.event(b, slices.Concat([]byte(`{"x":"`), g.large[:fill], []byte(`"}`)))
	f.event(b, []byte(`{}`))
}

// end ends the stream, well or not.
func (g *generator) end(b *bytes.Buffer, f framing) {
	if !g.one(3) {
		f.event(b, []byte(`{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}`))
	}
	if g.one(2) {
		f.event(b, []byte("[DONE]"))
		if g.one(10) {
			f.event(b, []byte("{}"))
		}
	}
}

// damage does to a stream what a network or a gateway may do to it.
func (g *generator) damage(b []byte) []byte {
	switch at := g.random.IntN(len(b)); g.random.IntN(30) {
	case 0, 1, 2: // cut off
		return b[:at]
	case 3: // a piece is missing
		return append(b[:at], b[min(len(b), at+g.random.IntN(100)):]...)
	case 4: // a piece comes twice
		to := min(len(b), at+g.random.IntN(100))
		return append(b[:to:to], b[at:]...)
	case 5: // some bytes are others
		for range 1 + g.random.IntN(4) {
			b[g.random.IntN(len(b))] = byte(g.random.IntN(256))
		}
	case 6: // a line end is missing or there is one more
		word := pick(g, []string{"\n", "\r", "\n\n", "data: ", "[DONE]", "event: error\n", "\x00"})
		return append(append(b[:at:at], word...), b[at:]...)
	}
	return b
}
