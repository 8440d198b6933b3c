package jsonwire_test

import (
	"encoding/binary"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-08fc7208/chatstream/internal/jsonwire"
)

// borders are the bytes beside which a comparison of bytes could be off by one.
var borders = []byte("\x00\x01\x1f !\"#,/09:?@AZ[\\]^_`az{|}~\x7f\x80\x81\x9f\xa0\xa1\xa2\xa3\xdb\xdc\xdd\xfe\xff")

func TestBytes(t *testing.T) {
	types := map[byte]jsonwire.Type{'n': jsonwire.Null, 't': jsonwire.Boolean, 'f': jsonwire.Boolean, '"': jsonwire.String, '[': jsonwire.Array, '{': jsonwire.Object, '-': jsonwire.Number}
	for _, c := range "0123456789" {
		types[byte(c)] = jsonwire.Number
	}
	for _, c := range allBytes() {
		assert.Equal(t, strings.IndexByte(" \t\r\n", c) >= 0, jsonwire.IsSpace(c), "%q", c)
		assert.Equal(t, strings.IndexByte("0123456789", c) >= 0, jsonwire.IsDigit(c), "%q", c)
		for _, b := range places([]byte{c}) {
			assert.Equal(t, types[c], jsonwire.TypeOf(b), "%q", c)
			assert.Equal(t, types[c] == jsonwire.Number, jsonwire.IsNumber(b, 0), "%q", c)
			assert.False(t, jsonwire.IsNumber(b, 1), "%q", c)
		}
	}
	for _, b := range places(nil) {
		assert.Equal(t, jsonwire.Invalid, jsonwire.TypeOf(b))
		assert.False(t, jsonwire.IsNumber(b, 0))
	}
	assert.Equal(t, jsonwire.Invalid, jsonwire.TypeOf(nil))
}

func TestReasons(t *testing.T) {
	seen := map[string]bool{}
	for f := jsonwire.FaultValue; f <= jsonwire.FaultNotObject; f++ {
		assert.NotEmpty(t, f.Reason(), f)
		assert.False(t, seen[f.Reason()], "%d has the reason of another fault", f)
		seen[f.Reason()] = true
	}
	assert.Panics(t, func() { _ = (jsonwire.FaultNotObject + 1).Reason() }, "TestReasons does not know all faults")
}

func TestSkipSpace(t *testing.T) {
	for _, filler := range []byte(" \t\r\n") {
		eachByte(20, filler, borders, func(text []byte, _ int) {
			for _, b := range few(text) {
				for i := range len(b) + 1 {
					if got, want := jsonwire.SkipSpace(b, i), naiveSpace(b, i); got != want {
						t.Fatalf("%q from %d: %d, want %d", b, i, got, want)
					}
				}
			}
		})
	}
}

// TestPlainSkips has each byte at each place of texts that SkipPlain and SkipASCII read in
// words, blocks of words and single bytes, from each index on.
func TestPlainSkips(t *testing.T) {
	for _, filler := range []byte("a\xc3") {
		eachByte(18, filler, borders, func(text []byte, _ int) {
			for _, b := range few(text) {
				for i := range len(b) + 1 {
					requireSkips(t, b, i)
				}
			}
		})
	}
	for _, c := range allBytes() {
		for at := range 9 {
			text := []byte("abcdefghi")
			text[at] = c
			for _, b := range places(text) {
				requireSkips(t, b, 0)
			}
		}
	}
	// Longer ones, with two bytes that are not plain, whose words may be in one block.
	for length := 12; length < 120; length += 1 + length/16 {
		for first := 0; first < length; first += 1 + length/24 {
			for second := first; second < length; second += 5 {
				for _, two := range []string{"\x80\"", "\"\x80"} {
					text := []byte(strings.Repeat("a", length))
					text[first], text[second] = two[0], two[1]
					for _, b := range few(text) {
						requireSkips(t, b, 0)
						requireSkips(t, b, 1)
						requireSkips(t, b, first)
					}
				}
			}
		}
	}
}

func requireSkips(t *testing.T, b []byte, i int) {
	t.Helper()
	end, ascii := jsonwire.SkipPlain(b, i)
	wantEnd, wantASCII := naivePlain(b, i)
	if end != wantEnd || ascii != wantASCII {
		t.Fatalf("SkipPlain(%q, %d) = %d, %t; want %d, %t", b, i, end, ascii, wantEnd, wantASCII)
	}
	if got, want := jsonwire.SkipASCII(b, i), naiveASCII(b, i); got != want {
		t.Fatalf("SkipASCII(%q, %d) = %d, want %d", b, i, got, want)
	}
}

