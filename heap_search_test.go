package chatstream_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed-08fc7208/chatstream/internal/testing/chunkgen"
)

// heapSearch writes payloads that nest and repeat the schema's members at random: what may take much memory for its bytes.
type heapSearch struct {
	*rand.Rand
	most int // bytes
}

// times is how often something of that size is repeated: once, or up to what fits.
func (h *heapSearch) times(size int) int {
	fits := max(h.most/(size+1), 1)
	switch h.IntN(4) {
	case 0:
		return 1
	case 1:
		return min(1+h.IntN(30), fits)
	case 2:
		return 1 + h.IntN(fits)
	}
	return 1 + h.IntN(1+fits/(2+h.IntN(20)))
}

func (h *heapSearch) object(o *chunkgen.Object, depth int) string {
	if depth > 0 && h.IntN(3) == 0 {
		return "{}"
	}
	var members []string
	for range 1 + h.IntN(2) {
		members = append(members, h.member(o, depth))
	}
	return "{" + strings.Join(members, ",") + "}"
}

func (h *heapSearch) member(o *chunkgen.Object, depth int) string {
	name, value := []string{"", "x", "message", "text"}[h.IntN(4)], []string{"0", "{}", `""`, `"\n"`}[h.IntN(4)]
	if h.IntN(8) > 0 {
		m := o.Members[h.IntN(len(o.Members))]
		for tries := 0; m.Of == nil && tries < 2; tries++ { // mostly those that have more in them
			m = o.Members[h.IntN(len(o.Members))]
		}
		name, value = m.Name, h.value(m, depth+1)
	}
	member := fmt.Sprintf("%q:%s", name, value)
	n := 1
	if h.IntN(4) == 0 {
		n = h.times(len(member))
	}
	return strings.TrimSuffix(strings.Repeat(member+",", n), ",")
}

func (h *heapSearch) value(m chunkgen.Member, depth int) string {
	switch m.Kind {
	case chunkgen.Obj:
		return h.object(m.Of, depth)
	case chunkgen.List:
		element := h.object(m.Of, depth)
		elements := list(element, h.times(len(element)))
		if h.IntN(6) == 0 { // not built
			return strings.TrimSuffix(elements, "]") + ",1]"
		}
		return elements
	case chunkgen.Ints:
		return list("1", h.times(1))
	case chunkgen.Int, chunkgen.Float:
		return "1"
	}
	return []string{`""`, `"a"`, `"\n"`, `"\n` + strings.Repeat("x", h.IntN(h.most)) + `"`}[h.IntN(4)]
}

var heapSeeds = flag.Uint64("heapseeds", 24, "with how many seeds TestHeapSearch searches; docs/robustness.md has what 60 found")

// TestHeapSearch tries to find events that take more memory than the rows of TestHeapTable may.
//
//	go test -v -run TestHeapSearch . -heapseeds 60
func TestHeapSearch(t *testing.T) {
	if instrumented {
		t.Skip("the build takes other memory")
	}
	seeds := *heapSeeds
	if testing.Short() {
		seeds = min(seeds, 12)
	}
	worst, worstOf, kept := 0.0, "", 0
	for seed := range seeds {
		h := heapSearch{rand.New(rand.NewPCG(seed, 12)), 32 * kiB}
		s := heapShape{name: fmt.Sprintf("seed %d", seed), limit: 16 * miB}
		for len(s.events) < 2 {
			// Of many the one that takes the most by a guess: that has the most objects, unless that is too large.
			best, most := "{}", 0
			for range 200 {
				payload := h.object(chunkgen.Chunk, 0)
				if n := strings.Count(payload, "{"); n > most && len(payload) <= 2*h.most {
					best, most = payload, n
				}
			}
			require.True(t, json.Valid([]byte(best)))
			s.events = append(s.events, data(best))
		}
		s.results = len(s.events)
		for _, owner := range heapOwners {
			switch owner.name {
			case "Decoder, All", "Unmarshal", "Accumulator":
				u := s.use(owner.of)
				u.check(t, &s, owner.name)
				if owner.name == "Accumulator" {
					continue
				}
				kept = max(kept, u.ordinary)
				if times := float64(u.held-heapBase) / float64(len(s.events[1])); times > worst {
					worst, worstOf = times, s.events[1]
				}
			}
		}
	}
	t.Logf("the most: %.0f times the bytes and %s, of an event that begins with %.200s; %s after ordinary events", worst, size(heapBase), worstOf, size(uint64(kept)))
}
