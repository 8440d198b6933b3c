package chatstream

import (
	"bytes"
	"io"

	"github.com/seed-08fc7208/chatstream/internal/jsonwire"
)

// framer reads the payloads of a chat completion stream. It follows the standard
// where servers do, and otherwise what they mean; doc.go lists the deviations.
type framer struct {
	source
	joiner
	framing
}

// framing is the state of a framer in its stream, but for the bytes.
type framing struct {
	firstEnd int   // where the frame's first payload line ended
	before   int64 // comments before the frame
	comments int64
	frame    frame

	// What follows is used for each event: see Decoder.

	whole       verdict // on the frame's first payload line
	passedFirst bool    // lines after that have been read, and rare.first has what was known before
	shown       evidence
	mode        mode

	events int64   // ended, [DONE] and those without a payload included
	rare   *rarity // nil until it is needed
}

// reset begins a new stream.
func (f *framer) reset(r io.Reader) {
	f.source.reset(r)
	f.joiner.reset()
	f.framing = framing{rare: f.rare.again()}
}

// evidence is what the lines that were read show of the body.
type evidence uint8

const (
	shownBlank  evidence = iota // they are blank
	shownText                   // one is not
	shownFields                 // one is a known field or a comment: it is an event stream
)

// mode is how the lines are read.
type mode uint8

const (
	modeEvents   mode = iota
	modeSkip          // inside an event over the limit
	modeDocument      // a body that is no event stream
)

// verdict remembers whether a payload line is a whole JSON object.
type verdict uint8

const (
	verdictOpen verdict = iota
	verdictWhole
	verdictNot
)

// occurrence is what the framer found.
type occurrence uint8

const (
	foundNothing  occurrence = iota // a keep-alive: go on
	foundPayload                    // an event with a payload
	foundRun                        // data lines of an event that are no JSON, joined or alone
	foundError                      // an event that says it is an error
	foundDone                       // [DONE]
	foundTooLarge                   // an event over the limit
	foundDocument                   // the body is no event stream
	foundEnd                        // the end of the reader
	foundPause                      // the end of what has been pushed so far
)

// finding is an occurrence with its place in the stream.
type finding struct {
	what  occurrence
	event Event
	place streamPlace
	data  int    // where the data stands in event.Raw
	first []byte // of the lines of a foundRun
	cut   bool   // the end of the stream came within it
}

// find finds the next event that is no keep-alive. What was found before has been released.
func (f *framer) find() finding {
	if out, found := f.quick(); found {
		return out
	}
	return f.next()
}

// next reads up to the end of the next event that is no keep-alive.
func (f *framer) next() finding {
	for {
		switch {
		case f.mode == modeDocument:
			return f.readDocument()
		case f.mode == modeSkip && !f.skip():
			if f.err == nil {
				return finding{what: foundPause}
			}
			return f.stop(true)
		}
		end, next, whole := f.line()
		if !whole && f.err == nil && f.inCandidate() && end-f.rare.candidate.begin > f.limit {
			f.dropCandidate()
			continue
		}
		if !whole && f.err == nil {
			if out := f.glance(end); out.what != foundNothing {
				return out
			}
			if !f.more() && f.err == nil {
				return finding{what: foundPause}
			}
			continue
		}
		var out finding
		if f.pos == end && !whole {
			out = f.finish(end)
		} else {
			out = f.take(end, next, whole)
		}
		if out.what != foundNothing {
			return out
		}
	}
}

// atEvent reports whether the next event begins with the next byte, for all that
// is known.
func (f *framer) atEvent() bool {
	return f.begun && f.shown == shownFields && f.mayMatch()
}

// mayMatch reports whether the next byte may begin an event that has a template.
func (f *framer) mayMatch() bool { return f.mayWait() && f.start < f.end }

// mayWait reports whether no event, and no line, has been begun.
func (f *framer) mayWait() bool {
	return f.mode == modeEvents && !f.skipLF && !f.midLine && !f.frame.begun && f.pos == 0 &&
		!f.inCandidate() && f.blanks() == 0
}