// TestUnusual has each pair of neighbours, since a borrow goes from one to the next.
func TestUnusual(t *testing.T) {
	for at := range 8 {
		for _, c := range allBytes() {
			for _, d := range borders {
				text := []byte("abcdefgh")
				text[at] = c
				if at < 7 {
					text[at+1] = d
				}
				requireUnusual(t, text)
			}
		}
	}
}

func requireUnusual(t *testing.T, text []byte) {
	t.Helper()
	m := jsonwire.Unusual(binary.LittleEndian.Uint64(text))
	require.Zero(t, m&^0x8080808080808080, "%q", text)
	first := naiveASCII(text, 0)
	for k := range 8 {
		marked := m>>(8*k)&0x80 != 0
		if k < first && marked || k == first && !marked {
			t.Fatalf("%q: byte %d is marked: %t", text, k, marked)
		}
		if unusual := !isPlain(text[k]) || text[k] >= 0x80; unusual && !marked {
			t.Fatalf("%q: byte %d is not marked", text, k)
		}
	}
}

func TestFirstOf(t *testing.T) {
	bit := func(k int) uint64 {
		if k >= 8 {
			return 0
		}
		return 0x80 << (8 * k)
	}
	for first := range 9 {
		for second := range 9 {
			for _, more := range []uint64{0, 0x8000000000000000} {
				want := first
				if first == 8 && more == 0 {
					want = 8 + second
				} else if first == 8 {
					want = 7
				}
				require.Equal(t, want, jsonwire.FirstOf(bit(first)|more, bit(second)), "%d, %d, %x", first, second, more)
				want = first
				if first == 8 {
					if want += second; more != 0 {
						want = min(want, 15)
					}
				}
				require.Equal(t, want, jsonwire.FirstOf(bit(first), bit(second)|more), "%d, %d, %x", first, second, more)
			}
		}
	}
}

