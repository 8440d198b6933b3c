package jsonwire_test

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/seed-08fc7208/chatstream/internal/jsonwire"
)

// The functions in this file do what their twins in the package do, one byte at a time and
// by other means. They are written from RFC 8259 and the doc comments.

func naiveSpace(b []byte, i int) int {
	for i < len(b) && strings.IndexByte(" \t\r\n", b[i]) >= 0 {
		i++
	}
	return i
}

func isPlain(c byte) bool { return c >= ' ' && c != '"' && c != '\\' }

func naivePlain(b []byte, i int) (end int, ascii bool) {
	end = i
	for end < len(b) && isPlain(b[end]) {
		end++
	}
	return end, !slices.ContainsFunc(b[i:end], func(c byte) bool { return c >= utf8.RuneSelf })
}

func naiveASCII(b []byte, i int) int {
	for i < len(b) && isPlain(b[i]) && b[i] < utf8.RuneSelf {
		i++
	}
	return i
}

func naiveString(b []byte, i int) (int, jsonwire.Fault) {
	for i++; i < len(b); i++ {
		switch c := b[i]; {
		case c == '"':
			return i + 1, jsonwire.NoFault
		case c < ' ':
			return i, jsonwire.FaultControl
		case c == '\\':
			if i++; i == len(b) || strings.IndexByte(`"\/bfnrtu`, b[i]) < 0 {
				return i, jsonwire.FaultEscape
			}
			if b[i] != 'u' {
				continue
			}
			for range 4 {
				if i++; i == len(b) || strings.IndexByte("0123456789abcdefABCDEF", b[i]) < 0 {
					return i, jsonwire.FaultHex
				}
			}
		}
	}
	return i, jsonwire.FaultControl
}

var (
	wholeNumber  = regexp.MustCompile(`^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$`)
	numberBegins = regexp.MustCompile(`^-?(?:(?:0|[1-9][0-9]*)(?:\.[0-9]*|(?:\.[0-9]+)?[eE][+-]?[0-9]*)?)?$`)
)

// naiveNumber reads on as long as what it has can be the beginning of a number.
func naiveNumber(b []byte, i int) (int, jsonwire.Fault) {
	end := i
	for end < len(b) && numberBegins.Match(b[i:end+1]) {
		end++
	}
	if !wholeNumber.Match(b[i:end]) {
		return end, jsonwire.FaultNumber
	}
	return end, jsonwire.NoFault
}

func naiveLiteral(b []byte, i int, name string) (int, jsonwire.Fault) {
	for n := len(name); ; n-- {
		if strings.HasPrefix(string(b[i:]), name[:n]) {
			if n == len(name) {
				return i + n, jsonwire.NoFault
			}
			return i + n, jsonwire.FaultLiteral
		}
	}
}

func naiveColon(b []byte, i int) (int, jsonwire.Fault) {
	if i = naiveSpace(b, i); i == len(b) || b[i] != ':' {
		return i, jsonwire.FaultColon
	}
	return naiveSpace(b, i+1), jsonwire.NoFault
}

func naiveName(b []byte, i int) (int, jsonwire.Fault) {
	if i == len(b) || b[i] != '"' {
		return i, jsonwire.FaultName
	}
	i, f := naiveString(b, i)
	if f != jsonwire.NoFault {
		return i, f
	}
	return naiveColon(b, i)
}

func naiveValue(b []byte, i, depth int) (int, jsonwire.Fault) {
	if i == len(b) {
		return i, jsonwire.FaultValue
	}
	switch b[i] {
	case '"':
		return naiveString(b, i)
	case 't':
		return naiveLiteral(b, i, "true")
	case 'f':
		return naiveLiteral(b, i, "false")
	case 'n':
		return naiveLiteral(b, i, "null")
	case '{':
		return naiveList(b, i, depth, '}', jsonwire.FaultObjectComma, naiveName)
	case '[':
		return naiveList(b, i, depth, ']', jsonwire.FaultArrayComma, nil)
	}
	if b[i] == '-' || '0' <= b[i] && b[i] <= '9' {
		return naiveNumber(b, i)
	}
	return i, jsonwire.FaultValue
}

// naiveList reads an array or object: values, with a name before each in an object.
func naiveList(b []byte, i, depth int, end byte, comma jsonwire.Fault, name func([]byte, int) (int, jsonwire.Fault)) (int, jsonwire.Fault) {
	if depth == jsonwire.MaxDepth {
		return i, jsonwire.FaultDepth
	}
	if i = naiveSpace(b, i+1); i < len(b) && b[i] == end {
		return i + 1, jsonwire.NoFault
	}
	for {
		var f jsonwire.Fault
		if name != nil {
			if i, f = name(b, i); f != jsonwire.NoFault {
				return i, f
			}
		}
		if i, f = naiveValue(b, i, depth+1); f != jsonwire.NoFault {
			return i, f
		}
		switch i = naiveSpace(b, i); {
		case i < len(b) && b[i] == end:
			return i + 1, jsonwire.NoFault
		case i == len(b) || b[i] != ',':
			return i, comma
		}
		i = naiveSpace(b, i+1)
	}
}

// naiveRepaired replaces each byte that is not part of valid UTF-8.
func naiveRepaired(b []byte) string { return string([]rune(string(b))) }
