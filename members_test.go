package chatstream_test

import (
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-08fc7208/chatstream"
)

// malformed are bytes that are not one JSON value, which every method refuses.
var malformed = []string{
	``, ` `, "\x00", `nul`, `nulll`, `tru`, `truee`, `true false`, `falsee`, `+1`, `-`, `01`, `1.`, `.5`, `1e`, `1e+`, `0x1`, `1 2`, `1,`, `NaN`, `Infinity`,
	`"`, `"a`, `"\`, `"\"`, `"a"b`, `"a""b"`, `"\x"`, `"\u12"`, `"\u"`, "\"\n\"", `'a'`, `{`, `{"a"`, `{"a":`, `{"a":1`, `{"a":1,`, `{"a":1,}`, `{"a":1}}`, `{"a":1}x`,
	`{"a" 1}`, `{a:1}`, `{"a":1 "b":2}`, `{"a":01}`, `{"b":{,"a":1}`, `{"a":1,"b":"\q"}`, `[`, `[1`, `[1,`, `[1,]`, `[1]]`, `[1 2]`, `[,1]`, `["a]`, `[}`, `]`, `}`, `,`, "\ufeff1",
	strings.Repeat(`[`, 10_001) + strings.Repeat(`]`, 10_001), strings.Repeat(`{"a":`, 10_001) + `1` + strings.Repeat(`}`, 10_001), strings.Repeat(`[`, 1000),
}

// TestRawValueMalformed: bytes that are not JSON have no type, no members and no elements.
func TestRawValueMalformed(t *testing.T) {
	for _, s := range append(malformed, "nil") {
		v := chatstream.RawValue(s)
		if s == "nil" {
			v = nil
		}
		_, isText := v.Text()
		_, isInt := v.Int64()
		_, isFloat := v.Float64()
		_, isBool := v.Bool()
		_, isValue := v.Get()
		member, hasMember := v.Get("a")
		assert.Equal(t, [6]bool{}, [6]bool{isText, isInt, isFloat, isBool, isValue, hasMember}, "%.40q", s)
		assert.Nil(t, member, "%.40q", s)
		for range v.Elements() {
			t.Errorf("%.40q has an element", s)
		}
	}
}

// TestRawValueTypes: a value is of its type, and of no other.
func TestRawValueTypes(t *testing.T) {
	for _, value := range []string{`null`, `true`, `false`, `0`, `-1.5e3`, `""`, `"true"`, `"1"`, `"[]"`, `[]`, `[1]`, `{}`, `{"a":1}`, `[{"a":1}]`} {
		for _, s := range []string{value, " \t" + value + "\r\n "} {
			v := chatstream.RawValue(s)
			_, isText := v.Text()
			_, isInt := v.Int64()
			_, isFloat := v.Float64()
			_, isBool := v.Bool()
			_, hasMember := v.Get("a")
			elements := 0
			for range v.Elements() {
				elements++
			}
			assert.Equal(t, strings.HasPrefix(value, `"`), isText, s)
			assert.Equal(t, value == "0" || value == "-1.5e3", isInt, s)
			assert.Equal(t, value == "0" || value == "-1.5e3", isFloat, s)
			assert.Equal(t, value == "true" || value == "false", isBool, s)
			assert.Equal(t, value == `{"a":1}`, hasMember, s)
			assert.Equal(t, strings.HasPrefix(value, "[") && value != "[]", elements > 0, s)
			got, isValue := v.Get()
			assert.True(t, isValue, s)
			assert.Equal(t, s, string(got))
		}
	}
}

