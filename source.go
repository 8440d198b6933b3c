package chatstream

import (
	"bytes"
	"errors"
	"io"
	"sync/atomic"
)

// source reads an event stream into a buffer and splits it into lines. It is the
// only owner of the buffer:
//
//	buf[:start]    given out before, and no longer valid
//	buf[start:end] read and pending; all positions below count from start
//	buf[end:]      room for the next read
//
// 0 <= start <= end <= len(buf), 0 <= pos <= end-start and 0 <= given <= end-start hold
// at any time. What is pending is given out in one of two ways, which do not mix:
//
//	by lines: (line advance)* give, at most to pos; then release.
//	by step:  with pos at 0, step as often as the next bytes are known to be an event;
//	          then pass. pos stays 0 however much was given, and so do lf and cr
//	          what they were.
//
// While something is given out, given is over 0, and neither more, drop nor rewind may be
// called: they would move it, or forget where it is. rewind goes back to the beginning of
// a line that has been passed by advance. Under the tag chatstream_poison all this is
// checked.
type source struct {
	r     io.Reader
	limit int
	buf   []byte
	box   *[]byte // what the pool knows the buffer by
	start int
	end   int
	given int   // length of what was given out last, released at the next call
	off   int64 // where in the stream start is
	err   error // what the reader ended with

	pos     int  // where the line that is read begins
	lf, cr  int  // no LF stands in [pos, lf), no CR in [pos, cr)
	full    bool // the last read filled the buffer: a larger one would save reads
	skipLF  bool // the LF at pos, if one comes, belongs to the line end before it
	begun   bool // the BOM, if there was one, has been skipped
	midLine bool // the beginning of the line at pos was not kept

	// Close sets closed from any goroutine. All else is touched by the owner's calls
	// alone, which load it on entry and after each Read.
	closed atomic.Bool
}

// init makes a new source read from r.
func (s *source) init(r io.Reader, opts []Option) {
	s.r, s.limit = r, DefaultMaxEventSize
	for _, opt := range opts {
		opt(s)
	}
}

// reset begins a new stream. It keeps the limit, and the buffer if that is not large.
func (s *source) reset(r io.Reader) {
	s.expire()
	if len(s.buf) > maxPooledCap {
		s.giveBuffer()
	}
	*s = source{r: r, limit: s.limit, buf: s.buf, box: s.box}
}

// leave ends reading and gives the buffer back. What was given out has expired.
func (s *source) leave() {
	s.giveBuffer()
	s.r = nil
	s.off += int64(s.given)
	s.given, s.pos, s.lf, s.cr = 0, 0, 0, 0
}

// pending is what was read and not released.
func (s *source) pending() []byte { return s.buf[s.start:s.end] }

// view returns a part of what is pending, with cut capacity.
func (s *source) view(from, to int) []byte {
	return s.buf[s.start+from : s.start+to : s.start+to]
}

// rule panics where the legal order of calls is broken. It costs nothing unless poisoned.
func rule(kept bool, broken string) {
	if poisoned && !kept {
		panic("BUG: chatstream: source: " + broken)
	}
}

// give gives out what is pending up to n, which has been read by lines.
func (s *source) give(n int) {
	rule(s.given <= n && n <= s.pos && s.pos <= s.end-s.start, "give of what has not been read")
	s.given = n
}

// expire ends the life of what was given out last.
func (s *source) expire() {
	if poisoned { // otherwise making the slice would cost something yet
		expire(s.buf[s.start : s.start+s.given])
	}
}

// release makes room of what was given out last.
func (s *source) release() {
	if s.given > 0 {
		s.expire()
		n := s.given
		s.given = 0
		s.drop(n)
	}
}

// following is what is pending after what was given out.
func (s *source) following() []byte { return s.buf[s.start+s.given : s.end] }

// isGiven reports whether all that is pending was given out.
func (s *source) isGiven() bool { return s.start+s.given == s.end }

// step gives out the next n bytes in place of those given out before.
func (s *source) step(n int) {
	rule(s.pos == 0 && s.given+n <= s.end-s.start, "step amid lines")
	s.expire()
	s.start += s.given
	s.off += int64(s.given)
	s.given = n
}

// pass is release after step.
func (s *source) pass() {
	s.step(0)
	s.pos, s.lf, s.cr = 0, 0, 0
}

// drop forgets what is pending up to n.
func (s *source) drop(n int) {
	rule(s.given == 0 && n <= s.pos, "drop of what is not done with")
	s.start += n
	s.off += int64(n)
	s.pos -= n
	s.lf = max(s.lf-n, 0)
	s.cr = max(s.cr-n, 0)
}

