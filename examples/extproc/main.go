// Command extproc is an external processor for Envoy: a gRPC service to which Envoy
// shows the bodies of responses as they pass. It reads chat completion streams, changes
// nothing, and returns usage and timing as dynamic metadata, which the access log and
// other filters can use. envoy.yaml beside it is a configuration that does so.
//
//	go run ./examples/extproc -listen 127.0.0.1:18080
package main

import (
	"context"
	"flag"
	"fmt"
	"net"
	"os"
	"os/signal"
	"syscall"

	extprocv3 "github.com/envoyproxy/go-control-plane/envoy/service/ext_proc/v3"
	"google.golang.org/grpc"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:18080", "`address` for Envoy")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second one does not wait for streams
	l, err := net.Listen("tcp", *listen)
	if err == nil {
		fmt.Fprintln(os.Stderr, "extproc: listening on", l.Addr())
		err = serve(ctx, l)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "extproc:", err)
		os.Exit(1)
	}
}

// serve ends when the context does and the streams at hand are over.
func serve(ctx context.Context, l net.Listener) error {
	server := grpc.NewServer()
	extprocv3.RegisterExternalProcessorServer(server, processor{})
	defer context.AfterFunc(ctx, server.GracefulStop)()
	return server.Serve(l)
}
