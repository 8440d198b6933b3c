package main

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"testing"

	bootstrapv3 "github.com/envoyproxy/go-control-plane/envoy/config/bootstrap/v3"
	corev3 "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	_ "github.com/envoyproxy/go-control-plane/envoy/extensions/access_loggers/stream/v3"
	extprocfilterv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/ext_proc/v3"
	_ "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/router/v3"
	_ "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/network/http_connection_manager/v3"
	_ "github.com/envoyproxy/go-control-plane/envoy/extensions/upstreams/http/v3"
	extprocv3 "github.com/envoyproxy/go-control-plane/envoy/service/ext_proc/v3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"go.yaml.in/yaml/v3"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

// envoy is a client that asks as Envoy does, over a real connection.
type envoy struct {
	t        *testing.T
	stream   extprocv3.ExternalProcessor_ProcessClient
	override *extprocfilterv3.ProcessingMode // what the last answer said of those to come
}

// connect starts the processor and returns a function that begins a request.
func connect(t *testing.T) func() *envoy {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	ctx, stop := context.WithCancel(context.Background())
	served := make(chan error)
	go func() { served <- serve(ctx, l) }()
	conn, err := grpc.NewClient(l.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	require.NoError(t, err)
	t.Cleanup(func() {
		conn.Close()
		stop()
		assert.NoError(t, <-served)
		goleak.VerifyNone(t)
	})
	return func() *envoy {
		stream, err := extprocv3.NewExternalProcessorClient(conn).Process(context.Background())
		require.NoError(t, err)
		return &envoy{t: t, stream: stream}
	}
}

// ask sends a message and returns the metadata of the answer, which must change nothing.
func (e *envoy) ask(request *extprocv3.ProcessingRequest) map[string]any {
	require.NoError(e.t, e.stream.Send(request))
	response, err := e.stream.Recv()
	require.NoError(e.t, err)
	var common *extprocv3.CommonResponse
	switch r := response.Response.(type) {
	case *extprocv3.ProcessingResponse_ResponseHeaders:
		common = r.ResponseHeaders.GetResponse()
	case *extprocv3.ProcessingResponse_ResponseBody:
		common = r.ResponseBody.GetResponse()
	case *extprocv3.ProcessingResponse_ResponseTrailers:
		assert.Nil(e.t, r.ResponseTrailers.GetHeaderMutation())
	case *extprocv3.ProcessingResponse_RequestHeaders:
		common = r.RequestHeaders.GetResponse()
	default:
		e.t.Fatalf("an answer of type %T", r)
	}
	assert.Equal(e.t, extprocv3.CommonResponse_CONTINUE, common.GetStatus())
	assert.Nil(e.t, common.GetBodyMutation())
	assert.Nil(e.t, common.GetHeaderMutation())
	e.override = response.ModeOverride
	if response.DynamicMetadata == nil {
		return nil
	}
	told, _ := response.DynamicMetadata.AsMap()[namespace].(map[string]any)
	require.NotNil(e.t, told)
	return told
}

func (e *envoy) headers(pairs ...string) map[string]any {
	assert.Nil(e.t, e.ask(&extprocv3.ProcessingRequest{Request: &extprocv3.ProcessingRequest_RequestHeaders{RequestHeaders: &extprocv3.HttpHeaders{}}}))
	var list []*corev3.HeaderValue
	for i := 0; i < len(pairs); i += 2 {
		list = append(list, &corev3.HeaderValue{Key: pairs[i], RawValue: []byte(pairs[i+1])})
	}
	return e.ask(&extprocv3.ProcessingRequest{Request: &extprocv3.ProcessingRequest_ResponseHeaders{
		ResponseHeaders: &extprocv3.HttpHeaders{Headers: &corev3.HeaderMap{Headers: list}}}})
}

func (e *envoy) body(piece []byte, end bool) map[string]any {
	return e.ask(&extprocv3.ProcessingRequest{Request: &extprocv3.ProcessingRequest_ResponseBody{
		ResponseBody: &extprocv3.HttpBody{Body: piece, EndOfStream: end}}})
}

func (e *envoy) trailers() map[string]any {
	return e.ask(&extprocv3.ProcessingRequest{Request: &extprocv3.ProcessingRequest_ResponseTrailers{ResponseTrailers: &extprocv3.HttpTrailers{}}})
}

// pass sends a whole body in these pieces and returns what was said last.
func (e *envoy) pass(pieces ...[]byte) (told map[string]any) {
	require.Nil(e.t, e.headers("content-type", "text/event-stream; charset=utf-8"))
	for i, piece := range pieces {
		if said := e.body(piece, i == len(pieces)-1); said != nil {
			told = said
		}
	}
	require.NoError(e.t, e.stream.CloseSend())
	require.NotNil(e.t, told)
	delete(told, "first_text_ms") // another one each time
	return told
}

const small = `data: {"id":"a","model":"m","choices":[{"index":0,"delta":{"content":"Hi"}}]}

data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}

data: {"choices":[],"usage":{"prompt_tokens":5,"completion_tokens":2,"total_tokens":7}}

data: [DONE]

`

var toldOfSmall = map[string]any{
	"model": "m", "finish_reason": "stop", "chunks": 3.0, "truncated": false,
	"prompt_tokens": 5.0, "completion_tokens": 2.0, "total_tokens": 7.0,
}

// TestEveryCut: wherever Envoy cuts the body, the same is said of it.
func TestEveryCut(t *testing.T) {
	request := connect(t)
	for at := range len(small) {
		require.Equal(t, toldOfSmall, request().pass([]byte(small[:at]), []byte(small[at:])), "cut at %d", at)
	}
}

// TestStreams: of a stream in random pieces the same is said as of it whole.
func TestStreams(t *testing.T) {
	request := connect(t)
	names, err := filepath.Glob("../../testdata/*.sse")
	require.NoError(t, err)
	require.NotEmpty(t, names)
	random := rand.New(rand.NewPCG(1, 2))
	for _, name := range names {
		data, err := os.ReadFile(name)
		require.NoError(t, err)
		want := request().pass(data)
		var pieces [][]byte
		for len(data) > 0 {
			n := min(len(data), 1+random.IntN(200))
			pieces, data = append(pieces, data[:n]), data[n:]
		}
		require.Equal(t, want, request().pass(append(pieces, nil)...), name)
	}
}

func TestFirstText(t *testing.T) {
	e := connect(t)()
	e.headers("content-type", "text/event-stream")
	told := e.body([]byte(small), true)
	require.NoError(t, e.stream.CloseSend())
	assert.Positive(t, told["first_text_ms"])
}

func TestTruncated(t *testing.T) {
	told := connect(t)().pass([]byte(small[:100]))
	assert.Equal(t, true, told["truncated"])
	assert.Equal(t, 1.0, told["chunks"])
	assert.Contains(t, told["error"], "ends")
}

func TestErrorOfUpstream(t *testing.T) {
	told := connect(t)().pass([]byte(`data: {"error":{"message":"busy","code":503}}` + "\n\ndata: [DONE]\n\n"))
	assert.Equal(t, "busy", told["error"])
	assert.Equal(t, false, told["truncated"])
}

// TestTrailers: a body that is followed by trailers has no last piece.
func TestTrailers(t *testing.T) {
	e := connect(t)()
	e.headers("content-type", "text/event-stream")
	assert.Nil(t, e.body([]byte(small[:100]), false))
	assert.Equal(t, true, e.trailers()["truncated"])
	require.NoError(t, e.stream.CloseSend())
}

// TestNoBody: a response that ends with its headers has no piece at all.
func TestNoBody(t *testing.T) {
	e := connect(t)()
	told := e.ask(&extprocv3.ProcessingRequest{Request: &extprocv3.ProcessingRequest_ResponseHeaders{
		ResponseHeaders: &extprocv3.HttpHeaders{EndOfStream: true, Headers: &corev3.HeaderMap{Headers: []*corev3.HeaderValue{
			{Key: "content-type", RawValue: []byte("text/event-stream")}}}}}})
	assert.Equal(t, true, told["truncated"])
	require.NoError(t, e.stream.CloseSend())
}

// TestDone: the end of the answer is told at [DONE]; the connection may stay open.
func TestDone(t *testing.T) {
	e := connect(t)()
	e.headers("content-type", "text/event-stream")
	assert.Equal(t, "stop", e.body([]byte(small), false)["finish_reason"])
	assert.Nil(t, e.body(nil, true), "nothing new")
	require.NoError(t, e.stream.CloseSend())
}

// TestOthersPass: what is no stream, or cannot be read, is let through.
func TestOthersPass(t *testing.T) {
	request := connect(t)
	e := request()
	assert.Nil(t, e.headers("content-type", "text/event-stream"))
	assert.Nil(t, e.override, "its body is to be seen")
	require.NoError(t, e.stream.CloseSend())
	nothing := &extprocfilterv3.ProcessingMode{ResponseTrailerMode: extprocfilterv3.ProcessingMode_SKIP}
	e = request()
	assert.Nil(t, e.headers("content-type", "application/json"))
	assert.True(t, proto.Equal(nothing, e.override), "no more of it")
	assert.Nil(t, e.body([]byte(`{"choices":[]}`), true), "where Envoy does not allow that")
	require.NoError(t, e.stream.CloseSend())
	e = request()
	assert.Equal(t, map[string]any{"unseen": "content-encoding br"}, e.headers("content-type", "text/event-stream", "content-encoding", "br"))
	assert.True(t, proto.Equal(nothing, e.override))
	assert.Nil(t, e.body([]byte{1, 2, 3}, true))
	require.NoError(t, e.stream.CloseSend())
}

// TestClientGone: a request that breaks off leaves nothing behind.
func TestClientGone(t *testing.T) {
	request := connect(t)
	for range 20 {
		e := request()
		e.headers("content-type", "text/event-stream")
		e.body([]byte(small[:50]), false)
		require.NoError(t, e.stream.CloseSend())
	}
}

// TestEnvoyConfiguration: envoy.yaml is one, as far as its schema goes.
func TestEnvoyConfiguration(t *testing.T) {
	text, err := os.ReadFile("envoy.yaml")
	require.NoError(t, err)
	var tree map[string]any
	require.NoError(t, yaml.Unmarshal(text, &tree))
	asJSON, err := json.Marshal(tree)
	require.NoError(t, err)
	var config bootstrapv3.Bootstrap
	require.NoError(t, protojson.Unmarshal(asJSON, &config))
	require.NoError(t, config.ValidateAll())
	assert.Len(t, config.StaticResources.Clusters, 2)
}
