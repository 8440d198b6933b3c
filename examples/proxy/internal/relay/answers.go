package relay

import (
	"encoding/json"
	"net/http"
)

// refusal is the error that replaces the rest of an answer.
func refusal(v verdict) []byte {
	message := "this proxy refuses the rest of the answer"
	switch v {
	case verdictWord:
	case verdictTooLarge:
		message = "this proxy refuses the rest of the answer: an event of upstream is too large"
	default:
		message = "this proxy refuses the rest of the answer, which it cannot read as a client may"
	}
	return errorPayload("content_filter", message)
}

// writeError answers with an error in the shape of the API.
func writeError(w http.ResponseWriter, status int, kind, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	w.Write(errorPayload(kind, message))
}

func errorPayload(kind, message string) []byte {
	payload, _ := json.Marshal(map[string]any{"error": map[string]string{"message": message, "type": kind}})
	return payload
}
