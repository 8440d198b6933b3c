package chatstream

import "slices"

// answer is the part of a choice that has come.
type answer struct {
	index        int64
	role         Role
	finishReason FinishReason
	cut          bool    // a finish reason was length
	speaker      speaker // whether deltas or messages have come

	content                               content
	refusal, reasoning, reasoningContent  joined
	reasoningSignature, redactedReasoning joined

	calls    toolCalls
	function function
	audio    audio
	logprobs logprobs

	extra        Members
	messageExtra messageMembers
}

// speaker tells whether an answer came in deltas or in messages.
type speaker int

const (
	noSpeaker speaker = iota
	inMessages
	inDeltas
)

func (c *answer) reset(index int64) {
	*c = answer{
		index:   index,
		content: c.content.emptied(), refusal: c.refusal.emptied(),
		reasoning: c.reasoning.emptied(), reasoningContent: c.reasoningContent.emptied(),
		reasoningSignature: c.reasoningSignature.emptied(), redactedReasoning: c.redactedReasoning.emptied(),
		calls: c.calls.emptied(), function: c.function.emptied(),
		audio: c.audio.emptied(), logprobs: c.logprobs.emptied(),
		extra: c.extra[:0], messageExtra: c.messageExtra.emptied(),
	}
}

// add adds a chunk's piece of the choice.
func (c *answer) add(l *ledger, choice *Choice) {
	c.cut = c.cut || choice.FinishReason.Value == FinishReasonLength
	replaceEnum(l, &c.finishReason, choice.FinishReason.Value)
	if c.speaker != inDeltas && speaks(&choice.Delta) {
		c.speaker = inDeltas
	}
	c.addDelta(l, &choice.Delta)
	eachRawMember(choice.appendOthers(nil), func(name, value RawValue) {
		keepMember(l, &c.extra, &Member{Text(name), value}, keepLast)
	})
	c.logprobs.add(l, &choice.Logprobs)
	for i := range choice.Extra {
		switch m := &choice.Extra[i]; {
		case string(m.Name) == "message" && isRawObject(m.Value):
			if !speaks(&choice.Delta) {
				c.addMessage(l, m.Value)
			}
		case string(m.Name) == "text": // repeats the delta's content
		default:
			keepMember(l, &c.extra, m, keepLast)
		}
	}
}

// speaks reports whether a delta has anything besides a role.
func speaks(d *Delta) bool {
	for i := range d.Extra {
		m := &d.Extra[i]
		isSaid := isThought(m.Name) || isList(m.Value) || deltaKind.number(m.Name) != noMember
		if isSaid && !isEmptyValue(m.Value) {
			return true
		}
	}
	return len(d.Content.Value)+len(d.Refusal.Value)+len(d.Reasoning.Value)+len(d.ReasoningContent.Value)+
		len(d.ReasoningSignature.Value)+len(d.RedactedReasoning.Value)+len(d.ToolCalls.Value) > 0 ||
		d.FunctionCall.IsSet() || d.Audio.IsSet()
}

func (c *answer) addDelta(l *ledger, d *Delta) {
	replaceEnum(l, &c.role, d.Role.Value)
	c.content.addPiece(l, &d.Content)
	c.refusal.add(l, &d.Refusal)
	c.reasoning.add(l, &d.Reasoning)
	c.reasoningContent.add(l, &d.ReasoningContent)
	c.reasoningSignature.add(l, &d.ReasoningSignature)
	c.redactedReasoning.add(l, &d.RedactedReasoning)
	for i := range d.ToolCalls.Value {
		c.calls.add(l, d.ToolCalls.Value, i)
	}
	if d.FunctionCall.Value != nil {
		c.addFunctionCall(l, d.FunctionCall.Value)
	}
	if d.Audio.Value != nil {
		c.audio.add(l, d.Audio.Value)
	}
	eachRawMember(d.appendOthers(nil), func(name, value RawValue) {
		c.messageExtra.add(l, &Member{Text(name), value})
	})
	for i := range d.Extra {
		c.addMember(l, &d.Extra[i])
	}
}

// addFunctionCall adds a piece of the function_call. A choice has at most one.
func (c *answer) addFunctionCall(l *ledger, piece *FunctionCall) {
	p := callPiece{name: nameOf(piece), arguments: argumentsOf(piece)}
	p.addFunction(l, &c.function, placeKnown(&p, &c.function), piece.Extra)
}

// addMember adds a member of a delta that has no field, or whose JSON type is not its field's.
func (c *answer) addMember(l *ledger, m *Member) {
	member := deltaKind.number(m.Name)
	field := c.textField(member)
	switch {
	case member == deltaContent:
		if !c.content.addValue(l, m.Value) {
			c.messageExtra.addOfField(l, m)
		}
	case field != nil && isScalar(m.Value):
		field.addText(l, m.Value)
	case member != noMember:
		c.messageExtra.addOfField(l, m)
	default:
		c.messageExtra.add(l, m)
	}
}

// textField returns the text of a member of the delta other than content, or nil.
func (c *answer) textField(member int) *joined {
	switch member {
	case deltaRefusal:
		return &c.refusal
	case deltaReasoning:
		return &c.reasoning
	case deltaReasoningContent:
		return &c.reasoningContent
	case deltaReasoningSignature:
		return &c.reasoningSignature
	case deltaRedactedReasoning:
		return &c.redactedReasoning
	}
	return nil
}

// value returns the choice for Completion. It may join arguments in spare.
func (c *answer) value(l *ledger, spare *Text) CompletionChoice {
	v := CompletionChoice{
		Index:        Some(c.index),
		Message:      c.message(l, spare),
		FinishReason: Null[FinishReason](),
		Logprobs:     c.logprobs.value(),
		Extra:        slices.Clip(c.extra),
		cut:          c.cut,
	}
	if c.finishReason != "" {
		v.FinishReason = Some(c.finishReason)
	}
	return v
}

func (c *answer) message(l *ledger, spare *Text) Message {
	m := Message{
		Role: Some(c.role), Refusal: c.refusal.value(),
		Reasoning: c.reasoning.value(), ReasoningContent: c.reasoningContent.value(),
		ReasoningSignature: c.reasoningSignature.value(), RedactedReasoning: c.redactedReasoning.value(),
		ToolCalls: c.calls.show(l, spare), Audio: c.audio.value(),
		ContentParts: c.content.partsValue(), Extra: slices.Clip(c.messageExtra.members),
	}
	if c.role == "" {
		m.Role = Some(RoleAssistant)
	}
	if !c.function.isNone() {
		c.function.arguments.show(l, spare)
		m.FunctionCall = c.function.value()
	}
	m.Content = c.contentValue(&m)
	return m
}

// contentValue returns the content as the API sends it: null, not empty, if the answer is
// something other than text.
func (c *answer) contentValue(m *Message) Optional[Text] {
	other := m.ToolCalls.IsSet() || m.FunctionCall.IsSet() || m.Audio.IsSet() || len(m.Refusal.Value) > 0
	if c.content.state != set || other && len(c.content.text) == 0 {
		return Null[Text]()
	}
	return c.content.value()
}
