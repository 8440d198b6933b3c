package chatstream

import (
	"math/bits"
	"strconv"
	"unicode/utf8"
)

// What the parser does with the value of a member, by the type of its field.

// isNull reports whether null begins at i.
func isNull(b []byte, i int) bool { return i+4 <= len(b) && load32(b, i) == 0x6c6c756e }

// absentOr reads a value that is not of its field's type: null, or a misfit.
func (p *parser) absentOr(i int, o *object, state *presence) int {
	if isNull(p.b, i) {
		*state = null
		return i + 4
	}
	*state = absent
	return p.misfit(i, o)
}

// string reads the string at i: a part of the payload where it stands there as it
// is, unescaped or repaired into p.text otherwise.
func (p *parser) string(i int, dst *Text) int {
	b := p.b
	i++
	end := skipASCII(b, i)
	if uint(end) < uint(len(b)) && b[end] == '"' {
		*dst = Text(b[i:end:end])
		return end + 1
	}
	return p.oddString(i, end, dst)
}

// oddString reads a string that has more to it than ASCII from position end on.
func (p *parser) oddString(i, end int, dst *Text) int {
	b := p.b
	end, ascii := skipPlain(b, end)
	if end < len(b) && b[end] == '"' && (ascii || utf8.Valid(b[i:end])) {
		*dst = Text(b[i:end:end])
		return end + 1
	}
	n := makeRoom(p, &p.text, len(p.text), end-i)
	text, end, f := appendUnescaped(p.text, b, i)
	p.text = text
	if f != ok {
		return p.fail(end, f)
	}
	*dst = Text(text[n:len(text):len(text)])
	return end
}

// longText is how many bytes of a text are looked through where it is read usually.
const longText = 64

// oddText reads the rest of the text that begins at v, where it is long, at the end of
// the payload, or has more to it than ASCII.
func (p *parser) oddText(v, end int, dst *Optional[Text]) int {
	dst.state = set
	b := p.b
	if end = skipASCII(b, end); uint(end) < uint(len(b)) && b[end] == '"' {
		dst.Value = Text(b[v+1 : end : end])
		return end + 1
	}
	return p.oddString(v+1, end, &dst.Value)
}

func (p *parser) textMember(i int, o *object, dst *Optional[Text]) int {
	b := p.b
	if uint(i) >= uint(len(b)) || b[i] != '"' {
		dst.Value = nil
		return p.noText(i, o, &dst.state)
	}
	dst.state = set
	start := i + 1
	end := skipASCII(b, start)
	if uint(end) < uint(len(b)) && b[end] == '"' {
		dst.Value = Text(b[start:end:end])
		end++
	} else if end = p.oddString(start, end, &dst.Value); end < 0 {
		return end
	}
	if p.recorder != nil {
		p.recorder.add(i, end, dst)
	}
	return end
}

// noText is absentOr for a text, which a replay may find to be another misfit.
func (p *parser) noText(i int, o *object, state *presence) int {
	end := p.absentOr(i, o, state)
	if end > 0 && *state == absent && p.recorder != nil {
		p.recorder.addRaw(p.b, i, end, p.depth, len(p.pending)-1, markMisfit)
	}
	return end
}

func enumMember[T ~string](p *parser, i int, o *object, dst *Optional[T]) int {
	dst.Value = ""
	if i < len(p.b) && p.b[i] == '"' {
		var value Text
		if i = p.string(i, &value); i >= 0 {
			dst.Value, dst.state = T(p.names.intern(value)), set
		}
		return i
	}
	return p.absentOr(i, o, &dst.state)
}

// maxFastDigits is how many digits a number may have to be read as it comes: all
// of them fit, also the 53 bits of a float64.
const maxFastDigits = 15

