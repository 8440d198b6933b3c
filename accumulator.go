package chatstream

import (
	"errors"

	"github.com/seed-08fc7208/chatstream/internal/jsonwire"
)

// ErrAccumulatorFull means that an answer was larger than the Limit of its
// Accumulator, or had more than 128 choices, 1,024 tool calls in one of them or 256
// members without a field in one object.
var ErrAccumulatorFull = errors.New("chatstream: accumulator is full")

// DefaultAccumulatorLimit is the Limit of an Accumulator that has none.
const DefaultAccumulatorLimit = 16 << 20

const (
	maxCalls = 1024 // tool calls of a choice
	maxKept  = 256  // members without a field of an object
	// maxRetained is how much memory, in bytes, an Accumulator keeps for the next
	// answer.
	maxRetained = 1 << 20
)

// Accumulator makes the whole answer from its chunks. The zero value is ready to use.
// It keeps nothing of the chunks' memory. After the first answers it allocates
// nothing for further ones that are not larger, up to 1 MiB.
//
// The pieces of a tool call are told apart by index and id, as servers really send
// them: where the index is missing, null or always the same, a new id is a new call,
// and a piece without either continues the call before it. An id that is empty, null
// or repeated begins none. Without ids, a name begins a new call when another of its
// list or complete arguments came before. The first index may be any. Arguments that
// came as JSON instead of a string become its text, and complete ones that are
// repeated whole count once.
//
// An Accumulator must not be used by several goroutines at once.
type Accumulator struct {
	// Limit is how large an answer may be: about as many bytes of memory, besides
	// what buffers have in reserve. 0 means DefaultAccumulatorLimit. Set it before
	// the first Add.
	Limit int

	size int  // counts towards Limit
	held int  // memory in use or kept for reuse
	full bool // something did not fit

	id, model, provider, serviceTier, systemFingerprint joined

	created Optional[float64]
	choices []answer // in the order of their index
	usage   Optional[Usage]
	failure Optional[RawValue]
	extra   []Member

	completion Completion               // what Completion returns
	part       CreateChatCompletionData // reads parts of a content
	scratch    []byte
}

// answer is a choice in the making.
type answer struct {
	index        int64
	role         Role
	finishReason FinishReason

	content, refusal, reasoning, reasoningContent joined
	reasoningSignature, redactedReasoning         joined

	parts    RawValue // a list, once a part has come
	ownPart  bool     // the last of parts is a text part that can go on
	thinking Text     // that of the parts

	calls    []call
	lastCall int // the one that got the last piece
	function function
	audio    audio
	logprobs logprobs

	extra        []Member
	messageExtra []Member
}

// audio is the sound of an answer in the making.
type audio struct {
	state                presence
	id, transcript, data joined
	expiresAt            Optional[int64]
	extra                []Member
}

// logprobs has the tokens of an answer so far.
type logprobs struct {
	state            presence
	content, refusal Optional[[]TokenLogprob]
	extra            []Member
}

// Reset makes the Accumulator begin another answer. It keeps up to 1 MiB of memory.
// What Completion returned is no longer valid.
func (a *Accumulator) Reset() {
	if a.held+cap(a.scratch) > maxRetained {
		*a = Accumulator{Limit: a.Limit}
		return
	}
	*a = Accumulator{
		Limit: a.Limit, held: a.held,
		id: a.id.emptied(), model: a.model.emptied(), provider: a.provider.emptied(),
		serviceTier: a.serviceTier.emptied(), systemFingerprint: a.systemFingerprint.emptied(),
		choices: a.choices[:0], usage: emptiedUsage(&a.usage.Value),
		failure: Optional[RawValue]{Value: a.failure.Value[:0]}, extra: a.extra[:0],
		completion: Completion{Choices: a.completion.Choices[:0]},
		part:       a.part, scratch: a.scratch[:0],
	}
}

func (c *answer) reset(index int64) {
	*c = answer{
		index:   index,
		content: c.content.emptied(), refusal: c.refusal.emptied(),
		reasoning: c.reasoning.emptied(), reasoningContent: c.reasoningContent.emptied(),
		reasoningSignature: c.reasoningSignature.emptied(), redactedReasoning: c.redactedReasoning.emptied(),
		parts: c.parts[:0], thinking: c.thinking[:0],
		calls: c.calls[:0], function: c.function.emptied(),
		audio: audio{
			id: c.audio.id.emptied(), transcript: c.audio.transcript.emptied(), data: c.audio.data.emptied(),
			extra: c.audio.extra[:0],
		},
		logprobs: logprobs{
			content: Optional[[]TokenLogprob]{Value: c.logprobs.content.Value[:0]},
			refusal: Optional[[]TokenLogprob]{Value: c.logprobs.refusal.Value[:0]},
			extra:   c.logprobs.extra[:0],
		},
		extra: c.extra[:0], messageExtra: c.messageExtra[:0],
	}
}

