package chunkgen

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Gen writes random payloads. All are JSON objects. Those of a wild Gen often violate the schema: they have members
// of the wrong type, repeated ones, integers in every form, ill-formed UTF-8.
type Gen struct {
	*rand.Rand
	Wild bool

	spacing int // of the present payload: 0 none, 1 as Python writes it, 2 at random
}

// NewGen returns a generator that always writes the same payloads for a seed.
func NewGen(seed uint64, wild bool) *Gen {
	return &Gen{Rand: rand.New(rand.NewPCG(seed, 0)), Wild: wild}
}

// Payload writes one chunk.
func (g *Gen) Payload() []byte {
	g.spacing = g.IntN(3)
	var b strings.Builder
	g.space(&b)
	g.object(&b, Chunk, 0)
	g.space(&b)
	return []byte(b.String())
}

func (g *Gen) one(in int) bool { return g.IntN(in) == 0 }

func (g *Gen) space(b *strings.Builder) {
	if g.spacing == 2 {
		for g.one(2) {
			b.WriteByte(" \t\r\n"[g.IntN(4)])
		}
	}
}

// after writes a comma or a colon with its spacing.
func (g *Gen) after(b *strings.Builder, c byte) {
	g.space(b)
	b.WriteByte(c)
	if g.spacing == 1 {
		b.WriteByte(' ')
	}
	g.space(b)
}

func (g *Gen) object(b *strings.Builder, o *Object, depth int) {
	type member struct {
		name  string
		write func()
	}
	var members []member
	for _, m := range o.Members {
		if !g.one(3) || m.Required && !g.one(8) {
			members = append(members, member{m.Name, func() { g.member(b, m, depth) }})
		}
		for g.Wild && g.one(40) {
			members = append(members, member{m.Name, func() { g.member(b, m, depth) }})
		}
	}
	for range g.IntN(4) - 1 {
		members = append(members, member{g.unknownName(o), func() { g.any(b, 3) }})
	}
	if g.one(2) {
		g.Shuffle(len(members), func(i, j int) { members[i], members[j] = members[j], members[i] })
	}
	b.WriteByte('{')
	g.space(b)
	for i, m := range members {
		if i > 0 {
			g.after(b, ',')
		}
		g.quoted(b, m.name, 30)
		g.after(b, ':')
		m.write()
	}
	g.space(b)
	b.WriteByte('}')
}

// unknownName makes a name that is no member of o, not even by case where encoding/json is to read the payload too.
func (g *Gen) unknownName(o *Object) string {
	names := []string{
		"", "p", "x_groq", "choices[0]", "é", "\U0001f600", "a b", "\x00", "prompt_filter_results", "\u017f", "reasoning_details",
		"unknown_member_with_a_name_of_more_than_32_bytes", "i", "dat", "conten", "contents", "id\x00",
	}
	m := o.Members[g.IntN(len(o.Members))].Name
	if g.Wild {
		names = append(names, strings.ToUpper(m), strings.ToUpper(m[:1])+m[1:], strings.Replace(m, "s", "\u017f", 1), m+"\xff", "\xff", "\xed\xa0\x80")
	}
	return names[g.IntN(len(names))]
}

func (g *Gen) member(b *strings.Builder, m Member, depth int) {
	switch {
	case g.Wild && g.one(20):
		g.any(b, 2)
		return
	case g.one(8) && (g.Wild || !m.Plain):
		b.WriteString("null")
		return
	}
	switch m.Kind {
	case Text:
		g.quoted(b, g.text(), 10)
	case Enum:
		if g.one(6) {
			g.quoted(b, g.text(), 10)
		} else {
			g.quoted(b, m.Enum[g.IntN(len(m.Enum))], 30)
		}
	case Float:
		b.WriteString(g.number())
	case Int:
		b.WriteString(g.integer())
	case Obj:
		g.object(b, m.Of, depth+1)
	case List:
		g.list(b, func() {
			if g.Wild && g.one(60) {
				g.any(b, 1)
			} else {
				g.object(b, m.Of, depth+1)
			}
		})
	case Ints:
		g.list(b, func() { b.WriteString(g.integer()) })
	case Any:
		if g.Wild { // an error would end every other test of a payload
			g.any(b, 2)
		} else {
			b.WriteString("null")
		}
	}
}

