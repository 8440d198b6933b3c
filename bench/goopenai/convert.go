// Package goopenai is an example: it converts the chunks of chatstream to the struct of
// github.com/sashabaranov/go-openai, for a gateway whose other code is written for that.
// A conversion to a struct of your own looks the same.
//
// Four things make it cheap. Texts that come again and again (id, model) are interned.
// Other texts are cut from a slab of 4 KiB. Lists, and what pointers point to, are cut from
// slabs too, of up to 16 KiB. And Convert uses again what the struct already has of them. So a
// chunk costs less than one allocation on average. In return, whoever keeps a single text or
// list keeps its slab: copy what you keep for long (strings.Clone).
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

// Response returns the chunk as go-openai has it: what encoding/json reads of the chunk's payload
// into an empty struct of that type, where it reads it without an error. Nothing in it is
// borrowed from the chunk, and nothing of it changes later.
func (c *Converter) Response(chunk *chatstream.Chunk) openai.ChatCompletionStreamResponse {
	return c.response(chunk, nil, nil)
}

// Convert overwrites dst with the chunk, and costs less than Response. Lists of dst, and what its
// pointers point to, are overwritten too, as json.Unmarshal does it. Texts never change.
func (c *Converter) Convert(dst *openai.ChatCompletionStreamResponse, chunk *chatstream.Chunk) {
	*dst = c.response(chunk, dst.Choices, dst.Usage)
}

// response builds a response in a variable of its own, since the collector takes no notice of
// writes to the stack. It uses choices and usage again if they are not nil.
func (c *Converter) response(chunk *chatstream.Chunk, choices []openai.ChatCompletionStreamChoice, usage *openai.Usage) (r openai.ChatCompletionStreamResponse) {
	r.ID = c.names.String(chunk.ID.Value)
	r.Object = string(chunk.Object)
	r.Created = int64(chunk.Created.Value)
	r.Model = c.names.String(chunk.Model.Value)
	r.SystemFingerprint = c.names.String(chunk.SystemFingerprint.Value)
	if chunk.Choices != nil {
		r.Choices = c.choices.list(choices, len(chunk.Choices))
		for i := range chunk.Choices {
			c.choice(&r.Choices[i], &chunk.Choices[i])
		}
	}
	if chunk.Usage.Value != nil {
		r.Usage = c.usages.element(usage)
		c.usage(r.Usage, chunk.Usage.Value)
	}
	if len(chunk.Extra) > 0 {
		r.PromptFilterResults = c.promptFilterResults(chunk.Extra)
		r.PromptAnnotations = c.promptAnnotations(chunk.Extra)
	}
	return r
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

// promptFilterResults converts how Azure judges the prompt, which is beyond the schema.
func (c *Converter) promptFilterResults(extra chatstream.Members) []openai.PromptFilterResult {
	list, _ := extra.Get("prompt_filter_results")
	if !isList(list) {
		return nil
	}
	results := []openai.PromptFilterResult{}
	for element := range list.Elements() {
		results = append(results, openai.PromptFilterResult{
			Index:                intAt(element, "index"),
			ContentFilterResults: c.filterAt(element),
		})
	}
	return results
}

// promptAnnotations converts the older form of them.
func (c *Converter) promptAnnotations(extra chatstream.Members) []openai.PromptAnnotation {
	list, _ := extra.Get("prompt_annotations")
	if !isList(list) {
		return nil
	}
	annotations := []openai.PromptAnnotation{}
	for element := range list.Elements() {
		annotations = append(annotations, openai.PromptAnnotation{
			PromptIndex:          intAt(element, "prompt_index"),
			ContentFilterResults: c.filterAt(element),
		})
	}
	return annotations
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

// slabSize is how many elements a slab has. So many choices fill a block of 16 KiB.
const slabSize = 70

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
