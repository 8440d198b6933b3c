package chatstream

import (
	"reflect"
	"strconv"
	"unicode/utf8"

	"github.com/seed-08fc7208/chatstream/internal/jsonwire"
)

// plainParser is the parser before it was made fast: the oracle for parse_gen.go. It has no memory of earlier payloads, compares member
// names as strings, and reads byte by byte.
//
// The methods go on reading until the first fault, which makes every loop end.
type plainParser struct {
	b       []byte
	i       int
	depth   int
	objects int
	memory  int // of the elements of lists and of what pointers point to, in bytes
	fault   jsonwire.Fault

	choices   []Choice
	toolCalls []ToolCall
	tokens    []TokenLogprob
	tops      []TopLogprob
	ints      []int64
	members   []Member

	pending []Member // Extra of the objects that are open, innermost last
	text    []byte   // unescaped texts
	names   interner
}

// plainNewParser returns a plainParser whose lists are not nil, since an empty list in the
// payload is not a nil one, with memory for the usual single choice.
func plainNewParser() *plainParser {
	return &plainParser{
		choices:   make([]Choice, 0, 1),
		toolCalls: []ToolCall{},
		tokens:    []TokenLogprob{},
		tops:      []TopLogprob{},
		ints:      []int64{},
		members:   []Member{},
		pending:   []Member{},
		text:      []byte{},
		names:     newInterner(),
	}
}

// plainParse overwrites c with the payload b. After a fault c is empty and at is the
// index of the offending byte.
func plainParse(b []byte, c *CreateChatCompletionData) (at int, f jsonwire.Fault) {
	p := plainNewParser()
	*c = CreateChatCompletionData{}
	p.b, p.i = b, jsonwire.SkipSpace(b, 0)
	if p.peek() != '{' {
		if p.i, p.fault = jsonwire.SkipValue(b, p.i, 0); p.fault == jsonwire.NoFault {
			p.i, p.fault = jsonwire.SkipSpace(b, 0), jsonwire.FaultNotObject
		}
	} else if p.chunk(c); p.fault == jsonwire.NoFault {
		if p.i = jsonwire.SkipSpace(b, p.i); p.i < len(b) {
			p.fault = jsonwire.FaultTrailing
		}
	}
	if p.fault != jsonwire.NoFault {
		*c = CreateChatCompletionData{}
		return p.i, p.fault
	}
	return 0, jsonwire.NoFault
}

func (p *plainParser) fail(at int, f jsonwire.Fault) {
	if p.fault == jsonwire.NoFault {
		p.i, p.fault = at, f
	}
}

// peek returns the next byte, or 0 at the end.
func (p *plainParser) peek() byte {
	if p.i < len(p.b) {
		return p.b[p.i]
	}
	return 0
}

// plainObject is the state of reading one object.
type plainObject struct {
	name     []byte    // the present member's, unescaped
	begun    bool      // its brace was read
	extra    int       // where in pending its Extra begins
	seen     memberSet // members with a field that were read
	repeated memberSet // and read again
	misfits  memberSet // and whose value is in pending
}

// next steps to the value of the next member of the plainObject at p.i, and returns
// false at the object's end.
func (p *plainParser) next(o *plainObject) bool {
	if p.fault != jsonwire.NoFault {
		return false
	}
	if !o.begun {
		o.begun, o.extra = true, len(p.pending)
		p.depth++ // the brace; the schema itself is less than maxDepth deep
		if p.i = jsonwire.SkipSpace(p.b, p.i+1); p.peek() == '}' {
			return p.end()
		}
	} else {
		p.i = jsonwire.SkipSpace(p.b, p.i)
		switch p.peek() {
		case ',':
			p.i = jsonwire.SkipSpace(p.b, p.i+1)
		case '}':
			return p.end()
		default:
			p.fail(p.i, jsonwire.FaultObjectComma)
			return false
		}
	}
	if p.peek() != '"' {
		p.fail(p.i, jsonwire.FaultName)
		return false
	}
	o.name = p.string()
	if p.fault != jsonwire.NoFault {
		return false
	}
	i, f := jsonwire.SkipColon(p.b, p.i)
	if f != jsonwire.NoFault {
		p.fail(i, f)
		return false
	}
	p.i = i
	return true
}

