package relay

import (
	"bytes"
	"encoding/json"
	"strings"
)

// ambiguous reports whether another reader of a payload may read something else in
// it: a member is repeated, or has a known name in another case, which encoding/json
// takes for that name.
//
// TODO: this is (*chatstream.CreateChatCompletionData).Ambiguous once that exists.
func ambiguous(payload []byte) bool {
	decoder := json.NewDecoder(bytes.NewReader(payload))
	decoder.UseNumber()
	type object struct {
		names   map[string]bool // nil for a list
		inValue bool            // what comes next is the value of a member
	}
	var open []object
	for {
		token, err := decoder.Token()
		if err != nil {
			return false
		}
		inside := len(open) > 0 && open[len(open)-1].names != nil
		if name, ok := token.(string); ok && inside && !open[len(open)-1].inValue {
			top := &open[len(open)-1]
			folded := foldName(name)
			if top.names[folded] || name != folded && knownNames[folded] {
				return true
			}
			top.names[folded], top.inValue = true, true
			continue
		}
		if inside {
			open[len(open)-1].inValue = false
		}
		switch token {
		case json.Delim('{'):
			open = append(open, object{names: map[string]bool{}})
		case json.Delim('['):
			open = append(open, object{})
		case json.Delim('}'), json.Delim(']'):
			open = open[:len(open)-1]
		}
	}
}

// foldName folds what encoding/json folds to ASCII letters.
func foldName(name string) string {
	return strings.NewReplacer("ſ", "s", "\u212A", "k").Replace(strings.ToLower(name))
}

// knownNames are those of members whose text a client shows, and of what has them.
var knownNames = func() map[string]bool {
	names := map[string]bool{}
	for _, name := range strings.Fields(`id object created model choices usage error index finish_reason logprobs
		delta message text content refusal reasoning reasoning_content reasoning_details reasoning_text thinking_blocks
		role tool_calls function_call function custom name arguments input type code param
		audio transcript token bytes top_logprobs annotations citations search_results title url cot_summary`) {
		names[name] = true
	}
	return names
}()
