package fuzz_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/seed-08fc7208/chatstream"
	"github.com/seed-08fc7208/chatstream/internal/testing/chunkgen"
)

// FuzzUnmarshalCompletion: a payload is refused where encoding/json refuses it or finds no object, and otherwise written
// again as the same JSON value; a struct that another answer was in before, and a clone, write it too.
//
//	go test -run '^$' -fuzz '^FuzzUnmarshalCompletion$' ./fuzz
func FuzzUnmarshalCompletion(f *testing.F) {
	seedPayloads(f, func(payload []byte) {
		f.Add(payload)
		f.Add(bytes.ReplaceAll(payload, []byte(`"delta":`), []byte(`"message":`)))
	})
	f.Add([]byte(`{"choices":[{"message":{"content":[{"type":"text","text":"a"}],"tool_calls":[{}]}}],"object":"","usage":{"cost":{}}}`))
	var used chatstream.Completion
	f.Fuzz(func(t *testing.T, payload []byte) {
		if len(payload) > chunkgen.MaxPayload {
			return
		}
		fail(t, completionDiffs(payload, &used), payload)
	})
}

func completionDiffs(payload []byte, used *chatstream.Completion) (diffs []string) {
	var fresh chatstream.Completion
	err := chatstream.UnmarshalCompletion(payload, &fresh)
	var syntax *chatstream.SyntaxError
	refused := errors.As(err, &syntax)
	if wants := chunkgen.SyntaxOffset(payload); refused != (wants >= 0) {
		return []string{fmt.Sprintf("refused: %t, offset: %d", refused, wants)}
	}
	_ = chatstream.UnmarshalCompletion(payload, used)
	if !used.Equal(fresh) || !used.Clone().Equal(fresh) {
		diffs = append(diffs, "a used struct or a clone differs")
	}
	written := fresh.AppendJSON(nil)
	if strings.ContainsAny(string(written), "\r\n") {
		diffs = append(diffs, "more than one line")
	}
	if refused {
		payload = []byte("{}")
	}
	if n, err := chunkgen.Parse(payload); err == nil && hasHugeNumber(n) {
		return diffs // encoding/json has no value for it
	}
	var want, got any
	if json.Unmarshal(payload, &want) == nil && (json.Unmarshal(written, &got) != nil || !reflect.DeepEqual(want, got)) {
		diffs = append(diffs, fmt.Sprintf("written as %s", written))
	}
	return diffs
}

// hasHugeNumber reports whether a number in n is beyond any float64.
func hasHugeNumber(n chunkgen.Node) bool {
	if n.Kind == '0' {
		var f float64
		return json.Unmarshal([]byte(n.Raw), &f) != nil
	}
	for _, e := range n.Elems {
		if hasHugeNumber(e) {
			return true
		}
	}
	return false
}