func (p *plainParser) end() bool {
	p.i++
	p.depth--
	return false
}

// extras returns the Extra of the plainObject that has just ended.
func (p *plainParser) extras(o *plainObject) []Member {
	if len(p.pending) == o.extra {
		return nil
	}
	n := len(p.members)
	p.members = append(p.members, p.pending[o.extra:]...)
	p.pending = p.pending[:o.extra]
	return p.members[n:len(p.members):len(p.members)]
}

// extra keeps the present member as it is.
func (p *plainParser) extra(o *plainObject) {
	start := p.i
	end, f := jsonwire.SkipValue(p.b, start, p.depth)
	if f != jsonwire.NoFault {
		p.fail(end, f)
		return
	}
	p.i = end
	p.pending = append(p.pending, Member{Name: o.name, Value: p.b[start:end:end]})
}

// misfit keeps the present member in Extra although it has a field.
func (p *plainParser) misfit(o *plainObject, member int) {
	o.misfits |= 1 << member
	p.extra(o)
}

// meet notes that a member with a field is read, and forgets what an earlier one
// of its name left in Extra. Every caller overwrites the whole field.
func (p *plainParser) meet(o *plainObject, member int) {
	if o.seen.has(member) {
		o.repeated |= 1 << member
	}
	o.seen |= 1 << member
	if !o.misfits.has(member) {
		return
	}
	o.misfits &^= 1 << member
	// From the end: what is moved came after the misfit, and is not moved for it
	// again, so that this takes linear time over the whole object.
	i := len(p.pending) - 1
	for string(p.pending[i].Name) != string(o.name) {
		i--
	}
	p.pending = append(p.pending[:i], p.pending[i+1:]...)
}

// optional reads what an Optional member may be besides a value that begins with
// one of the given bytes: null, or something misshapen, which goes to Extra.
func (p *plainParser) optional(o *plainObject, member int, begin string) presence {
	p.meet(o, member)
	c := p.peek()
	if c == 'n' {
		end, f := jsonwire.SkipLiteral(p.b, p.i, "null")
		if f != jsonwire.NoFault {
			p.fail(end, f)
			return absent
		}
		p.i = end
		return null
	}
	for i := range len(begin) {
		if begin[i] == c {
			return set
		}
	}
	p.misfit(o, member)
	return absent
}

const numberBegin = "0123456789-"

func (p *plainParser) textMember(o *plainObject, member int, dst *Optional[Text]) {
	*dst = Optional[Text]{state: p.optional(o, member, `"`)}
	if dst.IsSet() {
		dst.Value = p.string()
	}
}

func plainEnumMember[T ~string](p *plainParser, o *plainObject, member int, dst *Optional[T]) {
	*dst = Optional[T]{state: p.optional(o, member, `"`)}
	if dst.IsSet() {
		dst.Value = T(p.names.intern(p.string()))
	}
}

func (p *plainParser) floatMember(o *plainObject, member int, dst *Optional[float64]) {
	*dst = Optional[float64]{state: p.optional(o, member, numberBegin)}
	if !dst.IsSet() {
		return
	}
	start := p.i
	number := p.number()
	if p.fault != jsonwire.NoFault {
		return
	}
	v, err := strconv.ParseFloat(string(number), 64)
	if err != nil { // out of range
		*dst = Optional[float64]{}
		p.i = start
		p.misfit(o, member)
		return
	}
	dst.Value = v
}

func (p *plainParser) intMember(o *plainObject, member int, dst *Optional[int64]) {
	*dst = Optional[int64]{state: p.optional(o, member, numberBegin)}
	if !dst.IsSet() {
		return
	}
	start := p.i
	number := p.number()
	if p.fault != jsonwire.NoFault {
		return
	}
	v, fits := jsonwire.ExactInt(number)
	if !fits {
		*dst = Optional[int64]{}
		p.i = start
		p.misfit(o, member)
		return
	}
	dst.Value = v
}

func (p *plainParser) number() []byte {
	end, f := jsonwire.SkipNumber(p.b, p.i)
	if f != jsonwire.NoFault {
		p.fail(end, f)
		return nil
	}
	number := p.b[p.i:end]
	p.i = end
	return number
}

