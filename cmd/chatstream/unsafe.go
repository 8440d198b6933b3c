package main

import (
	"bytes"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// visible returns text without unsafe characters: they are escaped, such as \u001b, and bytes
// that are not UTF-8 become U+FFFD. The value of a JSON text stays the same, because such
// characters occur only in its strings.
func visible(p []byte) []byte {
	if !bytes.ContainsFunc(p, func(r rune) bool { return isUnsafe(r) || r == utf8.RuneError }) {
		return p
	}
	safe := make([]byte, 0, len(p)+16)
	for len(p) > 0 {
		r, n := utf8.DecodeRune(p)
		if isUnsafe(r) {
			safe = appendEscaped(safe, r)
		} else {
			safe = utf8.AppendRune(safe, r)
		}
		p = p[n:]
	}
	return safe
}

// appendEscaped writes a character as JSON does, a large one as a surrogate pair.
func appendEscaped(dst []byte, r rune) []byte {
	if high, low := utf16.EncodeRune(r); high != utf8.RuneError {
		return appendEscaped(appendEscaped(dst, high), low)
	}
	const digits = "0123456789abcdef"
	return append(dst, '\\', 'u', digits[r>>12&15], digits[r>>8&15], digits[r>>4&15], digits[r&15])
}

// isUnsafe reports whether a character can control a terminal, change the order of
// the text around it (bidirectional controls) or has no width.
func isUnsafe(r rune) bool {
	switch {
	case r < 0x7f:
		return r < ' ' && r != '\n' && r != '\t'
	case r == '\uFE0E' || r == '\uFE0F':
		return false // text or emoji presentation, common in answers
	}
	return unicode.IsControl(r) || unicode.In(r, hidden...) && !unicode.Is(unicode.Prepended_Concatenation_Mark, r)
}

// hidden has the characters without a glyph. Those with the property
// Prepended_Concatenation_Mark are an exception: they have a glyph around digits.
var hidden = []*unicode.RangeTable{
	unicode.Cf, // formats: bidirectional controls, joiners, byte order mark, tags
	unicode.Zl, unicode.Zp,
	unicode.Other_Default_Ignorable_Code_Point,
	unicode.Variation_Selector,
}

// printable escapes characters that would break a line of a table.
func printable(s string) string {
	isBad := func(r rune) bool { return isUnsafe(r) || r == '\n' || r == '\t' }
	if !strings.ContainsFunc(s, isBad) {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		if quoted := strconv.QuoteRuneToASCII(r); isBad(r) {
			b.WriteString(quoted[1 : len(quoted)-1])
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// cut returns a text, or its first n bytes and three dots if it is longer.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "..."
}

// quote quotes the beginning of a provider's text.
func quote(b []byte) string {
	const most = 60
	if len(b) > most {
		return strconv.Quote(string(b[:most])) + "..."
	}
	return strconv.Quote(string(b))
}