// maxEmptyReads is how many times in a row a reader may return nothing.
const maxEmptyReads = 100

// errBadRead is the fault of a reader, not of the stream.
var errBadRead = errors.New("reader returned an impossible count")

// errClosed ends a source that was closed during a Read.
var errClosed = errors.New("closed during a read")

// errPause is what a reader says that has nothing now and may have more later.
var errPause = errors.New("nothing to read now")

// more reads once, and reports whether there is more to look at. When there is not,
// err is set unless the reader has paused.
func (s *source) more() bool {
	if s.err != nil {
		return false
	}
	rule(s.given == 0, "more moves what is given out")
	s.makeRoom()
	for range maxEmptyReads {
		n, err := s.r.Read(s.buf[s.end:])
		if s.closed.Load() {
			s.err = errClosed
			return false
		}
		if n < 0 || n > len(s.buf)-s.end {
			n, err = 0, errBadRead
		}
		s.end += n
		s.full = s.end == len(s.buf)
		if err == errPause {
			return n > 0
		}
		s.err = err
		if n > 0 || err != nil {
			return n > 0
		}
	}
	s.err = io.ErrNoProgress
	return false
}

// line finds the line at pos: its end without the line end, and where the next
// line begins. whole is false when its line end has not been read yet; then
// end and next are the end of what is pending.
func (s *source) line() (end, next int, whole bool) {
	if !s.begun && !s.skipBOM() {
		return s.end - s.start, s.end - s.start, false
	}
	b := s.pending()
	if s.skipLF && s.pos < len(b) {
		s.skipLF = false
		if b[s.pos] == '\n' {
			s.pos++
		}
	}
	if s.lf = max(s.lf, s.pos); s.lf < len(b) {
		if n := bytes.IndexByte(b[s.lf:], '\n'); n >= 0 {
			s.lf += n
		} else {
			s.lf = len(b)
		}
	}
	// A CR counts only before the LF: to look for one in all that is pending would
	// cost most where there is none.
	if s.cr = max(s.cr, s.pos); s.cr < s.lf {
		if n := bytes.IndexByte(b[s.cr:s.lf], '\r'); n >= 0 {
			s.cr += n
		} else {
			s.cr = s.lf
		}
	}
	end = min(s.lf, s.cr)
	if end == len(b) {
		return end, end, false
	}
	if next = end + 1; b[end] == '\r' && next < len(b) && b[next] == '\n' {
		next++
	}
	return end, next, true
}

// skipBOM skips the byte order mark that a stream may begin with. It returns false
// as long as it can't tell.
func (s *source) skipBOM() bool {
	const bom = "\xEF\xBB\xBF"
	b := s.pending()
	if s.err == nil && len(b) < len(bom) && bom[:len(b)] == string(b) {
		return false
	}
	s.begun = true
	if bytes.HasPrefix(b, []byte(bom)) {
		s.pos = len(bom)
	}
	return true
}

// advance goes to the next line, as line found it.
func (s *source) advance(next int) {
	s.pos = next
	s.skipLF = next > 0 && s.buf[s.start+next-1] == '\r'
}

// rewind goes back to the line that begins at position i.
func (s *source) rewind(i int) {
	rule(s.given == 0 && i <= s.pos, "rewind to what is given out, or ahead")
	b := s.pending()[i:s.pos]
	if n := bytes.IndexByte(b, '\n'); n >= 0 {
		s.lf = i + n
	}
	if n := bytes.IndexByte(b, '\r'); n >= 0 {
		s.cr = i + n
	}
	s.advance(i)
}

// inComment reports whether the line at hand is a comment, as far as it was read.
func (s *source) inComment(end int) bool {
	return s.midLine || s.pos < end && s.buf[s.start+s.pos] == ':'
}

// DefaultMaxEventSize is the largest event, in bytes, that a Decoder, Scanner or
// Tap accepts unless WithMaxEventSize says otherwise.
const DefaultMaxEventSize = 16 << 20

// Option configures a Decoder or a Scanner.
type Option func(*source)

// WithMaxEventSize sets the largest event that is accepted, in bytes, counted from
// the event's first field line to the end of its empty line. It bounds the memory
// per stream: an event, the keep-alives before it, and at most as much again for
// data that came in several lines. A size below 1 stands for DefaultMaxEventSize.
func WithMaxEventSize(n int) Option {
	return func(s *source) {
		if s.limit = n; n < 1 {
			s.limit = DefaultMaxEventSize
		}
	}
}
