package relay

import (
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"
)

const done = "data: [DONE]\n\n"

// guarded sends a stream past a guard, and returns what came before the refusal, and
// why it was refused.
func guarded(t *testing.T, word string, stream io.Reader) (passed string, why verdict) {
	t.Helper()
	got, err := pass(t, stream, func(f *filter) {
		f.guard = newGuard(word)
		f.refused = func(v verdict) {
			require.Empty(t, why, "refused twice")
			why = v
		}
	})
	require.NoError(t, err)
	if why != "" {
		require.Contains(t, got, `data: {"error":{"message":"this proxy refuses`)
		got, _, _ = strings.Cut(got, `data: {"error":{"message":"this proxy`)
	}
	return got, why
}

// deltaOf returns an event with the given members in its delta.
func deltaOf(members string) string {
	return `data: {"model":"m","choices":[{"index":0,"delta":{` + members + "}}]}\n\n"
}

// tokensOf returns an event with log probabilities.
func tokensOf(tokens string) string {
	return `data: {"model":"m","choices":[{"index":0,"delta":{},"logprobs":{"content":[` + tokens + "]}}]}\n\n"
}

// TestGuard: the word is found wherever the chunks and the payload cut it, and none
// of it gets through.
func TestGuard(t *testing.T) {
	for _, test := range []struct {
		name, stream string
		passes       string // what of it gets through
		refused      bool
	}{
		{"no word", chunkOf("all is well") + done, chunkOf("all is well") + done, false},
		{"whole", chunkOf("a ") + chunkOf("SeCret!") + done, chunkOf("a "), true},
		{"in pieces", chunkOf("a ") + chunkOf("se") + chunkOf("cr") + chunkOf("et") + done, chunkOf("a "), true},
		{"letter by letter", chunkOf("s") + chunkOf("e") + chunkOf("c") + chunkOf("r") + chunkOf("e") + chunkOf("t"), "", true},
		{"a false beginning", chunkOf("se") + chunkOf("lect") + done, chunkOf("se") + chunkOf("lect") + done, false},
		{"a false beginning before the word", chunkOf("sec") + chunkOf("secret") + done, "", true},
		{"a beginning at the end", chunkOf("sec") + done, chunkOf("sec") + done, false},
		{"escaped", `data: {"choices":[{"delta":{"content":"s\u0065cret"}}]}` + "\n\n", "", true},
		{"in a tool call", `data: {"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\"a\":\"secret"}}]}}]}` + "\n\n", "", true},
		{"in a part", `data: {"choices":[{"delta":{"content":[{"type":"text","text":"s\u0065cret"}]}}]}` + "\n\n", "", true},
		{"in pieces of parts", partOf("a ") + partOf("sec") + partOf("ret") + done, partOf("a "), true},
		{"letter by letter in parts", partOf("s") + partOf("e") + partOf("c") + partOf("r") + partOf("e") + partOf("t"), "", true},
		{"in parts of a chunk", strings.Replace(partOf("sec"), "]}}]}", `,{"type":"text","text":"ret"}]}}]}`, 1), "", true},
		{"a false beginning in parts", partOf("se") + partOf("lect") + partOf("cret") + done, partOf("se") + partOf("lect") + partOf("cret") + done, false},
		{"in two texts", `data: {"choices":[{"delta":{"content":"sec","refusal":"ret"}}]}` + "\n\n" + done, `data: {"choices":[{"delta":{"content":"sec","refusal":"ret"}}]}` + "\n\n" + done, false},
		{"in what is no JSON", chunkOf("a ") + "data: secret\n\n" + done, chunkOf("a "), true},
		{"after the finish", chunkOf("a ") + `data: {"choices":[{"delta":{},"finish_reason":"stop"}]}` + "\n\n" + chunkOf("secret"), chunkOf("a ") + `data: {"choices":[{"delta":{},"finish_reason":"stop"}]}` + "\n\n", true},
	} {
		t.Run(test.name, func(t *testing.T) {
			passed, why := guarded(t, "secret", strings.NewReader(test.stream))
			require.Equal(t, test.refused, why != "")
			require.Equal(t, test.passes, passed)
		})
	}
}

