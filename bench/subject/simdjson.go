package subject

import (
	"io"

	simd "github.com/minio/simdjson-go"
)

// simdjson fills the same struct from simdjson-go's tape.
func simdjson() *Subject {
	return simdSubject("bufio + simdjson-go",
		"unknown members; absent and null are the same; a misshapen member is dropped in silence", true)
}

// simdjsonTape only builds the tape: no chunk comes out of it.
func simdjsonTape() *Subject {
	s := simdSubject("simdjson-go, tape only", "a typed chunk: it ends with a tape", false)
	s.Blind = everything
	return s
}

func simdSubject(name, not string, fill bool) *Subject {
	s := &Subject{Name: name, Module: "github.com/minio/simdjson-go", Not: not}
	if !simd.SupportedCPU() {
		s.Missing = "needs a CPU with AVX2 and CLMUL"
		return s
	}
	make := func() *tapeLines {
		t := &tapeLines{fills: fill, buf: make([]byte, 64<<10)}
		t.each = t.payload
		return t
	}
	s.NewStream = func() Stream { return make() }
	s.NewPayload = func() Payload { return make() }
	return s
}

type tapeLines struct {
	fills  bool
	tape   *simd.ParsedJson
	buf    []byte
	chunk  Chunk
	tally  Tally
	answer *Answer
	each   func([]byte)
}

func (t *tapeLines) payload(data []byte) {
	tape, err := simd.Parse(data, t.tape)
	if err != nil {
		t.tally.Refused++
		return
	}
	t.tape = tape
	t.tally.Chunks++
	if !t.fills {
		return
	}
	t.chunk = Chunk{Choices: t.chunk.Choices[:0]}
	it := tape.Iter()
	it.Advance()
	var root simd.Iter
	if _, _, err := it.Root(&root); err == nil {
		tapeChunk(&t.chunk, &root)
	}
	if t.answer != nil {
		t.chunk.tell(t.answer)
	}
}

func (t *tapeLines) Decode(r io.Reader, a *Answer) (Tally, error) {
	t.tally, t.answer = Tally{}, a
	err := eachLine(r, t.buf, t.each)
	return t.tally, err
}

func (t *tapeLines) Unmarshal(payloads [][]byte, a *Answer) Tally {
	t.tally, t.answer = Tally{}, a
	for _, p := range payloads {
		t.payload(p)
	}
	return t.tally
}

// members calls fn with each member of an object; of anything else there are none.
func members(v *simd.Iter, fn func(name []byte, v *simd.Iter)) {
	var o simd.Object
	if _, err := v.Object(&o); err != nil {
		return
	}
	var value simd.Iter
	for {
		name, t, err := o.NextElementBytes(&value)
		if err != nil || t == simd.TypeNone {
			return
		}
		fn(name, &value)
	}
}

// elements calls fn with each element of an array.
func elements(v *simd.Iter, fn func(v *simd.Iter)) {
	a, err := v.Array(nil)
	if err != nil {
		return
	}
	it := a.Iter()
	for it.Advance() != simd.TypeNone {
		fn(&it)
	}
}

func tapeText(v *simd.Iter) string {
	b, err := v.StringBytes()
	if err != nil {
		return ""
	}
	return string(b)
}

func tapeTextOr(v *simd.Iter) *string {
	b, err := v.StringBytes()
	if err != nil {
		return nil
	}
	s := string(b)
	return &s
}

func tapeIntOr(v *simd.Iter) *int64 {
	n, err := v.Int()
	if err != nil {
		return nil
	}
	return &n
}

func tapeInts(v *simd.Iter) (numbers []int64) {
	elements(v, func(v *simd.Iter) {
		n, _ := v.Int()
		numbers = append(numbers, n)
	})
	return numbers
}

func tapeChunk(c *Chunk, v *simd.Iter) {
	members(v, func(name []byte, v *simd.Iter) {
		switch string(name) {
		case "id":
			c.ID = tapeText(v)
		case "object":
			c.Object = tapeText(v)
		case "created":
			c.Created, _ = v.Float()
		case "model":
			c.Model = tapeText(v)
		case "service_tier":
			c.ServiceTier = tapeTextOr(v)
		case "system_fingerprint":
			c.SystemFingerprint = tapeTextOr(v)
		case "obfuscation":
			c.Obfuscation = tapeTextOr(v)
		case "provider":
			c.Provider = tapeTextOr(v)
		case "usage":
			c.Usage = tapeUsage(v)
		case "error":
			c.Error, _ = v.Interface()
		case "choices":
			elements(v, func(v *simd.Iter) {
				c.Choices = append(c.Choices, Choice{})
				tapeChoice(&c.Choices[len(c.Choices)-1], v)
			})
		}
	})
}

func tapeChoice(c *Choice, v *simd.Iter) {
	members(v, func(name []byte, v *simd.Iter) {
		switch string(name) {
		case "index":
			c.Index, _ = v.Int()
		case "finish_reason":
			c.FinishReason = tapeTextOr(v)
		case "delta":
			tapeDelta(&c.Delta, v)
		case "logprobs":
			if v.Type() == simd.TypeObject {
				c.Logprobs = new(LogprobList)
				members(v, func(name []byte, v *simd.Iter) {
					switch string(name) {
					case "content":
						c.Logprobs.Content = tapeLogprobs(v)
					case "refusal":
						c.Logprobs.Refusal = tapeLogprobs(v)
					}
				})
			}
		}
	})
}

