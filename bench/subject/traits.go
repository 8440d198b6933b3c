package subject

import (
	"strings"
)

// Trait is something that a decoder of streams does or does not do, found out by
// trying.
type Trait struct {
	Name  string
	About string
	Holds func(Stream) bool
}

// Traits lists what the table tells of each subject besides its speed.
func Traits() []Trait {
	return []Trait{
		{"CR", "reads a stream whose lines end in CR", func(s Stream) bool {
			return reads(s, strings.ReplaceAll(said("a")+ended, "\n", "\r"), "a")
		}},
		{"BOM", "reads a stream that begins with a byte order mark", func(s Stream) bool {
			return reads(s, "\ufeff"+said("a")+ended, "a")
		}},
		{"joins", "joins a payload over several data lines", func(s Stream) bool {
			return reads(s, strings.Replace(said("a"), `"choices"`, "\ndata: \"choices\"", 1)+ended, "a")
		}},
		{"no blanks", "reads events without the blank lines between them", func(s Stream) bool {
			return reads(s, strings.ReplaceAll(said("a")+said("b")+ended, "\n\n", "\n"), "ab")
		}},
		{"cut", "says that a stream was cut short", func(s Stream) bool {
			_, tally, err := try(s, said("a"))
			return err != nil || tally.Cut > 0
		}},
		{"goes on", "goes on after a payload that is not JSON", func(s Stream) bool {
			return reads(s, said("a")+"data: {\"choices\":[\n\n"+said("b")+ended, "ab")
		}},
		{"any type", "keeps a chunk one of whose members has another type", func(s Stream) bool {
			return reads(s, strings.Replace(said("a"), `"created":1`, `"created":"today"`, 1)+ended, "a")
		}},
		{"exact names", "does not read CONTENT as content", func(s Stream) bool {
			return reads(s, strings.Replace(said("a"), `{"content"`, `{"CONTENT":"x","content"`, 1)+
				strings.Replace(said("b"), `{"content"`, `{"Content"`, 1)+ended, "a")
		}},
		{"strict", "refuses a payload that is not JSON in a member it skips", func(s Stream) bool {
			_, bad, _ := try(s, strings.Replace(said("a"), `"created"`, `"other":[01],"created"`, 1)+ended)
			return bad.Refused > 0
		}},
		{"controls", "refuses a raw line feed or tab in a text", func(s Stream) bool {
			_, bad, _ := try(s, said("a\tb")+ended)
			return bad.Refused > 0
		}},
		{"UTF-8", "repairs a text that is not UTF-8", func(s Stream) bool {
			return reads(s, said("a\xffb")+ended, "a\ufffdb")
		}},
	}
}

const ended = `data: {"id":"i","created":1,"model":"m","object":"chat.completion.chunk","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}` +
	"\n\ndata: [DONE]\n\n"

// said is an event with this text, as it is.
func said(text string) string {
	return `data: {"id":"i","created":1,"model":"m","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"` +
		text + `"},"finish_reason":null}]}` + "\n\n"
}

// reads reports whether s finds this text in a stream.
func reads(s Stream, stream, text string) bool {
	a, _, err := try(s, stream)
	return err == nil && a.Text(Content) == text
}

func try(s Stream, stream string) (a *Answer, t Tally, err error) {
	a = new(Answer)
	t, err = s.Decode(strings.NewReader(stream), a)
	return a, t, err
}
