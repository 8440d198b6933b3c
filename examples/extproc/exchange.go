package main

import (
	"mime"
	"net/http"
	"slices"
	"strings"
	"time"

	corev3 "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	extprocfilterv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/ext_proc/v3"
	extprocv3 "github.com/envoyproxy/go-control-plane/envoy/service/ext_proc/v3"

	"github.com/seed-08fc7208/chatstream/examples/internal/summary"
)

// exchange is a request with its response.
type exchange struct {
	paths []string
	begin time.Time

	isOther bool // the request is not for a chat completion
	isHead  bool // the response has no body

	watcher *summary.Watcher // nil: the response is not read
	unseen  string           // why, if it is an event stream; told once
	told    summary.Summary
}

func newExchange(paths []string) *exchange {
	return &exchange{paths: paths, begin: time.Now()}
}

// answer tells Envoy to pass the message unchanged. It returns nil for an unknown kind of
// message.
func (x *exchange) answer(request *extprocv3.ProcessingRequest) *extprocv3.ProcessingResponse {
	switch r := request.Request.(type) {
	case *extprocv3.ProcessingRequest_RequestHeaders:
		x.beginRequest(headersOf(r.RequestHeaders))
		return &extprocv3.ProcessingResponse{Response: &extprocv3.ProcessingResponse_RequestHeaders{}}
	case *extprocv3.ProcessingRequest_RequestBody:
		return &extprocv3.ProcessingResponse{Response: &extprocv3.ProcessingResponse_RequestBody{}}
	case *extprocv3.ProcessingRequest_RequestTrailers:
		return &extprocv3.ProcessingResponse{Response: &extprocv3.ProcessingResponse_RequestTrailers{}}
	case *extprocv3.ProcessingRequest_ResponseHeaders:
		x.beginResponse(headersOf(r.ResponseHeaders))
		if r.ResponseHeaders.GetEndOfStream() {
			x.close()
		}
		return &extprocv3.ProcessingResponse{
			Response:        &extprocv3.ProcessingResponse_ResponseHeaders{},
			DynamicMetadata: x.metadata(),
			ModeOverride:    x.mode(),
		}
	case *extprocv3.ProcessingRequest_ResponseBody:
		if x.watcher != nil {
			x.watcher.Write(r.ResponseBody.GetBody())
			if r.ResponseBody.GetEndOfStream() {
				x.watcher.Close()
			}
		}
		return &extprocv3.ProcessingResponse{
			Response:        &extprocv3.ProcessingResponse_ResponseBody{},
			DynamicMetadata: x.metadata(),
		}
	case *extprocv3.ProcessingRequest_ResponseTrailers: // the last piece of the body was not marked as the last
		x.close()
		return &extprocv3.ProcessingResponse{
			Response:        &extprocv3.ProcessingResponse_ResponseTrailers{},
			DynamicMetadata: x.metadata(),
		}
	}
	return nil
}

// beginRequest decides whether the request is for a chat completion. Envoy can be configured not
// to send request headers; then each event stream counts as a chat completion.
func (x *exchange) beginRequest(headers map[string]string) {
	path, _, _ := strings.Cut(headers[":path"], "?")
	x.isOther = !slices.ContainsFunc(x.paths, func(ending string) bool { return strings.HasSuffix(path, ending) })
	x.isHead = headers[":method"] == http.MethodHead
}

// beginResponse decides whether the response is read.
func (x *exchange) beginResponse(headers map[string]string) {
	mediaType, _, _ := mime.ParseMediaType(headers["content-type"])
	status, encoding := headers[":status"], headers["content-encoding"]
	switch {
	case mediaType != "text/event-stream", x.isHead, status == "204", status == "304":
	case x.isOther:
		x.unseen = "path"
	case encoding != "" && !strings.EqualFold(encoding, "identity"):
		x.unseen = "content-encoding " + encoding
	default:
		x.watcher = summary.Watch(x.begin)
	}
}

func (x *exchange) close() {
	if x.watcher != nil {
		x.watcher.Close()
	}
}

// mode tells Envoy not to send bodies that are not read.
func (x *exchange) mode() *extprocfilterv3.ProcessingMode {
	if x.watcher != nil {
		return nil
	}
	return &extprocfilterv3.ProcessingMode{ResponseTrailerMode: extprocfilterv3.ProcessingMode_SKIP}
}

// headersOf returns the headers by their names in lower case. If a name is repeated, the last
// header counts.
func headersOf(h *extprocv3.HttpHeaders) map[string]string {
	headers := map[string]string{}
	for _, header := range h.GetHeaders().GetHeaders() {
		headers[strings.ToLower(header.GetKey())] = valueOf(header)
	}
	return headers
}

// valueOf returns the value, which Envoy puts into one of two fields.
func valueOf(h *corev3.HeaderValue) string {
	if raw := h.GetRawValue(); len(raw) > 0 {
		return string(raw)
	}
	return h.GetValue()
}
