package fuzz_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/seed-08fc7208/chatstream"
	"github.com/seed-08fc7208/chatstream/internal/chunkgen"
)

// FuzzRoundTrip: what AppendJSON writes is the payload's value, in one line, and what it writes of that again is the
// same to the byte; a clone, and a struct that another chunk was in before, write it too.
//
//	go test -fuzz '^FuzzRoundTrip$' ./fuzz
func FuzzRoundTrip(f *testing.F) {
	seedPayloads(f, func(payload []byte) { f.Add(payload) })
	f.Fuzz(func(t *testing.T, payload []byte) {
		if len(payload) > maxPayload || chunkgen.SyntaxOffset(payload) >= 0 {
			return
		}
		var c, again chatstream.CreateChatCompletionData
		payload = bytes.Clone(payload) // to write to
		diffs := chunkgen.Judge(payload, &c)
		clone := c.Clone()
		first := c.AppendJSON(nil)
		if !json.Valid(first) || bytes.ContainsAny(first, "\r\n") {
			diffs = append(diffs, fmt.Sprintf("not one line of JSON: %q", first))
		}
		diffs = append(diffs, chunkgen.Judge(first, &again)...)
		if second := again.AppendJSON([]byte("prefix")); string(second) != "prefix"+string(first) {
			diffs = append(diffs, fmt.Sprintf("no fixed point:\n%s\n%s", first, second))
		}
		clear(payload)
		if cloned := clone.AppendJSON(nil); !bytes.Equal(cloned, first) {
			diffs = append(diffs, fmt.Sprintf("the clone writes\n%s\n%s", first, cloned))
		}
		fail(t, diffs, first)
	})
}
