// Package reference reads event streams the slow and obvious way: a whole stream in memory, cut into lines, one rule after
// the other. It is the oracle of the tests and of the fuzz targets, and shares no code with what it judges.
package reference

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// An Event is a dispatched event of an event stream.
type Event struct {
	Type        string // the event type buffer; "" where a browser would say "message"
	Data        string
	LastEventID string
	Raw         string        // from the end of the event before it to the end of its blank line
	Lead        int           // how many bytes of Raw came before its first field line: BOM, comments, blocks without data
	Retry       time.Duration // the reconnection time as it stood when the event was dispatched
}

// A Stream is what there is to read in an event stream.
type Stream struct {
	Events   []Event
	Tail     string        // what followed the last event
	TooLarge bool          // an event was over the limit, and nothing was read beyond it
	Retry    time.Duration // the reconnection time at the end
}

// Scan reads a stream as "9.2.6 Interpreting an event stream" of the WHATWG HTML standard has it. The bytes are not decoded:
// where the standard would have U+FFFD for malformed UTF-8 they stay as they are.
func Scan(stream string, limit int) Stream {
	var (
		s                 Stream
		data, typ, lastID string // the three buffers of the standard
		raw               int    // where the Raw of the next event begins
		first             = -1   // where the first field line of this block begins
	)
	for _, l := range splitLines(stream) {
		text := stream[l.start:l.end]
		if first < 0 && text != "" && text[0] != ':' {
			first = l.start
		}
		// A blank line's first byte completes the event: the LF of a CRLF may not have come yet.
		size := l.next - first
		if text == "" {
			size = l.end + 1 - first
		}
		if first >= 0 && size > limit {
			s.TooLarge = true
			break
		}
		if !l.ended() {
			break // The file ends in the middle of a line: pending data is discarded.
		}
		if text != "" {
			switch name, value := field(text); name {
			case "event":
				typ = value
			case "data":
				data += value + "\n"
			case "id":
				if !strings.Contains(value, "\x00") {
					lastID = value
				}
			case "retry":
				if isDigits(value) {
					s.Retry = milliseconds(value)
				}
			}
			continue
		}
		if data != "" {
			s.Events = append(s.Events, Event{
				Type: typ, Data: strings.TrimSuffix(data, "\n"), LastEventID: lastID,
				Raw: stream[raw:l.next], Lead: first - raw, Retry: s.Retry,
			})
			raw = l.next
		}
		data, typ, first = "", "", -1
	}
	s.Tail = stream[raw:]
	return s
}

// A line is stream[start:end]; the bytes that end it are stream[end:next].
type line struct{ start, end, next int }

func (l line) blank() bool { return l.start == l.end }
func (l line) ended() bool { return l.next > l.end }

// splitLines leaves out the byte order mark that may stand at the very start.
func splitLines(stream string) []line {
	var lines []line
	next := 0
	if strings.HasPrefix(stream, "\xEF\xBB\xBF") {
		next = 3
	}
	for next < len(stream) {
		start := next
		end := len(stream)
		if n := strings.IndexAny(stream[start:], "\r\n"); n >= 0 {
			end = start + n
		}
		next = end
		switch rest := stream[end:]; {
		case strings.HasPrefix(rest, "\r\n"):
			next += 2
		case rest != "":
			next++
		}
		lines = append(lines, line{start, end, next})
	}
	return lines
}

// field splits a line that is not blank; a comment has the empty name.
func field(text string) (name, value string) {
	name, value, _ = strings.Cut(text, ":")
	return name, strings.TrimPrefix(value, " ")
}

func isDigits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

// milliseconds gives the longest Duration of whole milliseconds where the time is longer than that.
func milliseconds(digits string) time.Duration {
	const most = math.MaxInt64 / int64(time.Millisecond)
	ms, err := strconv.ParseInt(digits, 10, 64)
	if err != nil {
		ms = most
	}
	return time.Duration(min(ms, most)) * time.Millisecond
}
