package chatstream

import (
	"bytes"
	"slices"

	"github.com/seed-08fc7208/chatstream/internal/jsonwire"
)

// addMessage adds a message that came instead of a delta. It has the whole answer, or the
// answer so far. Content that deltas or earlier messages had already counts once.
func (c *answer) addMessage(l *ledger, message RawValue) {
	if l.full || !c.leavesUnsaid(message) {
		return
	}
	payload := append([]byte(`{"choices":[{"delta":`), message...)
	payload = append(payload, `}]}`...)
	var chunk CreateChatCompletionData
	if _, f := parse(payload, &chunk); f != jsonwire.NoFault || len(chunk.Choices) != 1 {
		return
	}
	d := &chunk.Choices[0].Delta
	switch c.speaker {
	case inDeltas:
		c.dropSaid(d)
	case inMessages:
		c.dropRepeated(l, d)
	}
	c.addDelta(l, d)
	c.speaker = max(c.speaker, inMessages)
}

// leavesUnsaid reports whether the message has a member that no delta had.
func (c *answer) leavesUnsaid(message RawValue) bool {
	if c.speaker != inDeltas {
		return true
	}
	unsaid := false
	eachRawMember(message, func(name, value RawValue) {
		unsaid = unsaid || !isEmptyValue(value) && !c.hasSaid(Text(name))
	})
	return unsaid
}

// hasSaid reports whether a value of a member of the message has come.
func (c *answer) hasSaid(name Text) bool {
	member := deltaKind.number(name)
	if field := c.textField(member); field != nil && len(field.text) > 0 {
		return true
	}
	switch {
	case member == deltaRole,
		member == deltaContent && !c.content.isEmpty(),
		member == deltaToolCalls && slices.ContainsFunc(c.calls.list, func(k call) bool { return !k.isNone() }),
		member == deltaFunctionCall && !c.function.isNone(),
		member == deltaAudio && c.audio.state == set:
		return true
	}
	return findMember(c.messageExtra.members, name) >= 0
}

// dropSaid removes the members that deltas had from a message.
func (c *answer) dropSaid(d *Delta) {
	for _, field := range []struct {
		member int
		text   *Optional[Text]
	}{
		{deltaContent, &d.Content}, {deltaRefusal, &d.Refusal},
		{deltaReasoning, &d.Reasoning}, {deltaReasoningContent, &d.ReasoningContent},
		{deltaReasoningSignature, &d.ReasoningSignature}, {deltaRedactedReasoning, &d.RedactedReasoning},
	} {
		if c.hasSaid(Text(deltaKind.names[field.member])) {
			*field.text = Optional[Text]{}
		}
	}
	if c.hasSaid(Text(deltaKind.names[deltaToolCalls])) {
		d.ToolCalls = Optional[[]ToolCall]{}
	}
	if c.hasSaid(Text(deltaKind.names[deltaFunctionCall])) {
		d.FunctionCall = Optional[*FunctionCall]{}
	}
	if c.hasSaid(Text(deltaKind.names[deltaAudio])) {
		d.Audio = Optional[*Audio]{}
	}
	d.Extra = slices.DeleteFunc(d.Extra, func(m Member) bool { return c.hasSaid(m.Name) })
}

// dropRepeated removes the text of earlier messages from a message, which mostly repeats it.
func (c *answer) dropRepeated(l *ledger, d *Delta) {
	dropBeginning(&d.Content, c.content.text)
	dropBeginning(&d.Refusal, c.refusal.text)
	dropBeginning(&d.Reasoning, c.reasoning.text)
	dropBeginning(&d.ReasoningContent, c.reasoningContent.text)
	dropBeginning(&d.ReasoningSignature, c.reasoningSignature.text)
	dropBeginning(&d.RedactedReasoning, c.redactedReasoning.text)
	d.ToolCalls.Value = slices.DeleteFunc(d.ToolCalls.Value, func(t ToolCall) bool { return c.calls.has(&t) })
	if c.audio.state == set {
		d.Audio = Optional[*Audio]{}
	}
	d.Extra = slices.DeleteFunc(d.Extra, func(m Member) bool {
		if !c.hasSaid(m.Name) {
			return false
		}
		if deltaKind.number(m.Name) == noMember {
			c.messageExtra.addLast(l, &m)
		}
		return true
	})
}

// dropBeginning removes soFar from the beginning of a text, if the text begins with it.
func dropBeginning(text *Optional[Text], soFar Text) {
	text.Value = bytes.TrimPrefix(text.Value, soFar)
}