// TestGuardCuts: the word is found however the text is cut, and in whatever shapes its
// pieces come.
func TestGuardCuts(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 500 {
		text := strings.Repeat("se", random.IntN(3)) + "aSecReT" + strings.Repeat("cret", random.IntN(2))
		var stream strings.Builder
		for len(text) > 0 {
			n := 1 + random.IntN(min(4, len(text)))
			shape := []func(string) string{chunkOf, partOf}[random.IntN(2)]
			stream.WriteString(shape(text[:n]))
			text = text[n:]
		}
		_, why := guarded(t, "secret", strings.NewReader(stream.String()+done))
		require.Equal(t, verdictWord, why, stream.String())
	}
}

// TestGuardWord: for words that repeat themselves the search does not miss.
func TestGuardWord(t *testing.T) {
	for _, word := range []string{"a", "aa", "aab", "abab", "ababc", "é!"} {
		for _, text := range []string{"", "a", "aaab", "abaabab", "abababc", "baab", "x é! x", "AAB"} {
			require.Equal(t, strings.Contains(strings.ToLower(text), word), newWord(word).isIn(text), "%q in %q", word, text)
		}
	}
}

// TestGuardIsBounded: what is held back for a word that never comes, and how many
// texts are followed.
func TestGuardIsBounded(t *testing.T) {
	stream := io.MultiReader(strings.NewReader(chunkOf("s")), &repeat{text: `data: {"choices":[]}` + "\n\n", n: 2 * maxHeld})
	_, why := guarded(t, "secret", stream)
	require.Equal(t, verdictTooMuch, why)

	var many strings.Builder
	for i := range maxSurfaces + 1 {
		fmt.Fprintf(&many, `data: {"choices":[{"index":%d,"delta":{"content":"s"}}]}`+"\n\n", i)
	}
	_, why = guarded(t, "secret", strings.NewReader(many.String()))
	require.Equal(t, verdictTooMuch, why)
}

// repeat gives a text again and again until there were n bytes.
type repeat struct {
	text string
	n    int
}

func (r *repeat) Read(p []byte) (int, error) {
	if r.n <= 0 {
		return 0, io.EOF
	}
	n := copy(p, r.text)
	r.n -= n
	return n, nil
}

// TestGuardSeesWhatIsShown: whatever a client shows of an answer.
func TestGuardSeesWhatIsShown(t *testing.T) {
	for name, test := range map[string]struct {
		stream string
		why    verdict
	}{
		"an error":                          {`data: {"error":{"message":"the secret is out"}}` + "\n\n", verdictWord},
		"an error that is a string":         {`data: {"error":"the secret is out"}` + "\n\n", verdictWord},
		"an error's code":                   {`data: {"error":{"message":"x","code":"secret"}}` + "\n\n", verdictWord},
		"an error's details":                {`data: {"error":{"message":"x","metadata":{"raw":"s\u0065cret"}}}` + "\n\n", verdictWord},
		"an error event":                    {"event: error\ndata: {\"message\":\"secret\"}\n\n", verdictWord},
		"an error field":                    {"error: secret\n\n", verdictWord},
		"the whole body":                    {`{"error":{"message":"secret"}}`, verdictUnreadable},
		"a page":                            {"<html>secret</html>", verdictUnreadable},
		"any text":                          {"it is a secret", verdictUnreadable},
		"a cut last event":                  {deltaOf(`"content":"secret"`)[:60], ""}, // TestGuardWithholds
		"a token":                           {tokensOf(`{"token":"secret"}`), verdictWord},
		"tokens":                            {tokensOf(`{"token":"sec"},{"token":"ret"}`), verdictWord},
		"tokens of several chunks":          {tokensOf(`{"token":"sec"}`) + tokensOf(`{"token":"ret"}`), verdictWord},
		"bytes of tokens":                   {tokensOf(`{"token":"","bytes":[115,101,99]},{"token":"","bytes":[114,101,116]}`), verdictWord},
		"another likely token":              {tokensOf(`{"token":"x","top_logprobs":[{"token":"x"},{"token":"Secret"}]}`), verdictWord},
		"bytes of another likely token":     {tokensOf(`{"token":"x","top_logprobs":[{"token":"x","bytes":[83,69,67,82,69,84]}]}`), verdictWord},
		"tokens of a refusal":               {strings.Replace(tokensOf(`{"token":"sec"},{"token":"ret"}`), `"content"`, `"refusal"`, 1), verdictWord},
		"a repeated member":                 {deltaOf(`"content":"se","content":"x"`), verdictAmbiguous},
		"a repeated delta":                  {`data: {"choices":[{"delta":{"content":"se"},"delta":{}}]}` + "\n\n", verdictAmbiguous},
		"repeated choices":                  {`data: {"choices":[{"delta":{"content":"se"}}],"choices":[]}` + "\n\n", verdictAmbiguous},
		"another case":                      {deltaOf(`"CONTENT":"se"`), verdictAmbiguous},
		"a letter that folds to s":          {"data: {\"choice\u017f\":[{\"delta\":{\"content\":\"se\"}}],\"choices\":[]}\n\n", verdictAmbiguous},
		"a letter that folds to k":          {"data: {\"choices\":[{\"delta\":{},\"logprobs\":{\"content\":[{\"to\u212Aen\":\"se\"}]}}]}\n\n", verdictAmbiguous},
		"an escaped name":                   {deltaOf(`"content":"se","c\u006fntent":"x"`), verdictAmbiguous},
		"an annotation":                     {deltaOf(`"annotations":[{"type":"url_citation","url_citation":{"title":"The Secret"}}]`), verdictWord},
		"a citation":                        {`data: {"choices":[],"citations":["https://example.test/secret"]}` + "\n\n", verdictWord},
		"a member that nobody knows":        {deltaOf(`"x":{"y":["secret"]}`), verdictWord},
		"a whole message":                   {`data: {"choices":[{"index":0,"message":{"content":"secret"}}]}` + "\n\n", verdictWord},
		"a stream of another API":           {"data: {\"type\":\"response.output_text.delta\",\"delta\":\"sec\"}\n\ndata: {\"type\":\"response.output_text.delta\",\"delta\":\"ret\"}\n\n", verdictOtherAPI},
		"legacy completions":                {`data: {"object":"text_completion","choices":[{"text":"sec"}]}` + "\n\n" + `data: {"object":"text_completion","choices":[{"text":"ret"}]}` + "\n\n" + done, verdictWord},
		"the word in marks is nobody's":     {`data: {"id":"secret","object":"chat.completion.chunk","model":"secret","choices":[]}` + "\n\n" + done, ""},
		"the first payload is another kind": {`data: {"type":"ping"}` + "\n\n" + chunkOf("all is well") + done, ""},
	} {
		for cut, r := range map[string]io.Reader{"whole": strings.NewReader(test.stream), "byte by byte": iotest.OneByteReader(strings.NewReader(test.stream))} {
			passed, why := guarded(t, "secret", r)
			require.Equal(t, test.why, why, "%s, %s: %s", name, cut, passed)
			if test.why != "" {
				require.NotContains(t, strings.ToLower(passed), "ret", name)
			}
		}
	}
}

