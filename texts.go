package chatstream

import (
	"bytes"
	"iter"

	"github.com/seed-08fc7208/chatstream/internal/jsonwire"
)

// Surface is a place in a chunk that can hold text. All chunks of a stream that continue
// one text give it the same Surface. A Surface is comparable: use it as the key of a map
// that collects the texts of a stream.
type Surface struct {
	// Kind is the member that has the text.
	Kind SurfaceKind
	// Choice is the index of the choice, or 0 if it has none.
	Choice int64
	// ToolCall is the index of the tool call, or its place in the list if it has no
	// index. It is 0 if the text does not belong to a tool call.
	ToolCall int64
	// Raw means that the text is the JSON of the member as it came, since its value is
	// not the string of the schema. Words in it may be escaped. EditTexts edits the
	// strings in it one by one.
	Raw bool
}

// SurfaceKind names a member that can hold text, by its path in a choice's delta. The
// comments of the constants say which ones stand elsewhere.
type SurfaceKind string

// Members that are strings in the schema and its extensions. They are Raw if they came as
// something else, such as a list of content parts or an object of arguments.
const (
	SurfaceContent               SurfaceKind = "content"
	SurfaceRefusal               SurfaceKind = "refusal"
	SurfaceReasoning             SurfaceKind = "reasoning"
	SurfaceReasoningContent      SurfaceKind = "reasoning_content"
	SurfaceToolCallName          SurfaceKind = "tool_calls.function.name"
	SurfaceToolCallArguments     SurfaceKind = "tool_calls.function.arguments"
	SurfaceFunctionCallName      SurfaceKind = "function_call.name"
	SurfaceFunctionCallArguments SurfaceKind = "function_call.arguments"
	SurfaceTranscript            SurfaceKind = "audio.transcript"
)

// Kinds that are always Raw: objects and lists of the schema whose value has another
// type, and members that providers add.
const (
	SurfaceToolCalls        SurfaceKind = "tool_calls"
	SurfaceToolCallFunction SurfaceKind = "tool_calls.function"
	SurfaceToolCallCustom   SurfaceKind = "tool_calls.custom" // the call of a tool whose input is plain text
	SurfaceFunctionCall     SurfaceKind = "function_call"
	SurfaceAudio            SurfaceKind = "audio"
	SurfaceReasoningDetails SurfaceKind = "reasoning_details" // OpenRouter
	SurfaceReasoningText    SurfaceKind = "reasoning_text"    // GitHub Copilot
	SurfaceCoTSummary       SurfaceKind = "cot_summary"       // GitHub Copilot: a summary of the reasoning
	SurfaceThinkingBlocks   SurfaceKind = "thinking_blocks"   // LiteLLM
	SurfaceThinking         SurfaceKind = "thinking"          // the name that Ollama's own API has for thoughts

	SurfaceMessage    SurfaceKind = "message" // of the choice, usually the text so far: Perplexity, MiniMax
	SurfaceChoiceText SurfaceKind = "text"    // of the choice, the content once more: Together
	SurfaceDelta      SurfaceKind = "delta"   // of the choice
	SurfaceChoices    SurfaceKind = "choices" // of the chunk
)

// Kinds of text that stands beside the answer and is shown with it. They are always Raw,
// and [SurfaceKind.IsAnswer] is false for them.
const (
	SurfaceAnnotations   SurfaceKind = "annotations"    // titles and addresses of what the text cites: OpenAI, OpenRouter
	SurfaceCitations     SurfaceKind = "citations"      // of the chunk: Perplexity
	SurfaceSearchResults SurfaceKind = "search_results" // of the chunk: Perplexity
	SurfaceError         SurfaceKind = "error"          // of the chunk: an error, with its message
)

// IsAnswer reports whether the text belongs to the answer: whether the model generated
// it, as text, reasoning or a tool call. It is false for text that is only shown beside
// the answer: annotations, citations, search results and errors. The first text of a
// stream for which IsAnswer is true contains the first token.
func (k SurfaceKind) IsAnswer() bool {
	switch k {
	case SurfaceAnnotations, SurfaceCitations, SurfaceSearchResults, SurfaceError:
		return false
	}
	return true
}

