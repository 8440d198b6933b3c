package chatstream_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
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
				got, err := chatstream.AppendReplaced([]byte("before"), []byte(test.payload), chatstream.RawValue(value), "model")
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

// TestEditName: names match as encoding/json reads them.
func TestEditName(t *testing.T) {
	for _, name := range []string{"", "a\"b", "tab\t", "grüße", "𝄞", "�", "a/b"} {
		for _, spelled := range []string{mustMarshal(t, name), escaped(name)} {
			payload := `{"id":1,` + spelled + `:2}`
			got, err := chatstream.AppendReplaced(nil, []byte(payload), chatstream.RawValue("3"), name)
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

// TestEditPath: a path goes through objects and lists. At each step, all occurrences of a repeated
// member are edited. An edit that finds nothing changes nothing.
func TestEditPath(t *testing.T) {
	for _, test := range []struct{ name, path, payload, replaced, removed string }{
		{"objects", "a b", `{"a":{"b":1,"c":2},"b":3}`, `{"a":{"b":NEW,"c":2},"b":3}`, `{"a":{"c":2},"b":3}`},
		{"list and object", "a 1 b", `{"a":[{"b":1},{"b":2},{"b":3}]}`, `{"a":[{"b":1},{"b":NEW},{"b":3}]}`, `{"a":[{"b":1},{},{"b":3}]}`},
		{"first of a list", "a 0", `{"a":[1,2,3]}`, `{"a":[NEW,2,3]}`, `{"a":[2,3]}`},
		{"middle of a list", "a 1", `{"a":[1,2,3]}`, `{"a":[1,NEW,3]}`, `{"a":[1,3]}`},
		{"last of a list", "a 2", `{"a":[1,2,3]}`, `{"a":[1,2,NEW]}`, `{"a":[1,2]}`},
		{"only one of a list", "a 0", `{"a":[1]}`, `{"a":[NEW]}`, `{"a":[]}`},
		{"tenth of a list", "a 10", `{"a":[0,1,2,3,4,5,6,7,8,9,{"0":1},11]}`, `{"a":[0,1,2,3,4,5,6,7,8,9,NEW,11]}`, `{"a":[0,1,2,3,4,5,6,7,8,9,11]}`},
		{"list in a list", "a 1 0", `{"a":[[1],[2,3]]}`, `{"a":[[1],[NEW,3]]}`, `{"a":[[1],[3]]}`},
		{"a list as payload", "1 b", `[{"b":1},{"b":2}]`, `[{"b":1},{"b":NEW}]`, `[{"b":1},{}]`},
		{"an index is a name in an object", "a 0", `{"a":{"0":1,"1":2}}`, `{"a":{"0":NEW,"1":2}}`, `{"a":{"1":2}}`},
		{"any name is a name in an object", "a 007", `{"a":{"007":1,"7":2}}`, `{"a":{"007":NEW,"7":2}}`, `{"a":{"7":2}}`},
		{"repeated on the way", "a b", `{"a":{"b":1},"x":0,"a":{"c":2,"b":3}}`, `{"a":{"b":NEW},"x":0,"a":{"c":2,"b":NEW}}`, `{"a":{},"x":0,"a":{"c":2}}`},
		{"repeated everywhere", "a b", `{"a":{"b":1,"b":2},"a":{"b":3,"b":4}}`, `{"a":{"b":NEW,"b":NEW},"a":{"b":NEW,"b":NEW}}`, `{"a":{},"a":{}}`},
		{"escaped on the way", "a b", `{"\u0061":{"\u0062":1},"a":{"b":2}}`, `{"\u0061":{"\u0062":NEW},"a":{"b":NEW}}`, `{"\u0061":{},"a":{}}`},
		{"white space", "a 1 b", " { \"a\" : [ 0 , { \"b\" : 1 , \"c\" : 2 } ] } ", " { \"a\" : [ 0 , { \"b\" : NEW , \"c\" : 2 } ] } ", " { \"a\" : [ 0 , { \"c\" : 2 } ] } "},
		{"white space in lists", "a 1", " { \"a\" : [ 0 , 1 , 2 ] } ", " { \"a\" : [ 0 , NEW , 2 ] } ", " { \"a\" : [ 0 , 2 ] } "},
		{"nothing there", "a b", `{"b":1,"a":{"c":2}}`, `{"b":1,"a":{"c":2}}`, `{"b":1,"a":{"c":2}}`},
		{"nothing on the way", "a b c", `{"b":1}`, `{"b":1}`, `{"b":1}`},
		{"null on the way", "a b c", `{"a":null,"b":{"a":{"b":1}}}`, `{"a":null,"b":{"a":{"b":1}}}`, `{"a":null,"b":{"a":{"b":1}}}`},
		{"beyond the end of a list", "a 1 b", `{"a":[{"b":1}]}`, `{"a":[{"b":1}]}`, `{"a":[{"b":1}]}`},
		{"far beyond the end of a list", "a 18446744073709551616", `{"a":[1]}`, `{"a":[1]}`, `{"a":[1]}`},
		{"an empty list", "a 0", `{"a":[ ]}`, `{"a":[ ]}`, `{"a":[ ]}`},
		{"the rest of a name", "a b", `{"ab":1,"a":{"":{"b":1},"bb":2},"":3}`, `{"ab":1,"a":{"":{"b":1},"bb":2},"":3}`, `{"ab":1,"a":{"":{"b":1},"bb":2},"":3}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			path := strings.Fields(test.path)
			for _, value := range []string{`"new"`, ` {"b":[1]} `} {
				got, err := chatstream.AppendReplaced([]byte("before"), []byte(test.payload), chatstream.RawValue(value), path...)
				require.NoError(t, err)
				assert.Equal(t, "before"+strings.ReplaceAll(test.replaced, "NEW", value), string(got))
			}
			got, err := chatstream.AppendRemoved([]byte("before"), []byte(test.payload), path...)
			require.NoError(t, err)
			assert.Equal(t, "before"+test.removed, string(got))
		})
	}
}

func TestAppendSet(t *testing.T) {
	for _, test := range []struct{ name, path, payload, want string }{
		{"replaced", "a", `{"a":1,"b":2}`, `{"a":NEW,"b":2}`},
		{"replaced in a list", "a 1", `{"a":[1,2]}`, `{"a":[1,NEW]}`},
		{"all of a repeated member", "a", `{"a":1,"\u0061":2}`, `{"a":NEW,"\u0061":NEW}`},
		{"inserted at the end", "a", `{"b":2,"A":3}`, `{"b":2,"A":3,"a":NEW}`},
		{"inserted into an empty object", "a", `{}`, `{"a":NEW}`},
		{"inserted into a blank object", "a", ` { } `, ` {"a":NEW } `},
		{"white space stays", "a", "{\n \"b\" : [ 2 ]\n}\n", "{\n \"b\" : [ 2 ],\"a\":NEW\n}\n"},
		{"include_usage is there", "stream_options include_usage", `{"stream":true,"stream_options":{"include_usage":false}}`, `{"stream":true,"stream_options":{"include_usage":NEW}}`},
		{"include_usage is missing", "stream_options include_usage", `{"stream_options":{"x":1},"stream":true}`, `{"stream_options":{"x":1,"include_usage":NEW},"stream":true}`},
		{"stream_options are missing", "stream_options include_usage", `{"stream":true}`, `{"stream":true,"stream_options":{"include_usage":NEW}}`},
		{"stream_options are null", "stream_options include_usage", `{"stream_options": null ,"stream":true}`, `{"stream_options": {"include_usage":NEW} ,"stream":true}`},
		{"a long way", "a b c d", `{"a":{}}`, `{"a":{"b":{"c":{"d":NEW}}}}`},
		{"a long way from null", "a b c d", `{"a":{"b":null}}`, `{"a":{"b":{"c":{"d":NEW}}}}`},
		{"in a list", "a 1 b c", `{"a":[null,{"x":1},2]}`, `{"a":[null,{"x":1,"b":{"c":NEW}},2]}`},
		{"null in a list", "a 0 b", `{"a":[null,{}]}`, `{"a":[{"b":NEW},{}]}`},
		{"objects are made, not lists", "a 0 b", `{}`, `{"a":{"0":{"b":NEW}}}`},
		{"each way that there is", "a b c", `{"a":{"b":{"c":1}},"a":{"b":null},"a":{},"a":null,"a":{"b":{"x":1}}}`,
			`{"a":{"b":{"c":NEW}},"a":{"b":{"c":NEW}},"a":{"b":{"c":NEW}},"a":{"b":{"c":NEW}},"a":{"b":{"x":1,"c":NEW}}}`},
		{"not where the name is a value", "a", `{"b":"a","c":["a"],"d":{"a":1}}`, `{"b":"a","c":["a"],"d":{"a":1},"a":NEW}`},
		{"a list as payload", "1 b", `[{},{}]`, `[{},{"b":NEW}]`},
		{"the value null", "a", `{"a":null}`, `{"a":NEW}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			for _, value := range []string{`true`, ` null `, `{"a":[1]}`} {
				got, err := chatstream.AppendSet([]byte("before"), []byte(test.payload), chatstream.RawValue(value), strings.Fields(test.path)...)
				require.NoError(t, err)
				assert.Equal(t, "before"+strings.ReplaceAll(test.want, "NEW", value), string(got))
			}
		})
	}
}

// TestSetNames: a new member has the requested name.
func TestSetNames(t *testing.T) {
	for _, name := range []string{"", "a\"b\\", "tab\t\x00", "grüße", "𝄞", "\u2028", "a.b"} {
		for _, payload := range []string{`{}`, `{"x":null}`} {
			got, err := chatstream.AppendSet(nil, []byte(payload), chatstream.RawValue("1"), "x", name, name)
			require.NoError(t, err)
			var tree map[string]map[string]map[string]int
			require.NoError(t, json.Unmarshal(got, &tree))
			assert.Equal(t, map[string]map[string]map[string]int{"x": {name: {name: 1}}}, tree)
			again, err := chatstream.AppendSet(nil, got, chatstream.RawValue("1"), "x", name, name)
			require.NoError(t, err)
			assert.Equal(t, string(got), string(again), "it is found again")
		}
	}
}

// edits are all edits with a path of one value.
var edits = map[string]func(dst, payload []byte, path ...string) ([]byte, error){
	"AppendRemoved": chatstream.AppendRemoved,
	"AppendReplaced": func(dst, payload []byte, path ...string) ([]byte, error) {
		return chatstream.AppendReplaced(dst, payload, chatstream.RawValue("1"), path...)
	},
	"AppendSet": func(dst, payload []byte, path ...string) ([]byte, error) {
		return chatstream.AppendSet(dst, payload, chatstream.RawValue("1"), path...)
	},
}

func TestEditFaults(t *testing.T) {
	dst := append(make([]byte, 0, 100), "before"...)
	for _, payload := range []string{
		``, ` `, `[]`, `null`, `"x"`, `{`, `{"model"`, `{"model":`, `{"model":1`, `{"model":1,`, `{"model":1,}`, `{"model":1}x`,
		`{"model":1}{}`, `{"model":01}`, `{"model":1 "x":2}`, `{"x":tru}`, `{,}`, `{1:2}`, `{"x":"` + "\n" + `"}`, `{"\x":1}`, `{"\u00":1}`,
		`{"x":` + strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000) + `}`, `[1`,
		// What is wrong within what the path leads to, or after it.
		`{"model":{"x":{`, `{"model":{"x"}}`, `{"model":{"x":1]}`, `{"model":[1}`, `{"model":{"x":1}`, `{"model":{"x":1},"y":}`, `{"model":{"x":[1,]}}`,
		`{"model":{"x":nul}}`, `{"model":{"y":1,}}`, `{"model":1,"model":{"x":+1}}`,
		strings.Repeat(`{"model":`, 10_001) + `1` + strings.Repeat(`}`, 10_001),
	} {
		var want *chatstream.SyntaxError
		require.ErrorAs(t, chatstream.Unmarshal([]byte(payload), new(chunk)), &want, payload)
		for _, path := range [][]string{{"model"}, {"model", "x"}, slices.Repeat([]string{"model"}, 10_000)} {
			for name, edit := range edits {
				got, err := edit(dst, []byte(payload), path...)
				assert.Equal(t, "before", string(got), payload)
				var syntax *chatstream.SyntaxError
				if assert.ErrorAs(t, err, &syntax, "%s: %.40s", name, payload) {
					assert.Equal(t, want, syntax, "%s: %.40s", name, payload)
				}
			}
		}
	}
}

// TestEditDepth: edits work at every depth up to the limit of JSON.
func TestEditDepth(t *testing.T) {
	payload := strings.Repeat(`{"a":`, 10_000) + `1` + strings.Repeat(`}`, 10_000)
	path := slices.Repeat([]string{"a"}, 10_000)
	for name, edit := range edits {
		got, err := edit(nil, []byte(payload), path...)
		require.NoError(t, err)
		want := payload
		if name == "AppendRemoved" {
			want = strings.Repeat(`{"a":`, 9_999) + `{}` + strings.Repeat(`}`, 9_999)
		}
		assert.Equal(t, want, string(got))
	}
	got, err := chatstream.AppendSet(nil, []byte(`{}`), chatstream.RawValue("1"), path...)
	require.NoError(t, err)
	assert.Equal(t, payload, string(got))
	deeper := strings.Repeat(`{"a":`, 10_001) + `1` + strings.Repeat(`}`, 10_001)
	for _, name := range []string{"AppendRemoved", "AppendReplaced"} {
		_, err := edits[name](nil, []byte(deeper), append(path, "a")...)
		var syntax *chatstream.SyntaxError
		require.ErrorAs(t, err, &syntax)
		assert.Equal(t, int64(10_000*len(`{"a":`)), syntax.Offset)
		assert.ErrorContains(t, err, "nesting deeper than 10000")
	}
	for _, payload := range []string{`{}`, payload} {
		_, err = chatstream.AppendSet(nil, []byte(payload), chatstream.RawValue("1"), append(path, "a")...)
		assert.ErrorContains(t, err, "nesting deeper than 10000")
	}
}

// TestEditPathErrors: a path through a value that is neither an object nor a list is an error. The
// error names the path and the byte, and dst is unchanged.
func TestEditPathErrors(t *testing.T) {
	all := []string{"AppendRemoved", "AppendReplaced", "AppendSet"}
	for _, test := range []struct {
		path, payload, want string
		edits               []string
	}{
		{"", `{"a":1}`, `payload, byte 0: path "" is empty`, all},
		{"a b", `{"x":0, "a":"text"}`, `payload, byte 12: path "a.b" goes through a string`, all},
		{"a b", `{"a":-1}`, `payload, byte 5: path "a.b" goes through a number`, all},
		{"a b", `{"a": 7}`, `payload, byte 6: path "a.b" goes through a number`, all},
		{"a b", `{"a":true}`, `payload, byte 5: path "a.b" goes through a boolean`, all},
		{"a b", `{"a":false}`, `payload, byte 5: path "a.b" goes through a boolean`, all},
		{"a b c", `{"a":{"b":{"c":1}},"a":{"b":""},"a":1}`, `payload, byte 28: path "a.b.c" goes through a string`, all},
		{"a 1 b", `{"a":[{},3]}`, `payload, byte 9: path "a.1.b" goes through a number`, all},
		{"a b", `{"a":[{"b":1}]}`, `payload, byte 5: path "a.b" goes through a list, which "b" is no index of`, all},
		{"a b", `{"a":[]}`, `payload, byte 5: path "a.b" goes through a list, which "b" is no index of`, all},
		{"a -1", `{"a":[1]}`, `which "-1" is no index of`, all},
		{"a +1", `{"a":[1,2]}`, `which "+1" is no index of`, all},
		{"a 01", `{"a":[1,2]}`, `which "01" is no index of`, all},
		{"a 1.0", `{"a":[1,2]}`, `which "1.0" is no index of`, all},
		{"a 0x1", `{"a":[1,2]}`, `which "0x1" is no index of`, all},
		{"a ١", `{"a":[1,2]}`, `which "١" is no index of`, all},
		{"a 2", `{"a":[1,2]}`, `payload, byte 5: path "a.2" goes beyond the end of a list of 2`, all[2:]},
		{"a 0", `{"a":[]}`, `payload, byte 5: path "a.0" goes beyond the end of a list of 0`, all[2:]},
		{"a 2 b", `{"a":[1,2]}`, `payload, byte 5: path "a.2.b" goes beyond the end of a list of 2`, all[2:]},
		{"a 99999999999999999999", `{"a":[1,2]}`, `goes beyond the end of a list of 2`, all[2:]},
		{"a 18446744073709551616", `{"a":[1,2]}`, `goes beyond the end of a list of 2`, all[2:]},
		{"5", `[1,2]`, `payload, byte 0: path "5" goes beyond the end of a list of 2`, all[2:]},
		{"a \xff", `{}`, `payload, byte 0: path "a.\xff" is not valid UTF-8`, all[2:]},
		{strings.Repeat("x", 1000), `{"` + strings.Repeat("x", 1000) + `":1}`, `path "` + strings.Repeat("x", 200) + `"... goes through a number`, all},
	} {
		path := strings.Fields(test.path)
		if len(test.path) == 1000 {
			path = append(path, "y")
		}
		dst := append(make([]byte, 0, 2000), "before"...)
		for _, name := range test.edits {
			got, err := edits[name](dst, []byte(test.payload), path...)
			assert.Equal(t, "before", string(got))
			assert.ErrorContains(t, err, "chatstream: payload, byte ")
			assert.ErrorContains(t, err, test.want, name)
			var syntax *chatstream.SyntaxError
			assert.NotErrorAs(t, err, &syntax)
		}
	}
}

// TestReplacementIsJSON: a value that is not JSON is an error, which names the value and the byte in
// it.
func TestReplacementIsJSON(t *testing.T) {
	payload := []byte(`{"model":"old"}`)
	deep := func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }
	for _, test := range []struct {
		value, want string
		offset      int64
	}{
		{``, `unexpected end of JSON input`, 0},
		{` `, `unexpected end of JSON input`, 1},
		{`new`, `in a literal name`, 1},
		{`"new`, `unexpected end of JSON input`, 4},
		{`"a","usage":null`, `invalid character ',' after the end of the value`, 3},
		{`1}`, `invalid character '}' after the end of the value`, 1},
		{`1 2`, `invalid character '2' after the end of the value`, 2},
		{`1.}`, `invalid character '}' in a number`, 2},
		{`{"a":1`, `unexpected end of JSON input`, 6},
		{"\"a\nb\"", `in a string`, 2},
		{`nul`, `unexpected end of JSON input`, 3},
		{`01`, `invalid character '1' after the end of the value`, 1},
		{`"\q"`, `in a string escape`, 2},
		{deep(10_000), `nesting deeper than 10000`, 9_999},
	} {
		for name, edit := range map[string]func(dst, payload []byte, value chatstream.RawValue, path ...string) ([]byte, error){
			"AppendReplaced": chatstream.AppendReplaced, "AppendSet": chatstream.AppendSet,
		} {
			got, err := edit([]byte("before"), payload, chatstream.RawValue(test.value), "model")
			assert.Equal(t, "before", string(got))
			var syntax *chatstream.SyntaxError
			if assert.ErrorAs(t, err, &syntax, "%s: %.20s", name, test.value) {
				assert.Equal(t, test.offset, syntax.Offset, "%s: %.20s", name, test.value)
			}
			assert.ErrorContains(t, err, `chatstream: replacement value of "model": byte `)
			assert.ErrorContains(t, err, test.want)
			_, err = edit(nil, payload, chatstream.RawValue(test.value), "choices", "0", "x")
			assert.ErrorContains(t, err, `chatstream: replacement value of "choices.0.x": byte `)
		}
	}
	got, err := chatstream.AppendReplaced(nil, payload, chatstream.RawValue(deep(9_999)), "model")
	require.NoError(t, err)
	assert.NoError(t, chatstream.Unmarshal(got, new(chunk)), "as deep as a payload may be")
	got, err = chatstream.AppendSet(nil, []byte(`{}`), chatstream.RawValue(deep(9_997)), "a", "b", "c")
	require.NoError(t, err)
	assert.NoError(t, chatstream.Unmarshal(got, new(chunk)), "as deep as a payload may be")
	_, err = chatstream.AppendSet(nil, []byte(`{}`), chatstream.RawValue(deep(9_998)), "a", "b", "c")
	assert.ErrorContains(t, err, `nesting deeper than 10000`)
}

