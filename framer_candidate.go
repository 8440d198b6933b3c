package chatstream

import (
	"bytes"

	"github.com/seed-08fc7208/chatstream/internal/jsonwire"
)

// Some servers send an error without framing: JSON on lines of its own, in the middle of
// the stream. A line that opens a bracket, where an event may begin or right after a whole
// first data line, begins a candidate for such an error. It ends where its brackets close.
// If it ends otherwise, or is no error, its lines are read again as the unknown fields that
// they are by the standard.

// candidate is JSON that stands in the stream without a field, as far as it was read.
type candidate struct {
	begun    bool
	begin    int // where its first line begins, from the source's start
	depth    int // brackets that are open
	inString bool
}

// read reads the next line. It returns where in the line the last bracket closes, or -1 if
// one is still open.
func (c *candidate) read(line []byte) int {
	for i := 0; i < len(line); i++ {
		switch b := line[i]; {
		case c.inString && b == '\\':
			i++
		case b == '"':
			c.inString = !c.inString
		case c.inString:
		case b == '{' || b == '[':
			c.depth++
		case b == '}' || b == ']':
			if c.depth--; c.depth == 0 {
				return i + 1
			}
		}
	}
	return -1
}

// beginsCandidate reports whether the line at hand begins a candidate. Before a known
// field or a comment was read it can't be told whether the body is an event stream.
func (f *framer) beginsCandidate(line []byte) bool {
	text := bytes.TrimLeft(line, " \t")
	if len(text) == 0 || text[0] != '{' && text[0] != '[' {
		return false
	}
	if f.shown != shownFields || f.rare != nil && f.off+int64(f.pos) < f.rare.fieldsUntil {
		return false
	}
	return !f.frame.begun ||
		f.frame.kind == fieldData && !f.passedFirst && !f.isAlone() && f.isWhole()
}

// takeCandidate reads the line at hand as a part of a candidate.
func (f *framer) takeCandidate(line []byte, next int) finding {
	c := &f.makeRare().candidate
	switch kind, _ := splitField(line); {
	case !c.begun:
		*c = candidate{begun: true, begin: f.pos}
	case kind != fieldNone && kind != fieldUnknown, next-c.begin > f.limit:
		// This line may begin another one. next gives up there too, where the line is not
		// whole yet.
		f.dropCandidate()
		return finding{}
	}
	at := f.pos
	n := c.read(line)
	f.advance(next)
	switch {
	case next-c.begin > f.limit:
		f.dropCandidate()
		return finding{}
	case n < 0:
		return finding{}
	}
	payload := bytes.TrimLeft(f.view(c.begin, at+n), " \t")
	if isBlank(line[n:]) && errorMember(unlisted(payload)) != nil {
		return f.closeCandidate(payload, next)
	}
	f.dropCandidate()
	return finding{}
}

// closeCandidate ends a candidate that is an error, after the event before it if there is
// one.
func (f *framer) closeCandidate(payload []byte, next int) finding {
	begin := f.rare.candidate.begin
	f.rare.candidate = candidate{}
	if f.frame.begun { // it will be read again
		f.rewind(begin)
		return f.dispatch(begin)
	}
	f.events++
	out := finding{
		what:  foundError,
		event: Event{Data: payload, LastEventID: f.lastEventID(), Raw: f.view(0, next)},
		place: streamPlace{f.events, f.off + int64(begin)},
	}
	f.give(next)
	return out
}

// dropCandidate goes back to the beginning of a candidate that is none. Its lines, up to
// the one at hand, are fields.
func (f *framer) dropCandidate() {
	r := f.rare
	r.fieldsUntil = f.off + int64(f.pos)
	begin := r.candidate.begin
	r.candidate = candidate{}
	f.rewind(begin)
}

// gluedDone returns where in a payload a whole object ends to which a line "data: [DONE]"
// was glued, or -1.
func gluedDone(payload []byte) int {
	text, found := bytes.CutSuffix(bytes.TrimRight(payload, " \t"), []byte("[DONE]"))
	if !found {
		return -1
	}
	text, found = bytes.CutSuffix(bytes.TrimRight(text, " \t"), []byte("data:"))
	if !found || !jsonwire.IsObject(text) {
		return -1
	}
	return len(text)
}
