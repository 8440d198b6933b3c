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
	"math"
	"net/http"
	"strings"
)

// maxErrorBody is how much is read of a body that is not an event stream, in bytes.
const maxErrorBody = 64 << 10

// FromResponse returns a Decoder that reads the body of resp. Close of the Decoder closes
// the body too. If FromResponse returns an error, it has closed the body.
//
// A status other than 2xx gives an [*APIError] with the StatusCode and the message of the
// body. A Content-Type other than text/event-stream gives [ErrNotEventStream],
// wrapped; if the body is an error object, the error is an *APIError too. Two kinds of
// servers are tolerated. If there is no Content-Type, the Decoder judges the body itself. If
// it is application/json or text/plain, FromResponse waits for the first line, and accepts
// the body if that is a line of an event stream. FromResponse reads at most 64 KiB of a body
// that it rejects, and of one that does not look like JSON only the beginning. The request's
// context bounds the time.
//
// The Content-Encodings gzip and deflate are decoded, each event as soon as the server has
// flushed it. A request that sets Accept-Encoding itself needs this: net/http's Transport decodes
// gzip only if the Transport asked for it. A body that begins like gzip is also decoded if
// the header is missing. Other encodings are an error, except for identity and none.
//
// The Decoder does not read past [DONE]. To reuse the connection, and if the server is trusted
// to end the body, read the rest of resp.Body before Close.
func FromResponse(resp *http.Response, opts ...Option) (*Decoder, error) {
	if resp.Body == nil { // not from a client
		resp.Body = http.NoBody
	}
	body, err := decoded(resp, resp.Body)
	if err == nil && mayBeMislabelled(resp) {
		if body, err = mislabelledStream(resp); err != nil {
			resp.Body.Close()
			return nil, err
		}
	} else if err = judge(resp, err); err != nil {
		resp.Body.Close()
		return nil, err
	}
	d := NewDecoder(body, opts...)
	closer := resp.Body // as it is now: the caller may set another one
	d.body = &closer
	return d, nil
}

// judge returns the reason why the response is not an event stream. encodingErr is the
// reason why its body can't be read.
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

// mayBeMislabelled reports whether the response is a success of a type that some servers
// give to event streams.
func mayBeMislabelled(resp *http.Response) bool {
	typ := mediaType(resp)
	return resp.StatusCode >= 200 && resp.StatusCode <= 299 && (typ == "application/json" || typ == "text/plain")
}

// mislabelledStream returns the body if its first line belongs to an event stream, and
// otherwise an error.
func mislabelledStream(resp *http.Response) (io.Reader, error) {
	raw := &io.LimitedReader{R: resp.Body, N: maxErrorBody}
	body, err := decoded(resp, raw)
	if err != nil {
		return nil, err
	}
	var begin []byte
	is := lineOpen
	for buf, empty := make([]byte, 512), 0; is == lineOpen && err == nil; {
		var n int
		if n, err = body.Read(buf); n == 0 && err == nil {
			if empty++; empty == maxEmptyReads {
				err = io.ErrNoProgress
			}
		}
		begin = append(begin, buf[:n]...)
		is = firstLineOf(begin)
	}
	if err != nil {
		body = failedReader{err}
	}
	body = io.MultiReader(bytes.NewReader(begin), body)
	if is != lineOfStream {
		return nil, contentTypeError(resp, io.LimitReader(body, maxErrorBody))
	}
	raw.N = math.MaxInt64
	return body, nil
}

// lineVerdict says whether the first line of a body belongs to an event stream.
type lineVerdict uint8

const (
	lineOpen lineVerdict = iota // more of it is needed
	lineOfStream
	lineOfOther
)

// firstLineOf looks at the first line that is not empty. The field error is not counted:
// text may well begin so.
func firstLineOf(begin []byte) lineVerdict {
	const bom = "\xEF\xBB\xBF"
	if len(begin) < len(bom) && strings.HasPrefix(bom, string(begin)) {
		return lineOpen
	}
	line := bytes.TrimLeft(withoutBOM(begin), "\r\n")
	for _, known := range []string{":", "data:", "event:", "id:", "retry:"} {
		switch {
		case bytes.HasPrefix(line, []byte(known)):
			return lineOfStream
		case strings.HasPrefix(known, string(line)):
			return lineOpen
		}
	}
	return lineOfOther
}

// failedReader is the rest of a reader that has ended with an error.
type failedReader struct{ err error }

func (r failedReader) Read([]byte) (int, error) { return 0, r.err }