// digits reads an integer without a sign of a few digits. It returns 0 where
// something else stands, or more of it.
func digits(b []byte, i int) (n int64, end int) {
	if i+16 <= len(b) {
		// Where the digits end does not wait for what they are worth.
		w := load64(b, i)
		k := countDigits(w)
		if k == 8 {
			next := load64(b, i+8)
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
		for end = i; end < len(b) && isDigit(b[end]); end++ {
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

// countDigits returns how many of the eight bytes are digits, up to the first that is none.
func countDigits(w uint64) uint {
	const ones = 0x0101010101010101
	w ^= '0' * ones // a digit is 0 to 9 now
	// A carry goes to bytes beyond the first that is no digit.
	return uint(bits.TrailingZeros64((w|(w+6*ones))&(0xF0*ones))) / 8
}

// decimal returns the value of eight digits. A zero byte is the digit 0.
func decimal(w uint64) int64 {
	w &= 0x0F0F0F0F0F0F0F0F
	w = w * (10<<8 + 1) >> 8 & 0x00FF00FF00FF00FF
	w = w * (100<<16 + 1) >> 16 & 0x0000FFFF0000FFFF
	return int64(w * (10_000<<32 + 1) >> 32)
}

var powersOf10 = [...]int64{1, 10, 100, 1000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000}

func isNumber(b []byte, i int) bool { return i < len(b) && (b[i] == '-' || isDigit(b[i])) }

func (p *parser) intMember(i int, o *object, dst *Optional[int64]) int {
	if n, end := digits(p.b, i); end > 0 {
		*dst = Some(n)
		if p.recorder != nil {
			p.recorder.add(i, end, dst)
		}
		return end
	}
	dst.Value = 0
	if !isNumber(p.b, i) {
		return p.absentOr(i, o, &dst.state)
	}
	end, f := skipNumber(p.b, i)
	if f != ok {
		return p.fail(end, f)
	}
	n, fits := exactInt(p.b[i:end])
	if !fits {
		dst.state = absent
		return p.misfit(i, o)
	}
	*dst = Some(n)
	return end
}

func (p *parser) floatMember(i int, o *object, dst *Optional[float64]) int {
	if n, end := digits(p.b, i); end > 0 {
		*dst = Some(float64(n))
		if p.recorder != nil {
			p.recorder.add(i, end, dst)
		}
		return end
	}
	dst.Value = 0
	if !isNumber(p.b, i) {
		return p.absentOr(i, o, &dst.state)
	}
	end, fits := p.float(i, &dst.Value)
	if end < 0 {
		return end
	}
	if !fits {
		dst.state = absent
		return p.misfit(i, o)
	}
	dst.state = set
	if p.recorder != nil {
		p.recorder.add(i, end, dst)
	}
	return end
}

// float reads the number at i, and reports whether it is one that fits.
func (p *parser) float(i int, dst *float64) (end int, fits bool) {
	if n, end := digits(p.b, i); end > 0 {
		*dst = float64(n)
		return end, true
	}
	end, f := skipNumber(p.b, i)
	if f != ok {
		return p.fail(end, f), false
	}
	number := p.b[i:end]
	if isHuge(number) {
		return end, false
	}
	v, err := strconv.ParseFloat(string(number), 64)
	if err != nil { // just out of range
		return end, false
	}
	*dst = v
	return end, true
}

func objectMember[T any](p *parser, i int, o *object, dst *Optional[T], read func(*parser, int, *T) int) int {
	if dst.state == set { // the member is repeated
		*dst = Optional[T]{}
	}
	if i < len(p.b) && p.b[i] == '{' {
		dst.state = set
		return read(p, i, &dst.Value)
	}
	return p.absentOr(i, o, &dst.state)
}

func listMember[T any](p *parser, i int, o *object, dst *Optional[[]T], read func(*parser, int, *[]T) int) int {
	dst.Value = nil
	if i == len(p.b) || p.b[i] != '[' {
		return p.absentOr(i, o, &dst.state)
	}
	end := read(p, i, &dst.Value)
	if end == 0 {
		dst.state = absent
		return p.misfit(i, o)
	}
	dst.state = set
	return end
}

func (p *parser) bytesMember(i int, o *object, dst *Optional[[]int64]) int {
	dst.Value = nil
	if i == len(p.b) || p.b[i] != '[' {
		return p.absentOr(i, o, &dst.state)
	}
	end := p.intList(i, &dst.Value)
	if end == 0 {
		dst.state = absent
		return p.misfit(i, o)
	}
	dst.state = set
	if p.recorder != nil {
		p.recorder.add(i, end, dst)
	}
	return end
}

// intList reads the list of integers at i. It returns 0 at an element that is none and
// at one too many.
func (p *parser) intList(i int, dst *[]int64) int {
	b, first := p.b, len(p.ints)
	if i = skipSpace(b, i+1); i < len(b) && b[i] == ']' {
		*dst = p.ints[first:first:first]
		return i + 1
	}
	for isNumber(b, i) && len(p.ints)-first < maxElements {
		n, end := digits(p.b, i)
		if end == 0 {
			var f fault
			if end, f = skipNumber(b, i); f != ok {
				return p.fail(end, f)
			}
			var fits bool
			if n, fits = exactInt(b[i:end]); !fits {
				break
			}
		}
		first = makeRoom(p, &p.ints, first, 1)
		p.ints = append(p.ints, n)
		if i = skipSpace(b, end); i == len(b) {
			return p.fail(i, faultArrayComma)
		}
		switch b[i] {
		case ',':
			i = skipSpace(b, i+1)
			continue
		case ']':
			*dst = p.ints[first:len(p.ints):len(p.ints)]
			return i + 1
		}
		return p.fail(i, faultArrayComma)
	}
	p.ints = p.ints[:first]
	return 0
}
