package chatstream

import (
	"strings"

	"github.com/seed-08fc7208/chatstream/internal/jsonwire"
)

// ObjectChatCompletion is the Object of a Completion.
const ObjectChatCompletion = Object("chat.completion")

// Completion is the whole answer that the chunks of a stream make: the object
// chat.completion of the API, which it sends when it is not asked to stream.
//
// One that an [Accumulator] gave is read-only and the Accumulator's: it is valid until
// the next Add or Reset. One that [UnmarshalCompletion] filled borrows its texts and
// raw values from the payload. [Completion.Clone] makes one that can be kept.
//
//schema:object completion
type Completion struct {
	// ID identifies the answer. An Accumulator takes the first id of a chunk that is
	// not empty, and likewise the first Created, Model, Provider, ServiceTier and
	// SystemFingerprint that is not empty or 0.
	ID Optional[Text] `json:"id,omitzero"`
	// Object is the type of the object. Empty is absent.
	Object Object `json:"object,omitzero"`
	// Created is when the answer was created: Unix time in seconds.
	Created Optional[float64] `json:"created,omitzero"`
	// Model is the model that generated the answer.
	Model Optional[Text] `json:"model,omitzero"`
	// Provider is an extension: who served a request that was routed.
	Provider Optional[Text] `json:"provider,omitzero"`
	// ServiceTier is the tier that served the request.
	ServiceTier Optional[Text] `json:"service_tier,omitzero"`
	// SystemFingerprint identifies the configuration that the model ran with.
	SystemFingerprint Optional[Text] `json:"system_fingerprint,omitzero"`
	// Choices has the choices. An Accumulator gives them in the order of their index.
	// Nil is absent.
	Choices []CompletionChoice `json:"choices,omitzero" schema:"max=maxChoices"`
	// Usage counts tokens. In a stream the counts are cumulative, never to be summed: a
	// count that comes again replaces the one before, and what a later usage does not
	// say (absent, null, an empty object) stays, in the details and Extra too.
	Usage Optional[Usage] `json:"usage,omitzero"`
	// Error is the last error that came inside the stream, of whatever JSON type. An
	// answer that has one is not whole.
	Error Optional[RawValue] `json:"error,omitzero"`
	// Extra has the members without a field. An Accumulator keeps the last value of each
	// that is not null and, after another, not empty.
	Extra Members `json:"-"`

	parser      *parser // the memory that the lists are carved from
	repeated    memberSet
	emptyObject bool // object came as ""
}

// CompletionChoice is one of the n answers that a request asked for.
type CompletionChoice struct {
	// Index tells the choices apart. It is 0 where the chunks had none.
	Index Optional[int64] `json:"index,omitzero"`
	// Message has the text, the tool calls and the rest of the answer.
	Message Message `json:"message"`
	// Logprobs has the log probabilities of the tokens of all chunks.
	Logprobs Optional[Logprobs] `json:"logprobs,omitzero"`
	// FinishReason is the last finish_reason that was not empty, or null where there
	// was none. See [CompletionChoice.Truncated].
	FinishReason Optional[FinishReason] `json:"finish_reason,omitzero"`
	// Extra is as in [Completion].
	Extra Members `json:"-"`

	repeated  memberSet
	noMessage bool // there was no object in the place of message
	cut       bool // an earlier finish reason was length
}

// Message is what the deltas of a choice make together.
type Message struct {
	// Role is RoleAssistant where the chunks had none.
	Role Optional[Role] `json:"role,omitzero"`
	// Content is the answer's text. An Accumulator adds the text of content parts, and
	// gives null where there is no text beside tool calls, a function call, a refusal or
	// audio.
	Content Optional[Text] `json:"content,omitzero" schema:"else=ContentParts"`
	// ContentParts is the content where it came as a list of parts or a part: Mistral's
	// thinking, for one. An Accumulator adds what came as a string as a text part. A
	// content that is neither text nor parts is in Extra.
	//
	// AppendJSON writes it in the place of Content: set it to nil when you change
	// Content.
	ContentParts RawValue `json:"-"`
	// Refusal is the text of a refusal.
	Refusal Optional[Text] `json:"refusal,omitzero"`
	// Reasoning is the model's thought process. See [Message.ReasoningText] for the other
	// places where it may be.
	Reasoning Optional[Text] `json:"reasoning,omitzero"`
	// ReasoningContent is the thought process under the name of other providers.
	ReasoningContent Optional[Text] `json:"reasoning_content,omitzero"`
	// ReasoningSignature proves that the reasoning is the model's.
	ReasoningSignature Optional[Text] `json:"reasoning_signature,omitzero"`
	// RedactedReasoning is reasoning that the provider encrypted.
	RedactedReasoning Optional[Text] `json:"redacted_reasoning,omitzero"`
	// ToolCalls has the tool calls in order. An Accumulator gives them without Index,
	// since their place says it, and with arguments that are empty where none came.
	ToolCalls Optional[[]ToolCall] `json:"tool_calls,omitzero"`
	// FunctionCall is the form that tool_calls replaced.
	FunctionCall Optional[FunctionCall] `json:"function_call,omitzero"`
	// Audio is the spoken answer. An Accumulator joins the pieces of its data.
	Audio Optional[Audio] `json:"audio,omitzero"`
	// Extra has the members that have no field or came in another shape.
	//
	// An Accumulator joins strings and lists (reasoning_text, reasoning_details,
	// annotations). Of other values, and of the strings channel, phase, status, type,
	// format, id, name, role and language, the last one counts. A string or list that
	// did not change stands once however often it came. A member of another shape than
	// its field's has all values, as a list if they are several.
	Extra Members `json:"-"`

	repeated memberSet
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
	return !isBlankText(f.Arguments.Value) && !jsonwire.IsValue(f.Arguments.Value)
}

// AppendJSON appends the completion to dst as one JSON object, in the form in which
// the API sends it, and returns the extended buffer.
//
// A field that is null or set hides a member of its name in Extra. Line ends in values
// that stand as they came are left out, so that the result is one line.
func (c *Completion) AppendJSON(dst []byte) []byte {
	return appendCompletion(dst, c)
}

// UnmarshalCompletion decodes an answer that was not streamed, one JSON object, into
// dst and overwrites every field of it. Like [Unmarshal] it keeps what has no field in
// Extra, reuses the memory behind dst's slices, and returns a [*SyntaxError] or an
// [*APIError]. The texts may refer to data: they are valid as long as data is not
// changed and dst is not decoded into again.
func UnmarshalCompletion(data []byte, dst *Completion) error {
	if at, f := parseCompletion(data, dst); f != jsonwire.NoFault {
		return newSyntaxError(data, at, f)
	}
	switch {
	case dst.Error.IsSet():
		return newAPIError(dst.Error.Value)
	case dst.Object == "error" && dst.Choices == nil:
		return newAPIError(data)
	}
	return nil
}

// Clone returns a deep copy of the completion that shares no memory with it. It is the
// caller's to keep.
func (c *Completion) Clone() *Completion {
	k := *c
	k.parser = nil
	cloneCompletion(&k)
	return &k
}