// Add adds the next chunk of the stream. It keeps nothing of the chunk's memory.
//
// It returns ErrAccumulatorFull when the answer is too large. What did not fit is
// left out, and so is all text from then on, so that each text is a beginning of the
// whole one. Finish reasons and usage are still taken.
func (a *Accumulator) Add(chunk *CreateChatCompletionData) error {
	a.joinFirst(&a.id, chunk.ID)
	a.joinFirst(&a.model, chunk.Model)
	a.joinFirst(&a.provider, chunk.Provider)
	a.joinFirst(&a.serviceTier, chunk.ServiceTier)
	a.joinFirst(&a.systemFingerprint, chunk.SystemFingerprint)
	if a.created.Value == 0 && chunk.Created.state >= a.created.state {
		a.created = chunk.Created
	}
	for i := range chunk.Choices {
		a.addChoice(&chunk.Choices[i])
	}
	if chunk.Usage.Value != nil {
		a.setUsage(chunk.Usage.Value)
	}
	if chunk.Error.IsSet() && replace(a, &a.failure.Value, chunk.Error.Value) {
		a.failure.state = set
	}
	a.keep(&a.extra, chunk.Extra, keepLast)
	if a.full {
		return ErrAccumulatorFull
	}
	return nil
}

func (a *Accumulator) addChoice(choice *Choice) {
	c := a.answer(choice.Index.Value)
	if c == nil {
		return
	}
	setEnum(a, &c.finishReason, choice.FinishReason.Value)
	a.addDelta(c, &choice.Delta)
	a.addLogprobs(&c.logprobs, &choice.Logprobs)
	for i := range choice.Extra {
		switch m := &choice.Extra[i]; string(m.Name) {
		case "message":
			a.addMessage(c, choice, m.Value)
		case "text": // the delta's content once more
		default:
			a.keepMember(&c.extra, m, keepLast)
		}
	}
}

// answer returns the one with this index, a new one if need be, or nil when there
// is no room for it.
func (a *Accumulator) answer(index int64) *answer {
	place := len(a.choices)
	for place > 0 && a.choices[place-1].index >= index {
		if place--; a.choices[place].index == index {
			return &a.choices[place]
		}
	}
	if len(a.choices) == maxTracked || !a.room(answerSize) {
		a.full = true
		return nil
	}
	extend(a, &a.choices, answerSize).reset(index)
	moveLast(a.choices, place)
	return &a.choices[place]
}

func (a *Accumulator) addDelta(c *answer, d *Delta) {
	setEnum(a, &c.role, d.Role.Value)
	a.join(&c.content, d.Content)
	if c.hasParts() && len(d.Content.Value) > 0 {
		a.addTextPart(c, d.Content.Value)
	}
	a.join(&c.refusal, d.Refusal)
	a.join(&c.reasoning, d.Reasoning)
	a.join(&c.reasoningContent, d.ReasoningContent)
	a.join(&c.reasoningSignature, d.ReasoningSignature)
	a.join(&c.redactedReasoning, d.RedactedReasoning)
	for i := range d.ToolCalls.Value {
		a.addCall(c, i, &d.ToolCalls.Value[i])
	}
	if d.FunctionCall.Value != nil {
		a.addFunction(&c.function, d.FunctionCall.Value)
	}
	if d.Audio.Value != nil {
		a.addAudio(&c.audio, d.Audio.Value)
	}
	for i := range d.Extra {
		switch m := &d.Extra[i]; {
		case string(m.Name) == deltaKind.names[deltaContent]:
			a.addParts(c, m.Value)
		case deltaKind.number(m.Name) != noMember: // of another shape
			a.keepMember(&c.messageExtra, m, keepAll)
		default:
			a.keepMember(&c.messageExtra, m, keepElements)
		}
	}
}

