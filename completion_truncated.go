package chatstream

import (
	"strings"

	"github.com/seed-08fc7208/chatstream/internal/jsonwire"
)

// Truncated reports whether the answer was cut, also where its finish reason says
// otherwise. It looks at
//
//   - the finish reason: there is none, or it is or was length (some servers send stop
//     after it);
//   - native_finish_reason in Extra, which is what the model's own API said: length,
//     model_length, max_tokens, max_output_tokens or
//     model_context_window_exceeded, in any case;
//   - the arguments of the tool calls and the function call: some are not empty and
//     no JSON value, which is what servers leave that end with tool_calls at a token
//     limit.
//
// It does not see that a text ends too soon, nor what a content filter left out.
func (c *CompletionChoice) Truncated() bool {
	if c.cut || c.FinishReason.Value == "" || c.FinishReason.Value == FinishReasonLength {
		return true
	}
	if i := findMember(c.Extra, Text("native_finish_reason")); i >= 0 && saysLength(c.Extra[i].Value) {
		return true
	}
	for i := range c.Message.ToolCalls.Value {
		if hasCutArguments(&c.Message.ToolCalls.Value[i].Function.Value) {
			return true
		}
	}
	return hasCutArguments(&c.Message.FunctionCall.Value)
}

// saysLength reports whether a native finish reason means that there was a token limit.
func saysLength(v RawValue) bool {
	for _, reason := range [...]string{"length", "model_length", "max_tokens", "max_output_tokens", "model_context_window_exceeded"} {
		if strings.EqualFold(string(inner(v)), reason) {
			return true
		}
	}
	return false
}

func hasCutArguments(f *FunctionCall) bool {
	return !isBlankText(f.Arguments.Value) && !jsonwire.IsValue(f.Arguments.Value)
}
