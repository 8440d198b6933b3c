package main

import (
	"context"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	corev3 "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	extprocfilterv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/ext_proc/v3"
	extprocv3 "github.com/envoyproxy/go-control-plane/envoy/service/ext_proc/v3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/proto"

	"github.com/seed-08fc7208/chatstream/examples/internal/summary"
)

// envoy is a client that asks as Envoy does, over a real connection.
type envoy struct {
	t        *testing.T
	stream   extprocv3.ExternalProcessor_ProcessClient
	override *extprocfilterv3.ProcessingMode // what the last answer said of those to come
}

// chatPath is a request path of the API.
const chatPath = "/v1/chat/completions"

// defaults is the configuration without flags.
func defaults(t *testing.T) config {
	c, err := parseFlags(nil, io.Discard)
	require.NoError(t, err)
	return c
}

// connect starts the processor and returns a function that begins a request.
func connect(t *testing.T) func() *envoy {
	conn := dial(t, defaults(t))
	return func() *envoy { return &envoy{t: t, stream: process(t, conn)} }
}

func process(t *testing.T, conn *grpc.ClientConn) extprocv3.ExternalProcessor_ProcessClient {
	stream, err := extprocv3.NewExternalProcessorClient(conn).Process(context.Background())
	require.NoError(t, err)
	return stream
}