func TestEditDoesNotAllocate(t *testing.T) {
	if instrumented {
		t.Skip("instrumented builds allocate")
	}
	payload := []byte(`{"id":"1","m\u006fdel":"old","usage":{"total_tokens":3},"choices":[{"delta":{"` + escapedName(1000) + `":1}}],"stream_options":null}`)
	value := chatstream.RawValue(`"another"`)
	long := strings.Repeat("n", 1000)
	dst := make([]byte, 0, len(payload)+100)
	for name, edit := range map[string]func() ([]byte, error){
		"replaced": func() ([]byte, error) { return chatstream.AppendReplaced(dst, payload, value, "model") },
		"replaced on a path": func() ([]byte, error) {
			return chatstream.AppendReplaced(dst, payload, value, "choices", "0", "delta", long)
		},
		"removed": func() ([]byte, error) { return chatstream.AppendRemoved(dst, payload, "usage") },
		"removed on a path": func() ([]byte, error) {
			return chatstream.AppendRemoved(dst[:0:len(payload)], payload, "choices", "0", "delta", long)
		},
		"set": func() ([]byte, error) {
			return chatstream.AppendSet(dst, payload, value, "stream_options", "include_usage")
		},
		"set where nothing is": func() ([]byte, error) { return chatstream.AppendSet(dst, payload, value, "a", "b", "c") },
	} {
		assert.Zero(t, testing.AllocsPerRun(100, func() {
			if _, err := edit(); err != nil {
				t.Fatal(err)
			}
		}), name)
	}
}

