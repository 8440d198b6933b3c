package summary

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// The length limits of strings in a Summary, in bytes.
const (
	MaxModel        = 100
	MaxFinishReason = 100
	MaxError        = 300
)

// cutMark ends a string that was cut.
const cutMark = "…"

// Bound returns s in a form that is safe in logs, labels and metadata: valid UTF-8 of
// at most limit bytes, on one line, and printable. Line breaks and tabs become spaces;
// other control characters, invisible characters and invalid bytes become U+FFFD. A
// string that is cut ends with "…". The limit is at least 3. Bound looks at no more of
// s than it can return.
func Bound[S ~string | ~[]byte](s S, limit int) string {
	isCut := len(s) > limit
	text := string(s[:min(len(s), limit)])
	if !isCut && isPlain(text) {
		return text
	}
	var b strings.Builder
	kept := 0 // length of b that leaves room for the mark
	for i, r := range text {
		if isCut && !utf8.FullRuneInString(text[i:]) {
			break
		}
		r = printable(r)
		if b.Len()+utf8.RuneLen(r) > limit { // U+FFFD may be longer than the bytes that it replaces
			isCut = true
			break
		}
		b.WriteRune(r)
		if b.Len() <= limit-len(cutMark) {
			kept = b.Len()
		}
	}
	if !isCut {
		return b.String()
	}
	return b.String()[:kept] + cutMark
}

// isPlain reports whether s is printable ASCII, like nearly all names of models.
func isPlain(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

func printable(r rune) rune {
	switch {
	case unicode.IsSpace(r):
		return ' '
	case unicode.IsPrint(r):
		return r
	}
	return utf8.RuneError
}
