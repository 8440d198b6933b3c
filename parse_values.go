package chatstream

import (
	"strconv"
	"unicode/utf8"

	"github.com/seed-08fc7208/chatstream/internal/jsonwire"
)

// What the parser does with the value of a member, by the type of its field.

// absentOr reads a value that is not of its field's type: null, or a misfit.
func (p *parser) absentOr(i int, o *object, state *presence) int {
	if jsonwire.IsNull(p.b, i) {
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
	end := jsonwire.SkipASCII(b, i)
	if uint(end) < uint(len(b)) && b[end] == '"' {
		*dst = Text(b[i:end:end])
		return end + 1
	}
	return p.oddString(i, end, dst)
}

// oddString reads a string that has more to it than ASCII from position end on.
func (p *parser) oddString(i, end int, dst *Text) int {
	b := p.b
	end, ascii := jsonwire.SkipPlain(b, end)
	if end < len(b) && b[end] == '"' && (ascii || utf8.Valid(b[i:end])) {
		*dst = Text(b[i:end:end])
		return end + 1
	}
	n := makeRoom(p, &p.text, len(p.text), end-i)
	text, end, f := jsonwire.AppendUnescaped(p.text, b, i)
	p.text = text
	if f != jsonwire.NoFault {
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
	if end = jsonwire.SkipASCII(b, end); uint(end) < uint(len(b)) && b[end] == '"' {
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
	end := jsonwire.SkipASCII(b, start)
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

// textOrRawMember is textMember for a member whose value may also be a list or an object,
// which raw gets.
func (p *parser) textOrRawMember(i int, o *object, dst *Optional[Text], raw *RawValue) int {
	*raw = nil
	if i == len(p.b) || p.b[i] != '[' && p.b[i] != '{' {
		return p.textMember(i, o, dst)
	}
	*dst = Optional[Text]{}
	end, f := jsonwire.SkipValue(p.b, i, p.depth)
	if f != jsonwire.NoFault {
		return p.fail(end, f)
	}
	*raw = RawValue(p.b[i:end:end])
	return end
}

// noText is absentOr for a text. A template knows such a misfit: content that comes in
// parts.
func (p *parser) noText(i int, o *object, state *presence) int {
	if p.recorder == nil || jsonwire.IsNull(p.b, i) {
		return p.absentOr(i, o, state)
	}
	*state = absent
	o.misfits |= 1 << o.member
	end := p.keep(i, o)
	if end > 0 {
		p.recorder.addPending(i, end, p.depth, len(p.pending)-1, true)
	}
	return end
}

// enumeration returns the value of an enumeration. A template keeps it, so that a long one,
// which is none by all appearance, is not learned.
func (p *parser) enumeration(value Text) string {
	if p.recorder != nil && len(value) > maxInternedLen {
		p.recorder.failed = true
	}
	return p.names.intern(value)
}

func enumMember[T ~string](p *parser, i int, o *object, dst *Optional[T]) int {
	dst.Value = ""
	if i < len(p.b) && p.b[i] == '"' {
		var value Text
		if i = p.string(i, &value); i >= 0 {
			dst.Value, dst.state = T(p.enumeration(value)), set
		}
		return i
	}
	return p.absentOr(i, o, &dst.state)
}

func (p *parser) intMember(i int, o *object, dst *Optional[int64]) int {
	if n, end := jsonwire.Digits(p.b, i); end > 0 {
		*dst = Some(n)
		if p.recorder != nil {
			p.recorder.add(i, end, dst)
		}
		return end
	}
	dst.Value = 0
	if !jsonwire.IsNumber(p.b, i) {
		return p.absentOr(i, o, &dst.state)
	}
	end, f := jsonwire.SkipNumber(p.b, i)
	if f != jsonwire.NoFault {
		return p.fail(end, f)
	}
	n, fits := jsonwire.ExactInt(p.b[i:end])
	if !fits {
		dst.state = absent
		return p.misfit(i, o)
	}
	*dst = Some(n)
	if p.recorder != nil {
		p.recorder.add(i, end, dst)
	}
	return end
}

func (p *parser) floatMember(i int, o *object, dst *Optional[float64]) int {
	if v, end := jsonwire.ParseFloat(p.b, i); end > 0 {
		*dst = Some(v)
		if p.recorder != nil {
			p.recorder.add(i, end, dst)
		}
		return end
	}
	dst.Value = 0
	if !jsonwire.IsNumber(p.b, i) {
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
	if v, end := jsonwire.ParseFloat(p.b, i); end > 0 {
		*dst = v
		return end, true
	}
	end, f := jsonwire.SkipNumber(p.b, i)
	if f != jsonwire.NoFault {
		return p.fail(end, f), false
	}
	number := p.b[i:end]
	if jsonwire.IsHuge(number) {
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

// pointerMember reads an object to which the chunk has a pointer. One that is repeated
// takes the place of the earlier one.
func pointerMember[T any](p *parser, i int, o *object, dst *Optional[*T], list *[]T, read func(*parser, int, *T) int) int {
	element := dst.Value
	*dst = Optional[*T]{}
	if i == len(p.b) || p.b[i] != '{' {
		return p.absentOr(i, o, &dst.state)
	}
	switch {
	case element != nil:
		var empty T
		*element = empty
	case p.objects >= maxObjects:
		return p.misfit(i, o)
	default:
		element = newElement(p, list)
	}
	*dst = Optional[*T]{element, set}
	return read(p, i, element)
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
	b, first := p.b, len(p.lists.ints)
	if end := p.usualInts(b, i, dst); end > 0 {
		return end
	}
	if i = jsonwire.SkipSpace(b, i+1); i < len(b) && b[i] == ']' {
		*dst = p.lists.ints[first:first:first]
		return i + 1
	}
	for jsonwire.IsNumber(b, i) && len(p.lists.ints)-first < maxElements {
		n, end := jsonwire.Digits(p.b, i)
		if end == 0 {
			var f jsonwire.Fault
			if end, f = jsonwire.SkipNumber(b, i); f != jsonwire.NoFault {
				return p.fail(end, f)
			}
			var fits bool
			if n, fits = jsonwire.ExactInt(b[i:end]); !fits {
				break
			}
		}
		first = makeRoom(p, &p.lists.ints, first, 1)
		p.lists.ints = append(p.lists.ints, n)
		if i = jsonwire.SkipSpace(b, end); i == len(b) {
			return p.fail(i, jsonwire.FaultArrayComma)
		}
		switch b[i] {
		case ',':
			i = jsonwire.SkipSpace(b, i+1)
			continue
		case ']':
			*dst = p.lists.ints[first:len(p.lists.ints):len(p.lists.ints)]
			return i + 1
		}
		return p.fail(i, jsonwire.FaultArrayComma)
	}
	p.lists.ints = p.lists.ints[:first]
	return 0
}

// usualInts reads the list of b at i, if there is one that can be read fast and has no line
// end in it. It returns 0 for everything else.
func (p *parser) usualInts(b []byte, i int, dst *[]int64) int {
	if i >= len(b) || b[i] != '[' {
		return 0
	}
	first := len(p.lists.ints)
	n, end := jsonwire.ParseInts(b, i, p.lists.ints[first:cap(p.lists.ints)])
	if end == 0 || n > maxElements {
		return 0
	}
	p.lists.ints = p.lists.ints[:first+n]
	*dst = p.lists.ints[first : first+n : first+n]
	return end
}

// rawMember reads a member that may be of any type.
func (p *parser) rawMember(i int, dst *Optional[RawValue]) int {
	if jsonwire.IsNull(p.b, i) {
		*dst = Null[RawValue]()
		return i + 4
	}
	end, f := jsonwire.SkipValue(p.b, i, p.depth)
	if f != jsonwire.NoFault {
		return p.fail(end, f)
	}
	*dst = Some(RawValue(p.b[i:end:end]))
	if p.recorder != nil {
		p.recorder.addRaw(i, end, p.depth, dst)
	}
	return end
}

// rawLine reads the value at i inside depth arrays and objects. It returns 0 where the
// line ends within it.
func (p *parser) rawLine(i, depth int, dst *RawValue) int {
	b := p.b
	end, f := jsonwire.SkipValue(b, i, depth)
	if f != jsonwire.NoFault {
		return p.fail(end, f)
	}
	if (b[i] == '{' || b[i] == '[') && jsonwire.HasLineEnd(b[i:end]) {
		return 0
	}
	*dst = RawValue(b[i:end:end])
	return end
}

// Bare members have no Optional around them: null is misshapen in their place.

// bareEnumMember reads a string; empty tells that it was an empty one.
func bareEnumMember[T ~string](p *parser, i int, o *object, dst *T, empty *bool) int {
	*dst, *empty = "", false
	if i == len(p.b) || p.b[i] != '"' {
		return p.misfit(i, o)
	}
	var value Text
	if i = p.string(i, &value); i >= 0 {
		*dst = T(p.enumeration(value))
		*empty = *dst == ""
	}
	return i
}

// bareListMember reads a list. The elements of an earlier one do not count.
func bareListMember[T any](p *parser, i int, o *object, dst, list *[]T, read func(*parser, int, *[]T) int) int {
	p.objects -= len(*list)
	*dst, *list = nil, (*list)[:0]
	if i < len(p.b) && p.b[i] == '[' {
		if end := read(p, i, dst); end != 0 {
			return end
		}
	}
	return p.misfit(i, o)
}

// bareObjectMember reads an object; missing tells that there was none.
func bareObjectMember[T any](p *parser, i int, o *object, dst *T, missing *bool, read func(*parser, int, *T) int) int {
	if !*missing { // the member is repeated
		var empty T
		*dst, *missing = empty, true
	}
	if i == len(p.b) || p.b[i] != '{' {
		return p.misfit(i, o)
	}
	*missing = false
	return read(p, i, dst)
}
