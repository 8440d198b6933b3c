package chatstream

//go:generate go run ./internal/schemagen

// The structs in this file are the schema. internal/schemagen reads them and writes
// the *_gen.go files, which contain all code that must know each member: reading,
// writing, cloning, validation, comparison, names.
//
// A field with a json tag is a member. The order of the fields is the usual order on
// the wire. The schema tag says what the type does not:
//
//	required    a chunk without the member does not conform
//	nullable    null conforms
//	extension   the schema does not have the member, so null is not judged
//	usual=V     the value that most chunks have: null, a number or an enumeration's
//	joined      the member usually stands between its neighbors with no other value
//	            than usual; it and the next one are compared at once
//	last        objects often end with the member
//	short       the text is a few bytes long and its length varies
//	text        a person may read it: Texts yields it
//	fixed       it is the same in the chunks of many streams, so that a template keeps it;
//	            other texts are what differs, and no template has them
//
// An enumeration has the values of the constants of its type.
//
// A root, which is decoded on its own, has a directive with its name and with the uses
// that not every root has: template, validate, texts and ambiguous. The directive
// schema:sum names the struct into which an Accumulator adds several of this one. The value
// of a field that the other struct lacks goes into its Extra.

// CreateChatCompletionData is one chunk of a streamed chat completion: the object
// chat.completion.chunk of the API, with absent, null and set told apart for every
// optional member.
//
// [Decoder.Decode] and [Unmarshal] overwrite every field and reuse the memory behind
// the slices and pointers. Texts and raw values are borrowed (see [Text]);
// [CreateChatCompletionData.Clone] makes a chunk that can be kept.
//
// A shallow copy of the struct shares its slices and pointers. Decoding into the
// original overwrites what the copy sees; decoding into the copy does not affect the
// original.
//
//schema:object chunk template validate texts ambiguous
type CreateChatCompletionData struct {
	// ID identifies the completion. It is the same in all chunks of a stream.
	ID Optional[Text] `json:"id,omitzero"`
	// Object is the type of the object and required. It is empty if the member is
	// absent. AppendJSON still writes an empty string that the payload had.
	Object Object `json:"object,omitzero" schema:"required,usual=chat.completion.chunk,joined"`
	// Created is when the completion was created: Unix time in seconds.
	Created Optional[float64] `json:"created,omitzero"`
	// Model is the model that generates the completion.
	Model Optional[Text] `json:"model,omitzero" schema:"fixed"`
	// Provider is an extension: who served a request that was routed.
	Provider Optional[Text] `json:"provider,omitzero" schema:"extension,fixed"`
	// ServiceTier is an extension: the tier that served the request.
	ServiceTier Optional[Text] `json:"service_tier,omitzero" schema:"extension,fixed"`
	// SystemFingerprint identifies the configuration that the model runs with.
	SystemFingerprint Optional[Text] `json:"system_fingerprint,omitzero" schema:"nullable,fixed"`
	// Choices has a piece of each answer that the chunk continues. It is required.
	// Nil means absent; non-nil and empty is [], as in the usage chunk at the end of
	// a stream.
	Choices []Choice `json:"choices,omitzero" schema:"required,last,max=maxChoices"`
	// Usage counts tokens. Most providers send null in all chunks but the last.
	Usage Optional[*Usage] `json:"usage,omitzero"`
	// Obfuscation is an extension: random padding that hides the length of the text
	// from an observer of encrypted traffic.
	Obfuscation Optional[Text] `json:"obfuscation,omitzero" schema:"extension,short"`
	// Error is an extension: an error from upstream, which may have any JSON type. If it is
	// not null, Decode and Unmarshal also return it as an [*APIError].
	Error Optional[RawValue] `json:"error,omitzero" schema:"extension"`

	// Extra has the members without a field and those whose JSON type is not their field's,
	// in wire order.
	Extra Members `json:"-"`

	parser      *parser // the memory that the lists of this chunk are carved from
	repeated    memberSet
	emptyObject bool // object came as ""
}

// Chunk is a short name for [CreateChatCompletionData].
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

// Choice is a piece of one of the n answers that a request asked for:
// CreateChatCompletionProxyChoices.
//
//schema:sum CompletionChoice
type Choice struct {
	// Index says which answer this is, counted from 0.
	Index Optional[int64] `json:"index,omitzero" schema:"usual=0,joined"`
	// Delta is what the chunk adds to the answer. It is required. AppendJSON
	// remembers that it was absent until a field of it is set.
	Delta Delta `json:"delta" schema:"required"`
	// Logprobs has the log probabilities of the tokens in Delta.
	Logprobs Optional[*Logprobs] `json:"logprobs,omitzero" schema:"nullable,usual=null,joined"`
	// FinishReason is null until the last chunk of the answer.
	FinishReason Optional[FinishReason] `json:"finish_reason,omitzero" schema:"required,nullable,usual=null,last"`
	// Extra is as in [CreateChatCompletionData].
	Extra Members `json:"-"`

	repeated memberSet
	noDelta  bool // delta was not an object
}

