package chatstream_test

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed-08fc7208/chatstream"
)

// reply is what a server answers.
type reply struct {
	status  int
	headers []string // name, value, name, value
	body    string
}

// get returns the client's response to the reply, with a body that knows whether it
// has been closed.
func (r reply) get(t *testing.T) (*http.Response, *closeCounter) {
	t.Helper()
	return getFrom(t, func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i < len(r.headers); i += 2 {
			w.Header().Add(r.headers[i], r.headers[i+1])
		}
		if w.Header().Get("Content-Type") == "" {
			w.Header()["Content-Type"] = nil // or net/http makes one up
		}
		if r.status != 0 {
			w.WriteHeader(r.status)
		}
		io.WriteString(w, r.body)
	})
}

func getFrom(t *testing.T, handler http.HandlerFunc) (*http.Response, *closeCounter) {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL, nil)
	require.NoError(t, err)
	request.Header.Set("Accept-Encoding", "gzip, deflate") // so that the Transport leaves the body alone
	resp, err := server.Client().Do(request)
	require.NoError(t, err)
	body := &closeCounter{ReadCloser: resp.Body}
	t.Cleanup(func() { body.ReadCloser.Close() })
	resp.Body = body
	return resp, body
}

// closeCounter counts how often it is closed.
type closeCounter struct {
	io.ReadCloser
	n int
}

func (c *closeCounter) Close() error {
	c.n++
	return c.ReadCloser.Close()
}

const shortStream = `data: {"choices":[{"index":0,"delta":{"content":"Hi"},"finish_reason":null}]}` + "\n\n" +
	`data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}` + "\n\n" + "data: [DONE]\n\n"

// requireShortStream reads shortStream.
func requireShortStream(t *testing.T, d *chatstream.Decoder) {
	t.Helper()
	var c chunk
	require.NoError(t, d.Decode(&c))
	require.Equal(t, "Hi", c.Choices[0].Delta.Content.Value.String())
	require.NoError(t, d.Decode(&c))
	require.Equal(t, chatstream.FinishReasonStop, c.Choices[0].FinishReason.Value)
	require.ErrorIs(t, d.Decode(&c), io.EOF)
	require.True(t, d.Done())
}

func TestFromResponse(t *testing.T) {
	for name, headers := range map[string][]string{
		"plain":             {"Content-Type", "text/event-stream"},
		"with parameters":   {"Content-Type", "text/event-stream; charset=utf-8"},
		"in capitals":       {"Content-Type", "Text/Event-Stream;charset=UTF-8"},
		"misshapen":         {"Content-Type", "text/event-stream; charset"},
		"without a type":    nil,
		"identity":          {"Content-Type", "text/event-stream", "Content-Encoding", "identity"},
		"an empty encoding": {"Content-Type", "text/event-stream", "Content-Encoding", ""},
		"in mixed case":     {"Content-Type", "text/event-stream", "Content-Encoding", "Identity"},
	} {
		t.Run(name, func(t *testing.T) {
			resp, body := reply{headers: headers, body: shortStream}.get(t)
			d, err := chatstream.FromResponse(resp)
			require.NoError(t, err)
			requireShortStream(t, d)
			require.Zero(t, body.n, "closed before Close")
			require.NoError(t, d.Close())
			require.NoError(t, d.Close())
			require.Equal(t, 1, body.n)
		})
	}
}

func TestFromResponseOtherSuccess(t *testing.T) {
	resp, _ := reply{status: http.StatusAccepted, headers: []string{"Content-Type", "text/event-stream"}, body: shortStream}.get(t)
	d, err := chatstream.FromResponse(resp)
	require.NoError(t, err)
	defer d.Close()
	requireShortStream(t, d)
}

func TestFromResponseOptions(t *testing.T) {
	resp, _ := reply{headers: []string{"Content-Type", "text/event-stream"}, body: shortStream}.get(t)
	d, err := chatstream.FromResponse(resp, chatstream.WithMaxEventSize(20))
	require.NoError(t, err)
	defer d.Close()
	require.ErrorIs(t, d.Decode(new(chunk)), chatstream.ErrEventTooLarge)
}

func TestFromResponseReset(t *testing.T) {
	resp, body := reply{headers: []string{"Content-Type", "text/event-stream"}, body: shortStream}.get(t)
	d, err := chatstream.FromResponse(resp)
	require.NoError(t, err)
	d.Reset(strings.NewReader(shortStream))
	require.Equal(t, 1, body.n, "the body is of no more use")
	requireShortStream(t, d)
	require.NoError(t, d.Close())
	require.Equal(t, 1, body.n)
}

