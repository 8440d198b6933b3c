package chatstream

import "slices"

// Clone returns a deep copy of the completion that shares no memory with it. It is the
// caller's to keep.
func (c *Completion) Clone() *Completion {
	k := *c
	cloneText(&k.ID)
	cloneText(&k.Model)
	cloneText(&k.Provider)
	cloneText(&k.ServiceTier)
	cloneText(&k.SystemFingerprint)
	cloneList(&k.Choices, cloneCompletionChoice)
	cloneUsage(&k.Usage.Value)
	k.Error.Value = slices.Clone(k.Error.Value)
	cloneExtra(&k.Extra)
	return &k
}

func cloneCompletionChoice(c *CompletionChoice) {
	cloneMessage(&c.Message)
	cloneList(&c.Logprobs.Value.Content.Value, cloneToken)
	cloneList(&c.Logprobs.Value.Refusal.Value, cloneToken)
	cloneExtra(&c.Logprobs.Value.Extra)
	cloneExtra(&c.Extra)
}

func cloneMessage(m *Message) {
	cloneText(&m.Content)
	m.ContentParts = slices.Clone(m.ContentParts)
	cloneText(&m.Refusal)
	cloneText(&m.Reasoning)
	cloneText(&m.ReasoningContent)
	cloneText(&m.ReasoningSignature)
	cloneText(&m.RedactedReasoning)
	cloneList(&m.ToolCalls.Value, cloneToolCall)
	cloneFunction(&m.FunctionCall.Value)
	cloneText(&m.Audio.Value.ID)
	cloneText(&m.Audio.Value.Transcript)
	cloneText(&m.Audio.Value.Data)
	cloneExtra(&m.Audio.Value.Extra)
	cloneExtra(&m.Extra)
}
