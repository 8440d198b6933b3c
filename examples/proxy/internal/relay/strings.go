package relay

import (
	"bytes"
	"encoding/json"
	"strconv"
)

// eachString visits the string values of a JSON value that are not empty, unescaped. The path of a
// string is the path of its member, without positions in lists: all strings of a list have the same
// path, like pieces of one text. Only for lists of choices and tool calls, whose elements are
// different texts, the path has the position. eachString stops at a fault in the JSON.
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

// isMark reports whether a member of this name is an identifier or a type, and has no text that a
// client shows.
func isMark(name string) bool {
	switch name {
	case "id", "object", "model", "system_fingerprint", "service_tier", "obfuscation", "provider",
		"role", "type", "format", "signature", "data", "encrypted_content", "finish_reason", "native_finish_reason":
		return true
	}
	return false
}
