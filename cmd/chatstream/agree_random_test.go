package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-08fc7208/chatstream"
)

// TestChecksAgreeRandom: -check and the Accumulator agree on random tool calls. They agree if
// -check finds these, and as often as is said here:
//
//   - tools/arguments-empty, for each call of Completion whose arguments are blank;
//   - tools/arguments-go-on, for each call whose arguments are a JSON value and more text;
//   - tools/cut-looks-whole, or tools/arguments-not-json if the finish reason is length, for
//     each call whose arguments are no JSON otherwise;
//   - none of these for a call whose arguments are JSON. So, unless the finish reason is length,
//     there is a finding arguments-go-on or cut-looks-whole if and only if Truncated says so;
//   - tools/finish-stop once, if there is a call and the finish reason is stop;
//   - tools/empty-call, for each call that Completion leaves out as none. That is each call
//     without name and arguments that it shows if every piece has one more member;
//   - one of tools/arguments-cumulative, tools/empty-object-first and tools/arguments-repeated at
//     most for each call whose arguments are JSON, and only if Completion leaves out text other
//     than white space. If it does, and all calls are shown and JSON or blank, there is one.
func TestChecksAgreeRandom(t *testing.T) {
	scripts := 20_000
	if testing.Short() {
		scripts = 4_000
	}
	met := make(map[string]int)
	for seed := range scripts {
		s := randomScript(rand.New(rand.NewPCG(14, uint64(seed))))
		want, found := s.findings(t), s.found(t)
		for c := range found {
			met[c]++
		}
		got := maps.Clone(found)
		maps.DeleteFunc(got, func(c string, _ int64) bool { return !slices.Contains(fromAnswer, c) })
		if !assert.Equal(t, want, got) || !s.repairsAgree(t, found) {
			t.Fatalf("script %d:\n%s", seed, s.stream(""))
		}
	}
	for _, c := range toolChecks {
		name := strings.TrimPrefix(c.name, "tools/")
		require.Greater(t, met[name], scripts/1000, "the scripts are too tame: %s", c.name)
	}
}

// fromAnswer are the findings that the answer alone decides.
var fromAnswer = []string{"arguments-empty", "arguments-go-on", "cut-looks-whole", "arguments-not-json", "finish-stop", "empty-call"}

// callScript is a stream of tool calls: lists of pieces, and the finish reason.
type callScript struct {
	lists  [][]scriptPiece
	finish string
}

// scriptPiece is a piece of a tool call as members, which are empty if they are absent.
type scriptPiece struct{ index, id, name, arguments string }

func randomScript(r *rand.Rand) callScript {
	pick := func(list ...string) string { return list[r.IntN(len(list))] }
	s := callScript{finish: pick("tool_calls", "tool_calls", "stop", "length")}
	for range 1 + r.IntN(5) {
		var list []scriptPiece
		for range 1 + r.IntN(5)/3 {
			list = append(list, scriptPiece{
				index: pick("", `"index":0`, `"index":0`, `"index":0`, `"index":1`),
				id:    pick("", "", `"id":null`, `"id":""`, `"id":"a"`, `"id":"a"`, `"id":"b"`),
				name:  pick("", "", `"name":""`, `"name":"f"`, `"name":"f"`, `"name":"g"`),
				arguments: pick("", "", " ", "{}", "{}", "{ }", "{", "}", `{"q`, `{"q":"x`, `{"q":"x"}`, `{"q":"x"}`, `{"q":"}`, `{"q":"}"}`,
					`":"x"}`, `"x"}`, `{"a":1}`, `{"a":1}{}`, `[1]`, `]`, "1", "12", `"}`),
			})
		}
		s.lists = append(s.lists, list)
	}
	return s
}

