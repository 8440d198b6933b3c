//go:build unix

package main

import (
	"bufio"
	"bytes"
	"errors"
	"os"
	"os/exec"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestHead: chatstream | head ends with head, without an error message.
func TestHead(t *testing.T) {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "CHATSTREAM_TEST_COMMAND=1")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	stdin, err := cmd.StdinPipe()
	require.NoError(t, err)
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	if err = cmd.Start(); errors.Is(err, syscall.ENOEXEC) {
		t.Skip("under an emulator that starts no other program of its architecture")
	}
	require.NoError(t, err)
	go func() {
		event := []byte(delta(`"content":"line\n"`))
		for err := error(nil); err == nil; {
			_, err = stdin.Write(event)
		}
	}()
	line, err := bufio.NewReader(stdout).ReadString('\n')
	require.NoError(t, err)
	assert.Equal(t, "line\n", line)
	require.NoError(t, stdout.Close())
	var exit *exec.ExitError
	if err := cmd.Wait(); errors.As(err, &exit) {
		status, ok := exit.Sys().(syscall.WaitStatus)
		require.True(t, ok)
		assert.True(t, status.Signaled(), "%v", err)
	}
	assert.Empty(t, stderr.String())
}