func TestSkipString(t *testing.T) {
	check := func(text []byte) {
		for _, b := range few(append([]byte{'"'}, text...)) {
			end, f := jsonwire.SkipString(b, 0)
			if wantEnd, want := naiveString(b, 0); end != wantEnd || f != want {
				t.Fatalf("%q: %d, %q; want %d, %q", b, end, f.Reason(), wantEnd, want.Reason())
			}
		}
	}
	pieces := []string{"a", "é", "\xff", `"`, `\`, `\"`, `\n`, `\u`, "0", "F", "g", "\x1f", `\u00e9`}
	eachText(4, pieces, check)
	randomTexts(20_000, append(pieces, "abcdefg", "abcdefgh", "abcdefghi", strings.Repeat("x", 33), `\ud83d\ude00`), 12, check)
	for _, c := range allBytes() {
		check([]byte(`\` + string([]byte{c}) + `0000"`))
		for at := range 4 {
			hex := []byte("0000")
			hex[at] = c
			check([]byte(`\u` + string(hex) + `"`))
			check([]byte(`\u` + string(hex[:at+1])))
		}
	}
}

func TestSkipLiteral(t *testing.T) {
	for _, name := range []string{"true", "false", "null"} {
		for n := range len(name) + 1 {
			for _, end := range []string{"", "x", "l", "e", "\x00", ","} {
				for _, b := range places([]byte(name[:n] + end)) {
					at, f := jsonwire.SkipLiteral(b, 0, name)
					wantAt, want := naiveLiteral(b, 0, name)
					require.Equal(t, wantAt, at, "%q", b)
					require.Equal(t, want, f, "%q", b)
					at, _ = jsonwire.SkipLiteral(append([]byte("[1,"), b...), 3, name)
					require.Equal(t, wantAt+3, at, "%q", b)
				}
			}
		}
	}
}

func TestSkipNumber(t *testing.T) {
	check := func(text []byte) {
		for _, b := range few(text) {
			end, f := jsonwire.SkipNumber(b, 0)
			if wantEnd, want := naiveNumber(b, 0); end != wantEnd || f != want {
				t.Fatalf("%q: %d, %q; want %d, %q", b, end, f.Reason(), wantEnd, want.Reason())
			}
		}
	}
	eachText(5, []string{"-", "+", "0", "1", "9", ".", "e", "E", "x"}, check)
	randomTexts(5000, []string{"0", "12345678", "9", ".", "e", "-", "e-", "E+"}, 8, check)
	for _, c := range allBytes() {
		for _, before := range []string{"", "-", "0", "1", "1.", "1.5", "1e", "1e+", "1e5"} {
			check(append([]byte(before), c))
			check(append([]byte(before), c, '5'))
		}
	}
}

func TestSkipDigits(t *testing.T) {
	eachByte(20, '5', borders, func(text []byte, at int) {
		want := at
		if at < len(text) && jsonwire.IsDigit(text[at]) {
			want = len(text)
		}
		for _, b := range few(text) {
			require.Equal(t, want, jsonwire.SkipDigits(b, 0), "%q", b)
			require.Equal(t, len(b), jsonwire.SkipDigits(b, len(b)))
		}
	})
}

func TestSkipNameAndColon(t *testing.T) {
	check := func(text []byte) {
		for _, b := range few(text) {
			end, f := jsonwire.SkipName(b, 0)
			if wantEnd, want := naiveName(b, 0); end != wantEnd || f != want {
				t.Fatalf("SkipName(%q): %d, %q; want %d, %q", b, end, f.Reason(), wantEnd, want.Reason())
			}
			end, f = jsonwire.SkipColon(b, 0)
			if wantEnd, want := naiveColon(b, 0); end != wantEnd || f != want {
				t.Fatalf("SkipColon(%q): %d, %q; want %d, %q", b, end, f.Reason(), wantEnd, want.Reason())
			}
		}
	}
	pieces := []string{`"`, "a", ":", " ", "\n", `\`, `\u0041`, "é", "content", "\x00"}
	eachText(5, pieces[:8], check)
	randomTexts(10_000, pieces, 10, check)
}

func TestSkipValue(t *testing.T) {
	check := func(text []byte) {
		for _, b := range few(text) {
			end, f := jsonwire.SkipValue(b, 0, 0)
			if wantEnd, want := naiveValue(b, 0, 0); end != wantEnd || f != want {
				t.Fatalf("%q: %d, %q; want %d, %q", b, end, f.Reason(), wantEnd, want.Reason())
			}
			valid := json.Valid(b)
			if got := jsonwire.IsValue(b); got != valid {
				t.Fatalf("IsValue(%q) = %t", b, got)
			}
			i := naiveSpace(b, 0)
			if got := jsonwire.IsObject(b); got != (valid && b[i] == '{') {
				t.Fatalf("IsObject(%q) = %t", b, got)
			}
		}
	}
	pieces := []string{"{", "}", "[", "]", ",", ":", `"a"`, " ", "1", "true", "nul", "null", "x"}
	eachText(4, pieces, check)
	randomTexts(20_000, append(pieces, `"a":`, `"a":1,`, `"é\n":"",`, "[]", "{}", `\`, `"`, "\t\r\n", "false", "-0.5e1", `"abcdefghijklmnop"`), 12, check)
	for _, c := range allBytes() {
		for _, text := range []string{"", "[", "[1", "[1,", "{", `{"a"`, `{"a":`, `{"a":1`, `{"a":1,`, "[]", `[""`} {
			check(append([]byte(text), c))
			check(append([]byte(text), c, ' ', ']'))
			check(append([]byte(text), c, 'a', '"', ']'))
		}
	}
}

func TestMaxDepth(t *testing.T) {
	require.Equal(t, 10_000, jsonwire.MaxDepth) // doc.go, "Limits"
	for _, open := range []string{"[", `{"":`} {
		for depth := range 3 {
			room := jsonwire.MaxDepth - depth
			text := strings.Repeat(open, room) + "1" + strings.Repeat(map[string]string{"[": "]"}[open]+map[bool]string{true: "}"}[open != "["], room)
			end, f := jsonwire.SkipValue([]byte(text), 0, depth)
			require.Equal(t, jsonwire.NoFault, f)
			require.Equal(t, len(text), end)
			end, f = jsonwire.SkipValue([]byte(text), 0, depth+1)
			require.Equal(t, jsonwire.FaultDepth, f)
			require.Equal(t, (room-1)*len(open), end)
		}
	}
	nested := func(n int) []byte { return []byte(strings.Repeat("[", n) + strings.Repeat("]", n)) }
	require.True(t, jsonwire.IsValue(nested(jsonwire.MaxDepth)))
	require.False(t, jsonwire.IsValue(nested(jsonwire.MaxDepth+1)))
}
