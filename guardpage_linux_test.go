package chatstream

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"syscall"
	"testing"
	"unsafe"

	"github.com/seed-08fc7208/chatstream/internal/jsonwire"
	"github.com/stretchr/testify/require"
)

// guarded is memory between two pages that must not be touched, so that a load that goes beyond a slice at its end, or before
// one at its beginning, is a fault.
type guarded struct{ pages []byte }

// newGuarded maps memory for at least size bytes.
func newGuarded(t testing.TB, size int) *guarded {
	t.Helper()
	page := os.Getpagesize()
	size = (size + page - 1) / page * page
	all, err := syscall.Mmap(-1, 0, page+size+page, syscall.PROT_NONE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	require.NoError(t, err)
	g := &guarded{all[page : page+size : page+size]}
	require.NoError(t, syscall.Mprotect(g.pages, syscall.PROT_READ|syscall.PROT_WRITE))
	t.Cleanup(func() { _ = syscall.Munmap(all) })
	return g
}

// room returns the last n bytes.
func (g *guarded) room(n int) []byte { return g.pages[len(g.pages)-n:] }

// atEnd returns a copy of b whose last byte is the last one there is.
func (g *guarded) atEnd(b []byte) []byte {
	to := g.room(len(b))
	copy(to, b)
	return to
}

// atStart returns a copy of b whose first byte is the first one there is.
func (g *guarded) atStart(b []byte) []byte {
	n := copy(g.pages, b)
	return g.pages[:n:n]
}

// faultOf calls f and returns the memory fault that this is, or what else the runtime has against it.
func faultOf(f func()) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		switch fault := recover().(type) {
		case nil:
		case runtime.Error:
			err = fmt.Errorf("%w\n%s", fault, debug.Stack())
		default:
			panic(fault)
		}
	}()
	f()
	return nil
}

// loaded keeps a load from being left out.
var loaded byte

// TestGuardPages: an access to a guard page faults.
func TestGuardPages(t *testing.T) {
	g := newGuarded(t, 100)
	last, first := &g.atEnd([]byte("abcdefgh"))[7], &g.atStart([]byte("abcdefgh"))[0]
	require.NoError(t, faultOf(func() { loaded = *last + *first }))
	require.Error(t, faultOf(func() { loaded = *(*byte)(unsafe.Add(unsafe.Pointer(last), 1)) }))
	require.Error(t, faultOf(func() { loaded = *(*byte)(unsafe.Add(unsafe.Pointer(first), -1)) }))
}

// guardStreams returns the test streams and some more.
func guardStreams(t *testing.T) [][]byte {
	names, err := filepath.Glob("testdata/*.sse")
	require.NoError(t, err)
	var streams [][]byte
	for _, name := range names {
		stream, err := os.ReadFile(name)
		require.NoError(t, err)
		streams = append(streams, stream)
	}
	// Events that are alike, so that one is compared with the one before.
	for _, text := range []string{"", "a", `\n`, "é", strings.Repeat("long ", 20)} {
		event := `data: {"id":"1","choices":[{"index":0,"delta":{"content":"` + text + `"},"finish_reason":null}],"x":[1,"` + text + `"]}` + "\n\n"
		streams = append(streams, []byte(strings.Repeat(event, 3)), []byte(strings.Repeat(strings.ReplaceAll(event, "\n\n", "\r\n\r\n"), 3)))
	}
	return streams
}

