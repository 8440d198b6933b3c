package main

import (
	"bufio"
	"bytes"
	"io"
)

// naiveChunk is the part of a chunk that programs usually declare.
type naiveChunk struct {
	ID      string `json:"id"`
	Object  string `json:"object"`
	Created int64  `json:"created"`
	Model   string `json:"model"`
	Choices []struct {
		Index int `json:"index"`
		Delta struct {
			Role      string `json:"role"`
			Content   string `json:"content"`
			Refusal   string `json:"refusal"`
			ToolCalls []struct {
				Index    int    `json:"index"`
				ID       string `json:"id"`
				Function struct {
					Name      string `json:"name"`
					Arguments string `json:"arguments"`
				} `json:"function"`
			} `json:"tool_calls"`
		} `json:"delta"`
		FinishReason *string `json:"finish_reason"`
	} `json:"choices"`
	Usage *struct {
		PromptTokens     int64 `json:"prompt_tokens"`
		CompletionTokens int64 `json:"completion_tokens"`
		TotalTokens      int64 `json:"total_tokens"`
	} `json:"usage"`
}

// naive is how a decoder of JSON is called. A naiveReader reads lines, decodes those
// with data, and passes on what it has read.
type naive func(data []byte, v any) error

type naiveReader struct {
	io.Closer
	lines     *bufio.Reader
	unmarshal naive
	ready     []byte
	shown     bool
	err       error
}

func (n naive) body(body io.ReadCloser) io.ReadCloser {
	return &naiveReader{Closer: body, lines: bufio.NewReader(body), unmarshal: n}
}

func (n *naiveReader) Read(p []byte) (int, error) {
	for len(n.ready) == 0 && n.err == nil {
		n.readLines()
	}
	if len(n.ready) == 0 {
		return 0, n.err
	}
	size := copy(p, n.ready)
	n.ready = n.ready[size:]
	return size, nil
}

// readLines reads the lines that came together, so that they are sent together.
func (n *naiveReader) readLines() {
	n.ready = n.ready[:0]
	for more := true; more && n.err == nil; more = n.lines.Buffered() > 0 {
		var line []byte
		line, n.err = n.lines.ReadBytes('\n')
		n.ready = append(n.ready, line...)
		if data, ok := bytes.CutPrefix(line, []byte("data: ")); ok {
			n.look(data)
		}
	}
}

func (n *naiveReader) look(data []byte) {
	var chunk naiveChunk
	if n.unmarshal(data, &chunk) != nil {
		return
	}
	if chunk.Usage != nil {
		counted.tokens.Add(chunk.Usage.TotalTokens)
	}
	if !n.shown && len(chunk.Choices) > 0 && chunk.Choices[0].Delta.Content != "" {
		counted.texts.Add(1)
		n.shown = true
	}
}
