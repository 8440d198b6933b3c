package fuzz_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/seed-08fc7208/chatstream"
	"github.com/seed-08fc7208/chatstream/internal/testing/chunkgen"
)

// FuzzRoundTrip: what AppendJSON writes is the payload's value, in one line, and what it writes of that again is the
// same to the byte; a clone, and a struct that another chunk was in before, write it too. What AppendEvent writes, of any data, the Scanner reads as this one event.
//
//	go test -run '^$' -fuzz '^FuzzRoundTrip$' ./fuzz
func FuzzRoundTrip(f *testing.F) {
	seedPayloads(f, func(payload []byte) { f.Add(payload) })
	f.Fuzz(func(t *testing.T, payload []byte) {
		fail(t, eventDiffs(payload), payload)
		if len(payload) > chunkgen.MaxPayload || chunkgen.SyntaxOffset(payload) >= 0 {
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

// eventDiffs reads back what AppendEvent makes of data, and of data as an event name.
func eventDiffs(data []byte) (diffs []string) {
	name := string(data[:min(len(data), 20)])
	s := chatstream.NewScanner(bytes.NewReader(chatstream.AppendEvent(nil, name, data)), chatstream.WithMaxEventSize(math.MaxInt))
	if !s.Scan() {
		return []string{fmt.Sprintf("AppendEvent: no event: %v", s.Err())}
	}
	if strings.ContainsAny(name, "\r\n") {
		name = ""
	}
	if e := s.Event(); string(e.Type) != name || len(e.LastEventID) > 0 {
		diffs = append(diffs, fmt.Sprintf("AppendEvent: the event is %q with the ID %q, not %q", e.Type, e.LastEventID, name))
	}
	want := strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(string(data))
	if got := string(s.Event().Data); got != want {
		diffs = append(diffs, fmt.Sprintf("AppendEvent: the data is %q, not %q", got, want))
	}
	if s.Scan() {
		diffs = append(diffs, fmt.Sprintf("AppendEvent: another event: %q", s.Event().Raw))
	}
	return diffs
}
