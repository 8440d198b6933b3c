package main

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"google.golang.org/protobuf/types/known/structpb"

	"github.com/seed-08fc7208/chatstream/examples/internal/summary"
)

// namespace is where the access log and the filters after this one find the metadata.
const namespace = "chatstream"

// metadata returns what is to be told now, or nil. It is told at [DONE], because nothing
// more may come, and again if the end of the body adds to that.
func (x *exchange) metadata() *structpb.Struct {
	switch {
	case x.unseen != "":
		reason := x.unseen
		x.unseen = ""
		return inNamespace(map[string]*structpb.Value{"unseen": text(reason)})
	case x.watcher == nil:
		return nil
	}
	sum := x.watcher.Summary()
	if !sum.Ended || sum == x.told {
		return nil
	}
	x.told = sum
	return inNamespace(valuesOf(sum))
}

func valuesOf(sum summary.Summary) map[string]*structpb.Value {
	values := map[string]*structpb.Value{
		"model":         text(sum.Model),
		"finish_reason": text(sum.FinishReason),
		"chunks":        structpb.NewNumberValue(float64(sum.Chunks)),
		"truncated":     structpb.NewBoolValue(sum.Truncated),
	}
	if sum.FirstText > 0 {
		values["first_text_ms"] = structpb.NewNumberValue(float64(sum.FirstText.Microseconds()) / 1000)
	}
	switch u := sum.Usage; {
	case !u.Reported:
	case isPlausible(u):
		values["prompt_tokens"] = structpb.NewNumberValue(float64(u.Prompt))
		values["completion_tokens"] = structpb.NewNumberValue(float64(u.Completion))
		values["total_tokens"] = structpb.NewNumberValue(float64(u.Total))
	default:
		values["implausible_usage"] = structpb.NewBoolValue(true)
	}
	if sum.Error != "" {
		values["error"] = text(sum.Error)
	}
	return values
}

// maxTokens is the largest token count that is passed on. It is well above any context
// window; a sum over streams, or a rate limit that is charged by tokens, survives it.
const maxTokens = 100_000_000

func isPlausible(u summary.Usage) bool {
	return min(u.Prompt, u.Completion, u.Total) >= 0 && max(u.Prompt, u.Completion, u.Total) <= maxTokens
}

// maxShown is how many bytes of a text are told.
const maxShown = 256

// text returns a text of the other side as a value: at most maxShown bytes of valid UTF-8
// on one line, followed by an ellipsis if that is not all. Invalid UTF-8 could not be sent:
// gRPC would end the stream. What is not printable becomes U+FFFD; characters that have no
// width or turn the direction are among that.
func text(s string) *structpb.Value {
	var b strings.Builder
	for _, r := range s {
		switch {
		case unicode.IsSpace(r):
			r = ' '
		case !unicode.IsPrint(r):
			r = utf8.RuneError
		}
		if b.Len()+utf8.RuneLen(r) > maxShown {
			b.WriteString("…")
			break
		}
		b.WriteRune(r)
	}
	return structpb.NewStringValue(b.String())
}

func inNamespace(values map[string]*structpb.Value) *structpb.Struct {
	inner := structpb.NewStructValue(&structpb.Struct{Fields: values})
	return &structpb.Struct{Fields: map[string]*structpb.Value{namespace: inner}}
}
