package chatstream

import "strings"

// ObjectChatCompletion is the Object of a Completion.
const ObjectChatCompletion Object = "chat.completion"

// Completion is the whole answer that the chunks of a stream make: the
// chat.completion object that the API sends when it is not asked to stream.
//
// One that an Accumulator gave is read-only and the Accumulator's: it is valid until
// the next Add or Reset. Clone keeps it.
type Completion struct {
	// ID identifies the answer: the first id of a chunk that is not empty. So do
	// Created, Model, Provider, ServiceTier and SystemFingerprint have the first value
	// that is not empty or 0.
	ID Optional[Text]
	// Object is ObjectChatCompletion in the answer of an Accumulator. Empty is absent.
	Object            Object
	Created           Optional[float64]
	Model             Optional[Text]
	Provider          Optional[Text]
	ServiceTier       Optional[Text]
	SystemFingerprint Optional[Text]
	// Choices has the choices in the order of their index. Nil is absent.
	Choices []CompletionChoice
	// Usage has the counts of all usages that came. Counts are cumulative, never to be
	// summed: one that comes again replaces the one before. What a later usage does not
	// say (absent, null, an empty object) stays, in the details and Extra too.
	Usage Optional[Usage]
	// Error is the last error that came inside the stream, in whatever shape. An
	// answer that has one is not whole.
	Error Optional[RawValue]
	// Extra has the members that have no field, each with its last value that was
	// not null or, after others, empty.
	Extra []Member
}

// CompletionChoice is one of the n answers that a request asked for.
type CompletionChoice struct {
	// Index tells the choices apart. It is 0 where the chunks had none.
	Index Optional[int64]
	// Message has the text, the tool calls and the rest of the answer.
	Message Message
	// Logprobs has the log probabilities of the tokens of all chunks.
	Logprobs Optional[Logprobs]
	// FinishReason is the last finish_reason that was not empty, or null where there
	// was none. See Truncated.
	FinishReason Optional[FinishReason]
	// Extra is as in Completion.
	Extra []Member

	cut bool // an earlier finish reason was length
}

// Message is what the deltas of a choice make together.
type Message struct {
	// Role is RoleAssistant where the chunks had none.
	Role Optional[Role]
	// Content is the answer's text, that of content parts included. It is null where
	// there is none beside tool calls, a function call, a refusal or audio.
	Content Optional[Text]
	// ContentParts is a list of all that came as content, in order, where some of it
	// was a content part: Mistral's thinking, for one. What came as a string is a text
	// part in it, the parts stand as they came. AppendJSON writes it in the place of
	// Content: set it to nil when you change Content. A content that is neither text
	// nor a part is in Extra, and AppendJSON leaves it out.
	ContentParts RawValue
	// Refusal is the text of a refusal.
	Refusal Optional[Text]
	// Reasoning is the model's thought process. See ReasoningText for the other places.
	Reasoning Optional[Text]
	// ReasoningContent is the thought process under the name of other providers.
	ReasoningContent Optional[Text]
	// ReasoningSignature proves that the reasoning is the model's.
	ReasoningSignature Optional[Text]
	// RedactedReasoning is reasoning that the provider encrypted.
	RedactedReasoning Optional[Text]
	// ToolCalls has the tool calls in order, without Index: a call's place says it. It
	// is absent where there are none. Arguments are empty where none came.
	ToolCalls Optional[[]ToolCall]
	// FunctionCall is the extension function_call: the form that tool_calls replaced.
	FunctionCall Optional[FunctionCall]
	// Audio is the spoken answer. Data has the pieces one after the other, as they came.
	Audio Optional[Audio]
	// Extra has the members that have no field or came in another shape.
	//
	// Strings and lists are joined (reasoning_text, reasoning_details, annotations), and
	// of other values the last one counts, as in Completion. Of the strings channel,
	// phase, status, type, format, id, name, role and language the last one counts too.
	// A string or list that did not change stands once however often it came. A member
	// of another shape than its field's has all values, as a list if they are several.
	Extra []Member
}

