package chatstream_test

import (
	"encoding/json"
	"flag"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/seed-08fc7208/chatstream"
	"github.com/seed-08fc7208/chatstream/internal/testing/chunkgen"
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

// TestDifferentialPlain: for payloads that conform to the schema, encoding/json reads the same values.
func TestDifferentialPlain(t *testing.T) {
	t.Parallel()
	used := new(chunk)
	for seed := range generated() {
		payload := chunkgen.NewGen(seed, false).Payload()
		judge(t, used, string(payload))
		var want chunk
		require.NoError(t, json.Unmarshal(payload, &want), "seed %d", seed)
		require.Empty(t, chunkgen.Diff(&want, used, false), "seed %d: %s", seed, payload)
	}
}

// TestDifferentialWild: for any other JSON object, encoding/json reads the same values after removal of the members that it is
// known to treat in another way.
func TestDifferentialWild(t *testing.T) {
	t.Parallel()
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

// TestDifferentialMutated: a payload with faults is accepted exactly if encoding/json finds a valid object.
func TestDifferentialMutated(t *testing.T) {
	t.Parallel()
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

// TestDifferentialReuse: the result does not depend on earlier changes to the struct or to the earlier payload.
func TestDifferentialReuse(t *testing.T) {
	t.Parallel()
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

// TestDifferentialStream: the result does not depend on earlier chunks. The Decoder reads chunks that differ in some values, with
// other chunks between them, into a struct that the caller changes.
func TestDifferentialStream(t *testing.T) {
	t.Parallel()
	var matched, chunks int64
	for seed := range generated() / 5 {
		g := chunkgen.NewGen(seed, seed%2 == 0)
		payloads := streamOf(g)
		d := chatstream.NewDecoder(strings.NewReader("data: " + strings.Join(payloads, "\n\ndata: ") + "\n\n"))
		used := []*chunk{new(chunk), new(chunk)}
		for i, payload := range payloads {
			c := used[g.IntN(8)/7] // the other one seldom
			if g.IntN(4) == 0 {
				chunkgen.Vandalise(g.Rand, c)
			}
			err := d.Decode(c)
			require.Empty(t, chunkgen.Verdict([]byte(payload), c, err), "seed %d: payload %d of %q", seed, i, payloads)
		}
		matched, chunks = matched+d.Stats().Matched, chunks+d.Stats().Chunks
		require.NoError(t, d.Close())
	}
	require.NotZero(t, matched)
	t.Logf("%d chunks, %d matched", chunks, matched)
}

// TestMatchedStreams has streams that TestDifferentialStream found, and similar ones. Each stream is repeated, so that its first
// chunks become templates.
func TestMatchedStreams(t *testing.T) {
	for _, stream := range [][]string{
		{`{"choices":[{"x":[],"delta":{"tool_calls":[{"type":false,"x":"","type":""}],"x":{"y":null}}}]}`}, // what was kept as misshapen is taken back
		{`{"x":1,"id":1,"y":2,"id":"a","z":3}`},
		{`{"created":1,"id":"a"}`, `{"created":1e400,"id":"a"}`, `{"created":1.5,"id":"a"}`, `{"created":-0,"id":"a"}`},
		{`{"usage":{"total_tokens":1}}`, `{"usage":{"total_tokens":1.5}}`, `{"usage":{"total_tokens":9223372036854775808}}`, `{"usage":{"total_tokens":30e-1}}`},
		{`{"id":"a","x":"b"}`, `{"id":"\ud83d","x":"\ud83d"}`, "{\"id\":\"\xff\",\"x\":\"\xff\"}", `{"id":"","x":""}`, `{"id":null,"x":null}`, `{"id":7,"x":7}`, `{"id":"a,\"b\":1","x":"\\"}`},
		{`{"id":"a","x":1}`, `{"id":"b","x":1,"id":"c"}`, `{"id":"b\","x":1}`, "{\"id\":\"a\x01\",\"x\":1}", `{"id":"a","x":01}`},
		{`{"choices":[{"delta":{"content":"a","tool_calls":[{"index":0}]}},{}]}`, `{"choices":[{"delta":{"content":"b","tool_calls":[{"index":1},2]}},{}]}`, `{"choices":[{"delta":{"content":"b","tool_calls":[{"index":1}]}},3]}`},
		{`{"id":1,"x":[[["a"]]]}`, `{"id":2,"x":[[["b"]]]}`, `{"id":"c","x":[[[["d"]]]]}`},
		{`{"error":"a","choices":[]}`, `{"error":"b","choices":[]}`, `{"error":null,"choices":[]}`, `{"error":1,"choices":[]}`},
		{`{"object":"","choices":[{"finish_reason":""}]}`, `{"object":"a","choices":[{"finish_reason":"b"}]}`, `{"object":null,"choices":[{"finish_reason":null}]}`},
	} {
		payloads := slices.Repeat(stream, 6)
		for _, p := range stream {
			payloads = append(payloads, p, p, p)
		}
		d := chatstream.NewDecoder(strings.NewReader("data: " + strings.Join(payloads, "\n\ndata: ") + "\n\n"))
		c := new(chunk)
		for i, p := range payloads {
			require.Empty(t, chunkgen.Verdict([]byte(p), c, d.Decode(c)), "payload %d of %q", i, payloads)
		}
	}
}

// TestShortestEvents: an event that is too short for a template is decoded each time.
func TestShortestEvents(t *testing.T) {
	for _, event := range []string{"data:{}\n\n", "data: {}\n\n", "data:{ }\n\n", "data:{}\r\n\r\n", "data: {}\r\n\r\n"} {
		const n = 10
		d := chatstream.NewDecoder(strings.NewReader(strings.Repeat(event, n)))
		var c chunk
		for i := range n {
			require.NoError(t, d.Decode(&c), "%q, the %d. time", event, i+1)
			require.Equal(t, event, string(d.Event().Raw))
		}
		got := 0
		tap := chatstream.NewTap(func(_ *chunk, err error) {
			require.NoError(t, err)
			got++
		})
		for range n {
			tap.Write([]byte(event))
		}
		require.Equal(t, n, got, "%q", event)
	}
}

// TestEventsInPiecesAreMatched: an event is matched wherever a Read ends within its object or after it, also where its blank
// line comes later.
func TestEventsInPiecesAreMatched(t *testing.T) {
	for _, event := range []string{
		"data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"}}]}\n\n",
		"data:{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"}}]}\n\n",
	} {
		const n = 20
		for at := strings.Index(event, "{") + 1; at < len(event); at++ {
			var halves, shifted []io.Reader // of an event; of one and the next
			for range n {
				halves = append(halves, strings.NewReader(event[:at]), strings.NewReader(event[at:]))
				shifted = append(shifted, strings.NewReader(event[at:]+event[:at]))
			}
			shifted = append([]io.Reader{strings.NewReader(event[:at])}, shifted...)
			for name, pieces := range map[string][]io.Reader{"halves": halves, "shifted": shifted} {
				d := chatstream.NewDecoder(io.MultiReader(pieces...))
				for range n {
					require.NoError(t, d.Decode(new(chunk)))
				}
				require.GreaterOrEqual(t, d.Stats().Matched, int64(n-5), "%q, cut at %d, %s", event, at, name)
			}
		}
	}
}

// streamOf gives payloads of one line each. A few have faults, but none is empty, which would be a keep-alive.
func streamOf(g *chunkgen.Gen) []string {
	var list []string
	payload := g.Payload()
	for range 12 {
		next := g.Vary(payload)
		switch g.IntN(10) {
		case 0:
			payload = g.Payload()
			next = payload
		case 1:
			next = g.Mutate(next)
		case 2:
			payload = next
		}
		line := strings.TrimSpace(strings.NewReplacer("\r", " ", "\n", " ").Replace(string(next)))
		if strings.HasPrefix(line, "{") {
			list = append(list, line)
		}
	}
	return list
}

// TestEncodingJSONWritesTheSame: the library decodes the output of encoding/json for a chunk to the same chunk, except for Extra, an
// empty object and an absent delta.
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
