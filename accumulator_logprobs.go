package chatstream

import "slices"

// logprobs has the tokens of an answer so far.
type logprobs struct {
	state            presence
	content, refusal Optional[[]TokenLogprob]
	extra            Members
}

func (l *logprobs) emptied() logprobs {
	return logprobs{
		content: Optional[[]TokenLogprob]{Value: l.content.Value[:0]},
		refusal: Optional[[]TokenLogprob]{Value: l.refusal.Value[:0]},
		extra:   l.extra[:0],
	}
}

func (l *logprobs) value() Optional[Logprobs] {
	if l.state != set {
		return Optional[Logprobs]{state: l.state}
	}
	return Some(Logprobs{Content: tokensValue(l.content), Refusal: tokensValue(l.refusal), Extra: slices.Clip(l.extra)})
}

func tokensValue(o Optional[[]TokenLogprob]) Optional[[]TokenLogprob] {
	if o.state != set {
		return Optional[[]TokenLogprob]{state: o.state}
	}
	return Some(slices.Clip(o.Value))
}

func (dst *logprobs) add(l *ledger, src *Optional[*Logprobs]) {
	dst.state = max(dst.state, src.state)
	if src.Value != nil {
		addTokens(l, &dst.content, &src.Value.Content)
		addTokens(l, &dst.refusal, &src.Value.Refusal)
		keepMembers(l, &dst.extra, src.Value.Extra, keepElements)
	}
}

func addTokens(l *ledger, dst, src *Optional[[]TokenLogprob]) {
	dst.state = max(dst.state, src.state)
	for i := range src.Value {
		if !l.chargeText(tokenSize(&src.Value[i])) {
			return
		}
		copyToken(l, extend(l, &dst.Value, tokenLogprobSize), &src.Value[i])
	}
}

// tokenSize returns how much memory a copy of t takes.
func tokenSize(t *TokenLogprob) int {
	size := tokenLogprobSize + len(t.Token.Value) + intSize*len(t.Bytes.Value) + membersSize(t.Extra)
	for i := range t.TopLogprobs.Value {
		top := &t.TopLogprobs.Value[i]
		size += topLogprobSize + len(top.Token.Value) + intSize*len(top.Bytes.Value) + membersSize(top.Extra)
	}
	return size
}

// copyToken copies src into the memory of dst. Its size must have been charged.
func copyToken(l *ledger, dst, src *TokenLogprob) {
	copyText(l, &dst.Token, &src.Token)
	dst.Logprob = src.Logprob
	copyInts(l, &dst.Bytes, &src.Bytes)
	tops := dst.TopLogprobs.Value[:0]
	for i := range src.TopLogprobs.Value {
		copyTop(l, extend(l, &tops, topLogprobSize), &src.TopLogprobs.Value[i])
	}
	dst.TopLogprobs = Optional[[]TopLogprob]{tops, src.TopLogprobs.state}
	dst.Extra = copyMembers(l, dst.Extra, src.Extra)
}

func copyTop(l *ledger, dst, src *TopLogprob) {
	copyText(l, &dst.Token, &src.Token)
	dst.Logprob = src.Logprob
	copyInts(l, &dst.Bytes, &src.Bytes)
	dst.Extra = copyMembers(l, dst.Extra, src.Extra)
}

func copyText(l *ledger, dst, src *Optional[Text]) {
	dst.Value, dst.state = dst.Value[:0], src.state
	put(l, &dst.Value, src.Value)
}

func copyInts(l *ledger, dst, src *Optional[[]int64]) {
	before := cap(dst.Value)
	dst.Value, dst.state = append(dst.Value[:0], src.Value...), src.state
	l.held += intSize * (cap(dst.Value) - before)
}
