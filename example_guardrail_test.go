package chatstream_test

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/seed-08fc7208/chatstream"
)

// The code of docs/guides/guardrail.md.

// refused is the event that replaces the rest of an answer.
var refused = chatstream.AppendEvent(nil, "", []byte(`{"error":{"message":"the answer was refused","type":"guardrail"}}`))

// maskStream passes a stream on with every text masked. Any error ends it.
func maskStream(client io.Writer, upstream io.Reader, mask func(chatstream.Surface, chatstream.Text) chatstream.Text) error {
	d := chatstream.NewDecoder(upstream)
	defer d.Close()
	var event []byte
	for chunk, err := range d.All() {
		if err != nil {
			client.Write(refused) // the text of an error is not masked, and other input cannot be read
			return err
		}
		chunk.Disambiguate()           // every client reads what this program reads
		chunk.EditTexts(mask)          // every text that a client may show
		for i := range chunk.Choices { // these two repeat the text
			chunk.Choices[i].Logprobs = chatstream.Null[*chatstream.Logprobs]()
			chunk.Choices[i].Delta.Audio = chatstream.Null[*chatstream.Audio]()
		}
		event = chunk.AppendEvent(event[:0], "") // not Event().Raw, which has the text as it was
		if _, err := client.Write(event); err != nil {
			return err
		}
	}
	if d.Done() {
		_, err := io.WriteString(client, "data: [DONE]\n\n")
		return err
	}
	return nil
}

// A guardrail that masks a word in all texts that a client may show.
func Example_guardrailMask() {
	upstream := strings.NewReader(`data: {"choices":[{"index":0,"delta":{"content":"My secret is:"},"finish_reason":null}]}

data: {"choices":[{"index":0,"delta":{"content":"x","content":" a secret","CONTENT":"EVIL"},"finish_reason":"stop"}]}

data: [DONE]

`)
	mask := func(_ chatstream.Surface, text chatstream.Text) chatstream.Text {
		return bytes.ReplaceAll(text, []byte("secret"), []byte("******"))
	}
	if err := maskStream(os.Stdout, upstream, mask); err != nil {
		fmt.Println(err)
	}
	// Output:
	// data: {"choices":[{"index":0,"delta":{"content":"My ****** is:","audio":null},"logprobs":null,"finish_reason":null}]}
	//
	// data: {"choices":[{"index":0,"delta":{"content":" a ******","audio":null},"logprobs":null,"finish_reason":"stop"}]}
	//
	// data: [DONE]
}

// wordGuard finds a word in the texts of a stream, also where two chunks share it.
type wordGuard struct {
	word []byte // in lower case
	ends map[chatstream.Surface][]byte
}

// finds reports whether a text of the chunk completes the word.
func (g *wordGuard) finds(chunk *chatstream.Chunk) (found bool) {
	chunk.EditTexts(func(at chatstream.Surface, text chatstream.Text) chatstream.Text {
		all := append(g.ends[at], bytes.ToLower(text)...)
		found = found || bytes.Contains(all, g.word)
		g.ends[at] = all[max(0, len(all)-len(g.word)+1):] // what may be the word's beginning
		return text                                       // unchanged
	})
	return found
}

// A guardrail that ends the answer at a word. It passes other chunks byte for byte, and refuses a
// chunk that another client may read differently.
func Example_guardrailRefuse() {
	upstream := strings.NewReader(`data: {"choices":[{"index":0,"delta":{"content":"My Se"},"finish_reason":null}]}

data: {"choices":[{"index":0,"delta":{"content":"cret is out."},"finish_reason":"stop"}]}

data: [DONE]

`)
	guard := wordGuard{word: []byte("secret"), ends: map[chatstream.Surface][]byte{}}
	client := os.Stdout

	d := chatstream.NewDecoder(upstream)
	defer d.Close()
	for chunk, err := range d.All() {
		if err != nil || chunk.Ambiguous() || guard.finds(chunk) {
			client.Write(refused)
			return
		}
		client.Write(d.Event().Raw)
	}
	if d.Done() {
		client.Write(d.Event().Raw)
	}
	// Output:
	// data: {"choices":[{"index":0,"delta":{"content":"My Se"},"finish_reason":null}]}
	//
	// data: {"error":{"message":"the answer was refused","type":"guardrail"}}
}