// Truncated reports whether the answer was cut, also where its finish reason says
// otherwise. It looks at
//
//   - the finish reason: there is none, or it is or was length (some servers send stop
//     after it);
//   - native_finish_reason in Extra, which is what the model's own API said: length,
//     model_length, max_tokens, max_output_tokens or
//     model_context_window_exceeded, in any case;
//   - the arguments of the tool calls and the function call: some are not empty and
//     no JSON value, which is what servers leave that end with tool_calls at a token
//     limit.
//
// It does not see that a text ends too soon, nor what a content filter left out.
func (c *CompletionChoice) Truncated() bool {
	if c.cut || c.FinishReason.Value == "" || c.FinishReason.Value == FinishReasonLength {
		return true
	}
	if i := findMember(c.Extra, Text("native_finish_reason")); i >= 0 && saysLength(c.Extra[i].Value) {
		return true
	}
	for i := range c.Message.ToolCalls.Value {
		if hasCutArguments(&c.Message.ToolCalls.Value[i].Function.Value) {
			return true
		}
	}
	return hasCutArguments(&c.Message.FunctionCall.Value)
}

// saysLength reports whether a native finish reason means that there was a token limit.
func saysLength(v RawValue) bool {
	for _, reason := range [...]string{"length", "model_length", "max_tokens", "max_output_tokens", "model_context_window_exceeded"} {
		if strings.EqualFold(string(inner(v)), reason) {
			return true
		}
	}
	return false
}

func hasCutArguments(f *FunctionCall) bool {
	return !isBlankText(f.Arguments.Value) && !isValue(f.Arguments.Value)
}

// completionChoiceKind differs from a chunk's choice in that it has a message.
var completionChoiceKind = objectKind{names: []string{"index", "message", "logprobs", "finish_reason"}}

// AppendJSON appends the completion to dst as one JSON object, in the form in which
// the API sends it, and returns the extended buffer.
//
// A field that is null or set hides a member of its name in Extra. Line ends in values
// that stand as they came are left out, so that the result is one line.
func (c *Completion) AppendJSON(dst []byte) []byte {
	w := openObject(dst, &chunkKind)
	w.text(chunkID, c.ID)
	if c.Object != "" {
		w.member(chunkObject)
		w.dst = appendString(w.dst, c.Object)
	}
	w.float(chunkCreated, c.Created)
	w.text(chunkModel, c.Model)
	w.text(chunkProvider, c.Provider)
	w.text(chunkServiceTier, c.ServiceTier)
	w.text(chunkSystemFingerprint, c.SystemFingerprint)
	if c.Choices != nil {
		w.member(chunkChoices)
		w.dst = appendList(w.dst, c.Choices, appendCompletionChoice)
	}
	if w.value(chunkUsage, c.Usage.state) {
		w.dst = appendUsage(w.dst, &c.Usage.Value)
	}
	if w.value(chunkError, c.Error.state) {
		w.dst = appendRaw(w.dst, c.Error.Value)
	}
	return w.close(c.Extra)
}

// MarshalJSON returns what AppendJSON appends.
func (c Completion) MarshalJSON() ([]byte, error) { return c.AppendJSON(nil), nil }

// MarshalJSON returns the choice as it stands in a Completion.
func (c CompletionChoice) MarshalJSON() ([]byte, error) { return appendCompletionChoice(nil, &c), nil }

// MarshalJSON returns the message as it stands in a Completion.
func (m Message) MarshalJSON() ([]byte, error) { return appendMessage(nil, &m), nil }

func appendCompletionChoice(dst []byte, c *CompletionChoice) []byte {
	w := openObject(dst, &completionChoiceKind)
	w.int(choiceIndex, c.Index)
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
	writeEnum(&w, deltaRole, m.Role)
	if m.ContentParts != nil {
		w.member(deltaContent)
		w.dst = appendRaw(w.dst, m.ContentParts)
	} else {
		w.text(deltaContent, m.Content)
	}
	w.text(deltaRefusal, m.Refusal)
	w.text(deltaReasoning, m.Reasoning)
	w.text(deltaReasoningContent, m.ReasoningContent)
	w.text(deltaReasoningSignature, m.ReasoningSignature)
	w.text(deltaRedactedReasoning, m.RedactedReasoning)
	if w.value(deltaToolCalls, m.ToolCalls.state) {
		w.dst = appendList(w.dst, m.ToolCalls.Value, appendToolCall)
	}
	if w.value(deltaFunctionCall, m.FunctionCall.state) {
		w.dst = appendFunction(w.dst, &m.FunctionCall.Value)
	}
	if w.value(deltaAudio, m.Audio.state) {
		w.dst = appendAudio(w.dst, &m.Audio.Value)
	}
	return w.close(m.Extra)
}
