// Package goopenai is an example: it converts the chunks of chatstream to the struct of
// github.com/sashabaranov/go-openai, for a gateway whose other code is written for that.
// A conversion to a struct of your own looks the same.
//
// Four things make it cheap. Texts that come again and again (id, model) are interned.
// Other texts are cut from a slab of 4 KiB. Lists, and what pointers point to, are cut from
// slabs too. And what the struct already has of them is used again. So a chunk costs less
// than one allocation on average. In return, whoever keeps a single text or list keeps its
// slab: copy what you keep for long (strings.Clone).
package goopenai

import (
	"strings"

	"github.com/sashabaranov/go-openai"

	"github.com/seed-08fc7208/chatstream"
)

// Converter converts the chunks of one stream, or of several one after the other. Its
// zero value is ready to use. It must not be used by several goroutines at the same time.
type Converter struct {
	names chatstream.Interner
	texts textSlab

	choices   slab[openai.ChatCompletionStreamChoice]
	toolCalls slab[openai.ToolCall]
	indexes   slab[int]
	functions slab[openai.FunctionCall]
	logprobs  slab[openai.ChatCompletionStreamChoiceLogprobs]
	tokens    slab[openai.ChatCompletionTokenLogprob]
	tops      slab[openai.ChatCompletionTokenLogprobTopLogprob]
	integers  slab[int64]
	usages    slab[openai.Usage]
	prompts   slab[openai.PromptTokensDetails]
	details   slab[openai.CompletionTokensDetails]
}

// Convert overwrites dst with the chunk: what encoding/json reads of the chunk's payload
// into an empty struct of that type, where it reads it without an error.
//
// Nothing in dst is borrowed from the chunk. Its texts never change. Its lists, and what its
// pointers point to, are overwritten when dst is given to Convert again, as json.Unmarshal
// does it. To keep a response, give the next call another dst, which costs a little more.
func (c *Converter) Convert(dst *openai.ChatCompletionStreamResponse, chunk *chatstream.Chunk) {
	// Every field is set by itself, since a struct literal would be copied to dst.
	dst.ID = c.names.String(chunk.ID.Value)
	dst.Object = string(chunk.Object)
	dst.Created = int64(chunk.Created.Value)
	dst.Model = c.names.String(chunk.Model.Value)
	dst.SystemFingerprint = c.names.String(chunk.SystemFingerprint.Value)
	if chunk.Choices == nil {
		dst.Choices = nil
	} else {
		dst.Choices = c.choices.list(dst.Choices, len(chunk.Choices))
		for i := range chunk.Choices {
			c.choice(&dst.Choices[i], &chunk.Choices[i])
		}
	}
	if u := chunk.Usage.Value; u == nil {
		dst.Usage = nil
	} else {
		dst.Usage = c.usages.element(dst.Usage)
		c.usage(dst.Usage, u)
	}
	dst.PromptAnnotations, dst.PromptFilterResults = nil, nil
	if len(chunk.Extra) > 0 {
		c.azure(dst, chunk.Extra)
	}
}

func (c *Converter) choice(dst *openai.ChatCompletionStreamChoice, choice *chatstream.Choice) {
	dst.Index = int(choice.Index.Value)
	dst.FinishReason = openai.FinishReason(choice.FinishReason.Value)
	c.delta(&dst.Delta, &choice.Delta)
	if l := choice.Logprobs.Value; l == nil {
		dst.Logprobs = nil
	} else {
		dst.Logprobs = c.logprobs.element(dst.Logprobs)
		dst.Logprobs.Content = c.tokensOf(dst.Logprobs.Content, l.Content.Value)
		dst.Logprobs.Refusal = c.tokensOf(dst.Logprobs.Refusal, l.Refusal.Value)
	}
	dst.ContentFilterResults = openai.ContentFilterResults{}
	if len(choice.Extra) > 0 {
		if filter, found := choice.Extra.Get("content_filter_results"); found {
			dst.ContentFilterResults = c.filterResults(filter)
		}
	}
}

