package chatstream

// mergeUsage merges what a later usage says into what the earlier ones said. What it
// does not say (absent, null, an empty object) stays.
func mergeUsage(l *ledger, all *Optional[Usage], src *Usage) {
	all.state = set
	dst := &all.Value
	mergeCount(&dst.CompletionTokens, src.CompletionTokens)
	mergeCount(&dst.PromptTokens, src.PromptTokens)
	mergeCount(&dst.TotalTokens, src.TotalTokens)
	dst.PromptTokensDetails.state = max(dst.PromptTokensDetails.state, src.PromptTokensDetails.state)
	mergePromptDetails(l, &dst.PromptTokensDetails.Value, &src.PromptTokensDetails.Value)
	dst.CompletionTokensDetails.state = max(dst.CompletionTokensDetails.state, src.CompletionTokensDetails.state)
	mergeCompletionDetails(l, &dst.CompletionTokensDetails.Value, &src.CompletionTokensDetails.Value)
	keepMembers(l, &dst.Extra, src.Extra, keepMerged)
}

func mergePromptDetails(l *ledger, dst, src *PromptTokensDetails) {
	mergeCount(&dst.CachedTokens, src.CachedTokens)
	mergeCount(&dst.AudioTokens, src.AudioTokens)
	keepMembers(l, &dst.Extra, src.Extra, keepMerged)
}

func mergeCompletionDetails(l *ledger, dst, src *CompletionTokensDetails) {
	mergeCount(&dst.ReasoningTokens, src.ReasoningTokens)
	mergeCount(&dst.AcceptedPredictionTokens, src.AcceptedPredictionTokens)
	mergeCount(&dst.RejectedPredictionTokens, src.RejectedPredictionTokens)
	mergeCount(&dst.AudioTokens, src.AudioTokens)
	keepMembers(l, &dst.Extra, src.Extra, keepMerged)
}

// mergeCount replaces a count unless the later usage does not say it.
func mergeCount(dst *Optional[int64], src Optional[int64]) {
	if src.state >= dst.state {
		*dst = src
	}
}

// emptiedUsage returns a usage that is absent, with the memory of u.
func emptiedUsage(u *Usage) (empty Optional[Usage]) {
	e := &empty.Value
	e.Extra = u.Extra[:0]
	e.PromptTokensDetails.Value.Extra = u.PromptTokensDetails.Value.Extra[:0]
	e.CompletionTokensDetails.Value.Extra = u.CompletionTokensDetails.Value.Extra[:0]
	return empty
}
