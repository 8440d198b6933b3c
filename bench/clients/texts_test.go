package clients_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"

	"github.com/seed-08fc7208/chatstream"
	"github.com/seed-08fc7208/chatstream/internal/testing/chunkgen"
)

// TestClientsShowWhatTextsYields over all recorded streams: those of the repository, and those beside it if there are any.
func TestClientsShowWhatTextsYields(t *testing.T) {
	c := comparer{t: t}
	for _, folder := range []string{"../../testdata", "../../../shared/captures"} {
		if _, err := os.Stat(folder); errors.Is(err, fs.ErrNotExist) {
			t.Logf("no recordings in %s", folder)
			continue
		}
		require.NoError(t, filepath.WalkDir(folder, func(path string, _ fs.DirEntry, err error) error {
			if err == nil && filepath.Ext(path) == ".sse" {
				c.stream(path)
			}
			return err
		}))
	}
	c.report(1000)
}

func (c *comparer) stream(path string) {
	text, err := os.ReadFile(path)
	require.NoError(c.t, err)
	d := chatstream.NewDecoder(bytes.NewReader(text))
	for range d.All() {
		if payload := d.Event().Data; json.Valid(payload) {
			c.payload(payload)
		}
	}
}

// TestClientsShowWhatTextsYieldsOfEveryMember: each member of the schema, repeated and under other names, with texts in it.
func TestClientsShowWhatTextsYieldsOfEveryMember(t *testing.T) {
	c := comparer{t: t}
	for _, s := range chunkgen.Sites() {
		before := strings.TrimSuffix(s.Before, `"`+s.Member.Name+`":`)
		for _, name := range spellings(s.Member.Name) {
			for _, value := range values(s.Member) {
				one, own := fmt.Sprintf(`%q:%s`, s.Member.Name, value("one")), fmt.Sprintf(`"%s":%s`, name, value("two"))
				for _, members := range []string{own, own + "," + one, one + "," + own} {
					c.payload([]byte(before + members + s.After))
				}
			}
		}
	}
	c.report(1000)
}

// spellings are names that some reader takes for that of a member.
func spellings(name string) []string {
	return slices.Compact([]string{
		name,
		strings.ToUpper(name),
		strings.ToUpper(name[:1]) + name[1:],
		strings.Replace(name, "s", "ſ", 1),
		strings.Replace(name, "k", "\u212A", 1),
		fmt.Sprintf(`\u%04x`, name[0]) + name[1:],
		strings.ReplaceAll(name, "_", ""),
		name + " ",
	})
}

// values writes values of a member with a word in them: of its own shape, of others, and none.
func values(m chunkgen.Member) []func(word string) string {
	own := func(word string) string { return full(m, word) }
	written := func(format string) func(string) string {
		return func(word string) string { return strings.ReplaceAll(format, "$", word) }
	}
	all := []func(string) string{own, written(`"$"`), written("null"), written(`""`), written("{}"), written("[]")}
	if m.Kind != chunkgen.Int && m.Kind != chunkgen.Float {
		all = append(all, written("70"), written("1.5e3"), written("true"), written(`{"text":"$"}`), written(`["$"]`), written(`[{"type":"text","text":"$"}]`))
	}
	if m.Kind == chunkgen.Any {
		all = append(all, written(`{"message":"$","code":5}`), written(`{"message":["$","$"]}`))
	}
	if m.Kind == chunkgen.List {
		all = append(all, func(word string) string { return "[" + object(m.Of, word) + ",1]" }, func(word string) string { return object(m.Of, word) })
	}
	return all
}

// full writes a value of the member's shape, in which every text has the word.
func full(m chunkgen.Member, word string) string {
	switch m.Kind {
	case chunkgen.Text, chunkgen.Enum:
		return fmt.Sprintf("%q", word+" "+m.Name)
	case chunkgen.Obj:
		return object(m.Of, word)
	case chunkgen.List:
		return "[" + object(m.Of, word) + "]"
	case chunkgen.Ints:
		return "[1]"
	case chunkgen.Any:
		return fmt.Sprintf("%q", word)
	}
	return "1"
}

func object(o *chunkgen.Object, word string) string {
	var members []string
	for _, m := range o.Members {
		members = append(members, fmt.Sprintf("%q:%s", m.Name, full(m, word)))
	}
	return "{" + strings.Join(members, ",") + "}"
}

// TestClientsShowWhatTextsYieldsOfGenerated: random chunks, some of which keep to the schema, and mutations of them.
func TestClientsShowWhatTextsYieldsOfGenerated(t *testing.T) {
	c := comparer{t: t}
	for seed := range uint64(1500) {
		g := chunkgen.NewGen(seed, seed%3 != 0)
		payload := g.Payload()
		c.payload(payload)
		c.payload(renamed(g, payload))
		if mutated := g.Mutate(payload); json.Valid(mutated) {
			c.payload(mutated)
		}
	}
	c.report(500)
}

// renamed gives some names of the payload another case.
func renamed(g *chunkgen.Gen, payload []byte) []byte {
	renamed := bytes.Clone(payload)
	for i := range renamed {
		if c := renamed[i]; 'a' <= c && c <= 'z' && g.IntN(40) == 0 && (i == 0 || renamed[i-1] != '\\') {
			renamed[i] -= 'a' - 'A'
		}
	}
	if !json.Valid(renamed) {
		return payload
	}
	return renamed
}

// comparer compares what clients show with what Texts yields, and counts what it saw.
type comparer struct {
	t                                        *testing.T
	chunks, ambiguous, texts, refused, wrong int
}

