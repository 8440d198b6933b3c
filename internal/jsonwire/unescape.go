package jsonwire

import (
	"unicode/utf16"
	"unicode/utf8"
)

// AppendUnescaped appends to dst the value of the string whose content begins at b[i],
// after the opening quotation mark. It returns the index after the closing one. As in
// encoding/json each byte of invalid UTF-8 and each lone surrogate becomes U+FFFD. After a
// fault dst has an undefined part of the value.
func AppendUnescaped(dst, b []byte, i int) ([]byte, int, Fault) {
	for {
		for i+1 < len(b) && b[i] == '\\' { // often several side by side: \n\n
			c := shortEscapes[b[i+1]]
			if c == 0 {
				break
			}
			dst = append(dst, c)
			i += 2
		}
		if i < len(b) && b[i] == '"' {
			return dst, i + 1, NoFault
		}
		end, ascii := SkipPlain(b, i)
		if ascii {
			dst = append(dst, b[i:end]...)
		} else {
			dst = AppendRepaired(dst, b[i:end])
		}
		switch i = end; {
		case i == len(b) || b[i] < ' ':
			return dst, i, FaultControl
		case b[i] == '"':
			return dst, i + 1, NoFault
		case i+1 < len(b) && shortEscapes[b[i+1]] != 0:
			continue
		}
		end, f := skipEscape(b, i)
		if f != NoFault {
			return dst, end, f
		}
		dst, i = appendRune(dst, b, i)
	}
}

// shortEscapes maps the second character of a two-character escape to what the escape
// stands for (RFC 8259, section 7).
var shortEscapes = [256]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

// appendRune appends what the valid escape of a code unit at b[i] stands for; a surrogate
// pair is two of them.
func appendRune(dst, b []byte, i int) ([]byte, int) {
	r := hexRune(b[i+2:])
	i += 6
	if !utf16.IsSurrogate(r) {
		return utf8.AppendRune(dst, r), i
	}
	if i+1 < len(b) && b[i] == '\\' && b[i+1] == 'u' {
		if end, f := skipEscape(b, i); f == NoFault {
			if pair := utf16.DecodeRune(r, hexRune(b[i+2:])); pair != utf8.RuneError {
				return utf8.AppendRune(dst, pair), end
			}
		}
	}
	return utf8.AppendRune(dst, utf8.RuneError), i
}

// hexRune returns the value of the four hexadecimal digits that b begins with.
func hexRune(b []byte) rune {
	return hexValue(b[0])<<12 | hexValue(b[1])<<8 | hexValue(b[2])<<4 | hexValue(b[3])
}

// AppendRepaired appends src, with U+FFFD in place of each byte that is not part of valid
// UTF-8.
func AppendRepaired(dst, src []byte) []byte {
	for len(src) > 0 {
		r, n := utf8.DecodeRune(src)
		dst = utf8.AppendRune(dst, r)
		src = src[n:]
	}
	return dst
}

// EqualString reports whether s is the value, as [AppendUnescaped] gives it, of the string
// whose content begins at b[i]. The string must be valid and closed. EqualString does not
// allocate.
func EqualString(b []byte, i int, s string) bool {
	for {
		end, ascii := SkipPlain(b, i)
		rest, matches := cutPrefix(s, b[i:end])
		if !ascii && !utf8.Valid(b[i:end]) {
			rest, matches = cutRepaired(s, b[i:end])
		}
		if !matches || b[end] == '"' {
			return matches && rest == ""
		}
		var escaped [utf8.UTFMax]byte
		unescaped := escaped[:1]
		if escaped[0] = shortEscapes[b[end+1]]; escaped[0] != 0 {
			i = end + 2
		} else {
			unescaped, i = appendRune(escaped[:0], b, end)
		}
		if s, matches = cutPrefix(rest, unescaped); !matches {
			return false
		}
	}
}

// cutRepaired returns s without the prefix that [AppendRepaired] makes of src, and whether
// s has that prefix.
func cutRepaired(s string, src []byte) (rest string, matches bool) {
	for len(src) > 0 {
		r, n := utf8.DecodeRune(src)
		var repaired [utf8.UTFMax]byte
		if s, matches = cutPrefix(s, utf8.AppendRune(repaired[:0], r)); !matches {
			return s, false
		}
		src = src[n:]
	}
	return s, true
}

// cutPrefix is strings.CutPrefix for a prefix of bytes.
func cutPrefix(s string, prefix []byte) (rest string, matches bool) {
	if len(prefix) > len(s) || s[:len(prefix)] != string(prefix) {
		return s, false
	}
	return s[len(prefix):], true
}
