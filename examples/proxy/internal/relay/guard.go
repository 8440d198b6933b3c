package relay

import (
	"errors"
	"slices"
	"unicode/utf8"

	"github.com/seed-08fc7208/chatstream"
	"github.com/seed-08fc7208/chatstream/examples/internal/summary"
)

// guard looks for a word in all that a client may show of an answer, also where it
// comes in pieces: for each text of the answer it knows how much of the word the text
// ends with.
//
// A text that comes as JSON, such as content parts, has several strings in a chunk,
// marks of types among them, and any of them may be what the reader sees next. So
// each is tried as the continuation of each string of the chunk before and of those
// before it.
//
// What it cannot read, it does not let pass.
type guard struct {
	word    *word
	api     summary.API
	matched map[textKey][]int
	latest  map[textKey][]int // the same of the chunk at hand
	partial map[textKey][]byte
	found   bool
}

// textKey is a text of the answer. It is one of Texts, or has a name here.
type textKey struct {
	chatstream.Surface
	name string
}

// maxSurfaces is how many texts of an answer are followed.
const maxSurfaces = 1024

// verdict is why an answer must not be passed on; empty if it may.
type verdict string

const (
	verdictWord       verdict = "word"       // the word is in it
	verdictUnreadable verdict = "unreadable" // it is no JSON, no event stream, or compressed
	verdictAmbiguous  verdict = "ambiguous"  // another reader may read something else
	verdictTooMuch    verdict = "too_much"   // more texts, or more held back, than can be followed
	verdictOtherAPI   verdict = "other_api"  // it is no chat completion
	verdictCut        verdict = "cut"        // its last event is not whole
	verdictTooLarge   verdict = "too_large"  // an event over the limit
)

func newGuard(s string) *guard {
	return &guard{word: newWord(s), matched: map[textKey][]int{}, latest: map[textKey][]int{}, partial: map[textKey][]byte{}}
}

// judge looks at what a Decoder has returned, and at its payload.
func (g *guard) judge(chunk *chatstream.CreateChatCompletionData, payload []byte, err error) verdict {
	var syntax *chatstream.SyntaxError
	var api *chatstream.APIError
	g.api.See(chunk, err)
	switch {
	case errors.Is(err, chatstream.ErrNotEventStream), errors.As(err, &syntax):
		return verdictUnreadable
	case errors.As(err, &api):
		g.lookAtError(api)
	case err != nil:
		return ""
	}
	if chunk.Ambiguous() {
		return verdictAmbiguous
	}
	g.look(chunk)
	eachString(payload, func(_, name, text string) {
		g.found = g.found || !isMark(name) && g.word.isIn(text)
	})
	switch {
	case g.found:
		return verdictWord
	case len(g.matched) > maxSurfaces:
		return verdictTooMuch
	}
	return ""
}

// lookAtError looks at all of an error: a client shows its type and code, too.
func (g *guard) lookAtError(e *chatstream.APIError) {
	for _, text := range []string{e.Message, e.Type, e.Code, e.Param, string(e.Raw)} {
		g.found = g.found || g.word.isIn(text)
	}
	eachString(e.Raw, func(_, _, text string) { g.found = g.found || g.word.isIn(text) })
}

// look reads the pieces of all texts.
func (g *guard) look(chunk *chatstream.CreateChatCompletionData) {
	clear(g.latest)
	chunk.EditTexts(func(s chatstream.Surface, text chatstream.Text) chatstream.Text {
		s.Raw = false // the text goes on in whatever shape
		g.read(textKey{Surface: s}, string(text))
		return text
	})
	for i := range chunk.Choices {
		g.lookAtTokens(&chunk.Choices[i])
	}
	for key, ends := range g.latest {
		if len(ends) == 0 {
			delete(g.matched, key)
		} else {
			g.matched[key] = ends
		}
	}
}

// lookAtTokens reads the log probabilities, which repeat the text token by token. A
// token that is a part of a rune stands in its bytes alone. The tokens that might have
// been are looked at one by one, by judge.
func (g *guard) lookAtTokens(c *chatstream.Choice) {
	logprobs, ok := c.Logprobs.Get()
	if !ok {
		return
	}
	at := chatstream.Surface{Choice: c.Index.Value}
	for name, tokens := range map[string][]chatstream.TokenLogprob{
		"content": logprobs.Content.Value, "refusal": logprobs.Refusal.Value,
	} {
		for i := range tokens {
			g.read(textKey{at, name + " tokens"}, string(tokens[i].Token.Value))
			g.readBytes(textKey{at, name + " bytes"}, tokens[i].Bytes.Value)
			for _, top := range tokens[i].TopLogprobs.Value {
				g.found = g.found || g.word.isIn(string(bytesOf(top.Bytes.Value)))
			}
		}
	}
}

func bytesOf(values []int64) []byte {
	text := make([]byte, len(values))
	for i, v := range values {
		text[i] = byte(v)
	}
	return text
}

// readBytes reads a piece of a text that may end within a rune.
func (g *guard) readBytes(key textKey, values []int64) {
	if len(values) == 0 {
		return
	}
	text := append(g.partial[key], bytesOf(values)...)
	end := len(text)
	for i := end - 1; i >= max(0, end-utf8.UTFMax+1); i-- {
		if utf8.RuneStart(text[i]) {
			if !utf8.FullRune(text[i:]) {
				end = i
			}
			break
		}
	}
	g.partial[key] = slices.Clone(text[end:])
	g.read(key, string(text[:end]))
}

// read reads a string of a text, as the continuation of all that it may continue.
func (g *guard) read(key textKey, text string) {
	ends := g.latest[key]
	before := g.matched[key]
	if _, tokens := g.latest[key]; tokens && key.name != "" {
		before, ends = ends, nil // a token goes on where the one before it ended
	}
	for _, n := range slices.Concat([]int{0}, before, ends) {
		n, found := g.word.read(n, text)
		g.found = g.found || found
		if n > 0 && !slices.Contains(ends, n) {
			ends = append(ends, n)
		}
	}
	g.latest[key] = ends
}

// waits reports whether what was read last may be the beginning of the word, or of a
// stream that is no chat completion.
func (g *guard) waits() bool { return len(g.matched) > 0 || g.api.IsOther() }