func (c *Converter) delta(dst *openai.ChatCompletionStreamChoiceDelta, delta *chatstream.Delta) {
	dst.Role = string(delta.Role.Value)
	dst.Content = c.texts.keep(delta.Content.Value)
	dst.Refusal = c.texts.keep(delta.Refusal.Value)
	dst.ReasoningContent = c.texts.keep(delta.ReasoningContent.Value)
	if calls := delta.ToolCalls.Value; calls == nil {
		dst.ToolCalls = nil
	} else {
		dst.ToolCalls = c.toolCalls.list(dst.ToolCalls, len(calls))
		for i := range calls {
			c.toolCall(&dst.ToolCalls[i], &calls[i])
		}
	}
	if f := delta.FunctionCall.Value; f == nil {
		dst.FunctionCall = nil
	} else {
		dst.FunctionCall = c.functions.element(dst.FunctionCall)
		dst.FunctionCall.Name = c.names.String(f.Name.Value)
		dst.FunctionCall.Arguments = c.texts.keep(f.Arguments.Value)
	}
}

func (c *Converter) toolCall(dst *openai.ToolCall, call *chatstream.ToolCall) {
	if !call.Index.IsSet() {
		dst.Index = nil
	} else {
		dst.Index = c.indexes.element(dst.Index)
		*dst.Index = int(call.Index.Value)
	}
	dst.ID = c.names.String(call.ID.Value)
	dst.Type = openai.ToolType(call.Type.Value)
	dst.Function.Name = c.names.String(call.Function.Value.Name.Value)
	dst.Function.Arguments = c.texts.keep(call.Function.Value.Arguments.Value)
}

// tokensOf keeps nil, for a list that is absent or null, and an empty list apart.
func (c *Converter) tokensOf(old []openai.ChatCompletionTokenLogprob, tokens []chatstream.TokenLogprob) []openai.ChatCompletionTokenLogprob {
	if tokens == nil {
		return nil
	}
	list := c.tokens.list(old, len(tokens))
	for i := range tokens {
		dst, token := &list[i], &tokens[i]
		dst.Token = c.texts.keep(token.Token.Value)
		dst.Logprob = token.Logprob.Value
		dst.Bytes = c.bytesOf(dst.Bytes, token.Bytes.Value)
		dst.TopLogprobs = c.topsOf(dst.TopLogprobs, token.TopLogprobs.Value)
	}
	return list
}

func (c *Converter) topsOf(old []openai.ChatCompletionTokenLogprobTopLogprob, tops []chatstream.TopLogprob) []openai.ChatCompletionTokenLogprobTopLogprob {
	if tops == nil {
		return nil
	}
	list := c.tops.list(old, len(tops))
	for i := range tops {
		dst, top := &list[i], &tops[i]
		dst.Token = c.texts.keep(top.Token.Value)
		dst.Logprob = top.Logprob.Value
		dst.Bytes = c.bytesOf(dst.Bytes, top.Bytes.Value)
	}
	return list
}

func (c *Converter) bytesOf(old, bytes []int64) []int64 {
	if bytes == nil {
		return nil
	}
	list := c.integers.list(old, len(bytes))
	copy(list, bytes)
	return list
}

func (c *Converter) usage(dst *openai.Usage, u *chatstream.Usage) {
	dst.PromptTokens = int(u.PromptTokens.Value)
	dst.CompletionTokens = int(u.CompletionTokens.Value)
	dst.TotalTokens = int(u.TotalTokens.Value)
	if !u.PromptTokensDetails.IsSet() {
		dst.PromptTokensDetails = nil
	} else {
		details := &u.PromptTokensDetails.Value
		dst.PromptTokensDetails = c.prompts.element(dst.PromptTokensDetails)
		dst.PromptTokensDetails.AudioTokens = int(details.AudioTokens.Value)
		dst.PromptTokensDetails.CachedTokens = int(details.CachedTokens.Value)
	}
	if !u.CompletionTokensDetails.IsSet() {
		dst.CompletionTokensDetails = nil
	} else {
		details := &u.CompletionTokensDetails.Value
		dst.CompletionTokensDetails = c.details.element(dst.CompletionTokensDetails)
		dst.CompletionTokensDetails.AudioTokens = int(details.AudioTokens.Value)
		dst.CompletionTokensDetails.ReasoningTokens = int(details.ReasoningTokens.Value)
		dst.CompletionTokensDetails.AcceptedPredictionTokens = int(details.AcceptedPredictionTokens.Value)
		dst.CompletionTokensDetails.RejectedPredictionTokens = int(details.RejectedPredictionTokens.Value)
	}
}

