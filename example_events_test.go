package chatstream_test

import (
	"errors"
	"fmt"
	"strings"

	"github.com/seed-08fc7208/chatstream"
)

// A stream of another API: Decode says at its end what it is not, and Events gives its
// payloads as they came.
func ExampleDecoder_Events() {
	const stream = `event: response.output_text.delta
data: {"type":"response.output_text.delta","delta":"Hi"}

event: response.completed
data: {"type":"response.completed"}

`
	d := chatstream.NewDecoder(strings.NewReader(stream))
	defer d.Close()
	for _, err := range d.All() {
		if errors.Is(err, chatstream.ErrNotChatCompletion) {
			fmt.Println(err)
		}
	}
	d.Reset(strings.NewReader(stream))
	for event, err := range d.Events() {
		if err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Printf("%s: %s\n", event.Type, event.Data)
	}
	// Output:
	// chatstream: event 2 at byte 155: not a chat completion
	// response.output_text.delta: {"type":"response.output_text.delta","delta":"Hi"}
	// response.completed: {"type":"response.completed"}
}
