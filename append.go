package chatstream

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/seed-08fc7208/chatstream/internal/jsonwire"
)

// AppendJSON appends the chunk to dst as one JSON object and returns the extended
// buffer. After Decode or Unmarshal it is the payload's JSON value: every member,
// known or not, absent, null or set.
//
// A field that is null or set hides a member of its name in Extra, so that what a
// caller wrote counts. Line ends in an Extra or Error value are left out, so that
// the result is one line. A number that is not finite is written as null.
func (c *CreateChatCompletionData) AppendJSON(dst []byte) []byte {
	w := openObject(dst, &chunkKind)
	w.text(chunkID, c.ID)
	if c.Object != "" || c.emptyObject {
		w.member(chunkObject)
		w.dst = jsonwire.AppendString(w.dst, c.Object)
	}
	w.float(chunkCreated, c.Created)
	w.text(chunkModel, c.Model)
	w.text(chunkProvider, c.Provider)
	w.text(chunkServiceTier, c.ServiceTier)
	w.text(chunkSystemFingerprint, c.SystemFingerprint)
	if c.Choices != nil {
		w.member(chunkChoices)
		w.dst = appendList(w.dst, c.Choices, appendChoice)
	}
	if w.value(chunkUsage, c.Usage.state) {
		w.dst = appendUsage(w.dst, &c.Usage.Value)
	}
	w.text(chunkObfuscation, c.Obfuscation)
	if w.value(chunkError, c.Error.state) {
		w.dst = jsonwire.AppendRaw(w.dst, c.Error.Value)
	}
	return w.close(c.Extra)
}

func appendChoice(dst []byte, c *Choice) []byte {
	w := openObject(dst, &choiceKind)
	w.int(choiceIndex, c.Index)
	if !c.noDelta || !c.Delta.empty() {
		w.member(choiceDelta)
		w.dst = appendDelta(w.dst, &c.Delta)
	}
	if w.value(choiceLogprobs, c.Logprobs.state) {
		w.dst = appendLogprobs(w.dst, &c.Logprobs.Value)
	}
	writeEnum(&w, choiceFinishReason, c.FinishReason)
	return w.close(c.Extra)
}

func appendDelta(dst []byte, d *Delta) []byte {
	w := openObject(dst, &deltaKind)
	writeEnum(&w, deltaRole, d.Role)
	w.text(deltaContent, d.Content)
	w.text(deltaRefusal, d.Refusal)
	w.text(deltaReasoning, d.Reasoning)
	w.text(deltaReasoningContent, d.ReasoningContent)
	w.text(deltaReasoningSignature, d.ReasoningSignature)
	w.text(deltaRedactedReasoning, d.RedactedReasoning)
	if w.value(deltaToolCalls, d.ToolCalls.state) {
		w.dst = appendList(w.dst, d.ToolCalls.Value, appendToolCall)
	}
	if w.value(deltaFunctionCall, d.FunctionCall.state) {
		w.dst = appendFunction(w.dst, &d.FunctionCall.Value)
	}
	if w.value(deltaAudio, d.Audio.state) {
		w.dst = appendAudio(w.dst, &d.Audio.Value)
	}
	return w.close(d.Extra)
}

// empty reports whether the delta has no member at all.
func (d *Delta) empty() bool {
	return d.Role.state|d.Content.state|d.Refusal.state|d.Reasoning.state|d.ReasoningContent.state|
		d.ReasoningSignature.state|d.RedactedReasoning.state|d.ToolCalls.state|d.FunctionCall.state|
		d.Audio.state == absent && len(d.Extra) == 0
}

func appendToolCall(dst []byte, t *ToolCall) []byte {
	w := openObject(dst, &toolCallKind)
	w.int(toolCallIndex, t.Index)
	w.text(toolCallID, t.ID)
	writeEnum(&w, toolCallType, t.Type)
	if w.value(toolCallFunction, t.Function.state) {
		w.dst = appendFunction(w.dst, &t.Function.Value)
	}
	return w.close(t.Extra)
}

