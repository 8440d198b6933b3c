package jsonwire

import (
	"bytes"
	"math/bits"
)

// IsDigit reports whether c is a decimal digit.
func IsDigit(c byte) bool { return '0' <= c && c <= '9' }

// SkipDigits returns the index of the first byte at or after i that is no digit.
func SkipDigits(b []byte, i int) int {
	for i < len(b) && IsDigit(b[i]) {
		i++
	}
	return i
}

// SkipNumber reads the number that begins at i (RFC 8259, section 6).
func SkipNumber(b []byte, i int) (int, Fault) {
	if i < len(b) && b[i] == '-' {
		i++
	}
	if i == len(b) || !IsDigit(b[i]) {
		return i, FaultNumber
	}
	if b[i] == '0' {
		i++
	} else {
		i = SkipDigits(b, i)
	}
	if i < len(b) && b[i] == '.' {
		if i++; i == len(b) || !IsDigit(b[i]) {
			return i, FaultNumber
		}
		i = SkipDigits(b, i)
	}
	if i < len(b) && (b[i] == 'e' || b[i] == 'E') {
		if i++; i < len(b) && (b[i] == '+' || b[i] == '-') {
			i++
		}
		if i == len(b) || !IsDigit(b[i]) {
			return i, FaultNumber
		}
		i = SkipDigits(b, i)
	}
	return i, NoFault
}

// splitNumber takes a valid number apart. The exponent is 0 if there is none.
func splitNumber(number []byte) (negative bool, whole, fraction []byte, exponent int64) {
	if negative = number[0] == '-'; negative {
		number = number[1:]
	}
	i := SkipDigits(number, 0)
	whole = number[:i]
	if i < len(number) && number[i] == '.' {
		j := SkipDigits(number, i+1)
		fraction, i = number[i+1:j], j
	}
	if i < len(number) {
		exponent = exponentOf(number[i+1:])
	}
	return negative, whole, fraction, exponent
}

// IsHuge reports whether a valid number is 1e309 or more, or -1e309 or less, and so
// beyond any float64. It is cheaper than the error that [strconv.ParseFloat] makes. The
// numbers between the largest float64 and 1e309 are not huge.
func IsHuge(number []byte) bool {
	const most = 309 // Digits before the point of the largest float64
	_, whole, fraction, exponent := splitNumber(number)
	whole = bytes.TrimLeft(whole, "0")
	if len(whole) == 0 {
		significant := bytes.TrimLeft(fraction, "0")
		if len(significant) == 0 {
			return false
		}
		exponent -= int64(len(fraction) - len(significant))
	}
	return int64(len(whole))+exponent > most
}

// ExactInt returns the value of a valid number if that is an integer and fits an int64,
// in whatever form it is written: 3, 3.0 and 30e-1 are all 3.
func ExactInt(number []byte) (int64, bool) {
	negative, whole, fraction, exponent := splitNumber(number)
	// The digits whole+fraction times ten to the power of scale.
	scale := exponent - int64(len(fraction))
	digits := len(whole) + len(fraction)
	at := func(k int) byte {
		if k < len(whole) {
			return whole[k] - '0'
		}
		return fraction[k-len(whole)] - '0'
	}
	for digits > 0 && at(digits-1) == 0 {
		digits--
		scale++
	}
	if digits == 0 {
		return 0, true
	}
	if scale < 0 {
		return 0, false
	}
	var n uint64
	for k := int64(0); k < int64(digits)+scale; k++ {
		d := uint64(0)
		if k < int64(digits) {
			d = uint64(at(int(k)))
		}
		if n > (1<<63-d)/10 {
			return 0, false
		}
		n = n*10 + d
	}
	switch {
	case negative:
		return -int64(n), true // 1<<63 is its own negative
	case n == 1<<63:
		return 0, false
	}
	return int64(n), true
}

// exponentOf returns the value of a number's exponent. It stops at a size beyond
// which the value no longer matters, since no payload has as many digits.
func exponentOf(exponent []byte) int64 {
	var n int64
	for _, c := range exponent {
		if IsDigit(c) && n < 1<<40 {
			n = n*10 + int64(c-'0')
		}
	}
	if exponent[0] == '-' {
		return -n
	}
	return n
}

// IsNull reports whether null begins at i.
func IsNull(b []byte, i int) bool { return i+4 <= len(b) && Load32(b, i) == 0x6c6c756e }

// maxFastDigits is how many digits [Digits] reads. Every number of so many fits the 53
// bits of a float64.
const maxFastDigits = 15

// Digits reads the integer that begins at i, if it has no sign and at most 15 digits. It
// returns its value and the index after it. The index is 0 for everything else: a longer
// number, one with a leading zero, a fraction or an exponent, or no number.
func Digits(b []byte, i int) (n int64, end int) {
	if i+16 <= len(b) {
		// Where the digits end does not wait for what they are worth.
		w := Load64(b, i)
		k := countDigits(w)
		if k == 8 {
			next := Load64(b, i+8)
			k = countDigits(next)
			if c := byte(next >> 16); k == 2 && byte(w) != '0' && (c == ',' || c == '}') { // a time
				return decimal(w)*100 + int64(next&0xF)*10 + int64(next>>8&0xF), i + 10
			}
			n = decimal(w)*powersOf10[k] + decimal(next<<(64-8*k))
			end = i + 8 + int(k)
		} else {
			n = decimal(w << (64 - 8*k))
			end = i + int(k)
		}
	} else {
		for end = i; end < len(b) && IsDigit(b[end]); end++ {
			n = n*10 + int64(b[end]-'0')
		}
	}
	switch {
	case end == i, end-i > maxFastDigits, end-i > 1 && b[i] == '0':
		return 0, 0
	case end < len(b) && (b[end] == '.' || b[end] == 'e' || b[end] == 'E'):
		return 0, 0
	}
	return n, end
}

// countDigits returns how many digits the eight bytes begin with.
func countDigits(w uint64) uint {
	return uint(bits.TrailingZeros64(noDigits(w))) / 8
}

// decimal returns the value of eight digits, the first in the lowest byte. A zero byte
// counts as the digit 0.
func decimal(w uint64) int64 {
	w &= 0x0F0F0F0F0F0F0F0F
	w = w * (10<<8 + 1) >> 8 & 0x00FF00FF00FF00FF
	w = w * (100<<16 + 1) >> 16 & 0x0000FFFF0000FFFF
	return int64(w * (10_000<<32 + 1) >> 32)
}

var powersOf10 = [...]int64{1, 10, 100, 1000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000}

// IsNumber reports whether a digit or a minus sign stands at i, with which every number
// begins.
func IsNumber(b []byte, i int) bool { return i < len(b) && (b[i] == '-' || IsDigit(b[i])) }
