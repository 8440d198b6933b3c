package chunkgen

import (
	"encoding/json"
	"strconv"
	"strings"
)

// Plain rewrites a chunk so that encoding/json reads from it into the same structs what the library reads from the
// original, and only that. Each difference between the two is one of the exceptions below; nothing else is changed.
func Plain(n Node, x *Exceptions) string {
	var b strings.Builder
	x.object(&b, Chunk, n)
	return b.String()
}

// Exceptions counts where encoding/json differs by design.
type Exceptions struct {
	Repeated  int // a repeated object is merged into the one before: earlier ones are left out
	Misfit    int // a member of another type is an error: left out, since Extra is not seen by encoding/json
	PlainNull int // null leaves a field that is not Optional as it was, here absent: left out
	Folded    int // a name is matched without regard to case too: unknown names that would be are left out
	Integer   int // an integer with a fraction or an exponent is an error: written plainly
}

func (x *Exceptions) object(b *strings.Builder, o *Object, n Node) {
	b.WriteByte('{')
	comma := ""
	for i, name := range n.Names {
		m, known := o.member(name)
		e := n.Elems[i]
		switch {
		case !known && o.folds(name):
			x.Folded++
			continue
		case known && n.last(name) != i:
			x.Repeated++
			continue
		case known && m.Plain && e.Kind == 'n':
			x.PlainNull++
			continue
		case known && !m.fits(e):
			x.Misfit++
			continue
		}
		b.WriteString(comma)
		comma = ","
		quoted, _ := json.Marshal(name) // a string always can be
		b.Write(quoted)
		b.WriteByte(':')
		if known {
			x.value(b, m, e)
		} else {
			b.WriteString(e.Raw)
		}
	}
	b.WriteByte('}')
}

// folds reports whether encoding/json would take name for a member of o.
func (o *Object) folds(name string) bool {
	for _, m := range o.Members {
		if strings.EqualFold(m.Name, name) {
			return true
		}
	}
	return false
}

func (x *Exceptions) value(b *strings.Builder, m Member, n Node) {
	switch {
	case n.Kind == 'n':
		b.WriteString("null")
	case m.Kind == Obj:
		x.object(b, m.Of, n)
	case m.Kind == List || m.Kind == Ints:
		b.WriteByte('[')
		for i, e := range n.Elems {
			if i > 0 {
				b.WriteByte(',')
			}
			if m.Kind == List {
				x.object(b, m.Of, e)
			} else {
				x.value(b, Member{Kind: Int}, e)
			}
		}
		b.WriteByte(']')
	case m.Kind == Int:
		v, _ := ExactInt(n.Raw)
		text := strconv.FormatInt(v, 10)
		if text != n.Raw {
			x.Integer++
		}
		b.WriteString(text)
	default:
		b.WriteString(n.Raw)
	}
}