// hasLine reports whether the line at hand is whole and something follows it.
func (f *framer) hasLine() bool {
	_, next, whole := f.line()
	return whole && next < f.end-f.start
}

// beginsComment reports whether a comment begins with the next byte.
func (f *framer) beginsComment() bool { return f.pending()[0] == ':' }

// passComments passes whole comments and the empty lines after them. It reports whether it has come to another
// line, and reads until a byte of that has arrived. A comment that is cut is left to next, which bounds it.
func (f *framer) passComments() bool {
	for {
		if f.skipLF {
			return false
		}
		if b := f.pending(); f.pos < len(b) && b[f.pos] != ':' && b[f.pos] != '\n' && b[f.pos] != '\r' {
			return true
		}
		end, next, whole := f.line()
		switch {
		case whole:
			f.take(end, next, true) // finds nothing
		case f.pos < end || !f.more():
			return false
		}
	}
}

// beginsObject reads until that is known, and reports whether the line at hand is data that begins an object.
func (f *framer) beginsObject() bool {
	for {
		b, cut := f.pending()[f.pos:], false
		for _, prefix := range [...]string{"data:{", "data: {"} {
			if n := min(len(b), len(prefix)); string(b[:n]) == prefix[:n] {
				if n == len(prefix) {
					return true
				}
				cut = true
			}
		}
		if !cut || !f.more() {
			return false
		}
	}
}

// await reads until the line at hand, which begins an object, is whole and at least one more byte has
// arrived. It reports false if the line ends otherwise than an object, if the reader is exhausted, or if
// the line exceeds the limit.
func (f *framer) await() bool {
	for {
		end, next, whole := f.line()
		switch n := f.end - f.start; {
		case whole && f.pending()[end-1] != '}': // [DONE] may be glued to it, and nothing more come
			return false
		case whole && next < n:
			return true
		case n > f.limit || !f.more():
			return false
		}
	}
}

// quick finds an event that is one data line and an empty line, as nearly all are, once it
// has been read. Events it does not handle are left to next.
func (f *framer) quick() (finding, bool) {
	if !f.atEvent() {
		return finding{}, false
	}
	end, next, whole := f.line()
	if !whole || next >= f.limit {
		return finding{}, false
	}
	b := f.pending()
	from := len("data:")
	if end < from+2 || string(b[:from]) != "data:" || b[end-1] != '}' { // [DONE] may be glued to it
		return finding{}, false
	}
	if b[from] == ' ' {
		from++
	}
	after := next + 1
	if b[from] != '{' || next >= len(b) || b[next] != '\n' {
		if b[from] != '{' || after >= len(b) || b[next] != '\r' || b[after] != '\n' {
			return finding{}, false
		}
		after++
	}
	f.pos = after
	f.give(after)
	f.events++
	return finding{
		what:  foundPayload,
		event: Event{LastEventID: f.lastEventID(), Data: f.view(from, end), Raw: f.view(0, after)},
		place: streamPlace{f.events, f.off},
		data:  from,
	}, true
}

// glance looks at the beginning of a line whose end has not been read yet.
func (f *framer) glance(end int) finding {
	line := f.view(f.pos, end)
	switch {
	case f.inCandidate():
		return finding{}
	case f.isCompressed():
		return f.closeDocument()
	case f.opensDocument(line):
		return f.readDocument()
	case !f.frame.begun && f.inComment(end):
		if f.dropKeepAlives(end) {
			f.midLine, f.shown = true, shownFields
		}
		return finding{}
	case len(line) == 0:
		return finding{}
	}
	if f.frame.lines > linesNone {
		isData, isError := bytes.HasPrefix(line, []byte("data:")), bytes.HasPrefix(line, []byte("error:"))
		if isData && f.frame.kind == fieldError || isError && f.frame.kind == fieldData || (isData || isError) && f.isWhole() {
			return f.split()
		}
	}
	if f.frame.lines > linesNone && len(line) <= longestDone {
		return finding{} // it may be one that ends the event before it
	}
	// A known field shows in the first bytes. To look for the colon in all of the
	// line at each read would take quadratic time.
	const longest = len("event:")
	kind, _ := splitField(line[:min(longest, len(line))])
	return f.checkSize(kind, end)
}

