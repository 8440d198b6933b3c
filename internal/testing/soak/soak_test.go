package main

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestSoak is a run that is short.
func TestSoak(t *testing.T) {
	var out strings.Builder
	s := soak{bytes: 16 << 20, seed: 1, sample: 10, interval: time.Second, warmUp: time.Minute, out: &out}
	if testing.Short() {
		s.bytes = 2 << 20
	}
	ok := s.run()
	require.True(t, ok, out.String())
	assert.Positive(t, s.checkedChunks)
	assert.Positive(t, s.matched)
	t.Log(out.String())
}

// TestSoakFindsFaults: a result that is not the stream's is one that the watcher and the oracle see.
func TestSoakFindsFaults(t *testing.T) {
	good := stream{bytes: []byte("data: {\"id\":\"a\"}\n\ndata: [DONE]\n\n")}
	other := stream{bytes: []byte("data: {\"id\":\"b\"}\n\ndata: [DONE]\n\n")}
	one, two := tapAll(good, 1), tapAll(other, 1)
	assert.NotEqual(t, one.digest, two.digest)
	assert.Empty(t, one.fault)

	check := newOracle(good)
	got := decodeAll(newDecoder(other, 1), good, check)
	assert.NotEmpty(t, got.fault, "the Raws are not the stream")
	assert.NotEmpty(t, check.faults)
}

func TestParseSize(t *testing.T) {
	for text, want := range map[string]int64{"0": 0, "100": 100, "3KiB": 3 << 10, "64MiB": 64 << 20, "8GiB": 8 << 30} {
		got, err := parseSize(text)
		require.NoError(t, err)
		assert.Equal(t, want, got)
	}
	for _, text := range []string{"", "x", "1GB", "-1"} {
		_, err := parseSize(text)
		assert.Error(t, err, text)
	}
}
