package jsonwire_test

import (
	"encoding/json"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-08fc7208/chatstream/internal/jsonwire"
)

// textPieces has each kind of byte: plain, escaped in each way, beyond ASCII, and what is
// no UTF-8, whole or cut short.
var textPieces = []string{
	"a", "abcdefgh", `"`, `\`, "/", "\n", "\r", "\t", "\b", "\f", "\x00", "\x1f", " ", "\x7f",
	"é", "€", "\U0001f600", "\u2028", "\ufffd", "\x80", "\xff", "\xc3", "\xe2\x82", "\xed\xa0\xbd", "\xf0\x9f\x98", "\xc0\xa2", "\xf4\x90\x80\x80",
}

// naiveQuoted writes s as the doc comment of AppendString says.
func naiveQuoted(s string) string {
	var b strings.Builder
	for _, r := range s { // each byte that is not UTF-8 is U+FFFD here
		switch {
		case r == '"' || r == '\\':
			b.WriteString(`\` + string(r))
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case r < ' ':
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	return `"` + b.String() + `"`
}

func TestAppendString(t *testing.T) {
	check := func(text []byte) {
		want := "dst" + naiveQuoted(string(text))
		for _, b := range few(text) {
			require.Equal(t, want, string(jsonwire.AppendString([]byte("dst"), b)))
		}
		require.Equal(t, want, string(jsonwire.AppendString([]byte("dst"), string(text))))
	}
	eachText(2, textPieces, check)
	randomTexts(10_000, textPieces, 12, check)
	for at := range 4 {
		for _, c := range allBytes() {
			text := []byte("abcd")
			text[at] = c
			check(text)
		}
	}
	require.Equal(t, `""`, string(jsonwire.AppendString(nil, "")))
}

func TestAppendRepaired(t *testing.T) {
	check := func(text []byte) {
		for _, b := range few(text) {
			require.Equal(t, "dst"+naiveRepaired(text), string(jsonwire.AppendRepaired([]byte("dst"), b)))
		}
	}
	eachText(2, textPieces, check)
	randomTexts(5000, textPieces, 8, check)
}

func TestAppendRaw(t *testing.T) {
	require.Equal(t, "dstnull", string(jsonwire.AppendRaw([]byte("dst"), nil)))
	check := func(text []byte) {
		if len(text) == 0 {
			return
		}
		want := strings.NewReplacer("\n", "", "\r", "").Replace(naiveRepaired(text))
		for _, b := range few(text) {
			require.Equal(t, "dst"+want, string(jsonwire.AppendRaw([]byte("dst"), b)), "%q", text)
			require.Equal(t, string(text), string(b), "it wrote to its input")
		}
	}
	eachText(4, []string{"[", "1", "\n", "\r", "\r\n", "]", `"é"`, "\"\xff\"", " "}, check)
}

func TestAppendFloat(t *testing.T) {
	exponent := regexp.MustCompile(`^-?[1-9](?:\.[0-9]*[1-9])?e[+-][0-9]{2,3}$`)
	decimal := regexp.MustCompile(`^-?(?:0|[1-9][0-9]*)(?:\.[0-9]*[1-9])?$`)
	check := func(f float64) {
		text := string(jsonwire.AppendFloat([]byte("dst"), f))
		require.True(t, strings.HasPrefix(text, "dst"))
		text = text[len("dst"):]
		if math.IsNaN(f) || math.IsInf(f, 0) {
			require.Equal(t, "null", text)
			return
		}
		require.True(t, json.Valid([]byte(text)), text)
		back, err := strconv.ParseFloat(text, 64)
		require.NoError(t, err)
		require.Equal(t, math.Float64bits(f), math.Float64bits(back), text)
		form := decimal
		if abs := math.Abs(f); f != 0 && abs < 1e-6 || abs >= 1e21 {
			form = exponent
		}
		require.Regexp(t, form, text)
		require.LessOrEqual(t, len(strings.Trim(strings.Split(text, "e")[0], "-.0")), 18, text)
	}
	for _, f := range []float64{0, 1, 0.5, 1e-6, math.Nextafter(1e-6, 0), 1e-7, 1e20, 1e21, math.Nextafter(1e21, 0), 1e22, math.MaxFloat64, math.SmallestNonzeroFloat64, math.Inf(1), math.NaN(), 0.1, 1.0 / 3, 1 << 53} {
		check(f)
		check(-f)
	}
	for exp := range 0x7FF {
		check(math.Float64frombits(uint64(exp)<<52 | 0x123456789ABCD))
	}
	for f, want := range map[float64]string{0: "0", -0.5: "-0.5", 1e21: "1e+21", 1e20: "100000000000000000000", 1e-6: "0.000001", 1e-7: "1e-07", 100: "100"} {
		assert.Equal(t, want, string(jsonwire.AppendFloat(nil, f)))
	}
}
