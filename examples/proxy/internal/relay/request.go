package relay

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/seed-08fc7208/chatstream"
)

// maxRequest is the longest request that is edited, in bytes.
const maxRequest = 64 << 20

// editRequest changes the model and asks for usage, where that is wanted. A request
// that isn't JSON is upstream's to refuse.
func (r *Relay) editRequest(w http.ResponseWriter, req *http.Request, ex *exchange) error {
	if r.Public == "" && !r.InjectUsage || req.Method != http.MethodPost || !strings.HasSuffix(req.URL.Path, "/chat/completions") {
		return nil
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, req.Body, maxRequest))
	if err != nil {
		return fmt.Errorf("the request can't be read: %w", err)
	}
	var asked struct {
		Model         string                     `json:"model"`
		Stream        bool                       `json:"stream"`
		StreamOptions map[string]json.RawMessage `json:"stream_options"`
	}
	if json.Unmarshal(body, &asked) == nil {
		if r.Public != "" && asked.Model == r.Public {
			ex.renamed = true
			body = withMember(body, "model", r.Private)
		}
		if r.InjectUsage && asked.Stream && string(asked.StreamOptions["include_usage"]) != "true" {
			ex.stripUsage = true
			body = withMember(body, "stream_options", withUsage(asked.StreamOptions))
		}
	}
	req.Body = io.NopCloser(bytes.NewReader(body))
	req.ContentLength = int64(len(body))
	req.Header.Set("Content-Length", strconv.Itoa(len(body)))
	return nil
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
