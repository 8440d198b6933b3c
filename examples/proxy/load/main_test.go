package main

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestMain is main for the processes that the test starts, as this program.
func TestMain(m *testing.M) {
	if len(os.Args) > 2 && os.Args[1] == childFlag {
		main()
		return
	}
	os.Exit(m.Run())
}

// TestLoad keeps the command running: a small load, each way once.
func TestLoad(t *testing.T) {
	var out bytes.Buffer
	s := settings{streams: 20, chunks: 1000, warm: 100 * time.Millisecond, rounds: 1, repeats: 1, ways: wayNames()}
	require.NoError(t, run(t.Context(), s, &out))
	for _, way := range wayNames() {
		require.Contains(t, out.String(), "\n| "+way+" | ")
	}
	require.Equal(t, 4+len(wayNames()), strings.Count(out.String(), "\n"))
}

func TestUnknownWay(t *testing.T) {
	s := settings{streams: 1, chunks: 1, rounds: 1, repeats: 1, ways: []string{"x"}}
	require.Error(t, run(t.Context(), s, &bytes.Buffer{}))
}

// TestNaive: it changes nothing, so that the comparison is one of like with like.
func TestNaive(t *testing.T) {
	const stream = "data: {\"choices\":[{\"delta\":{\"content\":\"Hi\"}}]}\n\n: x\r\n\r\ndata: [DONE]"
	var out bytes.Buffer
	_, err := out.ReadFrom(naive(json.Unmarshal).body(readCloser{strings.NewReader(stream)}))
	require.NoError(t, err)
	require.Equal(t, stream, out.String())
}

type readCloser struct{ *strings.Reader }

func (readCloser) Close() error { return nil }
