package chatstream

import (
	"bytes"
	"unicode/utf8"
)

// Bodies that are no event stream: documents, and what is compressed.

// maxDocument is how much of a body that is no event stream is read, in bytes, where
// events are limited to less.
const maxDocument = 64 << 10

// judgeBody looks at a line as long as no line with text has come, and finds a body that is
// no event stream.
func (f *framer) judgeBody(line []byte, kind lineKind) finding {
	switch {
	case f.shown != shownBlank:
	case f.isCompressed():
		return f.closeDocument()
	case f.opensDocument(line):
		return f.readDocument()
	case f.blanks() == len(line):
		f.setBlanks(0)
	default:
		f.shown = shownText
		f.setBlanks(0)
		if kind == fieldUnknown && !isText(line) {
			return f.readDocument()
		}
	}
	return finding{}
}

// isCompressed reports whether the stream begins as gzip or zstd does. It takes four bytes
// to tell.
func (f *framer) isCompressed() bool {
	return f.shown == shownBlank && f.off == 0 && f.pos == 0 && f.end-f.start >= 4 && compressionOf(f.pending()) != ""
}

// compressionOf names the compression of a body, or returns nothing if it shows none.
func compressionOf(body []byte) string {
	switch {
	case bytes.HasPrefix(body, []byte(gzipMagic)):
		return "gzip"
	case bytes.HasPrefix(body, []byte(zstdMagic)):
		return "zstd"
	}
	return ""
}

// isText reports whether b is UTF-8 without control characters but white space.
func isText(b []byte) bool {
	isBinary := func(r rune) bool { return r < ' ' && r != '\t' && r != '\r' && r != '\n' }
	return utf8.Valid(b) && !bytes.ContainsFunc(b, isBinary)
}

// opensDocument reports whether the line is the first one with text in the stream
// and begins a JSON or HTML document.
func (f *framer) opensDocument(line []byte) bool {
	if f.shown != shownBlank {
		return false
	}
	n := f.blanks()
	for n < len(line) && (line[n] == ' ' || line[n] == '\t') {
		n++
	}
	f.setBlanks(n)
	return n < len(line) && bytes.IndexByte([]byte("{[<"), line[n]) >= 0
}

// readDocument reads a body that is no event stream to its end, or to the limit.
func (f *framer) readDocument() finding {
	f.mode = modeDocument
	for f.err == nil && f.end-f.start <= max(f.limit, maxDocument) {
		if !f.more() && f.err == nil {
			return finding{what: foundPause}
		}
	}
	return f.closeDocument()
}

// closeDocument gives out what has been read of the body.
func (f *framer) closeDocument() finding {
	n := f.end - f.start
	f.pos = n
	f.give(n)
	return finding{what: foundDocument, event: Event{Raw: f.view(0, n)}}
}

// How bodies that are compressed begin (RFC 1952, RFC 8878).
const (
	gzipMagic = "\x1F\x8B"
	zstdMagic = "\x28\xB5\x2F\xFD"
)
