package fuzz_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed-08fc7208/chatstream"
	"github.com/seed-08fc7208/chatstream/internal/testing/chunkgen"
)

// FuzzPeers: fastjson and sonic take a payload exactly where encoding/json finds it valid, and read the value from it that
// the library reads and writes. Each known difference is the peer's, and is named. It is here and not beside FuzzUnmarshal,
// since whoever imports the library would get their versions with it.
//
//	go -C bench test -run '^$' -fuzz '^FuzzPeers$' ./fuzz
func FuzzPeers(f *testing.F) {
	payloads, err := chunkgen.Seeds("../../testdata")
	require.NoError(f, err)
	for _, p := range payloads {
		f.Add(p)
	}
	f.Fuzz(func(t *testing.T, payload []byte) {
		if len(payload) > chunkgen.MaxPayload {
			return
		}
		c := new(chatstream.CreateChatCompletionData)
		// The error is FuzzUnmarshal's to judge. compare looks at what is written only if the payload is valid.
		_ = chatstream.Unmarshal(payload, c)
		var diffs []string
		for _, p := range peers {
			diffs = append(diffs, p.compare(payload, c.AppendJSON(nil))...)
		}
		if diffs != nil {
			t.Errorf("payload %q:\n  %s", payload, strings.Join(diffs, "\n  "))
		}
	})
}