// stream writes the script with another member in each piece, or none.
func (s callScript) stream(member string) string {
	var b strings.Builder
	for _, list := range s.lists {
		var pieces []string
		for _, p := range list {
			arguments := ""
			if p.arguments != "" {
				arguments = fmt.Sprintf(`"arguments":%q`, p.arguments)
			}
			pieces = append(pieces, object(p.index, p.id, member, `"function":`+object(p.name, arguments)))
		}
		b.WriteString(tool(strings.Join(pieces, ",")))
	}
	return b.String() + fin(s.finish) + done
}

func object(members ...string) string {
	var present []string
	for _, m := range members {
		if m != "" {
			present = append(present, m)
		}
	}
	return "{" + strings.Join(present, ",") + "}"
}

// answer returns what the Accumulator makes of the script.
func (s callScript) answer(t *testing.T, member string) *chatstream.CompletionChoice {
	var a chatstream.Accumulator
	for c, err := range chatstream.NewDecoder(strings.NewReader(s.stream(member))).All() {
		require.NoError(t, err)
		require.NoError(t, a.Add(c))
	}
	return &a.Completion().Choices[0]
}

// findings returns the findings that follow from the answer, and how often each is expected.
func (s callScript) findings(t *testing.T) map[string]int64 {
	want := make(map[string]int64)
	choice := s.answer(t, "")
	for _, call := range choice.Message.ToolCalls.Value {
		switch first := jsonDecoder(call); {
		case len(bytes.TrimSpace(call.Function.Value.Arguments.Value)) == 0:
			want["arguments-empty"]++
		case json.Valid(call.Function.Value.Arguments.Value):
		case first.Decode(new(any)) == nil:
			want["arguments-go-on"]++
		case s.finish == "length":
			want["arguments-not-json"]++
		default:
			want["cut-looks-whole"]++
		}
	}
	if s.finish != "length" {
		require.Equal(t, choice.Truncated(), want["arguments-go-on"]+want["cut-looks-whole"] > 0)
	}
	if s.finish == "stop" && choice.Message.ToolCalls.IsSet() {
		want["finish-stop"]++
	}
	for _, call := range s.answer(t, `"extra_content":true`).Message.ToolCalls.Value {
		if f := call.Function.Value; len(f.Name.Value)+len(f.Arguments.Value) == 0 {
			want["empty-call"]++
		}
	}
	return want
}

func jsonDecoder(call chatstream.ToolCall) *json.Decoder {
	return json.NewDecoder(bytes.NewReader(call.Function.Value.Arguments.Value))
}

// repairsAgree checks the notes about calls whose arguments the Accumulator repaired.
func (s callScript) repairsAgree(t *testing.T, found map[string]int64) bool {
	came, shown, fine, bad := 0, 0, int64(0), false
	for _, list := range s.lists {
		for _, p := range list {
			came += lenWithoutSpace(p.arguments)
		}
	}
	for _, call := range s.answer(t, "").Message.ToolCalls.Value {
		arguments := call.Function.Value.Arguments.Value
		n := lenWithoutSpace(arguments.String())
		shown += n
		if json.Valid(arguments) {
			fine++
		} else {
			bad = bad || n > 0
		}
	}
	repairs := found["arguments-cumulative"] + found["empty-object-first"] + found["arguments-repeated"]
	leftOut := came > shown
	mustRepair := leftOut && !bad && found["id-at-other-index"] == 0 // that call may be left out
	return assert.LessOrEqual(t, repairs, fine) &&
		assert.True(t, repairs == 0 || leftOut, "nothing was repaired") &&
		assert.True(t, repairs > 0 || !mustRepair, "a repair was not found")
}

func lenWithoutSpace(s string) int { return len(strings.Join(strings.Fields(s), "")) }

// found returns how often -check finds what of the kind tools, by name.
func (s callScript) found(t *testing.T) map[string]int64 {
	var report checkJSON
	require.NoError(t, json.Unmarshal([]byte(runOn(s.stream(""), "-check", "-json").out), &report))
	found := make(map[string]int64)
	for _, f := range report.Findings {
		if f.Kind == "tools" {
			found[strings.TrimPrefix(f.Check, "tools/")] += f.Times
		}
	}
	return found
}
