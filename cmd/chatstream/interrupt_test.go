package main

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// stallingReader gives its pieces, a Read each, then calls stalled once and waits
// until it is released.
type stallingReader struct {
	pieces  []string
	stalled func()
	release chan struct{}
}

func (r *stallingReader) Read(p []byte) (int, error) {
	if len(r.pieces) == 0 {
		r.stalled()
		<-r.release
		return 0, io.EOF
	}
	n := copy(p, r.pieces[0])
	r.pieces = r.pieces[1:]
	return n, nil
}

// TestInterrupt: when the user interrupts a stream that stalls, every mode prints what has arrived.
func TestInterrupt(t *testing.T) {
	for mode, want := range map[string]string{
		"-json=false":  "Hi\n\nf({})\n",
		"-json":        `"content":"Hi"`,
		"-completion":  `"content":"Hi"`,
		"-check":       "error/other",
		"-check -json": `"chunks":2`,
		"-stats":       "chunks       2\n",
		"-stats -json": `"completion_tokens":2`,
	} {
		t.Run(mode, func(t *testing.T) {
			stop, interrupt := context.WithCancel(context.Background())
			in := &stallingReader{
				pieces:  []string{hi + ev(`{"object":"chat.completion.chunk","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"name":"f","arguments":"{}"}}]},"finish_reason":null}],"usage":{"completion_tokens":2}}`)},
				stalled: interrupt,
				release: make(chan struct{}),
			}
			defer close(in.release)
			sys := testSystem
			sys.stop = stop
			var out, err bytes.Buffer
			code := run(append(strings.Fields(mode), "-", "never-opened"), in, &out, &err, sys)
			assert.Equal(t, exitInterrupted, code)
			assert.Contains(t, out.String(), want)
			assert.Contains(t, err.String(), "read: interrupted\n")
			assert.NotContains(t, err.String()+out.String(), "never-opened")
		})
	}
}

// TestInterruptFile: a file that is not waited for is left between two Reads.
func TestInterruptFile(t *testing.T) {
	stop, interrupt := context.WithCancel(context.Background())
	interrupt()
	sys := testSystem
	sys.stop = stop
	var out, err bytes.Buffer
	assert.Equal(t, exitInterrupted, run([]string{"-stats", streamFile("openai-text")}, nil, &out, &err, sys))
	assert.Contains(t, out.String(), "chunks    0\n")
}

// TestLiveStats: on a terminal, a status line describes the stream, also while it stalls.
func TestLiveStats(t *testing.T) {
	now := time.Now()
	ticks := make(chan time.Time)
	sys := testSystemAt(func() time.Time { now = now.Add(110 * time.Millisecond); return now })
	sys.newTicker = func() (<-chan time.Time, func()) { return ticks, func() {} }
	in := &stallingReader{
		pieces:  []string{hi, ev(`{"model":"m","choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":{"total_tokens":7}}`)},
		release: make(chan struct{}),
	}
	in.stalled = func() {
		ticks <- time.Time{}
		ticks <- time.Time{}
		ticks <- time.Time{} // the second has been handled
		close(in.release)
	}
	var out bytes.Buffer
	var screen tty
	assert.Zero(t, run([]string{"-stats"}, in, &out, &screen, sys))
	lines := strings.Split(screen.String(), "\r")
	assert.Regexp(t, `^0 chunks, 0 B, waiting \d+ms\x1b\[K$`, lines[1])
	assert.Regexp(t, `1 chunk, 13\d B, first text \d+ms, last \d+ms ago\x1b`, screen.String())
	assert.Regexp(t, `2 chunks, 2\d\d B, first text \d+ms, last \d+ms ago, st`, screen.String(), "as wide as the terminal")
	assert.GreaterOrEqual(t, strings.Count(screen.String(), "\r2 chunks"), 3, "before the Read that stalls, and while it does")
	assert.True(t, strings.HasSuffix(screen.String(), "\r\x1b[K"), "the line is gone at the end")
	assert.NotContains(t, out.String(), "\r")
}

// TestNoLiveStats: there is no status line without a terminal, and none for a file.
func TestNoLiveStats(t *testing.T) {
	sys := testSystem
	sys.newTicker = func() (<-chan time.Time, func()) { t.Error("nothing is to be shown"); return nil, func() {} }
	var out, err bytes.Buffer
	assert.Zero(t, run([]string{"-stats"}, strings.NewReader(hi+stop+done), &out, &err, sys))
	assert.Empty(t, err.String())
	var screen tty
	assert.Zero(t, run([]string{"-stats", streamFile("openai-text")}, nil, &out, &screen, sys))
	assert.Empty(t, screen.String())
}
