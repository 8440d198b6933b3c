package fuzz_test

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/seed-08fc7208/chatstream"
	"github.com/seed-08fc7208/chatstream/internal/testing/chunkgen"
)

// seedPayloads calls add with the payloads that the fuzz targets begin with.
func seedPayloads(tb testing.TB, add func(payload []byte)) {
	tb.Helper()
	payloads, err := chunkgen.Seeds("../testdata")
	if err != nil {
		tb.Fatal(err)
	}
	for _, p := range payloads {
		add(p)
	}
}

// FuzzUnmarshal: a payload is taken exactly where encoding/json finds an object valid, and is refused at the byte where
// that refuses it; every field has the value that a slow reading by the schema gives, and that encoding/json gives into
// the same structs. FuzzPeers of the bench module asks fastjson and sonic, too.
//
//	go test -run '^$' -fuzz '^FuzzUnmarshal$' ./fuzz
func FuzzUnmarshal(f *testing.F) {
	seedPayloads(f, func(payload []byte) { f.Add(payload) })
	f.Fuzz(func(t *testing.T, payload []byte) {
		if len(payload) > chunkgen.MaxPayload {
			return
		}
		before := bytes.Clone(payload)
		c := new(chatstream.CreateChatCompletionData)
		diffs := chunkgen.Judge(payload, c)
		if !bytes.Equal(before, payload) {
			diffs = append(diffs, "the payload was written to")
		}
		valid := chunkgen.SyntaxOffset(payload) < 0
		if valid {
			var x chunkgen.Exceptions
			diffs = append(diffs, chunkgen.CompareJSON(payload, c, &x)...)
		}
		fail(t, diffs, payload)
	})
}

func fail(t *testing.T, diffs []string, payloads ...[]byte) {
	t.Helper()
	if diffs != nil {
		t.Errorf("payloads %q:\n  %s", payloads, strings.Join(diffs, "\n  "))
	}
}

// random gives a source that is the same for a seed.
func random(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 0)) }
