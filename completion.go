package chatstream

import (
	"slices"

	"github.com/seed-08fc7208/chatstream/internal/jsonwire"
)

// Completion is the whole answer that the chunks of a stream make: the
// chat.completion object that the API sends when it is not asked to stream.
//
// One that an Accumulator gave is read-only and the Accumulator's: it is valid until
// the next Add or Reset.
type Completion struct {
	// ID, Created, Model, Provider, ServiceTier and SystemFingerprint are the
	// first that a chunk gave which is not empty or 0.
	ID                Optional[Text]
	Created           Optional[float64]
	Model             Optional[Text]
	Provider          Optional[Text]
	ServiceTier       Optional[Text]
	SystemFingerprint Optional[Text]
	// Choices has the choices in the order of their index.
	Choices []CompletionChoice
	// Usage is the last that came: counts are cumulative, never to be summed.
	Usage Optional[Usage]
	// Error is the last error that came inside the stream, in whatever shape. An
	// answer that has one is not whole.
	Error Optional[RawValue]
	// Extra has the members that have no field, each with its last value that was
	// not null or, after others, empty.
	Extra Members
}

// CompletionChoice is one of the n answers that a request asked for.
type CompletionChoice struct {
	// Index is index: 0 where the chunks had none.
	Index int64
	// Message is message.
	Message Message
	// Logprobs is logprobs: the tokens of all chunks.
	Logprobs Optional[Logprobs]
	// FinishReason is the last finish_reason that was not empty, or null: then the
	// choice was cut short.
	FinishReason Optional[FinishReason]
	// Extra is as in Completion.
	Extra Members
}

// Message is what the deltas of a choice make together.
type Message struct {
	// Role is role: RoleAssistant where the chunks had none.
	Role Role
	// Content is the answer's text, that of content parts included. It is null where
	// there is none beside tool calls, a function call, a refusal or audio.
	Content Optional[Text]
	// ContentParts is a list of all that came as content, in order, where some of it
	// was no string: Mistral's thinking, for one. What came as a string is a text
	// part in it, the rest stands as it came. AppendJSON writes it in the place of
	// Content: set it to nil when you change Content.
	ContentParts RawValue
	// Refusal is refusal.
	Refusal Optional[Text]
	// Reasoning is reasoning. See ReasoningText for the other places.
	Reasoning Optional[Text]
	// ReasoningContent is the extension reasoning_content.
	ReasoningContent Optional[Text]
	// ReasoningSignature is reasoning_signature.
	ReasoningSignature Optional[Text]
	// RedactedReasoning is redacted_reasoning.
	RedactedReasoning Optional[Text]
	// ToolCalls is tool_calls, without Index: a call's place says it. It is empty
	// where there are none, and their arguments where none came.
	ToolCalls []ToolCall
	// FunctionCall is the extension function_call.
	FunctionCall Optional[FunctionCall]
	// Audio is audio. Data has the pieces one after the other, as they came.
	Audio Optional[Audio]
	// Extra has the members that have no field or came in another shape. Of lists it
	// has the elements of all chunks (reasoning_details, annotations); of a member
	// of another shape than its field's all values, as a list if they are several;
	// of others the last value, as in Completion.
	Extra Members

	thinking Text
}

// Completion returns the answer so far. It is valid, and read-only, until the next
// Add or Reset. Nothing is allocated but for more choices and tool calls than there
// were before.
func (a *Accumulator) Completion() *Completion {
	c := &a.completion
	*c = Completion{
		ID: a.id.value(), Created: a.created, Model: a.model.value(), Provider: a.provider.value(),
		ServiceTier: a.serviceTier.value(), SystemFingerprint: a.systemFingerprint.value(),
		Choices: c.Choices[:0], Extra: slices.Clip(a.extra),
	}
	if a.usage.IsSet() {
		c.Usage = a.usage
	}
	if a.failure.IsSet() {
		c.Error = Some(slices.Clip(a.failure.Value))
	}
	for i := range a.choices {
		a.show(extend(a, &c.Choices, answerSize), &a.choices[i])
	}
	return c
}

// show sets dst to the answer so far.
func (a *Accumulator) show(dst *CompletionChoice, c *answer) {
	calls := dst.Message.ToolCalls[:0]
	for i := range c.calls {
		*extend(a, &calls, callSize) = c.calls[i].value()
	}
	*dst = CompletionChoice{
		Index:        c.index,
		Message:      c.message(calls),
		FinishReason: Null[FinishReason](),
		Logprobs:     c.logprobs.value(),
		Extra:        slices.Clip(c.extra),
	}
	if c.finishReason != "" {
		dst.FinishReason = Some(c.finishReason)
	}
}

func (c *answer) message(calls []ToolCall) Message {
	m := Message{
		Role: c.role, Content: c.contentValue(), Refusal: c.refusal.value(),
		Reasoning: c.reasoning.value(), ReasoningContent: c.reasoningContent.value(),
		ReasoningSignature: c.reasoningSignature.value(), RedactedReasoning: c.redactedReasoning.value(),
		ToolCalls: calls, FunctionCall: c.function.value(), Audio: c.audio.value(),
		Extra: slices.Clip(c.messageExtra), thinking: slices.Clip(c.thinking),
	}
	if m.Role == "" {
		m.Role = RoleAssistant
	}
	if c.hasParts() {
		m.ContentParts = slices.Clip(c.parts)
	}
	return m
}

// contentValue returns the content as the API sends it: null rather than empty where
// the answer is something else.
func (c *answer) contentValue() Optional[Text] {
	other := len(c.calls) > 0 || c.function.state == set || c.audio.state == set || len(c.refusal.text) > 0
	if c.content.state != set || other && len(c.content.text) == 0 {
		return Null[Text]()
	}
	return c.content.value()
}