func appendFunction(dst []byte, f *FunctionCall) []byte {
	w := openObject(dst, &functionKind)
	w.text(functionName, f.Name)
	w.text(functionArguments, f.Arguments)
	return w.close(f.Extra)
}

func appendAudio(dst []byte, a *Audio) []byte {
	w := openObject(dst, &audioKind)
	w.text(audioID, a.ID)
	w.text(audioTranscript, a.Transcript)
	w.text(audioData, a.Data)
	w.int(audioExpiresAt, a.ExpiresAt)
	return w.close(a.Extra)
}

func appendLogprobs(dst []byte, l *Logprobs) []byte {
	w := openObject(dst, &logprobsKind)
	if w.value(logprobsContent, l.Content.state) {
		w.dst = appendList(w.dst, l.Content.Value, appendToken)
	}
	if w.value(logprobsRefusal, l.Refusal.state) {
		w.dst = appendList(w.dst, l.Refusal.Value, appendToken)
	}
	return w.close(l.Extra)
}

func appendToken(dst []byte, t *TokenLogprob) []byte {
	w := openObject(dst, &tokenKind)
	w.text(tokenToken, t.Token)
	w.float(tokenLogprob, t.Logprob)
	w.ints(tokenBytes, t.Bytes)
	if w.value(tokenTopLogprobs, t.TopLogprobs.state) {
		w.dst = appendList(w.dst, t.TopLogprobs.Value, appendTop)
	}
	return w.close(t.Extra)
}

func appendTop(dst []byte, t *TopLogprob) []byte {
	w := openObject(dst, &topKind)
	w.text(tokenToken, t.Token)
	w.float(tokenLogprob, t.Logprob)
	w.ints(tokenBytes, t.Bytes)
	return w.close(t.Extra)
}

func appendUsage(dst []byte, u *Usage) []byte {
	w := openObject(dst, &usageKind)
	w.int(usagePromptTokens, u.PromptTokens)
	w.int(usageCompletionTokens, u.CompletionTokens)
	w.int(usageTotalTokens, u.TotalTokens)
	if w.value(usagePromptTokensDetails, u.PromptTokensDetails.state) {
		w.dst = appendPromptDetails(w.dst, &u.PromptTokensDetails.Value)
	}
	if w.value(usageCompletionTokensDetails, u.CompletionTokensDetails.state) {
		w.dst = appendCompletionDetails(w.dst, &u.CompletionTokensDetails.Value)
	}
	return w.close(u.Extra)
}

func appendPromptDetails(dst []byte, d *PromptTokensDetails) []byte {
	w := openObject(dst, &promptKind)
	w.int(promptCachedTokens, d.CachedTokens)
	w.int(promptAudioTokens, d.AudioTokens)
	return w.close(d.Extra)
}

func appendCompletionDetails(dst []byte, d *CompletionTokensDetails) []byte {
	w := openObject(dst, &completionKind)
	w.int(completionReasoningTokens, d.ReasoningTokens)
	w.int(completionAudioTokens, d.AudioTokens)
	w.int(completionAcceptedPredictionTokens, d.AcceptedPredictionTokens)
	w.int(completionRejectedPredictionTokens, d.RejectedPredictionTokens)
	return w.close(d.Extra)
}

// objectWriter appends the members of one object.
type objectWriter struct {
	dst     []byte
	kind    *objectKind
	written memberSet
}

func openObject(dst []byte, kind *objectKind) objectWriter {
	return objectWriter{dst: append(dst, '{'), kind: kind}
}

// comma separates from the member before, if there is one.
func (w *objectWriter) comma() {
	if w.dst[len(w.dst)-1] != '{' {
		w.dst = append(w.dst, ',')
	}
}

