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

// The limits for bodies of requests that are edited, in bytes. An edited request is held in memory
// until it has been answered, and twice for a moment.
const (
	maxRequest  = 32 << 20  // for one request
	maxRequests = 256 << 20 // for all requests together
)

// editRequest changes the model and asks for usage, as the options say. It does not change a request
// that is not JSON: upstream will refuse it. release releases the memory of the request. If ok is
// false, the request has been answered.
func (r *Relay) editRequest(w http.ResponseWriter, req *http.Request, ex *exchange) (release func(), ok bool) {
	release = func() {}
	if r.Public == "" && !r.InjectUsage || req.Method != http.MethodPost {
		return release, true
	}
	size := req.ContentLength
	if size < 0 {
		size = maxRequest // the length is unknown
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

// readRequest reads a body of at most maxRequest bytes. It allocates by the Content-Length.
func readRequest(w http.ResponseWriter, req *http.Request) ([]byte, error) {
	var body bytes.Buffer
	if req.ContentLength > 0 {
		body.Grow(int(req.ContentLength) + bytes.MinRead) // so that ReadFrom does not grow it once more
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

// edited returns the body of a request for upstream.
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

// withUsage returns the client's stream options with include_usage set.
func withUsage(options map[string]json.RawMessage) map[string]json.RawMessage {
	if options == nil {
		options = map[string]json.RawMessage{}
	}
	options["include_usage"] = json.RawMessage("true")
	return options
}

// withMember returns a JSON object with a member set, and all other bytes unchanged.
func withMember(object []byte, name string, value any) []byte {
	rest, err := chatstream.AppendRemoved(nil, object, name)
	if err != nil { // not the object that json.Unmarshal read
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
