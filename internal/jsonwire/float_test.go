package jsonwire_test

import (
	"bytes"
	"flag"
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed-08fc7208/chatstream/internal/jsonwire"
)

var (
	floats    = flag.Int("floats", 1_000_000, "how many numbers TestParseFloatRandom reads")
	floatSeed = flag.Uint64("floatseed", 1, "the seed of its numbers")
)

func TestParseFloat(t *testing.T) {
	for text, want := range map[string]float64{
		"0":                                  0,
		"-0":                                 math.Copysign(0, -1),
		"0.0":                                0,
		"-0.0":                               math.Copysign(0, -1),
		"0e0":                                0,
		"-0E-999":                            math.Copysign(0, -1),
		"0e999":                              0,
		"0.00000000000000000000000000000000": 0,
		"0.0000000000000000":                 0,
		"-0.000000000000000000":              math.Copysign(0, -1),

		"1":                                     1,
		"-9":                                    -9,
		"10":                                    10,
		"1.5":                                   1.5,
		"-9999.0":                               -9999,
		"1e5":                                   100_000,
		"1E5":                                   100_000,
		"1e+5":                                  100_000,
		"1e-1":                                  0.1,
		"1.25e2":                                125,
		"1e0000000000000000000000000000001":     10,
		"1e-0":                                  1,
		"0." + strings.Repeat("0", 40) + "1e41": 1,
		"0." + strings.Repeat("0", 9998) + "1e9999": 1,

		"-0.57687104":             -0.57687104,
		"-3.4121115e-6":           -3.4121115e-6,
		"-0.00012345678901234567": -0.00012345678901234567,
		"-1.1920928955078125e-07": -0x1p-23,

		// The borders of float64
		"1.7976931348623157e308":    math.MaxFloat64,
		"-1.7976931348623157E308":   -math.MaxFloat64,
		"1.7976931348623158e308":    math.MaxFloat64, // nearer to it than to 2^1024
		"17976931348623157e292":     math.MaxFloat64,
		"2.2250738585072014e-308":   0x1p-1022,
		"2.2250738585072011e-308":   0x1p-1022 - 0x1p-1074, // the largest subnormal
		"2.225073858507201136e-308": 0x1p-1022 - 0x1p-1074, // just below the middle
		"2.225073858507201137e-308": 0x1p-1022,             // just above it
		"4.9406564584124654e-324":   math.SmallestNonzeroFloat64,
		"5e-324":                    math.SmallestNonzeroFloat64,
		"3e-324":                    math.SmallestNonzeroFloat64,
		"2.470328229206232721e-324": math.SmallestNonzeroFloat64, // just above its half
		"2.470328229206232720e-324": 0,                           // just below
		"2e-324":                    0,
		"-1e-342":                   math.Copysign(0, -1),
		"9999999999999999999e-342":  9.999999999999999999e-324,
		"1e308":                     1e308,
		"1e23":                      1e23,

		// Halfway between two
		"9007199254740993":         0x1p53,     // 2^53+1
		"9007199254740995":         0x1p53 + 4, // 2^53+3
		"-9007199254740993.0":      -0x1p53,
		"9007199254740993e0":       0x1p53,
		"9007199254740993.00":      0x1p53,
		"9007199254740993.001":     0x1p53 + 2,
		"9007199254740992.999":     0x1p53,
		"4503599627370496.5":       0x1p52,
		"4503599627370497.5":       0x1p52 + 2,
		"562949953421312.0625":     0x1p49,
		"562949953421312.1875":     0x1p49 + 0x1p-2,
		"18014398509481986":        0x1p54,
		"9223372036854775807":      0x1p63,
		"9223372036854776833":      0x1p63 + 0x1p11, // one above the middle
		"9223372036854776832":      0x1p63,          // 2^63+2^10
		"1844674407370955161e1":    0x1p64,
		"1.0000000000000001110":    1, // 20 digits, but they fit
		"9.999999999999999999e22":  1e23,
		"8.988465674311579539e307": 0x1p1023,
	} {
		for _, after := range []string{"", ",", "]", " ", "}", ",-1.5e-07,\"bytes\":[1]}", ",12345678901234,567890123456"} {
			got, end := jsonwire.ParseFloat([]byte(text+after), 0)
			require.Equal(t, len(text), end, text+after)
			require.Equal(t, math.Float64bits(want), math.Float64bits(got), "%s: %g", text+after, got)
			requireFloat(t, []byte("[1,"+text+after), 3)
		}
	}
}

