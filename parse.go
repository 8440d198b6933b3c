package chatstream

// A method for each kind of object in the schema. They read the object at i into
// memory that is empty, and return the index after it.

func (p *parser) chunk(i int, c *CreateChatCompletionData) int {
	var o object
	for i = p.open(i, &o, &chunkKind); i > 0; i = p.next(i, &o) {
		switch o.member {
		case chunkID:
			i = p.textMember(i, &o, &c.ID)
		case chunkObject:
			i = p.objectName(i, &o, c)
		case chunkCreated:
			i = p.floatMember(i, &o, &c.Created)
		case chunkModel:
			i = p.textMember(i, &o, &c.Model)
		case chunkProvider:
			i = p.textMember(i, &o, &c.Provider)
		case chunkServiceTier:
			i = p.textMember(i, &o, &c.ServiceTier)
		case chunkSystemFingerprint:
			i = p.textMember(i, &o, &c.SystemFingerprint)
		case chunkChoices:
			i = p.choiceList(i, &o, c)
		case chunkUsage:
			i = objectMember(p, i, &o, &c.Usage, (*parser).usage)
		case chunkObfuscation:
			i = p.textMember(i, &o, &c.Obfuscation)
		case chunkError:
			i = p.errorMember(i, c)
		default:
			i = p.extra(i, &o)
		}
	}
	return p.leave(i, &o, &c.Extra, &c.repeated)
}

// objectName reads the required member object, where null is misshapen.
func (p *parser) objectName(i int, o *object, c *CreateChatCompletionData) int {
	const usual = `"` + string(ObjectChatCompletionChunk) + `"`
	b := p.b
	c.Object, c.emptyObject = "", false
	if end := i + len(usual); end <= len(b) && string(b[i:i+16]) == usual[:16] && string(b[i+16:end]) == usual[16:] {
		c.Object = ObjectChatCompletionChunk
		return end
	}
	if i == len(b) || b[i] != '"' {
		return p.misfit(i, o)
	}
	var value Text
	if i = p.string(i, &value); i >= 0 {
		c.Object = Object(p.names.intern(value))
		c.emptyObject = c.Object == ""
	}
	return i
}

// choiceList reads the required member choices, where null is misshapen.
func (p *parser) choiceList(i int, o *object, c *CreateChatCompletionData) int {
	// Those of an earlier list do not count.
	p.objects -= len(p.choices)
	c.Choices, p.choices = nil, p.choices[:0]
	if i < len(p.b) && p.b[i] == '[' {
		if end := objectList(p, i, &c.Choices, &p.choices, maxChoices, (*parser).choice); end != 0 {
			return end
		}
	}
	return p.misfit(i, o)
}

// errorMember reads the member error, which may be of any shape.
func (p *parser) errorMember(i int, c *CreateChatCompletionData) int {
	if isNull(p.b, i) {
		c.Error = Null[RawValue]()
		return i + 4
	}
	end, f := skipValue(p.b, i, p.depth)
	if f != ok {
		return p.fail(end, f)
	}
	c.Error = Some(RawValue(p.b[i:end:end]))
	return end
}

func (p *parser) choice(i int, c *Choice) int {
	c.noDelta = true
	var o object
	for i = p.open(i, &o, &choiceKind); i > 0; i = p.next(i, &o) {
		switch o.member {
		case choiceIndex:
			i = p.intMember(i, &o, &c.Index)
		case choiceDelta:
			i = p.deltaMember(i, &o, c)
		case choiceLogprobs:
			i = objectMember(p, i, &o, &c.Logprobs, (*parser).logprobs)
		case choiceFinishReason:
			i = enumMember(p, i, &o, &c.FinishReason)
		default:
			i = p.extra(i, &o)
		}
	}
	return p.leave(i, &o, &c.Extra, &c.repeated)
}

// deltaMember reads the required member delta, where null is misshapen.
func (p *parser) deltaMember(i int, o *object, c *Choice) int {
	if !c.noDelta { // the member is repeated
		c.Delta, c.noDelta = Delta{}, true
	}
	if i == len(p.b) || p.b[i] != '{' {
		return p.misfit(i, o)
	}
	c.noDelta = false
	return p.delta(i, &c.Delta)
}

func (p *parser) delta(i int, d *Delta) int {
	var o object
	for i = p.open(i, &o, &deltaKind); i > 0; i = p.next(i, &o) {
		switch o.member {
		case deltaRole:
			i = enumMember(p, i, &o, &d.Role)
		case deltaContent:
			i = p.textMember(i, &o, &d.Content)
		case deltaRefusal:
			i = p.textMember(i, &o, &d.Refusal)
		case deltaReasoning:
			i = p.textMember(i, &o, &d.Reasoning)
		case deltaReasoningContent:
			i = p.textMember(i, &o, &d.ReasoningContent)
		case deltaReasoningSignature:
			i = p.textMember(i, &o, &d.ReasoningSignature)
		case deltaRedactedReasoning:
			i = p.textMember(i, &o, &d.RedactedReasoning)
		case deltaToolCalls:
			i = listMember(p, i, &o, &d.ToolCalls, &p.toolCalls, (*parser).toolCall)
		case deltaFunctionCall:
			i = objectMember(p, i, &o, &d.FunctionCall, (*parser).function)
		case deltaAudio:
			i = objectMember(p, i, &o, &d.Audio, (*parser).audio)
		default:
			i = p.extra(i, &o)
		}
	}
	return p.leave(i, &o, &d.Extra, &d.repeated)
}