// errClose is what a body's Close returns.
var errClose = errors.New("close failed")

type failingCloser struct{ io.Reader }

func (failingCloser) Close() error { return errClose }

func TestFromResponseCloseError(t *testing.T) {
	d, err := chatstream.FromResponse(&http.Response{
		StatusCode: http.StatusOK,
		Body:       failingCloser{strings.NewReader(shortStream)},
	})
	require.NoError(t, err)
	require.ErrorIs(t, d.Close(), errClose)
	require.NoError(t, d.Close())
}

func TestFromResponseWithoutBody(t *testing.T) {
	d, err := chatstream.FromResponse(&http.Response{StatusCode: http.StatusOK})
	require.NoError(t, err)
	defer d.Close()
	require.ErrorIs(t, d.Decode(new(chunk)), io.ErrUnexpectedEOF)
}

func TestFromResponseStatus(t *testing.T) {
	const jsonType, htmlType, streamType = "application/json", "text/html", "text/event-stream"
	long := "<" + strings.Repeat("é", 50_000)
	for _, test := range []struct {
		name   string
		status int
		typ    string
		body   string
		want   chatstream.APIError
		text   string
	}{
		{
			"OpenAI's shape", 429, jsonType,
			`{"error":{"message":"Rate limit reached","type":"requests","param":null,"code":"rate_limit_exceeded"}}`,
			chatstream.APIError{Message: "Rate limit reached", Type: "requests", Code: "rate_limit_exceeded"},
			"chatstream: 429 Too Many Requests: error from the provider: Rate limit reached (type requests) (code rate_limit_exceeded)",
		},
		{"a number as code, spaces around", 400, jsonType, " \n" + `{"error":{"message":"bad","code":400}}` + "\n", chatstream.APIError{Message: "bad", Code: "400"}, ""},
		{"a byte order mark", 400, jsonType, "\xEF\xBB\xBF" + `{"error":{"message":"bad"}}`, chatstream.APIError{Message: "bad"}, ""},
		{"a string", 500, jsonType, `{"error":"overloaded"}`, chatstream.APIError{Message: "overloaded"}, ""},
		{"no member error", 404, jsonType, `{"object":"error","message":"no such model","code":404}`, chatstream.APIError{Message: "no such model", Code: "404"}, ""},
		{"detail", 404, jsonType, `{"detail":"Not Found"}`, chatstream.APIError{Message: "Not Found"}, ""},
		{"Google's list", 400, jsonType, `[{"error":{"code":400,"message":"API key not valid","status":"INVALID_ARGUMENT"}}]`, chatstream.APIError{Message: "API key not valid", Code: "400"}, ""},
		{"no Content-Type", 503, "", `{"error":{"message":"down"}}`, chatstream.APIError{Message: "down"}, ""},
		{"an event stream", 400, streamType, ": hello\n\n" + `data: {"error":{"message":"too long","code":"context"}}` + "\n\n", chatstream.APIError{Message: "too long", Code: "context"}, ""},
		{"an event that is an error", 400, streamType, "event: error\ndata: {\"message\":\"too long\"}\n\n", chatstream.APIError{Message: "too long"}, ""},
		{"JSON that is called an event stream", 400, streamType, `{"error":{"message":"bad"}}`, chatstream.APIError{Message: "bad"}, ""},
		{"text that is called an event stream", 400, streamType, "no, you don't", chatstream.APIError{Message: "no, you don't"}, ""},
		{"a page", 502, htmlType, "<html>Bad Gateway</html>\n", chatstream.APIError{Message: "<html>Bad Gateway</html>"}, ""},
		{"a long page", 502, htmlType, long, chatstream.APIError{Message: "<" + strings.Repeat("é", 99)}, ""},
		{"JSON that is cut", 500, jsonType, `{"error":{"message":"b`, chatstream.APIError{Message: `{"error":{"message":"b`}, ""},
		{"nothing", 401, "", "", chatstream.APIError{Message: "no body"}, "chatstream: 401 Unauthorized: error from the provider: no body"},
		{"a redirection that was not followed", 304, "", "", chatstream.APIError{Message: "no body"}, ""},
		{"a status without a name", 529, jsonType, `{"error":{"message":"overloaded"}}`, chatstream.APIError{Message: "overloaded"}, "chatstream: 529: error from the provider: overloaded"},
	} {
		t.Run(test.name, func(t *testing.T) {
			resp, body := reply{test.status, []string{"Content-Type", test.typ}, test.body}.get(t)
			d, err := chatstream.FromResponse(resp)
			require.Nil(t, d)
			var got *chatstream.APIError
			require.ErrorAs(t, err, &got)
			require.Equal(t, test.status, got.StatusCode)
			require.Equal(t, [...]string{test.want.Message, test.want.Type, test.want.Code, test.want.Param},
				[...]string{got.Message, got.Type, got.Code, got.Param})
			require.NotErrorIs(t, err, chatstream.ErrNotEventStream)
			require.LessOrEqual(t, len(got.Raw), 64<<10)
			if test.text != "" {
				require.EqualError(t, err, test.text)
			}
			require.Equal(t, 1, body.n, "the body is closed")
		})
	}
}