func TestParseFloatRefuses(t *testing.T) {
	for _, text := range []string{
		// No number begins there.
		"", "-", "--1", "+1", "- 1", ".", ".5", "-.5", "e5", "x", " 1", ",", "/", ":", "Infinity", "-Infinity", "NaN", "null", "\xb0",
		"/.1234567890123456", ":.12345678901234567", "x.123456789012345678", "-:.1234567890123456", "..1234567890123456",
		// None with leading zeros.
		"00", "01", "-01", "00.5", "01e5", "-00", "0123456789012",
		// A part is missing.
		"1.", "1.,", "-1.", "0.", "0.e1", "1.e5", "1.-5", "1..5", "1.x", "12345678.", "123456789.,,,,,,,,,,",
		"1e", "1E", "1e+", "1e-", "1e,", "1ex", "1e+-5", "1.5e", "1.5E-", "1e.5", "0e", "-0e-",
		// It is no float64.
		"1.7976931348623159e308", "1.7976931348623159e+308", "17976931348623159e292", "9999999999999999999e308", "1e309", "-1e309", "1e310", "1e9999", "1e99999", "1e99999999999999999999999999",
		"1e4294967297", "1e18446744073709551617", // one more than a power of two
		// It is too long.
		"99999999999999999999", "18446744073709551616", "1844674407370955161.6", "1844.6744073709551616", "0.18446744073709551616", "123456789012345678901234567890",
		"1.2345678901234567890123456789", "0.000000000000000000000000123456789012345678901234", "1000000000000000000000", "1.000000000000000000000000",
		// It is too small for the table.
		"1e-343", "0.1e-342", "1e-9999", "1e-99999", "1e-4294967297", "1e-18446744073709551617", "1e-99999999999999999999999999",
	} {
		for _, after := range []string{"", ",", ",\"bytes\":[1,2,3]}"} {
			got, end := jsonwire.ParseFloat([]byte(text+after), 0)
			require.Zero(t, end, "%s: %g", text+after, got)
			require.Zero(t, got, text+after)
			requireFloat(t, []byte(text+after), 0)
			for _, before := range []string{".5,", "e5,"} { // could go on a number that was given up
				_, end := jsonwire.ParseFloat([]byte(before+text+after), len(before))
				require.Zero(t, end, before+text+after)
			}
		}
	}
}

// TestParseFloatLengths reads numbers of many lengths, with each room after them up to a
// word: digits are read eight at a time where there is room.
func TestParseFloatLengths(t *testing.T) {
	const digits = "91728364556473829109182736455"
	for _, whole := range []int{0, 1, 2, 7, 8, 9, 10, 16, 17, 18, 19, 20, 21} {
		for fraction := range 26 {
			for _, zeros := range []int{0, 1, 7, 8, 20} {
				text := "0"
				if whole > 0 {
					text = digits[:whole]
				}
				if zeros+fraction > 0 {
					text += "." + strings.Repeat("0", zeros) + digits[whole%3:whole%3+fraction]
				}
				for room := range 10 {
					for _, b := range few([]byte("-" + text + strings.Repeat("]", room))) {
						requireFloat(t, b, 0)
					}
				}
				requireFloat(t, []byte(text+"e5"), 0)
				requireFloat(t, []byte(text+"E-12]]]]]]"), 0)
			}
		}
	}
}

// TestParseFloatEnd ends the text within a number whose memory goes on.
func TestParseFloatEnd(t *testing.T) {
	for _, text := range []string{"-12345678.12345678e-12", "0.00012345678901234567", "1.5e300", "12345678901234567890"} {
		for n := range len(text) {
			requireFloat(t, []byte(text)[:n], 0)
			got, end := jsonwire.ParseFloat([]byte(text)[:n], 0)
			want, wantEnd := jsonwire.ParseFloat([]byte(text[:n]), 0)
			require.Equal(t, wantEnd, end, text[:n])
			require.Equal(t, want, got, text[:n])
			require.LessOrEqual(t, end, n)
		}
	}
}

// TestParseFloatBytes has each byte at each index of a number.
func TestParseFloatBytes(t *testing.T) {
	const text = "-12.34567890123456e-12"
	for c := range 256 {
		for i := range len(text) {
			b := []byte(text + ",         ")
			b[i] = byte(c)
			requireFloat(t, b, 0)
			requireFloat(t, b, 1)
		}
	}
}

// TestParseFloatPowers reads numbers with each power of the table.
func TestParseFloatPowers(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for power := -345; power <= 310; power++ {
		for _, n := range []uint64{1, 2, 3, 5, 9, 1<<53 - 1, 1 << 53, 1<<53 + 1, 1e15, 1e18 - 1, 1e19 - 1} {
			requireFloat(t, fmt.Appendf(nil, "%de%d", n, power), 0)
		}
		for range 15 {
			requireFloat(t, fmt.Appendf(nil, "%de%d", r.Uint64N(1e19), power), 0)
			requireFloat(t, fmt.Appendf(nil, "%de%d", r.Uint64()>>r.IntN(64), power), 0)
		}
	}
}

