package chatstream_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/seed-08fc7208/chatstream"
)

// forwardWhole passes whole events on. If the stream breaks off, the client gets an error
// event in the place of the half event that came last: what is appended to half an event
// becomes a part of it.
func forwardWhole(client io.Writer, d *chatstream.Decoder) error {
	for _, err := range d.All() {
		if isFinal(err) {
			event := []byte("\n\n") // ends the event before it, should that have no blank line
			event = chatstream.AppendEvent(event, "error", []byte(`{"error":{"message":"the answer was cut off"}}`))
			_, writeErr := client.Write(event)
			return errors.Join(err, writeErr)
		}
		if _, err := client.Write(d.Event().Raw); err != nil {
			return err
		}
	}
	_, err := client.Write(d.Event().Raw) // [DONE]
	return err
}

// isFinal reports whether an error ends the stream.
func isFinal(err error) bool {
	var syntax *chatstream.SyntaxError
	var api *chatstream.APIError
	switch {
	case err == nil, errors.As(err, &syntax), errors.Is(err, chatstream.ErrEventTooLarge):
		return false
	case errors.As(err, &api):
		return errors.Is(err, chatstream.ErrNotEventStream)
	}
	return true
}

// After a stream that was cut nothing is appended to an unfinished event.
func ExampleDecoder_Event_cut() {
	d := chatstream.NewDecoder(strings.NewReader(`data: {"choices":[{"index":0,"delta":{"content":"Hi"}}]}

data: {"choices":[{"index":0,"delta":{"con`))
	defer d.Close()
	var client bytes.Buffer
	fmt.Println(forwardWhole(&client, d))

	s := chatstream.NewScanner(&client)
	for s.Scan() {
		fmt.Printf("%q %s\n", s.Event().Type, s.Event().Data)
	}
	// Output:
	// chatstream: event 2 at byte 58: the stream ends within an event: unexpected EOF
	// "" {"choices":[{"index":0,"delta":{"content":"Hi"}}]}
	// "error" {"error":{"message":"the answer was cut off"}}
}
