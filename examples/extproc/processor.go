package main

import (
	"context"
	"errors"
	"io"

	extprocv3 "github.com/envoyproxy/go-control-plane/envoy/service/ext_proc/v3"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// processor is an external processor that reads the bodies of responses as Envoy streams
// them, and changes nothing.
type processor struct {
	extprocv3.UnimplementedExternalProcessorServer
	paths []string // endings of the request paths whose streams are read
}

// Process serves one request that passes through Envoy.
func (p *processor) Process(stream extprocv3.ExternalProcessor_ProcessServer) error {
	x := newExchange(p.paths)
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
