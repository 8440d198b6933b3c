package main

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"

	bootstrapv3 "github.com/envoyproxy/go-control-plane/envoy/config/bootstrap/v3"
	clusterv3 "github.com/envoyproxy/go-control-plane/envoy/config/cluster/v3"
	_ "github.com/envoyproxy/go-control-plane/envoy/extensions/access_loggers/stream/v3"
	extprocfilterv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/ext_proc/v3"
	_ "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/router/v3"
	managerv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/network/http_connection_manager/v3"
	upstreamhttpv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/upstreams/http/v3"
	extprocv3 "github.com/envoyproxy/go-control-plane/envoy/service/ext_proc/v3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
	"google.golang.org/protobuf/encoding/protojson"
)

// configuration is envoy.yaml, checked against Envoy's schema.
func configuration(t *testing.T) *bootstrapv3.Bootstrap {
	text, err := os.ReadFile("envoy.yaml")
	require.NoError(t, err)
	var tree map[string]any
	require.NoError(t, yaml.Unmarshal(text, &tree))
	asJSON, err := json.Marshal(tree)
	require.NoError(t, err)
	config := new(bootstrapv3.Bootstrap)
	require.NoError(t, protojson.Unmarshal(asJSON, config))
	require.NoError(t, config.ValidateAll())
	return config
}

func cluster(t *testing.T, name string) *clusterv3.Cluster {
	for _, c := range configuration(t).StaticResources.Clusters {
		if c.Name == name {
			return c
		}
	}
	t.Fatalf("no cluster %s", name)
	return nil
}

// manager is the connection manager of the only listener.
func manager(t *testing.T) *managerv3.HttpConnectionManager {
	listeners := configuration(t).StaticResources.Listeners
	require.Len(t, listeners, 1)
	m := new(managerv3.HttpConnectionManager)
	require.NoError(t, listeners[0].FilterChains[0].Filters[0].GetTypedConfig().UnmarshalTo(m))
	require.NoError(t, m.ValidateAll())
	return m
}

// TestEnvoyTimeouts: every wait is limited, but not the length of an answer.
func TestEnvoyTimeouts(t *testing.T) {
	m := manager(t)
	assert.Positive(t, m.RequestHeadersTimeout.AsDuration())
	assert.Positive(t, m.StreamIdleTimeout.AsDuration())
	assert.Positive(t, m.CommonHttpProtocolOptions.IdleTimeout.AsDuration())
	route := m.GetRouteConfig().VirtualHosts[0].Routes[0].GetRoute()
	require.NotNil(t, route.Timeout)
	assert.Zero(t, route.Timeout.AsDuration())
	for _, c := range configuration(t).StaticResources.Clusters {
		assert.Positive(t, c.ConnectTimeout.AsDuration(), c.Name)
	}
}

// TestEnvoyFilter: streams pass if the processor fails, and Envoy sends what it needs.
func TestEnvoyFilter(t *testing.T) {
	filter := new(extprocfilterv3.ExternalProcessor)
	require.NoError(t, manager(t).HttpFilters[0].GetTypedConfig().UnmarshalTo(filter))
	assert.True(t, filter.FailureModeAllow)
	assert.True(t, filter.AllowModeOverride)
	assert.Equal(t, []string{namespace}, filter.MetadataOptions.ReceivingNamespaces.Untyped)
	assert.Equal(t, extprocfilterv3.ProcessingMode_SEND, filter.ProcessingMode.RequestHeaderMode, "for the path")
	assert.Equal(t, extprocfilterv3.ProcessingMode_STREAMED, filter.ProcessingMode.ResponseBodyMode)
	assert.Equal(t, []string{"accept-encoding"}, manager(t).GetRouteConfig().RequestHeadersToRemove)
}

// TestEnvoyHealth: Envoy checks the processor by the name that it answers to, does not ask
// one that is unhealthy, and checks connections no more often than the processor allows.
func TestEnvoyHealth(t *testing.T) {
	c := cluster(t, "extproc")
	require.Len(t, c.HealthChecks, 1)
	assert.Equal(t, extprocv3.ExternalProcessor_ServiceDesc.ServiceName, c.HealthChecks[0].GetGrpcHealthCheck().ServiceName)
	require.NotNil(t, c.CommonLbConfig.HealthyPanicThreshold)
	assert.Zero(t, c.CommonLbConfig.HealthyPanicThreshold.Value)
	options := new(upstreamhttpv3.HttpProtocolOptions)
	require.NoError(t, c.TypedExtensionProtocolOptions["envoy.extensions.upstreams.http.v3.HttpProtocolOptions"].UnmarshalTo(options))
	ping := options.GetExplicitHttpConfig().GetHttp2ProtocolOptions().ConnectionKeepalive
	assert.GreaterOrEqual(t, ping.Interval.AsDuration(), 2*minPingInterval)
	endpoint := c.LoadAssignment.Endpoints[0].LbEndpoints[0].GetEndpoint().Address.GetSocketAddress()
	assert.Equal(t, defaults(t).listen, endpoint.Address+":18080")
	assert.EqualValues(t, 18080, endpoint.GetPortValue())
}

// TestEnvoyLog: the access log uses the metadata of the processor.
func TestEnvoyLog(t *testing.T) {
	text, err := os.ReadFile("envoy.yaml")
	require.NoError(t, err)
	told := map[string]bool{"unseen": true, "error": true, "first_text_ms": true}
	for name := range toldOfSmall {
		told[name] = true
	}
	names := regexp.MustCompile(`DYNAMIC_METADATA\(chatstream:(\w+)\)`).FindAllStringSubmatch(string(text), -1)
	assert.Equal(t, strings.Count(string(text), "DYNAMIC_METADATA"), len(names))
	for _, m := range names {
		assert.True(t, told[m[1]], m[1])
	}
}
