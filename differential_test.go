package chatstream_test

import (
	"encoding/json"
	"flag"
	"strings"
	"testing"

	"github.com/seed-08fc7208/chatstream"
	"github.com/seed-08fc7208/chatstream/internal/chunkgen"
	"github.com/stretchr/testify/require"
)

// A long run: go test -run Differential . -payloads 1000000
var payloads = flag.Uint64("payloads", 1_500, "how many payloads each differential test makes")

// generated is how many payloads a test makes.
func generated() uint64 {
	if testing.Short() {
		return *payloads / 5
	}
	return *payloads
}

// TestDifferentialPlain: on payloads that keep to the schema, encoding/json reads the same from the very same bytes.
func TestDifferentialPlain(t *testing.T) {
	used := new(chunk)
	for seed := range generated() {
		payload := chunkgen.NewGen(seed, false).Payload()
		judge(t, used, string(payload))
		var want chunk
		require.NoError(t, json.Unmarshal(payload, &want), "seed %d", seed)
		require.Empty(t, chunkgen.Diff(&want, used, false), "seed %d: %s", seed, payload)
	}
}

// TestDifferentialWild: on any other JSON object encoding/json reads the same from what is left without the members that
// it is known to treat in another way.
func TestDifferentialWild(t *testing.T) {
	used := new(chunk)
	var x chunkgen.Exceptions
	for seed := range generated() {
		payload := chunkgen.NewGen(seed, true).Payload()
		judge(t, used, string(payload))
		require.Empty(t, chunkgen.CompareJSON(payload, used, &x), "seed %d: %s", seed, payload)
	}
	t.Logf("%d payloads; encoding/json differs by design: %+v", generated(), x)
	require.NotZero(t, x.Repeated*x.Misfit*x.PlainNull*x.Folded*x.Integer, "each exception is met")
}

// TestDifferentialMutated: payloads with faults are taken exactly where encoding/json finds an object valid.
func TestDifferentialMutated(t *testing.T) {
	used := new(chunk)
	var x chunkgen.Exceptions
	accepted := 0
	for seed := range 3 * generated() {
		g := chunkgen.NewGen(seed, seed%2 == 1)
		payload := g.Mutate(g.Payload())
		judge(t, used, string(payload))
		if chunkgen.SyntaxOffset(payload) < 0 {
			accepted++
			require.Empty(t, chunkgen.CompareJSON(payload, used, &x), "seed %d: %q", seed, payload)
		}
	}
	t.Logf("%d payloads, %d accepted", 3*generated(), accepted)
}

// TestDifferentialReuse: nothing that a caller does to a struct shows in the next result, and nothing that happens to the
// payload before it either.
func TestDifferentialReuse(t *testing.T) {
	c := new(chunk)
	for seed := range generated() {
		g := chunkgen.NewGen(seed, true)
		before, payload := g.Payload(), g.Payload()
		if err := chatstream.Unmarshal(before, c); err != nil {
			require.ErrorAs(t, err, new(*chatstream.APIError))
		}
		chunkgen.Vandalise(g.Rand, c)
		diffs := chunkgen.Judge(payload, c)
		require.Empty(t, diffs, "seed %d: %s\nafter %s", seed, payload, before)
		clear(before)
		require.Empty(t, chunkgen.Check(payload, c), "seed %d: the old payload is used", seed)

		clone := c.Clone()
		want := string(c.AppendJSON(nil))
		chunkgen.Vandalise(g.Rand, c)
		chatstream.Unmarshal(g.Payload(), c) //nolint:errcheck // whatever it says
		kept := strings.Clone(string(payload))
		clear(payload)
		require.Empty(t, diffsButCapacity(chunkgen.Check([]byte(kept), clone)), "seed %d: the clone of %s", seed, kept)
		require.Equal(t, want, string(clone.AppendJSON(nil)))
	}
}

// diffsButCapacity leaves out the capacity of texts, which a clone need not cut: its memory is the caller's.
func diffsButCapacity(diffs []string) []string {
	var rest []string
	for _, d := range diffs {
		if !strings.Contains(d, " capacity: ") {
			rest = append(rest, d)
		}
	}
	return rest
}

// TestEncodingJSONWritesTheSame: encoding/json encodes a chunk to what the library decodes to the same chunk again, but
// for Extra, an empty object and an absent delta, which it cannot know of.
func TestEncodingJSONWritesTheSame(t *testing.T) {
	for seed := range generated() / 4 {
		var c, back chunk
		require.NoError(t, chatstream.Unmarshal(chunkgen.NewGen(seed, false).Payload(), &c))
		text, err := json.Marshal(&c)
		require.NoError(t, err)
		require.NoError(t, chatstream.Unmarshal(text, &back), "%s", text)
		require.Empty(t, chunkgen.Diff(&c, &back, false), "seed %d: %s", seed, text)
	}
}
