package main

import (
	"context"
	"math"
	"net"
	"testing"
	"time"

	extprocv3 "github.com/envoyproxy/go-control-plane/envoy/service/ext_proc/v3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"
)

// TestHealth: the processor answers health checks, of the whole and of its service.
func TestHealth(t *testing.T) {
	client := healthv1.NewHealthClient(dial(t, defaults(t)))
	for _, service := range []string{"", "envoy.service.ext_proc.v3.ExternalProcessor"} {
		response, err := client.Check(context.Background(), &healthv1.HealthCheckRequest{Service: service})
		require.NoError(t, err, service)
		assert.Equal(t, healthv1.HealthCheckResponse_SERVING, response.Status, service)
	}
	_, err := client.Check(context.Background(), &healthv1.HealthCheckRequest{Service: "other"})
	assert.Equal(t, codes.NotFound, status.Code(err))
}

// stopping is a processor with a stream under way that can be told to stop.
type stopping struct {
	stop   context.CancelFunc
	served chan error
	conn   *grpc.ClientConn
	stream *envoy
}

func startStopping(t *testing.T, grace time.Duration) *stopping {
	c := defaults(t)
	c.grace = grace
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	ctx, stop := context.WithCancel(context.Background())
	s := &stopping{stop: stop, served: make(chan error, 1)}
	go func() { s.served <- serve(ctx, l, c) }()
	s.conn, err = grpc.NewClient(l.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	require.NoError(t, err)
	t.Cleanup(func() { s.conn.Close() })
	s.stream = &envoy{t: t, stream: process(t, s.conn)}
	s.stream.headers("content-type", "text/event-stream")
	return s
}

// TestStopWaits: a processor that is told to stop says so to health checks, and a stream
// under way goes on.
func TestStopWaits(t *testing.T) {
	s := startStopping(t, math.MaxInt64)
	watch, err := healthv1.NewHealthClient(s.conn).Watch(context.Background(), &healthv1.HealthCheckRequest{})
	require.NoError(t, err)
	for i, want := range []healthv1.HealthCheckResponse_ServingStatus{healthv1.HealthCheckResponse_SERVING, healthv1.HealthCheckResponse_NOT_SERVING} {
		if i == 1 {
			s.stop()
		}
		response, err := watch.Recv()
		require.NoError(t, err)
		assert.Equal(t, want, response.Status)
	}
	assert.Equal(t, "stop", s.stream.body([]byte(small), true)["finish_reason"])
	require.NoError(t, s.stream.stream.CloseSend())
	s.conn.Close() // and with it the watch
	assert.NoError(t, <-s.served)
}

// TestStopIsBounded: a stream that does not end is cut when the grace is over.
func TestStopIsBounded(t *testing.T) {
	s := startStopping(t, 0)
	s.stop()
	assert.NoError(t, <-s.served)
	_, err := s.stream.stream.Recv()
	assert.Error(t, err)
}

// BenchmarkPiece is the round trip that Envoy waits for at each piece of a body, over
// loopback.
func BenchmarkPiece(b *testing.B) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(b, err)
	ctx, stop := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- serve(ctx, l, config{}) }()
	conn, err := grpc.NewClient(l.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	require.NoError(b, err)
	stream, err := extprocv3.NewExternalProcessorClient(conn).Process(context.Background())
	require.NoError(b, err)
	ask := func(request *extprocv3.ProcessingRequest) {
		if err := stream.Send(request); err != nil {
			b.Fatal(err)
		}
		if _, err := stream.Recv(); err != nil {
			b.Fatal(err)
		}
	}
	ask(&extprocv3.ProcessingRequest{Request: &extprocv3.ProcessingRequest_ResponseHeaders{ResponseHeaders: &extprocv3.HttpHeaders{
		Headers: headerMap([]string{"content-type", "text/event-stream"})}}})
	piece := &extprocv3.ProcessingRequest{Request: &extprocv3.ProcessingRequest_ResponseBody{ResponseBody: &extprocv3.HttpBody{
		Body: []byte(`data: {"id":"a","object":"chat.completion.chunk","model":"m","choices":[{"index":0,"delta":{"content":"Hi"}}]}` + "\n\n")}}}
	for b.Loop() {
		ask(piece)
	}
	require.NoError(b, stream.CloseSend())
	conn.Close()
	stop()
	require.NoError(b, <-served)
}