// limited returns the body that an error quotes, or nothing if it can't be read. It also
// limits the compressed bytes, because they may go on without end and decode to nothing.
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

// statusError describes a response whose status is not 2xx. It ignores errors while the body
// is read.
func statusError(resp *http.Response, body io.Reader, isEventStream bool) *APIError {
	e := firstError(body, isEventStream)
	e.StatusCode = resp.StatusCode
	if e.Message == "" && len(e.Raw) == 0 {
		e.Message = "no body"
	}
	return e
}

// firstError returns the error object that is the body, or the first error of an event stream.
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

// errorOfBody describes an error whose body is raw. If the body is not JSON, such as an HTML
// page, its beginning is the message.
func errorOfBody(raw []byte) *APIError {
	raw = bytes.TrimSpace(withoutBOM(raw))
	if json.Valid(raw) {
		return errorIn(unlisted(raw))
	}
	message := bytes.ToValidUTF8(raw[:min(len(raw), maxQuoted)], nil)
	return &APIError{Message: string(message), Raw: raw}
}

func withoutBOM(body []byte) []byte { return bytes.TrimPrefix(body, []byte("\xEF\xBB\xBF")) }

// contentTypeError describes a response that is not an event stream. The body may be long,
// so it reads only the beginning, or the first value if the body is JSON.
func contentTypeError(resp *http.Response, body io.Reader) error {
	raw := make([]byte, maxQuoted+1)
	n, readErr := io.ReadFull(body, raw)
	raw = withoutBOM(raw[:n])
	if apiErr := errorObject(io.MultiReader(bytes.NewReader(raw), body)); apiErr != nil {
		apiErr.notEvent = true
		return apiErr
	}
	const maxType = 60
	typ := []byte(resp.Header.Get("Content-Type"))
	err := fmt.Errorf("%w: its Content-Type is %s and it begins with %s",
		ErrNotEventStream, quoted(typ, maxType), quoted(raw, maxQuoted-min(len(typ), maxType)))
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
	var codings []string // without identity and empty ones
	for coding := range strings.SplitSeq(strings.ToLower(encoding), ",") {
		switch coding = strings.TrimSpace(coding); coding {
		case "", "identity", "none":
		default:
			codings = append(codings, coding)
		}
	}
	switch strings.Join(codings, ",") {
	case "":
		return &unannounced{src: body}, nil
	case "gzip", "x-gzip":
		return &gzipReader{src: bufio.NewReader(body)}, nil
	case "deflate":
		return &deflateReader{src: bufio.NewReader(body)}, nil
	}
	return nil, fmt.Errorf("chatstream: the response has the Content-Encoding %s, and only gzip and deflate can be decoded", beginningOf([]byte(encoding)))
}

// unannounced reads a body whose header names no coding. It recognizes gzip by the first two
// bytes, and decides as soon as they have come.
type unannounced struct {
	src  io.Reader
	body io.Reader // src or its decoder; nil until that is decided
	held []byte    // the first byte, if it may begin gzip and no other byte has come
}

func (r *unannounced) Read(p []byte) (int, error) {
	if r.body != nil || len(p) == 0 {
		return r.read(p)
	}
	b := p
	if len(b) < len(gzipMagic) {
		b = make([]byte, len(gzipMagic))
	}
	held := copy(b, r.held)
	n, err := r.src.Read(b[held:])
	if n < 0 || n > len(b)-held {
		return 0, errBadRead
	}
	b = b[:held+n]
	switch {
	case len(b) == 0:
		return 0, err
	case err == nil && string(b) == gzipMagic[:1]:
		r.held = []byte(gzipMagic[:1])
		return 0, nil
	}
	rest := r.src
	if err != nil {
		rest = failedReader{err}
	}
	if bytes.HasPrefix(b, []byte(gzipMagic)) {
		r.body = &gzipReader{src: bufio.NewReader(io.MultiReader(bytes.NewReader(bytes.Clone(b)), rest))}
		return r.body.Read(p)
	}
	n = copy(p, b)
	r.body = rest
	if n < len(b) {
		r.body = io.MultiReader(bytes.NewReader(b[n:]), rest)
	}
	return n, nil
}

func (r *unannounced) read(p []byte) (int, error) {
	if r.body == nil {
		return 0, nil
	}
	return r.body.Read(p)
}

// gzipReader reads gzip (RFC 1952). It waits for the header in Read. Unlike gzip.Reader, it
// returns the data of a member before it waits for the next member.
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

// deflateReader reads the coding deflate: zlib (RFC 1950) as the standard says, or raw
// DEFLATE (RFC 1951), which some servers send.
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
