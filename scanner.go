package chatstream

import (
	"bytes"
	"io"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/seed-08fc7208/chatstream/internal/jsonwire"
)

// Event is one event of an event stream. Its parts are borrowed: they are read-only, and
// valid until the next Scan or Decode, Reset or Close.
type Event struct {
	// Type is the value of the field event. Empty stands for "message".
	Type []byte
	// Data is the value of the fields data, joined by LF if there are several.
	Data []byte
	// LastEventID is the stream's last event ID when the event was dispatched.
	LastEventID []byte
	// Raw is all bytes of the stream from the end of the last event to the end of this one:
	// comments and blank lines, the fields, and the blank line that ends the event.
	Raw []byte
}

// lineKind is what a line is.
type lineKind uint8

const (
	fieldNone    lineKind = iota // an empty line
	fieldComment                 // a line that begins with a colon
	fieldData
	fieldEvent
	fieldID
	fieldRetry
	fieldError // not in the standard; some servers send it
	fieldUnknown
)

// splitField takes a line apart (HTML standard, "Interpreting an event stream").
// The value begins at the returned index.
func splitField(line []byte) (lineKind, int) {
	if len(line) == 0 {
		return fieldNone, 0
	}
	colon := bytes.IndexByte(line, ':')
	value := colon + 1
	switch {
	case colon == 0:
		return fieldComment, 1
	case colon < 0:
		colon, value = len(line), len(line)
	case value < len(line) && line[value] == ' ':
		value++
	}
	switch string(line[:colon]) {
	case "data":
		return fieldData, value
	case "event":
		return fieldEvent, value
	case "id":
		return fieldID, value
	case "retry":
		return fieldRetry, value
	case "error":
		return fieldError, value
	}
	return fieldUnknown, value
}

// span is a part of the pending bytes.
type span struct{ from, to int }

// frame describes the part of an event that has been read. Its positions count from the
// source's start.
type frame struct {
	begin int // position of the first field line

	typ  span // of the event field
	id   span // of the id field
	data span // the value of the first line of the payload
	last span // the value of the last line of the payload

	begun bool     // a field line was read
	hasID bool     // there was an id field, and it counts
	kind  lineKind // of the lines that make the payload: fieldData or fieldError
	lines lineCount
}

// lineCount is how many lines an event's payload has, as far as that matters.
type lineCount uint8

const (
	linesNone lineCount = iota
	linesOne
	linesSeveral
)

// add adds a line to the frame.
func (f *frame) add(s *source, kind lineKind, at, value, end int) {
	if !f.begun {
		f.begun, f.begin = true, at
	}
	switch kind {
	case fieldData, fieldError:
		if f.lines == linesNone {
			f.kind, f.data = kind, span{value, end}
		}
		f.lines = min(f.lines+1, linesSeveral)
		f.last = span{value, end}
	case fieldEvent:
		f.typ = span{value, end}
	case fieldID:
		if id := s.view(value, end); bytes.IndexByte(id, 0) < 0 {
			f.id, f.hasID = span{value, end}, true
		}
	}
}

// joiner has the parts of an event that are not in the read buffer.
type joiner struct {
	lent   idView
	id     []byte  // last event ID
	copies *copies // nil until there is one
}

// copies is the memory of a joiner for what few events need. It stays with its owner.
type copies struct {
	data []byte // several data lines, joined
	tail []byte // the last event of the stream
}

// makeCopies returns the joiner's copies, which may be new.
func (j *joiner) makeCopies() *copies {
	if j.copies == nil {
		j.copies = new(copies)
	}
	return j.copies
}

func (j *joiner) expire() {
	if c := j.copies; poisoned && c != nil {
		expire(c.data[:cap(c.data)])
		expire(c.tail[:cap(c.tail)])
	}
	j.lent.expire()
}

// reset begins a new stream. It keeps memory unless it is large.
func (j *joiner) reset() {
	j.expire()
	*j = joiner{id: keepSmall(j.id), copies: j.copies}
	if c := j.copies; c != nil {
		c.data = keepSmall(c.data)
	}
	j.resetTail()
}

// resetTail is reset for the last event alone.
func (j *joiner) resetTail() {
	if c := j.copies; c != nil {
		c.tail = keepSmall(c.tail)
	}
}