func tapeDelta(d *Delta, v *simd.Iter) {
	members(v, func(name []byte, v *simd.Iter) {
		switch string(name) {
		case "role":
			d.Role = tapeTextOr(v)
		case "content":
			d.Content = tapeTextOr(v)
		case "refusal":
			d.Refusal = tapeTextOr(v)
		case "reasoning":
			d.Reasoning = tapeTextOr(v)
		case "reasoning_content":
			d.ReasoningContent = tapeTextOr(v)
		case "reasoning_signature":
			d.ReasoningSignature = tapeTextOr(v)
		case "redacted_reasoning":
			d.RedactedReasoning = tapeTextOr(v)
		case "function_call":
			d.FunctionCall = tapeFunction(v)
		case "tool_calls":
			elements(v, func(v *simd.Iter) { d.ToolCalls = append(d.ToolCalls, tapeTool(v)) })
		case "audio":
			if v.Type() == simd.TypeObject {
				d.Audio = tapeAudio(v)
			}
		}
	})
}

func tapeTool(v *simd.Iter) (t ToolCall) {
	members(v, func(name []byte, v *simd.Iter) {
		switch string(name) {
		case "index":
			t.Index = tapeIntOr(v)
		case "id":
			t.ID = tapeTextOr(v)
		case "type":
			t.Type = tapeTextOr(v)
		case "function":
			t.Function = tapeFunction(v)
		}
	})
	return t
}

func tapeFunction(v *simd.Iter) *FunctionCall {
	if v.Type() != simd.TypeObject {
		return nil
	}
	f := new(FunctionCall)
	members(v, func(name []byte, v *simd.Iter) {
		switch string(name) {
		case "name":
			f.Name = tapeTextOr(v)
		case "arguments":
			f.Arguments = tapeTextOr(v)
		}
	})
	return f
}

func tapeAudio(v *simd.Iter) *AudioPiece {
	a := new(AudioPiece)
	members(v, func(name []byte, v *simd.Iter) {
		switch string(name) {
		case "id":
			a.ID = tapeTextOr(v)
		case "transcript":
			a.Transcript = tapeTextOr(v)
		case "data":
			a.Data = tapeTextOr(v)
		case "expires_at":
			a.ExpiresAt = tapeIntOr(v)
		}
	})
	return a
}

func tapeLogprobs(v *simd.Iter) (tokens []Logprob) {
	elements(v, func(v *simd.Iter) {
		var t Logprob
		members(v, func(name []byte, v *simd.Iter) {
			switch string(name) {
			case "token":
				t.Token = tapeText(v)
			case "logprob":
				t.Logprob, _ = v.Float()
			case "bytes":
				t.Bytes = tapeInts(v)
			case "top_logprobs":
				t.TopLogprobs = tapeTop(v)
			}
		})
		tokens = append(tokens, t)
	})
	return tokens
}

func tapeTop(v *simd.Iter) (rivals []TopLogprob) {
	elements(v, func(v *simd.Iter) {
		var t TopLogprob
		members(v, func(name []byte, v *simd.Iter) {
			switch string(name) {
			case "token":
				t.Token = tapeText(v)
			case "logprob":
				t.Logprob, _ = v.Float()
			case "bytes":
				t.Bytes = tapeInts(v)
			}
		})
		rivals = append(rivals, t)
	})
	return rivals
}

func tapeUsage(v *simd.Iter) *Usage {
	if v.Type() != simd.TypeObject {
		return nil
	}
	u := new(Usage)
	members(v, func(name []byte, v *simd.Iter) {
		switch string(name) {
		case "prompt_tokens":
			u.PromptTokens, _ = v.Int()
		case "completion_tokens":
			u.CompletionTokens, _ = v.Int()
		case "total_tokens":
			u.TotalTokens, _ = v.Int()
		case "prompt_tokens_details":
			if v.Type() == simd.TypeObject {
				u.PromptDetails = new(PromptDetails)
				members(v, func(name []byte, v *simd.Iter) {
					switch string(name) {
					case "cached_tokens":
						u.PromptDetails.CachedTokens = tapeIntOr(v)
					case "audio_tokens":
						u.PromptDetails.AudioTokens = tapeIntOr(v)
					}
				})
			}
		case "completion_tokens_details":
			if v.Type() == simd.TypeObject {
				u.Details = new(CompletionDetails)
				members(v, func(name []byte, v *simd.Iter) { tapeDetail(u.Details, name, v) })
			}
		}
	})
	return u
}

func tapeDetail(d *CompletionDetails, name []byte, v *simd.Iter) {
	switch string(name) {
	case "reasoning_tokens":
		d.ReasoningTokens = tapeIntOr(v)
	case "audio_tokens":
		d.AudioTokens = tapeIntOr(v)
	case "accepted_prediction_tokens":
		d.AcceptedPredictionTokens = tapeIntOr(v)
	case "rejected_prediction_tokens":
		d.RejectedPredictionTokens = tapeIntOr(v)
	}
}
