package main

import (
	"context"
	"net"
	"time"

	extprocv3 "github.com/envoyproxy/go-control-plane/envoy/service/ext_proc/v3"
	"google.golang.org/grpc"
	"google.golang.org/grpc/health"
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/keepalive"
)

const (
	// pingInterval is the time without traffic after which a connection is checked. Without
	// checks, the streams of an Envoy that has vanished would stay open.
	pingInterval = 30 * time.Second
	// pingTimeout is the time that the other side has to answer.
	pingTimeout = 10 * time.Second
	// minPingInterval is the shortest interval at which Envoy may check. The connection
	// is closed if it does so more often; connection_keepalive in envoy.yaml is longer.
	minPingInterval = 10 * time.Second
	// handshakeTimeout bounds the set-up of a connection.
	handshakeTimeout = 10 * time.Second
)

// serve serves until ctx is done. Then it reports NOT_SERVING, and gives open streams c.grace to
// end.
func serve(ctx context.Context, l net.Listener, c config) error {
	server := grpc.NewServer(
		grpc.ConnectionTimeout(handshakeTimeout),
		grpc.KeepaliveParams(keepalive.ServerParameters{Time: pingInterval, Timeout: pingTimeout}),
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: minPingInterval, PermitWithoutStream: true}),
	)
	extprocv3.RegisterExternalProcessorServer(server, &processor{paths: c.paths})
	status := health.NewServer()
	status.SetServingStatus(extprocv3.ExternalProcessor_ServiceDesc.ServiceName, healthv1.HealthCheckResponse_SERVING)
	healthv1.RegisterHealthServer(server, status)

	stopped := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(stopped)
		status.Shutdown()
		force := time.AfterFunc(c.grace, server.Stop)
		defer force.Stop()
		server.GracefulStop()
	})
	err := server.Serve(l)
	if !stop() {
		<-stopped // Serve returns before the streams have ended
	}
	return err
}