func (g *Gen) list(b *strings.Builder, element func()) {
	b.WriteByte('[')
	g.space(b)
	for i := range g.IntN(4) {
		if i > 0 {
			g.after(b, ',')
		}
		element()
	}
	g.space(b)
	b.WriteByte(']')
}

// any writes a value of any kind, up to depth levels deep.
func (g *Gen) any(b *strings.Builder, depth int) {
	switch kind := g.IntN(8); {
	case kind == 0:
		b.WriteString("true")
	case kind == 1:
		b.WriteString("false")
	case kind == 2:
		b.WriteString("null")
	case kind == 3:
		b.WriteString(g.number())
	case kind == 4 && depth > 0:
		g.list(b, func() { g.any(b, depth-1) })
	case kind == 5 && depth > 0:
		names := []string{"", "a", "id", "content", "delta"}
		b.WriteByte('{')
		g.space(b)
		for i := range g.IntN(3) {
			if i > 0 {
				g.after(b, ',')
			}
			g.quoted(b, names[g.IntN(len(names))]+strconv.Itoa(i), 10)
			g.after(b, ':')
			g.any(b, depth-1)
		}
		b.WriteByte('}')
	default:
		g.quoted(b, g.text(), 10)
	}
}

// integer writes an integer, in the one form that encoding/json takes for one unless the generator is wild.
func (g *Gen) integer() string {
	plain := []string{"0", "-1", "7", "100", "4294967296", "9007199254740993", "9223372036854775807", "-9223372036854775808", strconv.FormatUint(g.Uint64()>>(1+g.IntN(63)), 10)}
	if !g.Wild || !g.one(4) {
		return plain[g.IntN(len(plain))]
	}
	n, zeros := 1+g.Int64N(1000), strings.Repeat("0", g.IntN(20))
	forms := []string{
		fmt.Sprintf("%d.0", n), fmt.Sprintf("%de2", n), fmt.Sprintf("%d0E-1", n), fmt.Sprintf("-%d.50e1", n), fmt.Sprintf("%d.%s", n, "0"+zeros),
		fmt.Sprintf("0.%s%de%d", zeros, n, len(zeros)+3), fmt.Sprintf("%d%se-%d", n, zeros, len(zeros)), fmt.Sprintf("%de%d", n, g.IntN(20)),
		"-0", "-0.0", "0e999999999", "9223372036854775807.0", "922337203685477580.7e1", "92233720368547758070e-1", "9223372036854775808", "-9223372036854775809",
		"-9.223372036854775808e18", "1e18", "1e19", "1e400", "1e-400", g.number(),
	}
	return forms[g.IntN(len(forms))]
}

// number writes a number that a float64 can hold, or seldom one that it cannot where the generator is wild.
func (g *Gen) number() string {
	if g.Wild && g.one(20) {
		return []string{"1e400", "-1e400", "1.8e308", "1e99999999999999999999"}[g.IntN(4)]
	}
	switch g.IntN(4) {
	case 0:
		return strconv.Itoa(g.IntN(2000) - 1000)
	case 1:
		return strconv.FormatFloat(g.NormFloat64()*10, "eEfg"[g.IntN(4)], g.IntN(12), 64)
	case 2:
		return strconv.FormatFloat(g.NormFloat64(), 'g', -1, 64)
	}
	list := []string{"0", "-0", "0.0", "-0.0", "1746852567.742961", "-9999.0", "5e-324", "1e-400", "1.7976931348623157e308", "0.1", "9007199254740993", "1E+2", "0e0"}
	return list[g.IntN(len(list))]
}

// text makes a string of any length up to two dozen pieces, so that each kind of byte meets each place in a word.
func (g *Gen) text() string {
	if g.one(6) {
		return ""
	}
	pieces := []string{
		"a", " the", "abcdefgh", "\"", "\\", "/", "\n", "\t", "\x00", "\x1f", "\x7f", "é", "€", "\U0001f600", "\u2028", "\ufffd", "{\"a\":", "[", ",", "data: ", "<", "&",
	}
	if g.Wild {
		pieces = append(pieces, "\x80", "\xff", "\xc3", "\xe2\x82", "\xed\xa0\xbd", "\xf0\x9f\x98", "\xc0\xa2", "\xf4\x90\x80\x80")
	}
	var b strings.Builder
	for range g.IntN(1 + g.IntN(24)) {
		if g.one(2) {
			b.WriteString("abcdefghijklmnop"[:g.IntN(16)])
		} else {
			b.WriteString(pieces[g.IntN(len(pieces))])
		}
	}
	return b.String()
}