// TestFromResponseErrorInStream: an error in a stream is returned before the stream ends.
func TestFromResponseErrorInStream(t *testing.T) {
	resp, _ := getFrom(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		w.WriteHeader(http.StatusBadRequest)
		io.WriteString(w, `data: {"error":{"message":"no"}}`+"\n\n")
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	})
	_, err := chatstream.FromResponse(resp)
	var got *chatstream.APIError
	require.ErrorAs(t, err, &got)
	require.Equal(t, "no", got.Message)
}

func TestFromResponseContentType(t *testing.T) {
	const jsonType = "application/json"
	padding := strings.Repeat(" ", 500)
	for _, test := range []struct {
		name, typ, body string
		says            string
		apiMessage      string // where it is an *APIError
	}{
		{"a whole completion", jsonType, `{"object":"chat.completion","choices":[]}`, `its Content-Type is "application/json" and it begins with "{\"object\":\"chat.completion\"`, ""},
		{"a page", "text/html; charset=utf-8", "<!doctype html>" + padding, `its Content-Type is "text/html; charset=utf-8" and it begins with "<!doctype html>`, ""},
		{"an event stream by another name", "text/html", shortStream, `it begins with "data: {`, ""},
		{"text like a field", "text/plain", "dates: 1, 2\n", `it begins with "dates`, ""},
		{"text like a part of a field", "text/plain", "dat", `it begins with "dat"`, ""},
		{"empty lines", "text/plain", "\n\n", `it begins with "\n\n"`, ""},
		{"nothing", jsonType, "", `it begins with ""`, ""},
		{"an error", jsonType, `{"error":{"message":"bad key","code":401}}`, "not an event stream: error from the provider: bad key (code 401)", "bad key"},
		{"an error that is a string", jsonType, `{"error":"bad key"}`, "bad key", "bad key"},
		{"an error object", jsonType, `{"object":"error","message":"bad key"}`, "bad key", "bad key"},
		{"a longer error", jsonType, "\xEF\xBB\xBF\r\n" + padding + `{"error":{"message":"bad key"}` + padding + `}`, "bad key", "bad key"},
		{"an error in a list", jsonType, `[{"error":{"message":"bad key"}}]`, "bad key", "bad key"},
		{"an error in another type", "text/plain", `{"error":{"message":"bad key"}}`, "bad key", "bad key"},
		{"null is no error", jsonType, `{"error":null,"choices":[]}`, `it begins with "{\"error\":null`, ""},
		{"an error without an end", jsonType, `{"error":{"message":"` + strings.Repeat("x", 100_000), `it begins with "{\"error\"`, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			resp, body := reply{0, []string{"Content-Type", test.typ}, test.body}.get(t)
			d, err := chatstream.FromResponse(resp)
			require.Nil(t, d)
			require.ErrorIs(t, err, chatstream.ErrNotEventStream)
			require.ErrorContains(t, err, test.says)
			require.Less(t, len(err.Error()), 1000)
			var got *chatstream.APIError
			if errors.As(err, &got) {
				require.Equal(t, test.apiMessage, got.Message)
				require.Zero(t, got.StatusCode)
			} else {
				require.Empty(t, test.apiMessage, "an *APIError")
			}
			require.Equal(t, 1, body.n, "the body is closed")
		})
	}
}

