// Package situations has the streams of docs/migrating.md, on which this package and others
// are compared.
package situations

import "strings"

// Situation is a stream with the contents A and B, or a part of it.
type Situation struct {
	Name   string // as it stands in docs/migrating.md
	Stream string
}

// Long is the content that stands for B where a line is long.
var Long = strings.Repeat("B", 40<<20)

// All returns the situations, in the order of the document.
func All() []Situation {
	const (
		one  = `data: {"choices":[{"index":0,"delta":{"content":"A"},"finish_reason":null}]}`
		two  = `data: {"choices":[{"index":0,"delta":{"content":"B"},"finish_reason":"stop"}]}`
		nn   = "\n\n"
		done = "data: [DONE]\n\n"
	)
	return []Situation{
		{"cut between two events", one + nn},
		{"cut inside an event", one + nn + two[:60]},
		{"ends after its finish reason, without `[DONE]`", one + nn + two + nn},
		{"last event without its blank line", one + nn + two},
		{"lines end with CR", strings.ReplaceAll(one+nn+two+nn+done, "\n", "\r")},
		{"begins with a byte order mark", "\uFEFF" + one + nn + two + nn + done},
		{"`data:` without a space", strings.ReplaceAll(one+nn+two+nn+done, "data: ", "data:")},
		{"empty `data:` as a keep-alive", one + nn + "data:\n\n" + two + nn + done},
		{"400 comments in a row", one + nn + strings.Repeat(": ping\n\n", 400) + two + nn + done},
		{"one payload over several `data:` lines", strings.Replace(one, `,"delta"`, ",\ndata: \"delta\"", 1) + nn + two + nn + done},
		{"no blank lines between events", one + "\n" + two + "\n" + done},
		{"a line of 70 KiB", one + nn + strings.Replace(two, "B", Long[:70<<10], 1) + nn + done},
		{"a line of 40 MiB", one + nn + strings.Replace(two, "B", Long, 1) + nn + two + nn + done},
		{"`\"error\":null` in a chunk", strings.Replace(one, `{"choices"`, `{"error":null,"choices"`, 1) + nn + two + nn + done},
		{"`{\"error\":{...}}` in the stream", one + nn + `data: {"error":{"message":"m"}}` + nn + two + nn + done},
		{"the same with spaces, as Python writes it", one + nn + `data: { "error": {"message": "m"} }` + nn + two + nn + done},
		{"`{\"error\":\"text\"}`", one + nn + `data: {"error":"m"}` + nn + two + nn + done},
		{"`event: error`", one + nn + "event: error\ndata: {\"message\":\"m\"}" + nn + two + nn + done},
		{"the field `error:` of llama.cpp", one + nn + "error: {\"message\":\"m\"}" + nn + done},
		{"a payload that is no JSON", one + nn + `data: {"choices":[}` + nn + two + nn + done},
		{"the body is a JSON error", `{"error":{"message":"m"}}`},
		{"the body is a page of HTML", "<html>Bad gateway</html>\n"},
		{"`content` is a list of parts", strings.Replace(one, `"A"`, `[{"text":"A"}]`, 1) + nn + two + nn + done},
		{"`\"index\":0.0`", strings.Replace(one, `"index":0`, `"index":0.0`, 1) + nn + two + nn + done},
		{"`\"Content\"` beside `\"content\"`", strings.Replace(one, `"A"`, `"A","Content":"X"`, 1) + nn + two + nn + done},
		{"`\"content\"` twice", strings.Replace(one, `"A"`, `"X","content":"A"`, 1) + nn + two + nn + done},
		{"invalid UTF-8 in a text", strings.Replace(one, "A", "\xFF", 1) + nn + two + nn + done},
	}
}
