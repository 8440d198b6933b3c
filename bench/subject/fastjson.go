package subject

import (
	"io"

	"github.com/valyala/fastjson"
)

// fastjsonStruct fills the same struct from fastjson's tree.
func fastjsonStruct() *Subject {
	return fastjsonSubject("bufio + fastjson",
		"unknown members; absent and null are the same; a misshapen member is dropped in silence",
		(*domLines).fill)
}

// fastjsonDOM only builds the tree: no chunk comes out of it.
func fastjsonDOM() *Subject {
	s := fastjsonSubject("fastjson, tree only", "a typed chunk: it ends with a tree", nil)
	s.Blind = everything
	return s
}

// everything is for subjects that do not look at what they parse.
var everything = []Kind{Content, Refusal, Reasoning, ReasoningToo, Tool, Audio, Logprobs, Finish, Tokens, Padding, Head}

func fastjsonSubject(name, not string, fill func(*domLines, *fastjson.Value)) *Subject {
	make := func() *domLines {
		d := &domLines{fillWith: fill, buf: make([]byte, 64<<10)}
		d.each = d.payload
		return d
	}
	return &Subject{
		Name:       name,
		Module:     "github.com/valyala/fastjson",
		Not:        not,
		NewStream:  func() Stream { return make() },
		NewPayload: func() Payload { return make() },
	}
}

type domLines struct {
	parser   fastjson.Parser
	fillWith func(*domLines, *fastjson.Value)
	buf      []byte
	chunk    Chunk
	tally    Tally
	answer   *Answer
	each     func([]byte)
}

func (d *domLines) payload(data []byte) {
	v, err := d.parser.ParseBytes(data)
	if err != nil || v.Type() != fastjson.TypeObject {
		d.tally.Refused++
		return
	}
	d.tally.Chunks++
	if d.fillWith == nil {
		return
	}
	d.fillWith(d, v)
	if d.answer != nil {
		d.chunk.tell(d.answer)
	}
}

func (d *domLines) Decode(r io.Reader, a *Answer) (Tally, error) {
	d.tally, d.answer = Tally{}, a
	err := eachLine(r, d.buf, d.each)
	return d.tally, err
}

func (d *domLines) Unmarshal(payloads [][]byte, a *Answer) Tally {
	d.tally, d.answer = Tally{}, a
	for _, p := range payloads {
		d.payload(p)
	}
	return d.tally
}

// fill copies the tree into the struct, member by member in the order of the
// payload: the tree dies with the next Parse. Slices are used again, which
// fastjson's users would do too.
func (d *domLines) fill(v *fastjson.Value) {
	c := &d.chunk
	*c = Chunk{Choices: c.Choices[:0]}
	v.GetObject().Visit(func(name []byte, v *fastjson.Value) {
		switch string(name) {
		case "id":
			c.ID = text(v)
		case "object":
			c.Object = text(v)
		case "created":
			c.Created = v.GetFloat64()
		case "model":
			c.Model = text(v)
		case "service_tier":
			c.ServiceTier = textOr(v)
		case "system_fingerprint":
			c.SystemFingerprint = textOr(v)
		case "obfuscation":
			c.Obfuscation = textOr(v)
		case "provider":
			c.Provider = textOr(v)
		case "usage":
			c.Usage = fillUsage(v)
		case "error":
			c.Error = string(v.MarshalTo(nil))
		case "choices":
			for _, v := range v.GetArray() {
				c.Choices = append(c.Choices, Choice{})
				fillChoice(&c.Choices[len(c.Choices)-1], v)
			}
		}
	})
}

func fillChoice(c *Choice, v *fastjson.Value) {
	object(v, func(name []byte, v *fastjson.Value) {
		switch string(name) {
		case "index":
			c.Index = v.GetInt64()
		case "finish_reason":
			c.FinishReason = textOr(v)
		case "delta":
			fillDelta(&c.Delta, v)
		case "logprobs":
			if v.Type() == fastjson.TypeObject {
				c.Logprobs = &LogprobList{
					Content: fillLogprobs(v.GetArray("content")),
					Refusal: fillLogprobs(v.GetArray("refusal")),
				}
			}
		}
	})
}

