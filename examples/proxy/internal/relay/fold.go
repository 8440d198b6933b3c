package relay

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// folder converts text to a form for comparison, in which texts that look the same are equal. It
// folds case, forms of one character (full-width letters, ligatures, composed and decomposed
// accents) and spaces. It removes invisible characters, such as soft hyphens and zero-width
// spaces.
//
// It looks at one rune at a time, so that a text may come in pieces.
type folder struct {
	caser cases.Caser
	known map[rune][]byte
}

// maxKnown is the number of runes that a folder remembers.
const maxKnown = 1 << 12

func newFolder() *folder {
	return &folder{caser: cases.Fold(), known: map[rune][]byte{}}
}

// text returns the folded form of a whole text.
func (f *folder) text(s string) []byte {
	var folded []byte
	for _, r := range s {
		folded = append(folded, f.rune(r)...)
	}
	return folded
}

// rune returns the folded form of a rune, which is empty for invisible runes.
func (f *folder) rune(r rune) []byte {
	folded, ok := f.known[r]
	if !ok {
		folded = f.fold(r)
		if len(f.known) < maxKnown {
			f.known[r] = folded
		}
	}
	return folded
}

func (f *folder) fold(r rune) []byte {
	switch {
	case unicode.IsSpace(r):
		return []byte(" ")
	case unicode.In(r, unicode.Cf, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point):
		return nil
	case r == 'İ' || r == 'ı': // upper and lower case of i and of the dotless i, in Turkish
		return []byte("i")
	}
	// Canonical caseless matching of compatibility forms: Unicode, D146.
	folded := string(utf8.AppendRune(nil, r))
	for range 2 {
		folded = norm.NFKD.String(f.caser.String(folded))
	}
	return []byte(folded)
}
