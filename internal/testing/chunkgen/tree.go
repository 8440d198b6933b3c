package chunkgen

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"
)

// Node is a JSON value with nothing lost: members in wire order, duplicates and the raw text included.
type Node struct {
	Kind  byte   // '{', '[', '"', '0' (a number), 't', 'f' or 'n'
	Raw   string // as it stood, without the space around it
	Str   string // a string's value
	Elems []Node
	Names []string // of an object's members; Elems has the values
}

// Parse reads a text that encoding/json finds valid.
func Parse(text []byte) (Node, error) {
	if !json.Valid(text) {
		return Node{}, fmt.Errorf("chunkgen: not valid JSON: %.80q", text)
	}
	p := treeParser{s: string(text)}
	p.space()
	return p.value(), nil
}

// treeParser trusts its input: Parse asked encoding/json before.
type treeParser struct {
	s string
	i int
}

func (p *treeParser) space() {
	for p.i < len(p.s) && strings.IndexByte(" \t\r\n", p.s[p.i]) >= 0 {
		p.i++
	}
}

func (p *treeParser) value() Node {
	start := p.i
	n := Node{Kind: p.s[p.i]}
	switch n.Kind {
	case '{', '[':
		p.i++
		for p.space(); p.s[p.i] != '}' && p.s[p.i] != ']'; p.space() {
			if p.s[p.i] == ',' {
				p.i++
				p.space()
			}
			if n.Kind == '{' {
				n.Names = append(n.Names, p.value().Str)
				p.space()
				p.i++ // the colon
				p.space()
			}
			n.Elems = append(n.Elems, p.value())
		}
		p.i++
	case '"':
		for p.i++; p.s[p.i] != '"'; p.i++ {
			if p.s[p.i] == '\\' {
				p.i++
			}
		}
		p.i++
		if err := json.Unmarshal([]byte(p.s[start:p.i]), &n.Str); err != nil {
			panic("BUG: " + err.Error())
		}
	case 't', 'n':
		p.i += 4
	case 'f':
		p.i += 5
	default:
		n.Kind = '0'
		for p.i < len(p.s) && strings.IndexByte("+-.eE0123456789", p.s[p.i]) >= 0 {
			p.i++
		}
	}
	n.Raw = p.s[start:p.i]
	return n
}

// last is where the member name stands last in n, or -1.
func (n Node) last(name string) int {
	for i := len(n.Names) - 1; i >= 0; i-- {
		if n.Names[i] == name {
			return i
		}
	}
	return -1
}

// EqualJSON reports whether a and b are the same JSON value, where both are chunks: the last of a repeated member counts,
// and numbers are equal as float64, in an integer field exactly.
func EqualJSON(a, b Node) bool { return equal(a, b, Member{Kind: Obj, Of: Chunk}) }

func equal(a, b Node, m Member) bool {
	if a.Kind != b.Kind || len(a.Elems) != len(b.Elems) && a.Kind == '[' {
		return false
	}
	switch a.Kind {
	case '"':
		return a.Str == b.Str
	case '0':
		x, xInt := ExactInt(a.Raw)
		y, yInt := ExactInt(b.Raw)
		if m.Kind == Int && xInt && yInt {
			return x == y
		}
		return a.Raw == b.Raw || float(a.Raw) == float(b.Raw)
	case '[':
		element := Member{Kind: Any}
		switch m.Kind {
		case List:
			element = Member{Kind: Obj, Of: m.Of}
		case Ints:
			element = Member{Kind: Int}
		}
		for i := range a.Elems {
			if !equal(a.Elems[i], b.Elems[i], element) {
				return false
			}
		}
	case '{':
		for _, name := range slices.Concat(a.Names, b.Names) {
			i, j, of := a.last(name), b.last(name), Member{Kind: Any}
			if m.Kind == Obj {
				if known, ok := m.Of.member(name); ok {
					of = known
				}
			}
			if i < 0 || j < 0 || !equal(a.Elems[i], b.Elems[j], of) {
				return false
			}
		}
	}
	return true
}

func float(number string) float64 {
	f, _ := strconv.ParseFloat(number, 64) // out of range is an infinity here, which is enough to compare by
	return f
}

// ExactInt gives a number's value where that is an integer in int64.
func ExactInt(number string) (int64, bool) {
	mantissa, exponent, _ := strings.Cut(strings.ToLower(number), "e")
	unsigned, negative := strings.CutPrefix(mantissa, "-")
	whole, fraction, _ := strings.Cut(unsigned, ".")
	digits := strings.TrimRight(whole+fraction, "0")
	if digits == "" {
		return 0, true
	}
	// The value is digits times ten to the power of scale.
	scale := new(big.Int)
	if exponent != "" {
		scale.SetString(exponent, 10)
	}
	scale.Add(scale, big.NewInt(int64(len(whole)-len(digits))))
	if scale.Sign() < 0 || scale.Cmp(big.NewInt(20)) > 0 {
		return 0, false
	}
	digits += strings.Repeat("0", int(scale.Int64()))
	if negative {
		digits = "-" + digits
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	return n, err == nil
}

// SyntaxOffset gives the index of the first byte with which payload cannot be one JSON object: of the first byte where it
// is or begins with another value, len(payload) where it ends too soon, -1 where it is an object.
func SyntaxOffset(payload []byte) int {
	start := len(payload) - len(bytes.TrimLeft(payload, " \t\r\n"))
	if start < len(payload) && payload[start] != '{' {
		var first json.RawMessage
		if json.NewDecoder(bytes.NewReader(payload)).Decode(&first) == nil {
			return start
		}
	}
	if json.Valid(payload) {
		return -1
	}
	// The Offset of encoding/json is the same for a bad last byte and for an early end: hence one byte more, with which
	// nothing can begin, go on or end.
	var syntax *json.SyntaxError
	if err := json.Unmarshal(append(bytes.Clone(payload), 1), new(any)); !errors.As(err, &syntax) {
		panic(fmt.Sprintf("BUG: %q: %v", payload, err))
	}
	return int(syntax.Offset) - 1
}
