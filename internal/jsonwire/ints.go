package jsonwire

import "math/bits"

// ParseInts reads the list that begins at i, where a bracket stands, if it is one of
// integers of up to four digits without a sign, as token bytes are. It writes them to
// dst, and returns how many there are and the index after the list.
//
// The index is 0 for every other list: one that has another element, white space other
// than spaces before an element, more elements than dst has room for, or fewer than nine
// bytes after it. What dst holds is undefined then.
func ParseInts(b []byte, i int, dst []int64) (n, end int) {
	i++
	if i < len(b) && b[i] == ']' {
		return 0, i + 1
	}
	// i is where the element begins. The blocks do not wait for it, and so neither for
	// the lengths of the elements before. An element that ends in a block begins at the
	// fourth byte before its end or later, and four bytes are loaded from there.
	for block := i; block+10 <= len(b); block += 8 {
		w := Load64(b, block)
		for ends := noDigits(w); ends != 0; ends &= ends - 1 {
			bit := bits.TrailingZeros64(ends)
			at, c := block+bit>>3, byte(w>>(uint(bit)&^7&63))
			size := at - i
			if uint(size-1) > 3 || uint(n) >= uint(len(dst)) {
				if size == 0 && c == ' ' {
					i++
					continue
				}
				return 0, 0
			}
			digits := Load32(b, i)
			if byte(digits) == '0' && size > 1 {
				return 0, 0
			}
			digits = digits << (uint(32-8*size) & 31) & 0x0F0F0F0F // of the first size bytes, the last one the highest
			digits = digits * (10<<8 + 1) >> 8 & 0x00FF00FF
			dst[n] = int64(digits * (100<<16 + 1) >> 16)
			n++
			i = at + 1
			if c != ',' {
				if c == ']' {
					return n, i
				}
				return 0, 0
			}
		}
	}
	return 0, 0
}
