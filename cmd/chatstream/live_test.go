package main

import (
	"bytes"
	"errors"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestLive: text is printed before the command waits for more, and [DONE] ends the stream although
// the connection stays open.
func TestLive(t *testing.T) {
	for mode, want := range map[string]func(word string) string{
		"-json=false": func(word string) string { return word },
		"-json": func(word string) string {
			return strings.TrimPrefix(strings.TrimSpace(delta(`"content":"`+word+`"`)), "data: ") + "\n"
		},
	} {
		t.Run(mode, func(t *testing.T) {
			in, send, err := os.Pipe()
			require.NoError(t, err)
			defer send.Close() // after the end
			receive, out, err := os.Pipe()
			require.NoError(t, err)
			code := make(chan int, 1)
			go func() {
				code <- run([]string{mode}, in, out, io.Discard, testSystem)
				out.Close()
			}()
			for _, word := range []string{"One", " two", " thrée"} {
				_, err := io.WriteString(send, delta(`"content":"`+word+`"`))
				require.NoError(t, err)
				got := make([]byte, len(want(word)))
				_, err = io.ReadFull(receive, got)
				require.NoError(t, err)
				if mode == "-json" {
					assert.JSONEq(t, want(word), string(got))
				} else {
					assert.Equal(t, want(word), string(got))
				}
			}
			_, err = io.WriteString(send, done)
			require.NoError(t, err)
			_, err = io.Copy(io.Discard, receive)
			require.NoError(t, err)
			assert.Zero(t, <-code)
		})
	}
}

// brokenWriter fails as soon as it is written to.
type brokenWriter struct{ err error }

func (w brokenWriter) Write([]byte) (int, error) { return 0, w.err }

func TestOutputFails(t *testing.T) {
	gone := &os.PathError{Op: "write", Path: "|1", Err: errBrokenPipe}
	full := &os.PathError{Op: "write", Path: "out", Err: errors.New("no space left on device")}
	for _, args := range [][]string{{}, {"-json"}, {"-check"}, {"-stats"}, {streamFile("openai-text"), streamFile("openai-n2")}} {
		stream := func() io.Reader { return strings.NewReader(delta(`"content":"a"`) + "data: {\n\n" + done) }
		var stderr bytes.Buffer
		code := run(append([]string{}, args...), stream(), brokenWriter{full}, &stderr, testSystem)
		assert.Equal(t, exitError, code, args)
		assert.Contains(t, stderr.String(), "chatstream: standard output: write out: no space left on device\n", args)

		stderr.Reset()
		run(append([]string{}, args...), stream(), brokenWriter{gone}, &stderr, testSystem)
		assert.NotContains(t, stderr.String(), "standard output", args)
	}
	var stderr bytes.Buffer
	assert.Zero(t, run(nil, strings.NewReader(delta(`"content":"a"`)+done), brokenWriter{gone}, &stderr, testSystem))
	assert.Empty(t, stderr.String())
}