// string reads the string at p.i: a part of the payload where it stands there as
// it is, unescaped or repaired into p.text otherwise.
func (p *plainParser) string() Text {
	start := p.i + 1
	end, ascii := jsonwire.SkipPlain(p.b, start)
	if end < len(p.b) && p.b[end] == '"' && (ascii || utf8.Valid(p.b[start:end])) {
		p.i = end + 1
		return Text(p.b[start:end:end])
	}
	n := len(p.text)
	text, i, f := jsonwire.AppendUnescaped(p.text, p.b, start)
	p.text = text
	if f != jsonwire.NoFault {
		p.fail(i, f)
		return nil
	}
	p.i = i
	return Text(text[n:len(text):len(text)])
}

func plainObjectMember[T any](p *plainParser, o *plainObject, member int, dst *Optional[T], read func(*plainParser, *T)) {
	*dst = Optional[T]{state: p.optional(o, member, "{")}
	if dst.IsSet() {
		read(p, &dst.Value)
	}
}

// plainPointerMember is plainObjectMember for an object behind a pointer, which counts as
// one unless it takes the place of another.
func plainPointerMember[T any](p *plainParser, o *plainObject, number int, dst *Optional[*T], read func(*plainParser, *T)) {
	again := dst.Value != nil
	start := p.i
	*dst = Optional[*T]{state: p.optional(o, number, "{")}
	if !dst.IsSet() {
		return
	}
	if !again {
		if p.objects >= maxObjects {
			p.i = start
			dst.state = absent
			p.misfit(o, number)
			return
		}
		p.objects++
		p.memory += int(reflect.TypeFor[T]().Size())
	}
	dst.Value = new(T)
	read(p, dst.Value)
}

func plainListMember[T any](p *plainParser, o *plainObject, member int, dst *Optional[[]T], arena *[]T, read func(*plainParser, *T)) {
	*dst = Optional[[]T]{state: p.optional(o, member, "[")}
	if !dst.IsSet() {
		return
	}
	list, built := plainObjectList(p, arena, maxElements, read)
	if !built {
		*dst = Optional[[]T]{}
		p.misfit(o, member)
		return
	}
	dst.Value = list
}

// plainObjectList reads the list of objects at p.i into memory from arena. It gives up,
// and stands where it began, at an element that is no plainObject and at one too many.
func plainObjectList[T any](p *plainParser, arena *[]T, limit int, read func(*plainParser, *T)) ([]T, bool) {
	start, depth, first, pending, memory := p.i, p.depth, len(*arena), len(p.pending), p.memory
	p.depth++
	p.i = jsonwire.SkipSpace(p.b, p.i+1)
	if p.peek() == ']' {
		return (*arena)[first:first:first], p.endList()
	}
	for {
		if p.peek() != '{' || len(*arena)-first == limit || p.objects == maxObjects {
			break
		}
		p.objects++
		p.memory += int(reflect.TypeFor[T]().Size())
		*arena = append(*arena, *new(T))
		read(p, &(*arena)[len(*arena)-1])
		if p.fault != jsonwire.NoFault {
			return nil, true
		}
		p.i = jsonwire.SkipSpace(p.b, p.i)
		if taken := p.memory - memory; p.i < len(p.b) && taken > 64<<10 && taken > 64*(p.i-start) {
			break
		}
		switch p.peek() {
		case ',':
			p.i = jsonwire.SkipSpace(p.b, p.i+1)
			continue
		case ']':
			return (*arena)[first:len(*arena):len(*arena)], p.endList()
		}
		p.fail(p.i, jsonwire.FaultArrayComma)
		return nil, true
	}
	p.i, p.depth, p.memory = start, depth, memory
	*arena, p.pending = (*arena)[:first], p.pending[:pending]
	return nil, false
}

func (p *plainParser) endList() bool {
	p.i++
	p.depth--
	return true
}

