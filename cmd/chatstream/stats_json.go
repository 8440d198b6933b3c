package main

import (
	"time"
)

// statsJSON is the output of -stats -json for a stream. Times are in milliseconds from
// when chatstream began to read.
type statsJSON struct {
	Stream          string       `json:"stream"`
	Model           string       `json:"model,omitempty"`
	Provider        string       `json:"provider,omitempty"`
	Chunks          int64        `json:"chunks"`
	Events          int64        `json:"events"`
	Bytes           int64        `json:"bytes"`
	Comments        int64        `json:"comments"`
	Errors          int64        `json:"errors"`
	Done            bool         `json:"done"` // [DONE] was read
	Choices         []choiceJSON `json:"choices"`
	Usage           *usageJSON   `json:"usage,omitempty"`
	FirstChunk      *float64     `json:"first_chunk_ms,omitempty"`
	FirstText       *float64     `json:"first_text_ms,omitempty"`
	LastChunk       *float64     `json:"last_chunk_ms,omitempty"`
	ChunksPerSecond *float64     `json:"chunks_per_second,omitempty"`
	TokensPerSecond *float64     `json:"tokens_per_second,omitempty"`
	Gaps            *gapsJSON    `json:"gaps_ms,omitempty"`
	Hint            string       `json:"hint,omitempty"`
}

type choiceJSON struct {
	Index        int64   `json:"index"`
	FinishReason *string `json:"finish_reason"`
}

// usageJSON has the counts of the usage.
type usageJSON struct {
	Prompt     *int64 `json:"prompt_tokens,omitempty"`
	Cached     *int64 `json:"cached_tokens,omitempty"`
	Completion *int64 `json:"completion_tokens,omitempty"`
	Reasoning  *int64 `json:"reasoning_tokens,omitempty"`
	Total      *int64 `json:"total_tokens,omitempty"`
}

type gapsJSON struct {
	P50 float64 `json:"p50"`
	P90 float64 `json:"p90"`
	P99 float64 `json:"p99"`
	Max float64 `json:"max"`
}

// json returns the statistics on one line.
func (r *statsReport) json(hint string) []byte {
	stats := r.d.Stats()
	v := statsJSON{
		Stream: r.in.name, Model: r.model, Provider: r.provider,
		Chunks: stats.Chunks, Events: stats.Events, Bytes: stats.Bytes, Comments: stats.Comments, Errors: stats.Errors,
		Done: r.d.Done(), Choices: []choiceJSON{}, Usage: r.tokens.json(),
		FirstChunk: r.millis(r.first), FirstText: r.millis(r.text), LastChunk: r.millis(r.last),
		Hint: hint,
	}
	for _, ch := range r.choices {
		c := choiceJSON{Index: ch.index}
		if ch.reason != "" {
			c.FinishReason = &ch.reason
		}
		v.Choices = append(v.Choices, c)
	}
	if elapsed := r.last.Sub(r.first); elapsed > 0 {
		v.ChunksPerSecond = perSecond(len(r.gaps), elapsed)
		if n := r.tokens.Completion; n.IsSet() {
			v.TokensPerSecond = perSecond(int(n.Value), elapsed)
		}
	}
	if sorted := r.sortedGaps(); len(sorted) > 0 {
		ms := func(p int) float64 { return inMillis(percentile(sorted, p)) }
		v.Gaps = &gapsJSON{ms(50), ms(90), ms(99), ms(100)}
	}
	return jsonLine(v)
}

// millis returns the time from the start in milliseconds, or nil if at is zero.
func (r *statsReport) millis(at time.Time) *float64 {
	if at.IsZero() {
		return nil
	}
	ms := inMillis(at.Sub(r.began))
	return &ms
}

func inMillis(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func perSecond(n int, elapsed time.Duration) *float64 {
	rate := float64(n) / elapsed.Seconds()
	return &rate
}
