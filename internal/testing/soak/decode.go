package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/maphash"
	"io"

	"github.com/seed-08fc7208/chatstream"
	"github.com/seed-08fc7208/chatstream/internal/testing/reference"
)

// outcome is the result of decoding a stream in one way.
type outcome struct {
	digest uint64 // of all results, but not of where each Raw ends, which depends on how the stream is cut
	kinds  map[string]int64
	fault  string // a fault that does not depend on other ways
}

func (o outcome) String() string { return fmt.Sprintf("%x %v", o.digest, o.kinds) }

var hashSeed = maphash.MakeSeed()

// watcher follows one way of decoding.
type watcher struct {
	stream  stream
	check   *oracle
	hash    maphash.Hash
	scratch []byte
	raw     int // bytes of the stream that the Raws have covered
	outcome
}

func newWatcher(st stream, check *oracle) *watcher {
	w := &watcher{stream: st, check: check}
	w.kinds = map[string]int64{}
	w.hash.SetSeed(hashSeed)
	return w
}

const (
	tooLarge    reference.Kind = "event too large"
	readerError reference.Kind = "error of the reader"
)

func kindOf(err error, done bool) reference.Kind {
	var syntax *chatstream.SyntaxError
	var api *chatstream.APIError
	switch {
	case err == nil:
		return reference.Chunk
	case err == io.EOF && done:
		return reference.Done
	case err == io.EOF:
		return reference.EOF
	case errors.Is(err, errBroken):
		return readerError
	case errors.Is(err, chatstream.ErrEventTooLarge):
		return tooLarge
	case errors.As(err, &syntax):
		return reference.Syntax
	case errors.As(err, &api):
		if errors.Is(err, chatstream.ErrNotEventStream) {
			return reference.NotButAPI
		}
		return reference.API
	case errors.Is(err, chatstream.ErrNotEventStream):
		return reference.NotEventStream
	case errors.Is(err, chatstream.ErrNotChatCompletion) && done:
		return reference.DoneNotChat
	case errors.Is(err, chatstream.ErrNotChatCompletion):
		return reference.NotChat
	}
	return reference.UnexpectedEOF
}

// see notes a result, and returns false after the last one.
func (w *watcher) see(c *chatstream.CreateChatCompletionData, e chatstream.Event, err error, done bool) bool {
	kind := kindOf(err, done)
	final := kind.Final() && kind != tooLarge
	w.kinds[string(kind)]++
	if !w.stream.overLimit {
		if !bytes.HasPrefix(w.stream.bytes[w.raw:], e.Raw) {
			w.fail("after %v: Raw is not how the stream goes on", w.kinds)
		}
		w.raw += len(e.Raw)
		if final && !done && w.raw != len(w.stream.bytes) {
			w.fail("the Raws have %d of %d bytes", w.raw, len(w.stream.bytes))
		}
	}
	if kind != reference.Done && kind != reference.EOF { // of which a Tap does not tell
		w.hash.WriteString(string(kind))
	}
	if !final {
		w.scratch = c.AppendJSON(w.scratch[:0])
		for _, part := range [][]byte{w.scratch, e.Type, e.Data, e.LastEventID} {
			w.hash.Write(binary.LittleEndian.AppendUint32(nil, uint32(len(part))))
			w.hash.Write(part)
		}
	}
	if w.check != nil {
		w.check.see(kind, c, e, err)
	}
	return !final && w.fault == ""
}

func (w *watcher) fail(format string, args ...any) {
	if w.fault == "" {
		w.fault = fmt.Sprintf(format, args...)
	}
}

func (w *watcher) end() outcome {
	w.digest = w.hash.Sum64()
	return w.outcome
}

// decodeAll reads a stream with a Decoder, and compares with the oracle if there is one.
func decodeAll(d *chatstream.Decoder, st stream, check *oracle) outcome {
	w := newWatcher(st, check)
	var c chatstream.CreateChatCompletionData
	for more := true; more; {
		err := d.Decode(&c)
		more = w.see(&c, d.Event(), err, d.Done())
	}
	return w.end()
}

// tapAll pushes a stream into a Tap: written in pieces, or as a body that is read.
func tapAll(st stream, seed uint64) outcome {
	w := newWatcher(st, nil)
	var tap *chatstream.Tap
	tap = chatstream.NewTap(func(c *chatstream.CreateChatCompletionData, err error) {
		w.see(c, tap.Event(), err, tap.Done())
	}, chatstream.WithMaxEventSize(maxEventSize))
	r := st.reader(seed)
	if st.failing || seed%2 == 0 {
		body := tap.Body(io.NopCloser(r))
		if _, err := io.Copy(io.Discard, body); err != nil && err != errBroken {
			w.fail("the body: %v", err)
		}
		body.Close()
	} else {
		if _, err := io.Copy(tap, r); err != nil {
			w.fail("the Tap's Write: %v", err)
		}
		tap.Close()
	}
	return w.end()
}
