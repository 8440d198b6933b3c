package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestCompletion(t *testing.T) {
	const (
		whole = `data: {"id":"1","choices":[{"index":0,"delta":{"role":"assistant","content":"Hel"},"finish_reason":null}]}

data: {"id":"1","choices":[{"index":0,"delta":{"content":"lo"},"finish_reason":"stop"}],"usage":{"total_tokens":2}}

data: [DONE]

`
		broken = `data: {"choices":[{"index":0,"delta":{"content":"Ha"}}]}

data: {"choices"

data: {"error":"limit"}

`
	)
	for _, test := range []struct {
		name, stdin, stdout, stderr string
		status                      int
	}{
		{"whole", whole, `{"id":"1","object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"Hello"},"finish_reason":"stop"}],"usage":{"total_tokens":2}}` + "\n", "", 0},
		{"broken", broken, `{"object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"Ha"},"finish_reason":null}],"error":"limit"}` + "\n", "limit", exitError},
		{"no stream", "<html>", "", "not an event stream", exitError},
		{"nothing", "data: [DONE]\n\n", "", "", 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			var stdout, stderr strings.Builder
			status := run([]string{"-completion"}, strings.NewReader(test.stdin), &stdout, &stderr, testSystem)
			assert.Equal(t, test.status, status)
			assert.Equal(t, test.stdout, stdout.String())
			assert.Contains(t, stderr.String(), test.stderr)
			if test.stderr == "" {
				assert.Empty(t, stderr.String())
			}
		})
	}
}
