package chatstream_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-08fc7208/chatstream"
)

// callsOf returns the first choice's calls, each as id:name(arguments).
func callsOf(t *testing.T, a *chatstream.Accumulator) string {
	t.Helper()
	var all []string
	for _, c := range messageOf(t, a).ToolCalls.Value {
		f := c.Function.Value
		all = append(all, fmt.Sprintf("%s:%s(%s)", c.ID.Value, f.Name.Value, f.Arguments.Value))
	}
	return strings.Join(all, " ")
}

// callPieces returns a delta for each list of pieces. A piece is index/id/name/arguments,
// and a part that is - is left out; lists are separated by spaces, pieces by |.
func callPieces(t *testing.T, script string) (all []string) {
	t.Helper()
	for _, list := range strings.Fields(script) {
		var pieces []string
		for _, piece := range strings.Split(list, "|") {
			parts := strings.SplitN(piece, "/", 4)
			require.Len(t, parts, 4, piece)
			var members, function []string
			if parts[0] != "-" {
				members = append(members, `"index":`+parts[0])
			}
			if parts[1] != "-" {
				members = append(members, fmt.Sprintf(`"id":%q`, parts[1]))
			}
			for i, name := range []string{"name", "arguments"} {
				if text := parts[2+i]; text != "-" {
					quoted, err := json.Marshal(strings.ReplaceAll(text, "~", " "))
					require.NoError(t, err)
					function = append(function, fmt.Sprintf(`%q:%s`, name, quoted))
				}
			}
			pieces = append(pieces, "{"+strings.Join(append(members, `"function":{`+strings.Join(function, ",")+"}"), ",")+"}")
		}
		all = append(all, `{"tool_calls":[`+strings.Join(pieces, ",")+`]}`)
	}
	return all
}

