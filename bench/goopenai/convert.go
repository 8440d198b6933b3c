// Package goopenai is an example: it converts the chunks of chatstream to the struct of
// github.com/sashabaranov/go-openai, for a gateway whose other code is written for that.
// A conversion to a struct of your own looks the same.
//
// What a converted struct holds is owned: it is valid for ever, unlike a chunk. To be
// cheap about it, texts that come again and again (id, model) are interned, other texts
// are cut from a slab of 4 KiB, and lists and what pointers point to from slabs of 64
// elements. So a chunk costs less than one allocation on average. In return, whoever keeps
// a single text or list keeps its slab: copy what you keep for long (strings.Clone).
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
	logprobs  slab[openai.ChatCompletionStreamChoiceLogprobs]
	tokens    slab[openai.ChatCompletionTokenLogprob]
	tops      slab[openai.ChatCompletionTokenLogprobTopLogprob]
	integers  slab[int64]
	usages    slab[usage]
}

// usage is a Usage with what it points to: some providers send it with every chunk.
type usage struct {
	usage      openai.Usage
	prompt     openai.PromptTokensDetails
	completion openai.CompletionTokensDetails
}

// Convert overwrites dst with the chunk: what encoding/json reads of the chunk's payload
// into that struct, where it reads it without an error.
func (c *Converter) Convert(dst *openai.ChatCompletionStreamResponse, chunk *chatstream.Chunk) {
	// Every field is set by itself, since a struct literal would be copied to dst.
	dst.ID = c.names.String(chunk.ID.Value)
	dst.Object = string(chunk.Object)
	dst.Created = int64(chunk.Created.Value)
	dst.Model = c.names.String(chunk.Model.Value)
	dst.SystemFingerprint = c.names.String(chunk.SystemFingerprint.Value)
	dst.PromptAnnotations, dst.PromptFilterResults = nil, nil
	dst.Choices = nil
	if chunk.Choices != nil {
		dst.Choices = c.choices.take(len(chunk.Choices))
		for i := range chunk.Choices {
			c.choice(&dst.Choices[i], &chunk.Choices[i])
		}
	}
	dst.Usage = nil
	if chunk.Usage.IsSet() {
		dst.Usage = c.usage(chunk)
	}
	if len(chunk.Extra) > 0 {
		c.azure(dst, chunk.Extra)
	}
}

func (c *Converter) choice(dst *openai.ChatCompletionStreamChoice, choice *chatstream.Choice) {
	dst.Index = int(choice.Index.Value)
	dst.FinishReason = openai.FinishReason(choice.FinishReason.Value)
	delta := &choice.Delta
	dst.Delta.Role = string(delta.Role.Value)
	dst.Delta.Content = c.texts.keep(delta.Content.Value)
	dst.Delta.Refusal = c.texts.keep(delta.Refusal.Value)
	dst.Delta.ReasoningContent = c.texts.keep(delta.ReasoningContent.Value)
	if delta.ToolCalls.Value != nil {
		dst.Delta.ToolCalls = c.toolCalls.take(len(delta.ToolCalls.Value))
		for i := range delta.ToolCalls.Value {
			c.toolCall(&dst.Delta.ToolCalls[i], &delta.ToolCalls.Value[i])
		}
	}
	if delta.FunctionCall.IsSet() {
		f := delta.FunctionCall.Value
		dst.Delta.FunctionCall = &openai.FunctionCall{
			Name:      c.names.String(f.Name.Value),
			Arguments: c.texts.keep(f.Arguments.Value),
		}
	}
	if choice.Logprobs.IsSet() {
		l := choice.Logprobs.Value
		dst.Logprobs = &c.logprobs.take(1)[0]
		dst.Logprobs.Content = c.tokensOf(l.Content.Value)
		dst.Logprobs.Refusal = c.tokensOf(l.Refusal.Value)
	}
	if len(choice.Extra) > 0 {
		if filter, found := choice.Extra.Get("content_filter_results"); found {
			dst.ContentFilterResults = c.filterResults(filter)
		}
	}
}

func (c *Converter) toolCall(dst *openai.ToolCall, call *chatstream.ToolCall) {
	if call.Index.IsSet() {
		dst.Index = &c.indexes.take(1)[0]
		*dst.Index = int(call.Index.Value)
	}
	dst.ID = c.names.String(call.ID.Value)
	dst.Type = openai.ToolType(call.Type.Value)
	dst.Function.Name = c.names.String(call.Function.Value.Name.Value)
	dst.Function.Arguments = c.texts.keep(call.Function.Value.Arguments.Value)
}

