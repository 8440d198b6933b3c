package chatstream

const (
	maxInterned    = 16 // values that an interner keeps
	maxInternedLen = 64 // bytes of the longest
)

// interner makes strings of the values of enumerations. Values of the schema are constants.
// A few others are kept, so that a provider that sends one with every chunk costs one
// allocation. The oldest one makes room for a new one.
type interner []string

// newInterner returns an interner that is empty but not nil, as a parser's lists are.
func newInterner() interner { return interner{} }

// intern returns value as a string. The strings that the interner keeps lie between its
// length and its capacity.
func (in *interner) intern(value Text) string {
	switch string(value) {
	case "":
		return ""
	case string(ObjectChatCompletionChunk):
		return string(ObjectChatCompletionChunk)
	case string(ObjectChatCompletion):
		return string(ObjectChatCompletion)
	case string(FinishReasonStop):
		return string(FinishReasonStop)
	case string(FinishReasonLength):
		return string(FinishReasonLength)
	case string(FinishReasonToolCalls):
		return string(FinishReasonToolCalls)
	case string(FinishReasonContentFilter):
		return string(FinishReasonContentFilter)
	case string(FinishReasonFunctionCall):
		return string(FinishReasonFunctionCall)
	case string(RoleAssistant):
		return string(RoleAssistant)
	case string(ToolCallTypeFunction):
		return string(ToolCallTypeFunction)
	}
	if len(value) > maxInternedLen {
		return string(value)
	}
	if cap(*in) == 0 {
		*in = make(interner, 0, maxInterned)
	}
	kept := (*in)[:maxInterned]
	for _, s := range kept {
		if s == string(value) {
			return s
		}
	}
	copy(kept[1:], kept)
	kept[0] = string(value)
	return kept[0]
}
