package chatstream_test

import (
	"bytes"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/seed-08fc7208/chatstream"
	"github.com/seed-08fc7208/chatstream/internal/testing/heap"
)

// The rule of the heap (docs/robustness.md): what a chunk holds is a small multiple of its bytes, and once ordinary events
// follow, or Reset or Close, what a large event needed is given back.

// heapShape is a beginning of a stream that may cost more than it should.
type heapShape struct {
	name    string
	limit   int      // of an event
	events  []string // as they stand in the stream
	results int      // how many calls of Decode they take
}

// heapOwner is what holds memory for a stream. It may have the methods reset and close.
type heapOwner interface {
	large()    // reads the events of the shape, and holds the last one
	ordinary() // reads three ordinary events
}

const ordinaryEvent = `data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1770000000,"model":"m","choices":[{"index":0,"delta":{"content":"a"},"finish_reason":null}]}` + "\n\n"

// ordinaryStream is three ordinary events.
var ordinaryStream = strings.Repeat(ordinaryEvent, 3)

func (s *heapShape) option() chatstream.Option { return chatstream.WithMaxEventSize(s.limit) }

func (s *heapShape) reader() io.Reader {
	readers := make([]io.Reader, 0, len(s.events)+1)
	for _, event := range s.events {
		readers = append(readers, strings.NewReader(event))
	}
	return io.MultiReader(append(readers, strings.NewReader(ordinaryStream))...)
}

func (s *heapShape) size() (n int) {
	for _, event := range s.events {
		n += len(event)
	}
	return n
}

// payloads are those of the events, as the standard has them.
func (s *heapShape) payloads() (payloads [][]byte) {
	sc := chatstream.NewScanner(strings.NewReader(strings.Join(s.events, "")))
	for sc.Scan() {
		payloads = append(payloads, bytes.Clone(sc.Event().Data))
	}
	return payloads
}

type decoderOwner struct {
	shape *heapShape
	d     *chatstream.Decoder
	own   bool // the chunk is the Decoder's: All
	c     chunk
}

func (o *decoderOwner) large() {
	o.d = chatstream.NewDecoder(o.shape.reader(), o.shape.option())
	o.decode(o.shape.results)
}

func (o *decoderOwner) decode(n int) {
	if !o.own {
		for range n {
			_ = o.d.Decode(&o.c)
		}
		return
	}
	for range o.d.All() {
		if n--; n == 0 {
			return
		}
	}
}

func (o *decoderOwner) ordinary() { o.decode(3) }

// reset leaves the caller's chunk alone, which holds what it has until it is decoded into again. So it must not be looked at.
func (o *decoderOwner) reset() {
	o.c = chunk{}
	o.d.Reset(strings.NewReader(""))
}

func (o *decoderOwner) close() {
	o.d.Close()
	if o.own {
		for range o.d.All() {
		}
		return
	}
	_ = o.d.Decode(&o.c)
}

type tapOwner struct {
	shape   *heapShape
	tap     *chatstream.Tap
	results int
	held    int // within fn
}

func (o *tapOwner) large() {
	o.tap = chatstream.NewTap(func(*chunk, error) {
		if o.results++; o.results == o.shape.results {
			o.held = heap.Live()
		}
	}, o.shape.option())
	for _, event := range o.shape.events {
		o.write(event)
	}
}

// write writes a text as a proxy does, in pieces.
func (o *tapOwner) write(text string) {
	buf := make([]byte, 32*kiB)
	r := strings.NewReader(text)
	for {
		n, err := r.Read(buf)
		if err != nil {
			return
		}
		o.tap.Write(buf[:n])
	}
}

func (o *tapOwner) ordinary() { o.write(ordinaryStream) }
func (o *tapOwner) close()    { o.tap.Close() }

type unmarshalOwner struct {
	payloads [][]byte
	c        chunk
}

func (o *unmarshalOwner) large() {
	for _, payload := range o.payloads {
		_ = chatstream.Unmarshal(payload, &o.c)
	}
}

func (o *unmarshalOwner) ordinary() {
	payload := []byte(strings.TrimSpace(strings.TrimPrefix(ordinaryEvent, "data: ")))
	for range 3 {
		_ = chatstream.Unmarshal(payload, &o.c)
	}
}