// guardPayloads returns the payloads of the streams, whole, and others whose ends are special, in many lengths.
func guardPayloads(t *testing.T) [][]byte {
	var payloads [][]byte
	for _, stream := range guardStreams(t) {
		for _, line := range bytes.FieldsFunc(stream, func(c rune) bool { return c == '\n' || c == '\r' }) {
			if data, found := bytes.CutPrefix(line, []byte("data:")); found {
				payloads = append(payloads, bytes.TrimSpace(data))
			}
		}
	}
	for n := range 80 {
		fill := strings.Repeat("x", n)
		for _, end := range []string{"", `"`, `\`, `\u`, `\u12`, `\u123`, `\ud83d`, `\ud83d\`, `\ud83d\u`, `\ud83d\ude0`, `\ud83d\ude00`, "\x01", "\xc3", "\xe2\x82", "\xf0\x9f\x98", "é", "😀", "\xff"} {
			payloads = append(payloads, []byte(`{"choices":[{"delta":{"content":"`+fill+end), []byte(`{"`+fill+end), []byte(`{"x":["`+fill+end))
		}
		for _, number := range []string{"1", "-1", "1.5", "1e5", "-0.0e-0"} {
			payloads = append(payloads, []byte(`{"created":`+number+strings.Repeat("0", n)), []byte(`{"usage":{"total_tokens":`+number+strings.Repeat("1", n)))
		}
		payloads = append(payloads, []byte("{"+strings.Repeat(" ", n)), []byte(`{"x":`+strings.Repeat("[", n)))
	}
	return payloads
}

// guardStride is how many lengths of a payload or stream are left out from one to the next.
func guardStride() int {
	switch {
	case poisoned: // each step overwrites what has expired
		return 29
	case testing.Short():
		return 7
	}
	return 1
}

// requireInDocument: docs/robustness.md has the number, where nothing was left out.
func requireInDocument(t *testing.T, n int, what string) {
	t.Logf("%d %s", n, what)
	if guardStride() > 1 {
		return
	}
	text, err := os.ReadFile("docs/robustness.md")
	require.NoError(t, err)
	require.Contains(t, string(text), fmt.Sprintf("%d,%03d %s", n/1000, n%1000, what))
}

// TestGuardedPayloads: no function reads before or beyond its payload, or writes to it. Neither do functions that use the chunk,
// whose texts are parts of the payload.
func TestGuardedPayloads(t *testing.T) {
	t.Parallel()
	payloads := guardPayloads(t)
	longest := 0
	for _, p := range payloads {
		longest = max(longest, len(p))
	}
	in := newGuarded(t, longest)
	var c CreateChatCompletionData
	n := 0
	for _, payload := range payloads {
		for length := len(payload); length >= 0; length -= guardStride() {
			for _, place := range []func([]byte) []byte{in.atEnd, in.atStart} {
				data := place(payload[:length])
				n++
				err := faultOf(func() { usePayload(t, data, &c) })
				if err != nil || !bytes.Equal(payload[:length], data) {
					t.Fatalf("%q is %q now: %v", payload[:length], data, err)
				}
			}
		}
	}
	requireInDocument(t, n, "payloads")
}

// usePayload hands a payload to all that takes one.
func usePayload(t *testing.T, data []byte, c *CreateChatCompletionData) {
	var syntax *SyntaxError
	err := Unmarshal(data, c)
	valid := !errors.As(err, &syntax)
	if err != nil {
		_ = err.Error()
	}
	jsonwire.SkipValue(data, 0, 0)
	jsonwire.IsObject(data)
	jsonwire.IsValue(data)
	isCut(data)
	isDone(data)
	isBlank(data)
	if len(data) > 0 {
		jsonwire.AppendUnescaped(nil, data, 1)
		splitField(data)
	}
	AppendRemoved(nil, data, "x")
	AppendReplaced(nil, data, RawValue(`"new"`), "id")
	AppendReplaced(nil, []byte(`{"x":1}`), data, "x")
	AppendSet(nil, data, RawValue("true"), "choices", "0", "x")
	useRawValue(data)
	AppendEvent(nil, string(data[:min(len(data), 20)]), data)
	_ = errorIn(data).Error()
	_ = errorOfBody(data).Error() // as FromResponse judges a body, and below
	errorObject(bytes.NewReader(data))
	beginningOf(withoutBOM(data))
	new(Text).UnmarshalJSON(data)
	new(RawValue).UnmarshalJSON(data)
	new(Optional[Text]).UnmarshalJSON(data)
	new(Optional[int64]).UnmarshalJSON(data)
	if !valid {
		return
	}
	c.Validate()
	for range c.Texts() {
	}
	c.Clone()
	c.EditTexts(func(_ Surface, text Text) Text { return text })
	var a Accumulator
	require.NoError(t, a.Add(c))
	a.Completion().AppendJSON(nil)
}

// TestGuardedFields: a chunk that a caller made, of memory that ends or begins where nothing may be read and that need
// not be JSON, is read within it too.
func TestGuardedFields(t *testing.T) {
	t.Parallel()
	payloads := guardPayloads(t)
	longest := 0
	for _, p := range payloads {
		longest = max(longest, len(p))
	}
	in := newGuarded(t, longest)
	for i, payload := range payloads {
		if i%guardStride() > 0 {
			continue
		}
		value := payload[max(bytes.IndexByte(payload, ':'), 0):] // a list, a string or an object that is cut
		for _, part := range [][]byte{payload, value[min(len(value), 1):]} {
			for _, place := range []func([]byte) []byte{in.atEnd, in.atStart} {
				data := place(part)
				err := faultOf(func() { useFields(data) })
				require.NoError(t, err, "%q", part)
				require.Equal(t, string(part), string(data))
			}
		}
	}
}

// useRawValue reads a value as each type.
func useRawValue(data []byte) {
	v := RawValue(data)
	v.Text()
	v.Int64()
	v.Float64()
	v.Bool()
	v.Get()
	v.Get("choices", "x")
	for range v.Elements() {
	}
}

// useFields makes a chunk of data, and hands it to all that takes one.
func useFields(data []byte) {
	text, raw := Some(Text(data)), RawValue(data)
	extra := func(names ...string) []Member {
		members := []Member{{Name: data, Value: raw}}
		for _, name := range names {
			members = append(members, Member{Name: Text(name), Value: raw})
		}
		return members
	}
	function := Some(FunctionCall{Name: text, Arguments: text, Extra: extra("name", "arguments")})
	logprobs := Some(&Logprobs{Content: Some([]TokenLogprob{{Token: text, Extra: extra(), TopLogprobs: Some([]TopLogprob{{Token: text, Extra: extra()}})}}), Extra: extra("content")})
	c := &CreateChatCompletionData{
		ID: text, Model: text, Provider: text, ServiceTier: text, SystemFingerprint: text, Obfuscation: text, Object: Object(data),
		Error: Some(raw), Usage: Some(&Usage{Extra: extra("total_tokens")}), Extra: extra("choices", "id"),
		Choices: []Choice{{
			FinishReason: Some(FinishReason(data)), Logprobs: logprobs, Extra: extra("message", "text", "delta", "index"),
			Delta: Delta{
				Role: Some(Role(data)), Content: text, Refusal: text, Reasoning: text, ReasoningContent: text, ReasoningSignature: text, RedactedReasoning: text,
				ToolCalls:    Some([]ToolCall{{ID: text, Type: Some(ToolCallType(data)), Function: function, Extra: extra("function", "custom", "index")}}),
				FunctionCall: Some(&function.Value), Audio: Some(&Audio{ID: text, Transcript: text, Data: text, Extra: extra("transcript")}),
				Extra: extra("content", "tool_calls", "reasoning_details", "thinking_blocks"),
			},
		}},
	}
	c.AppendJSON(nil)
	c.AppendEvent(nil, string(data))
	if err := c.Validate(); err != nil {
		_ = err.Error()
	}
	for range c.Texts() {
	}
	var a Accumulator
	for range 2 {
		_ = a.Add(c)
		a.Completion().AppendJSON(nil)
	}
	clone := c.Clone()
	clone.EditTexts(func(Surface, Text) Text { return Text(data) })
	clone.AppendJSON(nil)
	_, _ = Text(data).MarshalJSON()
	_, _ = raw.MarshalJSON()
	_, _ = text.MarshalJSON()
}

// TestGuardedDestinations: the Append functions write only within the capacity of dst.
func TestGuardedDestinations(t *testing.T) {
	out := newGuarded(t, 64<<10)
	var c CreateChatCompletionData
	for i, payload := range guardPayloads(t) {
		if i%guardStride() > 0 {
			continue
		}
		if Unmarshal(payload, &c) != nil {
			c = CreateChatCompletionData{}
		}
		for name, appendTo := range map[string]func(dst []byte) []byte{
			"AppendJSON":              c.AppendJSON,
			"the chunk's AppendEvent": func(dst []byte) []byte { return c.AppendEvent(dst, "e") },
			"Completion": func(dst []byte) []byte {
				var a Accumulator
				_ = a.Add(&c)
				return a.Completion().AppendJSON(dst)
			},
			"AppendEvent":    func(dst []byte) []byte { return AppendEvent(dst, "e", payload) },
			"AppendRemoved":  func(dst []byte) []byte { dst, _ = AppendRemoved(dst, payload, "id"); return dst },
			"AppendSet":      func(dst []byte) []byte { dst, _ = AppendSet(dst, payload, RawValue("[]"), "x", "y"); return dst },
			"AppendReplaced": func(dst []byte) []byte { dst, _ = AppendReplaced(dst, payload, RawValue("[]"), "id"); return dst },
		} {
			want := appendTo(nil)
			for _, missing := range []int{0, 1, 2, 8, len(want)} {
				room := out.room(max(len(want)-missing, 0))
				var got []byte
				err := faultOf(func() { got = appendTo(room[:0]) })
				require.NoError(t, err, "%s: %q", name, payload)
				require.Equal(t, string(want), string(got), name)
			}
		}
	}
}

// useBuffer makes a source read into buf, which is not from the pool.
func (s *source) useBuffer(buf []byte) { s.buf, s.box = buf, nil }

// leaveBuffer ends that.
func (s *source) leaveBuffer() { s.buf, s.box, s.start, s.end, s.given = nil, nil, 0, 0, 0 }

// TestGuardedBuffers: neither Decoder nor Scanner looks beyond what has been read, wherever a stream is cut: its last byte is
// the last one of the buffer. In the same way the Tap gets what is written to it, and what is read from its Body.
func TestGuardedBuffers(t *testing.T) {
	t.Parallel()
	streams := guardStreams(t)
	longest := 0
	for _, s := range streams {
		longest = max(longest, len(s))
	}
	memory := newGuarded(t, longest)
	random := rand.New(rand.NewPCG(1, 1))
	var c CreateChatCompletionData
	n := 0
	for _, stream := range streams {
		for length := len(stream); length > 0; length -= guardStride() {
			n++
			prefix := stream[:length]
			err := faultOf(func() {
				d, err := FromResponse(&http.Response{StatusCode: 200, Body: io.NopCloser(bytes.NewReader(prefix))})
				require.NoError(t, err)
				d.framer.useBuffer(memory.room(length))
				defer d.framer.leaveBuffer()
				for err := error(nil); d.final == nil; {
					if err = d.Decode(&c); err == nil {
						c.Validate()
					}
				}
			})
			require.NoError(t, err, "Decoder: %q", prefix)

			err = faultOf(func() {
				s := NewScanner(bytes.NewReader(prefix))
				s.useBuffer(memory.room(length))
				defer s.leaveBuffer()
				for s.Scan() {
				}
			})
			require.NoError(t, err, "Scanner: %q", prefix)

			err = faultOf(func() {
				tap := NewTap(func(*CreateChatCompletionData, error) {})
				defer tap.Close()
				cut := random.IntN(length + 1)
				tap.Write(memory.atEnd(prefix[:cut]))
				tap.Write(memory.atStart(prefix[cut:]))
			})
			require.NoError(t, err, "Tap: %q", prefix)

			err = faultOf(func() {
				body := NewTap(func(*CreateChatCompletionData, error) {}).Body(io.NopCloser(bytes.NewReader(prefix)))
				defer body.Close()
				for n, err := 1, error(nil); err == nil; n = 1 + (n+6)%13 {
					_, err = body.Read(memory.room(n))
				}
			})
			require.NoError(t, err, "Body: %q", prefix)
		}
	}
	requireInDocument(t, n, "streams")
}