func fillDelta(d *Delta, v *fastjson.Value) {
	object(v, func(name []byte, v *fastjson.Value) {
		switch string(name) {
		case "role":
			d.Role = textOr(v)
		case "content":
			d.Content = textOr(v)
		case "refusal":
			d.Refusal = textOr(v)
		case "reasoning":
			d.Reasoning = textOr(v)
		case "reasoning_content":
			d.ReasoningContent = textOr(v)
		case "reasoning_signature":
			d.ReasoningSignature = textOr(v)
		case "redacted_reasoning":
			d.RedactedReasoning = textOr(v)
		case "function_call":
			d.FunctionCall = fillFunction(v)
		case "tool_calls":
			for _, v := range v.GetArray() {
				d.ToolCalls = append(d.ToolCalls, fillTool(v))
			}
		case "audio":
			if v.Type() == fastjson.TypeObject {
				d.Audio = &AudioPiece{ID: textOr(v.Get("id")), Transcript: textOr(v.Get("transcript")),
					Data: textOr(v.Get("data")), ExpiresAt: intOr(v.Get("expires_at"))}
			}
		}
	})
}

func fillTool(v *fastjson.Value) ToolCall {
	return ToolCall{Index: intOr(v.Get("index")), ID: textOr(v.Get("id")), Type: textOr(v.Get("type")),
		Function: fillFunction(v.Get("function"))}
}

func fillFunction(v *fastjson.Value) *FunctionCall {
	if v == nil || v.Type() != fastjson.TypeObject {
		return nil
	}
	return &FunctionCall{Name: textOr(v.Get("name")), Arguments: textOr(v.Get("arguments"))}
}

func fillLogprobs(list []*fastjson.Value) (tokens []Logprob) {
	for _, v := range list {
		t := Logprob{Token: text(v.Get("token")), Logprob: v.GetFloat64("logprob"), Bytes: ints(v.GetArray("bytes"))}
		for _, v := range v.GetArray("top_logprobs") {
			t.TopLogprobs = append(t.TopLogprobs,
				TopLogprob{Token: text(v.Get("token")), Logprob: v.GetFloat64("logprob"), Bytes: ints(v.GetArray("bytes"))})
		}
		tokens = append(tokens, t)
	}
	return tokens
}

func fillUsage(v *fastjson.Value) *Usage {
	if v.Type() != fastjson.TypeObject {
		return nil
	}
	u := &Usage{PromptTokens: v.GetInt64("prompt_tokens"), CompletionTokens: v.GetInt64("completion_tokens"),
		TotalTokens: v.GetInt64("total_tokens")}
	if v := v.Get("prompt_tokens_details"); v != nil && v.Type() == fastjson.TypeObject {
		u.PromptDetails = &PromptDetails{CachedTokens: intOr(v.Get("cached_tokens")), AudioTokens: intOr(v.Get("audio_tokens"))}
	}
	if v := v.Get("completion_tokens_details"); v != nil && v.Type() == fastjson.TypeObject {
		u.Details = &CompletionDetails{
			ReasoningTokens:          intOr(v.Get("reasoning_tokens")),
			AudioTokens:              intOr(v.Get("audio_tokens")),
			AcceptedPredictionTokens: intOr(v.Get("accepted_prediction_tokens")),
			RejectedPredictionTokens: intOr(v.Get("rejected_prediction_tokens")),
		}
	}
	return u
}

func object(v *fastjson.Value, member func([]byte, *fastjson.Value)) {
	if o, err := v.Object(); err == nil {
		o.Visit(member)
	}
}

func text(v *fastjson.Value) string {
	if v == nil {
		return ""
	}
	return string(v.GetStringBytes())
}

func textOr(v *fastjson.Value) *string {
	if v == nil || v.Type() != fastjson.TypeString {
		return nil
	}
	s := string(v.GetStringBytes())
	return &s
}

func intOr(v *fastjson.Value) *int64 {
	if v == nil || v.Type() != fastjson.TypeNumber {
		return nil
	}
	n := v.GetInt64()
	return &n
}

func ints(list []*fastjson.Value) (numbers []int64) {
	for _, v := range list {
		numbers = append(numbers, v.GetInt64())
	}
	return numbers
}
