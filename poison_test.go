//go:build chatstream_poison

package chatstream_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-08fc7208/chatstream"
)

// borrowed has views of borrowed memory by what kind it is, and what stood there as long as it lived.
type borrowed map[string]*lent

type lent struct {
	view    []byte
	was     string
	changed bool // has been seen to be something else
}

func (b borrowed) add(kind string, view []byte) {
	if len(view) > 0 {
		b[kind] = &lent{view: view, was: string(view)}
	}
}

// borrow keeps, without a copy, all that a chunk and an event have.
func borrow(c *chunk, e chatstream.Event) borrowed {
	b := borrowed{}
	for i, v := range []struct {
		kind string
		view []byte
	}{
		{"Text in the buffer", c.ID.Value},
		{"unescaped Text", c.Model.Value},
		{"Text with U+FFFD", c.SystemFingerprint.Value},
		{"Event.Type", e.Type}, {"Event.Data", e.Data}, {"Event.LastEventID", e.LastEventID}, {"Event.Raw", e.Raw},
	} {
		b.add(fmt.Sprintf("%s (%d)", v.kind, i), v.view)
	}
	b.add("RawValue of error", c.Error.Value)
	for i, m := range c.Extra {
		b.add(fmt.Sprintf("name %d in Extra", i), m.Name)
		b.add(fmt.Sprintf("RawValue %d in Extra", i), m.Value)
	}
	n := 0
	views(reflect.ValueOf(c).Elem(), func(v reflect.Value) { // and in any other place
		n++
		b.add(fmt.Sprintf("%d of the chunk", n), v.Bytes())
	})
	return b
}

// look notes what has changed.
func (b borrowed) look() {
	for _, l := range b {
		l.changed = l.changed || l.was != string(l.view)
	}
}

// requireAlive: what is borrowed is as it was.
func (b borrowed) requireAlive(t *testing.T) {
	t.Helper()
	for kind, l := range b {
		require.Equal(t, l.was, string(l.view), kind)
	}
}

// requireExpired: whoever looks at it now sees that it is not what it was, or has seen so since it expired.
func (b borrowed) requireExpired(t *testing.T) {
	t.Helper()
	b.look()
	for kind, l := range b {
		assert.True(t, l.changed, "%s can still be read: %q", kind, l.was)
	}
}

// looking looks, before each Read, at what has been borrowed before. Where an event comes to the place of the one before it,
// with the same bytes, nobody can tell afterwards that they are new.
type looking struct {
	io.Reader
	at *borrowed
}

func (r looking) Read(p []byte) (int, error) {
	r.at.look()
	return r.Reader.Read(p)
}

// full returns a payload whose chunk has every kind of borrowed memory. mark makes the values differ from those of others, and
// name the members, since nobody can tell that joined lines are new where they are the same again.
func full(mark, name string) string {
	return strings.NewReplacer("MARK", mark, "NAME", name).Replace(
		`{"id":"in the buffer MARK","model":"es\u0063aped MARK","system_fingerprint":"` + "\xff" + ` MARK","ex\u0074ra NAME":"extra MARK","extra NAME":{"a":"MARK"},` +
			`"choices":[{"index":0,"delta":{"content":"text MARK","reasoning":"\nMARK","tool_calls":[{"id":"call MARK","function":{"name":"f MARK","arguments":"{\"a\":\"MARK\"}","x NAME":"MARK"}}],"y NAME":["MARK"]},` +
			`"logprobs":{"content":[{"token":"token MARK","top_logprobs":[{"token":"\ttop MARK"}]}]},"finish_reason":"stop"}]}`)
}

func fullEvent(mark string) string {
	return "id: number " + mark + "\nevent: type " + mark + "\ndata: " + full(mark, mark) + "\n\n"
}

// inLines is an event whose payload comes in several lines, so that its data is joined.
func inLines(event string) string { return strings.ReplaceAll(event, `,"`, ",\ndata: \"") }