// intList is plainObjectList for integers.
func (p *plainParser) intList() ([]int64, bool) {
	start, first := p.i, len(p.ints)
	p.i = jsonwire.SkipSpace(p.b, p.i+1)
	if p.peek() == ']' {
		p.i++
		return p.ints[first:first:first], true
	}
	for len(p.ints)-first < maxElements {
		if c := p.peek(); c != '-' && !jsonwire.IsDigit(c) {
			break
		}
		number := p.number()
		if p.fault != jsonwire.NoFault {
			return nil, true
		}
		v, fits := jsonwire.ExactInt(number)
		if !fits {
			break
		}
		p.ints = append(p.ints, v)
		p.i = jsonwire.SkipSpace(p.b, p.i)
		switch p.peek() {
		case ',':
			p.i = jsonwire.SkipSpace(p.b, p.i+1)
			continue
		case ']':
			p.i++
			return p.ints[first:len(p.ints):len(p.ints)], true
		}
		p.fail(p.i, jsonwire.FaultArrayComma)
		return nil, true
	}
	p.i, p.ints = start, p.ints[:first]
	return nil, false
}

func (p *plainParser) bytesMember(o *plainObject, member int, dst *Optional[[]int64]) {
	*dst = Optional[[]int64]{state: p.optional(o, member, "[")}
	if !dst.IsSet() {
		return
	}
	list, built := p.intList()
	if !built {
		*dst = Optional[[]int64]{}
		p.misfit(o, member)
		return
	}
	dst.Value = list
}

func (p *plainParser) chunk(c *CreateChatCompletionData) {
	var o plainObject
	for p.next(&o) {
		switch string(o.name) {
		case "id":
			p.textMember(&o, chunkID, &c.ID)
		case "object":
			p.objectName(&o, c)
		case "created":
			p.floatMember(&o, chunkCreated, &c.Created)
		case "model":
			p.textMember(&o, chunkModel, &c.Model)
		case "provider":
			p.textMember(&o, chunkProvider, &c.Provider)
		case "service_tier":
			p.textMember(&o, chunkServiceTier, &c.ServiceTier)
		case "system_fingerprint":
			p.textMember(&o, chunkSystemFingerprint, &c.SystemFingerprint)
		case "choices":
			p.choiceList(&o, c)
		case "usage":
			plainPointerMember(p, &o, chunkUsage, &c.Usage, (*plainParser).usage)
		case "obfuscation":
			p.textMember(&o, chunkObfuscation, &c.Obfuscation)
		case "error":
			p.rawMember(&o, chunkError, &c.Error)
		default:
			p.extra(&o)
		}
	}
	c.Extra, c.repeated = p.extras(&o), o.repeated
}

// objectName reads the required member object, where null is misshapen.
func (p *plainParser) objectName(o *plainObject, c *CreateChatCompletionData) {
	p.meet(o, chunkObject)
	c.Object, c.emptyObject = "", false
	if p.peek() != '"' {
		p.misfit(o, chunkObject)
		return
	}
	c.Object = Object(p.names.intern(p.string()))
	c.emptyObject = c.Object == ""
}

// choiceList reads the required member choices, where null is misshapen.
func (p *plainParser) choiceList(o *plainObject, c *CreateChatCompletionData) {
	p.meet(o, chunkChoices)
	c.Choices = nil
	if p.peek() == '[' {
		if list, built := plainObjectList(p, &p.choices, maxChoices, (*plainParser).choice); built {
			c.Choices = list
			return
		}
	}
	p.misfit(o, chunkChoices)
}

// rawMember reads a member that may be of any shape.
func (p *plainParser) rawMember(o *plainObject, member int, dst *Optional[RawValue]) {
	start := p.i
	*dst = Optional[RawValue]{state: p.optional(o, member, `{["tf`+numberBegin)}
	if !dst.IsSet() {
		return
	}
	end, f := jsonwire.SkipValue(p.b, start, p.depth)
	if f != jsonwire.NoFault {
		p.fail(end, f)
		return
	}
	p.i = end
	dst.Value = RawValue(p.b[start:end:end])
}

func (p *plainParser) choice(c *Choice) {
	c.noDelta = true
	var o plainObject
	for p.next(&o) {
		switch string(o.name) {
		case "index":
			p.intMember(&o, choiceIndex, &c.Index)
		case "delta":
			p.deltaMember(&o, c)
		case "logprobs":
			plainPointerMember(p, &o, choiceLogprobs, &c.Logprobs, (*plainParser).logprobs)
		case "finish_reason":
			plainEnumMember(p, &o, choiceFinishReason, &c.FinishReason)
		default:
			p.extra(&o)
		}
	}
	c.Extra, c.repeated = p.extras(&o), o.repeated
}

