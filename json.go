package chatstream

import (
	"bytes"
	"fmt"
	"log/slog"
	"unicode/utf8"

	"github.com/seed-08fc7208/chatstream/internal/jsonwire"
)

// unmarshalJSON is what UnmarshalJSON does for an object: read is the parser's method.
func unmarshalJSON[T any](data []byte, dst *T, read func(*parser, int, *T) int) error {
	p := newParser()
	p.b = bytes.Clone(data)
	i := jsonwire.SkipSpace(p.b, 0)
	if jsonwire.IsNull(p.b, i) && jsonwire.SkipSpace(p.b, i+4) == len(p.b) {
		return nil
	}
	var object T
	switch {
	case i == len(p.b) || p.b[i] != '{':
		if i, p.fault = jsonwire.SkipValue(p.b, i, 0); p.fault == jsonwire.NoFault {
			i, p.fault = 0, jsonwire.FaultNotObject
		}
		return newSyntaxError(p.b, i, p.fault)
	default:
		if i = read(p, i, &object); i < 0 {
			return newSyntaxError(p.b, p.at, p.fault)
		}
	}
	if i = jsonwire.SkipSpace(p.b, i); i < len(p.b) {
		return newSyntaxError(p.b, i, jsonwire.FaultTrailing)
	}
	*dst = object
	return nil
}

// String returns the value as fmt prints it, "null", or nothing if the member is
// absent.
func (o Optional[T]) String() string {
	switch o.state {
	case null:
		return "null"
	case set:
		return fmt.Sprint(o.Value)
	}
	return ""
}

// maxSummary is how many bytes of a chunk String returns.
const maxSummary = 200

// String returns the beginning of the chunk's JSON, for messages: one line of at most
// 200 bytes, in which everything is escaped that a terminal or a log might act on.
func (c CreateChatCompletionData) String() string {
	s := oneLine(string(c.AppendJSON(nil)))
	if len(s) <= maxSummary {
		return s
	}
	const more = "..."
	end := maxSummary - len(more)
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + more
}

// LogValue returns String, for package log/slog.
func (c CreateChatCompletionData) LogValue() slog.Value { return slog.StringValue(c.String()) }
