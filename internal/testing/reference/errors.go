package reference

import (
	"encoding/json"
	"strings"
	"unicode/utf8"
)

// Errors that servers send without framing, payloads that are no chunk, and [DONE] that is glued to a chunk.

// unglue makes two lines of a data line that is a whole object with "data: [DONE]" glued to its end.
func unglue(stream string, lines []line) []line {
	var all []line
	for _, l := range lines {
		name, value := "", ""
		if !l.blank() {
			name, value = field(stream[l.start:l.end])
		}
		i := strings.LastIndex(value, "data:")
		if name == "data" && i >= 0 && strings.Trim(value[i+len("data:"):], " \t") == "[DONE]" && isObject(value[:i]) {
			cut := l.end - len(value) + i
			all = append(all, line{l.start, cut, cut}, line{cut, l.end, l.next})
			continue
		}
		all = append(all, l)
	}
	return all
}

// isKnownLine: a comment, or a field that means something.
func isKnownLine(text string) bool {
	if text == "" {
		return false
	}
	switch name, _ := field(text); name {
	case "", "data", "event", "id", "retry", "error":
		return true
	}
	return false
}

// isText: UTF-8 without control characters.
func isText(line string) bool {
	for _, r := range line {
		if r < ' ' && r != '\t' {
			return false
		}
	}
	return utf8.ValidString(line)
}

// opensBracket: "a line whose first non-blank byte is { or [ begins a candidate".
func opensBracket(text string) bool {
	text = strings.TrimLeft(text, " \t")
	return strings.HasPrefix(text, "{") || strings.HasPrefix(text, "[")
}

// mayStandBare: "at an event boundary, or after a whole first data line". block is what stands before it since the last event.
func mayStandBare(stream string, block []line) bool {
	boundary := true
	for _, l := range block {
		boundary = boundary && stream[l.start] == ':'
	}
	if boundary {
		return true
	}
	groups := group(valuesOf(stream, block), joins)
	if groups[0] == nil {
		return false
	}
	last := groups[len(groups)-1]
	return len(last) == 1 && !last[0].isError && last[0].isObject() && last[0].line == len(block)-1
}

// bareJSON gives the lines of a candidate: "It goes on until its brackets close, a known field or a comment begins, or the end".
// text is theirs if the brackets close, and otherwise empty.
func bareJSON(stream string, lines []line) (n int, text string) {
	depth, inString := 0, false
	for n, l := range lines {
		row := stream[l.start:l.end]
		if isKnownLine(row) {
			return n, ""
		}
		for i := 0; i < len(row); i++ {
			switch {
			case inString:
				switch row[i] {
				case '\\':
					i++
				case '"':
					inString = false
				}
			case row[i] == '"':
				inString = true
			case strings.IndexByte("{[", row[i]) >= 0:
				depth++
			case strings.IndexByte("}]", row[i]) >= 0:
				if depth--; depth > 0 {
					continue
				}
				if strings.Trim(row[i+1:], " \t") != "" {
					return n + 1, ""
				}
				return n + 1, stream[lines[0].start : l.start+i+1]
			}
		}
	}
	return len(lines), ""
}

// onlyElement returns the element of a list of one, and any other value unchanged.
func onlyElement(value string) string {
	var list []json.RawMessage
	if isJSON(value) && json.Unmarshal([]byte(value), &list) == nil && len(list) == 1 {
		return string(list[0])
	}
	return value
}

// isBareError: "an object, or a list of one object, with an error that is not null".
func isBareError(value string) bool {
	e, found := members(onlyElement(value))["error"]
	return found && string(e) != "null"
}

// isChunk: "A payload is a chunk if its object begins with chat.completion, if an element of choices has delta or message, or if
// choices is empty or null."
func isChunk(payload string) bool {
	m := members(payload)
	var object string
	if json.Unmarshal(m["object"], &object) == nil && strings.HasPrefix(object, "chat.completion") {
		return true
	}
	choices, found := m["choices"]
	var list []json.RawMessage
	if !found || json.Unmarshal(choices, &list) != nil {
		return false
	}
	for _, element := range list {
		choice := members(string(element))
		if _, found := choice["delta"]; found {
			return true
		}
		if _, found := choice["message"]; found {
			return true
		}
	}
	return len(list) == 0 // null, too
}
