package main

import (
	"bytes"
	"slices"

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
	spent   int           // bytes of texts, arguments and calls
	full    bool
}

const (
	maxSeenChoices = 4096
	maxSeenCalls   = 1024     // of a choice
	maxSeenBytes   = 64 << 20 // of texts, arguments and calls
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
	calls      []*seenCall
	lastCall   *seenCall
	function   *seenCall        // the legacy function_call
	indexed    map[int64]string // the last id of each index
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
	s.addCalls(ch, p)
	if !p.isMessage || !ch.spoken { // a later message repeats all text
		s.addText(&ch.content, d.Content.Value)
		s.addText(&ch.reasoning, reasoningText(d))
		if f := callOf(d); !f.isEmpty() {
			if ch.function == nil {
				ch.function = new(seenCall)
			}
			s.addFunction(ch.function, f)
		}
		ch.spoken = ch.spoken || saysSomething(d)
	}
	if reason := p.reason; reason != "" {
		ch.finish = reason
		ch.toolFinish = ch.toolFinish || reason == "tool_calls" || reason == "function_call"
	}
}

// addCalls adds the tool calls of a delta, or of a message that came in its place.
func (s *seen) addCalls(ch *seenChoice, p *said) {
	list := p.delta.ToolCalls.Value
	if p.isMessage && (ch.deltas || len(list) == 0) {
		return
	}
	if p.isMessage { // it has the calls so far, not pieces of them
		ch.calls, ch.lastCall = nil, nil
	}
	for i := range list {
		s.addCall(ch, &list[i])
	}
}

// reasoningText returns the reasoning if it came as a string.
func reasoningText(d *chatstream.Delta) []byte {
	if text := d.Reasoning.Value; len(text) > 0 {
		return text
	}
	return d.ReasoningContent.Value
}

// hasCalls reports whether the choice calls anything.
func (ch *seenChoice) hasCalls() bool {
	return ch.function != nil || ch.lastWith(func(c *seenCall) bool { return !c.isNone() }) != nil
}

// allCalls returns the calls, the legacy one last.
func (ch *seenChoice) allCalls() []*seenCall {
	if ch.function == nil {
		return ch.calls
	}
	return append(slices.Clone(ch.calls), ch.function)
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

// addText adds a piece, unless it is empty or there is no room.
func (s *seen) addText(t *seenText, p []byte) {
	if len(p) == 0 {
		return
	}
	if !s.spend(len(p)) {
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
