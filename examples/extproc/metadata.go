package main

import (
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/seed-08fc7208/chatstream/examples/internal/summary"
)

// namespace is the namespace of the metadata.
const namespace = "chatstream"

// metadata returns the metadata to send now, or nil. It is sent at [DONE], because nothing more
// may come, and again if the end of the body changes it.
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
	if sum.OtherAPI {
		return inNamespace(map[string]*structpb.Value{"unseen": text("api")})
	}
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
	if sum.Usage.Reported {
		values["prompt_tokens"] = structpb.NewNumberValue(float64(sum.Usage.Prompt))
		values["completion_tokens"] = structpb.NewNumberValue(float64(sum.Usage.Completion))
		values["total_tokens"] = structpb.NewNumberValue(float64(sum.Usage.Total))
	}
	if sum.BadUsage {
		values["implausible_usage"] = structpb.NewBoolValue(true)
	}
	if sum.Error != "" {
		values["error"] = text(sum.Error)
	}
	return values
}

// text returns a text of the other side as a value. The text is bounded, and valid UTF-8: gRPC
// ends the stream at other texts.
func text(s string) *structpb.Value {
	return structpb.NewStringValue(summary.Bound(s, summary.MaxError))
}

func inNamespace(values map[string]*structpb.Value) *structpb.Struct {
	inner := structpb.NewStructValue(&structpb.Struct{Fields: values})
	return &structpb.Struct{Fields: map[string]*structpb.Value{namespace: inner}}
}
