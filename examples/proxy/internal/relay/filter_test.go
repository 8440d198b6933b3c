package relay

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"
)

// chunkOf returns an event with the given content.
func chunkOf(content string) string {
	return fmt.Sprintf(`data: {"model":"m","choices":[{"index":0,"delta":{"content":%q}}]}`+"\n\n", content)
}

// partOf returns an event whose content is a list of parts.
func partOf(text string) string {
	return fmt.Sprintf(`data: {"model":"m","choices":[{"index":0,"delta":{"content":[{"type":"text","text":%q}]}}]}`+"\n\n", text)
}

// pass sends a stream through a filter that change has set up.
func pass(t *testing.T, stream io.Reader, change func(*filter)) (string, error) {
	t.Helper()
	f := newFilter(io.NopCloser(stream))
	defer f.Close()
	change(f)
	got, err := io.ReadAll(f)
	return string(got), err
}

// TestFilterLeavesTheRest: where nothing is to be changed no byte is.
func TestFilterLeavesTheRest(t *testing.T) {
	files, err := filepath.Glob("../../../../testdata/*.sse")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		data, err := os.ReadFile(file)
		require.NoError(t, err)
		want := string(data)
		if i := bytes.Index(data, []byte("data: [DONE]")); i >= 0 && strings.Contains(file, "after-done") {
			want = "" // what follows [DONE] is not read
		}
		for name, r := range map[string]io.Reader{
			"whole":        bytes.NewReader(data),
			"byte by byte": iotest.OneByteReader(bytes.NewReader(data)),
		} {
			got, err := pass(t, r, func(*filter) {})
			require.NoError(t, err, file)
			if want == "" {
				require.True(t, strings.HasPrefix(string(data), got), "%s, %s", file, name)
				continue
			}
			// Behind [DONE] there may be an empty line that was not read.
			require.Equal(t, strings.TrimRight(want, "\r\n"), strings.TrimRight(got, "\r\n"), "%s, %s", file, name)
		}
	}
}

// TestFilterRenames: the model, and not a byte more.
func TestFilterRenames(t *testing.T) {
	const before = ": ping\n\nid: 7\nevent: e\ndata:  {\"x\" : 1.0, \"model\" : \"secret\" , \"choices\":[{\"delta\":{\"content\":\"secret\",\"model\":\"secret\"}}]} \nretry: 5\n\n" +
		": \"model\":\"secret\"\n\ndata: {\"choices\":[]}\n\ndata: no JSON \"model\":\"secret\"\n\ndata: [DONE]\n\n"
	got, err := pass(t, strings.NewReader(before), func(f *filter) { f.model = []byte(`"public"`) })
	require.NoError(t, err)
	require.Equal(t, strings.Replace(before, `"secret"`, `"public"`, 1), got)

	got, err = pass(t, strings.NewReader("event: e\ndata: {\"model\":\ndata: \"secret\"}\n\ndata: [DONE]\n\n"), func(f *filter) { f.model = []byte(`"public"`) })
	require.NoError(t, err)
	require.NotContains(t, got, "secret")
	require.Contains(t, got, "event: e\n")
	require.Contains(t, got, `"public"`)
}

// TestFilterRenamesErrors: a chunk with an error has the model's name too.
func TestFilterRenamesErrors(t *testing.T) {
	const before = `data: {"error":{"message":"busy"},"model":"secret","choices":[]}` + "\n\n" +
		"event: error\ndata: {\"message\":\"busy\",\"model\":\"secret\"}\n\nerror: busy\n\n" + `data: {"model":["secret"]}` + "\n\ndata: [DONE]\n\n"
	got, err := pass(t, strings.NewReader(before), func(f *filter) { f.model = []byte(`"public"`) })
	require.NoError(t, err)
	require.Equal(t, strings.ReplaceAll(strings.Replace(before, `["secret"]`, `"secret"`, 1), "secret", "public"), got)
}

