package chatstream_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-08fc7208/chatstream"
)

func TestAppendReplaced(t *testing.T) {
	for _, test := range []struct{ name, payload, want string }{
		{"in the middle", `{"id":"1","model":"old","choices":[]}`, `{"id":"1","model":NEW,"choices":[]}`},
		{"alone", `{"model":"old"}`, `{"model":NEW}`},
		{"white space stays", "\r\n { \"model\" :\t\"old\" , \"id\" : 1 } \n", "\r\n { \"model\" :\tNEW , \"id\" : 1 } \n"},
		{"missing", `{"id":"1"}`, `{"id":"1"}`},
		{"empty", ` { } `, ` { } `},
		{"any type", `{"model":{"model":[1,{"model":2}]},"a":0}`, `{"model":NEW,"a":0}`},
		{"repeated", `{"model":"1","x":0,"model":"2"}`, `{"model":NEW,"x":0,"model":NEW}`},
		{"escaped name", `{"m\u006fdel":"1","\u006d\u006F\u0064\u0065\u006C":2}`, `{"m\u006fdel":NEW,"\u006d\u006F\u0064\u0065\u006C":NEW}`},
		{"another case", `{"Model":"1","MODEL":2}`, `{"Model":"1","MODEL":2}`},
		{"only at the top", `{"x":{"model":"1"},"y":[{"model":2}]}`, `{"x":{"model":"1"},"y":[{"model":2}]}`},
		{"as text", `{"x":"\"model\":\"old\"","y":",\"model\":1}"}`, `{"x":"\"model\":\"old\"","y":",\"model\":1}"}`},
		{"numbers as they came", `{"n":1.50e+01,"model":0,"big":123456789012345678901234567890}`, `{"n":1.50e+01,"model":NEW,"big":123456789012345678901234567890}`},
		{"invalid UTF-8 stays", "{\"x\":\"\xff\",\"mod\xff\":1,\"model\":1}", "{\"x\":\"\xff\",\"mod\xff\":1,\"model\":NEW}"},
	} {
		t.Run(test.name, func(t *testing.T) {
			for _, value := range []string{`"new"`, `null`, `{"a":[1,"b"]}`, ` 1 `, `""`} {
				got, err := chatstream.AppendReplaced([]byte("before"), []byte(test.payload), "model", chatstream.RawValue(value))
				require.NoError(t, err)
				assert.Equal(t, "before"+strings.ReplaceAll(test.want, "NEW", value), string(got))
			}
		})
	}
}