// TestFromResponseOfAnotherStream: a stream of another kind is refused before it ends.
func TestFromResponseOfAnotherStream(t *testing.T) {
	line := `{"model":"m","message":{"content":"` + strings.Repeat("x", 300) + `"},"done":false}` + "\n"
	resp, _ := getFrom(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/x-ndjson")
		io.WriteString(w, line)
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	})
	_, err := chatstream.FromResponse(resp)
	require.ErrorIs(t, err, chatstream.ErrNotEventStream)
}

func TestFromResponseBodyFails(t *testing.T) {
	broken := errors.New("broken")
	body := io.NopCloser(io.MultiReader(strings.NewReader("<html>"), readerFunc(func([]byte) (int, error) { return 0, broken })))
	_, err := chatstream.FromResponse(&http.Response{
		StatusCode: http.StatusOK,
		Header:     http.Header{"Content-Type": {"text/html"}},
		Body:       body,
	})
	require.ErrorIs(t, err, chatstream.ErrNotEventStream)
	require.ErrorIs(t, err, broken)
	require.ErrorContains(t, err, "<html>")
}

// flusher is what the encoders of Content-Encoding have.
type flusher interface {
	io.WriteCloser
	Flush() error
}

// encodings has every coding that is decoded, by a name for it.
var encodings = map[string]struct {
	header string
	encode func(io.Writer) flusher
}{
	"gzip":         {"gzip", func(w io.Writer) flusher { return gzip.NewWriter(w) }},
	"x-gzip":       {"X-GZIP", func(w io.Writer) flusher { return gzip.NewWriter(w) }},
	"deflate":      {"deflate", func(w io.Writer) flusher { return zlib.NewWriter(w) }},
	"bare deflate": {"deflate", func(w io.Writer) flusher { z, _ := flate.NewWriter(w, 6); return z }},
}

// TestFromResponseEncoding: each event comes out as soon as it was flushed, while
// the server waits for it to be read.
func TestFromResponseEncoding(t *testing.T) {
	for name, encoding := range encodings {
		t.Run(name, func(t *testing.T) {
			read := make(chan bool)
			resp, body := getFrom(t, func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Type", "text/event-stream")
				w.Header().Set("Content-Encoding", encoding.header)
				w.WriteHeader(http.StatusOK)
				w.(http.Flusher).Flush() // the headers, before anything of the body is there
				z := encoding.encode(w)
				for i := range 3 {
					fmt.Fprintf(z, `data: {"id":"%d","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}`+"\n\n", i)
					z.Flush()
					w.(http.Flusher).Flush()
					select {
					case <-read:
					case <-r.Context().Done():
						return
					}
				}
				io.WriteString(z, "data: [DONE]\n\n")
				z.Close()
			})
			d, err := chatstream.FromResponse(resp)
			require.NoError(t, err)
			var c chunk
			for i := range 3 {
				require.NoError(t, within(t, func() error { return d.Decode(&c) }))
				require.Equal(t, fmt.Sprint(i), c.ID.Value.String())
				read <- true
			}
			require.ErrorIs(t, d.Decode(&c), io.EOF)
			require.True(t, d.Done())
			require.NoError(t, d.Close())
			require.Equal(t, 1, body.n)
		})
	}
}

// within fails the test if f takes long.
func within(t *testing.T, f func() error) error {
	t.Helper()
	done := make(chan error, 1)
	go func() { done <- f() }()
	select {
	case err := <-done:
		return err
	case <-time.After(10 * time.Second):
		require.FailNow(t, "it waits for more than it needs")
		return nil
	}
}

func encoded(t *testing.T, encode func(io.Writer) flusher, s string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := encode(&b)
	_, err := io.WriteString(z, s)
	require.NoError(t, err)
	require.NoError(t, z.Close())
	return b.Bytes()
}

func encodedResponse(encoding string, body io.Reader) *http.Response {
	return &http.Response{
		StatusCode: http.StatusOK,
		Header:     http.Header{"Content-Type": {"text/event-stream"}, "Content-Encoding": {encoding}},
		Body:       io.NopCloser(body),
	}
}

// TestFromResponseGzipMembers: the data of a gzip member is returned before the next member begins.
func TestFromResponseGzipMembers(t *testing.T) {
	r, w := io.Pipe()
	defer w.Close()
	d, err := chatstream.FromResponse(encodedResponse("gzip", r))
	require.NoError(t, err)
	var c chunk
	for i := range 3 {
		event := fmt.Sprintf(`data: {"id":"%d"}`+"\n\n", i)
		go w.Write(encoded(t, encodings["gzip"].encode, event))
		require.NoError(t, within(t, func() error { return d.Decode(&c) }))
		require.Equal(t, fmt.Sprint(i), c.ID.Value.String())
	}
}

