package relay

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
)

// maxWhole is the longest answer that is read whole to be looked at, in bytes.
const maxWhole = 16 << 20

// whole replaces the body of an answer that is no event stream by one that was looked
// at: under -refuse a client may show all of it, and under -rename it has the model.
func (r *Relay) whole(resp *http.Response, ex *exchange) error {
	if resp.Header.Get("Content-Encoding") != "" {
		return r.encoded()
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxWhole+1))
	resp.Body.Close()
	switch {
	case err != nil:
		return err
	case len(body) > maxWhole:
		return refusedError(verdictTooLarge)
	}
	if r.Refuse != "" {
		if v := newGuard(r.Refuse).judgeWhole(body, resp.StatusCode); v != "" {
			return refusedError(v)
		}
	}
	if ex.rename != nil {
		body = ex.rename.whole(body, resp.StatusCode)
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	resp.ContentLength = int64(len(body))
	resp.Header.Set("Content-Length", strconv.Itoa(len(body)))
	resp.Header.Del("Trailer")
	return nil
}

// judgeWhole looks at a whole answer. One that is no error has to be JSON: clients
// read event streams whatever the Content-Type is.
func (g *guard) judgeWhole(body []byte, status int) verdict {
	isJSON := json.Valid(body)
	switch {
	case len(bytes.TrimSpace(body)) == 0:
		return ""
	case !isJSON && status <= 299:
		return verdictUnreadable
	case !isJSON:
		g.found = g.word.isIn(string(body))
	}
	isError := status > 299
	eachString(body, func(path, name, text string) {
		if isError || !isMark(name) {
			g.read(textKey{name: path}, text)
		}
	})
	if g.found {
		return verdictWord
	}
	return ""
}

// whole returns an answer that is no event stream with the public name in it.
func (n *rename) whole(body []byte, status int) []byte {
	switch {
	case !json.Valid(body):
		return n.text(body)
	case status > 299:
		return n.errorPayload(body)
	}
	return n.payload(body)
}

// refusedError is an answer that must not be passed on.
type refusedError verdict

func (e refusedError) Error() string { return "refused: " + string(e) }

// encoded counts an answer that was compressed, which was not asked for: it can't be
// looked at.
func (r *Relay) encoded() error {
	r.Metrics.Encoded()
	if r.Refuse != "" {
		return refusedError(verdictUnreadable)
	}
	return nil
}

// asRefused returns the verdict of an error of modifyResponse.
func asRefused(err error) (verdict, bool) {
	var refused refusedError
	ok := errors.As(err, &refused)
	return verdict(refused), ok
}
