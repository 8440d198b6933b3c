package chatstream

import (
	"errors"
	"fmt"

	"github.com/seed-08fc7208/chatstream/internal/jsonwire"
)

// ValidationError is one objection of the schema to a chunk.
type ValidationError struct {
	// Path is the member, as in choices[0].delta.content.
	Path string
	// Reason says what is wrong with it.
	Reason string
}

func (e *ValidationError) Error() string { return "chatstream: " + oneLine(e.Path) + ": " + e.Reason }

// Validate holds the chunk against the schema. It returns nil or all objections,
// joined by errors.Join, each a *ValidationError: a required member that is
// missing, null where the schema has none, another JSON type, a value that an
// enumeration does not have, a member that is repeated, a list too long to be
// built. Ordinary providers earn some of them daily, "usage": null for one.
// Members that the schema does not know are none.
func (c *CreateChatCompletionData) Validate() error {
	var v validator
	o := v.object("", &chunkKind, c.repeated, c.Extra)
	o.optional(chunkID, c.ID.state)
	o.required(chunkChoices, c.Choices != nil)
	for i := range c.Choices {
		v.choice(o.element(chunkChoices, i), &c.Choices[i])
	}
	o.optional(chunkCreated, c.Created.state)
	o.optional(chunkModel, c.Model.state)
	o.optional(chunkUsage, c.Usage.state)
	if c.Usage.IsSet() {
		v.usage(o.path(chunkUsage), &c.Usage.Value)
	}
	if o.required(chunkObject, c.Object != "" || c.emptyObject) {
		o.enum(chunkObject, string(c.Object), string(ObjectChatCompletionChunk))
	}
	return errors.Join(v.objections...)
}

type validator struct{ objections []error }

func (v *validator) object(path string, kind *objectKind, repeated memberSet, extra []Member) objectValidator {
	o := objectValidator{v: v, prefix: path, kind: kind}
	if path != "" {
		o.prefix += "."
	}
	for i, name := range kind.names {
		if repeated.has(i) {
			o.object(name, "repeated; the last one counts")
		}
	}
	times := make(map[string]int, len(extra))
	for _, m := range extra {
		name := string(m.Name)
		if times[name]++; times[name] == 2 {
			o.object(name, "repeated")
		}
		if i := kind.number(m.Name); i != noMember {
			o.misshapen |= 1 << i
			o.object(name, wrongShape(m.Value))
		}
	}
	return o
}

// wrongShape says why a value went to Extra although there is a field for it.
func wrongShape(v RawValue) string {
	var c byte
	if len(v) > 0 {
		c = v[0]
	}
	switch {
	case c == 'n':
		return "null is not allowed"
	case c == '[':
		return "is a list that has an element of another type or is too long to be built"
	case c == '-' || jsonwire.IsDigit(c):
		return fmt.Sprintf("%s is not a number of the member's type and range", beginningOf(v))
	}
	return fmt.Sprintf("%s is not of the member's type", beginningOf(v))
}

// objectValidator judges the members of one object.
type objectValidator struct {
	v         *validator
	prefix    string
	kind      *objectKind
	misshapen memberSet // members that have been objected to already
}

func (o *objectValidator) path(member int) string { return o.prefix + o.kind.names[member] }

func (o *objectValidator) element(member, i int) string {
	return fmt.Sprintf("%s[%d]", o.path(member), i)
}

func (o *objectValidator) object(name, reason string) {
	o.v.objections = append(o.v.objections, &ValidationError{Path: o.prefix + name, Reason: reason})
}

// optional objects to null.
func (o *objectValidator) optional(member int, state presence) {
	if state == null {
		o.object(o.kind.names[member], "null is not allowed")
	}
}

// required objects to a member that is missing.
func (o *objectValidator) required(member int, present bool) bool {
	if !present && !o.misshapen.has(member) {
		o.object(o.kind.names[member], "missing")
	}
	return present
}

// requiredValue objects to a member that is missing or null.
func (o *objectValidator) requiredValue(member int, state presence) {
	o.required(member, state != absent)
	o.optional(member, state)
}

// enum objects to a value that is none of those.
func (o *objectValidator) enum(member int, value string, values ...string) {
	for _, v := range values {
		if v == value {
			return
		}
	}
	o.object(o.kind.names[member], fmt.Sprintf("%s is not one of %q", beginningOf([]byte(value)), values))
}

