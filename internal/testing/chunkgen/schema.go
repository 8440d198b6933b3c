// Package chunkgen is the tests' second opinion on the chunk: the schema as a table written from its specification, a
// slow reading of a payload by that table, and generators of payloads, mutations and misuse. It shares no code with the
// parser, so that a mistake has to be made twice to go unseen.
package chunkgen

// Kind is the shape that a member's field takes.
type Kind int

// The kinds of member. An Enum is a string on the wire; an Int any number whose value is an integer in int64.
const (
	Text Kind = iota
	Enum
	Float
	Int
	Obj
	List // of objects
	Ints // a list of Int
	Any  // any value
)

// Limits on lists: a longer one is not built.
const (
	MaxChoices  = 1024
	MaxElements = 4096
)

// Object is one object of the schema.
type Object struct {
	Name    string
	Members []Member
}

// Member is one member of an Object. Required and Null are the schema's words; Plain marks the three fields that are
// not Optional in Go, for which a null has no place but Extra.
type Member struct {
	Name, Field     string
	Kind            Kind
	Of              *Object  // for Obj and List
	Enum            []string // for Enum
	Required, Null  bool
	Plain           bool
	Pointer         bool // its field points to the object
	MaxLen          int  // for List and Ints
	SchemaExtension bool
}