func TestAppendRemoved(t *testing.T) {
	for _, test := range []struct{ name, payload, want string }{
		{"last", `{"id":"1","usage":{"total_tokens":3}}`, `{"id":"1"}`},
		{"first", `{"usage":null,"id":"1","x":2}`, `{"id":"1","x":2}`},
		{"in the middle", `{"id":"1","usage":null,"x":2}`, `{"id":"1","x":2}`},
		{"alone", `{"usage":1}`, `{}`},
		{"all of them", `{"usage":1,"usage":2,"us\u0061ge":3}`, `{}`},
		{"first ones", `{"usage":1,"usage":2,"id":3}`, `{"id":3}`},
		{"first and last", `{"usage":1,"id":3,"usage":2}`, `{"id":3}`},
		{"alternating", `{"id":1,"usage":1,"a":2,"usage":2,"b":3}`, `{"id":1,"a":2,"b":3}`},
		{"white space", " { \"usage\" : 1 , \"id\" : 2 , \"x\" : 3 } ", " { \"id\" : 2 , \"x\" : 3 } "},
		{"white space last", "{ \"id\" : 2 ,\n \"usage\" : 1\n}\n", "{ \"id\" : 2 }\n"},
		{"missing", `{"id":1}`, `{"id":1}`},
		{"empty", `{ }`, `{ }`},
		{"empty name", `{"":1,"id":2}`, `{"":1,"id":2}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := chatstream.AppendRemoved([]byte("before"), []byte(test.payload), "usage")
			require.NoError(t, err)
			assert.Equal(t, "before"+test.want, string(got))
		})
	}
}

// TestEditName: the name that is looked for is what encoding/json reads.
func TestEditName(t *testing.T) {
	for _, name := range []string{"", "a\"b", "tab\t", "grüße", "𝄞", "�", "a/b"} {
		for _, spelled := range []string{mustMarshal(t, name), escaped(name)} {
			payload := `{"id":1,` + spelled + `:2}`
			got, err := chatstream.AppendReplaced(nil, []byte(payload), name, chatstream.RawValue("3"))
			require.NoError(t, err)
			assert.Equal(t, `{"id":1,`+spelled+`:3}`, string(got))
			got, err = chatstream.AppendRemoved(nil, []byte(payload), name)
			require.NoError(t, err)
			assert.Equal(t, `{"id":1}`, string(got))
		}
	}
}

func mustMarshal(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	require.NoError(t, err)
	return string(b)
}

// escaped spells s as a JSON string of escapes alone.
func escaped(s string) string {
	var b strings.Builder
	for _, unit := range utf16.Encode([]rune(s)) {
		fmt.Fprintf(&b, `\u%04x`, unit)
	}
	return `"` + b.String() + `"`
}

func TestEditFaults(t *testing.T) {
	dst := []byte("before")
	for _, payload := range []string{
		``, ` `, `[]`, `null`, `"x"`, `{`, `{"model"`, `{"model":`, `{"model":1`, `{"model":1,`, `{"model":1,}`, `{"model":1}x`,
		`{"model":1}{}`, `{"model":01}`, `{"model":1 "x":2}`, `{"x":tru}`, `{,}`, `{1:2}`, `{"x":"` + "\n" + `"}`, `{"\x":1}`, `{"\u00":1}`,
		`{"x":` + strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000) + `}`, `[1`,
	} {
		var want, syntax *chatstream.SyntaxError
		require.ErrorAs(t, chatstream.Unmarshal([]byte(payload), new(chunk)), &want, payload)
		got, err := chatstream.AppendReplaced(dst, []byte(payload), "model", chatstream.RawValue("1"))
		assert.Equal(t, "before", string(got), payload)
		if assert.ErrorAs(t, err, &syntax, payload) {
			assert.Equal(t, want, syntax, payload)
		}
		got, err = chatstream.AppendRemoved(dst, []byte(payload), "model")
		assert.Equal(t, "before", string(got), payload)
		if assert.ErrorAs(t, err, &syntax, payload) {
			assert.Equal(t, want, syntax, payload)
		}
	}
}

// TestReplacementIsJSON: no value can break out of its place.
func TestReplacementIsJSON(t *testing.T) {
	payload := []byte(`{"model":"old"}`)
	for _, value := range []string{
		``, ` `, `new`, `"new`, `"a","usage":null`, `1}`, `1,`, `{"a":1`, "\"a\nb\"", `nul`, `01`, `"\q"`,
		strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000),
	} {
		got, err := chatstream.AppendReplaced(nil, payload, "model", chatstream.RawValue(value))
		var syntax *chatstream.SyntaxError
		assert.ErrorAs(t, err, &syntax, value)
		assert.ErrorContains(t, err, `of the new value of "model"`)
		assert.Empty(t, got)
	}
	deep := strings.Repeat("[", 9_999) + strings.Repeat("]", 9_999)
	got, err := chatstream.AppendReplaced(nil, payload, "model", chatstream.RawValue(deep))
	require.NoError(t, err)
	assert.NoError(t, chatstream.Unmarshal(got, new(chunk)), "as deep as a payload may be")
}

func TestEditDoesNotAllocate(t *testing.T) {
	if instrumented {
		t.Skip("instrumented builds allocate")
	}
	payload := []byte(`{"id":"1","m\u006fdel":"old","usage":{"total_tokens":3},"choices":[]}`)
	value := chatstream.RawValue(`"another"`)
	dst := make([]byte, 0, 2*len(payload))
	assert.Zero(t, testing.AllocsPerRun(100, func() {
		if _, err := chatstream.AppendReplaced(dst, payload, "model", value); err != nil {
			t.Fatal(err)
		}
		if _, err := chatstream.AppendRemoved(dst, payload, "usage"); err != nil {
			t.Fatal(err)
		}
	}))
}

// TestEditOfStreams: in the payloads of testdata every member can be replaced and
// removed, and nothing else changes.
func TestEditOfStreams(t *testing.T) {
	for _, s := range testStreams(t) {
		t.Run(s.name, func(t *testing.T) {
			d := chatstream.NewDecoder(bytes.NewReader(s.data))
			defer d.Close()
			var seen string // the members of the last payload; each run of like ones is tried once
			for range d.All() {
				payload := d.Event().Data
				if !bytes.HasPrefix(payload, []byte("{")) || !json.Valid(payload) {
					continue
				}
				var names []string
				for _, m := range spansOf(t, payload) {
					names = append(names, m.name)
				}
				if set := strings.Join(names, " "); set != seen {
					seen = set
					checkEdits(t, payload)
				}
			}
		})
	}
}

// TestEditOfMadeUpObjects holds the edits to encoding/json over objects of every
// spelling.
func TestEditOfMadeUpObjects(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 3000 {
		checkEdits(t, []byte(madeUpObject(r)))
	}
}

func madeUpObject(r *rand.Rand) string {
	pick := func(s ...string) string { return s[r.IntN(len(s))] }
	space := func() string { return pick("", "", "", " ", "\n", "\t \r") }
	var b strings.Builder
	b.WriteString(space() + "{" + space())
	for i := range r.IntN(6) {
		if i > 0 {
			b.WriteString("," + space())
		}
		b.WriteString(pick(`"a"`, `"b"`, `"\u0061"`, `"a\""`, `""`, `"\n"`, "\"\xff\"", `"\ufffd"`, `"é"`, `"\ud800"`))
		b.WriteString(space() + ":" + space())
		b.WriteString(pick(`1`, `-1.5e3`, `null`, `true`, `"a"`, `"{\"a\":1}"`, `{}`, `[]`, `{"a":{"b":1}}`, `[{"a":1}, "}"]`, `"\\"`, "\"\xff\""))
		b.WriteString(space())
	}
	return b.String() + "}" + space()
}

// span is a member as encoding/json finds it.
type span struct {
	name       string
	value, end int
}

func spansOf(t *testing.T, object []byte) (spans []span) {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(object))
	_, err := d.Token()
	require.NoError(t, err)
	for d.More() {
		name, err := d.Token()
		require.NoError(t, err)
		var value json.RawMessage
		require.NoError(t, d.Decode(&value))
		end := int(d.InputOffset())
		spans = append(spans, span{name.(string), end - len(value), end})
	}
	return spans
}

// checkEdits holds both edits of each member of payload to encoding/json.
func checkEdits(t *testing.T, payload []byte) {
	t.Helper()
	before := bytes.Clone(payload)
	spans := spansOf(t, payload)
	for _, m := range spans {
		var want []byte
		done := 0
		var rest []span
		for _, other := range spans {
			if other.name == m.name {
				want = append(append(want, payload[done:other.value]...), `{"new":1}`...)
				done = other.end
			} else {
				rest = append(rest, other)
			}
		}
		want = append(want, payload[done:]...)
		got, err := chatstream.AppendReplaced(nil, payload, m.name, chatstream.RawValue(`{"new":1}`))
		require.NoError(t, err)
		require.Equal(t, string(want), string(got), "%q with %q replaced", payload, m.name)

		got, err = chatstream.AppendRemoved(nil, payload, m.name)
		require.NoError(t, err)
		require.True(t, json.Valid(got), "%q without %q: %q", payload, m.name, got)
		stayed := spansOf(t, got)
		require.Len(t, stayed, len(rest), "%q without %q: %q", payload, m.name, got)
		for i := range rest {
			require.Equal(t, rest[i].name, stayed[i].name)
			require.Equal(t, payload[rest[i].value:rest[i].end], got[stayed[i].value:stayed[i].end])
		}
	}
	require.Equal(t, before, payload, "the payload was written to")
}