func (c *comparer) report(least int) {
	c.t.Logf("%d chunks, of which %d ambiguous; %d texts shown; %d times a client gave an error", c.chunks, c.ambiguous, c.texts, c.refused)
	assert.Greater(c.t, c.texts, least)
	assert.Greater(c.t, c.chunks, least)
}

// oneLine matches the line ends of a payload, which are white space in JSON.
var oneLine = regexp.MustCompile("[\r\n]")

// payload compares one payload, and then what Disambiguate leaves of it.
func (c *comparer) payload(payload []byte) {
	payload = oneLine.ReplaceAll(payload, []byte(" "))
	chunk := new(chatstream.CreateChatCompletionData)
	var syntax *chatstream.SyntaxError
	if errors.As(chatstream.Unmarshal(payload, chunk), &syntax) {
		return // the payload of an event that is an error may be a list or a string
	}
	c.chunks++
	if chunk.Ambiguous() {
		c.ambiguous++
	} else {
		c.covers(payload, payload, chunk)
	}
	chunk.Disambiguate()
	left := chunk.AppendJSON(nil)
	c.covers(payload, left, chunk)
	c.equals(payload, left, chunk)
}

// covers demands that Texts yields all that the clients show of sent.
func (c *comparer) covers(payload, sent []byte, chunk *chatstream.CreateChatCompletionData) {
	for _, client := range clients {
		a := client.read(c.t, sent)
		if a.refused {
			c.refused++
		}
		for _, s := range a.texts {
			c.texts++
			if !isExcused(sent, s) && !yields(chunk, s) {
				c.fail("%s shows %s %q, Texts does not\npayload %.1000s\nsent %.1000s", client.name, s.kind, s.text, payload, sent)
			}
		}
	}
}

// isExcused reports whether the text has nothing to read, such as the brackets of an empty list, or whether the payload has an
// unpaired surrogate. After one, openai-go drops the next escape. AppendJSON writes no unpaired surrogates.
func isExcused(sent []byte, s shown) bool {
	return isSilent(s.text) || bytes.Contains(bytes.ToLower(sent), []byte(`\ud`)) && strings.Contains(s.text, "\uFFFD")
}

// isSilent reports whether a text is a list or an object without any string or number, except for names of types.
func isSilent(text string) bool {
	v := gjson.Parse(text)
	if !gjson.Valid(text) || !v.IsArray() && !v.IsObject() {
		return false
	}
	silent := true
	v.ForEach(func(name, element gjson.Result) bool {
		switch {
		case name.String() == "type", name.String() == "role":
		case element.IsArray(), element.IsObject():
			silent = isSilent(element.Raw)
		default:
			silent = element.String() == ""
		}
		return silent
	})
	return silent
}

// repaired is a text as Texts yields it where the payload is no UTF-8. openai-go shows the bytes as they are.
func repaired(text string) string { return string([]rune(text)) }

// equals demands that a client that takes the chunk shows each text that Texts yields where the client has a field for
// it, in this order and no others.
func (c *comparer) equals(payload, sent []byte, chunk *chatstream.CreateChatCompletionData) {
	for _, client := range clients {
		a := client.read(c.t, sent)
		if a.refused || chunk.Error.IsSet() {
			continue
		}
		for _, kind := range client.kinds {
			want, raw := textsOf(chunk, kind)
			var got []string
			for _, s := range a.texts {
				if s.kind == kind && !isSilent(s.text) {
					got = append(got, s.text)
				}
			}
			if !raw && !slices.Equal(want, got) {
				c.fail("%s shows %s %q, Texts yields %q\npayload %.1000s\nsent %.1000s", client.name, kind, got, want, payload, sent)
			}
		}
	}
}

func (c *comparer) fail(format string, args ...any) {
	c.t.Helper()
	if c.wrong++; c.wrong < 20 {
		c.t.Errorf(format, args...)
	} else {
		c.t.FailNow()
	}
}

// textsOf returns the texts of a kind. raw tells that some text of the chunk came in another shape: then clients differ in
// what they make of it.
func textsOf(chunk *chatstream.CreateChatCompletionData, kind chatstream.SurfaceKind) (texts []string, raw bool) {
	for s, text := range chunk.Texts() {
		raw = raw || s.Raw
		if s.Kind == kind && !isSilent(string(text)) {
			texts = append(texts, string(text))
		}
	}
	return texts, raw
}

// yields reports whether Texts yields what a client shows: as a text of that kind, or within a raw one.
func yields(chunk *chatstream.CreateChatCompletionData, s shown) bool {
	for surface, text := range chunk.Texts() {
		switch {
		case !surface.Raw:
			if surface.Kind == s.kind && string(text) == repaired(s.text) {
				return true
			}
		case !utf8.Valid(text):
			return true // its strings are repaired in more than one way
		case within(gjson.ParseBytes(text), s.text):
			return true
		}
	}
	return false
}

// within reports whether the JSON value is the text, has it as one of its strings or numbers, or, as go-openai shows a
// list of messages, has the parts that it is joined of.
func within(v gjson.Result, text string) bool {
	if v.Raw == text || v.String() == text {
		return true
	}
	if !v.IsArray() && !v.IsObject() {
		return false
	}
	found := false
	var parts []string
	v.ForEach(func(_, element gjson.Result) bool {
		parts = append(parts, element.String())
		found = within(element, text)
		return !found
	})
	return found || v.IsArray() && strings.Join(parts, ", ") == text
}