// shrink releases memory that a large event needed, except for the last event ID.
func (j *joiner) shrink() {
	if c := j.copies; c != nil && cap(c.data) > maxPooledCap {
		c.data = nil
	}
	if cap(j.id) > maxPooledCap && len(j.id) <= maxPooledCap {
		j.id = bytes.Clone(j.id)
	}
}

// moveOut ends reading from s, and returns the last event, which has been moved out of the
// read buffer.
func (j *joiner) moveOut(s *source, last Event) Event {
	n := len(last.Raw) + len(last.Type) + len(last.Data)
	switch {
	case n > maxPooledCap: // too large to copy: the event keeps the buffer
		j.makeCopies().tail = last.Raw
		s.forgetBuffer()
	case n == 0:
		last = Event{LastEventID: last.LastEventID}
	default:
		c := j.makeCopies()
		c.tail = slices.Grow(c.tail[:0], n)
		last.Raw = c.move(last.Raw)
		last.Type = c.move(last.Type)
		last.Data = c.move(last.Data)
	}
	s.leave()
	return last
}

// move copies a part of an event to the tail, which has room for it.
func (c *copies) move(part []byte) []byte {
	if part == nil {
		return nil
	}
	from := len(c.tail)
	c.tail = append(c.tail, part...)
	return c.tail[from:len(c.tail):len(c.tail)]
}

// dispatch keeps the frame's last event ID.
func (j *joiner) dispatch(s *source, f *frame) {
	if f.hasID {
		j.id = append(j.id[:0], s.view(f.id.from, f.id.to)...)
	}
}

// event returns the frame, which ends at end, as an event; kind is the kind of its
// data lines.
func (j *joiner) event(s *source, f *frame, end int) Event {
	ev := Event{
		Type:        s.view(f.typ.from, f.typ.to),
		LastEventID: j.lastEventID(),
		Raw:         s.view(0, end),
	}
	switch f.lines {
	case linesNone:
	case linesOne:
		ev.Data = s.view(f.data.from, f.data.to)
	default:
		ev.Data = j.join(s.view(f.begin, end), f.kind)
	}
	return ev
}

// lastEventID returns the last event ID of the current event.
func (j *joiner) lastEventID() []byte {
	id := j.lent.of(j.id)
	return id[:len(id):len(id)]
}

// join joins the values of the lines of one kind by LF.
func (j *joiner) join(lines []byte, kind lineKind) []byte {
	joined := j.makeCopies().data[:0]
	for first := true; len(lines) > 0; {
		var line []byte
		line, lines = cutLine(lines)
		if k, value := splitField(line); k == kind {
			if !first {
				joined = append(joined, '\n')
			}
			first = false
			joined = append(joined, line[value:]...)
		}
	}
	j.copies.data = joined
	return joined[:len(joined):len(joined)]
}

// cutLine returns the first line without its end, and the lines after it. After a CRLF the
// rest begins with an empty line, which has no field.
func cutLine(lines []byte) (line, rest []byte) {
	end := bytes.IndexAny(lines, "\r\n")
	if end < 0 {
		return lines, nil
	}
	return lines[:end], lines[end+1:]
}

// Scanner reads any event stream. It follows the WHATWG HTML standard ("Parsing an event
// stream" and "Interpreting an event stream") to the letter, and returns an event as soon as
// its last byte has been read.
//
// A Scanner must not be used by several goroutines at once, except for [Scanner.Close].
type Scanner struct {
	source
	joiner
	frame  frame
	event  Event
	events int64 // events that have ended, including those without data
	retry  time.Duration
	fail   error
}

// NewScanner returns a Scanner that reads from r.
func NewScanner(r io.Reader, opts ...Option) *Scanner {
	s := new(Scanner)
	s.source.init(r, opts)
	return s
}

// Reset makes the Scanner read a new stream from r. It keeps the limit, and its buffers unless
// they are large. It opens a closed Scanner again.
func (s *Scanner) Reset(r io.Reader) {
	s.source.reset(r)
	s.joiner.reset()
	s.frame, s.event, s.events, s.retry, s.fail = frame{}, Event{}, 0, 0, nil
}

// Close closes the Scanner: from then on Scan returns false, and Err returns [ErrClosed].
// Further calls do nothing. It always returns nil.
//
// Close may be called from any goroutine at any time, but not at the same time as Reset. It
// touches no memory that Scan handed out; the next Scan or Reset gives the buffers back. It
// does not close the reader: a Scan that waits for the reader returns when the reader does.
func (s *Scanner) Close() error {
	s.closed.Store(true)
	return nil
}