// TestParseFloatHalfway reads numbers exactly halfway between two, and those next to them.
func TestParseFloatHalfway(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	var text []byte
	for range 500 {
		middle := 1<<53 + r.Uint64N(1<<53) | 1 // 54 bits, of which a float64 has 53
		for power, n := 0, middle; power >= -4; power, n = power-1, n*5 {
			for _, n := range []uint64{n - 1, n, n + 1} {
				text = fmt.Appendf(text[:0], "%de%d", n, power)
				requireFloat(t, text, 0)
				if power < 0 {
					digits := strconv.FormatUint(n, 10)
					text = fmt.Appendf(text[:0], "%s.%s", digits[:len(digits)+power], digits[len(digits)+power:])
					requireFloat(t, text, 0)
				}
			}
		}
	}
	for power, five := 0, uint64(1); power <= 23; power, five = power+1, five*5 {
		for range 50 {
			n := (1<<53+r.Uint64N(1<<53))/five | 1 // n*five is odd, and mostly of 54 bits
			for _, n := range []uint64{n - 1, n, n + 1, n << r.IntN(5)} {
				text = fmt.Appendf(text[:0], "%de%d", n, power)
				requireFloat(t, text, 0)
			}
		}
	}
}

// TestParseFloatRandom reads numbers of many kinds. A thousand million of them take ten
// minutes of a core:
//
//	go test -run TestParseFloatRandom -timeout 0 ./internal/jsonwire -floats 1000000000
func TestParseFloatRandom(t *testing.T) {
	r := rand.New(rand.NewPCG(*floatSeed, 0))
	text := make([]byte, 0, 100)
	numbers, read := *floats, 0
	if testing.Short() {
		numbers /= 10
	}
	for n := range numbers {
		text = appendNumber(text[:0], r)
		length := len(text)
		text = append(text, ",\"bytes\":[104,101,108]}"[:n%24]...)
		got, end := jsonwire.ParseFloat(text, 0)
		if end == 0 {
			if mustRead(text[:length]) {
				t.Fatalf("number %d, %s: not read", n, text)
			}
			continue
		}
		want, err := strconv.ParseFloat(string(text[:length]), 64)
		if err != nil || end != length || math.Float64bits(got) != math.Float64bits(want) {
			t.Fatalf("number %d, %s: got %g, %d; want %g, %d, %v", n, text, got, end, want, length, err)
		}
		read++
	}
	t.Logf("%d of %d numbers were read and are as strconv reads them", read, numbers)
	require.Greater(t, read, numbers/2)
}

// appendNumber appends a random number.
func appendNumber(b []byte, r *rand.Rand) []byte {
	kind := r.Uint32()
	if kind&1 == 0 {
		b = append(b, '-')
	}
	switch kind >> 1 % 10 {
	case 0: // any float64, the shortest way
		return strconv.AppendFloat(b, anyFloat(r), 'e', -1, 64)
	case 1: // and with 17 digits
		return strconv.AppendFloat(b, anyFloat(r), 'e', 16, 64)
	case 2: // a log probability
		return strconv.AppendFloat(b, r.ExpFloat64(), 'f', -1, 64)
	case 3: // of a float32
		return strconv.AppendFloat(b, float64(float32(r.ExpFloat64()*1e-3)), 'g', -1, 32)
	case 4: // with up to 23 digits behind the point
		b = append(b, "0.0000"[:2+r.IntN(5)]...)
		return strconv.AppendUint(b, r.Uint64N(1e19), 10)
	case 5: // up to 19 digits, any exponent
		b = strconv.AppendUint(b, r.Uint64N(1e19)>>r.IntN(64), 10)
		return strconv.AppendInt(append(b, 'e'), int64(r.IntN(660)-340), 10)
	case 6: // 19 digits, with a point among them
		b = append(strconv.AppendUint(b, r.Uint64N(10), 10), '.')
		return strconv.AppendUint(b, 1e17+r.Uint64N(9e17), 10)
	case 7: // with 16 digits, or near the middle of two
		f := anyFloat(r)
		if r.IntN(64) > 0 { // the middle costs much time
			return strconv.AppendFloat(b, f, 'e', 15, 64)
		}
		next := new(big.Float).SetFloat64(math.Nextafter(f, 0))
		middle := next.Add(next.SetPrec(64), big.NewFloat(f))
		return middle.SetMantExp(middle, -1).Append(b, 'e', 16+r.IntN(3))
	case 8:
		if r.IntN(64) == 0 { // subnormal, which costs strconv much time
			return strconv.AppendFloat(b, math.Float64frombits(r.Uint64()>>12>>r.IntN(52)), 'e', 13+r.IntN(4), 64)
		}
		return strconv.AppendFloat(b, float64(r.IntN(1e6))/1024, 'f', -1, 64)
	default: // digits
		if b = strconv.AppendUint(b, r.Uint64()>>r.IntN(64), 10); r.IntN(2) == 0 {
			b = append(b, '.')
			for range 1 + r.IntN(12) {
				b = append(b, '0'+byte(r.IntN(10)))
			}
		}
		return b
	}
}

