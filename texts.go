package chatstream

import (
	"bytes"
	"iter"

	"github.com/seed-08fc7208/chatstream/internal/jsonwire"
)

// Surface is a place of a chunk where text stands that a model wrote. It is
// comparable and is the same for all chunks of a stream that continue one text, so
// that it can be the key to what has come of that text.
type Surface struct {
	// Kind says which member it is.
	Kind SurfaceKind
	// Choice is the index of the choice; 0 where it has none.
	Choice int64
	// ToolCall is the index of the tool call, or its place in the list where it has
	// none. It is 0 for kinds that are not of a tool call.
	ToolCall int64
	// Raw means that the member came in another shape than the schema's string, or
	// is an extension of several shapes. Its text is its JSON as it came: the words
	// in it may be escaped. EditTexts reads the strings in it.
	Raw bool
}

// SurfaceKind is a member that has text: its path in a choice's delta, unless its
// comment says otherwise.
type SurfaceKind string

// The members of the schema and its extensions that are strings, and Raw when they
// are something else: a list of content parts, arguments that are an object.
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

// The kinds that are always Raw: objects and lists of the schema that came in
// another shape, and text that providers add.
const (
	SurfaceToolCalls        SurfaceKind = "tool_calls"
	SurfaceToolCallFunction SurfaceKind = "tool_calls.function"
	SurfaceToolCallCustom   SurfaceKind = "tool_calls.custom" // the call of a tool whose input is no JSON
	SurfaceFunctionCall     SurfaceKind = "function_call"
	SurfaceAudio            SurfaceKind = "audio"
	SurfaceReasoningDetails SurfaceKind = "reasoning_details" // OpenRouter
	SurfaceReasoningText    SurfaceKind = "reasoning_text"    // GitHub Copilot
	SurfaceCoTSummary       SurfaceKind = "cot_summary"       // GitHub Copilot: a summary of the thoughts
	SurfaceThinkingBlocks   SurfaceKind = "thinking_blocks"   // LiteLLM

	SurfaceMessage    SurfaceKind = "message" // of the choice, usually all so far: Perplexity, MiniMax
	SurfaceChoiceText SurfaceKind = "text"    // of the choice, the content once more: Together
	SurfaceDelta      SurfaceKind = "delta"   // of the choice
	SurfaceChoices    SurfaceKind = "choices" // of the chunk
)

// The kinds of what stands beside the answer and is shown with it. They are always
// Raw, and no answer.
const (
	SurfaceAnnotations   SurfaceKind = "annotations"    // titles and addresses of what the text cites: OpenAI, OpenRouter
	SurfaceCitations     SurfaceKind = "citations"      // of the chunk: Perplexity
	SurfaceSearchResults SurfaceKind = "search_results" // of the chunk: Perplexity
	SurfaceError         SurfaceKind = "error"          // of the chunk: an error, with its message
)

// IsAnswer reports whether the text is of the answer: something that the model
// generated, thoughts and tool calls included. It is false for what is only shown
// beside it: citations, search results and errors. The first text of a stream that is
// an answer is its first token.
func (k SurfaceKind) IsAnswer() bool {
	switch k {
	case SurfaceAnnotations, SurfaceCitations, SurfaceSearchResults, SurfaceError:
		return false
	}
	return true
}

// Texts returns an iterator over the texts of the chunk that are not empty: all
// that a client may show, and so all that a guardrail must see. The role alone, an
// empty content and padding are no text, and neither are parts without text or with
// encrypted text. [SurfaceKind.IsAnswer] tells the answer from what stands beside it.
//
// Another reader may see something else in a payload that repeats a member: see
// [CreateChatCompletionData.Ambiguous].
//
// The texts are borrowed (see Text). Nothing is allocated.
//
// Not among them are what no reader reads (ids, signatures, encrypted reasoning),
// Audio.Data, which is sound, and Logprobs, which repeat the text token by token:
// to mask text, set both to Null as well. Members that this package does not know
// are in Extra and may hold anything.
func (c *CreateChatCompletionData) Texts() iter.Seq2[Surface, Text] {
	return func(yield func(Surface, Text) bool) {
		c.walkTexts(func(p textPlace) bool { return yield(p.Surface, p.get()) })
	}
}

// EditTexts calls edit with every text of Texts and puts what it returns in the
// text's place, to be re-emitted by AppendJSON. Instead of a Raw text it is called
// with each string in it that is not empty and not a member name, unescaped, type
// marks included.
//
// The text that edit gets is read-only and valid until edit returns. The chunk keeps
// what it returns, until it is decoded into again, unless that equals the text.
func (c *CreateChatCompletionData) EditTexts(edit func(Surface, Text) Text) {
	c.walkTexts(func(p textPlace) bool {
		p.edit(edit)
		return true
	})
}

// textPlace is where the text of a Surface stands: one of the two.
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

// appendStringsEdited appends the JSON value v with the strings in it edited, and
// reports whether any of them has changed. In JSON only a name has a colon after it.
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
			break // not decoded but made up
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

// textWalk is a walk over texts. What is visited is passed beside it, lest visit
// escape with it.
type textWalk struct {
	visit   func(textPlace) bool
	stopped bool
}

// text visits a string of the choice and tool call of at.
func (w *textWalk) text(at Surface, kind SurfaceKind, o *Optional[Text]) {
	if w.stopped || !o.IsSet() || len(o.Value) == 0 {
		return
	}
	at.Kind = kind
	w.stopped = !w.visit(textPlace{Surface: at, text: &o.Value})
}

// extra visits the members of an Extra that have text: those that have a kind.
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

// raw visits a raw value, if it is not empty.
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

// hasParts reports whether a Raw text of this kind is an object or a list of them,
// with members that say what the others are.
func (k SurfaceKind) hasParts() bool {
	switch k {
	case SurfaceContent, SurfaceRefusal, SurfaceReasoning, SurfaceReasoningContent,
		SurfaceReasoningDetails, SurfaceThinkingBlocks, SurfaceMessage, SurfaceDelta:
		return true
	}
	return false
}

// isSilent reports whether v has marks of what it is and nothing to read: no string
// that is not empty but marks, signatures and encrypted data. What is not known to
// be none of these may be text.
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
			return false // not decoded but made up
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

// inChoice and inToolCall are where the texts of an element of a list stand.

func (at Surface) inChoice(_ int, c *Choice) Surface {
	at.Choice = c.Index.Value
	return at
}

func (at Surface) inToolCall(i int, t *ToolCall) Surface {
	at.ToolCall = t.Index.Or(int64(i))
	return at
}

// unknownSurface returns the kind of a member that has no field in its object, or nothing.
func unknownSurface(object *objectKind, name Text) SurfaceKind {
	switch object {
	case &chunkKind:
		return kindNamed(name, SurfaceCitations, SurfaceSearchResults)
	case &choiceKind:
		return kindNamed(name, SurfaceMessage, SurfaceChoiceText)
	case &deltaKind:
		return kindNamed(name, SurfaceReasoningDetails, SurfaceReasoningText, SurfaceCoTSummary, SurfaceThinkingBlocks, SurfaceAnnotations)
	case &toolCallKind:
		if string(name) == "custom" {
			return SurfaceToolCallCustom
		}
	}
	return ""
}

// kindNamed returns the one of kinds that is spelled as name.
func kindNamed(name Text, kinds ...SurfaceKind) SurfaceKind {
	for _, kind := range kinds {
		if string(kind) == string(name) {
			return kind
		}
	}
	return ""
}