// take reads the line at hand; the last line of the stream may be one without an end.
func (f *framer) take(end, next int, whole bool) finding {
	at := f.pos
	line := f.view(at, end)
	if f.midLine { // the rest of a comment
		f.midLine = false
		f.advance(next)
		f.comments++
		f.dropKeepAlives(next)
		return finding{}
	}
	if f.inCandidate() || f.beginsCandidate(line) {
		return f.takeCandidate(line, next)
	}
	kind, value := splitField(line)
	if out := f.judgeBody(line, kind); out.what != foundNothing {
		return out
	}
	if n := -1; kind == fieldData {
		if n = gluedDone(line[value:]); n >= 0 { // what is glued to it is a line of its own
			line = line[:value+n]
			end, next, whole = at+len(line), at+len(line), false
		}
	}
	isPayload := kind == fieldData || kind == fieldError
	if isPayload && f.frame.lines > linesNone && f.endsBefore(kind, line[value:]) {
		return f.split()
	}
	if kind != fieldNone && kind != fieldUnknown {
		f.shown = shownFields
	}
	last := end
	if whole {
		last++
	}
	if out := f.checkSize(kind, last); out.what != foundNothing {
		if kind == fieldNone && out.what == foundTooLarge { // there is nothing left to skip
			f.advance(next)
			f.give(next)
			f.mode = modeEvents
		}
		return out
	}
	f.advance(next)
	if kind == fieldNone {
		if f.frame.begun {
			return f.close(next)
		}
		return f.keepAlive(next)
	}
	if f.frame.lines == linesOne && !isPayload && !f.passedFirst {
		f.passFirst()
	}
	if kind == fieldComment {
		f.comments++
		return f.keepAlive(next)
	}
	if !f.frame.begun {
		f.before = f.comments
	}
	f.frame.add(&f.source, kind, at, at+value, end)
	if isPayload && f.frame.lines == linesOne {
		f.whole, f.passedFirst, f.firstEnd = verdictOpen, false, next
		if kind == fieldData && isDone(line[value:]) {
			return f.done()
		}
	}
	return finding{}
}

// isWhole reports whether the frame's first payload line is a whole JSON object.
func (f *framer) isWhole() bool {
	if f.whole == verdictOpen {
		f.whole = verdictNot
		if jsonwire.IsObject(f.view(f.frame.data.from, f.frame.data.to)) {
			f.whole = verdictWhole
		}
	}
	return f.whole == verdictWhole
}

// endsBefore reports whether the event ends before a further payload line.
func (f *framer) endsBefore(kind lineKind, value []byte) bool {
	return kind != f.frame.kind || kind == fieldData && isDone(value) || f.isWhole() ||
		f.isAlone() && jsonwire.IsObject(value)
}

// isAlone reports whether the frame's payload lines, if it has any, are taken alone.
func (f *framer) isAlone() bool {
	return f.rare != nil && f.off+int64(f.frame.data.from) < f.rare.aloneUntil
}

// isDone reports whether a payload is the marker of a complete stream.
func isDone(payload []byte) bool {
	const doneMarker = "[DONE]"
	return len(payload) >= len(doneMarker) && string(bytes.Trim(payload, " \t")) == doneMarker
}

// longestDone is how long a line may be, in bytes, that is held because it may turn out
// to be [DONE].
const longestDone = 64

// isBlank reports whether a payload is a keep-alive: empty, or an empty string.
func isBlank(payload []byte) bool {
	trimmed := bytes.Trim(payload, " \t\r\n")
	return len(trimmed) == 0 || string(trimmed) == `""`
}