func (v *validator) choice(path string, c *Choice) {
	o := v.object(path, &choiceKind, c.repeated, c.Extra)
	if o.required(choiceFinishReason, !c.FinishReason.IsAbsent()) && c.FinishReason.IsSet() {
		o.enum(choiceFinishReason, string(c.FinishReason.Value), string(FinishReasonStop),
			string(FinishReasonLength), string(FinishReasonToolCalls),
			string(FinishReasonContentFilter), string(FinishReasonFunctionCall))
	}
	o.optional(choiceIndex, c.Index.state)
	if c.Logprobs.IsSet() {
		v.logprobs(o.path(choiceLogprobs), &c.Logprobs.Value)
	}
	if o.required(choiceDelta, !c.noDelta || !c.Delta.empty()) {
		v.delta(o.path(choiceDelta), &c.Delta)
	}
}

func (v *validator) delta(path string, d *Delta) {
	o := v.object(path, &deltaKind, d.repeated, d.Extra)
	o.optional(deltaToolCalls, d.ToolCalls.state)
	for i := range d.ToolCalls.Value {
		v.toolCall(o.element(deltaToolCalls, i), &d.ToolCalls.Value[i])
	}
	o.optional(deltaRole, d.Role.state)
	if d.Role.IsSet() {
		o.enum(deltaRole, string(d.Role.Value), string(RoleAssistant))
	}
	o.optional(deltaReasoning, d.Reasoning.state)
	o.optional(deltaReasoningSignature, d.ReasoningSignature.state)
	o.optional(deltaRedactedReasoning, d.RedactedReasoning.state)
	if d.Audio.IsSet() {
		v.audio(o.path(deltaAudio), &d.Audio.Value)
	}
	if d.FunctionCall.IsSet() {
		v.function(o.path(deltaFunctionCall), &d.FunctionCall.Value)
	}
}

func (v *validator) toolCall(path string, t *ToolCall) {
	o := v.object(path, &toolCallKind, t.repeated, t.Extra)
	o.optional(toolCallID, t.ID.state)
	o.optional(toolCallType, t.Type.state)
	if t.Type.IsSet() {
		o.enum(toolCallType, string(t.Type.Value), string(ToolCallTypeFunction))
	}
	o.optional(toolCallFunction, t.Function.state)
	if t.Function.IsSet() {
		v.function(o.path(toolCallFunction), &t.Function.Value)
	}
}

func (v *validator) function(path string, f *FunctionCall) {
	o := v.object(path, &functionKind, f.repeated, f.Extra)
	o.optional(functionName, f.Name.state)
	o.optional(functionArguments, f.Arguments.state)
}

func (v *validator) audio(path string, a *Audio) {
	o := v.object(path, &audioKind, a.repeated, a.Extra)
	o.optional(audioID, a.ID.state)
	o.optional(audioTranscript, a.Transcript.state)
	o.optional(audioData, a.Data.state)
	o.optional(audioExpiresAt, a.ExpiresAt.state)
}

func (v *validator) logprobs(path string, l *Logprobs) {
	o := v.object(path, &logprobsKind, l.repeated, l.Extra)
	o.requiredValue(logprobsContent, l.Content.state)
	for i := range l.Content.Value {
		v.token(o.element(logprobsContent, i), &l.Content.Value[i])
	}
	o.requiredValue(logprobsRefusal, l.Refusal.state)
	for i := range l.Refusal.Value {
		v.token(o.element(logprobsRefusal, i), &l.Refusal.Value[i])
	}
}

func (v *validator) token(path string, t *TokenLogprob) {
	o := v.object(path, &tokenKind, t.repeated, t.Extra)
	o.requiredValue(tokenToken, t.Token.state)
	o.requiredValue(tokenLogprob, t.Logprob.state)
	o.requiredValue(tokenBytes, t.Bytes.state)
	o.requiredValue(tokenTopLogprobs, t.TopLogprobs.state)
	for i := range t.TopLogprobs.Value {
		v.top(o.element(tokenTopLogprobs, i), &t.TopLogprobs.Value[i])
	}
}

func (v *validator) top(path string, t *TopLogprob) {
	o := v.object(path, &topKind, t.repeated, t.Extra)
	o.requiredValue(tokenToken, t.Token.state)
	o.requiredValue(tokenLogprob, t.Logprob.state)
	o.requiredValue(tokenBytes, t.Bytes.state)
}

func (v *validator) usage(path string, u *Usage) {
	o := v.object(path, &usageKind, u.repeated, u.Extra)
	o.optional(usageCompletionTokens, u.CompletionTokens.state)
	o.optional(usagePromptTokens, u.PromptTokens.state)
	o.optional(usageTotalTokens, u.TotalTokens.state)
	if u.PromptTokensDetails.IsSet() {
		d := &u.PromptTokensDetails.Value
		v.object(o.path(usagePromptTokensDetails), &promptKind, d.repeated, d.Extra)
	}
	if u.CompletionTokensDetails.IsSet() {
		d := &u.CompletionTokensDetails.Value
		v.object(o.path(usageCompletionTokensDetails), &completionKind, d.repeated, d.Extra)
	}
}
