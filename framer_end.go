package chatstream

import (
	"bytes"
	"io"

	"github.com/seed-08fc7208/chatstream/internal/jsonwire"
)

// How an event ends, and the stream.

// split ends the event as if an empty line stood before the line at hand; where
// the first payload line is whole, after that one.
func (f *framer) split() finding {
	end := f.pos
	if f.isWhole() {
		end = f.firstEnd
		if f.passedFirst {
			f.frame, f.comments = f.rare.first.frame, f.rare.first.comments
		}
		f.rewind(end)
	}
	if f.mustTakeAlone(end) {
		f.takeAlone()
		return finding{}
	}
	return f.dispatch(end)
}

// close ends the event at its empty line.
func (f *framer) close(next int) finding {
	if f.mustTakeAlone(next) {
		f.takeAlone()
		return finding{}
	}
	out := f.dispatch(next)
	if out.what == foundNothing {
		return f.keepAlive(next)
	}
	return out
}

// mustTakeAlone reports whether the event has data lines that are no JSON when they
// are joined, so that each must be taken for itself.
func (f *framer) mustTakeAlone(end int) bool {
	return f.frame.lines == linesSeveral && !f.isAlone() && !f.isError() && !f.isWhole() &&
		!isBlank(f.join(f.view(f.frame.begin, end), f.frame.kind)) && !jsonwire.IsValue(f.copies.data)
}

// hasObject reports whether one of the event's payload lines is an object.
func (f *framer) hasObject(end int) bool {
	for lines := f.view(f.frame.begin, end); len(lines) > 0; {
		var line []byte
		line, lines = cutLine(lines)
		if kind, value := splitField(line); kind == f.frame.kind && jsonwire.IsObject(line[value:]) {
			return true
		}
	}
	return false
}

// takeAlone goes back to the beginning of the event.
func (f *framer) takeAlone() {
	begin := f.frame.begin
	f.makeRare().aloneUntil = f.off + int64(f.pos)
	f.frame, f.comments = frame{}, f.before
	f.rewind(begin)
}

// isError reports whether the frame says that it is an error.
func (f *framer) isError() bool {
	return f.frame.kind == fieldError || string(f.view(f.frame.typ.from, f.frame.typ.to)) == "error"
}

// dispatch ends the event at the given position.
func (f *framer) dispatch(end int) finding {
	fr, isError, isRun := f.frame, f.isError(), f.isAlone() && !f.isWhole()
	f.frame = frame{}
	f.events++
	f.joiner.dispatch(&f.source, &fr)
	if fr.lines == linesNone {
		return finding{}
	}
	out := finding{what: foundPayload, event: f.event(&f.source, &fr, end), place: f.placeOf(&fr), data: fr.data.from}
	switch {
	case isError:
		out.what = foundError
	case isBlank(out.event.Data):
		return finding{}
	case isRun:
		out.what, out.first = foundRun, f.view(fr.data.from, fr.data.to)
	}
	f.give(end)
	return out
}

func (f *framer) placeOf(fr *frame) streamPlace {
	return streamPlace{f.events, f.off + int64(fr.begin)}
}

// finish ends the event that stands before the end of the stream.
func (f *framer) finish(end int) finding {
	if f.inCandidate() {
		f.dropCandidate()
		return finding{}
	}
	if f.frame.lines == linesNone {
		return f.stop(false)
	}
	if f.isWhole() {
		return f.split()
	}
	if f.mustTakeAlone(end) && (!isCut(f.copies.data) || f.hasObject(end)) {
		f.takeAlone()
		return finding{}
	}
	last := f.view(f.frame.last.from, f.frame.last.to)
	out := f.dispatch(end)
	switch out.what {
	case foundPayload:
		out.cut = isCut(out.event.Data)
	case foundRun:
		out.cut = isCut(last)
	case foundError: // not every error is JSON
		text := bytes.TrimLeft(out.event.Data, " \t\r\n")
		out.cut = bytes.HasPrefix(text, []byte("{")) && isCut(text)
	}
	return out
}

// isCut reports whether a payload is the beginning of one, but not a whole one.
func isCut(payload []byte) bool {
	at, f := jsonwire.SkipValue(payload, jsonwire.SkipSpace(payload, 0), 0)
	return f != jsonwire.NoFault && at == len(payload) || bytes.HasPrefix([]byte("[DONE]"), bytes.TrimLeft(payload, " \t"))
}

// stop ends the stream. What followed the last event is the last Raw.
func (f *framer) stop(cut bool) finding {
	if f.shown == shownText && f.err == io.EOF {
		return f.readDocument()
	}
	n := f.end - f.start
	f.give(n)
	return finding{what: foundEnd, event: Event{Raw: f.view(0, n)}, place: streamPlace{f.events, f.off + int64(n)}, cut: cut}
}

// done ends the stream at its marker, without another read.
func (f *framer) done() finding {
	if end, next, whole := f.line(); whole && end == f.pos {
		f.advance(next)
	}
	out := f.dispatch(f.pos)
	out.what = foundDone
	return out
}