// member appends the name of a member. What follows must be its value.
func (w *objectWriter) member(member int) {
	w.comma()
	w.written |= 1 << member
	w.dst = append(w.dst, '"')
	w.dst = append(w.dst, w.kind.names[member]...)
	w.dst = append(w.dst, '"', ':')
}

// value appends the name of an optional member unless it is absent, and null if it
// is null. It reports whether its value must follow.
func (w *objectWriter) value(member int, state presence) bool {
	switch state {
	case null:
		w.member(member)
		w.dst = append(w.dst, "null"...)
	case set:
		w.member(member)
	}
	return state == set
}

func (w *objectWriter) text(member int, o Optional[Text]) {
	if w.value(member, o.state) {
		w.dst = jsonwire.AppendString(w.dst, o.Value)
	}
}

func writeEnum[T ~string](w *objectWriter, member int, o Optional[T]) {
	if w.value(member, o.state) {
		w.dst = jsonwire.AppendString(w.dst, o.Value)
	}
}

func (w *objectWriter) int(member int, o Optional[int64]) {
	if w.value(member, o.state) {
		w.dst = strconv.AppendInt(w.dst, o.Value, 10)
	}
}

func (w *objectWriter) float(member int, o Optional[float64]) {
	if w.value(member, o.state) {
		w.dst = jsonwire.AppendFloat(w.dst, o.Value)
	}
}

func (w *objectWriter) ints(member int, o Optional[[]int64]) {
	if w.value(member, o.state) {
		w.dst = appendList(w.dst, o.Value, func(dst []byte, v *int64) []byte {
			return strconv.AppendInt(dst, *v, 10)
		})
	}
}

// close appends the members of extra that no field hides, and ends the object.
func (w *objectWriter) close(extra []Member) []byte {
	for i := range extra {
		if w.hides(extra[i].Name) {
			continue
		}
		w.comma()
		w.dst = append(jsonwire.AppendString(w.dst, extra[i].Name), ':')
		w.dst = jsonwire.AppendRaw(w.dst, extra[i].Value)
	}
	return append(w.dst, '}')
}

func (w *objectWriter) hides(name Text) bool {
	member := w.kind.number(name)
	return member != noMember && w.written.has(member)
}

func appendList[T any](dst []byte, list []T, appendElement func([]byte, *T) []byte) []byte {
	dst = append(dst, '[')
	for i := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendElement(dst, &list[i])
	}
	return append(dst, ']')
}

// AppendEvent appends the chunk to dst as a whole event of an event stream, and
// returns the extended buffer: what AppendJSON writes, framed as the function
// AppendEvent frames it.
func (c *CreateChatCompletionData) AppendEvent(dst []byte, event string) []byte {
	dst = append(appendEventName(dst, event), "data: "...)
	dst = c.AppendJSON(dst) // on one line
	return append(dst, '\n', '\n')
}

// AppendEvent appends an event of an event stream to dst and returns the extended
// buffer: an event field unless event is empty, data, and the empty line that
// dispatches it. It refuses to be injected into: an event name that holds CR or LF
// is left out, and CR, LF and CRLF in data each begin a new data line, so that a
// reader gets data with each of them as LF.
func AppendEvent(dst []byte, event string, data []byte) []byte {
	dst = appendEventName(dst, event)
	for {
		dst = append(dst, "data: "...)
		i := bytes.IndexAny(data, "\r\n")
		if i < 0 {
			dst = append(dst, data...)
			return append(dst, '\n', '\n')
		}
		dst = append(dst, data[:i]...)
		dst = append(dst, '\n')
		if data[i] == '\r' && i+1 < len(data) && data[i+1] == '\n' {
			i++
		}
		data = data[i+1:]
	}
}

func appendEventName(dst []byte, event string) []byte {
	if event == "" || strings.ContainsAny(event, "\r\n") {
		return dst
	}
	dst = append(dst, "event: "...)
	dst = append(dst, event...)
	return append(dst, '\n')
}