// escapedName is a name of n letters n, each of them escaped.
func escapedName(n int) string { return strings.Repeat(`\u006e`, n) }

// TestEditLinear: the work is linear in the payload, also if the path occurs often. The test does not
// measure time but the bytes written: a member that is met a second time
// must not make the edit read or copy again what it has read. With quadratic work the
// test would take hours.
func TestEditLinear(t *testing.T) {
	const n = 200_000
	payload := `{` + strings.Repeat(`"a":{"b":1,"c":[]},`, n) + `"z":0}`
	for name, want := range map[string]int{
		"AppendRemoved":  len(payload) - n*len(`"b":1,`),
		"AppendReplaced": len(payload),
		"AppendSet":      len(payload),
	} {
		got, err := edits[name](nil, []byte(payload), "a", "b")
		require.NoError(t, err)
		assert.Len(t, got, want, name)
	}
	payload = `{` + strings.Repeat(`"b":1,`, n) + `"z":0}`
	got, err := chatstream.AppendRemoved(nil, []byte(payload), "b")
	require.NoError(t, err)
	assert.Equal(t, `{"z":0}`, string(got))
	payload = `{"a":[` + strings.Repeat(`0,`, n) + `{}]}`
	got, err = chatstream.AppendSet(nil, []byte(payload), chatstream.RawValue("1"), "a", strconv.Itoa(n), "b")
	require.NoError(t, err)
	assert.Equal(t, strings.Replace(payload, "{}", `{"b":1}`, 1), string(got))
	payload = `{` + strings.Repeat(`"a":null,"a":{},`, n) + `"z":0}`
	got, err = chatstream.AppendSet(nil, []byte(payload), chatstream.RawValue("1"), "a", "b")
	require.NoError(t, err)
	assert.Equal(t, `{`+strings.Repeat(`"a":{"b":1},"a":{"b":1},`, n)+`"z":0}`, string(got))
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

// TestEditOfMadeUpObjects compares edits with encoding/json, for objects in many spellings.
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
		got, err := chatstream.AppendReplaced(nil, payload, chatstream.RawValue(`{"new":1}`), m.name)
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