// deltaMember reads the required member delta, where null is misshapen.
func (p *plainParser) deltaMember(o *plainObject, c *Choice) {
	p.meet(o, choiceDelta)
	c.Delta = Delta{}
	if c.noDelta = p.peek() != '{'; c.noDelta {
		p.misfit(o, choiceDelta)
		return
	}
	p.delta(&c.Delta)
}

func (p *plainParser) delta(d *Delta) {
	var o plainObject
	for p.next(&o) {
		switch string(o.name) {
		case "role":
			plainEnumMember(p, &o, deltaRole, &d.Role)
		case "content":
			p.textMember(&o, deltaContent, &d.Content)
		case "refusal":
			p.textMember(&o, deltaRefusal, &d.Refusal)
		case "reasoning":
			p.textMember(&o, deltaReasoning, &d.Reasoning)
		case "reasoning_content":
			p.textMember(&o, deltaReasoningContent, &d.ReasoningContent)
		case "reasoning_signature":
			p.textMember(&o, deltaReasoningSignature, &d.ReasoningSignature)
		case "redacted_reasoning":
			p.textMember(&o, deltaRedactedReasoning, &d.RedactedReasoning)
		case "tool_calls":
			plainListMember(p, &o, deltaToolCalls, &d.ToolCalls, &p.toolCalls, (*plainParser).toolCall)
		case "function_call":
			plainPointerMember(p, &o, deltaFunctionCall, &d.FunctionCall, (*plainParser).function)
		case "audio":
			plainPointerMember(p, &o, deltaAudio, &d.Audio, (*plainParser).audio)
		default:
			p.extra(&o)
		}
	}
	d.Extra, d.repeated = p.extras(&o), o.repeated
}

func (p *plainParser) toolCall(t *ToolCall) {
	var o plainObject
	for p.next(&o) {
		switch string(o.name) {
		case "index":
			p.intMember(&o, toolCallIndex, &t.Index)
		case "id":
			p.textMember(&o, toolCallID, &t.ID)
		case "type":
			plainEnumMember(p, &o, toolCallType, &t.Type)
		case "function":
			plainObjectMember(p, &o, toolCallFunction, &t.Function, (*plainParser).function)
		default:
			p.extra(&o)
		}
	}
	t.Extra, t.repeated = p.extras(&o), o.repeated
}

func (p *plainParser) function(f *FunctionCall) {
	var o plainObject
	for p.next(&o) {
		switch string(o.name) {
		case "name":
			p.textMember(&o, functionCallName, &f.Name)
		case "arguments":
			p.textMember(&o, functionCallArguments, &f.Arguments)
		default:
			p.extra(&o)
		}
	}
	f.Extra, f.repeated = p.extras(&o), o.repeated
}

func (p *plainParser) audio(a *Audio) {
	var o plainObject
	for p.next(&o) {
		switch string(o.name) {
		case "id":
			p.textMember(&o, audioID, &a.ID)
		case "transcript":
			p.textMember(&o, audioTranscript, &a.Transcript)
		case "data":
			p.textMember(&o, audioData, &a.Data)
		case "expires_at":
			p.intMember(&o, audioExpiresAt, &a.ExpiresAt)
		default:
			p.extra(&o)
		}
	}
	a.Extra, a.repeated = p.extras(&o), o.repeated
}

func (p *plainParser) logprobs(l *Logprobs) {
	var o plainObject
	for p.next(&o) {
		switch string(o.name) {
		case "content":
			plainListMember(p, &o, logprobsContent, &l.Content, &p.tokens, (*plainParser).token)
		case "refusal":
			plainListMember(p, &o, logprobsRefusal, &l.Refusal, &p.tokens, (*plainParser).token)
		default:
			p.extra(&o)
		}
	}
	l.Extra, l.repeated = p.extras(&o), o.repeated
}

func (p *plainParser) token(t *TokenLogprob) {
	var o plainObject
	for p.next(&o) {
		switch string(o.name) {
		case "token":
			p.textMember(&o, tokenLogprobToken, &t.Token)
		case "logprob":
			p.floatMember(&o, tokenLogprobLogprob, &t.Logprob)
		case "bytes":
			p.bytesMember(&o, tokenLogprobBytes, &t.Bytes)
		case "top_logprobs":
			plainListMember(p, &o, tokenLogprobTopLogprobs, &t.TopLogprobs, &p.tops, (*plainParser).top)
		default:
			p.extra(&o)
		}
	}
	t.Extra, t.repeated = p.extras(&o), o.repeated
}

