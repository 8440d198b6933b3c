// Command caddy is a Caddy web server with the module http.handlers.chatstream. Use it if you do
// not use xcaddy:
//
//	go -C examples/caddy run ./cmd/caddy run --config Caddyfile
package main

import (
	caddycmd "github.com/caddyserver/caddy/v2/cmd"
	_ "github.com/caddyserver/caddy/v2/modules/standard"

	_ "github.com/seed-08fc7208/chatstream/examples/caddy"
)

func main() { caddycmd.Main() }