// poisonStreams has streams of at least three chunks, in each of the ways in which a chunk comes to be.
var poisonStreams = map[string]string{
	"event":                fullEvent("one") + fullEvent("two") + fullEvent("three"),
	"event in lines":       inLines(fullEvent("one")) + inLines(fullEvent("two")) + inLines(fullEvent("three")),
	"event, then in lines": fullEvent("one") + inLines(fullEvent("two")) + fullEvent("three"),
	"CRLF":                 strings.ReplaceAll(fullEvent("one")+fullEvent("two")+fullEvent("three"), "\n", "\r\n"),
	"after comments":       ": a\n\n" + fullEvent("one") + ": b\n\n" + fullEvent("two") + ":\n" + fullEvent("three"),
	"one newline":          strings.ReplaceAll(fullEvent("one")+fullEvent("two")+fullEvent("three"), "\n\n", "\n"),
	"data alone":           "data: {\"id\":\"1\"}\n\ndata: {\"id\":\"2\"}\n\ndata: {\"id\":\"3\"}\n\n",
	"an APIError":          `data: {"id":"1","error":{"message":"m"}}` + "\n\n" + `data: {"id":"2","error":"m2"}` + "\n\n" + fullEvent("three"),
	"events alike":         alike(func(i int) string { return "same" }),
	"events that differ":   alike(func(i int) string { return fmt.Sprint("word ", i) }),
	"escapes that differ":  alike(func(i int) string { return strings.Repeat(`\n`, 1+i%3) + fmt.Sprint(i) }),
}

// alike is a stream whose chunks are alike, but for a word at most.
func alike(word func(i int) string) string {
	var b strings.Builder
	for i := range 20 {
		fmt.Fprintf(&b, "data: %s\n\n", full(word(i), "name"))
	}
	return b.String()
}

// readAtOnce and readByEvent are how a stream may arrive: all that is there, or as the server flushes it.
var arrivals = map[string]func(stream string) io.Reader{
	"at once": func(stream string) io.Reader { return strings.NewReader(stream) },
	"by event": func(stream string) io.Reader {
		var readers []io.Reader
		for event := range strings.SplitAfterSeq(stream, "\n\n") {
			readers = append(readers, strings.NewReader(event))
		}
		return io.MultiReader(readers...)
	},
}

// expiries are what ends the life of what Decode gave.
var expiries = map[string]func(d *chatstream.Decoder, c *chunk){
	"Decode":                  func(d *chatstream.Decoder, c *chunk) { d.Decode(c) },
	"Decode to another chunk": func(d *chatstream.Decoder, c *chunk) { d.Decode(new(chunk)) },
	"the loop of All": func(d *chatstream.Decoder, c *chunk) {
		for range d.All() {
			break
		}
	},
	"Decode, Decode and Decode": func(d *chatstream.Decoder, c *chunk) { d.Decode(c); d.Decode(c); d.Decode(c) },
	"Reset":                     func(d *chatstream.Decoder, c *chunk) { d.Reset(strings.NewReader("")) },
	"Reset and Decode":          func(d *chatstream.Decoder, c *chunk) { d.Reset(strings.NewReader("data: {}\n\n")); d.Decode(c) },
	"Close and Decode":          func(d *chatstream.Decoder, c *chunk) { d.Close(); d.Decode(c) },
	"Close and Reset":           func(d *chatstream.Decoder, c *chunk) { d.Close(); d.Reset(strings.NewReader("")) },
	"Decode, and another Decoder": func(d *chatstream.Decoder, c *chunk) {
		d.Decode(c)
		other := chatstream.NewDecoder(strings.NewReader("data: {\"id\":\"other\"}\n\n"))
		other.Decode(new(chunk))
		other.Close()
	},
}

// TestPoison: each kind of memory that a Decoder lends is overwritten by each call that ends its life, at any place of a stream.
// Close is none of them, since another goroutine may call it while the memory is in use.
func TestPoison(t *testing.T) {
	for name, stream := range poisonStreams {
		for arrival, arrive := range arrivals {
			for expiry, expire := range expiries {
				t.Run(name+"/"+arrival+"/"+expiry, func(t *testing.T) {
					for at := range 6 {
						var b borrowed
						d := chatstream.NewDecoder(looking{arrive(stream), &b})
						var c chunk
						var err error
						for i := 0; i <= at && (err == nil || !final(err)); i++ {
							err = d.Decode(&c)
						}
						b = borrow(&c, d.Event())
						b.requireAlive(t)
						expire(d, &c)
						b.requireExpired(t)
						d.Close()
						if t.Failed() {
							t.Fatalf("chunk %d", at)
						}
					}
				})
			}
		}
	}
}

