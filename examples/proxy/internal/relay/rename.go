package relay

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/seed-08fc7208/chatstream"
)

// rename replaces the name of a model in answers to the client.
type rename struct {
	public, private string
}

// payload returns a chunk or an answer with the public name as its model. It replaces any name, and
// leaves all other bytes unchanged.
func (n *rename) payload(payload []byte) []byte {
	name, err := json.Marshal(n.public)
	if err != nil {
		return payload
	}
	edited, err := chatstream.AppendReplaced(nil, payload, name, "model")
	if err != nil {
		return payload
	}
	return edited
}

// errorPayload returns an error in which the public name replaces the private one in all strings.
// Messages of errors often contain the name.
func (n *rename) errorPayload(payload []byte) []byte {
	if !json.Valid(payload) {
		return n.text(payload)
	}
	payload = n.payload(payload)
	found := false
	eachString(payload, func(_, _, text string) { found = found || strings.Contains(text, n.private) })
	if !found {
		return payload
	}
	decoder := json.NewDecoder(bytes.NewReader(payload))
	decoder.UseNumber()
	var value any
	if decoder.Decode(&value) != nil {
		return n.text(payload)
	}
	edited, _ := json.Marshal(n.value(value)) // the value was decoded from JSON
	return edited
}

func (n *rename) value(value any) any {
	switch value := value.(type) {
	case string:
		return strings.ReplaceAll(value, n.private, n.public)
	case []any:
		for i := range value {
			value[i] = n.value(value[i])
		}
	case map[string]any:
		for name := range value {
			value[name] = n.value(value[name])
		}
	}
	return value
}

// text returns bytes that are not JSON, with the public name instead of the private one.
func (n *rename) text(raw []byte) []byte {
	return bytes.ReplaceAll(raw, []byte(n.private), []byte(n.public))
}
