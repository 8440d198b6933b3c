package chatstream

import (
	"bufio"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/seed-08fc7208/chatstream/internal/jsonwire"
)

// maxErrorBody is how much is read of a body that is not an event stream, in bytes.
const maxErrorBody = 64 << 10

// FromResponse returns a Decoder that reads the body of resp. Close closes the body
// too; after an error it has been closed already.
//
// A status other than 2xx gives an *APIError with the StatusCode and with what the
// body says of the error. A Content-Type other than text/event-stream gives
// ErrNotEventStream, wrapped, and where the body is an error object an *APIError
// that also is ErrNotEventStream. Some servers send no Content-Type: the Decoder
// then judges by the body itself. At most 64 KiB of such a body are read, and of one
// that doesn't look like JSON only the beginning; the request's context bounds the
// time.
//
// The Content-Encodings gzip and deflate are decoded, each event as soon as the
// server has flushed it; others are an error. That is for requests that asked for
// them: net/http's Transport decodes the gzip that it asked for by itself.
//
// What follows [DONE] is not read. Where connections are to be used again and the
// server is trusted to end the body, read the rest of resp.Body before Close.
func FromResponse(resp *http.Response, opts ...Option) (*Decoder, error) {
	if resp.Body == nil { // not from a client
		resp.Body = http.NoBody
	}
	body, err := decoded(resp, resp.Body)
	if err = judge(resp, err); err != nil {
		resp.Body.Close()
		return nil, err
	}
	d := NewDecoder(body, opts...)
	d.body = resp.Body
	return d, nil
}

// judge says why the response is no event stream. encodingErr is why its body can't
// be read.
func judge(resp *http.Response, encodingErr error) error {
	isEventStream := mediaType(resp) == "text/event-stream"
	switch {
	case resp.StatusCode < 200 || resp.StatusCode > 299:
		return statusError(resp, limited(resp), isEventStream)
	case encodingErr != nil:
		return encodingErr
	case isEventStream || mediaType(resp) == "":
		return nil
	}
	return contentTypeError(resp, limited(resp))
}

// limited returns the body to be quoted in an error, or nothing where it can't be
// read. It is limited before it is decoded too, since what has been compressed may be
// nothing, without end.
func limited(resp *http.Response) io.Reader {
	body, err := decoded(resp, io.LimitReader(resp.Body, maxErrorBody))
	if err != nil {
		return http.NoBody
	}
	return io.LimitReader(body, maxErrorBody)
}

// mediaType returns the Content-Type without its parameters, in lower case.
func mediaType(resp *http.Response) string {
	typ, _, _ := strings.Cut(resp.Header.Get("Content-Type"), ";")
	return strings.ToLower(strings.TrimSpace(typ))
}

// statusError describes a response whose status is not 2xx. That its body can't be
// read to the end does not make it less of an error.
func statusError(resp *http.Response, body io.Reader, isEventStream bool) *APIError {
	e := firstError(body, isEventStream)
	e.StatusCode = resp.StatusCode
	if e.Message == "" && len(e.Raw) == 0 {
		e.Message = "no body"
	}
	return e
}

// firstError reads the error that a body is, or the first one of an event stream.
func firstError(body io.Reader, isEventStream bool) *APIError {
	if !isEventStream {
		raw, _ := io.ReadAll(body)
		return errorOfBody(raw)
	}
	var seen bytes.Buffer
	d := NewDecoder(io.TeeReader(body, &seen))
	defer d.Close()
	for _, err := range d.All() {
		var apiErr *APIError
		if errors.As(err, &apiErr) {
			apiErr.notEvent, apiErr.Event, apiErr.EventOffset = false, 0, 0
			return apiErr
		}
	}
	return errorOfBody(seen.Bytes())
}

// errorOfBody describes an error whose body is raw. Of one that is not JSON, such
// as a page of HTML, the beginning is the message.
func errorOfBody(raw []byte) *APIError {
	raw = bytes.TrimSpace(withoutBOM(raw))
	if json.Valid(raw) {
		return errorIn(unlisted(raw))
	}
	message := bytes.ToValidUTF8(raw[:min(len(raw), maxQuoted)], nil)
	return &APIError{Message: string(message), Raw: raw}
}