// Texts returns an iterator over every text of the chunk that a client may show, and so
// over every text that a guardrail must see. Empty texts are left out, and so are content
// parts without text and encrypted reasoning. The role is not a text, nor is padding.
// [SurfaceKind.IsAnswer] tells the answer from the text beside it.
//
// The texts are borrowed (see [Text]). Texts allocates nothing.
//
// Three things are not yielded. The Data of [Audio] is not text. [Logprobs] repeat the text
// token by token: to mask a text, set both to [Null] as well. Members that this package does
// not know are in Extra and may hold anything.
//
// Another reader may see other text in a payload that repeats a member: see
// [CreateChatCompletionData.Ambiguous].
func (c *CreateChatCompletionData) Texts() iter.Seq2[Surface, Text] {
	return func(yield func(Surface, Text) bool) {
		c.walkTexts(func(p textPlace) bool { return yield(p.Surface, p.get()) })
	}
}

// EditTexts calls edit with every text that [CreateChatCompletionData.Texts] yields, and
// replaces the text with what edit returns. AppendJSON then writes the new text. For a Raw
// text, edit is called with each string value in its JSON that is not empty, unescaped.
// These include strings such as "text" in "type":"text".
//
// The text that edit gets is read-only and valid until edit returns. Unless edit returns an
// equal text, the chunk holds on to the returned slice until it is decoded into again.
func (c *CreateChatCompletionData) EditTexts(edit func(Surface, Text) Text) {
	c.walkTexts(func(p textPlace) bool {
		p.edit(edit)
		return true
	})
}

// textPlace is where the text of a Surface is stored: in text, or in raw if it is Raw.
type textPlace struct {
	Surface
	text *Text
	raw  *RawValue
}

func (p textPlace) get() Text {
	if p.Raw {
		return Text(*p.raw)
	}
	return *p.text
}

func (p textPlace) edit(edit func(Surface, Text) Text) {
	if !p.Raw {
		if text := edit(p.Surface, *p.text); !bytes.Equal(text, *p.text) {
			*p.text = text
		}
		return
	}
	edited, changed := appendStringsEdited(nil, *p.raw, func(text Text) Text { return edit(p.Surface, text) })
	if changed {
		*p.raw = edited
	}
}

// appendStringsEdited appends the JSON value v with its string values edited, and reports
// whether any of them changed. A string with a colon after it is a member name.
func appendStringsEdited(dst []byte, v RawValue, edit func(Text) Text) ([]byte, bool) {
	var unescaped []byte
	copied, changed := 0, false
	for i := 0; i < len(v); {
		if v[i] != '"' {
			i++
			continue
		}
		begin := i
		end, f := jsonwire.SkipString(v, begin)
		if f != jsonwire.NoFault {
			break // not valid JSON: the caller wrote it
		}
		i = end
		if j := jsonwire.SkipSpace(v, end); end == begin+2 || j < len(v) && v[j] == ':' {
			continue
		}
		unescaped, _, _ = jsonwire.AppendUnescaped(unescaped[:0], v, begin+1)
		text := edit(unescaped)
		if bytes.Equal(text, unescaped) {
			continue
		}
		dst = jsonwire.AppendString(append(dst, v[copied:begin]...), text)
		copied, changed = end, true
	}
	return append(dst, v[copied:]...), changed
}

// walkTexts visits the texts in the order in which AppendJSON writes them, until
// visit returns false.
func (c *CreateChatCompletionData) walkTexts(visit func(textPlace) bool) {
	w := textWalk{visit: visit}
	w.chunk(Surface{}, c)
	w.raw(Surface{Kind: SurfaceError}, &c.Error.Value)
}

// textWalk is a walk over the texts of a chunk. The objects are arguments of its methods
// and not fields, so that visit does not escape to the heap.
type textWalk struct {
	visit   func(textPlace) bool
	stopped bool
}

// text visits a string member. at has the choice and the tool call.
func (w *textWalk) text(at Surface, kind SurfaceKind, o *Optional[Text]) {
	if w.stopped || !o.IsSet() || len(o.Value) == 0 {
		return
	}
	at.Kind = kind
	w.stopped = !w.visit(textPlace{Surface: at, text: &o.Value})
}

