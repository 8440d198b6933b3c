package chatstream

// CreateChatCompletionData is one chunk of a streamed chat completion: the
// schema's CreateChatCompletionData, with absent, null and set told apart for
// every optional member.
//
// Decode and Unmarshal overwrite every field and reuse the memory behind the
// slices. Its texts are borrowed (see Text); Clone keeps a chunk. A shallow copy
// shares the slices, and decoding into either overwrites both.
type CreateChatCompletionData struct {
	// ID is the schema's id: the same for all chunks of one completion.
	ID Optional[Text] `json:"id,omitzero"`
	// Choices is the schema's choices (required). Nil is absent; non-nil and
	// empty is [], as in the usage chunk at the end of a stream.
	Choices []Choice `json:"choices,omitzero"`
	// Created is the schema's created: Unix time in seconds.
	Created Optional[float64] `json:"created,omitzero"`
	// Model is the schema's model: what generated the completion.
	Model Optional[Text] `json:"model,omitzero"`
	// SystemFingerprint is the schema's system_fingerprint: the configuration
	// that the model ran with.
	SystemFingerprint Optional[Text] `json:"system_fingerprint,omitzero"`
	// Usage is the schema's usage. Most providers send null but for the last chunk.
	Usage Optional[Usage] `json:"usage,omitzero"`
	// Object is the schema's object (required). Empty is absent, unless the
	// payload had an empty string there, which AppendJSON remembers.
	Object Object `json:"object,omitzero"`

	// ServiceTier is the extension service_tier: the tier that served the request.
	ServiceTier Optional[Text] `json:"service_tier,omitzero"`
	// Obfuscation is the extension obfuscation: random padding that hides the
	// length of the text from an observer of encrypted traffic.
	Obfuscation Optional[Text] `json:"obfuscation,omitzero"`
	// Provider is the extension provider: who served a routed request.
	Provider Optional[Text] `json:"provider,omitzero"`
	// Error is the extension error, in whatever shape it came. Where it is not
	// null, Decode and Unmarshal also return it as an *APIError.
	Error Optional[RawValue] `json:"error,omitzero"`

	// Extra has, in wire order, the members that have no field of their own and
	// those whose JSON type is not their field's. encoding/json does not see it;
	// AppendJSON does.
	Extra Members `json:"-"`

	// parser has the memory that the lists of this chunk are carved from.
	parser      *parser
	repeated    memberSet
	emptyObject bool // object came as ""
}

// Chunk is a short name for CreateChatCompletionData.
type Chunk = CreateChatCompletionData

// Object is the type of a chunk: CreateChatCompletionProxyObject.
type Object string

// ObjectChatCompletionChunk is the only Object of the schema.
const ObjectChatCompletionChunk Object = "chat.completion.chunk"

// FinishReason is why the model stopped.
type FinishReason string

// The finish reasons of the schema. Providers send others, which are kept.
const (
	FinishReasonStop          FinishReason = "stop"
	FinishReasonLength        FinishReason = "length"
	FinishReasonToolCalls     FinishReason = "tool_calls"
	FinishReasonContentFilter FinishReason = "content_filter"
	FinishReasonFunctionCall  FinishReason = "function_call"
)

// Role is the author of a message.
type Role string

// RoleAssistant is the only Role of the schema.
const RoleAssistant Role = "assistant"

// ToolCallType is the kind of a tool call.
type ToolCallType string

// ToolCallTypeFunction is the only ToolCallType of the schema.
const ToolCallTypeFunction ToolCallType = "function"

