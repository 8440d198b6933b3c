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
	names []string
	begin uint8 // number of the label that stands for the object's beginning
}

// One kind for every object, with its labels in a row.
var (
	chunkKind      = objectKind{chunkNames, 0}
	choiceKind     = objectKind{choiceNames, chunkKind.after()}
	deltaKind      = objectKind{deltaNames, choiceKind.after()}
	toolCallKind   = objectKind{toolCallNames, deltaKind.after()}
	functionKind   = objectKind{functionNames, toolCallKind.after()}
	audioKind      = objectKind{audioNames, functionKind.after()}
	logprobsKind   = objectKind{logprobsNames, audioKind.after()}
	tokenKind      = objectKind{tokenNames, logprobsKind.after()}
	topKind        = objectKind{tokenNames[:tokenTopLogprobs], tokenKind.after()}
	usageKind      = objectKind{usageNames, topKind.after()}
	promptKind     = objectKind{promptNames, usageKind.after()}
	completionKind = objectKind{completionNames, promptKind.after()}
)

// after returns the number of the label after those of the kind: it has one for
// its beginning and one for each member.
func (k *objectKind) after() uint8 { return k.begin + 1 + uint8(len(k.names)) }

// number returns the number of the member called name, or noMember.
func (k *objectKind) number(name Text) int {
	for i := range k.names {
		if k.names[i] == string(name) {
			return i
		}
	}
	return noMember
}

const (
	labelSize = 24  // bytes of a label that are compared at once
	numLabels = 128 // a power of two, so that an index needs no check
)

// label is a member's name as it usually stands before its value, with the comma or
// brace before it: ,"id":
type label struct {
	words, masks [labelSize / 8]uint64
	size         uint8 // 0 in the unused label
	number       uint8 // among the labels
	member       int8
	bit          memberSet
	text         string // without its first byte
}

// unused stands where nothing is compared: its mask lets no word equal its own.
var unused = label{words: [...]uint64{0, 1, 0}}

// labels has those of all kinds.
var labels = newLabels(
	&chunkKind, &choiceKind, &deltaKind, &toolCallKind, &functionKind, &audioKind,
	&logprobsKind, &tokenKind, &topKind, &usageKind, &promptKind, &completionKind,
)

func newLabels(kinds ...*objectKind) (labels [numLabels]label) {
	for i := range labels {
		labels[i] = unused
	}
	for _, k := range kinds {
		for member, name := range k.names {
			number := k.begin + 1 + uint8(member)
			labels[number] = newLabel(name, number, member)
		}
	}
	return labels
}

func newLabel(name string, number uint8, member int) label {
	l := label{text: `"` + name + `":`, number: number, member: int8(member), bit: 1 << member}
	var text, mask [labelSize]byte
	n := copy(text[:], ","+l.text)
	for i := range n {
		mask[i] = 0xFF
	}
	if l.size = uint8(1 + len(l.text)); int(l.size) > labelSize {
		return unused
	}
	for i := range l.words {
		l.words[i] = binary.LittleEndian.Uint64(text[8*i:])
		l.masks[i] = binary.LittleEndian.Uint64(mask[8*i:])
	}
	return l
}

// successors has for each label the one that followed it the last time: servers
// write their members in the same order again and again. The numbers stand beyond
// the slice's length.
type successors []uint8

// newSuccessors returns the order of the tables above.
func newSuccessors() successors {
	s := make(successors, numLabels)
	for i := range s {
		s[i] = uint8(i+1) % numLabels
	}
	return s[:0]
}

func (s successors) array() *[numLabels]uint8 { return (*[numLabels]uint8)(s[:numLabels]) }
