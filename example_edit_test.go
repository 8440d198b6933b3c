package chatstream_test

import (
	"fmt"
	"os"
	"strings"

	"github.com/seed-08fc7208/chatstream"
)

// A proxy that calls the model by another name: the rest of each payload passes
// byte for byte, whatever the provider put there.
func ExampleAppendReplaced() {
	upstream := strings.NewReader(`data: {"id":"1","model":"harbor-mini-2025-11-20", "choices":[{"index":0,"delta":{"content":"Hi"},"finish_reason":"stop"}],"odd":1.50}

data: [DONE]

`)
	d := chatstream.NewDecoder(upstream)
	defer d.Close()
	name := chatstream.RawValue(`"house-model"`)
	var payload, event []byte // reused: nothing is allocated per chunk
	for _, err := range d.All() {
		if err != nil {
			fmt.Println(err)
			continue
		}
		payload, err = chatstream.AppendReplaced(payload[:0], d.Event().Data, name, "model")
		if err != nil {
			fmt.Println(err)
			continue
		}
		event = chatstream.AppendEvent(event[:0], "", payload)
		os.Stdout.Write(event)
	}
	fmt.Print("data: [DONE]\n")
	// Output:
	// data: {"id":"1","model":"house-model", "choices":[{"index":0,"delta":{"content":"Hi"},"finish_reason":"stop"}],"odd":1.50}
	//
	// data: [DONE]
}

// Usage is kept from a client that did not ask for it: the chunk that has nothing
// else is left out, and where usage comes with choices it is cut out.
func ExampleAppendRemoved() {
	upstream := strings.NewReader(`data: {"id":"1","choices":[{"index":0,"delta":{"content":"Hi"},"finish_reason":null}],"usage":null}

data: {"id":"1","choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":{"total_tokens":7}}

data: {"id":"1","choices":[],"usage":{"total_tokens":7}}

data: [DONE]

`)
	d := chatstream.NewDecoder(upstream)
	defer d.Close()
	for chunk, err := range d.All() {
		if err != nil {
			fmt.Println(err)
			continue
		}
		if len(chunk.Choices) == 0 && chunk.Usage.IsSet() {
			continue
		}
		payload, err := chatstream.AppendRemoved(nil, d.Event().Data, "usage")
		if err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Printf("%s\n", payload)
	}
	// Output:
	// {"id":"1","choices":[{"index":0,"delta":{"content":"Hi"},"finish_reason":null}]}
	// {"id":"1","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}
}

// A gateway that needs the usage asks for it in the request of a client that did not.
// Messages, and whatever else is in the body, pass byte for byte.
func ExampleAppendSet() {
	for _, body := range []string{
		`{"model":"harbor-mini","messages":[{"role":"user","content":"Hi"}],"stream":true}`,
		`{"model":"harbor-mini","stream_options":{"include_usage":false,"x":1},"stream":true}`,
		`{"model":"harbor-mini","stream_options":null,"stream":true}`,
		`{"model":"harbor-mini","stream_options":"all","stream":true}`,
	} {
		body, err := chatstream.AppendSet(nil, []byte(body), chatstream.RawValue("true"), "stream_options", "include_usage")
		if err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Printf("%s\n", body)
	}
	// Output:
	// {"model":"harbor-mini","messages":[{"role":"user","content":"Hi"}],"stream":true,"stream_options":{"include_usage":true}}
	// {"model":"harbor-mini","stream_options":{"include_usage":true,"x":1},"stream":true}
	// {"model":"harbor-mini","stream_options":{"include_usage":true},"stream":true}
	// chatstream: payload, byte 40: path "stream_options.include_usage" goes through a string
}