// anyFloat returns a random float64 that is positive and finite.
func anyFloat(r *rand.Rand) float64 { return math.Float64frombits(r.Uint64N(0x7FF << 52)) }

// aNumber matches a number at the beginning of a text (RFC 8259, section 6).
var aNumber = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(?:\.([0-9]+))?(?:[eE]([-+]?)([0-9]+))?`)

// mustRead reports whether a number is one that ParseFloat has to read.
func mustRead(number []byte) bool {
	parts := aNumber.FindSubmatch(number)
	digits := bytes.TrimLeft(append(bytes.Clone(parts[1]), parts[2]...), "0")
	exponent := bytes.TrimLeft(parts[4], "0")
	if len(digits) > 19 || len(exponent) > 4 {
		return false
	}
	if len(digits) == 0 {
		return true
	}
	power, _ := strconv.Atoi(string(exponent))
	if string(parts[3]) == "-" {
		power = -power
	}
	power -= len(parts[2])
	_, err := strconv.ParseFloat(string(number), 64)
	return err == nil && -342 <= power && power <= 308
}

// requireFloat compares what ParseFloat makes of the number at i with the grammar and
// with strconv.
func requireFloat(t *testing.T, b []byte, i int) {
	t.Helper()
	number := aNumber.Find(b[i:])
	whole, fault := jsonwire.SkipNumber(b, i)
	got, end := jsonwire.ParseFloat(b, i)
	if end == 0 {
		zeros := whole < len(b) && jsonwire.IsDigit(b[whole])
		if got != 0 || fault == jsonwire.NoFault && !zeros && mustRead(number) {
			t.Fatalf("%q from %d: not read, %g", b, i, got)
		}
		return
	}
	if fault != jsonwire.NoFault || end != whole || end != i+len(number) {
		t.Fatalf("%q from %d: end is %d, want %d", b, i, end, whole)
	}
	want, err := strconv.ParseFloat(string(number), 64)
	if err != nil || math.Float64bits(got) != math.Float64bits(want) {
		t.Fatalf("%q from %d: got %g, want %g, %v", b, i, got, want, err)
	}
}

// FuzzParseFloat compares the number at each index of a text.
func FuzzParseFloat(f *testing.F) {
	for _, text := range []string{
		"0", "-0.0", "-0.00012345678901234567", "1.7976931348623157e308", "4.9e-324", "2.2250738585072011e-308",
		"9007199254740993", "12345678901234567890", "1e-343", "[1.5,-16.234567, 3e5]", "01", "1.", "1e+", "-", "1.5e1.5",
		"0.000000000000000000000000000000001e33", "8.988465674311579539e307",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		for i := range min(len(b), 64) {
			requireFloat(t, b, i)
			requireFloat(t, b[:len(b):len(b)], i)
		}
	})
}

// logProbabilities returns a list of random ones, each followed by a comma, and where
// each ends. form is that of strconv.
func logProbabilities(form byte, precision, bits int) (list []byte, ends []int) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 512 {
		p := -r.ExpFloat64()
		if r.IntN(2) == 0 {
			p *= 1e-3
		}
		list = strconv.AppendFloat(list, p, form, precision, bits)
		ends = append(ends, len(list))
		list = append(list, ',')
	}
	return append(list, "          "...), ends
}

// BenchmarkParseFloat reads log probabilities, beside the way without ParseFloat. The
// metric is what one costs.
func BenchmarkParseFloat(b *testing.B) {
	for _, kind := range []struct {
		name            string
		form            byte
		precision, bits int
	}{
		{"float64", 'f', -1, 64},
		{"18 decimals", 'f', 18, 64},
		{"float32", 'f', -1, 32},
		{"exponent", 'e', -1, 64},
	} {
		list, ends := logProbabilities(kind.form, kind.precision, kind.bits)
		b.Run(kind.name+"/ParseFloat", func(b *testing.B) {
			for b.Loop() {
				i := 0
				for range ends {
					_, end := jsonwire.ParseFloat(list, i)
					i = end + 1
				}
			}
			perNumber(b, len(ends))
		})
		b.Run(kind.name+"/strconv", func(b *testing.B) {
			for b.Loop() {
				i := 0
				for range ends {
					end, _ := jsonwire.SkipNumber(list, i)
					if !jsonwire.IsHuge(list[i:end]) {
						_, _ = strconv.ParseFloat(string(list[i:end]), 64)
					}
					i = end + 1
				}
			}
			perNumber(b, len(ends))
		})
	}
}

// perNumber reports the time that each of n numbers took.
func perNumber(b *testing.B, n int) {
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/number")
}
