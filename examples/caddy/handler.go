// Package chatstreamcaddy is a Caddy module that observes chat completion streams as
// reverse_proxy passes them on. It adds model, tokens, time to the first text and the way
// a stream ended to the access log and to Caddy's metrics. It changes no byte.
//
// To build a Caddy with it, run xcaddy at the root of a clone of the repository:
//
//	xcaddy build --with github.com/seed-08fc7208/chatstream/examples/caddy=./examples/caddy --replace github.com/seed-08fc7208/chatstream=.
//
// The directive is chatstream; see [Handler]. The Caddyfile in this folder is an
// example; docs/guides/caddy.md is a guide.
package chatstreamcaddy

import (
	"io"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"
	"github.com/caddyserver/caddy/v2/caddyconfig/httpcaddyfile"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
	"go.uber.org/zap"
)

func init() {
	caddy.RegisterModule(Handler{})
	httpcaddyfile.RegisterHandlerDirective("chatstream", parseDirective)
	httpcaddyfile.RegisterDirectiveOrder("chatstream", httpcaddyfile.Before, "reverse_proxy")
}

// defaultPath matches the endpoint of OpenAI and of compatible servers.
const defaultPath = "*/chat/completions"

// Handler observes the chat completion streams in the responses of the handlers after it.
// It adds the field chatstream to the access log, and metrics to those of Caddy.
//
// In a Caddyfile:
//
//	chatstream [<matcher>] {
//		paths <path>...
//	}
type Handler struct {
	// Paths are the request paths whose event streams are chat completion streams, in
	// the syntax of Caddy's path matcher. The default is */chat/completions. Event
	// streams under other paths are counted and not read.
	Paths caddyhttp.MatchPath `json:"paths,omitempty"`

	metrics *metrics
}

// CaddyModule returns the module's name and constructor.
func (Handler) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: "http.handlers.chatstream", New: func() caddy.Module { return new(Handler) }}
}

// Provision sets the default and registers the metrics.
func (h *Handler) Provision(ctx caddy.Context) error {
	if len(h.Paths) == 0 {
		h.Paths = caddyhttp.MatchPath{defaultPath}
	}
	if err := h.Paths.Provision(ctx); err != nil {
		return err
	}
	var err error
	h.metrics, err = newMetrics(ctx.GetMetricsRegistry())
	return err
}

// ServeHTTP implements caddyhttp.MiddlewareHandler.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request, next caddyhttp.Handler) error {
	isChat, err := h.Paths.MatchWithError(r)
	if err != nil {
		return err
	}
	v := &viewer{
		ResponseWriterWrapper: &caddyhttp.ResponseWriterWrapper{ResponseWriter: w},
		begin:                 time.Now(),
		isChat:                isChat,
		hasBody:               r.Method != http.MethodHead,
	}
	// Deferred, because reverse_proxy panics if a response breaks off.
	defer func() {
		if v.stream != nil {
			v.stream.close()
		}
		h.report(r, v)
	}()
	return next.ServeHTTP(v, r)
}

// report adds the results to the access log and the metrics. It ignores responses that are not
// event streams.
func (h *Handler) report(r *http.Request, v *viewer) {
	var fields []zap.Field
	switch {
	case v.other != "":
		fields = h.metrics.countOther(v.other)
	case v.stream == nil:
		return
	case v.stream.isOtherAPI():
		fields = h.metrics.countOther(otherAPI)
	default:
		fields = h.metrics.count(v.stream, r.Context().Err() != nil)
	}
	if extra, ok := r.Context().Value(caddyhttp.ExtraLogFieldsCtxKey).(*caddyhttp.ExtraLogFields); ok {
		extra.Add(zap.Dict("chatstream", fields...))
	}
}

// viewer sees a response on its way to the client.
type viewer struct {
	*caddyhttp.ResponseWriterWrapper
	begin   time.Time
	isChat  bool // the request is for a chat completion
	hasBody bool // the response may have a body

	decided bool
	stream  *stream // nil: the response is not read
	other   string  // why an event stream is not read
}

// WriteHeader passes the header on, after a look at its type.
func (v *viewer) WriteHeader(status int) {
	if status >= 200 {
		v.decide(status)
	}
	v.ResponseWriterWrapper.WriteHeader(status)
}

// decide chooses, once for a response, whether to read its body.
func (v *viewer) decide(status int) {
	if v.decided {
		return
	}
	v.decided = true
	mediaType, _, _ := mime.ParseMediaType(v.Header().Get("Content-Type"))
	if mediaType != "text/event-stream" || !v.hasBody || status == http.StatusNoContent || status == http.StatusNotModified {
		return
	}
	encoding := v.Header().Get("Content-Encoding")
	switch {
	case !v.isChat:
		v.other = otherPath
	case encoding != "" && !strings.EqualFold(encoding, "identity"):
		v.other = otherEncoding
	default:
		v.stream = newStream(v.begin)
	}
}

// Write passes the bytes on and then reads those that were accepted.
func (v *viewer) Write(p []byte) (int, error) {
	v.decide(http.StatusOK)
	n, err := v.ResponseWriterWrapper.Write(p)
	if v.stream != nil {
		v.stream.tap.Write(p[:n])
	}
	return n, err
}

// ReadFrom copies through Write. The ReadFrom of the embedded wrapper would bypass Write.
func (v *viewer) ReadFrom(r io.Reader) (int64, error) {
	return io.Copy(struct{ io.Writer }{v}, r)
}

func parseDirective(h httpcaddyfile.Helper) (caddyhttp.MiddlewareHandler, error) {
	handler := new(Handler)
	return handler, handler.UnmarshalCaddyfile(h.Dispenser)
}

// UnmarshalCaddyfile implements caddyfile.Unmarshaler. Its syntax is that of [Handler].
func (h *Handler) UnmarshalCaddyfile(d *caddyfile.Dispenser) error {
	d.Next() // the directive's name
	if d.NextArg() {
		return d.ArgErr()
	}
	for d.NextBlock(0) {
		if d.Val() != "paths" {
			return d.Errf("unknown option %q", d.Val())
		}
		paths := d.RemainingArgs()
		if len(paths) == 0 {
			return d.ArgErr()
		}
		h.Paths = append(h.Paths, paths...)
	}
	return nil
}

var (
	_ caddy.Provisioner           = (*Handler)(nil)
	_ caddyhttp.MiddlewareHandler = (*Handler)(nil)
	_ caddyfile.Unmarshaler       = (*Handler)(nil)
	_ io.ReaderFrom               = (*viewer)(nil)
)
