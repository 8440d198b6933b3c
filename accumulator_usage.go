package chatstream

// mergeUsage merges a later usage into the earlier ones. A member that the later usage lacks, or
// has as null or as an empty object, keeps its value.
func mergeUsage(l *ledger, all *Optional[Usage], src *Usage) {
	all.state = set
	dst := &all.Value
	mergeCount(&dst.CompletionTokens, src.CompletionTokens)
	mergeCount(&dst.PromptTokens, src.PromptTokens)
	mergeCount(&dst.TotalTokens, src.TotalTokens)
	mergeCount(&dst.CacheCreationInputTokens, src.CacheCreationInputTokens)
	mergeCount(&dst.CacheReadInputTokens, src.CacheReadInputTokens)
	mergeRaw(l, &dst.Cost, &src.Cost)
	dst.PromptTokensDetails.state = max(dst.PromptTokensDetails.state, src.PromptTokensDetails.state)
	mergePromptDetails(l, &dst.PromptTokensDetails.Value, &src.PromptTokensDetails.Value)
	dst.CompletionTokensDetails.state = max(dst.CompletionTokensDetails.state, src.CompletionTokensDetails.state)
	mergeCompletionDetails(l, &dst.CompletionTokensDetails.Value, &src.CompletionTokensDetails.Value)
	keepMembers(l, &dst.Extra, src.Extra, keepMerged)
}

func mergePromptDetails(l *ledger, dst, src *PromptTokensDetails) {
	mergeCount(&dst.CachedTokens, src.CachedTokens)
	mergeCount(&dst.CacheWriteTokens, src.CacheWriteTokens)
	mergeCount(&dst.AudioTokens, src.AudioTokens)
	mergeCount(&dst.TextTokens, src.TextTokens)
	mergeCount(&dst.ImageTokens, src.ImageTokens)
	mergeCount(&dst.VideoTokens, src.VideoTokens)
	keepMembers(l, &dst.Extra, src.Extra, keepMerged)
}

func mergeCompletionDetails(l *ledger, dst, src *CompletionTokensDetails) {
	mergeCount(&dst.ReasoningTokens, src.ReasoningTokens)
	mergeCount(&dst.AcceptedPredictionTokens, src.AcceptedPredictionTokens)
	mergeCount(&dst.RejectedPredictionTokens, src.RejectedPredictionTokens)
	mergeCount(&dst.AudioTokens, src.AudioTokens)
	mergeCount(&dst.TextTokens, src.TextTokens)
	mergeCount(&dst.ImageTokens, src.ImageTokens)
	mergeCount(&dst.VideoTokens, src.VideoTokens)
	keepMembers(l, &dst.Extra, src.Extra, keepMerged)
}

// mergeCount replaces a count if the later usage has it.
func mergeCount(dst *Optional[int64], src Optional[int64]) {
	if src.state >= dst.state {
		*dst = src
	}
}

// mergeRaw merges a value of any type: it merges objects, and replaces other values.
func mergeRaw(l *ledger, dst, src *Optional[RawValue]) {
	switch {
	case src.state != set:
		dst.state = max(dst.state, src.state)
	case dst.state == set:
		keepAgain(l, &dst.Value, src.Value, keepMerged)
	case replace(l, &dst.Value, src.Value):
		dst.state = set
	}
}

// emptiedUsage returns a usage that is absent, with the memory of u.
func emptiedUsage(u *Usage) (empty Optional[Usage]) {
	e := &empty.Value
	e.Extra = u.Extra[:0]
	e.Cost.Value = u.Cost.Value[:0]
	e.PromptTokensDetails.Value.Extra = u.PromptTokensDetails.Value.Extra[:0]
	e.CompletionTokensDetails.Value.Extra = u.CompletionTokensDetails.Value.Extra[:0]
	return empty
}
