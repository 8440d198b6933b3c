package relay

import (
	"bytes"
	"slices"

	"github.com/seed-08fc7208/chatstream"
)

// guard looks for a word in all that a model writes, also where it comes in pieces:
// for each text of the answer it knows how much of the word the text ends with
// (Knuth, Morris, Pratt). Upper and lower case of ASCII are the same.
//
// A text that comes as JSON, such as content parts, has several strings in a chunk,
// marks of types among them, and any of them may be what the reader sees next. So
// each is tried as the continuation of each string of the chunk before and of those
// before it.
type guard struct {
	word    []byte
	border  []int // of each beginning of the word: its longest beginning that is also its end
	matched map[chatstream.Surface][]int
	latest  map[chatstream.Surface][]int // the same of the chunk at hand
	found   bool
}

// maxSurfaces is how many texts of an answer are followed.
const maxSurfaces = 1024

func newGuard(word string) *guard {
	g := &guard{word: bytes.ToLower([]byte(word)), matched: map[chatstream.Surface][]int{}, latest: map[chatstream.Surface][]int{}}
	g.border = make([]int, len(g.word)+1)
	for i := 1; i < len(g.word); i++ {
		g.border[i+1] = g.next(g.border[i], g.word[i])
	}
	return g
}

// next returns how much of the word a text ends with that ended with n bytes of it
// and goes on with c.
func (g *guard) next(n int, c byte) int {
	if 'A' <= c && c <= 'Z' {
		c += 'a' - 'A'
	}
	for n == len(g.word) || n > 0 && g.word[n] != c {
		n = g.border[n]
	}
	if g.word[n] == c {
		n++
	}
	return n
}

// look reports whether the word, or more text than can be followed, is in the answer.
func (g *guard) look(chunk *chatstream.CreateChatCompletionData) bool {
	clear(g.latest)
	chunk.EditTexts(func(s chatstream.Surface, text chatstream.Text) chatstream.Text {
		s.Raw = false // the text goes on in whatever shape
		g.read(s, text)
		return text
	})
	for s, ends := range g.latest {
		if len(ends) == 0 {
			delete(g.matched, s)
		} else {
			g.matched[s] = ends
		}
	}
	return g.found || len(g.matched) > maxSurfaces
}

// read reads a string of a text, as the continuation of all that it may continue.
func (g *guard) read(s chatstream.Surface, text chatstream.Text) {
	ends := g.latest[s]
	for _, n := range slices.Concat([]int{0}, g.matched[s], ends) {
		for _, c := range text {
			if n = g.next(n, c); n == len(g.word) {
				g.found = true
			}
		}
		if n > 0 && !slices.Contains(ends, n) {
			ends = append(ends, n)
		}
	}
	g.latest[s] = ends
}

// waits reports whether what was read last may be the beginning of the word.
func (g *guard) waits() bool { return len(g.matched) > 0 }
