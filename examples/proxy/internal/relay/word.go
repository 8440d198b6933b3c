package relay

import "errors"

// word is a word to look for in a text that comes in pieces (Knuth, Morris, Pratt).
// Its state is how much of the word the text so far ends with, in folded bytes.
type word struct {
	*folder
	folded []byte
	border []int // of each beginning of the word: its longest beginning that is also its end
}

func newWord(s string) *word {
	w := &word{folder: newFolder()}
	w.folded = w.text(s)
	w.border = make([]int, len(w.folded)+1)
	for i := 1; i < len(w.folded); i++ {
		w.border[i+1] = w.next(w.border[i], w.folded[i])
	}
	return w
}

// CheckWord reports why a word cannot be looked for.
func CheckWord(s string) error {
	if len(newFolder().text(s)) == 0 {
		return errors.New("the word has no visible character")
	}
	return nil
}

// next returns how much of the word a text ends with that ended with n bytes of it
// and goes on with c.
func (w *word) next(n int, c byte) int {
	for n == len(w.folded) || n > 0 && w.folded[n] != c {
		n = w.border[n]
	}
	if w.folded[n] == c {
		n++
	}
	return n
}

// read returns how much of the word a text ends with that ended with n bytes of it
// and goes on with piece, and whether the word was in it.
func (w *word) read(n int, piece string) (end int, found bool) {
	for _, r := range piece {
		for _, c := range w.rune(r) {
			if n = w.next(n, c); n == len(w.folded) {
				found = true
			}
		}
	}
	return n, found
}

// isIn reports whether the word is in a text.
func (w *word) isIn(text string) bool {
	_, found := w.read(0, text)
	return found
}
