package fuzz_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/seed-08fc7208/chatstream/internal/testing/chunkgen"
	"github.com/valyala/fastjson"
)

// peer is another decoder, asked for an opinion on a payload.
type peer struct {
	name string
	// read gives the payload's value as the peer understands it, or why it refuses it.
	read func(payload []byte) (chunkgen.Node, error)
	// exceptions are the differences that are known, and are the peer's: each says where it applies.
	exceptions []exception
}

type exception struct {
	name    string
	applies func(f features) bool
}

// features is what there is in a payload that peers are known to differ over.
type features struct {
	valid   bool // as encoding/json has it
	control bool // what is wrong is a control character in a string
	minus   bool // what is wrong is that no digit follows a minus sign
	depth   int
}

func featuresOf(payload []byte) features {
	f := features{valid: json.Valid(payload)}
	if err := json.Unmarshal(payload, new(any)); err != nil {
		f.control = strings.HasSuffix(err.Error(), "in string literal")
		f.minus = strings.HasSuffix(err.Error(), "' in numeric literal")
	}
	depth, inString := 0, false
	for i := 0; i < len(payload); i++ {
		switch c := payload[i]; {
		case inString && c == '\\':
			i++
		case c == '"':
			inString = !inString
		case inString:
		case c == '{' || c == '[':
			depth++
			f.depth = max(f.depth, depth)
		case c == '}' || c == ']':
			depth--
		}
	}
	return f
}

// peers are those that build everywhere; see peers_sonic_test.go.
var peers = []peer{
	{
		name: "fastjson",
		read: readFastjson,
		exceptions: []exception{
			{"nesting deeper than 300 is refused", func(f features) bool { return f.depth > fastjson.MaxDepth }},
			{"a control character is not seen in a string that has an escape", func(f features) bool { return f.control }},
		},
	},
}

// excuse names the first known difference of p that applies to a payload, or is empty.
func (p peer) excuse(f features) string {
	for _, e := range p.exceptions {
		if e.applies(f) {
			return e.name
		}
	}
	return ""
}

// compare describes how p differs from what encoding/json thinks of a payload, and from the value that the library
// read from it and wrote.
func (p peer) compare(payload, written []byte) []string {
	f := featuresOf(payload)
	n, err := p.read(payload)
	if (err == nil) != f.valid {
		if p.excuse(f) != "" {
			return nil
		}
		return []string{fmt.Sprintf("%s: accepts %v, valid %v: %v", p.name, err == nil, f.valid, err)}
	}
	if err != nil || n.Kind != '{' {
		return nil
	}
	ours, err := chunkgen.Parse(written)
	if err != nil || !chunkgen.EqualJSON(n, ours) {
		return []string{fmt.Sprintf("%s reads another value: %v: %+v\nwritten %s", p.name, err, n, written)}
	}
	return nil
}

// readFastjson asks the validator of fastjson whether it takes a payload, since its parser is lenient by design: it takes
// control characters, unknown escapes and numbers such as 01, 1. and +1.
func readFastjson(payload []byte) (chunkgen.Node, error) {
	if err := fastjson.ValidateBytes(payload); err != nil {
		return chunkgen.Node{}, err
	}
	v, err := fastjson.ParseBytes(withoutLoneSurrogates(payload))
	if err != nil {
		return chunkgen.Node{}, err
	}
	return fastjsonNode(v), nil
}

func fastjsonNode(v *fastjson.Value) chunkgen.Node {
	switch v.Type() {
	case fastjson.TypeObject:
		n := chunkgen.Node{Kind: '{'}
		v.GetObject().Visit(func(name []byte, v *fastjson.Value) {
			n.Names = append(n.Names, repair(string(name)))
			n.Elems = append(n.Elems, fastjsonNode(v))
		})
		return n
	case fastjson.TypeArray:
		n := chunkgen.Node{Kind: '['}
		for _, v := range v.GetArray() {
			n.Elems = append(n.Elems, fastjsonNode(v))
		}
		return n
	case fastjson.TypeString:
		return chunkgen.Node{Kind: '"', Str: repair(string(v.GetStringBytes()))}
	case fastjson.TypeNumber:
		return chunkgen.Node{Kind: '0', Raw: string(v.MarshalTo(nil))}
	default:
		return chunkgen.Node{Kind: v.MarshalTo(nil)[0]}
	}
}

// withoutLoneSurrogates is a named exception: fastjson keeps the escape of a surrogate without its partner as text, or has
// one U+FFFD for two of them, where we and encoding/json have one for each. It gets a payload that says so.
func withoutLoneSurrogates(payload []byte) []byte {
	b := bytes.Clone(payload)
	for i := 0; i+1 < len(b); i++ {
		if b[i] != '\\' {
			continue
		}
		if b[i+1] != 'u' {
			i++
			continue
		}
		r := escaped(b[i:])
		switch {
		case utf16.IsSurrogate(r) && utf16.DecodeRune(r, escaped(b[i+6:])) != utf8.RuneError:
			i += 11
		case utf16.IsSurrogate(r):
			copy(b[i:], `\ufffd`)
			i += 5
		}
	}
	return b
}

// escaped gives the character whose \u escape b begins with, or -1.
func escaped(b []byte) rune {
	if len(b) < 6 || b[0] != '\\' || b[1] != 'u' {
		return -1
	}
	n, _ := strconv.ParseUint(string(b[2:6]), 16, 32)
	return rune(n)
}

// repair is a named exception too: fastjson hands ill-formed UTF-8 through, where we and encoding/json have U+FFFD for
// each byte of it.
func repair(s string) string {
	var b strings.Builder
	for len(s) > 0 {
		r, n := utf8.DecodeRuneInString(s)
		b.WriteRune(r)
		s = s[n:]
	}
	return b.String()
}
