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
