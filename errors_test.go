package chatstream_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-08fc7208/chatstream"
)

// TestErrorPrefix: every sentinel has the prefix of the package, and an error that wraps
// one has it once.
func TestErrorPrefix(t *testing.T) {
	for _, err := range []error{
		chatstream.ErrEventTooLarge, chatstream.ErrNotEventStream, chatstream.ErrClosed, chatstream.ErrAccumulatorFull,
	} {
		assert.True(t, strings.HasPrefix(err.Error(), "chatstream: "), "%v", err)
	}
	inner := fmt.Errorf("%w", chatstream.ErrClosed)
	for name, err := range map[string]error{
		"a document":            finalError(strings.NewReader("<html>")),
		"an error document":     finalError(strings.NewReader(`{"error":"x"}`)),
		"an event over a limit": finalError(strings.NewReader(strings.Repeat("data: x", 100)), chatstream.WithMaxEventSize(100)),
		"a stream that is cut":  finalError(strings.NewReader("data: {")),
		"a reader's error":      finalError(failing{inner}),
		"of a Scanner":          scanError(failing{inner}),
		"of a Scanner's limit":  scanError(strings.NewReader(strings.Repeat("data: x", 100)), chatstream.WithMaxEventSize(100)),
	} {
		assert.True(t, strings.HasPrefix(err.Error(), "chatstream: "), "%s: %v", name, err)
		assert.Equal(t, 1, strings.Count(err.Error(), "chatstream"), "%s: %v", name, err)
	}
}

func jsonOf(v any) []byte {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return data
}

type failing struct{ err error }

func (r failing) Read([]byte) (int, error) { return 0, r.err }

// finalError is the first error of a Decoder.
func finalError(r io.Reader, opts ...chatstream.Option) error {
	d := chatstream.NewDecoder(r, opts...)
	for _, err := range d.All() {
		if err != nil {
			return err
		}
	}
	return nil
}

func scanError(r io.Reader, opts ...chatstream.Option) error {
	s := chatstream.NewScanner(r, opts...)
	for s.Scan() {
	}
	return s.Err()
}

// TestEventTooLargeText: Decoder and Scanner say the same.
func TestEventTooLargeText(t *testing.T) {
	stream := strings.Repeat("data: {\"choices\":[]}\n\n", 4) + "\n: c\ndata: " + strings.Repeat("x", 200)
	const want = "chatstream: event 5 at byte 93: event too large: over 100 bytes"
	assert.EqualError(t, finalError(strings.NewReader(stream), chatstream.WithMaxEventSize(100)), want)
	assert.EqualError(t, scanError(strings.NewReader(stream), chatstream.WithMaxEventSize(100)), want)
}

// TestSyntaxErrorQuotesThePayload: the text quotes as much of the payload as the limit allows.
func TestSyntaxErrorQuotesThePayload(t *testing.T) {
	err := chatstream.Unmarshal([]byte(`{"a":x}`), new(chunk))
	assert.EqualError(t, err, `chatstream: payload, byte 5: invalid character 'x' looking for the beginning of a value: it begins with "{\"a\":x}"`)
	err = finalError(strings.NewReader("data: no JSON\n\n"))
	assert.ErrorContains(t, err, `: it begins with "no JSON"`)
	err = chatstream.Unmarshal([]byte("{"+strings.Repeat(" ", 1000)+"x"), new(chunk))
	assert.ErrorContains(t, err, `{`+strings.Repeat(" ", 199)+`"...`)
	assert.NotContains(t, err.Error(), strings.Repeat(" ", 200))
}

// TestErrorTextsAreBounded: a text has at most 200 bytes from the other side.
func TestErrorTextsAreBounded(t *testing.T) {
	long := strings.Repeat("\u20AC", 1000)
	for _, payload := range []string{
		`{"error":"` + long + `"}`, `{"error":{"message":"` + long + `"}}`, `{"error":{"a":"` + long + `"}}`,
		`{"error":{"message":"` + long + `","type":"` + long + `","code":"` + long + `","param":"` + long + `"}}`,
		`{"error":{"type":"` + long + `"}}`, long, `{"` + long,
	} {
		err := chatstream.Unmarshal([]byte(payload), new(chunk))
		require.Error(t, err)
		n := strings.Count(err.Error(), "\u20AC") * len("\u20AC")
		assert.Greater(t, n, 30, "%.40s", payload)
		assert.LessOrEqual(t, n, 200, "%.40s", payload)
		assert.NotContains(t, err.Error(), `\x`, "cut between two characters")
	}
	err := chatstream.Unmarshal([]byte(`{"error":{"message":"`+strings.Repeat("m", 300)+`","code":429}}`), new(chunk))
	assert.EqualError(t, err, "chatstream: error from the provider: "+strings.Repeat("m", 197)+"... (code 429)")
}

// TestErrorTextsAreEscaped: a text has no bidirectional controls, invisible characters or line ends.
func TestErrorTextsAreEscaped(t *testing.T) {
	for _, r := range "\n\r\t\x00\x1b\x7f\u0085\u200b\u200d\u200e\u202e\u2028\u2029\u2060\u2066\u2069\ufeff\u061c\u034f\ufe0f\u3164\U000E0041" {
		text := "a" + string(r) + "b"
		for _, err := range []error{
			chatstream.Unmarshal(jsonOf(map[string]any{"error": text}), new(chunk)),
			chatstream.Unmarshal(jsonOf(map[string]any{"error": map[string]any{"message": "m", "code": text}}), new(chunk)),
			chatstream.Unmarshal([]byte(text), new(chunk)),
			finalError(strings.NewReader("<" + strings.Trim(text, "\n"))),
		} {
			require.Error(t, err)
			assert.NotContains(t, err.Error(), string(r), "%U", r)
		}
	}
	assert.EqualError(t, chatstream.Unmarshal([]byte(`{"error":"say \"\u00e9\\\""}`), new(chunk)), `chatstream: error from the provider: say "é\"`)
	assert.EqualError(t, chatstream.Unmarshal([]byte(`{"error":"\u202e\""}`), new(chunk)), `chatstream: error from the provider: \u202e\"`)
}

// TestErrorMembersBesideAText: members beside an error that is not an object belong to the error.
func TestErrorMembersBesideAText(t *testing.T) {
	for payload, want := range map[string]chatstream.APIError{
		`{"error":"m","code":429,"type":"t","param":"p"}`:       {Message: "m", Code: "429", Type: "t", Param: "p"},
		`{"error_type":"rate","error":"m","code":null}`:         {Message: "m", Type: "rate"},
		`{"type":"error","error_type":"rate","error":"m"}`:      {Message: "m", Type: "rate"},
		`{"error":{"message":"m"},"code":429,"type":"t"}`:       {Message: "m"},
		`{"error":7,"code":"c"}`:                                {Message: "7", Code: "c"},
		`{"object":"error","message":"m","type":"t","code":40}`: {Message: "m", Type: "t", Code: "40"},
	} {
		for name, err := range map[string]error{
			"Unmarshal":    chatstream.Unmarshal([]byte(payload), new(chunk)),
			"Decoder":      finalError(strings.NewReader("data: " + payload + "\n\n")),
			"event: error": finalError(strings.NewReader("event: error\ndata: " + payload + "\n\n")),
		} {
			var got *chatstream.APIError
			require.True(t, errors.As(err, &got), "%s of %s: %v", name, payload, err)
			assert.Equal(t, want, chatstream.APIError{Message: got.Message, Type: got.Type, Code: got.Code, Param: got.Param}, "%s of %s", name, payload)
		}
	}
}
