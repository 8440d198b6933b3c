// Package relay is a reverse proxy for chat completion streams. What it does not
// have to change it passes through byte for byte, and at once.
package relay

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"time"

	"github.com/seed-08fc7208/chatstream/examples/proxy/internal/observe"
)

// Options say what a Relay does besides passing on.
type Options struct {
	// Upstream is the server that requests go to. Its path is put before theirs.
	Upstream *url.URL
	// Public is the name that clients know the model Private by. Both or none.
	Public, Private string
	// Refuse is a word at which an answer is cut.
	Refuse string
	// InjectUsage asks upstream for the usage of streams whose client did not ask.
	// The client does not see it.
	InjectUsage bool

	Metrics   *observe.Metrics
	Transport http.RoundTripper
	ErrorLog  *log.Logger
}

// Relay is an http.Handler.
type Relay struct {
	Options
	proxy httputil.ReverseProxy
}

// New returns a Relay.
func New(o Options) *Relay {
	r := &Relay{Options: o}
	r.proxy = httputil.ReverseProxy{
		Rewrite:        r.rewrite,
		Transport:      o.Transport,
		FlushInterval:  -1,
		ModifyResponse: r.modifyResponse,
		ErrorHandler:   r.handleError,
		ErrorLog:       o.ErrorLog,
	}
	return r
}

// exchange is what the Relay knows of a request until its response has gone.
type exchange struct {
	begun      time.Time
	renamed    bool // the client asked for the public name
	stripUsage bool // the client did not ask for usage
}

type exchangeKey struct{}

func (r *Relay) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	ex := &exchange{begun: time.Now()}
	if err := r.editRequest(w, req, ex); err != nil {
		writeError(w, http.StatusBadRequest, "invalid_request_error", err.Error())
		return
	}
	r.proxy.ServeHTTP(w, req.WithContext(context.WithValue(req.Context(), exchangeKey{}, ex)))
}

// rewrite sends the request to upstream. Without an Accept-Encoding the bytes come
// as they are, to be looked at and to be passed on unchanged.
func (r *Relay) rewrite(p *httputil.ProxyRequest) {
	p.SetURL(r.Upstream)
	p.SetXForwarded()
	p.Out.Header.Del("Accept-Encoding")
}

// errEncoded means that a guard would be blind.
var errEncoded = errors.New("the answer is compressed, which was not asked for")

// modifyResponse taps event streams and counts errors.
func (r *Relay) modifyResponse(resp *http.Response) error {
	ex := resp.Request.Context().Value(exchangeKey{}).(*exchange)
	switch {
	case resp.StatusCode > 299:
		r.Metrics.Status(resp.StatusCode)
	case !isEventStream(resp.Header):
	case resp.Header.Get("Content-Encoding") != "":
		r.Metrics.Encoded()
		if r.Refuse != "" {
			return errEncoded
		}
	default:
		resp.Body = r.filtered(r.Metrics.Body(resp.Body, ex.begun), resp, ex)
	}
	return nil
}

// filtered returns the body with what must be changed in it changed.
func (r *Relay) filtered(body io.ReadCloser, resp *http.Response, ex *exchange) io.ReadCloser {
	if r.Refuse == "" && !ex.renamed && !ex.stripUsage {
		return body
	}
	resp.ContentLength = -1
	resp.Header.Del("Content-Length")
	f := newFilter(body)
	f.stripUsage = ex.stripUsage
	if ex.renamed {
		f.model, _ = json.Marshal(r.Public)
	}
	if r.Refuse != "" {
		f.guard = newGuard(r.Refuse)
		f.refused = r.Metrics.Refused
	}
	return f
}

func isEventStream(h http.Header) bool {
	mediaType, _, _ := strings.Cut(h.Get("Content-Type"), ";")
	return strings.EqualFold(strings.TrimSpace(mediaType), "text/event-stream")
}

// handleError answers for an upstream that did not, or not so that it can be passed on.
func (r *Relay) handleError(w http.ResponseWriter, req *http.Request, err error) {
	if req.Context().Err() != nil { // nobody is there to be answered
		return
	}
	if err != errEncoded {
		r.Metrics.Unreachable()
	}
	writeError(w, http.StatusBadGateway, "upstream_error", "no answer from upstream: "+err.Error())
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
