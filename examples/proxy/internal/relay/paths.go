package relay

import (
	"net/http"
	"path"
	"strings"
)

// isChat reports whether a request is one for chat completions.
func isChat(req *http.Request) bool {
	return strings.HasSuffix(req.URL.Path, "/chat/completions")
}

// isHarmless reports whether no model writes the answer to a request: for the lists of models,
// /v1/models and /v1/models/NAME.
func isHarmless(req *http.Request) bool {
	p := req.URL.Path
	if req.Method != http.MethodGet && req.Method != http.MethodHead || path.Clean(p) != p || req.Header.Get("Upgrade") != "" {
		return false
	}
	rest, ok := strings.CutPrefix(p, "/v1/models")
	return ok && (rest == "" || rest[0] == '/')
}

// isEventStream reports whether a header announces an event stream.
func isEventStream(h http.Header) bool {
	mediaType, _, _ := strings.Cut(h.Get("Content-Type"), ";")
	return strings.EqualFold(strings.TrimSpace(mediaType), "text/event-stream")
}
