// Package subject holds the decoders that are compared: each as its users write
// it, into the struct that is idiomatic for it.
package subject

import (
	"io"
	"strings"
)

// Subject is one way to decode a stream of chunks.
type Subject struct {
	Name   string
	Module string // whose version the table names; empty for the standard library
	// Not says what it does not do that a test of its behaviour would not show.
	Not string
	// Blind lists what its struct has no field for.
	Blind []Kind
	// Missing is the reason why it cannot run on this machine, or empty.
	Missing string

	NewStream  func() Stream  // nil: it cannot decode from a reader
	NewPayload func() Payload // nil: its parser cannot be called alone
	// NewPushed and NewPulled are for many streams at a time: each event is pushed into the
	// subject, or the subject reads it. nil: it does not take part.
	NewPushed, NewPulled func(streams int) Fleet
}

// Slug is the name in a form that is easy to write in a pattern of benchmarks.
func (s *Subject) Slug() string {
	return strings.NewReplacer(" + ", "+", ", ", "-", "/", "-", " ", "-").Replace(s.Name)
}

// Stream decodes whole event streams. One is used again and again, so that what a
// program would keep between two streams is kept here too.
type Stream interface {
	// Decode reads r to the end. Where a is not nil, it is shown every chunk:
	// what is checked and what is timed is the same code.
	Decode(r io.Reader, a *Answer) (Tally, error)
}

// Payload decodes payloads, one at a time.
type Payload interface {
	// Unmarshal decodes each of the payloads and goes on after an error.
	Unmarshal(payloads [][]byte, a *Answer) Tally
}

// Tally counts what became of the chunks of a stream.
type Tally struct {
	Chunks  int // decoded
	Refused int // the decoder gave an error instead
	Errors  int // of the decoded, those that came with an error from upstream
	Cut     int // streams that it says are cut short
}

// Seen is the number of chunks that a decoder got through.
func (t Tally) Seen() int { return t.Chunks + t.Refused }

// Add counts t2 too.
func (t *Tally) Add(t2 Tally) {
	t.Chunks += t2.Chunks
	t.Refused += t2.Refused
	t.Errors += t2.Errors
	t.Cut += t2.Cut
}

// All lists the subjects: ours first, then the others about as fast as they are.
func All() []*Subject {
	return []*Subject{
		ours(),
		lines("bufio + encoding/json", "", stdUnmarshal),
		lines("bufio + json/v2", "github.com/go-json-experiment/json", v2Unmarshal),
		lines("bufio + sonic", "github.com/bytedance/sonic", sonicUnmarshal),
		lines("bufio + sonic fastest", "github.com/bytedance/sonic", sonicFastestUnmarshal),
		goSSE(),
		lines("bufio + goccy", "github.com/goccy/go-json", goccyUnmarshal),
		lines("bufio + segmentio", "github.com/segmentio/encoding", segmentioUnmarshal),
		fastjsonStruct(),
		fastjsonDOM(),
		simdjson(),
		simdjsonTape(),
		openaiGo(),
		goOpenAI(),
	}
}

// The subjects that others are measured against.
const (
	Ours    = "chatstream"
	Std     = "bufio + encoding/json"
	Fastest = "bufio + sonic fastest"
	SDK     = "openai-go v3"
)

// Find is the subject of this name, or nil.
func Find(name string) *Subject {
	for _, s := range All() {
		if s.Name == name {
			return s
		}
	}
	return nil
}
