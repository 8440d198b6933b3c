package main

import (
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"
)

// upstream sends chunks for as long as the client reads, in the shape of OpenAI's.
// The content of each is the time at which it was sent.
type upstream struct{ every time.Duration }

// The chunk around its content.
const (
	chunkBegin = `data: {"id":"chatcmpl-B1FkQf3nEKuX4kPZ0c0mXJWmT9Zq7","object":"chat.completion.chunk","created":1767225600,"model":"gpt-4o-2024-08-06","service_tier":"default","system_fingerprint":"fp_c0ffee1234","choices":[{"index":0,"delta":{"content":"`
	chunkEnd   = `"},"logprobs":null,"finish_reason":null}],"usage":null,"obfuscation":"aB3dE5fG"}` + "\n\n"
)

func (u upstream) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	flusher := http.NewResponseController(w)
	if flusher.Flush() != nil {
		return
	}
	select { // so that not all streams speak at once
	case <-time.After(rand.N(u.every)):
	case <-r.Context().Done():
		return
	}
	ticker := time.NewTicker(u.every)
	defer ticker.Stop()
	var chunk []byte
	for {
		chunk = append(chunk[:0], chunkBegin...)
		chunk = strconv.AppendInt(chunk, time.Now().UnixNano(), 10)
		chunk = append(chunk, chunkEnd...)
		if _, err := w.Write(chunk); err != nil || flusher.Flush() != nil {
			return
		}
		select {
		case <-ticker.C:
		case <-r.Context().Done():
			return
		}
	}
}