// endClosed is Scan of a Scanner that has been closed.
func (s *Scanner) endClosed() bool {
	s.source.expire()
	s.source.leave()
	s.joiner.reset()
	s.event, s.fail = Event{}, ErrClosed
	return false
}

// Event returns the event that Scan found. After Scan has returned false, the event has only
// Raw: the bytes after the last event, which the standard drops.
func (s *Scanner) Event() Event { return s.event }

// Retry returns the reconnection time that the stream set last, or 0.
func (s *Scanner) Retry() time.Duration { return s.retry }

// Err returns the first error, with its place in the stream, or nil at the end of the reader.
// It wraps an error of the reader or [ErrEventTooLarge].
func (s *Scanner) Err() error { return s.fail }

// Scan advances to the next event. It returns false at the end of the reader and at an error.
// An incomplete event at the end is dropped, as the standard says. An event that is complete
// before an error of the reader is returned first.
func (s *Scanner) Scan() bool {
	s.joiner.expire()
	if s.closed.Load() {
		return s.endClosed()
	}
	s.event = Event{}
	s.release()
	s.shrinkBuffer()
	s.joiner.shrink()
	if s.fail != nil || s.r == nil {
		return false
	}
	for {
		end, next, whole := s.line()
		if s.tooLarge(end, whole) {
			s.fail = errorTooLarge(streamPlace{s.events + 1, s.off + int64(s.frame.begin)}, s.limit)
			s.source.leave()
			return false
		}
		if !whole {
			if s.inComment(end) && s.dropKeepAlives(end) {
				s.midLine = true
			}
			if s.more() {
				continue
			}
			if s.err == errClosed {
				return s.endClosed()
			}
			return s.finish()
		}
		at := s.pos
		kind, value := splitField(s.view(at, end))
		if s.midLine {
			kind, s.midLine = fieldComment, false
		}
		s.advance(next)
		switch kind {
		case fieldNone:
			if s.dispatchFrame(next) {
				return true
			}
		case fieldComment:
		case fieldError: // unknown to the standard
			s.frame.add(&s.source, fieldUnknown, at, at+value, end)
		case fieldRetry:
			s.setRetry(s.view(at+value, end))
			fallthrough
		default:
			s.frame.add(&s.source, kind, at, at+value, end)
		}
		if !s.frame.begun {
			s.dropKeepAlives(next)
		}
	}
}

// tooLarge reports whether the current event is over the limit. If its first line is still
// incomplete, tooLarge begins the frame.
func (s *Scanner) tooLarge(end int, whole bool) bool {
	if !s.frame.begun {
		if s.pos == end || s.inComment(end) {
			return false
		}
		s.frame.begin = s.pos
	}
	if whole {
		end++
	}
	return end-s.frame.begin > s.limit
}

// dropKeepAlives drops the comments and empty lines up to end if their bytes exceed the
// event limit.
func (s *Scanner) dropKeepAlives(end int) bool {
	if s.frame.begun || end <= s.limit {
		return false
	}
	if s.pos < end {
		s.pos = end
	}
	s.drop(end)
	return true
}

// dispatchFrame ends an event, and reports whether it had data.
func (s *Scanner) dispatchFrame(next int) bool {
	f := s.frame
	s.frame = frame{}
	if f.begun {
		s.events++
	}
	s.dispatch(&s.source, &f)
	if f.lines == linesNone {
		return false
	}
	s.event = s.joiner.event(&s.source, &f, next)
	s.give(next)
	return true
}

// finish ends the stream.
func (s *Scanner) finish() bool {
	s.pos = s.end - s.start
	s.give(s.pos)
	s.frame = frame{}
	if s.err != io.EOF {
		s.fail = errorReading(streamPlace{s.events, s.off + int64(s.given)}, s.err)
	}
	s.event = s.joiner.moveOut(&s.source, Event{Raw: s.view(0, s.given)})
	return false
}

// setRetry sets the reconnection time, in milliseconds, if value has digits only.
func (s *Scanner) setRetry(value []byte) {
	if len(value) == 0 || jsonwire.SkipDigits(value, 0) < len(value) {
		return
	}
	const most = math.MaxInt64 / int64(time.Millisecond)
	n, err := strconv.ParseInt(string(value), 10, 64)
	if err != nil || n > most {
		n = most
	}
	s.retry = time.Duration(n) * time.Millisecond
}