// Choice is one of the n answers that a request asked for:
// CreateChatCompletionProxyChoices.
type Choice struct {
	// FinishReason is finish_reason: null until the last chunk of the choice.
	FinishReason Optional[FinishReason] `json:"finish_reason,omitzero"`
	// Index is index: which choice this is, counted from 0.
	Index Optional[int64] `json:"index,omitzero"`
	// Logprobs is logprobs.
	Logprobs Optional[Logprobs] `json:"logprobs,omitzero"`
	// Delta is delta (required): what this chunk adds to the choice. Whether it
	// was absent AppendJSON remembers, until a field of it is set.
	Delta Delta `json:"delta"`
	// Extra is as in CreateChatCompletionData.
	Extra Members `json:"-"`

	repeated memberSet
	noDelta  bool // there was no object in the place of delta
}

// Delta is what a chunk adds to the message of a choice.
type Delta struct {
	// Content is content: the next piece of the answer's text.
	Content Optional[Text] `json:"content,omitzero"`
	// Refusal is refusal: the next piece of a refusal.
	Refusal Optional[Text] `json:"refusal,omitzero"`
	// ToolCalls is tool_calls: pieces of tool calls, told apart by their Index.
	ToolCalls Optional[[]ToolCall] `json:"tool_calls,omitzero"`
	// Role is role.
	Role Optional[Role] `json:"role,omitzero"`
	// Reasoning is reasoning: the model's thought process.
	Reasoning Optional[Text] `json:"reasoning,omitzero"`
	// ReasoningSignature is reasoning_signature: proof that the reasoning is the
	// model's, to be passed back unmodified.
	ReasoningSignature Optional[Text] `json:"reasoning_signature,omitzero"`
	// RedactedReasoning is redacted_reasoning: reasoning that the provider
	// encrypted, to be passed back.
	RedactedReasoning Optional[Text] `json:"redacted_reasoning,omitzero"`
	// Audio is audio.
	Audio Optional[Audio] `json:"audio,omitzero"`

	// ReasoningContent is the extension reasoning_content: other providers' name
	// for the thought process.
	ReasoningContent Optional[Text] `json:"reasoning_content,omitzero"`
	// FunctionCall is the extension function_call: the form that tool_calls replaced.
	FunctionCall Optional[FunctionCall] `json:"function_call,omitzero"`
	// Extra is as in CreateChatCompletionData.
	Extra Members `json:"-"`

	repeated memberSet
}

// ToolCall is a piece of a tool call: ToolCall of the schema.
type ToolCall struct {
	// ID is id, usually in the first piece only.
	ID Optional[Text] `json:"id,omitzero"`
	// Type is type.
	Type Optional[ToolCallType] `json:"type,omitzero"`
	// Function is function.
	Function Optional[FunctionCall] `json:"function,omitzero"`
	// Index is the extension index: which tool call of the message this piece
	// belongs to.
	Index Optional[int64] `json:"index,omitzero"`
	// Extra is as in CreateChatCompletionData.
	Extra Members `json:"-"`

	repeated memberSet
}

// FunctionCall is the function of a ToolCall, and the legacy function_call of a Delta.
type FunctionCall struct {
	// Name is name.
	Name Optional[Text] `json:"name,omitzero"`
	// Arguments is arguments: a fragment of JSON text written by the model. It
	// is not parsed.
	Arguments Optional[Text] `json:"arguments,omitzero"`
	// Extra is as in CreateChatCompletionData.
	Extra Members `json:"-"`

	repeated memberSet
}

// Audio is a piece of a spoken answer.
type Audio struct {
	// ID is id.
	ID Optional[Text] `json:"id,omitzero"`
	// Transcript is transcript: the next piece of what is said.
	Transcript Optional[Text] `json:"transcript,omitzero"`
	// Data is data: base64, not decoded.
	Data Optional[Text] `json:"data,omitzero"`
	// ExpiresAt is expires_at: Unix time in seconds.
	ExpiresAt Optional[int64] `json:"expires_at,omitzero"`
	// Extra is as in CreateChatCompletionData.
	Extra Members `json:"-"`

	repeated memberSet
}