// accumulatorLimit is the Limit of the Accumulators of the table.
const accumulatorLimit = 1 * miB

type accumulatorOwner struct {
	payloads [][]byte
	a        chatstream.Accumulator
	whole    *chatstream.Completion
}

func (o *accumulatorOwner) large() {
	o.a.Limit = accumulatorLimit
	o.add(o.payloads...)
}

func (o *accumulatorOwner) add(payloads ...[]byte) {
	for _, payload := range payloads {
		var c chunk
		_ = chatstream.Unmarshal(payload, &c)
		_ = o.a.Add(&c)
	}
	o.whole = o.a.Completion()
}

func (o *accumulatorOwner) ordinary() {
	payload := []byte(strings.TrimSpace(strings.TrimPrefix(ordinaryEvent, "data: ")))
	o.add(payload, payload, payload)
}

func (o *accumulatorOwner) reset() {
	o.whole = nil
	o.a.Reset()
}

type scannerOwner struct {
	shape *heapShape
	s     *chatstream.Scanner
}

func (o *scannerOwner) large() {
	o.s = chatstream.NewScanner(o.shape.reader(), o.shape.option())
	for range o.shape.events {
		o.s.Scan()
	}
}

func (o *scannerOwner) ordinary() {
	for range 3 {
		o.s.Scan()
	}
}
func (o *scannerOwner) reset() { o.s.Reset(strings.NewReader("")) }

func (o *scannerOwner) close() {
	o.s.Close()
	o.s.Scan()
}

var heapOwners = []struct {
	name string
	of   func(s *heapShape) heapOwner
}{
	{"Decoder", func(s *heapShape) heapOwner { return &decoderOwner{shape: s} }},
	{"Decoder, All", func(s *heapShape) heapOwner { return &decoderOwner{shape: s, own: true} }},
	{"Tap", func(s *heapShape) heapOwner { return &tapOwner{shape: s} }},
	{"Unmarshal", func(s *heapShape) heapOwner { return &unmarshalOwner{payloads: s.payloads()} }},
	{"Accumulator", func(s *heapShape) heapOwner { return &accumulatorOwner{payloads: s.payloads()} }},
	{"Scanner", func(s *heapShape) heapOwner { return &scannerOwner{shape: s} }},
}

// heapUse is what an owner holds, in bytes.
type heapUse struct {
	held     int // of the last event
	ordinary int // after three ordinary ones
	reset    int // after the events and Reset
	closed   int // after the events and Close
}

func (s *heapShape) use(of func(s *heapShape) heapOwner) (use heapUse) {
	use = heapUse{reset: notMeasured, closed: notMeasured}
	for range 3 { // what all streams share is learned before
		if s.size() < 100*kiB {
			o := of(s)
			o.large()
			o.ordinary()
		}
	}
	measure := func(dst *int, after func(o heapOwner)) {
		o := of(s)
		before := heap.Live()
		now := func() int { return heap.Live() - before }
		o.large()
		switch tap, isTap := o.(*tapOwner); {
		case dst != &use.ordinary: // once is enough
		case isTap:
			use.held = tap.held - before
		default:
			use.held = now()
		}
		after(o)
		*dst = now()
		runtime.KeepAlive(o)
	}
	measure(&use.ordinary, heapOwner.ordinary)
	if _, can := of(s).(interface{ reset() }); can {
		measure(&use.reset, func(o heapOwner) { o.(interface{ reset() }).reset() })
	}
	if _, can := of(s).(interface{ close() }); can {
		measure(&use.closed, func(o heapOwner) { o.(interface{ close() }).close() })
	}
	runtime.KeepAlive(s)
	return use
}

// notMeasured is the use of what there is not: a Tap has no Reset.
const notMeasured = -1

const (
	// heapBase is what an owner and its chunk may take for ordinary events: the buffers and lists that are kept for the
	// next ones.
	heapBase = 160 * kiB
	// heapTimes is how many times its bytes an event may take.
	heapTimes = 96
)

