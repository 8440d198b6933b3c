//go:build amd64 || arm64

package fuzz_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"runtime"
	"slices"

	"github.com/bytedance/sonic"
	"github.com/seed-08fc7208/chatstream/internal/testing/chunkgen"
)

// sonic refuses to be built for 32 bits, and elsewhere is encoding/json.
func init() {
	peers = append(peers, peer{
		name: "sonic",
		read: readSonic,
		exceptions: []exception{
			{"nesting deeper than 4095 is refused", func(f features) bool { return f.depth > 4095 }},
			{"on arm64 a minus sign alone is a number", func(f features) bool { return runtime.GOARCH == "arm64" && f.minus }},
		},
	})
}

// sonicStrict is sonic as encoding/json, with numbers kept as they are.
var sonicStrict = sonic.Config{UseNumber: true, ValidateString: true, CopyString: true}.Froze()

func readSonic(payload []byte) (chunkgen.Node, error) {
	var v any
	if err := sonicStrict.Unmarshal(bytes.Clone(payload), &v); err != nil {
		return chunkgen.Node{}, err
	}
	return anyNode(v), nil
}

// anyNode gives the tree of a value that was decoded into an empty interface.
func anyNode(v any) chunkgen.Node {
	switch v := v.(type) {
	case map[string]any:
		n := chunkgen.Node{Kind: '{', Names: slices.Sorted(maps.Keys(v))}
		for _, name := range n.Names {
			n.Elems = append(n.Elems, anyNode(v[name]))
		}
		return n
	case []any:
		n := chunkgen.Node{Kind: '['}
		for _, v := range v {
			n.Elems = append(n.Elems, anyNode(v))
		}
		return n
	case string:
		return chunkgen.Node{Kind: '"', Str: v}
	case json.Number:
		return chunkgen.Node{Kind: '0', Raw: v.String()}
	case bool:
		return chunkgen.Node{Kind: fmt.Sprint(v)[0]}
	default:
		return chunkgen.Node{Kind: 'n'}
	}
}
