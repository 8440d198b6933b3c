package chatstream_test

import (
	"fmt"

	"github.com/seed-08fc7208/chatstream"
)

// What a provider sends beyond the schema is in Extra, as it stood in the payload.
func ExampleMembers_Get() {
	var chunk chatstream.Chunk
	err := chatstream.Unmarshal([]byte(`{"object":"chat.completion.chunk","choices":[],
		"x_usage":{"seconds":{"queue":0.125,"total":1},"cached":true},
		"citations":["https://example.org/a","https://example.org/b"]}`), &chunk)
	if err != nil {
		fmt.Println(err)
		return
	}
	if v, found := chunk.Extra.Get("x_usage", "seconds", "queue"); found {
		seconds, isNumber := v.Float64()
		fmt.Println(seconds, isNumber)
	}
	if v, found := chunk.Extra.Get("citations"); found {
		for element := range v.Elements() {
			if link, isText := element.Text(); isText {
				fmt.Println(link)
			}
		}
	}
	_, found := chunk.Extra.Get("x_usage", "cost")
	fmt.Println(found)
	// Output:
	// 0.125 true
	// https://example.org/a
	// https://example.org/b
	// false
}

// record is what a program keeps of a chunk, with a pointer for what may be missing.
type record struct {
	ID    string
	Model *string
}

// A text of a chunk is valid until the next one is decoded. An Interner makes strings
// to keep, and the same one for equal texts.
func ExampleInterner() {
	var strings chatstream.Interner
	var records []record
	var chunk chatstream.Chunk
	for _, payload := range []string{
		`{"id":"chatcmpl-1","model":"harbor-mini"}`,
		`{"id":"chatcmpl-1","model":null}`,
		`{"id":"chatcmpl-1","model":"harbor-mini"}`,
	} {
		if err := chatstream.Unmarshal([]byte(payload), &chunk); err != nil {
			fmt.Println(err)
			return
		}
		records = append(records, record{
			ID:    strings.String(chunk.ID.Value),
			Model: strings.Ptr(chunk.Model),
		})
	}
	fmt.Println(records[0].ID, *records[0].Model, records[1].Model, records[0].Model == records[2].Model)
	// Output: chatcmpl-1 harbor-mini <nil> true
}