func (u *heapUse) check(t *testing.T, s *heapShape, owner string) {
	t.Helper()
	held, ordinary, reset := heapBase+heapTimes*s.size(), heapBase, heapBase
	switch owner {
	case "Accumulator": // an answer may take its Limit, and buffers have in reserve as much again
		held = heapBase + 2*accumulatorLimit
		ordinary = held
	case "Scanner": // whose last event ID the standard keeps
		held = heapBase + 4*s.size()
		if strings.HasPrefix(s.events[len(s.events)-1], "id:") {
			ordinary = heapBase + 2*s.size()
		}
	}
	for _, c := range []struct {
		what      string
		got, most int
	}{{"held", u.held, held}, {"after ordinary events", u.ordinary, ordinary}, {"after Reset", u.reset, reset}, {"after Close", u.closed, reset}} {
		if c.got > c.most {
			t.Errorf("%s, %s: %s %s, may be %s", s.name, owner, c.what, size(uint64(c.got)), size(uint64(c.most)))
		}
	}
}

func data(payload string) string { return "data: " + payload + "\n\n" }

// list is n times the element, in the brackets of a list.
func list(element string, n int) string {
	return "[" + strings.TrimSuffix(strings.Repeat(element+",", n), ",") + "]"
}

func manyMembers(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `"x%d":0,`, i)
	}
	return b.String()
}

func sameEvents(event string, n int) (events []string) {
	for range n {
		events = append(events, event)
	}
	return events
}

// heapShapes are the rows of the table.
func heapShapes() []heapShape {
	calls := `{"delta":{"tool_calls":` + list("{}", 160) + `}}`
	nest := `{"choices":[` + strings.Repeat(calls+",", 81) + `1]}`
	tokens := `{"token":"a","logprob":0,"bytes":[1],"top_logprobs":` + list("{}", 20) + `}`
	big := strings.Repeat("x", 15*miB)
	shapes := []heapShape{
		{name: "81 lists of 160 tool calls", limit: 64 * kiB, events: []string{data(nest)}},
		{name: "the same, taken", limit: 64 * kiB, events: []string{data(strings.Replace(nest, ",1]", "]", 1))}},
		{name: "the same in a content part", limit: 64 * kiB, events: []string{data(`{"choices":[{"delta":{"content":[` + nest + `]}}]}`)}},
		{name: "the same in a message", limit: 64 * kiB, events: []string{data(`{"choices":[{"message":{"content":[` + nest + `],"tool_calls":` + list("{}", 4000) + `}}]}`)}},
		{name: "id line of 15 MiB", limit: 16 * miB, events: []string{"id: " + big + "\n" + data("{}")}},
		{name: "text of 15 MiB", limit: 16 * miB, events: []string{data(`{"choices":[{"delta":{"content":"` + big + `"}}]}`)}},
		{name: "text of 15 MiB, escaped", limit: 16 * miB, events: []string{data(`{"choices":[{"delta":{"content":"\n` + big + `"}}]}`)}},
		{name: "text of 60,000 bytes, escaped", limit: 64 * kiB, events: []string{data(`{"choices":[{"delta":{"content":"\n` + strings.Repeat("x", 60_000) + `"}}]}`)}},
		{name: "1 MiB of texts, escaped, in 1,000 tool calls", limit: 16 * miB, events: []string{data(`{"choices":[{"delta":{"tool_calls":` + list(`{"id":"\n`+strings.Repeat("x", 1000)+`"}`, 1000) + `}}]}`)}},
		{name: "100,000 data lines", limit: 16 * miB, events: []string{"data: {\"a\":[0\n" + strings.Repeat("data: ,0\n", 100_000) + "data: ]}\n\n"}},
		{name: "data lines that are no JSON", limit: 16 * miB, events: []string{"data: {\n" + strings.Repeat("data: ,0\n", 100_000) + "\n"}},
		{name: "6 events of 15 choices of 330 tool calls", limit: 64 * kiB, events: sameEvents(data(`{"choices":`+list(`{"delta":{"tool_calls":`+list("{}", 330)+`}}`, 15)+`}`), 6)},
		{name: "6 events of 15 choices with 330 members", limit: 64 * kiB, events: sameEvents(data(`{"choices":`+list(`{"delta":{`+strings.Repeat(`"":{},`, 329)+`"":{}}}`, 15)+`}`), 6)},
		{name: "10,000 repeated members", limit: 64 * kiB, events: []string{data(`{` + strings.Repeat(`"id":0,`, 9_000) + `"id":0}`)}},
		{name: "6,000 usages", limit: 64 * kiB, events: []string{data(`{` + strings.Repeat(`"usage":{},`, 5_900) + `"usage":{}}`)}},
		{name: "3,000 audios and function calls", limit: 64 * kiB, events: []string{data(`{"choices":[{"delta":{` + strings.Repeat(`"audio":{},"function_call":{},`, 2_000) + `"audio":{}}}]}`)}},
		{name: "logprobs, 10 x 20 {}", limit: 64 * kiB, events: []string{data(`{"choices":` + list(`{"logprobs":{"content":`+list(tokens, 10)+`}}`, 40) + `}`)}},
		{name: "logprobs of 4,096 numbers", limit: 64 * kiB, events: []string{data(`{"choices":[{"logprobs":{"content":` + list(`{"bytes":`+list("1", 4000)+`}`, 7) + `}}]}`)}},
		{name: "repeated lists of tool calls", limit: 64 * kiB, events: []string{data(`{"choices":[{"delta":{` + strings.Repeat(`"tool_calls":`+list("{}", 90)+",", 200) + `"role":""}}]}`)}},
		{name: "repeated choices", limit: 64 * kiB, events: []string{data(`{` + strings.Repeat(`"choices":`+list("{}", 90)+",", 200) + `"id":""}`)}},
		{name: "5,000 members", limit: 64 * kiB, events: []string{data(`{` + manyMembers(5_000) + `"x":0}`)}},
		{name: "1,000,000 members", limit: 16 * miB, events: []string{data(`{` + strings.Repeat(`"":0,`, 1_000_000) + `"x":0}`)}},
		{name: "1,024 choices", limit: 64 * kiB, events: []string{data(`{"choices":` + list(`{"index":1,"delta":{"content":"a"}}`, 1024) + `}`)}},
		{name: "1,500 choices", limit: 64 * kiB, events: []string{data(`{"choices":` + list(`{"index":1,"delta":{}}`, 1500) + `}`)}},
		{name: "1,000 events, an index each", limit: 64 * kiB, events: numberedChoices(1000)},
		{name: "1 MiB of an error", limit: 16 * miB, events: []string{data(`{"error":{"message":"` + strings.Repeat("x", miB) + `"}}`)}},
		{name: "a page of 1 MiB", limit: 64 * kiB, events: []string{"<html>" + strings.Repeat("x", miB)}},
		{name: "keep-alives up to the limit", limit: 16 * miB, events: []string{strings.Repeat(": ping\n\n", 2*miB-1) + data("{}")}},
		{name: "an event over the limit", limit: 64 * kiB, events: []string{data(`{"id":"` + strings.Repeat("x", 100*kiB) + `"}`)}},
	}
	for i := range shapes {
		shapes[i].results = len(shapes[i].events)
	}
	return shapes
}