func TestFromResponseEncodingIsCut(t *testing.T) {
	unfinished := shortStream[:strings.Index(shortStream, "data: [DONE]")-80]
	for name, encoding := range encodings {
		t.Run(name, func(t *testing.T) {
			whole := encoded(t, encoding.encode, unfinished)
			for n := range whole {
				d, err := chatstream.FromResponse(encodedResponse(encoding.header, bytes.NewReader(whole[:n])))
				require.NoError(t, err)
				var last error
				for _, last = range d.All() {
				}
				require.ErrorIs(t, last, io.ErrUnexpectedEOF, "cut at %d", n)
				require.NoError(t, d.Close())
			}
		})
	}
}

func TestFromResponseEncodingIsCorrupt(t *testing.T) {
	for name, encoding := range encodings {
		t.Run(name, func(t *testing.T) {
			d, err := chatstream.FromResponse(encodedResponse(encoding.header, strings.NewReader(shortStream)))
			require.NoError(t, err)
			defer d.Close()
			err = d.Decode(new(chunk))
			require.ErrorContains(t, err, "read: ")
			require.NotErrorIs(t, err, io.EOF)
		})
	}
}

func TestFromResponseEncodingRefused(t *testing.T) {
	for _, encoding := range []string{"br", "zstd", "gzip, gzip", "compress"} {
		resp, body := reply{0, []string{"Content-Type", "text/event-stream", "Content-Encoding", encoding}, "..."}.get(t)
		d, err := chatstream.FromResponse(resp)
		require.Nil(t, d)
		require.ErrorContains(t, err, fmt.Sprintf("Content-Encoding %q", encoding))
		require.ErrorContains(t, err, "gzip and deflate")
		require.Equal(t, 1, body.n, "the body is closed")
	}
}

// TestFromResponseEncodingOfNothing: the codings identity and none have no effect, alone or in a list.
func TestFromResponseEncodingOfNothing(t *testing.T) {
	for _, encoding := range []string{"", "identity", "none", "None, Identity", "identity,", " none "} {
		d, err := chatstream.FromResponse(encodedResponse(encoding, strings.NewReader(shortStream)))
		require.NoError(t, err, encoding)
		requireShortStream(t, d)
	}
	gzip := encodings["gzip"]
	for _, encoding := range []string{"gzip, identity", "none, gzip", "identity, GZIP, none"} {
		d, err := chatstream.FromResponse(encodedResponse(encoding, bytes.NewReader(encoded(t, gzip.encode, shortStream))))
		require.NoError(t, err, encoding)
		requireShortStream(t, d)
	}
}

// TestFromResponseEncodingNotAnnounced: gzip without a header is recognized by its first bytes, however
// reads cut them. Other streams are not delayed.
func TestFromResponseEncodingNotAnnounced(t *testing.T) {
	body := encoded(t, encodings["gzip"].encode, shortStream)
	for _, encoding := range []string{"", "identity"} {
		for _, r := range []io.Reader{bytes.NewReader(body), iotest.OneByteReader(bytes.NewReader(body)), iotest.DataErrReader(bytes.NewReader(body))} {
			d, err := chatstream.FromResponse(encodedResponse(encoding, r))
			require.NoError(t, err)
			requireShortStream(t, d)
		}
	}
	r, w := io.Pipe()
	d, err := chatstream.FromResponse(encodedResponse("", r))
	require.NoError(t, err)
	for _, event := range strings.SplitAfter(shortStream, "\n\n")[:2] {
		go w.Write([]byte(event))
		require.NoError(t, within(t, func() error { return d.Decode(new(chunk)) }))
	}
	d, err = chatstream.FromResponse(encodedResponse("", strings.NewReader("\x1F")))
	require.NoError(t, err)
	require.ErrorIs(t, d.Decode(new(chunk)), chatstream.ErrNotEventStream)
}