// extra visits those members of an Extra that can hold text: those with a kind.
func (w *textWalk) extra(at Surface, extra []Member, kindOf func(name Text) SurfaceKind) {
	for i := range extra {
		kind := kindOf(extra[i].Name)
		if kind == "" || kind.hasParts() && isSilent(extra[i].Value) {
			continue
		}
		at.Kind = kind
		w.raw(at, &extra[i].Value)
	}
}

// raw visits a raw value unless it is empty.
func (w *textWalk) raw(at Surface, v *RawValue) {
	if w.stopped || isEmptyValue(*v) {
		return
	}
	at.Raw = true
	w.stopped = !w.visit(textPlace{Surface: at, raw: v})
}

// isEmptyValue reports whether v is null or an empty string, list or object.
func isEmptyValue(v RawValue) bool {
	if len(v) == 0 {
		return true
	}
	switch v[0] {
	case 'n':
		return true
	case '"':
		return len(v) == len(`""`)
	case '[', '{':
		return jsonwire.SkipSpace(v, 1) == len(v)-1
	}
	return false
}

// hasParts reports whether a Raw text of this kind is an object or a list of objects in
// which some members only say what the others are, as type does in a content part.
func (k SurfaceKind) hasParts() bool {
	switch k {
	case SurfaceContent, SurfaceRefusal, SurfaceReasoning, SurfaceReasoningContent,
		SurfaceReasoningDetails, SurfaceThinkingBlocks, SurfaceMessage, SurfaceDelta:
		return true
	}
	return false
}

// isSilent reports whether v has nothing to read: whether all its strings are empty,
// type marks, signatures or encrypted data. Any other string may be text.
func isSilent(v RawValue) bool {
	marks, data, encrypted := 0, 0, 0
	var name RawValue // of the member whose value comes next
	for i := 0; i < len(v); {
		if v[i] != '"' {
			if v[i] != ':' && !jsonwire.IsSpace(v[i]) {
				name = nil
			}
			i++
			continue
		}
		end, f := jsonwire.SkipString(v, i)
		if f != jsonwire.NoFault {
			return false // not valid JSON: the caller wrote it
		}
		s := v[i+1 : end-1]
		if i = jsonwire.SkipSpace(v, end); i < len(v) && v[i] == ':' {
			name = s
			continue
		}
		switch string(name) {
		case "type":
			marks++
			if s := string(s); s == "reasoning.encrypted" || s == "redacted_thinking" {
				encrypted++
			}
		case "role":
			marks++
		case "id", "format", "signature":
		case "data":
			data += min(len(s), 1)
		default:
			if len(s) > 0 {
				return false
			}
		}
		name = nil
	}
	return marks > 0 && data <= encrypted
}

// inChoice and inToolCall return at with the choice or tool call that the texts belong to.

func (at Surface) inChoice(_ int, c *Choice) Surface {
	at.Choice = c.Index.Value
	return at
}

func (at Surface) inToolCall(i int, t *ToolCall) Surface {
	at.ToolCall = t.Index.Or(int64(i))
	return at
}

// unknownSurface returns the kind of a member without a field, or "" if it has no text.
func unknownSurface(object *objectKind, name Text) SurfaceKind {
	switch object {
	case &chunkKind:
		return kindNamed(name, SurfaceCitations, SurfaceSearchResults)
	case &choiceKind:
		return kindNamed(name, SurfaceMessage, SurfaceChoiceText)
	case &deltaKind:
		return kindNamed(name, SurfaceReasoningDetails, SurfaceReasoningText, SurfaceCoTSummary, SurfaceThinkingBlocks, SurfaceThinking, SurfaceAnnotations)
	case &toolCallKind:
		if string(name) == "custom" {
			return SurfaceToolCallCustom
		}
	}
	return ""
}

// kindNamed returns the kind that equals name, or "".
func kindNamed(name Text, kinds ...SurfaceKind) SurfaceKind {
	for _, kind := range kinds {
		if string(kind) == string(name) {
			return kind
		}
	}
	return ""
}
