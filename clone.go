package chatstream

import "slices"

// Clone returns a deep copy of the chunk that shares no memory with it. It is the
// caller's to keep.
func (c *CreateChatCompletionData) Clone() *CreateChatCompletionData {
	k := *c
	k.parser = nil
	cloneText(&k.ID)
	cloneList(&k.Choices, cloneChoice)
	cloneText(&k.Model)
	cloneText(&k.SystemFingerprint)
	cloneUsage(&k.Usage.Value)
	cloneText(&k.ServiceTier)
	cloneText(&k.Obfuscation)
	cloneText(&k.Provider)
	k.Error.Value = slices.Clone(k.Error.Value)
	cloneExtra(&k.Extra)
	return &k
}

func cloneChoice(c *Choice) {
	cloneList(&c.Logprobs.Value.Content.Value, cloneToken)
	cloneList(&c.Logprobs.Value.Refusal.Value, cloneToken)
	cloneExtra(&c.Logprobs.Value.Extra)
	cloneText(&c.Delta.Content)
	cloneText(&c.Delta.Refusal)
	cloneList(&c.Delta.ToolCalls.Value, cloneToolCall)
	cloneText(&c.Delta.Reasoning)
	cloneText(&c.Delta.ReasoningSignature)
	cloneText(&c.Delta.RedactedReasoning)
	cloneText(&c.Delta.Audio.Value.ID)
	cloneText(&c.Delta.Audio.Value.Transcript)
	cloneText(&c.Delta.Audio.Value.Data)
	cloneExtra(&c.Delta.Audio.Value.Extra)
	cloneText(&c.Delta.ReasoningContent)
	cloneFunction(&c.Delta.FunctionCall.Value)
	cloneExtra(&c.Delta.Extra)
	cloneExtra(&c.Extra)
}

func cloneToolCall(t *ToolCall) {
	cloneText(&t.ID)
	cloneFunction(&t.Function.Value)
	cloneExtra(&t.Extra)
}

func cloneFunction(f *FunctionCall) {
	cloneText(&f.Name)
	cloneText(&f.Arguments)
	cloneExtra(&f.Extra)
}

func cloneToken(t *TokenLogprob) {
	cloneText(&t.Token)
	t.Bytes.Value = slices.Clone(t.Bytes.Value)
	cloneList(&t.TopLogprobs.Value, cloneTop)
	cloneExtra(&t.Extra)
}

func cloneTop(t *TopLogprob) {
	cloneText(&t.Token)
	t.Bytes.Value = slices.Clone(t.Bytes.Value)
	cloneExtra(&t.Extra)
}

func cloneUsage(u *Usage) {
	cloneExtra(&u.PromptTokensDetails.Value.Extra)
	cloneExtra(&u.CompletionTokensDetails.Value.Extra)
	cloneExtra(&u.Extra)
}

func cloneText(o *Optional[Text]) { o.Value = slices.Clone(o.Value) }

func cloneExtra(extra *Members) {
	cloneList(extra, func(m *Member) {
		m.Name, m.Value = slices.Clone(m.Name), slices.Clone(m.Value)
	})
}

func cloneList[S ~[]T, T any](list *S, clone func(*T)) {
	*list = slices.Clone(*list)
	for i := range *list {
		clone(&(*list)[i])
	}
}
