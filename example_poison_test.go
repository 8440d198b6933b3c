package chatstream_test

import (
	"fmt"
	"strings"

	"github.com/seed-08fc7208/chatstream"
)

// The code of docs/guides/testing.md.

const twoWords = `data: {"choices":[{"index":0,"delta":{"content":"Hello"}}]}

data: {"choices":[{"index":0,"delta":{"content":" world"},"finish_reason":"stop"}]}

data: [DONE]

`

// keepTexts keeps the texts of a stream in the wrong way and in the right one.
func keepTexts(stream string) (wrong []chatstream.Text, right []string) {
	d := chatstream.NewDecoder(strings.NewReader(stream))
	defer d.Close()
	for chunk, err := range d.All() {
		if err != nil {
			fmt.Println(err)
			continue
		}
		text := chunk.Choices[0].Delta.Content.Value
		wrong = append(wrong, text)          // borrowed: it expires at the next step
		right = append(right, text.String()) // a copy
	}
	return wrong, right
}

// A text that is kept beyond the next step is copied by String. TestPoisonFindsWhatIsKept
// shows what the build tag chatstream_poison makes of one that is not.
func ExampleText_String() {
	_, right := keepTexts(twoWords)
	fmt.Println(strings.Join(right, ""))
	// Output:
	// Hello world
}