func (p *parser) toolCall(i int, t *ToolCall) int {
	var o object
	for i = p.open(i, &o, &toolCallKind); i > 0; i = p.next(i, &o) {
		switch o.member {
		case toolCallIndex:
			i = p.intMember(i, &o, &t.Index)
		case toolCallID:
			i = p.textMember(i, &o, &t.ID)
		case toolCallType:
			i = enumMember(p, i, &o, &t.Type)
		case toolCallFunction:
			i = objectMember(p, i, &o, &t.Function, (*parser).function)
		default:
			i = p.extra(i, &o)
		}
	}
	return p.leave(i, &o, &t.Extra, &t.repeated)
}

func (p *parser) function(i int, f *FunctionCall) int {
	var o object
	for i = p.open(i, &o, &functionKind); i > 0; i = p.next(i, &o) {
		switch o.member {
		case functionName:
			i = p.textMember(i, &o, &f.Name)
		case functionArguments:
			i = p.textMember(i, &o, &f.Arguments)
		default:
			i = p.extra(i, &o)
		}
	}
	return p.leave(i, &o, &f.Extra, &f.repeated)
}

func (p *parser) audio(i int, a *Audio) int {
	var o object
	for i = p.open(i, &o, &audioKind); i > 0; i = p.next(i, &o) {
		switch o.member {
		case audioID:
			i = p.textMember(i, &o, &a.ID)
		case audioTranscript:
			i = p.textMember(i, &o, &a.Transcript)
		case audioData:
			i = p.textMember(i, &o, &a.Data)
		case audioExpiresAt:
			i = p.intMember(i, &o, &a.ExpiresAt)
		default:
			i = p.extra(i, &o)
		}
	}
	return p.leave(i, &o, &a.Extra, &a.repeated)
}

func (p *parser) logprobs(i int, l *Logprobs) int {
	var o object
	for i = p.open(i, &o, &logprobsKind); i > 0; i = p.next(i, &o) {
		switch o.member {
		case logprobsContent:
			i = listMember(p, i, &o, &l.Content, &p.tokens, (*parser).token)
		case logprobsRefusal:
			i = listMember(p, i, &o, &l.Refusal, &p.tokens, (*parser).token)
		default:
			i = p.extra(i, &o)
		}
	}
	return p.leave(i, &o, &l.Extra, &l.repeated)
}

func (p *parser) token(i int, t *TokenLogprob) int {
	var o object
	for i = p.open(i, &o, &tokenKind); i > 0; i = p.next(i, &o) {
		switch o.member {
		case tokenToken:
			i = p.textMember(i, &o, &t.Token)
		case tokenLogprob:
			i = p.floatMember(i, &o, &t.Logprob)
		case tokenBytes:
			i = p.bytesMember(i, &o, &t.Bytes)
		case tokenTopLogprobs:
			i = listMember(p, i, &o, &t.TopLogprobs, &p.tops, (*parser).top)
		default:
			i = p.extra(i, &o)
		}
	}
	return p.leave(i, &o, &t.Extra, &t.repeated)
}

func (p *parser) top(i int, t *TopLogprob) int {
	var o object
	for i = p.open(i, &o, &topKind); i > 0; i = p.next(i, &o) {
		switch o.member {
		case tokenToken:
			i = p.textMember(i, &o, &t.Token)
		case tokenLogprob:
			i = p.floatMember(i, &o, &t.Logprob)
		case tokenBytes:
			i = p.bytesMember(i, &o, &t.Bytes)
		default:
			i = p.extra(i, &o)
		}
	}
	return p.leave(i, &o, &t.Extra, &t.repeated)
}

func (p *parser) usage(i int, u *Usage) int {
	var o object
	for i = p.open(i, &o, &usageKind); i > 0; i = p.next(i, &o) {
		switch o.member {
		case usagePromptTokens:
			i = p.intMember(i, &o, &u.PromptTokens)
		case usageCompletionTokens:
			i = p.intMember(i, &o, &u.CompletionTokens)
		case usageTotalTokens:
			i = p.intMember(i, &o, &u.TotalTokens)
		case usagePromptTokensDetails:
			i = objectMember(p, i, &o, &u.PromptTokensDetails, (*parser).promptDetails)
		case usageCompletionTokensDetails:
			i = objectMember(p, i, &o, &u.CompletionTokensDetails, (*parser).completionDetails)
		default:
			i = p.extra(i, &o)
		}
	}
	return p.leave(i, &o, &u.Extra, &u.repeated)
}

func (p *parser) promptDetails(i int, d *PromptTokensDetails) int {
	var o object
	for i = p.open(i, &o, &promptKind); i > 0; i = p.next(i, &o) {
		switch o.member {
		case promptCachedTokens:
			i = p.intMember(i, &o, &d.CachedTokens)
		case promptAudioTokens:
			i = p.intMember(i, &o, &d.AudioTokens)
		default:
			i = p.extra(i, &o)
		}
	}
	return p.leave(i, &o, &d.Extra, &d.repeated)
}

func (p *parser) completionDetails(i int, d *CompletionTokensDetails) int {
	var o object
	for i = p.open(i, &o, &completionKind); i > 0; i = p.next(i, &o) {
		switch o.member {
		case completionReasoningTokens:
			i = p.intMember(i, &o, &d.ReasoningTokens)
		case completionAudioTokens:
			i = p.intMember(i, &o, &d.AudioTokens)
		case completionAcceptedPredictionTokens:
			i = p.intMember(i, &o, &d.AcceptedPredictionTokens)
		case completionRejectedPredictionTokens:
			i = p.intMember(i, &o, &d.RejectedPredictionTokens)
		default:
			i = p.extra(i, &o)
		}
	}
	return p.leave(i, &o, &d.Extra, &d.repeated)
}
