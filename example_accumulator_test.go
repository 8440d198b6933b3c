package chatstream_test

import (
	"fmt"
	"strings"

	"github.com/seed-08fc7208/chatstream"
)

// The whole answer from its stream, in the form in which the API sends it when it is
// not asked to stream: for a cache, an audit log, a client that does not stream.
func ExampleAccumulator() {
	upstream := strings.NewReader(`data: {"id":"1","model":"harbor-mini","choices":[{"index":0,"delta":{"role":"assistant","content":null,"tool_calls":[{"index":0,"id":"call_1","type":"function","function":{"name":"tide","arguments":""}}]},"finish_reason":null}]}

data: {"id":"1","model":"harbor-mini","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\"port\":"}}]},"finish_reason":null}]}

data: {"id":"1","model":"harbor-mini","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"\"Oban\"}"}}]},"finish_reason":null}]}

data: {"id":"1","model":"harbor-mini","choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}

data: {"id":"1","model":"harbor-mini","choices":[],"usage":{"prompt_tokens":30,"completion_tokens":9,"total_tokens":39}}

data: [DONE]

`)
	d := chatstream.NewDecoder(upstream)
	defer d.Close()
	var answer chatstream.Accumulator // Reset makes it ready for another stream
	for chunk, err := range d.All() {
		if err != nil {
			fmt.Println(err)
		}
		if err := answer.Add(chunk); err != nil {
			fmt.Println(err)
			return
		}
	}
	completion := answer.Completion()
	call := completion.Choices[0].Message.ToolCalls.Value[0]
	fmt.Println(call.Function.Value.Name.Value, call.Function.Value.Arguments.Value)
	fmt.Printf("%s\n", completion.AppendJSON(nil))
	// Output:
	// tide {"port":"Oban"}
	// {"id":"1","object":"chat.completion","model":"harbor-mini","choices":[{"index":0,"message":{"role":"assistant","content":null,"tool_calls":[{"id":"call_1","type":"function","function":{"name":"tide","arguments":"{\"port\":\"Oban\"}"}}]},"finish_reason":"tool_calls"}],"usage":{"prompt_tokens":30,"completion_tokens":9,"total_tokens":39}}
}

// Some servers end with tool_calls although a token limit cut the arguments off. A call
// like this one is not to be made.
func ExampleCompletionChoice_Truncated() {
	upstream := strings.NewReader(`data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"call_1","function":{"name":"report","arguments":"{\"summary\":\"The cache"}}]},"finish_reason":null}]}

data: {"choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}

data: [DONE]

`)
	d := chatstream.NewDecoder(upstream)
	defer d.Close()
	var answer chatstream.Accumulator
	for chunk, err := range d.All() {
		if err != nil {
			fmt.Println(err)
		}
		if err := answer.Add(chunk); err != nil {
			fmt.Println(err)
			return
		}
	}
	choice := &answer.Completion().Choices[0]
	fmt.Println(choice.FinishReason.Value, choice.Truncated())
	// Output: tool_calls true
}

// A completion is valid until the next Add or Reset. A cache keeps a clone.
func ExampleCompletion_Clone() {
	var answer chatstream.Accumulator
	var chunk chatstream.CreateChatCompletionData
	add := func(payload string) {
		if err := chatstream.Unmarshal([]byte(payload), &chunk); err != nil {
			fmt.Println(err)
		}
		if err := answer.Add(&chunk); err != nil {
			fmt.Println(err)
		}
	}
	add(`{"choices":[{"index":0,"delta":{"content":"High water at 9"},"finish_reason":"stop"}]}`)
	kept := answer.Completion().Clone()
	answer.Reset()
	add(`{"choices":[{"index":0,"delta":{"content":"Low water at 3"},"finish_reason":"stop"}]}`)
	fmt.Println(kept.Choices[0].Message.Content.Value)
	fmt.Println(answer.Completion().Choices[0].Message.Content.Value)
	// Output:
	// High water at 9
	// Low water at 3
}
