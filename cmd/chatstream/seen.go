package main

import (
	"bytes"

	"github.com/seed-08fc7208/chatstream"
)

// seen is the state of the checks for the stream so far. Its memory is bounded; text that does
// not fit is not checked.
type seen struct {
	id      []byte
	usages  int
	choices map[int64]*seenChoice
	order   []*seenChoice // in order of arrival
	now     []said        // of the current chunk
	calls   seenCalls
	spent   int // bytes of texts and arguments
	full    bool
}

const (
	maxSeenChoices = 4096
	maxSeenBytes   = 64 << 20 // of texts and arguments, and of each Accumulator
)

// seenChoice is a choice so far.
type seenChoice struct {
	index      int64
	role       bool
	spoken     bool // it had a text or a call
	deltas     bool // in a delta
	finish     string
	toolFinish bool // a finish reason was tool_calls or function_call
	content    seenText
	reasoning  seenText
	pieces     seenPieces       // of the tool calls in deltas
	idAt       map[int64]string // the last id at each index
	indexOf    map[string]int64 // the last index of each id
	function   []byte           // the joined arguments of the legacy function_call in deltas
	functions  bool             // it had a name or arguments
	calls      []seenCall       // at the end, those of the answer and those with a fault
	// repeatedMessage says that what was said last was a message with all that came before.
	repeatedMessage bool
}

// said is the piece of a choice in one chunk.
type said struct {
	*chatstream.Choice
	seen      *seenChoice
	delta     *chatstream.Delta // or the message that came instead
	isMessage bool
	reason    string // the finish reason, "" if there is none
}

// look begins a chunk: it finds the piece of each choice in it.
func (s *seen) look(c *chunk) {
	s.now = s.now[:0]
	for i := range c.Choices {
		ch := s.choice(c.Choices[i].Index.Value)
		if ch == nil {
			continue
		}
		p := said{Choice: &c.Choices[i], seen: ch, reason: cut(string(c.Choices[i].FinishReason.Value), maxNote)}
		p.delta, p.isMessage = messageOf(p.Choice)
		s.now = append(s.now, p)
	}
}

// choice returns the choice of that index, or nil if there is no room for it.
func (s *seen) choice(index int64) *seenChoice {
	if ch := s.choices[index]; ch != nil {
		return ch
	}
	if len(s.order) == maxSeenChoices {
		s.full = true
		return nil
	}
	if s.choices == nil {
		s.choices = make(map[int64]*seenChoice)
	}
	ch := &seenChoice{index: index}
	s.choices[index] = ch
	s.order = append(s.order, ch)
	return ch
}

// add adds the current chunk.
func (s *seen) add(c *chunk) {
	if id := c.ID.Value; len(id) > 0 {
		s.id = append(s.id[:0], id...)
	}
	if c.Usage.IsSet() {
		s.usages++
	}
	s.addToAnswer(c)
	for i := range s.now {
		s.addPiece(&s.now[i])
	}
}

func (s *seen) addPiece(p *said) {
	ch, d := p.seen, p.delta
	if saysSomething(d) {
		ch.repeatedMessage = p.isMessage && ch.spoken && len(ch.content.joined) > 0 && bytes.Equal(d.Content.Value, ch.content.joined)
	}
	ch.role = ch.role || d.Role.Value != "" || p.Delta.Role.Value != ""
	ch.deltas = ch.deltas || !p.isMessage && saysSomething(d)
	if !p.isMessage {
		s.addCalls(ch, d)
	}
	if !p.isMessage || !ch.spoken { // a later message repeats all text
		s.addText(&ch.content, d.Content.Value)
		s.addText(&ch.reasoning, reasoningText(d))
		ch.functions = ch.functions || !callOf(d).isEmpty()
		ch.spoken = ch.spoken || saysSomething(d)
	}
	if reason := p.reason; reason != "" {
		ch.finish = reason
		ch.toolFinish = ch.toolFinish || reason == "tool_calls" || reason == "function_call"
	}
}

// reasoningText returns the reasoning if it came as a string.
func reasoningText(d *chatstream.Delta) []byte {
	if text := d.Reasoning.Value; len(text) > 0 {
		return text
	}
	return d.ReasoningContent.Value
}

// seenText describes a text that came in pieces.
type seenText struct {
	joined []byte
	last   int // length of the last piece
	pieces int // number of pieces that were not empty
	grown  int // of these, pieces that extend the previous piece
	same   int // and pieces that equal the previous piece
	first  int // length of the first piece
	// repeated means that the last piece equals all earlier text.
	repeated bool
}

// spend reserves n bytes, and reports whether there is room.
func (s *seen) spend(n int) bool {
	if s.spent+n > maxSeenBytes {
		s.full = true
		return false
	}
	s.spent += n
	return true
}

// addText adds a piece, unless there is no room.
func (s *seen) addText(t *seenText, p []byte) {
	if s.spend(len(p)) {
		t.add(p)
	}
}

// add adds a piece, unless it is empty.
func (t *seenText) add(p []byte) {
	if len(p) == 0 {
		return
	}
	before := t.joined[len(t.joined)-t.last:]
	if t.pieces == 0 {
		t.first = len(p)
	} else if bytes.HasPrefix(p, before) {
		if len(p) > len(before) {
			t.grown++
		} else {
			t.same++
		}
	}
	t.repeated = bytes.Equal(p, t.joined)
	t.joined = append(t.joined, p...)
	t.last = len(p)
	t.pieces++
}

// cumulative reports whether each piece has all earlier text.
func (t *seenText) cumulative() bool {
	if t.pieces < 2 || t.grown == 0 || t.grown+t.same != t.pieces-1 {
		return false
	}
	const chance = 4 // two short pieces may be equal by chance
	return t.pieces > 2 && t.grown > 1 || t.first >= chance
}

// repeatedWhole reports whether the last piece equals all earlier text, and is too long for
// chance.
func (t *seenText) repeatedWhole() bool {
	const chance = 16
	return t.repeated && (t.pieces > 2 || t.last >= chance)
}

// lastPiece returns the last piece.
func (t *seenText) lastPiece() []byte { return t.joined[len(t.joined)-t.last:] }
