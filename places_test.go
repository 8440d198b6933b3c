package chatstream_test

import (
	"errors"
	"flag"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-08fc7208/chatstream"
	"github.com/seed-08fc7208/chatstream/internal/testing/chunkgen"
	"github.com/seed-08fc7208/chatstream/internal/testing/places"
)

// The tests in this file walk every place of the struct by reflection, so that a member
// that is added is tested without a change here. What they compare with has to be told of
// it: TestOracleKnowsEveryMember names what is missing.

func allPlaces() []places.Place { return places.Of(reflect.TypeFor[chunk]()) }

// valuesOf returns what can stand at a place. The first one, nothing, is an absent member.
func valuesOf(p places.Place) []string {
	fit, misfit := p.Values()
	return append(append([]string{"", "null"}, fit...), misfit...)
}

// TestOracleKnowsEveryMember: the second copy of the schema has each exported field, with
// its name in JSON.
func TestOracleKnowsEveryMember(t *testing.T) {
	known := map[string]string{}
	for _, s := range chunkgen.Sites() {
		known[s.Object.Name+"."+s.Member.Field] = s.Member.Name
	}
	for _, p := range allPlaces() {
		name, ok := known[p.Object+"."+p.Field]
		assert.True(t, ok, "internal/testing/chunkgen does not know %s.%s", p.Object, p.Field)
		assert.Equal(t, p.Names[len(p.Names)-1], name, "%s.%s", p.Object, p.Field)
	}
	assert.Len(t, allPlaces(), len(chunkgen.Sites()), "chunkgen has members that the struct lacks")
}

// TestEveryPlace has each value at each place, alone and amid all other members.
func TestEveryPlace(t *testing.T) {
	used := new(chunk)
	for _, p := range allPlaces() {
		for _, payload := range []func(string) string{p.Alone, p.Amid} {
			var all []*chunk
			for _, v := range valuesOf(p) {
				text := payload(v)
				judge(t, used, text) // fields, re-emission, Validate
				c := new(chunk)
				err := chatstream.Unmarshal([]byte(text), c)
				require.True(t, err == nil || errors.As(err, new(*chatstream.APIError)), "%s: %v", p, err)
				requireClone(t, c, p)
				all = append(all, c)
			}
			for i, a := range all {
				for j, b := range all {
					same := string(a.AppendJSON(nil)) == string(b.AppendJSON(nil))
					if a.Equal(*b) != same {
						t.Errorf("%s: Equal of %q and %q is %t", p, valuesOf(p)[i], valuesOf(p)[j], !same)
					}
				}
			}
		}
	}
}

// requireClone compares a clone with its source, and looks for memory that both have.
func requireClone(t *testing.T, c *chunk, p places.Place) {
	t.Helper()
	k := c.Clone()
	require.Empty(t, chunkgen.Diff(c, k, true), "%s", p)
	require.True(t, c.Equal(*k), "%s", p)
	require.Equal(t, string(c.AppendJSON(nil)), string(k.AppendJSON(nil)), "%s", p)
	var own [][2]uintptr
	eachSlice(reflect.ValueOf(c).Elem(), func(s reflect.Value) { own = append(own, memoryOf(s)) })
	eachSlice(reflect.ValueOf(k).Elem(), func(s reflect.Value) {
		m := memoryOf(s)
		for _, o := range own {
			require.False(t, m[0] < o[1] && o[0] < m[1], "%s: the clone shares %s", p, s.Type())
		}
	})
}

var allPairs = flag.Bool("pairs", false, "let TestEveryPlaceInStreams send all pairs of values, not some: minutes")

// TestEveryPlaceInStreams: each chunk equals its payload, for all earlier values at a place and all
// changes of a caller to the structs.
func TestEveryPlaceInStreams(t *testing.T) {
	w := streamWalk{decoder: chatstream.NewDecoder(strings.NewReader(""))}
	for i, p := range allPlaces() {
		for _, payload := range []func(string) string{p.Alone, p.Amid} {
			var all []decoded
			for _, v := range valuesOf(p) {
				all = append(all, decodedFrom(payload(v)))
			}
			for j, a := range all {
				for k, b := range all {
					// Without the flag each value stands before the next, and some of the
					// other pairs, not the same ones at each place.
					if *allPairs || k == j+1 || (i+j+k)%11 == 0 {
						w.stream(t, p, []decoded{a, a, a, b, a, b, b, b, a})
					}
				}
			}
		}
	}
	require.NotZero(t, w.matched, "no chunk came from a template")
	t.Logf("%d streams, %d chunks matched a template", w.streams, w.matched)
}

// decoded is a payload with what Unmarshal makes of it in new memory, which TestEveryPlace
// checks.
type decoded struct {
	payload string
	chunk   *chunk
	err     error
	json    string
}

func decodedFrom(payload string) decoded {
	c := new(chunk)
	err := chatstream.Unmarshal([]byte(payload), c)
	return decoded{payload, c, err, string(c.AppendJSON(nil))}
}

type streamWalk struct {
	decoder          *chatstream.Decoder
	chunks           [2]chunk
	streams, matched int64
}

// stream decodes a stream, in turn into one of two chunks that are written into.
func (w *streamWalk) stream(t *testing.T, p places.Place, wants []decoded) {
	t.Helper()
	var text strings.Builder
	for _, want := range wants {
		text.WriteString("data: " + want.payload + "\n\n")
	}
	w.decoder.Reset(strings.NewReader(text.String()))
	for i, want := range wants {
		c, other := &w.chunks[i/2%2], &w.chunks[1-i/2%2]
		err := w.decoder.Decode(c)
		scribble(reflect.ValueOf(other).Elem())
		if (err == nil) != (want.err == nil) || !c.Equal(*want.chunk) || string(c.AppendJSON(nil)) != want.json {
			t.Fatalf("%s: chunk %d of\n%s\nis %s, want %s", p, i, text.String(), c.AppendJSON(nil), want.json)
		}
		scribble(reflect.ValueOf(c).Elem())
	}
	w.streams++
	w.matched += w.decoder.Stats().Matched
}

// scribble writes to all that a caller may write to: each exported field, each element of
// each list up to its capacity, and what pointers point to. Texts and raw values are
// read-only; it replaces them.
func scribble(v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				scribble(v.Field(i))
			}
		}
	case reflect.Pointer:
		if !v.IsNil() {
			scribble(v.Elem())
		}
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			v.Set(reflect.ValueOf([]byte(`"scribble"`)).Convert(v.Type()))
			return
		}
		whole := v.Slice(0, v.Cap())
		for i := range whole.Len() {
			scribble(whole.Index(i))
		}
		v.Set(reflect.Append(v, reflect.New(v.Type().Elem()).Elem()))
		scribble(v.Index(v.Len() - 1))
	case reflect.String:
		v.SetString("scribble")
	case reflect.Int64:
		v.SetInt(-4711)
	case reflect.Float64:
		v.SetFloat(-4711)
	default:
		panic("a value of another type: " + v.Type().String())
	}
}