func TestRawValueText(t *testing.T) {
	for _, test := range []struct {
		raw, want string
		borrowed  bool
	}{
		{`""`, "", true},
		{`"text"`, "text", true},
		{` "text" `, "text", true},
		{`"a longer text, of more than one word of eight bytes"`, "a longer text, of more than one word of eight bytes", true},
		{`"grüße 𝄞"`, "grüße 𝄞", true},
		{"\"\x7f\"", "\x7f", true},
		{`"\""`, `"`, false},
		{`"\\"`, `\`, false},
		{`"a\nb\/"`, "a\nb/", false},
		{`"\u0061\u00fC\u0000"`, "aü\x00", false},
		{`"\ud834\udd1e"`, "𝄞", false},
		{`"\ud834x"`, "\ufffdx", false},
		{"\"a\xffb\xc3\"", "a\ufffdb\ufffd", false},
	} {
		v := chatstream.RawValue(test.raw)
		got, isText := v.Text()
		require.True(t, isText, test.raw)
		assert.Equal(t, test.want, got.String(), test.raw)
		assert.Equal(t, len(got), cap(got), "%s: an append must not write behind it", test.raw)
		if len(got) > 0 {
			got[0] ^= 1
			assert.Equal(t, test.borrowed, string(v) != test.raw, "%s: borrowed", test.raw)
		}
	}
}

func TestRawValueInt64(t *testing.T) {
	for _, test := range []struct {
		raw  string
		want int64
	}{
		{"0", 0}, {"-0", 0}, {"-0.0e5", 0}, {"7", 7}, {"3.0", 3}, {"1e2", 100}, {"1E+2", 100}, {"30e-1", 3}, {"-12.50e1", -125}, {"0e99999999999999999999", 0},
		{"9223372036854775807", math.MaxInt64}, {"-9223372036854775808", math.MinInt64}, {"9.223372036854775807e18", math.MaxInt64}, {"9007199254740993", 1<<53 + 1},
		{"1" + strings.Repeat("0", 400) + "e-400", 1}, {"0." + strings.Repeat("0", 400) + "1e401", 1},
	} {
		got, isInt := chatstream.RawValue(test.raw).Int64()
		assert.True(t, isInt, test.raw)
		assert.Equal(t, test.want, got, test.raw)
	}
	for _, raw := range []string{"0.5", "1e-1", "9223372036854775808", "-9223372036854775809", "1e19", "1e99999999999999999999", "-1.5e0", "123456789.1"} {
		got, isInt := chatstream.RawValue(raw).Int64()
		assert.False(t, isInt, raw)
		assert.Zero(t, got, raw)
	}
}

func TestRawValueFloat64(t *testing.T) {
	for _, test := range []struct {
		raw  string
		want float64
	}{
		{"0", 0}, {"7", 7}, {"-1.5", -1.5}, {"1e2", 100}, {"0.1", 0.1}, {"-0.00012345678901234567", -0.00012345678901234567}, {"1.7976931348623157e308", math.MaxFloat64},
		{"5e-324", 5e-324}, {"1e-400", 0}, {"0e999999999999", 0}, {"9007199254740993", 1 << 53}, {"0." + strings.Repeat("0", 400) + "1e401", 1},
	} {
		got, isFloat := chatstream.RawValue(test.raw).Float64()
		assert.True(t, isFloat, test.raw)
		assert.Equal(t, test.want, got, test.raw)
	}
	minus, _ := chatstream.RawValue("-0").Float64()
	assert.True(t, math.Signbit(minus))
	for _, raw := range []string{"1e309", "-1e309", "1.8e308", "1e99999999999999999999"} {
		got, isFloat := chatstream.RawValue(raw).Float64()
		assert.False(t, isFloat, raw)
		assert.Zero(t, got, raw)
	}
}

func TestRawValueBool(t *testing.T) {
	for raw, want := range map[string]bool{"true": true, "false": false, " true\n": true, "\tfalse": false} {
		got, isBool := chatstream.RawValue(raw).Bool()
		assert.True(t, isBool, raw)
		assert.Equal(t, want, got, raw)
	}
	for _, raw := range []string{"True", "FALSE", "1", `"true"`, "null", "[true]"} {
		got, isBool := chatstream.RawValue(raw).Bool()
		assert.False(t, got || isBool, raw)
	}
}

func TestRawValueGet(t *testing.T) {
	const object = ` { "a" : 1 , "b":{"c":{"d":[1, 2],"d":"last"},"x":null}, "a":{"b":2}, "b" : {"c":{"d": [ 3 ] ,"":0}} ,"":{"":7}, "gr\u00fc\u00DFe\n":"u", "\ud834\udd1e":"clef", ` +
		"\"bad\xff\":\"repaired\", \"lone\\ud800\":\"too\", \"long" + `\u006e\u006E` + "\":\"n\",\"list\":[{\"a\":1}] } "
	for _, test := range []struct {
		path []string
		want string
	}{
		{[]string{"a"}, `{"b":2}`},
		{[]string{"a", "b"}, `2`},
		{[]string{"b"}, `{"c":{"d": [ 3 ] ,"":0}}`},
		{[]string{"b", "c", "d"}, `[ 3 ]`},
		{[]string{"b", "c", ""}, `0`},
		{[]string{"", ""}, `7`},
		{[]string{"grüße\n"}, `"u"`},
		{[]string{"𝄞"}, `"clef"`},
		{[]string{"bad\ufffd"}, `"repaired"`},
		{[]string{"lone\ufffd"}, `"too"`},
		{[]string{"longnn"}, `"n"`},
		{[]string{"list"}, `[{"a":1}]`},
	} {
		got, found := chatstream.RawValue(object).Get(test.path...)
		assert.True(t, found, "%q", test.path)
		assert.Equal(t, test.want, string(got), "%q", test.path)
		assert.Equal(t, len(got), cap(got), "%q: an append must not write behind it", test.path)
	}
	for _, path := range [][]string{
		{"A"}, {"c"}, {"a", "c"}, {"b", "x"}, {"a", "b", "c"}, {"list", "a"}, {"list", "0"}, {"longn"}, {"longnnn"}, {"long"}, {"bad\xff"}, {"bad"}, {"lone\xed\xa0\x80"}, {"gr"},
	} {
		got, found := chatstream.RawValue(object).Get(path...)
		assert.False(t, found, "%q", path)
		assert.Nil(t, got, "%q", path)
	}
}

// TestNameThatLooksEqual: names are compared unescaped.
func TestNameThatLooksEqual(t *testing.T) {
	for written, name := range map[string]string{
		`a\"b`: `a"b`, `\\`: `\`, `\\u0061`: `\u0061`, `\u005c`: `\`, `\u0022`: `"`, `\/`: `/`, `\b\f\n\r\t`: "\b\f\n\r\t",
	} {
		object := chatstream.RawValue(`{"` + written + `":1}`)
		_, found := object.Get(name)
		assert.True(t, found, written)
		for _, other := range []string{written, name + `"`, name + `\`, `\` + name, name[:len(name)-1]} {
			if other != name {
				_, found := object.Get(other)
				assert.False(t, found, "%s as %q", written, other)
			}
		}
	}
}

func TestRawValueElements(t *testing.T) {
	for list, want := range map[string][]string{
		`[]`: nil, ` [ ] `: nil, `[1]`: {"1"}, ` [ 1 , "a,]" , [ 2,3 ] , {"a":[4]},null ] `: {`1`, `"a,]"`, `[ 2,3 ]`, `{"a":[4]}`, `null`},
		`{}`: nil, `{"a":[1]}`: nil, `"[1]"`: nil, `null`: nil, `1`: nil,
	} {
		var got []string
		for element := range chatstream.RawValue(list).Elements() {
			assert.Equal(t, len(element), cap(element))
			got = append(got, element.String())
		}
		assert.Equal(t, want, got, list)
	}
	n := 0
	elements := chatstream.RawValue(`[1,2,3]`).Elements()
	for range 2 { // it starts anew each time
		for range elements {
			if n++; n%2 == 0 {
				break
			}
		}
	}
	assert.Equal(t, 4, n)
}

// TestElementsOfChangedList: decoding into the chunk during an iteration over its elements does not
// panic.
func TestElementsOfChangedList(t *testing.T) {
	for _, c := range "[]{}\",:\\ 1" {
		for at := range 9 {
			v := chatstream.RawValue(`["ab",22]`)
			n := 0
			for range v.Elements() {
				for i := at; i < len(v); i++ {
					v[i] = byte(c)
				}
				n++
				require.LessOrEqual(t, n, len(v))
			}
		}
	}
}

func TestMembersGet(t *testing.T) {
	c := unmarshal(t, `{"x":{"y":{"z":1}},"id":3,"x":{"y":{"z":2,"\u007a":3},"n":null},"x2":[{"y":1}]}`)
	for _, test := range []struct {
		path []string
		want string
	}{
		{[]string{"x"}, `{"y":{"z":2,"\u007a":3},"n":null}`},
		{[]string{"x", "y", "z"}, `3`},
		{[]string{"x", "n"}, `null`},
		{[]string{"id"}, `3`},
		{[]string{"x2"}, `[{"y":1}]`},
	} {
		got, found := c.Extra.Get(test.path...)
		assert.True(t, found, "%q", test.path)
		assert.Equal(t, test.want, string(got), "%q", test.path)
	}
	for _, path := range [][]string{{}, {""}, {"X"}, {"y"}, {"x", "z"}, {"x", "n", "a"}, {"x2", "y"}, {"x2", "0"}, {"id", "a"}} {
		got, found := c.Extra.Get(path...)
		assert.False(t, found, "%q", path)
		assert.Nil(t, got, "%q", path)
	}
	_, found := chatstream.Members(nil).Get("x")
	assert.False(t, found)
	last := chatstream.Members{
		{Name: chatstream.Text("x"), Value: chatstream.RawValue(`{"y":1}`)},
		{Name: chatstream.Text("x"), Value: chatstream.RawValue(`{`)},
	}
	_, found = last.Get("x", "y")
	assert.False(t, found, "the last one counts, whatever it is")
	got, found := last.Get("x")
	assert.True(t, found)
	assert.Equal(t, "{", string(got), "what stands there is not judged")
}

func TestMembersDoNotAllocate(t *testing.T) {
	if instrumented {
		t.Skip("instrumented builds allocate")
	}
	c := unmarshal(t, `{"x":{"`+escapedName(100)+`":0,"`+strings.Repeat("é", 100)+"\xff"+`":0,"text":"a","float":-0.00012345678901234567,"int":12e3,"list":[true,false,{}]}}`)
	escaped, repaired := strings.Repeat("n", 100), strings.Repeat("é", 100)+"\ufffd"
	assert.Zero(t, testing.AllocsPerRun(100, func() {
		count := 0
		for _, name := range [...]string{escaped, repaired} {
			if v, found := c.Extra.Get("x", name); found {
				if n, isInt := v.Int64(); isInt && n == 0 {
					count++
				}
			}
		}
		x, _ := c.Extra.Get("x")
		if v, found := x.Get("text"); found {
			if text, isText := v.Text(); isText && string(text) == "a" {
				count++
			}
		}
		if v, found := x.Get("float"); found {
			if f, isFloat := v.Float64(); isFloat && f < 0 {
				count++
			}
		}
		if v, found := x.Get("int"); found {
			if n, isInt := v.Int64(); isInt && n == 12000 {
				count++
			}
		}
		if v, found := x.Get("list"); found {
			for element := range v.Elements() {
				if _, isBool := element.Bool(); isBool {
					count++
				}
			}
		}
		if count != 7 {
			t.Fatal(count)
		}
	}))
}