// dial starts the processor and returns a connection to it. Both end with the test, and
// leave nothing behind.
func dial(t *testing.T, c config) *grpc.ClientConn {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	ctx, stop := context.WithCancel(context.Background())
	served := make(chan error)
	go func() { served <- serve(ctx, l, c) }()
	conn, err := grpc.NewClient(l.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	require.NoError(t, err)
	t.Cleanup(func() {
		conn.Close()
		stop()
		assert.NoError(t, <-served)
		goleak.VerifyNone(t)
	})
	return conn
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

// request sends the headers of a request, pairs of name and value.
func (e *envoy) request(pairs ...string) {
	assert.Nil(e.t, e.ask(&extprocv3.ProcessingRequest{Request: &extprocv3.ProcessingRequest_RequestHeaders{
		RequestHeaders: &extprocv3.HttpHeaders{Headers: headerMap(pairs)}}}))
}

// response sends the headers of a response and returns what was told.
func (e *envoy) response(pairs ...string) map[string]any {
	return e.ask(&extprocv3.ProcessingRequest{Request: &extprocv3.ProcessingRequest_ResponseHeaders{
		ResponseHeaders: &extprocv3.HttpHeaders{Headers: headerMap(pairs)}}})
}

// headers sends those of a request for a chat completion, and of its response.
func (e *envoy) headers(pairs ...string) map[string]any {
	e.request(":method", "POST", ":path", chatPath)
	return e.response(append([]string{":status", "200"}, pairs...)...)
}

func headerMap(pairs []string) *corev3.HeaderMap {
	var list []*corev3.HeaderValue
	for i := 0; i < len(pairs); i += 2 {
		list = append(list, &corev3.HeaderValue{Key: pairs[i], RawValue: []byte(pairs[i+1])})
	}
	return &corev3.HeaderMap{Headers: list}
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

// TestEveryCut: the metadata does not depend on where Envoy cuts the body.
func TestEveryCut(t *testing.T) {
	request := connect(t)
	for at := range len(small) {
		require.Equal(t, toldOfSmall, request().pass([]byte(small[:at]), []byte(small[at:])), "cut at %d", at)
	}
}

// TestStreams: the metadata of a stream in random pieces equals that of the whole stream.
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

// TestDone: the metadata is sent at [DONE]; the connection may stay open.
func TestDone(t *testing.T) {
	e := connect(t)()
	e.headers("content-type", "text/event-stream")
	assert.Equal(t, "stop", e.body([]byte(small), false)["finish_reason"])
	assert.Nil(t, e.body(nil, true), "nothing new")
	require.NoError(t, e.stream.CloseSend())
}

// TestOthersPass: bodies that are not streams, or cannot be read, pass.
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

// TestOtherPaths: streams of other paths are not read, and the metadata says so.
func TestOtherPaths(t *testing.T) {
	request := connect(t)
	seen := map[string]any(nil)
	unseen := map[string]any{"unseen": "path"}
	for path, want := range map[string]map[string]any{
		chatPath:                               seen,
		chatPath + "?api-version=1":            seen,
		"/openai/deployments/a" + chatPath[3:]: seen,
		"/v1/responses":                        unseen,
		"/v1/nochat/completions":               unseen,
		"/v1/messages?a=" + chatPath:           unseen,
		"":                                     unseen,
	} {
		e := request()
		e.request(":method", "POST", ":path", path)
		assert.Equal(t, want, e.response("content-type", "text/event-stream"), path)
		assert.Equal(t, want == nil, e.override == nil, path)
		assert.Nil(t, e.body([]byte(small), true)["unseen"], path)
		require.NoError(t, e.stream.CloseSend())
	}
}

// TestOtherAPI: a stream of another API is recognized even under the path of chat completions.
func TestOtherAPI(t *testing.T) {
	request := connect(t)
	for _, body := range []string{
		"event: response.created\ndata: {\"type\":\"response.created\",\"response\":{}}\n\n",
		`data: {"object":"text_completion","choices":[{"text":"Hi","index":0,"finish_reason":null}]}` + "\n\ndata: [DONE]\n\n",
	} {
		assert.Equal(t, map[string]any{"unseen": "api"}, request().pass([]byte(body)), body)
	}
}

// TestPathsFlag: the endings of the flag replace the default.
func TestPathsFlag(t *testing.T) {
	c, err := parseFlags([]string{"-paths", "/chat, /answer"}, io.Discard)
	require.NoError(t, err)
	conn := dial(t, c)
	for path, seen := range map[string]bool{"/a/chat": true, "/answer": true, chatPath: false} {
		e := &envoy{t: t, stream: process(t, conn)}
		e.request(":path", path)
		assert.Equal(t, seen, e.response("content-type", "text/event-stream") == nil, path)
		require.NoError(t, e.stream.CloseSend())
	}
	for _, args := range [][]string{{"-paths", ""}, {"-paths", "/a,,/b"}, {"-x"}, {"x"}} {
		_, err := parseFlags(args, io.Discard)
		assert.Error(t, err, args)
	}
}

// TestWithoutRequestHeaders: an Envoy that does not send them has its streams read.
func TestWithoutRequestHeaders(t *testing.T) {
	e := connect(t)()
	assert.Nil(t, e.response("content-type", "text/event-stream"))
	assert.Equal(t, "stop", e.body([]byte(small), true)["finish_reason"])
	require.NoError(t, e.stream.CloseSend())
}

// TestNoBodyByRule: responses that cannot have a body are not truncated streams.
func TestNoBodyByRule(t *testing.T) {
	request := connect(t)
	for _, test := range []struct{ method, status string }{{"HEAD", "200"}, {"GET", "204"}, {"GET", "304"}} {
		e := request()
		e.request(":method", test.method, ":path", chatPath)
		assert.Nil(t, e.ask(&extprocv3.ProcessingRequest{Request: &extprocv3.ProcessingRequest_ResponseHeaders{
			ResponseHeaders: &extprocv3.HttpHeaders{EndOfStream: true,
				Headers: headerMap([]string{":status", test.status, "content-type", "text/event-stream"})}}}), test)
		require.NoError(t, e.stream.CloseSend())
	}
}

// TestMetadataIsBounded: texts of the other side are short, valid and on one line. gRPC
// refuses to send others.
func TestMetadataIsBounded(t *testing.T) {
	request := connect(t)
	long := "\xff" + strings.Repeat("x", 1<<20)
	bounded := func(limit int) string { return "\ufffd" + strings.Repeat("x", limit-6) + "…" }
	body := `data: {"model":"` + long + `","choices":[{"index":0,"delta":{},"finish_reason":"` + long + `"}],"error":{"message":"` + long + `"}}`
	told := request().pass([]byte(body + "\n\ndata: [DONE]\n\n"))
	assert.Equal(t, bounded(summary.MaxModel), told["model"])
	assert.Equal(t, bounded(summary.MaxFinishReason), told["finish_reason"])
	assert.Equal(t, bounded(summary.MaxError), told["error"])
	e := request()
	told = e.headers("content-type", "text/event-stream", "content-encoding", "\xffbr\n"+long)
	assert.True(t, strings.HasPrefix(told["unseen"].(string), "content-encoding \ufffdbr \ufffdxxx"), told)
	assert.LessOrEqual(t, len(told["unseen"].(string)), summary.MaxError)
	require.NoError(t, e.stream.CloseSend())
}

// TestImplausibleUsage: an absurd usage reaches neither sums nor rate limits.
func TestImplausibleUsage(t *testing.T) {
	request := connect(t)
	for _, count := range []string{"-1", "1000000001", "9223372036854775807"} {
		told := request().pass([]byte(strings.Replace(small, `"completion_tokens":2`, `"completion_tokens":`+count, 1)))
		assert.Equal(t, map[string]any{"model": "m", "finish_reason": "stop", "chunks": 3.0, "truncated": false,
			"implausible_usage": true}, told, count)
	}
	told := request().pass([]byte(strings.Replace(small, `"completion_tokens":2`, `"completion_tokens":1000000000`, 1)))
	assert.Equal(t, 1e9, told["completion_tokens"])
}
