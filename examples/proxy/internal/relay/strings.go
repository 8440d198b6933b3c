package relay

import (
	"bytes"
	"encoding/json"
	"strconv"
)

// eachString visits the strings of a JSON value that are not empty and no names of
// members, unescaped. The path of a string is that of its member, without positions
// in lists: those of a list have the same path, as the pieces of one text have. Only
// in lists of choices and tool calls, which are different texts, it has the position.
// What follows after a fault in the JSON is not visited.
func eachString(value []byte, visit func(path, name, text string)) {
	w := stringWalk{decoder: json.NewDecoder(bytes.NewReader(value)), visit: visit}
	w.decoder.UseNumber()
	w.value("", "")
}

type stringWalk struct {
	decoder *json.Decoder
	visit   func(path, name, text string)
}

// value visits the next value, and reports whether there was one.
func (w *stringWalk) value(path, name string) bool {
	token, err := w.decoder.Token()
	if err != nil {
		return false
	}
	switch token := token.(type) {
	case string:
		if token != "" {
			w.visit(path, name, token)
		}
	case json.Delim:
		if token == '{' {
			return w.object(path)
		}
		return w.list(path, name)
	}
	return true
}

func (w *stringWalk) object(path string) bool {
	for w.decoder.More() {
		token, err := w.decoder.Token()
		name, ok := token.(string)
		if err != nil || !ok || !w.value(path+"."+name, name) {
			return false
		}
	}
	_, err := w.decoder.Token()
	return err == nil
}

func (w *stringWalk) list(path, name string) bool {
	for i := 0; w.decoder.More(); i++ {
		at := path
		if name == "choices" || name == "tool_calls" {
			at += "." + strconv.Itoa(i)
		}
		if !w.value(at, name) {
			return false
		}
	}
	_, err := w.decoder.Token()
	return err == nil
}

// isMark reports whether a member of this name says what something is, and has no
// text that a client shows.
func isMark(name string) bool {
	switch name {
	case "id", "object", "model", "system_fingerprint", "service_tier", "obfuscation", "provider",
		"role", "type", "format", "signature", "data", "encrypted_content", "finish_reason", "native_finish_reason":
		return true
	}
	return false
}
