package fuzz_test

import (
	"bytes"
	"testing"

	"github.com/seed-08fc7208/chatstream"
	"github.com/seed-08fc7208/chatstream/internal/testing/chunkgen"
)

// FuzzReuse: a payload decodes in the same way into a used struct and into a new one, for any earlier payload and any changes to it
// and to the struct.
//
//	go test -run '^$' -fuzz '^FuzzReuse$' ./fuzz
func FuzzReuse(f *testing.F) {
	var last []byte
	seed := uint64(0)
	seedPayloads(f, func(payload []byte) {
		seed++
		if seed%3 == 0 { // a third of the pairs is enough
			f.Add(last, payload, seed)
		}
		last = payload
	})
	f.Fuzz(func(t *testing.T, before, payload []byte, seed uint64) {
		if len(before)+len(payload) > chunkgen.MaxPayload {
			return
		}
		var c, fresh chatstream.CreateChatCompletionData
		r := random(seed)
		before = bytes.Clone(before) // the fuzzer's own, like payload
		_ = chatstream.Unmarshal(before, &c)
		chunkgen.Vandalise(r, &c)
		if seed%2 == 0 { // a struct that was broken and then used again
			_ = chatstream.Unmarshal(payload, &c)
			chunkgen.Vandalise(r, &c)
		}
		diffs := chunkgen.Judge(payload, &c)
		clear(before)
		_ = chatstream.Unmarshal(payload, &fresh)
		diffs = append(diffs, chunkgen.Diff(&fresh, &c, true)...)
		if !bytes.Equal(fresh.AppendJSON(nil), c.AppendJSON(nil)) {
			diffs = append(diffs, "AppendJSON differs")
		}
		fail(t, diffs, payload)
	})
}