// Delta is what a chunk adds to the message of a choice.
//
//schema:sum Message
type Delta struct {
	// Role is the author of the message, usually in the first chunk only.
	Role Optional[Role] `json:"role,omitzero" schema:"usual=assistant"`
	// Content is the next piece of the answer's text.
	Content Optional[Text] `json:"content,omitzero" schema:"nullable,short,last,text"`
	// Refusal is the next piece of a refusal.
	Refusal Optional[Text] `json:"refusal,omitzero" schema:"nullable,text"`
	// Reasoning is the next piece of the model's thought process.
	Reasoning Optional[Text] `json:"reasoning,omitzero" schema:"short,last,text"`
	// ReasoningContent is an extension: the name that other providers have for
	// Reasoning.
	ReasoningContent Optional[Text] `json:"reasoning_content,omitzero" schema:"extension,short,last,text"`
	// ReasoningSignature proves that the reasoning is the model's. Send it back
	// unmodified.
	ReasoningSignature Optional[Text] `json:"reasoning_signature,omitzero"`
	// RedactedReasoning is reasoning that the provider encrypted. Send it back unmodified.
	RedactedReasoning Optional[Text] `json:"redacted_reasoning,omitzero"`
	// ToolCalls has pieces of tool calls. Their Index says which call each continues.
	ToolCalls Optional[[]ToolCall] `json:"tool_calls,omitzero"`
	// FunctionCall is an extension: the older form of a tool call.
	FunctionCall Optional[*FunctionCall] `json:"function_call,omitzero" schema:"extension"`
	// Audio is the next piece of a spoken answer.
	Audio Optional[*Audio] `json:"audio,omitzero" schema:"nullable"`
	// Extra is as in [CreateChatCompletionData].
	Extra Members `json:"-"`

	repeated memberSet
}

// ToolCall is a piece of a tool call: ToolCall of the schema.
type ToolCall struct {
	// Index is an extension: which tool call of the message this piece continues.
	Index Optional[int64] `json:"index,omitzero" schema:"extension"`
	// ID identifies the call, usually in its first piece only.
	ID Optional[Text] `json:"id,omitzero"`
	// Type is the kind of the call, usually in its first piece only.
	Type Optional[ToolCallType] `json:"type,omitzero" schema:"usual=function"`
	// Function is what the piece adds to the call of a function.
	Function Optional[FunctionCall] `json:"function,omitzero"`
	// Extra is as in [CreateChatCompletionData].
	Extra Members `json:"-"`

	repeated memberSet
}

// FunctionCall is the function of a [ToolCall], and the older form of a tool call.
type FunctionCall struct {
	// Name is the function's name, usually in the first piece only.
	Name Optional[Text] `json:"name,omitzero" schema:"text"`
	// Arguments is the next piece of the arguments: JSON text that the model writes.
	// It is not parsed.
	Arguments Optional[Text] `json:"arguments,omitzero" schema:"short,text"`
	// Extra is as in [CreateChatCompletionData].
	Extra Members `json:"-"`

	repeated memberSet
}

// Audio is a piece of a spoken answer.
type Audio struct {
	// ID identifies the spoken answer in later requests.
	ID Optional[Text] `json:"id,omitzero"`
	// Transcript is the next piece of the spoken text.
	Transcript Optional[Text] `json:"transcript,omitzero" schema:"text"`
	// Data is the next piece of the sound, in base64, which is not decoded.
	Data Optional[Text] `json:"data,omitzero"`
	// ExpiresAt is when ID becomes invalid: Unix time in seconds.
	ExpiresAt Optional[int64] `json:"expires_at,omitzero"`
	// Extra is as in [CreateChatCompletionData].
	Extra Members `json:"-"`

	repeated memberSet
}

// Logprobs has the log probabilities of a choice's tokens.
type Logprobs struct {
	// Content has the tokens of the answer's text. It is required.
	Content Optional[[]TokenLogprob] `json:"content,omitzero" schema:"required"`
	// Refusal has the tokens of the refusal. It is required.
	Refusal Optional[[]TokenLogprob] `json:"refusal,omitzero" schema:"required"`
	// Extra is as in [CreateChatCompletionData].
	Extra Members `json:"-"`

	repeated memberSet
}

// TokenLogprob is the log probability of one token. Its members are required.
type TokenLogprob struct {
	// Token is the token's text.
	Token Optional[Text] `json:"token,omitzero" schema:"required"`
	// Logprob is the natural logarithm of the token's probability; -9999.0 stands for
	// a very unlikely token.
	Logprob Optional[float64] `json:"logprob,omitzero" schema:"required"`
	// Bytes has the UTF-8 bytes of the token.
	Bytes Optional[[]int64] `json:"bytes,omitzero" schema:"required"`
	// TopLogprobs has the likeliest tokens at this place.
	TopLogprobs Optional[[]TopLogprob] `json:"top_logprobs,omitzero" schema:"required"`
	// Extra is as in [CreateChatCompletionData].
	Extra Members `json:"-"`

	repeated memberSet
}