func (p *plainParser) top(t *TopLogprob) {
	var o plainObject
	for p.next(&o) {
		switch string(o.name) {
		case "token":
			p.textMember(&o, topLogprobToken, &t.Token)
		case "logprob":
			p.floatMember(&o, topLogprobLogprob, &t.Logprob)
		case "bytes":
			p.bytesMember(&o, topLogprobBytes, &t.Bytes)
		default:
			p.extra(&o)
		}
	}
	t.Extra, t.repeated = p.extras(&o), o.repeated
}

func (p *plainParser) usage(u *Usage) {
	var o plainObject
	for p.next(&o) {
		switch string(o.name) {
		case "prompt_tokens":
			p.intMember(&o, usagePromptTokens, &u.PromptTokens)
		case "completion_tokens":
			p.intMember(&o, usageCompletionTokens, &u.CompletionTokens)
		case "cost":
			p.rawMember(&o, usageCost, &u.Cost)
		case "cache_creation_input_tokens":
			p.intMember(&o, usageCacheCreationInputTokens, &u.CacheCreationInputTokens)
		case "cache_read_input_tokens":
			p.intMember(&o, usageCacheReadInputTokens, &u.CacheReadInputTokens)
		case "total_tokens":
			p.intMember(&o, usageTotalTokens, &u.TotalTokens)
		case "prompt_tokens_details":
			plainObjectMember(p, &o, usagePromptTokensDetails, &u.PromptTokensDetails, (*plainParser).promptDetails)
		case "completion_tokens_details":
			plainObjectMember(p, &o, usageCompletionTokensDetails, &u.CompletionTokensDetails, (*plainParser).completionDetails)
		default:
			p.extra(&o)
		}
	}
	u.Extra, u.repeated = p.extras(&o), o.repeated
}

func (p *plainParser) promptDetails(d *PromptTokensDetails) {
	var o plainObject
	for p.next(&o) {
		switch string(o.name) {
		case "cache_write_tokens":
			p.intMember(&o, promptTokensDetailsCacheWriteTokens, &d.CacheWriteTokens)
		case "text_tokens":
			p.intMember(&o, promptTokensDetailsTextTokens, &d.TextTokens)
		case "image_tokens":
			p.intMember(&o, promptTokensDetailsImageTokens, &d.ImageTokens)
		case "video_tokens":
			p.intMember(&o, promptTokensDetailsVideoTokens, &d.VideoTokens)
		case "cached_tokens":
			p.intMember(&o, promptTokensDetailsCachedTokens, &d.CachedTokens)
		case "audio_tokens":
			p.intMember(&o, promptTokensDetailsAudioTokens, &d.AudioTokens)
		default:
			p.extra(&o)
		}
	}
	d.Extra, d.repeated = p.extras(&o), o.repeated
}

func (p *plainParser) completionDetails(d *CompletionTokensDetails) {
	var o plainObject
	for p.next(&o) {
		switch string(o.name) {
		case "text_tokens":
			p.intMember(&o, completionTokensDetailsTextTokens, &d.TextTokens)
		case "image_tokens":
			p.intMember(&o, completionTokensDetailsImageTokens, &d.ImageTokens)
		case "video_tokens":
			p.intMember(&o, completionTokensDetailsVideoTokens, &d.VideoTokens)
		case "reasoning_tokens":
			p.intMember(&o, completionTokensDetailsReasoningTokens, &d.ReasoningTokens)
		case "audio_tokens":
			p.intMember(&o, completionTokensDetailsAudioTokens, &d.AudioTokens)
		case "accepted_prediction_tokens":
			p.intMember(&o, completionTokensDetailsAcceptedPredictionTokens, &d.AcceptedPredictionTokens)
		case "rejected_prediction_tokens":
			p.intMember(&o, completionTokensDetailsRejectedPredictionTokens, &d.RejectedPredictionTokens)
		default:
			p.extra(&o)
		}
	}
	d.Extra, d.repeated = p.extras(&o), o.repeated
}
