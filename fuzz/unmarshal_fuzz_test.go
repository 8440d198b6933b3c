package fuzz_test

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed-08fc7208/chatstream"
	"github.com/seed-08fc7208/chatstream/internal/testing/chunkgen"
)

// seedPayloads calls add with the payloads that the fuzz targets begin with: the first ones of each test stream, the
// vectors of RFC 8259 where a text may stand, each member of the schema, and some of each generator.
func seedPayloads(tb testing.TB, add func(payload []byte)) {
	tb.Helper()
	files, err := filepath.Glob("../testdata/*.sse")
	if err != nil {
		tb.Fatal(err)
	}
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			tb.Fatal(err)
		}
		n := 0
		for line := range bytes.Lines(data) {
			if payload, ok := bytes.CutPrefix(line, []byte("data:")); ok && len(payload) < 4096 && n < 4 {
				add(bytes.TrimSpace(payload))
				n++
			}
		}
	}
	for _, v := range chunkgen.RFC8259() {
		add([]byte(`{"choices":[{"delta":{"content":` + v.Text() + `}}]}`))
	}
	for _, s := range chunkgen.Sites() {
		add([]byte(s.With(`"a"`)))
		add([]byte(s.With("[1]")))
	}
	for seed := range uint64(20) {
		add(chunkgen.NewGen(seed, seed%2 == 0).Payload())
	}
}

// maxPayload keeps the slow oracles from being all that is run.
const maxPayload = 1 << 14

// FuzzUnmarshal: a payload is taken exactly where encoding/json finds an object valid, and is refused at the byte where
// that refuses it; every field has the value that a slow reading by the schema gives, that encoding/json gives into the
// same structs, and that fastjson and sonic give.
//
//	go test -fuzz '^FuzzUnmarshal$' ./fuzz
func FuzzUnmarshal(f *testing.F) {
	seedPayloads(f, func(payload []byte) { f.Add(payload) })
	f.Fuzz(func(t *testing.T, payload []byte) {
		if len(payload) > maxPayload {
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
		for _, p := range peers {
			diffs = append(diffs, p.compare(payload, c.AppendJSON(nil))...)
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