// TestCallTable has the rows of the table in accumulator_callpiece.go.
func TestCallTable(t *testing.T) {
	for _, test := range []struct{ name, script, want string }{
		// known or absent, none or the same name, closed, then empty, blank or equal
		{"nothing: empty", `0/a/f/{"x":1} 0/a/-/ 0/-/f/`, `a:f({"x":1})`},
		{"nothing: blank", `0/a/f/{"x":1} 0/-/-/~~ 0/a/f/~`, `a:f({"x":1})`},
		{"nothing: equal", `0/a/f/{"x" 0/-/-/:1} 0/a/f/{"x":1} -/-/-/{"x":1}`, `a:f({"x":1})`},
		{"nothing, but the id counts", `0/-/f/{} 0/a/-/-`, `a:f({})`},
		{"not so: open, then blank", `0/a/f/{"x":" 0/-/-/~ 0/-/-/y"}`, `a:f({"x":" y"})`},
		// {} and an object behind it
		{"replaces: known", `0/a/f/{} 0/a/-/{"x" 0/-/-/:1}`, `a:f({"x":1})`},
		{"replaces: known, with the name", `0/a/f/{} 0/a/f/{"x":1}`, `a:f({"x":1})`},
		{"replaces: absent, without a name", `0/a/f/{~} 0/-/-/~{"x":1}`, `a:f( {"x":1})`},
		{"replaces: without an index", `-/a/f/{} -/-/-/{"x":1}`, `a:f({"x":1})`},
		{"not so: the name without an id", `0/-/f/{} 0/-/f/{"x":1}`, `:f({}) :f({"x":1})`},
		{"not so: {} and {}", `0/a/f/{} 0/a/f/{}`, `a:f({})`},
		{"not so: no object", `0/a/f/{} 0/a/-/[1]`, `a:f({}[1])`},
		{"not so: [] is no {}", `0/a/f/[] 0/a/-/{"x":1}`, `a:f([]{"x":1})`},
		// the same name again behind closed arguments
		{"begins: known", `0/a/f/{"x":1} 0/a/f/{"x":2}`, `a:f({"x":1}) a:f({"x":2})`},
		{"begins: absent", `0/-/f/{"x":1} 0/-/f/{"x":2} 0/-/f/{"x":3}`, `:f({"x":1}) :f({"x":2}) :f({"x":3})`},
		{"begins: without an index", `-/-/f/{"x":1} -/-/f/{"x":2}`, `:f({"x":1}) :f({"x":2})`},
		{"not so: open", `0/a/f/{"x": 0/a/f/2}`, `a:f({"x":2})`},
		// no name behind closed arguments
		{"appended: absent", `0/a/f/{"x":1} 0/-/-/{"y":2}`, `a:f({"x":1}{"y":2})`},
		{"appended: known", `0/a/f/{"x":1} 0/a/-/}`, `a:f({"x":1}})`},
		{"appended: without an index", `-/a/f/{"x":1} -/-/-/,`, `a:f({"x":1},)`},
		// open or empty, then any
		{"continues: open", `0/a/f/{"x" 0/a/f/:[1 0/-/-/] 0/-/f/}`, `a:f({"x":[1]})`},
		{"continues: empty", `0/a/f/- 0/-/-/{}`, `a:f({})`},
		{"continues: the first name", `0/a/-/{"x" 0/a/f/:1}`, `a:f({"x":1})`},
		{"continues: braces in a text", `0/a/f/{"x":"} 0/-/f/{}\"} 0/-/f/"}`, `a:f({"x":"}{}\"}"})`},
		{"the first name behind whole arguments", `0/-/-/{"x":1} 0/a/f/`, `a:f({"x":1})`},
		{"not so: with others", `0/-/-/{"x":1} 0/a/f/{"y":2}`, `:({"x":1}) a:f({"y":2})`},
		// another name
		{"another name, arguments", `0/a/f/{"x" 0/a/g/{"y":2}`, `a:f({"x") a:g({"y":2})`},
		{"another name, closed arguments", `0/-/f/{} 0/-/g/{}`, `:f({}) :g({})`},
		{"another name, no arguments", `0/a/get_/- 0/a/weather/- 0/-/-/{}`, `a:get_weather({})`},
		{"a name in three pieces", `0/a/get_/ 0/-/weather/ 0/-/_now/{}`, `a:get_weather_now({})`},
		{"not so: later in a list, with nothing", `-/-/get_/-|-/-/weather/-`, `:get_() :weather()`},
		// a new id with a name
		{"new id, name", `0/a/f/{"x":1} 0/b/g/{"y":2}`, `a:f({"x":1}) b:g({"y":2})`},
		{"new id, the same name and arguments", `0/a/f/{"x":1} 0/b/f/{"x":1}`, `a:f({"x":1}) b:f({"x":1})`},
		{"new id, name, open", `0/a/f/{"x" 0/b/g/{"y":2} 0/a/-/:1}`, `a:f({"x":1}) b:g({"y":2})`},
		{"new id, name, the first without id", `0/-/f/{"x":1} 0/b/g/{"y":2}`, `:f({"x":1}) b:g({"y":2})`},
		// a new id without a name
		{"an id for each piece", `0/id_1/run/ 0/id_2//{"command" 0/id_3//:"ls" 0/id_4//}`, `id_1:run({"command":"ls"})`},
		{"an id for each piece, no index", `-/id_1/run/{"a" -/id_2/-/:1}`, `id_1:run({"a":1})`},
		{"an id for each piece, two indexes", `0/a/f/|1/b/g/ 0/c/-/{"x"|1/d/-/{"y" 0/e/-/:1}|1/f/-/:2}`, `a:f({"x":1}) b:g({"y":2})`},
		{"not so: closed", `0/a/f/{"x":1} 0/b/-/{"y":2}`, `a:f({"x":1}) b:({"y":2})`},
		{"not so: the second of its index", `0/a/f/{"x" 0/-/-/:|0/b/-/{"y":2} 0/a/-/1}`, `a:f({"x":1}) b:({"y":2})`},
		{"not so: the second without an index", `-/a/f/{"x" -/c/-/:1}|-/d/-/{}`, `a:f({"x":1}) d:({})`},
		// at another index
		{"another index, known, no name", `0/a/f/{"x" 1/a/-/:1}`, `a:f({"x":1})`},
		{"another index, known, no name, closed", `0/a/f/{"x":1} 1/a/-/{"x":1} 2/a/-/`, `a:f({"x":1})`},
		{"another index, known, no name, closed, others", `0/a/f/{"x":1} 1/a/-/{"y" 1/a/-/:2}`, `a:f({"x":1}) a:({"y":2})`},
		{"the same id at two indexes, in turn", `0/a/f/{"x" 1/a/f/{"y" 0/a/-/:1} 1/a/-/:2}`, `a:f({"x":1}) a:f({"y":2})`},
		{"another index, the same call", `0/abc/exec/ 0/abc/exec/{"cmd":"ls"} 1/abc/exec/{"cmd":"ls"}`, `abc:exec({"cmd":"ls"})`},
		{"another index, the same call in pieces", `0/a/f/{"x":1} 1/a/f/ 1/a/f/{"x" 1/a/-/:1}`, `a:f({"x":1})`},
		{"another index, three times", `0/a/f/{"x":1} 1/a/f/{"x":1} 2/a/f/{"x":1}`, `a:f({"x":1})`},
		{"another index, before the first", `1/a/f/{"x":1} 0/a/f/{"x":1}`, `a:f({"x":1})`},
		{"not so: other arguments", `0/a/f/{"x":1} 1/a/f/{"x":2} 2/a/f/{"x":2}`, `a:f({"x":1}) a:f({"x":2})`},
		{"not so: another name", `0/a/f/{"x":1} 1/a/g/{"x":1}`, `a:f({"x":1}) a:g({"x":1})`},
		{"not so: no id", `0/-/f/{"x":1} 1/-/f/{"x":1}`, `:f({"x":1}) :f({"x":1})`},
		{"not so: another id", `0/a/f/{"x":1} 1/b/f/{"x":1}`, `a:f({"x":1}) b:f({"x":1})`},
		{"not so: open", `0/a/f/{"x" 1/a/f/{"x"`, `a:f({"x") a:f({"x")`},
		{"not so: an empty id", `0//f/{"x":1} 1//f/{"x":1}`, `:f({"x":1}) :f({"x":1})`},
		// stubs
		{"a stub is none", `0/-/-/- 0/x//`, ``},
		{"stubs beside a call", `0/-// 1/a/f/{} 2/b//`, `a:f({})`},
		{"a stub that becomes a call", `0/-// 0/a/f/ 0/-/-/{}`, `a:f({})`},
		{"not so: a name", `0/-/f/`, `:f()`},
		{"not so: arguments", `0/-/-/{}`, `:({})`},
	} {
		t.Run(test.name, func(t *testing.T) {
			all := callPieces(t, test.script)
			a := accumulate(t, deltas(all...)...)
			assert.Equal(t, test.want, callsOf(t, a))
			assert.Equal(t, test.want == "", messageOf(t, a).ToolCalls.IsAbsent())
		})
	}
}