// TestPoisonHasEveryKind: the streams above lend every kind of memory.
func TestPoisonHasEveryKind(t *testing.T) {
	kinds := borrowed{}
	for _, stream := range poisonStreams {
		d := chatstream.NewDecoder(strings.NewReader(stream))
		var c chunk
		for err := d.Decode(&c); err == nil || !final(err); err = d.Decode(&c) {
			maps.Copy(kinds, borrow(&c, d.Event()))
		}
		d.Close()
	}
	for _, kind := range []string{
		"Text in the buffer (0)", "unescaped Text (1)", "Text with U+FFFD (2)", "Event.Type (3)", "Event.Data (4)", "Event.LastEventID (5)", "Event.Raw (6)",
		"RawValue of error", "name 0 in Extra", "RawValue 0 in Extra", "name 1 in Extra",
	} {
		require.Contains(t, kinds, kind)
	}
	require.Greater(t, len(kinds), 25, "%v", kinds)
}

// TestPoisonMatched: chunks from templates expire like others.
func TestPoisonMatched(t *testing.T) {
	for _, name := range []string{"events alike", "events that differ", "escapes that differ"} {
		for arrival, arrive := range arrivals {
			var b borrowed
			d := chatstream.NewDecoder(looking{arrive(poisonStreams[name]), &b})
			var c chunk
			require.NoError(t, d.Decode(&c))
			for range 19 {
				b = borrow(&c, d.Event())
				require.NoError(t, d.Decode(&c))
				b.requireExpired(t)
				require.False(t, t.Failed(), "%s, %s", name, arrival)
			}
			assert.Greater(t, d.Stats().Matched, int64(10), "%s, %s", name, arrival)
			d.Close()
		}
	}
}

// TestPoisonOfErrors: the event beside an error is borrowed too, and so is what followed the last event.
func TestPoisonOfErrors(t *testing.T) {
	const stream = "event: a\nid: b\ndata: {no JSON\n\nevent: error\ndata: {\"message\":\"m\"}\n\nerror: text\n\ndata: one\ndata: two\n\n: what follows"
	for expiry, expire := range expiries {
		for at := range 5 {
			if at == 4 && strings.Contains(expiry, "All") {
				continue // after the final error it yields nothing
			}
			d := chatstream.NewDecoder(strings.NewReader(stream))
			var c chunk
			for range at {
				require.Error(t, d.Decode(&c))
			}
			require.Error(t, d.Decode(&c))
			b := borrow(&c, d.Event())
			b.requireAlive(t)
			expire(d, &c)
			b.requireExpired(t)
			require.False(t, t.Failed(), "%s, error %d", expiry, at)
			d.Close()
		}
	}
}

// TestPoisonWhenTheBufferGrows: an event that does not fit beside what is read moves it. What was lent before has expired then.
func TestPoisonWhenTheBufferGrows(t *testing.T) {
	large := fmt.Sprintf("data: {\"id\":%q}\n\n", strings.Repeat("x", 200<<10))
	for arrival, arrive := range arrivals {
		var b borrowed
		d := chatstream.NewDecoder(looking{arrive(fullEvent("one") + large + fullEvent("two")), &b})
		var c chunk
		for range 3 {
			require.NoError(t, d.Decode(&c))
			b.requireExpired(t)
			b = borrow(&c, d.Event())
			b.requireAlive(t)
		}
		require.Equal(t, io.EOF, d.Decode(&c))
		b.requireExpired(t)
		require.False(t, t.Failed(), arrival)
		d.Close()
	}
}

// TestPoisonOwned: strings, numbers, clones and fields of errors are not borrowed, and stay.
func TestPoisonOwned(t *testing.T) {
	stream := `data: {"id":"first","object":"other.object","created":5,"choices":[{"delta":{"role":"some role"},"finish_reason":"some reason"}],"error":{"message":"m","code":7}}` + "\n\n" + fullEvent("two")
	for expiry, expire := range expiries {
		d := chatstream.NewDecoder(strings.NewReader(stream))
		var c chunk
		var api *chatstream.APIError
		require.ErrorAs(t, d.Decode(&c), &api)
		clone, id := c.Clone(), c.ID.Value.String()
		want := string(clone.AppendJSON(nil))
		object, role, reason := c.Object, c.Choices[0].Delta.Role.Value, c.Choices[0].FinishReason.Value
		var a chatstream.Accumulator
		require.NoError(t, a.Add(&c))
		expire(d, &c)
		assert.Equal(t, want, string(clone.AppendJSON(nil)), expiry)
		assert.Equal(t, "first", id, expiry)
		assert.Equal(t, []string{"other.object", "some role", "some reason"}, []string{string(object), string(role), string(reason)}, expiry)
		assert.Equal(t, `{"message":"m","code":7}`, string(api.Raw), expiry)
		assert.Equal(t, "m", api.Message, expiry)
		assert.Equal(t, "first", a.Completion().ID.Value.String(), expiry)
		d.Close()
	}
}

