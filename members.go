package chatstream

import "encoding/binary"

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

// objectKind is what a parser knows of one kind of object.
type objectKind struct {
	names  []string
	labels []label
	first  int // where the kind stands among the successors
}

// label is a member's name as it usually stands before its value: "id":
type label struct {
	text         string
	size         int
	word0, word1 uint64 // the first 16 bytes, where the masks have bits
	mask0, mask1 uint64
	rest         string // what follows these
}

// One kind for every object, in the order of the successors.
var (
	chunkKind      = newObjectKind(chunkNames, 0)
	choiceKind     = newObjectKind(choiceNames, chunkKind.after())
	deltaKind      = newObjectKind(deltaNames, choiceKind.after())
	toolCallKind   = newObjectKind(toolCallNames, deltaKind.after())
	functionKind   = newObjectKind(functionNames, toolCallKind.after())
	audioKind      = newObjectKind(audioNames, functionKind.after())
	logprobsKind   = newObjectKind(logprobsNames, audioKind.after())
	tokenKind      = newObjectKind(tokenNames, logprobsKind.after())
	topKind        = newObjectKind(tokenNames[:tokenTopLogprobs], tokenKind.after())
	usageKind      = newObjectKind(usageNames, topKind.after())
	promptKind     = newObjectKind(promptNames, usageKind.after())
	completionKind = newObjectKind(completionNames, promptKind.after())
)

func newObjectKind(names []string, first int) objectKind {
	k := objectKind{names: names, first: first}
	for _, name := range names {
		k.labels = append(k.labels, newLabel(name))
	}
	return k
}

func newLabel(name string) label {
	text := `"` + name + `":`
	l := label{text: text, size: len(text), rest: text[min(16, len(text)):]}
	var bytes, mask [16]byte
	for i := range copy(bytes[:], text) {
		mask[i] = 0xFF
	}
	l.word0, l.word1 = binary.LittleEndian.Uint64(bytes[:]), binary.LittleEndian.Uint64(bytes[8:])
	l.mask0, l.mask1 = binary.LittleEndian.Uint64(mask[:]), binary.LittleEndian.Uint64(mask[8:])
	return l
}

// after returns where the next kind stands among the successors: a kind has one for
// its beginning and one for each member.
func (k *objectKind) after() int { return k.first + 1 + len(k.names) }

// number returns the number of the member called name, or noMember.
func (k *objectKind) number(name Text) int {
	for i := range k.names {
		if k.names[i] == string(name) {
			return i
		}
	}
	return noMember
}

// successors has for each member of each kind of object the one that followed it
// the last time: servers write their members in the same order again and again.
// The numbers stand beyond the slice's length.
type successors []uint8

// newSuccessors returns the order of the tables above.
func newSuccessors() successors {
	s := make(successors, completionKind.after())
	for _, k := range []*objectKind{
		&chunkKind, &choiceKind, &deltaKind, &toolCallKind, &functionKind, &audioKind,
		&logprobsKind, &tokenKind, &topKind, &usageKind, &promptKind, &completionKind,
	} {
		for i := range k.names {
			s[k.first+i] = uint8(i)
		}
	}
	return s[:0]
}

// of returns the successors of one kind of object.
func (s successors) of(k *objectKind) []uint8 { return s[k.first:k.after()] }