// tokensOf keeps nil, for a list that is absent or null, and an empty list apart.
func (c *Converter) tokensOf(tokens []chatstream.TokenLogprob) []openai.ChatCompletionTokenLogprob {
	if tokens == nil {
		return nil
	}
	list := c.tokens.take(len(tokens))
	for i := range tokens {
		dst, token := &list[i], &tokens[i]
		dst.Token = c.texts.keep(token.Token.Value)
		dst.Logprob = token.Logprob.Value
		dst.Bytes = c.bytesOf(token.Bytes.Value)
		if token.TopLogprobs.Value == nil {
			continue
		}
		dst.TopLogprobs = c.tops.take(len(token.TopLogprobs.Value))
		for j := range token.TopLogprobs.Value {
			dst, top := &dst.TopLogprobs[j], &token.TopLogprobs.Value[j]
			dst.Token = c.texts.keep(top.Token.Value)
			dst.Logprob = top.Logprob.Value
			dst.Bytes = c.bytesOf(top.Bytes.Value)
		}
	}
	return list
}

func (c *Converter) bytesOf(bytes []int64) []int64 {
	if bytes == nil {
		return nil
	}
	list := c.integers.take(len(bytes))
	copy(list, bytes)
	return list
}

func (c *Converter) usage(chunk *chatstream.Chunk) *openai.Usage {
	u := chunk.Usage.Value
	dst := &c.usages.take(1)[0]
	dst.usage.PromptTokens = int(u.PromptTokens.Value)
	dst.usage.CompletionTokens = int(u.CompletionTokens.Value)
	dst.usage.TotalTokens = int(u.TotalTokens.Value)
	if details, found := u.PromptTokensDetails.Get(); found {
		dst.prompt = openai.PromptTokensDetails{
			AudioTokens:  int(details.AudioTokens.Value),
			CachedTokens: int(details.CachedTokens.Value),
		}
		dst.usage.PromptTokensDetails = &dst.prompt
	}
	if details, found := u.CompletionTokensDetails.Get(); found {
		dst.completion = openai.CompletionTokensDetails{
			AudioTokens:              int(details.AudioTokens.Value),
			ReasoningTokens:          int(details.ReasoningTokens.Value),
			AcceptedPredictionTokens: int(details.AcceptedPredictionTokens.Value),
			RejectedPredictionTokens: int(details.RejectedPredictionTokens.Value),
		}
		dst.usage.CompletionTokensDetails = &dst.completion
	}
	return &dst.usage
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
	member, _ := v.Get(name)
	n, _ := member.Int64()
	return int(n)
}

func (c *Converter) filterAt(v chatstream.RawValue) openai.ContentFilterResults {
	member, _ := v.Get("content_filter_results")
	return c.filterResults(member)
}

func (c *Converter) filterResults(v chatstream.RawValue) (r openai.ContentFilterResults) {
	if len(v) <= len(`{}`) { // most
		return r
	}
	r.Hate.Filtered, r.Hate.Severity = flagAt(v, "hate", "filtered"), c.nameAt(v, "hate", "severity")
	r.SelfHarm.Filtered, r.SelfHarm.Severity = flagAt(v, "self_harm", "filtered"), c.nameAt(v, "self_harm", "severity")
	r.Sexual.Filtered, r.Sexual.Severity = flagAt(v, "sexual", "filtered"), c.nameAt(v, "sexual", "severity")
	r.Violence.Filtered, r.Violence.Severity = flagAt(v, "violence", "filtered"), c.nameAt(v, "violence", "severity")
	r.JailBreak.Filtered, r.JailBreak.Detected = flagAt(v, "jailbreak", "filtered"), flagAt(v, "jailbreak", "detected")
	r.Profanity.Filtered, r.Profanity.Detected = flagAt(v, "profanity", "filtered"), flagAt(v, "profanity", "detected")
	return r
}

func flagAt(v chatstream.RawValue, path ...string) bool {
	member, _ := v.Get(path...)
	flag, _ := member.Bool()
	return flag
}

func (c *Converter) nameAt(v chatstream.RawValue, path ...string) string {
	member, _ := v.Get(path...)
	name, _ := member.Text()
	return c.names.String(name)
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

// take returns a list of n zero elements that is not nil, and that no other one overlaps.
func (s *slab[T]) take(n int) []T {
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
