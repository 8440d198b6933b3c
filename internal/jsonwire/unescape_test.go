package jsonwire_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed-08fc7208/chatstream/internal/jsonwire"
)

// escapePieces are what a string's content in JSON consists of, and what must not be in it.
var escapePieces = []string{
	"a", "abcdefgh", "é", "\U0001f600", "\xff", "\xe2\x82", `\"`, `\\`, `\/`, `\b`, `\f`, `\n`, `\r`, `\t`,
	`\u0041`, `\u00e9`, `\u20AC`, `\u0000`, `\ud83d`, `\ude00`, `\uD83D\uDE00`, `\uFFFD`, `"`, `\`, `\u`, `\x`, "\x1f", "0", `\ud83`,
}

// TestUnescape compares AppendUnescaped and EqualString with encoding/json.
func TestUnescape(t *testing.T) {
	eachText(3, escapePieces, func(text []byte) { requireUnescaped(t, append(text[:len(text):len(text)], '"'), 0) })
	eachText(2, escapePieces, func(text []byte) { requireUnescaped(t, text, 0) })
	randomTexts(10_000, escapePieces[:22], 10, func(text []byte) {
		requireUnescaped(t, append([]byte(`x":"`), append(text, '"', ',')...), 4)
	})
	for _, c := range allBytes() {
		requireUnescaped(t, []byte(`\`+string([]byte{c})+`0041"`), 0)
		requireUnescaped(t, []byte(`\ud83d\`+string([]byte{c})+`de00"`), 0)
		requireUnescaped(t, []byte(`abcdefg`+string([]byte{c})+`"`), 0)
		requireUnescaped(t, []byte(string([]byte{c})+`0041"`), 0)
		requireUnescaped(t, []byte(`\n`+string([]byte{c})+`0041"`), 0)
		for at := range 4 {
			hex := []byte("0041")
			hex[at] = c
			requireUnescaped(t, []byte(`\u`+string(hex)+`"`), 0)
			requireUnescaped(t, []byte(`\ud83d\u`+string(hex)+`"`), 0)
		}
	}
}

// TestSurrogates has each half with each other at the borders of their ranges.
func TestSurrogates(t *testing.T) {
	units := []string{"d7ff", "d800", "d801", "dbff", "dc00", "dc01", "dfff", "e000", "0041"}
	for _, first := range units {
		requireUnescaped(t, []byte(`\u`+first+`"`), 0)
		for _, second := range units {
			requireUnescaped(t, []byte(`\u`+first+`\u`+second+`"`), 0)
			requireUnescaped(t, []byte(`\u`+first+`x\u`+second+`"`), 0)
		}
	}
}

func requireUnescaped(t *testing.T, text []byte, i int) {
	t.Helper()
	wantEnd, want := naiveString(append([]byte{'"'}, text[i:]...), 0)
	wantEnd += i - 1
	for _, b := range few(text) {
		dst, end, f := jsonwire.AppendUnescaped([]byte("dst"), b, i)
		if f != want || end != wantEnd {
			t.Fatalf("%q from %d: %d, %q; want %d, %q", b, i, end, f.Reason(), wantEnd, want.Reason())
		}
		require.Equal(t, "dst", string(dst[:3]))
		if f != jsonwire.NoFault {
			continue
		}
		var value string
		require.NoError(t, json.Unmarshal(append([]byte{'"'}, b[i:end]...), &value), "%q", b)
		if value != string(dst[3:]) {
			t.Fatalf("%q from %d: %q, want %q", b, i, dst[3:], value)
		}
		requireEqualString(t, b, i, value)
	}
}

// requireEqualString compares a string with its value, and with what differs from it.
func requireEqualString(t *testing.T, b []byte, i int, value string) {
	t.Helper()
	others := []string{value + "x", "x" + value, value + "\x00", value + "\ufffd"}
	for at := range value {
		others = append(others, value[:at], value[:at]+"\x01"+value[at+1:])
	}
	if !jsonwire.EqualString(b, i, value) {
		t.Fatalf("%q is not %q", b[i:], value)
	}
	for _, other := range others {
		if other != value && jsonwire.EqualString(b, i, other) {
			t.Fatalf("%q is %q", b[i:], other)
		}
	}
}
