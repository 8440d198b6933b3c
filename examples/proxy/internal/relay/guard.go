package relay

import (
	"errors"
	"slices"
	"unicode/utf8"

	"github.com/seed-08fc7208/chatstream"
	"github.com/seed-08fc7208/chatstream/examples/internal/summary"
)

// guard looks for a word in all texts of an answer that a client may show, also if the word comes in
// pieces. For each text it keeps how much of the word is at the end of the text.
//
// A text that comes as JSON, such as content parts, has several strings in a chunk, including names
// of types. The reader may see any of them next. So the guard tries each string as the continuation
// of each string of the previous chunk and of each earlier string of this chunk.
//
// It refuses everything that it cannot read.
type guard struct {
	word    *word
	api     summary.API
	matched map[textKey][]int
	latest  map[textKey][]int // the same for the current chunk
	partial map[textKey][]byte
	found   bool
}

// textKey is a text of the answer. It is one of Texts, or has a name here.
type textKey struct {
	chatstream.Surface
	name string
}

// maxSurfaces is the most texts of an answer that are followed.
const maxSurfaces = 1024

// verdict is the reason to refuse an answer, or empty.
type verdict string

const (
	verdictWord       verdict = "word"       // it contains the word
	verdictUnreadable verdict = "unreadable" // it is not JSON, not an event stream, or compressed
	verdictAmbiguous  verdict = "ambiguous"  // another reader may read other text
	verdictTooMuch    verdict = "too_much"   // too many texts, or too many bytes held back
	verdictOtherAPI   verdict = "other_api"  // it is not a chat completion
	verdictCut        verdict = "cut"        // its last event is incomplete
	verdictTooLarge   verdict = "too_large"  // an event over the limit
)

func newGuard(s string) *guard {
	return &guard{word: newWord(s), matched: map[textKey][]int{}, latest: map[textKey][]int{}, partial: map[textKey][]byte{}}
}

// judge checks the result of a Decoder, and its payload.
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

// lookAtError checks all strings of an error: a client may also show its type and code.
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
		s.Raw = false // one text may come in both forms
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

// lookAtTokens reads the log probabilities, which repeat the text token by token. A token that is a
// part of a rune is only in its bytes. judge checks the alternative tokens one by one.
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

// read reads a string of a text, as the continuation of every string that it may continue.
func (g *guard) read(key textKey, text string) {
	ends := g.latest[key]
	before := g.matched[key]
	if _, tokens := g.latest[key]; tokens && key.name != "" {
		before, ends = ends, nil // a token continues the previous token
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

// waits reports whether the last text may be the beginning of the word, or whether the stream may
// not be a chat completion.
func (g *guard) waits() bool { return len(g.matched) > 0 || g.api.IsOther() }
