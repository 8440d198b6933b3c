package subject

// Chunk is the idiomatic struct that the JSON libraries decode into: every member
// that the library under test has a field for, pointers where null or absence
// matters to most callers.
type Chunk struct {
	ID                string   `json:"id,omitempty"`
	Object            string   `json:"object,omitempty"`
	Created           float64  `json:"created,omitempty"`
	Model             string   `json:"model,omitempty"`
	ServiceTier       *string  `json:"service_tier,omitempty"`
	SystemFingerprint *string  `json:"system_fingerprint,omitempty"`
	Choices           []Choice `json:"choices"`
	Usage             *Usage   `json:"usage,omitempty"`
	Obfuscation       *string  `json:"obfuscation,omitempty"`
	Provider          *string  `json:"provider,omitempty"`
	Error             any      `json:"error,omitempty"` // an object or a text
}

// Choice is an element of choices.
type Choice struct {
	Index        int64        `json:"index"`
	Delta        Delta        `json:"delta"`
	Logprobs     *LogprobList `json:"logprobs,omitempty"`
	FinishReason *string      `json:"finish_reason"`
}

// Delta is the delta of a choice.
type Delta struct {
	Role               *string       `json:"role,omitempty"`
	Content            *string       `json:"content,omitempty"`
	Refusal            *string       `json:"refusal,omitempty"`
	Reasoning          *string       `json:"reasoning,omitempty"`
	ReasoningContent   *string       `json:"reasoning_content,omitempty"`
	ReasoningSignature *string       `json:"reasoning_signature,omitempty"`
	RedactedReasoning  *string       `json:"redacted_reasoning,omitempty"`
	ToolCalls          []ToolCall    `json:"tool_calls,omitempty"`
	FunctionCall       *FunctionCall `json:"function_call,omitempty"`
	Audio              *AudioPiece   `json:"audio,omitempty"`
}

// ToolCall is an element of tool_calls.
type ToolCall struct {
	Index    *int64        `json:"index,omitempty"`
	ID       *string       `json:"id,omitempty"`
	Type     *string       `json:"type,omitempty"`
	Function *FunctionCall `json:"function,omitempty"`
}

// FunctionCall is the function of a tool call.
type FunctionCall struct {
	Name      *string `json:"name,omitempty"`
	Arguments *string `json:"arguments,omitempty"`
}

// AudioPiece is the audio of a delta.
type AudioPiece struct {
	ID         *string `json:"id,omitempty"`
	Transcript *string `json:"transcript,omitempty"`
	Data       *string `json:"data,omitempty"`
	ExpiresAt  *int64  `json:"expires_at,omitempty"`
}

// LogprobList is the logprobs of a choice.
type LogprobList struct {
	Content []Logprob `json:"content"`
	Refusal []Logprob `json:"refusal"`
}

// Logprob is a token of it.
type Logprob struct {
	Token       string       `json:"token"`
	Logprob     float64      `json:"logprob"`
	Bytes       []int64      `json:"bytes"`
	TopLogprobs []TopLogprob `json:"top_logprobs"`
}

// TopLogprob is a rival of a token.
type TopLogprob struct {
	Token   string  `json:"token"`
	Logprob float64 `json:"logprob"`
	Bytes   []int64 `json:"bytes"`
}

// Usage is the usage of a chunk.
type Usage struct {
	PromptTokens     int64              `json:"prompt_tokens"`
	CompletionTokens int64              `json:"completion_tokens"`
	TotalTokens      int64              `json:"total_tokens"`
	PromptDetails    *PromptDetails     `json:"prompt_tokens_details,omitempty"`
	Details          *CompletionDetails `json:"completion_tokens_details,omitempty"`
}

// PromptDetails is prompt_tokens_details.
type PromptDetails struct {
	CachedTokens *int64 `json:"cached_tokens,omitempty"`
	AudioTokens  *int64 `json:"audio_tokens,omitempty"`
}

// CompletionDetails is completion_tokens_details.
type CompletionDetails struct {
	ReasoningTokens          *int64 `json:"reasoning_tokens,omitempty"`
	AudioTokens              *int64 `json:"audio_tokens,omitempty"`
	AcceptedPredictionTokens *int64 `json:"accepted_prediction_tokens,omitempty"`
	RejectedPredictionTokens *int64 `json:"rejected_prediction_tokens,omitempty"`
}

// tell shows a what c says.
func (c *Chunk) tell(a *Answer) {
	a.Head(c.ID, c.Model, int64(c.Created))
	a.Add(Padding, 0, or(c.Obfuscation))
	if u := c.Usage; u != nil {
		a.Usage(u.PromptTokens, u.CompletionTokens, u.TotalTokens)
	}
	for i := range c.Choices {
		c.Choices[i].tell(a)
	}
}

func (c *Choice) tell(a *Answer) {
	d := &c.Delta
	a.Add(Content, c.Index, or(d.Content))
	a.Add(Refusal, c.Index, or(d.Refusal))
	a.Add(Reasoning, c.Index, or(d.Reasoning))
	a.Add(ReasoningToo, c.Index, or(d.ReasoningContent))
	a.Add(Finish, c.Index, or(c.FinishReason))
	for _, t := range d.ToolCalls {
		if f := t.Function; f != nil {
			a.Tool(c.Index, or(t.Index), or(t.ID), or(f.Name), or(f.Arguments))
		}
	}
	if d.Audio != nil {
		a.Add(Audio, c.Index, or(d.Audio.Transcript)+or(d.Audio.Data))
	}
	if c.Logprobs != nil {
		for _, t := range c.Logprobs.Content {
			a.Logprob(c.Index, t.Token, t.Logprob, t.Bytes, len(t.TopLogprobs))
		}
	}
}

// or is what p points at, or nothing.
func or[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}
