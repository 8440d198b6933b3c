package chatstream_test

import (
	"bytes"
	"fmt"
	"strings"
	"time"

	"github.com/seed-08fc7208/chatstream"
)

// A word is masked wherever a reader could see it: in strings, and in the strings
// of members that came as something else, such as content parts.
func ExampleCreateChatCompletionData_EditTexts() {
	upstream := strings.NewReader(`data: {"choices":[{"index":0,"delta":{"content":"My secret is:"},"finish_reason":null}]}

data: {"choices":[{"index":0,"delta":{"content":[{"type":"text","text":"a s\u0065cret"}]},"finish_reason":null}]}

data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\"secret\":1}"}}]},"finish_reason":"tool_calls"}]}

data: [DONE]

`)
	mask := func(_ chatstream.Surface, text chatstream.Text) chatstream.Text {
		return bytes.ReplaceAll(text, []byte("secret"), []byte("******"))
	}
	d := chatstream.NewDecoder(upstream)
	defer d.Close()
	for chunk, err := range d.All() {
		if err != nil {
			fmt.Println(err)
			continue
		}
		chunk.EditTexts(mask)
		for i := range chunk.Choices { // they repeat the text
			choice := &chunk.Choices[i]
			choice.Logprobs = chatstream.Null[*chatstream.Logprobs]()
			if audio := choice.Delta.Audio.Value; audio != nil {
				audio.Data = chatstream.Null[chatstream.Text]()
			}
		}
		for surface, text := range chunk.Texts() {
			fmt.Printf("%s: %s\n", surface.Kind, text)
		}
	}
	// Output:
	// content: My ****** is:
	// content: [{"type":"text","text":"a ******"}]
	// tool_calls.function.arguments: {"******":1}
}

// The time to the first text, which is not the time to the first chunk: that often
// has the role alone.
func ExampleCreateChatCompletionData_Texts() {
	upstream := strings.NewReader(`data: {"choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}

data: {"choices":[{"index":0,"delta":{"reasoning":"Hm"},"finish_reason":null}]}

data: {"choices":[{"index":0,"delta":{"content":"Yes"},"finish_reason":"stop"}]}

data: [DONE]

`)
	sent := time.Now()
	var first time.Duration
	d := chatstream.NewDecoder(upstream)
	defer d.Close()
	for chunk := range d.All() {
		for surface, text := range chunk.Texts() {
			if first == 0 {
				first = time.Since(sent)
				fmt.Printf("first text, %s: %s\n", surface.Kind, text)
			}
		}
	}
	// Output:
	// first text, reasoning: Hm
}