func TestFilterStripsUsage(t *testing.T) {
	text, usage := chunkOf("Hi"), `data: {"choices":[],"usage":{"total_tokens":3}}`+"\n\n"
	both := `data: {"choices":[{"index":0,"delta":{}}],"usage":{"total_tokens":3}}` + "\n\n"
	null := strings.Replace(text, "]}\n", `], "usage":null}`+"\n", 1) // a server that is asked says it in each chunk
	got, err := pass(t, strings.NewReader(text+null+both+usage+"data: [DONE]\n\n"), func(f *filter) { f.stripUsage = true })
	require.NoError(t, err)
	require.Equal(t, text+text+both+"data: [DONE]\n\n", got)
}

// TestFilterEnds: a connection that broke does break, and [DONE] is the end.
func TestFilterEnds(t *testing.T) {
	broken := errors.New("broken")
	for _, test := range []struct {
		stream  string
		readErr error
		want    error
	}{
		{chunkOf("Hi"), io.EOF, nil},
		{chunkOf("Hi"), broken, broken},
		{chunkOf("Hi") + "data: {\"cut", broken, broken},
		{chunkOf("Hi") + "data: [DONE]\n\n", broken, nil},
		{"<html>", io.EOF, nil},
		{"<html>", broken, broken},
	} {
		r := io.MultiReader(strings.NewReader(test.stream), iotest.ErrReader(test.readErr))
		got, err := pass(t, r, func(*filter) {})
		require.Equal(t, test.want, err, test.stream)
		require.Equal(t, test.stream, got)
	}
}

// TestGuard: the word is found wherever the chunks and the payload cut it, and none
// of it gets through.
func TestGuard(t *testing.T) {
	const done = "data: [DONE]\n\n"
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
			refusals := 0
			got, err := pass(t, strings.NewReader(test.stream), func(f *filter) {
				f.guard, f.refused = newGuard("secret"), func() { refusals++ }
			})
			require.NoError(t, err)
			if test.refused {
				require.Equal(t, 1, refusals)
				require.Contains(t, got, `{"error":{"message":"this proxy refuses`)
				got = got[:strings.Index(got, `data: {"error"`)]
			} else {
				require.Zero(t, refusals)
			}
			require.Equal(t, test.passes, got)
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
		got, err := pass(t, strings.NewReader(stream.String()+"data: [DONE]\n\n"), func(f *filter) { f.guard = newGuard("secret") })
		require.NoError(t, err)
		require.Contains(t, got, "refuses", stream.String())
	}
}

// TestGuardWord: for words that repeat themselves the search does not miss.
func TestGuardWord(t *testing.T) {
	for _, word := range []string{"a", "aa", "aab", "abab", "ababc", "é!"} {
		for _, text := range []string{"", "a", "aaab", "abaabab", "abababc", "baab", "x é! x", "AAB"} {
			g := newGuard(word)
			found, n := false, 0
			for i := range len(text) {
				n = g.next(n, text[i])
				found = found || n == len(word)
			}
			require.Equal(t, strings.Contains(strings.ToLower(text), word), found, "%q in %q", word, text)
		}
	}
}

// TestGuardIsBounded: what is held back for a word that never comes, and how many
// texts are followed.
func TestGuardIsBounded(t *testing.T) {
	stream := io.MultiReader(strings.NewReader(chunkOf("s")), &repeat{text: `data: {"choices":[]}` + "\n\n", n: 2 * maxHeld})
	got, err := pass(t, stream, func(f *filter) { f.guard = newGuard("secret") })
	require.NoError(t, err)
	require.Contains(t, got, "refuses")

	var many strings.Builder
	for i := range maxSurfaces + 1 {
		fmt.Fprintf(&many, `data: {"choices":[{"index":%d,"delta":{"content":"s"}}]}`+"\n\n", i)
	}
	got, err = pass(t, strings.NewReader(many.String()), func(f *filter) { f.guard = newGuard("secret") })
	require.NoError(t, err)
	require.Contains(t, got, "refuses")
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