func numberedChoices(n int) (events []string) {
	for i := range n {
		events = append(events, data(fmt.Sprintf(`{"choices":[{"index":%d,"delta":{}}]}`, i)))
	}
	return events
}

// TestHeapTable measures the heap for each shape and owner, and logs the table of docs/robustness.md.
//
//	go test -v -run TestHeapTable .
func TestHeapTable(t *testing.T) {
	if instrumented {
		t.Skip("the build takes other memory")
	}
	var table strings.Builder
	for _, s := range heapShapes() {
		if testing.Short() && s.size() > miB {
			continue
		}
		fmt.Fprintf(&table, "| %s | %s |", s.name, size(uint64(s.size())))
		for _, owner := range heapOwners {
			u := s.use(owner.of)
			u.check(t, &s, owner.name)
			if owner.name != "Decoder, All" { // which is as Decoder
				fmt.Fprintf(&table, " %s |", u)
			}
		}
		table.WriteByte('\n')
	}
	t.Log("\n" + table.String())
}

// String writes the four figures in KiB.
func (u heapUse) String() string {
	var figures []string
	for _, n := range []int{u.held, u.ordinary, u.reset, u.closed} {
		if n == notMeasured {
			figures = append(figures, "–")
		} else {
			figures = append(figures, fmt.Sprint((max(n, 0)+kiB/2)/kiB))
		}
	}
	return strings.Join(figures, " / ")
}