// azure converts what Azure sends beyond the schema: how it judges the prompt.
func (c *Converter) azure(dst *openai.ChatCompletionStreamResponse, extra chatstream.Members) {
	if list, found := extra.Get("prompt_filter_results"); found && isList(list) {
		dst.PromptFilterResults = []openai.PromptFilterResult{}
		for element := range list.Elements() {
			dst.PromptFilterResults = append(dst.PromptFilterResults, openai.PromptFilterResult{
				Index:                intAt(element, "index"),
				ContentFilterResults: c.filterAt(element),
			})
		}
	}
	if list, found := extra.Get("prompt_annotations"); found && isList(list) {
		dst.PromptAnnotations = []openai.PromptAnnotation{}
		for element := range list.Elements() {
			dst.PromptAnnotations = append(dst.PromptAnnotations, openai.PromptAnnotation{
				PromptIndex:          intAt(element, "prompt_index"),
				ContentFilterResults: c.filterAt(element),
			})
		}
	}
}

func isList(v chatstream.RawValue) bool { return len(v) > 0 && v[0] == '[' }

func intAt(v chatstream.RawValue, name string) int {
	n, _ := at(v, name).Int64()
	return int(n)
}

func (c *Converter) filterAt(v chatstream.RawValue) openai.ContentFilterResults {
	return c.filterResults(at(v, "content_filter_results"))
}

func (c *Converter) filterResults(v chatstream.RawValue) (r openai.ContentFilterResults) {
	if len(v) <= len(`{}`) { // most
		return r
	}
	hate, selfHarm, sexual := at(v, "hate"), at(v, "self_harm"), at(v, "sexual")
	r.Hate.Filtered, r.Hate.Severity = flagAt(hate, "filtered"), c.nameAt(hate, "severity")
	r.SelfHarm.Filtered, r.SelfHarm.Severity = flagAt(selfHarm, "filtered"), c.nameAt(selfHarm, "severity")
	r.Sexual.Filtered, r.Sexual.Severity = flagAt(sexual, "filtered"), c.nameAt(sexual, "severity")
	violence, jailbreak, profanity := at(v, "violence"), at(v, "jailbreak"), at(v, "profanity")
	r.Violence.Filtered, r.Violence.Severity = flagAt(violence, "filtered"), c.nameAt(violence, "severity")
	r.JailBreak.Filtered, r.JailBreak.Detected = flagAt(jailbreak, "filtered"), flagAt(jailbreak, "detected")
	r.Profanity.Filtered, r.Profanity.Detected = flagAt(profanity, "filtered"), flagAt(profanity, "detected")
	return r
}

// at returns nil where there is no such member.
func at(v chatstream.RawValue, name string) chatstream.RawValue {
	member, _ := v.Get(name)
	return member
}

func flagAt(v chatstream.RawValue, name string) bool {
	flag, _ := at(v, name).Bool()
	return flag
}

func (c *Converter) nameAt(v chatstream.RawValue, name string) string {
	text, _ := at(v, name).Text()
	return c.names.String(text)
}

// textSlab makes strings that share memory.
type textSlab struct{ b strings.Builder }

const textSlabSize = 4 << 10

// keep returns t as a string that is owned. A Builder only ever appends, so that what it
// gave out stays as it is.
func (s *textSlab) keep(t []byte) string {
	switch {
	case len(t) == 0:
		return ""
	case len(t) > textSlabSize/4:
		return string(t)
	case s.b.Cap()-s.b.Len() < len(t):
		s.b = strings.Builder{}
		s.b.Grow(textSlabSize)
	}
	start := s.b.Len()
	s.b.Write(t)
	return s.b.String()[start:]
}

// slab makes lists that share memory.
type slab[T any] struct{ free []T }

const slabSize = 64

// list returns a list of n elements that is not nil and that no other list overlaps: old,
// elements and all, where it is long enough, or else one of zero elements.
func (s *slab[T]) list(old []T, n int) []T {
	if old != nil && n <= cap(old) {
		return old[:n]
	}
	if n > slabSize/4 {
		return make([]T, n)
	}
	if len(s.free) < n || s.free == nil {
		s.free = make([]T, slabSize)
	}
	list := s.free[:n:n]
	s.free = s.free[n:]
	return list
}

// element returns old, or where that is nil a pointer to a zero element.
func (s *slab[T]) element(old *T) *T {
	if old != nil {
		return old
	}
	return &s.list(nil, 1)[0]
}
