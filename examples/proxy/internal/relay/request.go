package relay

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"strconv"

	"github.com/seed-08fc7208/chatstream"
)

// The bounds on what is held of requests that are edited, in bytes. An edited request
// is held twice for a moment, and until it was answered.
const (
	maxRequest  = 32 << 20  // of one
	maxRequests = 256 << 20 // of all together
)

// editRequest changes the model and asks for usage, where that is wanted. A request
// that isn't JSON is upstream's to refuse. Release gives back what is held of it;
// where ok is false the request has been answered.
func (r *Relay) editRequest(w http.ResponseWriter, req *http.Request, ex *exchange) (release func(), ok bool) {
	release = func() {}
	if r.Public == "" && !r.InjectUsage || req.Method != http.MethodPost {
		return release, true
	}
	size := req.ContentLength
	if size < 0 {
		size = maxRequest // it does not say
	}
	if size > maxRequest {
		writeError(w, http.StatusRequestEntityTooLarge, "invalid_request_error", "the request is too large")
		return release, false
	}
	if !r.memory.TryAcquire(2 * size) {
		w.Header().Set("Retry-After", "1")
		writeError(w, http.StatusServiceUnavailable, "server_error", "too many large requests at a time")
		return release, false
	}
	body, err := readRequest(w, req)
	if err != nil {
		r.memory.Release(2 * size)
		answerUnread(w, err)
		return release, false
	}
	body = r.edited(body, ex)
	req.Body = io.NopCloser(bytes.NewReader(body))
	req.ContentLength = int64(len(body))
	req.Header.Set("Content-Length", strconv.Itoa(len(body)))
	return func() { r.memory.Release(2 * size) }, true
}

// readRequest reads a body of at most maxRequest bytes, into as much memory as it says
// that it needs.
func readRequest(w http.ResponseWriter, req *http.Request) ([]byte, error) {
	var body bytes.Buffer
	if req.ContentLength > 0 {
		body.Grow(int(req.ContentLength) + bytes.MinRead) // lest ReadFrom grow it once more
	}
	_, err := body.ReadFrom(http.MaxBytesReader(w, req.Body, maxRequest))
	return body.Bytes(), err
}

// answerUnread answers a request that can't be read.
func answerUnread(w http.ResponseWriter, err error) {
	status, message := http.StatusBadRequest, "the request can't be read"
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		status, message = http.StatusRequestEntityTooLarge, "the request is too large"
	case errors.Is(err, os.ErrDeadlineExceeded):
		status, message = http.StatusRequestTimeout, "the request does not come"
	}
	w.Header().Set("Connection", "close")
	writeError(w, status, "invalid_request_error", message)
}

// edited returns a request as upstream is to get it.
func (r *Relay) edited(body []byte, ex *exchange) []byte {
	var asked struct {
		Model         string                     `json:"model"`
		Stream        bool                       `json:"stream"`
		StreamOptions map[string]json.RawMessage `json:"stream_options"`
	}
	if json.Unmarshal(body, &asked) != nil {
		return body
	}
	if r.Public != "" && asked.Model == r.Public {
		ex.rename = &rename{public: r.Public, private: r.Private}
		body = withMember(body, "model", r.Private)
	}
	if r.InjectUsage && asked.Stream && string(asked.StreamOptions["include_usage"]) != "true" {
		ex.stripUsage = true
		body = withMember(body, "stream_options", withUsage(asked.StreamOptions))
	}
	return body
}

// withUsage returns stream options that ask for usage and else are the client's.
func withUsage(options map[string]json.RawMessage) map[string]json.RawMessage {
	if options == nil {
		options = map[string]json.RawMessage{}
	}
	options["include_usage"] = json.RawMessage("true")
	return options
}

// withMember returns a JSON object with a member set, and all else byte for byte as
// it is: messages are long, and what they say is not the proxy's.
func withMember(object []byte, name string, value any) []byte {
	rest, err := chatstream.AppendRemoved(nil, object, name)
	if err != nil { // not what json.Unmarshal took it for
		return object
	}
	member, err := json.Marshal(map[string]any{name: value})
	if err != nil {
		return object
	}
	rest = bytes.TrimLeft(rest, " \t\r\n")[1:]
	member = member[:len(member)-1] // the brace
	if bytes.TrimLeft(rest, " \t\r\n")[0] != '}' {
		member = append(member, ',')
	}
	return append(member, rest...)
}
