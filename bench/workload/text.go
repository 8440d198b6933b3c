package workload

import (
	"encoding/base64"
	"encoding/json"
	"math/rand/v2"
	"strings"
	"sync"
	"unicode/utf8"
)

// The texts that the streams answer with, written for them.
const (
	prose = `A harbour pilot reads water the way a baker reads dough. Before the tide turns she walks
the quay, counts the gulls on the north wall, and asks the night watch what the dredger left behind. Nothing
of this is in the handbook. The handbook says: depth, draught, wind, and a margin of half a metre! Yet the
channel moves every winter, a little to the east, and last year's chart is a polite story about a place that
no longer exists. Why trust it, then? Because a story that is nearly right, read by someone who knows where it
is wrong, brings more ships home than a perfect one that nobody has time to draw. So she marks the margin with
a pencil, 3 or 4 soundings at a time, and hands it on. Eventually the pencil marks become the chart; the chart
becomes the handbook; and somewhere an apprentice, rolling his eyes, starts counting gulls.`

	chinese = `清晨的港口还很安静，引水员沿着码头慢慢走。她先看看潮水的颜色，再数一数北墙上的海鸥，然后问守夜人昨晚挖泥船留下了什么。
手册里没有写这些事情。手册只说：水深、吃水、风向，还有半米的余量。可是航道每年冬天都会向东移动一点，去年的海图不过是一个
已经消失的地方的故事。那么为什么还要相信它呢？因为一个差不多正确的故事，只要读的人知道哪里错了，就能让更多的船平安回家。`
)

// source gives words of its own, always the same ones for the same seed.
type source struct {
	rng    *rand.Rand
	tokens []string
	at     int
}

func newSource(seed uint64, text string) *source {
	return &source{rng: rand.New(rand.NewPCG(seed, 0x5eed)), tokens: tokensOf(text)}
}

// tokensOf cuts a text once for all sources.
func tokensOf(text string) []string {
	tokens, ok := cut.Load(text)
	if !ok {
		tokens, _ = cut.LoadOrStore(text, tokenize(text))
	}
	return tokens.([]string)
}

var cut sync.Map // from a text to its tokens

// token is the next piece of text, of the size that models stream. Now and then
// it jumps, so that a long answer is not the same page over and over.
func (s *source) token() string {
	if s.rng.IntN(24) == 0 {
		s.at = s.rng.IntN(len(s.tokens))
	}
	t := s.tokens[s.at%len(s.tokens)]
	s.at++
	return t
}

// phrase is k tokens.
func (s *source) phrase(k int) string {
	var b strings.Builder
	for range k {
		b.WriteString(s.token())
	}
	return b.String()
}

const hexDigits = "0123456789abcdef"
const alphanumeric = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

// letters is n random characters of an alphabet.
func (s *source) letters(n int, alphabet string) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = alphabet[s.rng.IntN(len(alphabet))]
	}
	return string(b)
}

// base64 is n characters of encoded noise.
func (s *source) base64(n int) string {
	raw := make([]byte, n/4*3)
	for i := range raw {
		raw[i] = byte(s.rng.Uint32())
	}
	return base64.StdEncoding.EncodeToString(raw)
}

// tokenize cuts text about where a model's tokenizer would: before a space,
// around punctuation, in the middle of a long word, after one to three characters
// of Chinese.
func tokenize(text string) (tokens []string) {
	text = strings.ReplaceAll(text, "\n", " ")
	wide := 0
	start := 0
	cut := func(end int) {
		if end > start {
			tokens = append(tokens, text[start:end])
			start, wide = end, 0
		}
	}
	for i, r := range text {
		switch {
		case r == ' ', strings.ContainsRune(".,:;?!'", r), i-start == 7:
			cut(i)
		case r >= utf8.RuneSelf:
			if wide++; wide > 1+len(tokens)%3 {
				cut(i)
			}
		}
	}
	cut(len(text))
	return tokens
}

// quote is s as a JSON string, with nothing escaped that need not be.
func quote(s string) string {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(s); err != nil {
		panic(err) // a string always encodes
	}
	return strings.TrimSuffix(b.String(), "\n")
}
