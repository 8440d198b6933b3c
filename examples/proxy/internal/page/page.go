// Package page serves a page that shows a proxy's metrics as they change.
package page

import (
	_ "embed"
	"net/http"
)

//go:embed page.html
var html []byte

// Handler serves the page. It needs /metrics and /v1 of the same server.
func Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy", "default-src 'none'; connect-src 'self'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:")
		w.Header().Set("Cache-Control", "no-cache")
		w.Write(html)
	})
}