func withoutBOM(body []byte) []byte { return bytes.TrimPrefix(body, []byte("\xEF\xBB\xBF")) }

// unlisted returns the error object that Google's servers put into a list: the only
// element of value if it is such a list, and otherwise value.
func unlisted(value []byte) []byte {
	i := jsonwire.SkipSpace(value, 0)
	if i == len(value) || value[i] != '[' || !jsonwire.IsValue(value) {
		return value
	}
	i = jsonwire.SkipSpace(value, i+1)
	if value[i] == ']' {
		return value
	}
	end, _ := jsonwire.SkipValue(value, i, 1)
	if value[jsonwire.SkipSpace(value, end)] != ']' {
		return value
	}
	return value[i:end:end]
}

// contentTypeError describes a response that is no event stream. It reads no more
// than it needs, since what the server sends may go on for long: the beginning, and
// where that is JSON the first value.
func contentTypeError(resp *http.Response, body io.Reader) error {
	raw := make([]byte, maxQuoted+1)
	n, readErr := io.ReadFull(body, raw)
	raw = withoutBOM(raw[:n])
	if apiErr := errorObject(io.MultiReader(bytes.NewReader(raw), body)); apiErr != nil {
		apiErr.notEvent = true
		return apiErr
	}
	err := fmt.Errorf("%w: its Content-Type is %s and it begins with %s",
		ErrNotEventStream, beginningOf([]byte(resp.Header.Get("Content-Type"))), beginningOf(raw))
	if readErr != nil && readErr != io.EOF && readErr != io.ErrUnexpectedEOF {
		err = fmt.Errorf("%w: %w", err, readErr)
	}
	return err
}

// errorObject returns the error that the first JSON value of a body is, or nil.
func errorObject(body io.Reader) *APIError {
	var value json.RawMessage
	if json.NewDecoder(body).Decode(&value) != nil {
		return nil
	}
	var apiErr *APIError
	if !errors.As(Unmarshal(unlisted(value), new(CreateChatCompletionData)), &apiErr) {
		return nil
	}
	return apiErr
}

// decoded returns the body of resp, or a part of it, without the Content-Encoding.
func decoded(resp *http.Response, body io.Reader) (io.Reader, error) {
	encoding := strings.Join(resp.Header.Values("Content-Encoding"), ", ")
	switch strings.ToLower(strings.TrimSpace(encoding)) {
	case "", "identity":
		return body, nil
	case "gzip", "x-gzip":
		return &gzipReader{src: bufio.NewReader(body)}, nil
	case "deflate":
		return &deflateReader{src: bufio.NewReader(body)}, nil
	}
	return nil, fmt.Errorf("chatstream: the response has the Content-Encoding %s, and only gzip and deflate can be decoded", beginningOf([]byte(encoding)))
}

// gzipReader reads gzip (RFC 1952). It waits for the header in Read, and, unlike a
// gzip.Reader by itself, gives what a member has before it waits for another one.
type gzipReader struct {
	src    *bufio.Reader
	member gzip.Reader
	inside bool
}

func (r *gzipReader) Read(p []byte) (int, error) {
	if !r.inside {
		if err := r.member.Reset(r.src); err != nil {
			return 0, err
		}
		r.member.Multistream(false)
		r.inside = true
	}
	n, err := r.member.Read(p)
	if err == io.EOF {
		r.inside, err = false, nil
	}
	return n, err
}

// deflateReader reads the coding called deflate: zlib (RFC 1950) by the standard,
// and bare DEFLATE (RFC 1951) from servers that took it at its word.
type deflateReader struct {
	src *bufio.Reader
	z   io.Reader
}

func (r *deflateReader) Read(p []byte) (int, error) {
	if r.z == nil {
		header, err := r.src.Peek(2)
		if err != nil {
			return 0, err
		}
		if isZlib(header) {
			if r.z, err = zlib.NewReader(r.src); err != nil {
				return 0, err
			}
		} else {
			r.z = flate.NewReader(r.src)
		}
	}
	return r.z.Read(p)
}

// isZlib reports whether two bytes are a header of zlib: its method and its check.
func isZlib(header []byte) bool {
	return header[0]&0x0F == 8 && (uint(header[0])<<8|uint(header[1]))%31 == 0
}
