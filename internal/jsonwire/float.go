package jsonwire

import (
	"math"
	"math/bits"
)

//go:generate go run ./floatgen

// ParseFloat reads the number (RFC 8259, section 6) that begins at i. It returns its
// value, rounded as strconv.ParseFloat rounds it, and the index after it.
//
// The index is 0 where no number begins. It is 0 as well for a number that has to be
// read another way: one of more than 19 significant digits, one that is no float64, and
// one that is, digits apart, below 1e-342.
func ParseFloat(b []byte, i int) (v float64, end int) {
	var sign uint64
	if uint(i) < uint(len(b)) && b[i] == '-' {
		sign = 1 << 63
		i++
	}
	if n, power, end := longFraction(b, i); end > 0 {
		return math.Float64frombits(sign | scale(n, power)), end
	}
	if uint(i) >= uint(len(b)) || !IsDigit(b[i]) {
		return 0, 0
	}
	n := uint64(b[i] - '0')
	i++
	if uint(i) < uint(len(b)) && IsDigit(b[i]) {
		if n == 0 {
			return 0, 0
		}
		if n, i = appendDigits(n, b, i); i == 0 {
			return 0, 0
		}
	}
	power := 0
	if uint(i) < uint(len(b)) && b[i] == '.' {
		point := i + 1
		if n, i = appendDigits(n, b, point); i <= point {
			return 0, 0
		}
		power = point - i
	}
	if uint(i) < uint(len(b)) && b[i]|0x20 == 'e' {
		var exponent int
		if exponent, i = parseExponent(b, i+1); i == 0 {
			return 0, 0
		}
		power += exponent
	}
	var value uint64
	switch {
	case n < 1<<53 && uint(-power) < uint(len(exactPowersOf10)):
		// Both are exact as float64, so the division rounds only once (Clinger, "How to
		// Read Floating Point Numbers Accurately", 1990). Most numbers are so short.
		value = math.Float64bits(float64(int64(n)) / exactPowersOf10[-power])
	case n == 0:
	case power < minPower || power > maxPower:
		return 0, 0
	default:
		if value = scale(n, power); value >= infinity {
			return 0, 0
		}
	}
	return math.Float64frombits(sign | value), i
}

// longFraction reads the number that begins at i, if it has one digit before the point and 16 to 18
// after it, as log probabilities have. It returns the number as digits times ten to the power, which
// is not 0, and the index after it. The index is 0 for every other number.
func longFraction(b []byte, i int) (n uint64, power, end int) {
	if i+26 > len(b) || b[i+1] != '.' {
		return 0, 0, 0
	}
	first, second, last := Load64(b, i+2), Load64(b, i+10), Load64(b, i+18)
	k := countDigits(last)
	n = uint64(b[i] - '0')
	if noDigits(first)|noDigits(second) != 0 || k > 2 || n > 9 {
		return 0, 0, 0
	}
	n = (n*1e8+uint64(decimal(first)))*1e8 + uint64(decimal(second))
	n = n*uint64(powersOf10[k]) + uint64(decimal(last<<(64-8*k)))
	if end = i + 18 + int(k); b[end]|0x20 == 'e' || n == 0 {
		return 0, 0, 0
	}
	return n, -16 - int(k), end
}

// exactPowersOf10 has the powers that are a float64.
var exactPowersOf10 = [...]float64{
	1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11,
	1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
}

// appendDigits reads the digits from i on, if any, as more digits of n. It returns the
// number that all of them make, and the index after them. The index is 0 where the
// number does not fit, which is so for none of up to 19 digits.
func appendDigits(n uint64, b []byte, i int) (uint64, int) {
	for i+8 <= len(b) {
		w := Load64(b, i)
		rest := noDigits(w)
		if rest == 0 {
			if n >= math.MaxUint64/100_000_000 {
				return 0, 0
			}
			n = n*100_000_000 + uint64(decimal(w))
			i += 8
			continue
		}
		k := bits.TrailingZeros64(rest) / 8
		high, low := bits.Mul64(n, uint64(powersOf10[k]))
		// All but the first k bytes are shifted out.
		sum := low + uint64(decimal(w<<8<<(56-8*k)))
		if high != 0 || sum < low {
			return 0, 0
		}
		return sum, i + k
	}
	for ; i < len(b) && IsDigit(b[i]); i++ {
		high, low := bits.Mul64(n, 10)
		sum := low + uint64(b[i]-'0')
		if high != 0 || sum < low {
			return 0, 0
		}
		n = sum
	}
	return n, i
}

// noDigits returns the highest bit of each byte that is no digit. Beyond a byte that is
// not ASCII, which it finds, the bits say nothing.
func noDigits(w uint64) uint64 {
	const ones = 0x0101010101010101
	w ^= '0' * ones // a digit is 0 to 9 now
	return (w + (0x80-10)*ones | w) & (0x80 * ones)
}

// parseExponent reads what follows the letter of an exponent. It returns 0 as the index
// after it where that is no exponent or a very large one.
func parseExponent(b []byte, i int) (exponent, end int) {
	negative := false
	if i < len(b) && (b[i] == '-' || b[i] == '+') {
		negative = b[i] == '-'
		i++
	}
	start := i
	for ; i < len(b) && IsDigit(b[i]); i++ {
		if exponent = exponent*10 + int(b[i]-'0'); exponent > 9999 {
			return 0, 0
		}
	}
	if i == start {
		return 0, 0
	}
	if negative {
		exponent = -exponent
	}
	return exponent, i
}

// The parts of a float64.
const (
	fractionBits = 52
	exponentBias = 1023
	infinity     = 0x7FF << fractionBits
)

// scale returns the bits of the float64 nearest to n times ten to the power. They are
// infinity or more if that is too large. n is not 0, and the power is one of the table.
//
// It is the algorithm of Lemire, "Number Parsing at a Gigabyte per Second" (2021). Mushtak
// and Lemire, "Fast Number Parsing Without Fallback" (2022), prove that 128 bits of the
// power decide every case.
func scale(n uint64, power int) uint64 {
	shift := bits.LeadingZeros64(n)
	n <<= shift
	high, low := bits.Mul64(n, powersOf5[power-minPower])
	// The product lacks n times the low half of the power, less than one unit of high. A
	// carry changes the bits that are kept only if it runs through all that are not.
	if high&0x1FF == 0x1FF {
		more, _ := bits.Mul64(n, powersOf5Low[power-minPower])
		var carry uint64
		low, carry = bits.Add64(low, more, 0)
		high += carry
	}
	// Keep 54 bits: those of a float64, and one to round by.
	top := int(high >> 63)
	m := high >> (9 + top)
	// 217706/2^16 is the binary logarithm of 10, closely enough for the table's powers.
	exponent := 217706*power>>16 + 63 - shift + top + exponentBias
	if exponent <= 0 { // subnormal, and never halfway between two
		m >>= uint(1 - exponent)
		return (m + m&1) >> 1
	}
	// Halfway between two, the even one is nearest, and the sum below would round up. The
	// product is exact then: of a power that is a uint64, or of one that was rounded up, by
	// less than low shows. Other powers have no such product.
	if low == 0 && m&3 == 1 && -4 <= power && power <= 23 && m<<(9+top) == high {
		m--
	}
	m = (m + m&1) >> 1
	// The highest bit of m counts as one of the exponent, and a carry beyond it as two.
	return uint64(exponent-1)<<fractionBits + m
}
