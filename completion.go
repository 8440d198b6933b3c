package chatstream

// ObjectChatCompletion is the Object of a Completion.
const ObjectChatCompletion = Object("chat.completion")

// Completion is the whole answer that the chunks of a stream make: the object
// chat.completion, which the API sends for a request without "stream": true.
//
// A Completion from an [Accumulator] is read-only and valid until the next Add or Reset.
// A Completion that [UnmarshalCompletion] filled borrows its texts and raw values from the
// payload. [Completion.Clone] returns a copy that can be kept.
//
//schema:object completion
type Completion struct {
	// ID identifies the answer. An Accumulator takes the first id that is not empty. For
	// Created, Model, Provider, ServiceTier and SystemFingerprint it also takes the first
	// value that is not empty or 0.
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
	// Choices has the choices. An Accumulator sorts them by index. Nil means absent.
	Choices []CompletionChoice `json:"choices,omitzero" schema:"max=maxChoices"`
	// Usage counts tokens. In a stream the counts are cumulative: do not add them up. An
	// Accumulator replaces a count by a later one. A member that a later usage lacks, or has
	// as null or as an empty object, keeps its earlier value, also in the details and Extra.
	Usage Optional[Usage] `json:"usage,omitzero"`
	// Error is the last error in the stream, which may have any JSON type. An answer with an
	// error is not complete.
	Error Optional[RawValue] `json:"error,omitzero"`
	// Extra has the members without a field. For each of them an Accumulator keeps the last
	// value that is not null. An empty value does not replace another value.
	Extra Members `json:"-"`

	parser      *parser // the memory that the lists are carved from
	repeated    memberSet
	emptyObject bool // object came as ""
}

// CompletionChoice is one of the n answers that a request asked for.
type CompletionChoice struct {
	// Index tells the choices apart. It is 0 if the chunks had no index.
	Index Optional[int64] `json:"index,omitzero"`
	// Message has the text, the tool calls and the rest of the answer.
	Message Message `json:"message"`
	// Logprobs has the log probabilities of the tokens of all chunks.
	Logprobs Optional[Logprobs] `json:"logprobs,omitzero"`
	// FinishReason is the last finish_reason that was not empty, or null if there was
	// none. See [CompletionChoice.Truncated].
	FinishReason Optional[FinishReason] `json:"finish_reason,omitzero"`
	// Extra is as in [Completion].
	Extra Members `json:"-"`

	repeated  memberSet
	noMessage bool // message was not an object
	cut       bool // an earlier finish reason was length
}

// Message is the sum of the deltas of a choice.
type Message struct {
	// Role is RoleAssistant if the chunks had no role.
	Role Optional[Role] `json:"role,omitzero"`
	// Content is the answer's text. An Accumulator adds the text of content parts. It sets
	// Content to null if there is no text but a tool call, a function call, a refusal or
	// audio.
	Content Optional[Text] `json:"content,omitzero" schema:"else=ContentParts"`
	// ContentParts is the content if it came as a part or a list of parts, as the thinking of
	// Mistral does. An Accumulator adds content that came as a string as a text part. Content
	// that is neither text nor parts is in Extra.
	//
	// AppendJSON writes ContentParts instead of Content: set it to nil when you change
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
	// ToolCalls has the tool calls in order. An Accumulator leaves out their Index, which is
	// their place in the list. Their arguments are empty if none came.
	ToolCalls Optional[[]ToolCall] `json:"tool_calls,omitzero"`
	// FunctionCall is the older form of a tool call.
	FunctionCall Optional[FunctionCall] `json:"function_call,omitzero"`
	// Audio is the spoken answer. An Accumulator joins the pieces of its data.
	Audio Optional[Audio] `json:"audio,omitzero"`
	// Extra has the members without a field and those of an unexpected JSON type.
	//
	// An Accumulator joins strings and lists (reasoning_text, reasoning_details,
	// annotations). For other values, and for the strings channel, phase, status, type,
	// format, id, name, role and language, it keeps the last one. A string or list that was
	// repeated without a change is kept once. A member whose JSON type is not its field's has
	// all values, as a list if there are several.
	Extra Members `json:"-"`

	repeated memberSet
}