// TestGuardWithholds: what was not looked at does not pass.
func TestGuardWithholds(t *testing.T) {
	event := deltaOf(`"content":"secret"`)
	for n := range len(event) - 2 {
		passed, why := guarded(t, "secret", strings.NewReader(chunkOf("a ")+event[:n]))
		require.True(t, strings.HasPrefix(passed, chunkOf("a ")))
		require.NotContains(t, passed, "content\":\"s", "cut at %d", n)
		if why == "" {
			require.True(t, n == 0 || strings.HasSuffix(passed, cutEvent), "cut at %d: %s", n, passed)
		}
	}
	for _, stream := range []string{
		": secret\n\n", "secret\n", "secret: x\n", " data: secret\n", "datax: secret\n",
	} {
		passed, why := guarded(t, "secret", strings.NewReader(stream+chunkOf("a ")+done))
		require.Empty(t, why)
		require.NotContains(t, passed, "secret")
		require.Contains(t, passed, chunkOf("a ")+done)
	}
}

// TestRefusalIsAnEvent: it does not continue an event that has no empty line.
func TestRefusalIsAnEvent(t *testing.T) {
	line := strings.TrimSuffix(chunkOf("a"), "\n")
	passed, why := guarded(t, "secret", strings.NewReader(line+line+strings.TrimSuffix(chunkOf("secret"), "\n")+line))
	require.Equal(t, verdictWord, why)
	require.Equal(t, line+line+"\n\n", passed)
}

