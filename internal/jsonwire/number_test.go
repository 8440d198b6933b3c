package jsonwire_test

import (
	"math"
	"math/big"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-08fc7208/chatstream/internal/jsonwire"
)

// naiveDigits reads up to 15 digits that are a whole number.
func naiveDigits(b []byte, i int) (n int64, end int) {
	end = i
	for end < len(b) && '0' <= b[end] && b[end] <= '9' {
		end++
	}
	digits := string(b[i:end])
	if digits == "" || len(digits) > 15 || len(digits) > 1 && digits[0] == '0' {
		return 0, 0
	}
	if end < len(b) && strings.IndexByte(".eE", b[end]) >= 0 {
		return 0, 0
	}
	n, _ = strconv.ParseInt(digits, 10, 64)
	return n, end
}

// TestDigits reads numbers of each length, before each byte and each number of others.
func TestDigits(t *testing.T) {
	for length := range 20 {
		for _, digits := range []string{"1234567890123456789", "9999999999999999999", "1000000000000000000", "0000000000000000000", "5678901234567890123"} {
			for _, c := range append([]byte(".,}eE-"), borders...) {
				for after := range 19 {
					for _, filler := range []string{"7", ",", "}"} {
						text := []byte(digits[:length] + string([]byte{c}) + strings.Repeat(filler, after))
						requireDigits(t, text, 0)
						requireDigits(t, append([]byte("7:"), text...), 2)
					}
				}
			}
			for _, b := range places([]byte(digits[:length])) {
				requireDigits(t, b, 0)
			}
		}
	}
}

func requireDigits(t *testing.T, b []byte, i int) {
	t.Helper()
	n, end := jsonwire.Digits(b, i)
	if want, wantEnd := naiveDigits(b, i); n != want || end != wantEnd {
		t.Fatalf("%q from %d: %d, %d; want %d, %d", b, i, n, end, want, wantEnd)
	}
}

// TestIntegers compares ExactInt and IsHuge with exact rational numbers.
func TestIntegers(t *testing.T) {
	check := func(text []byte) {
		if !wholeNumber.Match(text) {
			return
		}
		want, ok := new(big.Rat).SetString(string(text))
		require.True(t, ok, "%q", text)
		for _, b := range few(text) {
			n, exact := jsonwire.ExactInt(b)
			if fits := want.IsInt() && want.Num().IsInt64(); exact != fits || fits && n != want.Num().Int64() || !fits && n != 0 {
				t.Fatalf("ExactInt(%q) = %d, %t", b, n, exact)
			}
			huge := new(big.Rat).Abs(want).Cmp(tenTo309) >= 0
			if got := jsonwire.IsHuge(b); got != huge {
				t.Fatalf("IsHuge(%q) = %t", b, got)
			}
		}
	}
	eachText(5, []string{"-", "0", "1", "9", ".", "e", "E-", "+"}, check)
	for _, whole := range []string{"0", "1", "9", "10", "12", "100", "922337203685477580", "9223372036854775807", "9223372036854775808", "9223372036854775809", "18446744073709551615", "18446744073709551616", "92233720368547758070", strings.Repeat("9", 308), strings.Repeat("9", 309), "1" + strings.Repeat("0", 309)} {
		for _, fraction := range []string{"", ".0", ".00", ".5", ".50", ".05", ".7", ".8", ".9", ".07", ".000001"} {
			for _, exponent := range []string{"", "e0", "e1", "e2", "E+2", "e-1", "e-2", "e6", "e18", "e19", "e20", "e307", "e308", "e309", "e310", "e311", "e315", "e-18", "e-309", "e-400"} {
				check([]byte(whole + fraction + exponent))
				check([]byte("-" + whole + fraction + exponent))
			}
		}
	}
}

var tenTo309 = new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(309), nil))

// TestLargeExponents has exponents that nothing can be computed with.
func TestLargeExponents(t *testing.T) {
	for _, digits := range []string{"9999999999999", "1099511627776", "10995116277760", "18446744073709551616", strings.Repeat("9", 40)} {
		for text, want := range map[string]bool{
			"1e" + digits: true, "-1e+" + digits: true, "0.001E" + digits: true,
			"0e" + digits: false, "-0.00e" + digits: false, "1e-" + digits: false, "100.5e-" + digits: false,
		} {
			assert.Equal(t, want, jsonwire.IsHuge([]byte(text)), text)
			n, exact := jsonwire.ExactInt([]byte(text))
			assert.Zero(t, n, text)
			assert.Equal(t, strings.TrimLeft(text, "-")[0] == '0' && !want, exact, text)
		}
	}
}

func TestIsNull(t *testing.T) {
	for n := range 5 {
		for _, before := range []string{"", "x", "null", "1234567"} {
			for _, b := range places([]byte(before + "null"[:n])) {
				require.Equal(t, n == 4, jsonwire.IsNull(b, len(before)), "%q", b)
			}
		}
	}
	for at := range 4 {
		for _, c := range allBytes() {
			text := []byte("null")
			text[at] = c
			require.Equal(t, c == "null"[at], jsonwire.IsNull(text, 0), "%q", text)
		}
	}
}

// TestFloatLimits: what IsHuge calls huge, strconv does too.
func TestFloatLimits(t *testing.T) {
	for _, text := range []string{"1e308", "1.7976931348623157e308", "1.7976931348623158e308", "1.8e308", "9e308", "1e309", "10e308", "0.1e310", "0.01e310", "0.001e312"} {
		f, _ := strconv.ParseFloat(text, 64)
		if jsonwire.IsHuge([]byte(text)) {
			assert.True(t, math.IsInf(f, 0), text)
		}
	}
}
