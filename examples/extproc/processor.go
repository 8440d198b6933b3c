package main

import (
	"context"
	"errors"
	"io"
	"mime"
	"strings"
	"time"

	corev3 "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	extprocfilterv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/ext_proc/v3"
	extprocv3 "github.com/envoyproxy/go-control-plane/envoy/service/ext_proc/v3"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/seed-08fc7208/chatstream/examples/internal/summary"
)

// namespace is where the filters after this one, and the access log, find what it says.
const namespace = "chatstream"

// processor is an external processor that looks at the bodies of responses as Envoy
// streams them, and changes nothing.
type processor struct {
	extprocv3.UnimplementedExternalProcessorServer
}

// Process serves one request that passes through Envoy.
func (processor) Process(stream extprocv3.ExternalProcessor_ProcessServer) error {
	x := exchange{begun: time.Now()}
	defer x.close()
	for {
		request, err := stream.Recv()
		switch {
		case err == io.EOF, errors.Is(err, context.Canceled), status.Code(err) == codes.Canceled:
			return nil // the request is over, or its client is gone
		case err != nil:
			return err
		}
		response := x.answer(request)
		if response == nil {
			return status.Errorf(codes.InvalidArgument, "no answer to %T", request.Request)
		}
		if err := stream.Send(response); err != nil {
			return err
		}
	}
}

// exchange is a request with its response.
type exchange struct {
	begun   time.Time
	watcher *summary.Watcher // nil: the response is no stream that can be seen
	unseen  string           // why, if it is a stream
	told    summary.Summary
}

// answer lets what Envoy asks about pass as it is.
func (x *exchange) answer(request *extprocv3.ProcessingRequest) *extprocv3.ProcessingResponse {
	switch r := request.Request.(type) {
	case *extprocv3.ProcessingRequest_RequestHeaders:
		return &extprocv3.ProcessingResponse{Response: &extprocv3.ProcessingResponse_RequestHeaders{}}
	case *extprocv3.ProcessingRequest_RequestBody:
		return &extprocv3.ProcessingResponse{Response: &extprocv3.ProcessingResponse_RequestBody{}}
	case *extprocv3.ProcessingRequest_RequestTrailers:
		return &extprocv3.ProcessingResponse{Response: &extprocv3.ProcessingResponse_RequestTrailers{}}
	case *extprocv3.ProcessingRequest_ResponseHeaders:
		x.begin(r.ResponseHeaders.GetHeaders())
		if r.ResponseHeaders.GetEndOfStream() {
			x.close()
		}
		return &extprocv3.ProcessingResponse{
			Response:        &extprocv3.ProcessingResponse_ResponseHeaders{},
			DynamicMetadata: x.metadata(),
			ModeOverride:    x.mode(),
		}
	case *extprocv3.ProcessingRequest_ResponseBody:
		if x.watcher != nil {
			x.watcher.Write(r.ResponseBody.GetBody())
			if r.ResponseBody.GetEndOfStream() {
				x.watcher.Close()
			}
		}
		return &extprocv3.ProcessingResponse{
			Response:        &extprocv3.ProcessingResponse_ResponseBody{},
			DynamicMetadata: x.metadata(),
		}
	case *extprocv3.ProcessingRequest_ResponseTrailers: // the body ended without saying so
		x.close()
		return &extprocv3.ProcessingResponse{
			Response:        &extprocv3.ProcessingResponse_ResponseTrailers{},
			DynamicMetadata: x.metadata(),
		}
	}
	return nil
}

// begin looks at the headers of the response.
func (x *exchange) begin(headers *corev3.HeaderMap) {
	var contentType, encoding string
	for _, h := range headers.GetHeaders() {
		value := h.GetValue()
		if len(h.GetRawValue()) > 0 {
			value = string(h.GetRawValue())
		}
		switch strings.ToLower(h.GetKey()) {
		case "content-type":
			contentType, _, _ = mime.ParseMediaType(value)
		case "content-encoding":
			encoding = value
		}
	}
	switch {
	case contentType != "text/event-stream":
	case encoding != "" && !strings.EqualFold(encoding, "identity"):
		x.unseen = "content-encoding " + encoding
	default:
		x.watcher = summary.Watch(x.begun)
	}
}

func (x *exchange) close() {
	if x.watcher != nil {
		x.watcher.Close()
	}
}

// mode spares Envoy the sending of bodies that are not looked at.
func (x *exchange) mode() *extprocfilterv3.ProcessingMode {
	if x.watcher != nil {
		return nil
	}
	return &extprocfilterv3.ProcessingMode{ResponseTrailerMode: extprocfilterv3.ProcessingMode_SKIP}
}

// metadata returns what is to be said now, or nil: once when [DONE] was read, since
// nothing more may come, and again if the end of the body adds to that.
func (x *exchange) metadata() *structpb.Struct {
	switch {
	case x.unseen != "":
		reason := x.unseen
		x.unseen = ""
		return fields(map[string]*structpb.Value{"unseen": structpb.NewStringValue(reason)})
	case x.watcher == nil:
		return nil
	}
	sum := x.watcher.Summary()
	if !sum.Ended || sum == x.told {
		return nil
	}
	x.told = sum
	values := map[string]*structpb.Value{
		"model":         structpb.NewStringValue(sum.Model),
		"finish_reason": structpb.NewStringValue(sum.FinishReason),
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
	if sum.Error != "" {
		values["error"] = structpb.NewStringValue(strings.ToValidUTF8(sum.Error, "\uFFFD"))
	}
	return fields(values)
}

func fields(values map[string]*structpb.Value) *structpb.Struct {
	inner := structpb.NewStructValue(&structpb.Struct{Fields: values})
	return &structpb.Struct{Fields: map[string]*structpb.Value{namespace: inner}}
}
