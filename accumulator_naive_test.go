package chatstream_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-08fc7208/chatstream"
)

type object = map[string]any

// naiveAnswer puts chunks together as openai-python does (accumulate_delta in
// lib/streaming/_deltas.py): strings are joined, numbers added, objects merged, and the
// elements of lists found by their index.
type naiveAnswer struct {
	choices map[float64]object // finish_reason, and the merged delta
	usage   object             // the last one
	earlier object             // all that earlier ones said
	errors  []string           // what it raises errors for, by member
	gap     bool               // it counts an element as another one than its index says
}

func (n *naiveAnswer) add(payload []byte) {
	var c object
	if json.Unmarshal(payload, &c) != nil {
		return
	}
	if u, ok := c["usage"].(object); ok {
		if n.earlier == nil {
			n.earlier = object{}
		}
		for name, v := range n.usage {
			n.earlier[name] = v
		}
		n.usage = u
	}
	list, _ := c["choices"].([]any)
	for _, v := range list {
		choice, _ := v.(object)
		index, _ := choice["index"].(float64)
		if n.choices == nil {
			n.choices = map[float64]object{}
		}
		if n.choices[index] == nil {
			n.choices[index] = object{"delta": object{}}
		}
		if reason, ok := choice["finish_reason"].(string); ok {
			n.choices[index]["finish_reason"] = reason
		}
		if delta, ok := choice["delta"].(object); ok {
			n.merge(n.choices[index]["delta"].(object), delta)
		}
	}
}

func (n *naiveAnswer) merge(all, piece object) {
	for key, v := range piece {
		old := all[key]
		switch {
		case old == nil || key == "index" || key == "type":
			all[key] = v
			n.noteGap(v)
			continue
		case v == nil:
			continue
		}
		switch v := v.(type) {
		case string:
			if s, ok := old.(string); ok {
				all[key] = s + v
				continue
			}
		case float64:
			if f, ok := old.(float64); ok {
				all[key] = f + v
				continue
			}
		case object:
			if o, ok := old.(object); ok {
				n.merge(o, v)
				continue
			}
		case []any:
			if list, ok := old.([]any); ok {
				all[key] = n.mergeList(key, list, v)
				continue
			}
		}
		n.errors = append(n.errors, key+": of several types")
	}
}

// noteGap looks for a first piece that stands elsewhere than its index says.
func (n *naiveAnswer) noteGap(v any) {
	list, _ := v.([]any)
	for i, element := range list {
		if piece, ok := element.(object); ok && piece["index"] != nil && piece["index"] != float64(i) {
			n.gap = true
		}
	}
}

func (n *naiveAnswer) mergeList(key string, list, pieces []any) []any {
	for _, v := range pieces {
		piece, _ := v.(object)
		index, ok := piece["index"].(float64)
		if !ok {
			n.errors = append(n.errors, key+": an element without an index")
			return list
		}
		if i := int(index); i >= 0 && i < len(list) {
			if element, ok := list[i].(object); ok {
				n.merge(element, piece)
			}
		} else {
			n.gap = n.gap || i != len(list)
			list = append(list, piece)
		}
	}
	return list
}

// ruleAgainst returns the rule by which an Accumulator may give something else for a
// member than the naive reader, or nothing.
func (n *naiveAnswer) ruleAgainst(member string) string {
	for _, e := range n.errors {
		if strings.HasPrefix(e, member+":") {
			return "what raises an error there is read here: " + e
		}
	}
	switch member {
	case "tool_calls":
		if n.gap {
			return "the first index may be any"
		}
	case "usage":
		for name, v := range n.earlier {
			if later := n.usage[name]; later == nil && v != nil {
				return "what a later usage does not say does not erase what an earlier one said: " + name
			}
		}
	}
	return ""
}

// TestNaiveReader: for recorded and written streams, the answers equal those of openai-python,
// except where a listed rule differs.
func TestNaiveReader(t *testing.T) {
	files, err := filepath.Glob(recordings + "/*/*.sse")
	require.NoError(t, err)
	if len(files) == 0 {
		t.Logf("no recordings in %s: the streams of testdata alone", recordings)
	}
	written, err := filepath.Glob("testdata/*.sse")
	require.NoError(t, err)
	for _, file := range append(files, written...) {
		if filepath.Base(file) == "odd-shapes.sse" {
			continue // its indexes are of other shapes, which the naive reader has no place for
		}
		t.Run(strings.TrimPrefix(file, recordings+"/"), func(t *testing.T) {
			data, err := os.ReadFile(file)
			require.NoError(t, err)
			var naive naiveAnswer
			var a chatstream.Accumulator
			d := chatstream.NewDecoder(bytes.NewReader(data))
			defer d.Close()
			var c chunk
			for {
				err := d.Decode(&c)
				require.NoError(t, a.Add(&c))
				if final(err) {
					break
				}
				naive.add(d.Event().Data)
			}
			compareNaive(t, &naive, a.Completion())
		})
	}
}

func compareNaive(t *testing.T, naive *naiveAnswer, c *chatstream.Completion) {
	t.Helper()
	var got struct {
		Choices []struct {
			Index        float64
			Message      object
			FinishReason any `json:"finish_reason"`
		}
		Usage object
	}
	require.NoError(t, json.Unmarshal(c.AppendJSON(nil), &got))
	check := func(member string, want, got any) {
		t.Helper()
		if rule := naive.ruleAgainst(member); rule != "" {
			t.Logf("%s: %s", member, rule)
			return
		}
		assert.Equal(t, comparableMember(member, want), comparableMember(member, got), member)
	}
	check("usage", naive.usage, got.Usage)
	require.Len(t, got.Choices, len(naive.choices))
	for _, choice := range got.Choices {
		want := naive.choices[choice.Index]
		check("finish_reason", want["finish_reason"], choice.FinishReason)
		delta := want["delta"].(object)
		for _, member := range []string{"content", "refusal", "reasoning", "reasoning_content", "reasoning_text", "reasoning_signature", "cot_summary", "function_call", "tool_calls", "audio"} {
			check(member, delta[member], choice.Message[member])
		}
	}
}

// comparableMember returns a member as it can be compared. Empty and null are not told apart: an
// empty finish reason is none, and beside tool calls there is no content. Of calls it
// has what comes in pieces, of audio no id, which the naive reader joins when it is
// repeated.
func comparableMember(member string, v any) any {
	switch v := v.(type) {
	case string:
		if v == "" {
			return nil
		}
	case object:
		if member == "audio" {
			return []any{v["transcript"], v["data"]}
		}
	case []any:
		var all []any
		for _, element := range v {
			if call, ok := element.(object); ok && member == "tool_calls" {
				f, _ := call["function"].(object)
				element = []any{call["id"], f["name"], f["arguments"]}
			}
			all = append(all, element)
		}
		if all == nil {
			return nil
		}
		return all
	}
	return v
}