// TestWordIsFolded: what a reader takes for the word.
func TestWordIsFolded(t *testing.T) {
	for _, test := range []struct {
		word, text string
		found      bool
	}{
		{"secret", "SECRET", true},
		{"Größe", "die GRÖSSE", true},
		{"GRÖSSE", "größe", true},
		{"größe", "gro\u0308ße", true}, // decomposed
		{"gro\u0308ße", "Größe", true},
		{"größe", "grosse", false},
		{"тайна", "ТАЙНА", true},
		{"Σίσυφος", "ΣΊΣΥΦΟΣ", true},
		{"istanbul", "İSTANBUL", true},
		{"ılık", "ILIK", true},
		{"ſecret", "SECRET", true},
		{"kelvin", "\u212Aelvin", true},
		{"secret", "ｓｅｃｒｅｔ", true},
		{"office", "o\uFB03ce", true},
		{"secret", "s\u200bec\u00adr\u2060e\ufe0ft", true},
		{"top secret", "top\u00a0secret", true},
		{"top secret", "top\nsecret", true},
		{"café", "cafe", false},
		{"秘密", "这是秘密", true},
		{"秘密", "秘 密", false},
		{"👍🏽", "👍🏽", true},
	} {
		require.NoError(t, CheckWord(test.word))
		require.Equal(t, test.found, newWord(test.word).isIn(test.text), "%q in %q", test.word, test.text)
		for i := range test.text { // also in two chunks
			_, why := guarded(t, test.word, strings.NewReader(chunkOf(test.text[:i])+chunkOf(test.text[i:])+done))
			require.Equal(t, test.found, why == verdictWord, "%q in %q, cut at %d", test.word, test.text, i)
		}
	}
	require.Error(t, CheckWord(""))
	require.Error(t, CheckWord("\u200b\u00ad"))
}

// TestGuardTokensOfBytes: a rune that two tokens share.
func TestGuardTokensOfBytes(t *testing.T) {
	const e = `{"token":"\\xc3","bytes":[195]},{"token":"\\xa9","bytes":[169]}`
	_, why := guarded(t, "caf\u00e9!", strings.NewReader(tokensOf(`{"token":"CAF","bytes":[67,65,70]},`+e)+tokensOf(`{"token":"!","bytes":[33]}`)))
	require.Equal(t, verdictWord, why)
	two := strings.SplitAfter(e, "},")
	_, why = guarded(t, "caf\u00e9!", strings.NewReader(tokensOf(`{"bytes":[67,65,70]},`+strings.TrimSuffix(two[0], ","))+tokensOf(two[1]+`,{"bytes":[33]}`)))
	require.Equal(t, verdictWord, why)
}

// TestGuardPassesTestStreams: ordinary streams, and many that are not, are no reason
// to refuse.
func TestGuardPassesTestStreams(t *testing.T) {
	refused := map[string]verdict{}
	for name, data := range testStreams(t) {
		if _, why := guarded(t, "no such word", strings.NewReader(data)); why != "" {
			refused[name] = why
		}
	}
	delete(refused, "glued") // a Decoder may take it for a chunk and an end
	require.Equal(t, map[string]verdict{
		"malformed": verdictUnreadable, "syntax-error": verdictUnreadable, "odd-shapes": verdictAmbiguous,
	}, refused)
}

// TestJudgeWhole: answers that are no event stream.
func TestJudgeWhole(t *testing.T) {
	for _, test := range []struct {
		status int
		body   string
		want   verdict
	}{
		{200, `{"object":"chat.completion","choices":[{"index":0,"message":{"content":"all is well"}}]}`, ""},
		{200, `{"object":"chat.completion","choices":[{"index":0,"message":{"content":"s\u0065CRET"}}]}`, verdictWord},
		{200, `{"choices":[{"message":{"content":[{"type":"text","text":"sec"},{"type":"text","text":"ret"}]}}]}`, verdictWord},
		{200, `{"choices":[{"message":{"content":"sec"}},{"message":{"content":"ret"}}]}`, ""},
		{200, `{"choices":[{"message":{"content":"x","content":"secret"}}]}`, verdictWord},
		{200, `{"choices":[{"message":{"tool_calls":[{"function":{"arguments":"{\"a\":\"secret\"}"}}]}}]}`, verdictWord},
		{200, `{"model":"secret","choices":[]}`, ""},
		{200, "data: {\"choices\":[{\"delta\":{\"content\":\"sec\"}}]}\n\n", verdictUnreadable},
		{200, "{}\n{}", verdictUnreadable},
		{200, "", ""},
		{500, "<html>all is well</html>", ""},
		{500, "<html>Secret</html>", verdictWord},
		{429, `{"error":{"message":"slow down","type":"secret"}}`, verdictWord},
		{429, `{"error":{"message":"slow down"}}`, ""},
	} {
		require.Equal(t, test.want, newGuard("secret").judgeWhole([]byte(test.body), test.status), test.body)
	}
}