// quoted writes s as a string, one character in so many escaped although it need not be; a wild generator puts a lone
// surrogate in now and then.
func (g *Gen) quoted(b *strings.Builder, s string, escapeOneIn int) {
	b.WriteByte('"')
	for len(s) > 0 {
		r, n := utf8.DecodeRuneInString(s)
		short := strings.IndexByte("\"\\/\b\f\n\r\t", s[0])
		switch {
		case r == utf8.RuneError && n == 1, short < 0 && r >= ' ' && !g.one(escapeOneIn):
			b.WriteString(s[:n])
		case short >= 0 && g.one(2) && (s[0] != '/' || g.one(2)):
			b.WriteByte('\\')
			b.WriteByte("\"\\/bfnrt"[short])
		case s[0] == '/':
			b.WriteByte('/')
		case r > 0xffff:
			hi, lo := utf16.EncodeRune(r)
			g.hex(b, hi)
			g.hex(b, lo)
		default:
			g.hex(b, r)
		}
		s = s[n:]
		if g.Wild && g.one(200) {
			g.hex(b, rune(0xd800+g.IntN(0x800)))
		}
	}
	b.WriteByte('"')
}

func (g *Gen) hex(b *strings.Builder, r rune) {
	fmt.Fprintf(b, []string{`\u%04x`, `\u%04X`}[g.IntN(2)], r)
}

// dictionary has what a mutation puts into a payload.
var dictionary = []string{
	"{", "}", "[", "]", ",", ":", "\"", "\\", "null", "true", "false", "0", "-", "1e5", ".", " ", "\n", "\x00", "\x1f", "\x80", "\xff", "\xc3\xa9", `\u`, `\ud83d`, `\ude00`, `\n`,
	"[]", "{}", `""`, `"error":`, `"choices":`, `"delta":{}`, `"object":""`, `"id":1,`, ",,", "::", "NaN", "//", "\xef\xbb\xbf", "01", "1.", "+1", "'",
}

// Mutate returns a copy of payload with a few small faults, which as often as not is no longer JSON.
func (g *Gen) Mutate(payload []byte) []byte {
	b := append([]byte(nil), payload...)
	for range 1 + g.IntN(3) {
		i := g.IntN(len(b) + 1)
		j := min(len(b), i+g.IntN(12))
		word := dictionary[g.IntN(len(dictionary))]
		switch g.IntN(7) {
		case 0: // a bit
			if i < len(b) {
				b[i] ^= 1 << g.IntN(8)
			}
		case 1: // cut short
			b = b[:i]
		case 2: // delete
			b = append(b[:i:i], b[j:]...)
		case 3: // repeat
			b = append(b[:j:j], b[i:]...)
		case 4: // overwrite
			b = append(append(b[:i:i], word...), b[j:]...)
		default: // insert
			b = append(append(b[:i:i], word...), b[i:]...)
		}
	}
	return b
}

// Vary returns a copy of payload, which is valid, with a few strings and numbers replaced, like the next chunk of a
// stream.
func (g *Gen) Vary(payload []byte) []byte {
	values := leaves(payload)
	var b strings.Builder
	rest := 0
	for _, v := range values {
		if !g.one(len(values)/2 + 1) {
			continue
		}
		b.Write(payload[rest:v[0]])
		if payload[v[0]] == '"' {
			g.quoted(&b, g.text(), 20)
		} else {
			b.WriteString(g.integer())
		}
		rest = v[1]
	}
	b.Write(payload[rest:])
	return []byte(b.String())
}

// leaves finds the strings that are no names, and the numbers, of a payload that is valid.
func leaves(payload []byte) [][2]int {
	var list [][2]int
	p := treeParser{s: string(payload)}
	for p.i < len(p.s) {
		start := p.i
		switch c := p.s[p.i]; {
		case c == '"':
			p.value()
			if end := p.i; !strings.HasPrefix(strings.TrimLeft(p.s[end:], " \t\r\n"), ":") {
				list = append(list, [2]int{start, end})
			}
		case c == '-' || '0' <= c && c <= '9':
			p.value()
			list = append(list, [2]int{start, p.i})
		default:
			p.i++
		}
	}
	return list
}
