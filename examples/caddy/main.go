// Command caddy is a Caddy web server with the handler http.handlers.chatstream, which
// looks at chat completion streams as reverse_proxy passes them on:
//
//	cd examples/caddy && GOWORK=off go run . run --config Caddyfile
package main

import (
	caddycmd "github.com/caddyserver/caddy/v2/cmd"
	_ "github.com/caddyserver/caddy/v2/modules/standard"
)

func main() { caddycmd.Main() }