// TestPoisonUnmarshal: what Unmarshal unescaped lives until dst is decoded into again; what it did not is part of data, which
// belongs to the caller and is not written to.
func TestPoisonUnmarshal(t *testing.T) {
	data := []byte(full("one", "one"))
	before := bytes.Clone(data)
	for name, again := range map[string]func(c *chunk){
		"Unmarshal":                 func(c *chunk) { require.NoError(t, chatstream.Unmarshal([]byte(full("two", "two")), c)) },
		"Unmarshal of the same":     func(c *chunk) { require.NoError(t, chatstream.Unmarshal(data, c)) },
		"Unmarshal with an error":   func(c *chunk) { require.Error(t, chatstream.Unmarshal([]byte("{"), c)) },
		"Decode":                    func(c *chunk) { chatstream.NewDecoder(strings.NewReader(fullEvent("two"))).Decode(c) },
		"Decode at the end of file": func(c *chunk) { chatstream.NewDecoder(strings.NewReader("data: {")).Decode(c) },
	} {
		var c chunk
		require.NoError(t, chatstream.Unmarshal(data, &c))
		id, model, name1 := c.ID.Value, c.Model.Value, c.Extra[0].Name
		require.Equal(t, "extra one", string(name1))
		again(&c)
		assert.Equal(t, "in the buffer one", string(id), name)
		assert.Equal(t, string(before), string(data), name)
		if name != "Decode at the end of file" { // nothing was decoded
			assert.NotEqual(t, "escaped one", string(model), name)
			assert.NotEqual(t, "extra one", string(name1), name)
		}
	}
}

// TestPoisonScanner: the event that a Scanner lends lives until Scan or Reset.
func TestPoisonScanner(t *testing.T) {
	const stream = "event: a\nid: 1\ndata: b\n\nevent: c\nid: 2\ndata: d\ndata: e\n\nevent: f\nid: 3\ndata: g\n\n: rest"
	for name, expire := range map[string]func(s *chatstream.Scanner){
		"Scan":           func(s *chatstream.Scanner) { s.Scan() },
		"Scan and Scan":  func(s *chatstream.Scanner) { s.Scan(); s.Scan() },
		"Reset":          func(s *chatstream.Scanner) { s.Reset(strings.NewReader("")) },
		"Close and Scan": func(s *chatstream.Scanner) { s.Close(); s.Scan() },
		"Reset and Scan": func(s *chatstream.Scanner) { s.Reset(strings.NewReader("data: x\n\n")); s.Scan() },
	} {
		for arrival, arrive := range arrivals {
			for at := range 4 {
				var b borrowed
				s := chatstream.NewScanner(looking{arrive(stream), &b})
				for range at + 1 {
					s.Scan()
				}
				b = borrow(new(chunk), s.Event())
				b.requireAlive(t)
				expire(s)
				b.requireExpired(t)
				require.False(t, t.Failed(), "%s, %s, event %d", name, arrival, at)
			}
		}
	}
}

// TestPoisonTap: what fn was given lives until it returns, or the next call of it in one Write.
func TestPoisonTap(t *testing.T) {
	for name, stream := range poisonStreams {
		for _, size := range []int{1, 100, 1 << 20} {
			var b borrowed
			var tap *chatstream.Tap
			tap = chatstream.NewTap(func(c *chunk, err error) {
				b.requireExpired(t)
				b = borrow(c, tap.Event())
				b.requireAlive(t)
			})
			for from := 0; from < len(stream); from += size {
				tap.Write([]byte(stream[from:min(from+size, len(stream))]))
				b.requireExpired(t)
				require.False(t, t.Failed(), "%s, in pieces of %d", name, size)
			}
			tap.Close()
			b.requireExpired(t)
			require.False(t, t.Failed(), "%s, in pieces of %d", name, size)
		}
	}
}

// TestPoisonFindsAMistake: a user's test sees that a text kept without a copy has changed.
func TestPoisonFindsAMistake(t *testing.T) {
	d := chatstream.NewDecoder(strings.NewReader(alike(func(i int) string { return fmt.Sprint("word ", i) })))
	defer d.Close()
	var kept []chatstream.Text
	for c, err := range d.All() {
		if errors.Is(err, io.ErrUnexpectedEOF) {
			break
		}
		kept = append(kept, c.Choices[0].Delta.Content.Value) // the mistake: it is borrowed
	}
	for i, text := range kept {
		assert.NotEqual(t, fmt.Sprint("text word ", i), text.String())
	}
}
