package chatstream

// memberSet is a set of an object's members, by their numbers below.
type memberSet uint16

func (s memberSet) has(member int) bool { return s&(1<<member) != 0 }

// The members of each object in the order in which AppendJSON writes them. The
// numbers index the names.
const (
	chunkID = iota
	chunkObject
	chunkCreated
	chunkModel
	chunkProvider
	chunkServiceTier
	chunkSystemFingerprint
	chunkChoices
	chunkUsage
	chunkObfuscation
	chunkError
)

var chunkNames = []string{
	"id", "object", "created", "model", "provider", "service_tier",
	"system_fingerprint", "choices", "usage", "obfuscation", "error",
}

const (
	choiceIndex = iota
	choiceDelta
	choiceLogprobs
	choiceFinishReason
)

var choiceNames = []string{"index", "delta", "logprobs", "finish_reason"}

const (
	deltaRole = iota
	deltaContent
	deltaRefusal
	deltaReasoning
	deltaReasoningContent
	deltaReasoningSignature
	deltaRedactedReasoning
	deltaToolCalls
	deltaFunctionCall
	deltaAudio
)

var deltaNames = []string{
	"role", "content", "refusal", "reasoning", "reasoning_content",
	"reasoning_signature", "redacted_reasoning", "tool_calls", "function_call", "audio",
}

const (
	toolCallIndex = iota
	toolCallID
	toolCallType
	toolCallFunction
)

var toolCallNames = []string{"index", "id", "type", "function"}

const (
	functionName = iota
	functionArguments
)

var functionNames = []string{"name", "arguments"}

const (
	audioID = iota
	audioTranscript
	audioData
	audioExpiresAt
)

var audioNames = []string{"id", "transcript", "data", "expires_at"}

const (
	logprobsContent = iota
	logprobsRefusal
)

var logprobsNames = []string{"content", "refusal"}

// A TopLogprob has the first three members of a TokenLogprob.
const (
	tokenToken = iota
	tokenLogprob
	tokenBytes
	tokenTopLogprobs
)

var tokenNames = []string{"token", "logprob", "bytes", "top_logprobs"}

const (
	usagePromptTokens = iota
	usageCompletionTokens
	usageTotalTokens
	usagePromptTokensDetails
	usageCompletionTokensDetails
)

var usageNames = []string{
	"prompt_tokens", "completion_tokens", "total_tokens",
	"prompt_tokens_details", "completion_tokens_details",
}

const (
	promptCachedTokens = iota
	promptAudioTokens
)

var promptNames = []string{"cached_tokens", "audio_tokens"}

const (
	completionReasoningTokens = iota
	completionAudioTokens
	completionAcceptedPredictionTokens
	completionRejectedPredictionTokens
)

var completionNames = []string{
	"reasoning_tokens", "audio_tokens", "accepted_prediction_tokens", "rejected_prediction_tokens",
}