// Logprobs has the log probabilities of a choice's tokens.
type Logprobs struct {
	// Content is content (required): the tokens of the answer.
	Content Optional[[]TokenLogprob] `json:"content,omitzero"`
	// Refusal is refusal (required): the tokens of the refusal.
	Refusal Optional[[]TokenLogprob] `json:"refusal,omitzero"`
	// Extra is as in CreateChatCompletionData.
	Extra Members `json:"-"`

	repeated memberSet
}

// TokenLogprob is the log probability of one token.
type TokenLogprob struct {
	// Token is token (required).
	Token Optional[Text] `json:"token,omitzero"`
	// Logprob is logprob (required), a natural logarithm; -9999.0 marks a very
	// unlikely token.
	Logprob Optional[float64] `json:"logprob,omitzero"`
	// Bytes is bytes (required): the UTF-8 bytes of the token.
	Bytes Optional[[]int64] `json:"bytes,omitzero"`
	// TopLogprobs is top_logprobs (required): the likeliest tokens at this place.
	TopLogprobs Optional[[]TopLogprob] `json:"top_logprobs,omitzero"`
	// Extra is as in CreateChatCompletionData.
	Extra Members `json:"-"`

	repeated memberSet
}

// TopLogprob is one of the likeliest tokens at a place.
type TopLogprob struct {
	// Token is token (required).
	Token Optional[Text] `json:"token,omitzero"`
	// Logprob is logprob (required), a natural logarithm.
	Logprob Optional[float64] `json:"logprob,omitzero"`
	// Bytes is bytes (required): the UTF-8 bytes of the token.
	Bytes Optional[[]int64] `json:"bytes,omitzero"`
	// Extra is as in CreateChatCompletionData.
	Extra Members `json:"-"`

	repeated memberSet
}

// Usage counts the tokens of a completion: CreateChatCompletionProxyUsage.
// Where several chunks have it, the counts are cumulative: the last one counts.
type Usage struct {
	// CompletionTokens is completion_tokens.
	CompletionTokens Optional[int64] `json:"completion_tokens,omitzero"`
	// PromptTokens is prompt_tokens.
	PromptTokens Optional[int64] `json:"prompt_tokens,omitzero"`
	// TotalTokens is total_tokens.
	TotalTokens Optional[int64] `json:"total_tokens,omitzero"`
	// PromptTokensDetails is prompt_tokens_details.
	PromptTokensDetails Optional[PromptTokensDetails] `json:"prompt_tokens_details,omitzero"`
	// CompletionTokensDetails is completion_tokens_details.
	CompletionTokensDetails Optional[CompletionTokensDetails] `json:"completion_tokens_details,omitzero"`
	// Extra is as in CreateChatCompletionData.
	Extra Members `json:"-"`

	repeated memberSet
}

// PromptTokensDetails breaks down Usage.PromptTokens.
type PromptTokensDetails struct {
	// CachedTokens is cached_tokens.
	CachedTokens Optional[int64] `json:"cached_tokens,omitzero"`
	// AudioTokens is audio_tokens.
	AudioTokens Optional[int64] `json:"audio_tokens,omitzero"`
	// Extra is as in CreateChatCompletionData.
	Extra Members `json:"-"`

	repeated memberSet
}

// CompletionTokensDetails breaks down Usage.CompletionTokens.
type CompletionTokensDetails struct {
	// ReasoningTokens is reasoning_tokens.
	ReasoningTokens Optional[int64] `json:"reasoning_tokens,omitzero"`
	// AcceptedPredictionTokens is accepted_prediction_tokens.
	AcceptedPredictionTokens Optional[int64] `json:"accepted_prediction_tokens,omitzero"`
	// RejectedPredictionTokens is rejected_prediction_tokens.
	RejectedPredictionTokens Optional[int64] `json:"rejected_prediction_tokens,omitzero"`
	// AudioTokens is audio_tokens.
	AudioTokens Optional[int64] `json:"audio_tokens,omitzero"`
	// Extra is as in CreateChatCompletionData.
	Extra Members `json:"-"`

	repeated memberSet
}
