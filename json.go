package chatstream

import (
	"bytes"
	"fmt"
	"log/slog"
	"unicode/utf8"

	"github.com/seed-08fc7208/chatstream/internal/jsonwire"
)

// unmarshalJSON implements UnmarshalJSON for all object types. read is the parser's method
// for the type.
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

// String returns the value as package fmt prints it, "null" if the member is null, and ""
// if it is absent.
func (o Optional[T]) String() string {
	switch o.state {
	case null:
		return "null"
	case set:
		return fmt.Sprint(o.Value)
	}
	return ""
}

// maxSummary is the length limit of a chunk's String, in bytes.
const maxSummary = 200

// String returns the beginning of the chunk's JSON, for log messages: at most 200 bytes on
// one line, with control characters escaped.
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

// LogValue implements [slog.LogValuer]. It returns the String of the chunk.
func (c CreateChatCompletionData) LogValue() slog.Value { return slog.StringValue(c.String()) }