// TestCumulativeArguments: if each piece repeats the previous one, the last piece counts as soon as
// it is JSON and the joined pieces are not.
func TestCumulativeArguments(t *testing.T) {
	for _, test := range []struct{ name, script, want string }{
		{"three pieces", `0/a/f/{"q 0/a/f/{"query":"par 0/a/f/{"query":"paris"}`, `a:f({"query":"paris"})`},
		{"without names", `0/a/f/ 0/-/-/{"q" 0/-/-/{"q":[1 0/-/-/ 0/-/-/{"q":[1]}`, `a:f({"q":[1]})`},
		{"the last one again", `0/a/f/{"q" 0/a/f/{"q":1} 0/a/f/{"q":1}`, `a:f({"q":1})`},
		{"pieces that look closed", `0/a/f/{"q 0/a/f/{"q":"} 0/a/f/{"q":"}"}`, `a:f({"q":"}"})`},
		{"a list", `0/a/f/[ 0/a/f/[1 0/a/f/[1,2]`, `a:f([1,2])`},
		{"with an id for each", `0/a/f/{"q 0/b//{"q": 0/c//{"q":1}`, `a:f({"q":1})`},
		{"and again at another index", `0/a/f/{"q 0/a/f/{"q":1} 1/a/f/{"q":1}`, `a:f({"q":1})`},
		{"not yet whole", `0/a/f/{"q 0/a/f/{"q":`, `a:f({"q{"q":)`},
		{"not so: numbers that join", `0/a/f/1 0/-/-/12 0/-/-/123`, `a:f(112123)`},
		{"not so: one piece differs", `0/a/f/{"q" 0/-/-/{"q":1} 0/-/-/}`, `a:f({"q"{"q":1}})`},
		{"not so: the last one differs", `0/a/f/{ 0/-/-/{" 0/-/-/x"}`, `a:f({{"x"})`},
		{"not so: white space, then all", `0/a/f/~ 0/-/-/~{"q":1}`, `a:f(  {"q":1})`},
		{"not so: equal pieces of a list", `0/a/f/[1 0/-/-/[1 0/-/-/]]`, `a:f([1[1]])`},
	} {
		t.Run(test.name, func(t *testing.T) {
			a := accumulate(t, deltas(callPieces(t, test.script)...)...)
			assert.Equal(t, test.want, callsOf(t, a))
		})
	}
}
