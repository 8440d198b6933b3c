package chatstream_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/seed-08fc7208/chatstream"
)

// The text of an answer as it arrives, and its number of tokens.
func Example() {
	model := upstream()
	defer model.Close()

	resp, err := http.Post(model.URL, "application/json", strings.NewReader(`{"stream":true}`))
	if err != nil {
		fmt.Println(err)
		return
	}

	d, err := chatstream.FromResponse(resp)
	if err != nil {
		fmt.Println(err) // the status is not 2xx, or the body is not an event stream
		return
	}
	defer d.Close() // and the body
	for chunk, err := range d.All() {
		if err != nil {
			fmt.Println(err) // with the event and the byte; the stream may go on
		}
		for _, choice := range chunk.Choices {
			fmt.Printf("%s", choice.Delta.Content.Value)
		}
		if usage, ok := chunk.Usage.Get(); ok {
			fmt.Printf("\n%d tokens\n", usage.TotalTokens.Value)
		}
	}
	// Output:
	// Hello, world
	// 12 tokens
}

// A proxy that reads each chunk and passes the stream on byte for byte: every Raw
// begins where the one before it ended, comments and broken events included.
func ExampleDecoder_Event() {
	stream := `: keep-alive

data: {"choices":[{"index":0,"delta":{"content":"Hi"},"finish_reason":"stop"}]}

data: {broken

data: [DONE]

`
	var client bytes.Buffer

	d := chatstream.NewDecoder(strings.NewReader(stream))
	defer d.Close()
	for _, err := range d.All() {
		if err != nil {
			fmt.Println(err)
		}
		client.Write(d.Event().Raw) // and flush: an event is here as soon as its last byte is
	}
	if d.Done() {
		client.Write(d.Event().Raw) // [DONE]
	}

	fmt.Println("the same:", client.String() == stream)
	// Output:
	// chatstream: event 2 at byte 95: payload, byte 1: invalid character 'b' looking for a member name: it begins with "{broken"
	// the same: true
}

// One Decoder and one struct for any number of streams: after the first ones nothing
// is allocated.
func ExampleDecoder_Reset() {
	d := chatstream.NewDecoder(nil)
	defer d.Close()
	var chunk chatstream.CreateChatCompletionData // every field is overwritten, its memory used again
	for _, stream := range []string{
		`data: {"id":"one","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}` + "\n\n",
		`data: {"id":"two","choices":[{"index":0,"delta":{},"finish_reason":"length"}]}` + "\n\n",
	} {
		d.Reset(strings.NewReader(stream))
		for {
			err := d.Decode(&chunk)
			if err == io.EOF {
				break // the answer is whole
			}
			if err != nil {
				fmt.Println(err)
				return
			}
			fmt.Println(chunk.ID.Value, chunk.Choices[0].FinishReason.Value)
		}
	}
	// Output:
	// one stop
	// two length
}

// All as a loop. The last error reports a truncated answer.
func ExampleDecoder_All() {
	d := chatstream.NewDecoder(strings.NewReader(`data: {"choices":[{"index":0,"delta":{"content":"The answer is"}}]}

`))
	defer d.Close()
	for chunk, err := range d.All() {
		if err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Println(chunk.Choices[0].Delta.Content.Value)
	}
	// Output:
	// The answer is
	// chatstream: event 1 at byte 69: the stream ends without [DONE] and before every choice has its finish reason: unexpected EOF
}

// Clone keeps a chunk beyond the next step of the loop, and String keeps one text.
func ExampleCreateChatCompletionData_Clone() {
	d := chatstream.NewDecoder(strings.NewReader(`data: {"id":"1","model":"harbor-mini","choices":[{"index":0,"delta":{"content":"Hi"},"finish_reason":"stop"}]}

data: {"id":"1","model":"harbor-mini","choices":[],"usage":{"total_tokens":7}}

data: [DONE]

`))
	defer d.Close()
	var model string
	var kept *chatstream.CreateChatCompletionData
	for chunk, err := range d.All() {
		if err != nil {
			fmt.Println(err)
			continue
		}
		if len(chunk.Choices) > 0 {
			model = chunk.Model.Value.String() // one text
			kept = chunk.Clone()               // all of them
		}
	}
	fmt.Println(model, kept.Choices[0].Delta.Content.Value)
	// Output:
	// harbor-mini Hi
}