// TestFromResponseMislabelled: an event stream of another Content-Type is recognized by its first
// line. FromResponse waits for no more.
func TestFromResponseMislabelled(t *testing.T) {
	for _, typ := range []string{"application/json", "text/plain; charset=utf-8"} {
		for _, before := range []string{"", "\n\r\n", "\xEF\xBB\xBF", ": c\n", "event: e\n", "id: 1\n", "retry: 1\n\n"} {
			r, w := io.Pipe()
			resp := encodedResponse("", r)
			resp.Header.Set("Content-Type", typ)
			stream := before + shortStream
			first := strings.Index(stream, ":") + 1
			wrote := make(chan bool)
			go func() {
				for i := range first { // FromResponse needs no more
					w.Write([]byte(stream[i : i+1]))
				}
				<-wrote
				io.WriteString(w, stream[first:])
			}()
			var d *chatstream.Decoder
			require.NoError(t, within(t, func() (err error) { d, err = chatstream.FromResponse(resp); return err }), "%s, %q", typ, before)
			close(wrote)
			requireShortStream(t, d)
		}
	}
	resp := encodedResponse("gzip", bytes.NewReader(encoded(t, encodings["gzip"].encode, shortStream)))
	resp.Header.Set("Content-Type", "application/json")
	d, err := chatstream.FromResponse(resp)
	require.NoError(t, err)
	requireShortStream(t, d)

	long := strings.Replace(shortStream, "\n\n", "\n\n"+strings.Repeat(": c\n", 50_000), 1)
	resp = encodedResponse("", strings.NewReader(long))
	resp.Header.Set("Content-Type", "text/plain")
	d, err = chatstream.FromResponse(resp)
	require.NoError(t, err)
	requireShortStream(t, d)
}

// TestCompressedBodyIsNamed: a Tap reports a compressed body after four bytes, and never as truncated.
func TestCompressedBodyIsNamed(t *testing.T) {
	for body, name := range map[string]string{
		"\x1F\x8B\x08\x00\x00": "gzip", "\x28\xB5\x2F\xFD\x04": "zstd", "\x8B\x05\x80\n:\n\ndata: {}": "binary; compressed?", "a\x00b": "binary; compressed?",
		"[\x80\x01": "binary; compressed?",
	} {
		tap, got := collect()
		for i := range 4 {
			if name == "gzip" || name == "zstd" {
				require.Empty(t, *got)
				tap.Write([]byte(body[i : i+1]))
				continue
			}
			tap.Write([]byte(body))
			tap.Close()
			break
		}
		require.Len(t, *got, 1, "%q", body)
		require.ErrorIs(t, (*got)[0].err, chatstream.ErrNotEventStream)
		require.ErrorContains(t, (*got)[0].err, name)
		tap.Close()
		require.Len(t, *got, 1)
	}
}

// TestFromResponseEncodedError: the body of an error is decompressed too. If that fails, the error
// still has the status.
func TestFromResponseEncodedError(t *testing.T) {
	const text = `{"error":{"message":"slow down"}}`
	for name, encoding := range encodings {
		for status, typ := range map[int]string{429: "application/json", 200: "application/json"} {
			t.Run(fmt.Sprint(name, " ", status), func(t *testing.T) {
				body := string(encoded(t, encoding.encode, text))
				resp, _ := reply{status, []string{"Content-Type", typ, "Content-Encoding", encoding.header}, body}.get(t)
				_, err := chatstream.FromResponse(resp)
				var got *chatstream.APIError
				require.ErrorAs(t, err, &got)
				require.Equal(t, "slow down", got.Message)
			})
		}
	}
	resp, _ := reply{503, []string{"Content-Encoding", "br"}, "..."}.get(t)
	_, err := chatstream.FromResponse(resp)
	var got *chatstream.APIError
	require.ErrorAs(t, err, &got)
	require.Equal(t, 503, got.StatusCode)
}

// TestFromResponseEncodedWithoutEnd: an endless compressed body that decodes to nothing is read no further than others.
func TestFromResponseEncodedWithoutEnd(t *testing.T) {
	for name, encoding := range encodings {
		member := string(encoded(t, encoding.encode, ""))
		if encoding.header == "deflate" { // one that goes on: stored blocks of no bytes, of which none is the last
			member = "\x00\x00\x00\xff\xff"
		}
		for status, typ := range map[int]string{500: "text/html", 501: "application/json", 502: "text/event-stream", 200: "text/html"} {
			t.Run(fmt.Sprint(name, " ", status), func(t *testing.T) {
				resp, _ := reply{status, []string{"Content-Type", typ, "Content-Encoding", encoding.header}, ""}.get(t)
				body := &endless{text: member, n: 16 << 20}
				resp.Body = io.NopCloser(body)
				_, err := chatstream.FromResponse(resp)
				require.Error(t, err)
				require.LessOrEqual(t, body.read, 64<<10)
			})
		}
	}
}