func (c *call) value() ToolCall {
	t := ToolCall{Function: c.function.value(), Extra: slices.Clip(c.extra)}
	if len(c.id) > 0 {
		t.ID = Some(slices.Clip(c.id))
	}
	switch {
	case c.kind != "":
		t.Type = Some(c.kind)
	case t.Function.IsSet(): // some servers never say it
		t.Type = Some(ToolCallTypeFunction)
	}
	return t
}

func (f *function) value() Optional[FunctionCall] {
	if f.state != set {
		return Optional[FunctionCall]{}
	}
	v := FunctionCall{Arguments: Some(slices.Clip(f.arguments)), Extra: slices.Clip(f.extra)}
	if len(f.name) > 0 {
		v.Name = Some(slices.Clip(f.name))
	}
	return Some(v)
}

func (s *audio) value() Optional[Audio] {
	if s.state != set {
		return Optional[Audio]{}
	}
	return Some(Audio{
		ID: s.id.value(), Transcript: s.transcript.value(), Data: s.data.value(),
		ExpiresAt: s.expiresAt, Extra: slices.Clip(s.extra),
	})
}

func (l *logprobs) value() Optional[Logprobs] {
	if l.state != set {
		return Optional[Logprobs]{state: l.state}
	}
	return Some(Logprobs{Content: tokensValue(l.content), Refusal: tokensValue(l.refusal), Extra: slices.Clip(l.extra)})
}

func tokensValue(o Optional[[]TokenLogprob]) Optional[[]TokenLogprob] {
	if o.state != set {
		return Optional[[]TokenLogprob]{state: o.state}
	}
	return Some(slices.Clip(o.Value))
}

// ReasoningText returns the model's thought process under whichever name it came:
// Reasoning, ReasoningContent or the thinking parts of the content, the first of
// these that is not empty. Servers that use several names repeat the same text. The
// result is borrowed like the Completion.
func (m *Message) ReasoningText() Text {
	switch {
	case len(m.Reasoning.Value) > 0:
		return m.Reasoning.Value
	case len(m.ReasoningContent.Value) > 0:
		return m.ReasoningContent.Value
	}
	return m.thinking
}

// objectChatCompletion is the object of a Completion.
const objectChatCompletion = "chat.completion"

// completionChoiceKind differs from a chunk's choice in that it has a message.
var completionChoiceKind = objectKind{names: []string{"index", "message", "logprobs", "finish_reason"}}

// AppendJSON appends the completion to dst as one JSON object, in the form in which
// the API sends it, and returns the extended buffer.
//
// A field that is written hides a member of its name in Extra. Line ends in values
// that stand as they came are left out, so that the result is one line.
func (c *Completion) AppendJSON(dst []byte) []byte {
	w := openObject(dst, &chunkKind)
	w.text(chunkID, c.ID)
	w.member(chunkObject)
	w.dst = append(w.dst, `"`+objectChatCompletion+`"`...)
	w.float(chunkCreated, c.Created)
	w.text(chunkModel, c.Model)
	w.text(chunkProvider, c.Provider)
	w.text(chunkServiceTier, c.ServiceTier)
	w.text(chunkSystemFingerprint, c.SystemFingerprint)
	w.member(chunkChoices)
	w.dst = appendList(w.dst, c.Choices, appendCompletionChoice)
	if w.value(chunkUsage, c.Usage.state) {
		w.dst = appendUsage(w.dst, &c.Usage.Value)
	}
	if w.value(chunkError, c.Error.state) {
		w.dst = jsonwire.AppendRaw(w.dst, c.Error.Value)
	}
	return w.close(c.Extra)
}

// MarshalJSON returns what AppendJSON appends.
func (c *Completion) MarshalJSON() ([]byte, error) { return c.AppendJSON(nil), nil }

func appendCompletionChoice(dst []byte, c *CompletionChoice) []byte {
	w := openObject(dst, &completionChoiceKind)
	w.int(choiceIndex, Some(c.Index))
	w.member(choiceDelta)
	w.dst = appendMessage(w.dst, &c.Message)
	if w.value(choiceLogprobs, c.Logprobs.state) {
		w.dst = appendLogprobs(w.dst, &c.Logprobs.Value)
	}
	writeEnum(&w, choiceFinishReason, c.FinishReason)
	return w.close(c.Extra)
}

func appendMessage(dst []byte, m *Message) []byte {
	w := openObject(dst, &deltaKind)
	writeEnum(&w, deltaRole, Some(m.Role))
	if m.ContentParts != nil {
		w.member(deltaContent)
		w.dst = jsonwire.AppendRaw(w.dst, m.ContentParts)
	} else {
		w.text(deltaContent, m.Content)
	}
	w.text(deltaRefusal, m.Refusal)
	w.text(deltaReasoning, m.Reasoning)
	w.text(deltaReasoningContent, m.ReasoningContent)
	w.text(deltaReasoningSignature, m.ReasoningSignature)
	w.text(deltaRedactedReasoning, m.RedactedReasoning)
	if len(m.ToolCalls) > 0 {
		w.member(deltaToolCalls)
		w.dst = appendList(w.dst, m.ToolCalls, appendToolCall)
	}
	if w.value(deltaFunctionCall, m.FunctionCall.state) {
		w.dst = appendFunctionCall(w.dst, &m.FunctionCall.Value)
	}
	if w.value(deltaAudio, m.Audio.state) {
		w.dst = appendAudio(w.dst, &m.Audio.Value)
	}
	return w.close(m.Extra)
}
