// Package relay is a reverse proxy for chat completion streams. It passes everything that it does not
// have to change byte for byte, and at once.
package relay

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/seed-08fc7208/chatstream/examples/internal/summary"
	"github.com/seed-08fc7208/chatstream/examples/proxy/internal/observe"
)

// Options are the options of a Relay.
type Options struct {
	// Upstream is the server for all requests. Its path is put before the path of a request.
	Upstream *url.URL
	// Public is the name under which clients know the model Private. Set both or neither.
	Public, Private string
	// Refuse is a word that ends an answer with an error.
	Refuse string
	// PassOthers lets requests for other APIs pass without a check if Refuse is set.
	// Otherwise they are refused.
	PassOthers bool
	// InjectUsage asks upstream for the usage of streams whose client did not ask.
	// The client does not see it.
	InjectUsage bool
	// ReadTimeout is the longest silence of a client within its request. StallTimeout is
	// the longest silence of upstream within its answer. 0 means no limit.
	ReadTimeout, StallTimeout time.Duration

	Metrics   *observe.Metrics
	Transport http.RoundTripper
	ErrorLog  *log.Logger
}

// Relay is an http.Handler.
type Relay struct {
	Options
	proxy  httputil.ReverseProxy
	memory *semaphore.Weighted // for requests that are edited
}

// New returns a Relay.
func New(o Options) *Relay {
	r := &Relay{Options: o, memory: semaphore.NewWeighted(maxRequests)}
	if r.ErrorLog == nil {
		r.ErrorLog = log.Default()
	}
	r.proxy = httputil.ReverseProxy{
		Rewrite:        r.rewrite,
		Transport:      o.Transport,
		FlushInterval:  -1,
		ModifyResponse: r.modifyResponse,
		ErrorHandler:   r.handleError,
		ErrorLog:       r.ErrorLog,
	}
	return r
}

// exchange is the state of a request until its response has been sent.
type exchange struct {
	begun      time.Time
	isChat     bool    // the request is for a chat completion
	rename     *rename // the client asked for the public name
	stripUsage bool    // the client did not ask for usage
	cancel     context.CancelCauseFunc
}

type exchangeKey struct{}

func (r *Relay) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	ex := &exchange{begun: time.Now(), isChat: isChat(req)}
	r.limitReading(w, req)
	if r.Refuse != "" && !ex.isChat && !r.PassOthers && !isHarmless(req) {
		r.Metrics.Refused(string(verdictOtherAPI))
		writeError(w, http.StatusForbidden, "invalid_request_error", "this proxy passes requests for chat completions alone")
		return
	}
	ctx := req.Context()
	ctx, ex.cancel = context.WithCancelCause(ctx)
	defer ex.cancel(nil)
	req = req.WithContext(context.WithValue(ctx, exchangeKey{}, ex))
	if ex.isChat {
		release, ok := r.editRequest(w, req, ex)
		if !ok {
			return
		}
		defer release()
	}
	r.proxy.ServeHTTP(w, req)
}

// rewrite changes the request for upstream. Without Accept-Encoding, the answer is not compressed:
// the Relay can read it and pass it on unchanged.
func (r *Relay) rewrite(p *httputil.ProxyRequest) {
	p.SetURL(r.Upstream)
	p.Out.Header["X-Forwarded-For"] = p.In.Header["X-Forwarded-For"] // the proxies before this one
	p.SetXForwarded()
	p.Out.Header.Del("Accept-Encoding")
}

// modifyResponse taps event streams, checks other answers if necessary, and counts errors.
func (r *Relay) modifyResponse(resp *http.Response) error {
	ex := resp.Request.Context().Value(exchangeKey{}).(*exchange)
	if resp.StatusCode == http.StatusSwitchingProtocols {
		if ex.isChat && r.Refuse != "" {
			return refusedError(verdictUnreadable)
		}
		return nil // another protocol, to which the time limits do not apply
	}
	resp.Body = r.limitStalling(resp.Request.Context(), resp.Body, ex)
	isStream := isEventStream(resp.Header)
	if resp.StatusCode > 299 {
		r.Metrics.Status(resp.StatusCode)
	} else if isStream && !ex.isChat {
		r.Metrics.Other("path")
	} else if ex.isChat && !isStream {
		r.Metrics.Other("content_type")
	}
	switch {
	case !ex.isChat || !hasBody(resp):
	case !isStream || resp.StatusCode > 299:
		if r.Refuse != "" || ex.rename != nil {
			return r.whole(resp, ex)
		}
	case resp.Header.Get("Content-Encoding") != "":
		return r.encoded()
	default:
		resp.Body = r.filtered(r.Metrics.Body(resp.Body, ex.begun), resp, ex)
	}
	return nil
}

func hasBody(resp *http.Response) bool {
	return resp.Request.Method != http.MethodHead && resp.StatusCode != http.StatusNoContent && resp.StatusCode != http.StatusNotModified
}

// filtered returns the body with its changes.
func (r *Relay) filtered(body io.ReadCloser, resp *http.Response, ex *exchange) io.ReadCloser {
	if r.Refuse == "" && ex.rename == nil && !ex.stripUsage {
		return body
	}
	resp.ContentLength = -1
	resp.Header.Del("Content-Length")
	f := newFilter(body)
	f.stripUsage, f.rename = ex.stripUsage, ex.rename
	f.refused = func(v verdict) { r.Metrics.Refused(string(v)) }
	if r.Refuse != "" {
		f.guard = newGuard(r.Refuse)
	}
	return f
}

// handleError answers the client if upstream did not answer, or sent an answer that cannot be passed
// on. The details go to the log only, because they contain addresses.
func (r *Relay) handleError(w http.ResponseWriter, req *http.Request, err error) {
	ex := req.Context().Value(exchangeKey{}).(*exchange)
	if v, ok := asRefused(err); ok {
		r.Metrics.Refused(string(v))
		status := http.StatusBadGateway
		if v == verdictWord {
			status = http.StatusForbidden
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		w.Write(refusal(v))
		return
	}
	if cause := context.Cause(req.Context()); cause != nil && cause != observe.ErrStalled {
		return // the client is gone
	}
	r.Metrics.Unreachable()
	r.ErrorLog.Printf("no answer from upstream after %v: %s", time.Since(ex.begun).Round(time.Millisecond), summary.Bound(err.Error(), summary.MaxError))
	status := http.StatusBadGateway
	var netErr net.Error
	if errors.As(err, &netErr) && netErr.Timeout() {
		status = http.StatusGatewayTimeout
	}
	writeError(w, status, "upstream_error", "no answer from upstream")
}