// The errors of a stream, and which of them end it.
func Example_errors() {
	stream := `data: {"choices":[{"index":0,"delta":{"content":"Hi"}}]}

data: {"choices":[}

data: {"error":{"message":"Rate limit reached","type":"requests","code":429}}

data: {"choices":[{"index":0,"delta":{"content":"an event of more than a hundred bytes, which is the limit that we set"}}]}

data: {"choices":[{"index":0,"del`

	d := chatstream.NewDecoder(strings.NewReader(stream), chatstream.WithMaxEventSize(100))
	defer d.Close()
	for _, err := range d.All() {
		var syntaxErr *chatstream.SyntaxError
		var apiErr *chatstream.APIError
		switch {
		case err == nil:
			fmt.Println("a chunk")
		case errors.As(err, &syntaxErr): // goes on
			fmt.Println("no JSON: event", syntaxErr.Event, "at byte", syntaxErr.EventOffset, "of the stream, byte", syntaxErr.Offset, "of it")
		case errors.Is(err, chatstream.ErrNotEventStream): // final; some of them are an *APIError too
			fmt.Println("an error page, say")
		case errors.As(err, &apiErr): // goes on
			fmt.Println("from the provider:", apiErr.Message, apiErr.Code)
		case errors.Is(err, chatstream.ErrEventTooLarge): // goes on
			fmt.Println("skipped")
		case errors.Is(err, io.ErrUnexpectedEOF): // final
			fmt.Println("truncated")
		default: // final: the reader's own, wrapped
			fmt.Println(err)
		}
	}
	// Output:
	// a chunk
	// no JSON: event 2 at byte 58 of the stream, byte 12 of it
	// from the provider: Rate limit reached 429
	// skipped
	// truncated
}

// Absent, null and set are different states, and AppendJSON keeps them.
func ExampleOptional() {
	var chunk chatstream.CreateChatCompletionData
	payload := []byte(`{"model":"harbor-mini","usage":null,"choices":[],"object":"chat.completion.chunk"}`)
	if err := chatstream.Unmarshal(payload, &chunk); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("model set:", chunk.Model.IsSet())
	fmt.Println("usage null:", chunk.Usage.IsNull())
	fmt.Println("id absent:", chunk.ID.IsAbsent())
	fmt.Println("tier, or else:", chunk.ServiceTier.Or(chatstream.Text("default")))

	chunk.Model = chatstream.Some(chatstream.Text("house-model"))
	chunk.ID = chatstream.Null[chatstream.Text]()
	chunk.Usage = chatstream.Optional[*chatstream.Usage]{} // absent
	fmt.Printf("%s\n", chunk.AppendJSON(nil))
	// Output:
	// model set: true
	// usage null: true
	// id absent: true
	// tier, or else: default
	// {"id":null,"object":"chat.completion.chunk","model":"house-model","choices":[]}
}

// A field is changed and the chunk is written again, with its unknown members. The buffer is reused,
// so nothing is allocated per chunk.
func ExampleCreateChatCompletionData_AppendEvent() {
	d := chatstream.NewDecoder(strings.NewReader(`data: {"model":"harbor-mini-2025-11-20","choices":[],"odd":{"a":[1,2]}}

data: [DONE]

`))
	defer d.Close()
	house := chatstream.Some(chatstream.Text("house-model"))
	var event []byte
	for chunk, err := range d.All() {
		if err != nil {
			fmt.Println(err)
			continue
		}
		chunk.Model = house
		event = chunk.AppendEvent(event[:0], "")
		fmt.Printf("%s", event)
	}
	// Output:
	// data: {"model":"house-model","choices":[],"odd":{"a":[1,2]}}
}

// Every payload that is a JSON object decodes; Validate reports violations of the schema. Ordinary
// providers often send "usage": null, so this caller ignores that violation.
func ExampleCreateChatCompletionData_Validate() {
	var chunk chatstream.CreateChatCompletionData
	payload := []byte(`{"usage":null,"choices":[{"index":0,"delta":{"role":"user","content":"Hi"},"finish_reason":null}]}`)
	if err := chatstream.Unmarshal(payload, &chunk); err != nil {
		fmt.Println(err)
		return
	}
	if all, ok := chunk.Validate().(interface{ Unwrap() []error }); ok {
		for _, err := range all.Unwrap() {
			var objection *chatstream.ValidationError
			if errors.As(err, &objection) && objection.Path != "usage" {
				fmt.Printf("%s: %s\n", objection.Path, objection.Reason)
			}
		}
	}
	// Output:
	// object: missing
	// choices[0].delta.role: "user" is not one of ["assistant"]
}

// One payload, where another program has done the framing.
func ExampleUnmarshal() {
	var chunk chatstream.CreateChatCompletionData
	for _, payload := range []string{
		`{"choices":[{"index":0,"delta":{"content":"Hi"}}]}`,
		`{"error":{"message":"The server had an error"}}`,
		`{"choices":`,
	} {
		if err := chatstream.Unmarshal([]byte(payload), &chunk); err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Println(chunk.Choices[0].Delta.Content.Value)
	}
	// Output:
	// Hi
	// chatstream: error from the provider: The server had an error
	// chatstream: payload, byte 11: unexpected end of JSON input: it begins with "{\"choices\":"
}

// Any event stream, exactly as the standard says.
func ExampleScanner() {
	s := chatstream.NewScanner(strings.NewReader(`retry: 2000

event: tide
id: 7
data: high
data: water

data: cut`))
	for s.Scan() {
		e := s.Event()
		fmt.Printf("%s %s %q\n", e.Type, e.LastEventID, e.Data)
	}
	if err := s.Err(); err != nil {
		fmt.Println(err)
	}
	fmt.Println(s.Retry())
	fmt.Printf("left over: %q\n", s.Event().Raw)
	// Output:
	// tide 7 "high\nwater"
	// 2s
	// left over: "data: cut"
}