// TopLogprob is one of the likeliest tokens at a place. Its members are required.
type TopLogprob struct {
	// Token is the token's text.
	Token Optional[Text] `json:"token,omitzero" schema:"required"`
	// Logprob is the natural logarithm of the token's probability.
	Logprob Optional[float64] `json:"logprob,omitzero" schema:"required"`
	// Bytes has the UTF-8 bytes of the token.
	Bytes Optional[[]int64] `json:"bytes,omitzero" schema:"required"`
	// Extra is as in [CreateChatCompletionData].
	Extra Members `json:"-"`

	repeated memberSet
}

// Usage counts the tokens of a completion: CreateChatCompletionProxyUsage. If
// several chunks of a stream have a usage, the counts are cumulative: the last one counts.
type Usage struct {
	// PromptTokens counts the tokens of the request.
	PromptTokens Optional[int64] `json:"prompt_tokens,omitzero"`
	// CompletionTokens counts the tokens of the answer.
	CompletionTokens Optional[int64] `json:"completion_tokens,omitzero"`
	// TotalTokens is the total that the provider reports.
	TotalTokens Optional[int64] `json:"total_tokens,omitzero"`
	// Cost is an extension: the cost of the request, as a number or as an object with its
	// parts.
	Cost Optional[RawValue] `json:"cost,omitzero" schema:"extension"`
	// CacheCreationInputTokens is an extension: the tokens that were written to a cache.
	CacheCreationInputTokens Optional[int64] `json:"cache_creation_input_tokens,omitzero" schema:"extension"`
	// CacheReadInputTokens is an extension: the tokens that were read from a cache.
	CacheReadInputTokens Optional[int64] `json:"cache_read_input_tokens,omitzero" schema:"extension"`
	// PromptTokensDetails breaks down PromptTokens.
	PromptTokensDetails Optional[PromptTokensDetails] `json:"prompt_tokens_details,omitzero" schema:"nullable"`
	// CompletionTokensDetails breaks down CompletionTokens.
	CompletionTokensDetails Optional[CompletionTokensDetails] `json:"completion_tokens_details,omitzero" schema:"nullable"`
	// Extra is as in [CreateChatCompletionData].
	Extra Members `json:"-"`

	repeated memberSet
}

// PromptTokensDetails breaks down [Usage.PromptTokens].
type PromptTokensDetails struct {
	// CachedTokens counts the tokens that were read from a cache.
	CachedTokens Optional[int64] `json:"cached_tokens,omitzero" schema:"nullable"`
	// AudioTokens counts the tokens of sound.
	AudioTokens Optional[int64] `json:"audio_tokens,omitzero" schema:"nullable"`
	// CacheWriteTokens is an extension: the tokens that were written to a cache.
	CacheWriteTokens Optional[int64] `json:"cache_write_tokens,omitzero" schema:"extension"`
	// TextTokens, ImageTokens and VideoTokens are extensions: the tokens by their kind.
	TextTokens  Optional[int64] `json:"text_tokens,omitzero" schema:"extension"`
	ImageTokens Optional[int64] `json:"image_tokens,omitzero" schema:"extension"`
	VideoTokens Optional[int64] `json:"video_tokens,omitzero" schema:"extension"`
	// Extra is as in [CreateChatCompletionData].
	Extra Members `json:"-"`

	repeated memberSet
}

// CompletionTokensDetails breaks down [Usage.CompletionTokens].
type CompletionTokensDetails struct {
	// ReasoningTokens counts the tokens of the thought process.
	ReasoningTokens Optional[int64] `json:"reasoning_tokens,omitzero" schema:"nullable"`
	// AudioTokens counts the tokens of sound.
	AudioTokens Optional[int64] `json:"audio_tokens,omitzero" schema:"nullable"`
	// AcceptedPredictionTokens counts the predicted tokens that are in the answer.
	AcceptedPredictionTokens Optional[int64] `json:"accepted_prediction_tokens,omitzero" schema:"nullable"`
	// RejectedPredictionTokens counts the predicted tokens that are not in the answer.
	RejectedPredictionTokens Optional[int64] `json:"rejected_prediction_tokens,omitzero" schema:"nullable"`
	// TextTokens, ImageTokens and VideoTokens are extensions: the tokens by their kind.
	TextTokens  Optional[int64] `json:"text_tokens,omitzero" schema:"extension"`
	ImageTokens Optional[int64] `json:"image_tokens,omitzero" schema:"extension"`
	VideoTokens Optional[int64] `json:"video_tokens,omitzero" schema:"extension"`
	// Extra is as in [CreateChatCompletionData].
	Extra Members `json:"-"`

	repeated memberSet
}
