// Package bench compares chatstream with the other ways to decode a stream of
// chat-completion chunks in Go, on named workloads. README.md has the commands.
package bench
