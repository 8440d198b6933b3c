package jsonwire

import "math/bits"

// ParseInts reads the list that begins at i, where a bracket stands, if it is one of
// integers of up to seven digits without a sign, as token bytes are. It writes them to
// dst, and returns how many there are and the index after the list.
//
// The index is 0 for every other list: one that has another element, white space other
// than spaces before an element, more elements than dst has room for, or fewer than 13
// bytes after it. What dst holds is undefined then.
func ParseInts(b []byte, i int, dst []int64) (n, end int) {
	i++
	if i < len(b) && b[i] == ']' {
		return 0, i + 1
	}
	// i is where the element begins. The blocks do not wait for it, and so neither for
	// the lengths of the elements before. An element that ends in a block begins at the
	// seventh byte or before, and eight bytes are loaded from there.
	for block := i; block+14 <= len(b); block += 8 {
		for ends := noDigits(Load64(b, block)); ends != 0; ends &= ends - 1 {
			at := block + bits.TrailingZeros64(ends)/8
			size := at - i
			if size < 1 || size > 7 || n == len(dst) {
				if size == 0 && b[at] == ' ' {
					i++
					continue
				}
				return 0, 0
			}
			w := Load64(b, i)
			if byte(w) == '0' && size > 1 {
				return 0, 0
			}
			dst[n] = decimal(w << 8 << (56 - 8*size))
			n++
			i = at + 1
			switch b[at] {
			case ',':
			case ']':
				return n, i
			default:
				return 0, 0
			}
		}
	}
	return 0, 0
}