// addMessage adds a message that came where a delta should be. One that comes
// beside deltas repeats all that they said so far.
func (a *Accumulator) addMessage(c *answer, choice *Choice, message RawValue) {
	if !choice.Delta.isEmpty() || c.hasSpoken() || a.full {
		return
	}
	payload := append([]byte(`{"choices":[{"delta":`), message...)
	payload = append(payload, `}]}`...)
	var chunk CreateChatCompletionData
	if _, f := parse(payload, &chunk); f == jsonwire.NoFault && len(chunk.Choices) == 1 {
		a.addDelta(c, &chunk.Choices[0].Delta)
	}
}

// hasSpoken reports whether anything has come that a message could repeat.
func (c *answer) hasSpoken() bool {
	return len(c.content.text)+len(c.refusal.text)+len(c.reasoning.text)+len(c.reasoningContent.text)+
		len(c.audio.transcript.text)+len(c.calls) > 0 || c.hasParts() || c.function.state == set
}

func (c *answer) hasParts() bool { return len(c.parts) > 0 }

// addParts adds a content that is no string: a list of parts, or anything else.
func (a *Accumulator) addParts(c *answer, v RawValue) {
	if jsonwire.IsNull(v, 0) {
		return
	}
	if text := c.content.text; !c.hasParts() && len(text) > 0 {
		a.addTextPart(c, text)
	}
	c.ownPart = false
	a.joinElements(&c.parts, v)
	eachElement(v, func(part RawValue) {
		text, thinking := a.readPart(part)
		if a.addPartText(&c.content.text, text) {
			c.content.state = set
		}
		eachElement(thinking, func(part RawValue) {
			text, _ := a.readPart(part)
			a.addPartText(&c.thinking, text)
		})
	})
}

// addTextPart adds text that came as a string.
func (a *Accumulator) addTextPart(c *answer, text Text) {
	const begin, end = `{"type":"text","text":`, `}`
	a.scratch = append(a.scratch[:0], begin...)
	a.scratch = jsonwire.AppendString(a.scratch, text)
	if !c.ownPart {
		a.scratch = append(a.scratch, end...)
		a.joinElements(&c.parts, a.scratch)
		c.ownPart = !a.full
		return
	}
	more := a.scratch[len(begin+`"`):]
	if a.room(len(more)) {
		c.parts = c.parts[:len(c.parts)-len(`"`+end+`]`)]
		put(a, &c.parts, more)
		put(a, &c.parts, end+`]`)
	}
}

// readPart returns the values of a part's members text and thinking, or nothing.
func (a *Accumulator) readPart(part RawValue) (text, thinking RawValue) {
	if _, f := parse(part, &a.part); f != jsonwire.NoFault {
		return nil, nil
	}
	for _, m := range a.part.Extra {
		switch string(m.Name) {
		case "text":
			text = m.Value
		case "thinking":
			thinking = m.Value
		}
	}
	if len(part) > maxPooledCap {
		a.part = CreateChatCompletionData{}
	}
	return text, thinking
}

// addPartText adds the value of a JSON string, if it is one.
func (a *Accumulator) addPartText(dst *Text, v RawValue) bool {
	if len(v) == 0 || v[0] != '"' {
		return false
	}
	a.scratch, _, _ = jsonwire.AppendUnescaped(a.scratch[:0], v, 1)
	return add(a, dst, a.scratch)
}

func (a *Accumulator) addAudio(dst *audio, src *Audio) {
	dst.state = set
	a.joinFirst(&dst.id, src.ID)
	a.join(&dst.transcript, src.Transcript)
	a.join(&dst.data, src.Data)
	if src.ExpiresAt.IsSet() {
		dst.expiresAt = src.ExpiresAt
	}
	a.keep(&dst.extra, src.Extra, keepLast)
}

func (a *Accumulator) addLogprobs(dst *logprobs, src *Optional[*Logprobs]) {
	dst.state = max(dst.state, src.state)
	if src.Value != nil {
		a.addTokens(&dst.content, &src.Value.Content)
		a.addTokens(&dst.refusal, &src.Value.Refusal)
		a.keep(&dst.extra, src.Value.Extra, keepElements)
	}
}

func (a *Accumulator) addTokens(dst, src *Optional[[]TokenLogprob]) {
	dst.state = max(dst.state, src.state)
	if !src.IsSet() {
		return
	}
	for i := range src.Value {
		if !a.room(tokenSize(&src.Value[i])) {
			return
		}
		copyToken(a, extend(a, &dst.Value, tokenLogprobSize), &src.Value[i])
	}
}