// The objects of the schema, leaves first.
var (
	FunctionCall = &Object{"FunctionCall", []Member{
		{Name: "name", Field: "Name", Kind: Text},
		{Name: "arguments", Field: "Arguments", Kind: Text},
	}}
	ToolCall = &Object{"ToolCall", []Member{
		{Name: "id", Field: "ID", Kind: Text},
		{Name: "type", Field: "Type", Kind: Enum, Enum: []string{"function"}},
		{Name: "function", Field: "Function", Kind: Obj, Of: FunctionCall},
		{Name: "index", Field: "Index", Kind: Int, Null: true, SchemaExtension: true},
	}}
	Audio = &Object{"Audio", []Member{
		{Name: "id", Field: "ID", Kind: Text},
		{Name: "transcript", Field: "Transcript", Kind: Text},
		{Name: "data", Field: "Data", Kind: Text},
		{Name: "expires_at", Field: "ExpiresAt", Kind: Int},
	}}
	Delta = &Object{"Delta", []Member{
		{Name: "content", Field: "Content", Kind: Text, Null: true},
		{Name: "refusal", Field: "Refusal", Kind: Text, Null: true},
		{Name: "tool_calls", Field: "ToolCalls", Kind: List, Of: ToolCall, MaxLen: MaxElements},
		{Name: "role", Field: "Role", Kind: Enum, Enum: []string{"assistant"}},
		{Name: "reasoning", Field: "Reasoning", Kind: Text},
		{Name: "reasoning_signature", Field: "ReasoningSignature", Kind: Text},
		{Name: "redacted_reasoning", Field: "RedactedReasoning", Kind: Text},
		{Name: "audio", Field: "Audio", Kind: Obj, Of: Audio, Pointer: true, Null: true},
		{Name: "reasoning_content", Field: "ReasoningContent", Kind: Text, Null: true, SchemaExtension: true},
		{Name: "function_call", Field: "FunctionCall", Kind: Obj, Of: FunctionCall, Pointer: true, Null: true, SchemaExtension: true},
	}}
	TopLogprob = &Object{"TopLogprob", []Member{
		{Name: "token", Field: "Token", Kind: Text, Required: true},
		{Name: "logprob", Field: "Logprob", Kind: Float, Required: true},
		{Name: "bytes", Field: "Bytes", Kind: Ints, Required: true, MaxLen: MaxElements},
	}}
	TokenLogprob = &Object{"TokenLogprob", []Member{
		{Name: "token", Field: "Token", Kind: Text, Required: true},
		{Name: "logprob", Field: "Logprob", Kind: Float, Required: true},
		{Name: "bytes", Field: "Bytes", Kind: Ints, Required: true, MaxLen: MaxElements},
		{Name: "top_logprobs", Field: "TopLogprobs", Kind: List, Of: TopLogprob, Required: true, MaxLen: MaxElements},
	}}
	Logprobs = &Object{"Logprobs", []Member{
		{Name: "content", Field: "Content", Kind: List, Of: TokenLogprob, Required: true, MaxLen: MaxElements},
		{Name: "refusal", Field: "Refusal", Kind: List, Of: TokenLogprob, Required: true, MaxLen: MaxElements},
	}}
	Choice = &Object{"Choice", []Member{
		{
			Name: "finish_reason", Field: "FinishReason", Kind: Enum, Required: true, Null: true,
			Enum: []string{"stop", "length", "tool_calls", "content_filter", "function_call"},
		},
		{Name: "index", Field: "Index", Kind: Int},
		{Name: "logprobs", Field: "Logprobs", Kind: Obj, Of: Logprobs, Pointer: true, Null: true},
		{Name: "delta", Field: "Delta", Kind: Obj, Of: Delta, Required: true, Plain: true},
	}}
	PromptTokensDetails = &Object{"PromptTokensDetails", []Member{
		{Name: "cached_tokens", Field: "CachedTokens", Kind: Int, Null: true},
		{Name: "cache_write_tokens", Field: "CacheWriteTokens", Kind: Int, Null: true, SchemaExtension: true},
		{Name: "text_tokens", Field: "TextTokens", Kind: Int, Null: true, SchemaExtension: true},
		{Name: "image_tokens", Field: "ImageTokens", Kind: Int, Null: true, SchemaExtension: true},
		{Name: "video_tokens", Field: "VideoTokens", Kind: Int, Null: true, SchemaExtension: true},
		{Name: "audio_tokens", Field: "AudioTokens", Kind: Int, Null: true},
	}}
	CompletionTokensDetails = &Object{"CompletionTokensDetails", []Member{
		{Name: "reasoning_tokens", Field: "ReasoningTokens", Kind: Int, Null: true},
		{Name: "text_tokens", Field: "TextTokens", Kind: Int, Null: true, SchemaExtension: true},
		{Name: "image_tokens", Field: "ImageTokens", Kind: Int, Null: true, SchemaExtension: true},
		{Name: "video_tokens", Field: "VideoTokens", Kind: Int, Null: true, SchemaExtension: true},
		{Name: "accepted_prediction_tokens", Field: "AcceptedPredictionTokens", Kind: Int, Null: true},
		{Name: "rejected_prediction_tokens", Field: "RejectedPredictionTokens", Kind: Int, Null: true},
		{Name: "audio_tokens", Field: "AudioTokens", Kind: Int, Null: true},
	}}
	Usage = &Object{"Usage", []Member{
		{Name: "completion_tokens", Field: "CompletionTokens", Kind: Int},
		{Name: "prompt_tokens", Field: "PromptTokens", Kind: Int},
		{Name: "total_tokens", Field: "TotalTokens", Kind: Int},
		{Name: "cost", Field: "Cost", Kind: Any, Null: true, SchemaExtension: true},
		{Name: "cache_creation_input_tokens", Field: "CacheCreationInputTokens", Kind: Int, Null: true, SchemaExtension: true},
		{Name: "cache_read_input_tokens", Field: "CacheReadInputTokens", Kind: Int, Null: true, SchemaExtension: true},
		{Name: "prompt_tokens_details", Field: "PromptTokensDetails", Kind: Obj, Of: PromptTokensDetails, Null: true},
		{Name: "completion_tokens_details", Field: "CompletionTokensDetails", Kind: Obj, Of: CompletionTokensDetails, Null: true},
	}}
	Chunk = &Object{"CreateChatCompletionData", []Member{
		{Name: "id", Field: "ID", Kind: Text},
		{Name: "choices", Field: "Choices", Kind: List, Of: Choice, Required: true, Plain: true, MaxLen: MaxChoices},
		{Name: "created", Field: "Created", Kind: Float},
		{Name: "model", Field: "Model", Kind: Text},
		{Name: "system_fingerprint", Field: "SystemFingerprint", Kind: Text, Null: true},
		{Name: "usage", Field: "Usage", Kind: Obj, Of: Usage, Pointer: true},
		{Name: "object", Field: "Object", Kind: Enum, Enum: []string{"chat.completion.chunk"}, Required: true, Plain: true},
		{Name: "service_tier", Field: "ServiceTier", Kind: Text, Null: true, SchemaExtension: true},
		{Name: "obfuscation", Field: "Obfuscation", Kind: Text, Null: true, SchemaExtension: true},
		{Name: "provider", Field: "Provider", Kind: Text, Null: true, SchemaExtension: true},
		{Name: "error", Field: "Error", Kind: Any, Null: true, SchemaExtension: true},
	}}
)

// Site is one member of the schema together with a payload that has it, once: Before + value + After.
type Site struct {
	Path          string // choices[0].delta.content
	Object        *Object
	Member        Member
	Before, After string
}

// With is the site's payload with value as the member's value.
func (s Site) With(value string) string { return s.Before + value + s.After }

// Sites lists every member of the schema, each below objects that hold nothing else.
func Sites() []Site { return sites(nil, Chunk, "", "{", "}") }

func sites(dst []Site, o *Object, path, before, after string) []Site {
	for _, m := range o.Members {
		s := Site{path + m.Name, o, m, before + `"` + m.Name + `":`, after}
		dst = append(dst, s)
		switch m.Kind {
		case Obj:
			dst = sites(dst, m.Of, s.Path+".", s.Before+"{", "}"+after)
		case List:
			dst = sites(dst, m.Of, s.Path+"[0].", s.Before+"[{", "}]"+after)
		}
	}
	return dst
}

// member finds a member of o by its exact name.
func (o *Object) member(name string) (Member, bool) {
	for _, m := range o.Members {
		if m.Name == name {
			return m, true
		}
	}
	return Member{}, false
}
