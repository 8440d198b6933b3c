package reference

import (
	"slices"
	"strings"
)

// A Kind says what one call of Decode gives.
type Kind string

const (
	Chunk          Kind = "chunk"
	Syntax         Kind = "syntax error"
	API            Kind = "API error"
	Done           Kind = "done"           // io.EOF at [DONE]
	EOF            Kind = "EOF"            // io.EOF by the finish reasons
	UnexpectedEOF  Kind = "unexpected EOF" // io.ErrUnexpectedEOF
	NotChat        Kind = "not a chat completion"
	DoneNotChat    Kind = "done, and not a chat completion" // at [DONE]
	NotEventStream Kind = "not an event stream"
	NotButAPI      Kind = "not an event stream but an API error"

	keepAlive Kind = "keep-alive" // no result
)

// Final reports whether the stream is over with a result of this kind.
func (k Kind) Final() bool { return k != Chunk && k != Syntax && k != API }

// Done reports whether the stream ended at [DONE].
func (k Kind) Done() bool { return k == Done || k == DoneNotChat }

// A Result is what one call of Decode gives, with the event that it leaves.
type Result struct {
	Kind        Kind
	Type        string
	Data        string // the payload
	LastEventID string
	Raw         string
}

// Decode reads a stream with the framing of a Decoder: practical, on top of the standard. The last of the results is final,
// and the only one that is. It knows no limit on an event.
func Decode(stream string) []Result {
	lines := unglue(stream, splitLines(stream))
	if !isEventStream(stream, lines) {
		kind := NotEventStream
		if hasError(strings.TrimPrefix(stream, "\xEF\xBB\xBF")) {
			kind = NotButAPI
		}
		return []Result{{Kind: kind, Raw: stream}}
	}

	var (
		results []Result
		choices = choices{}
		lastID  string
		raw     int  // where the Raw of the next result begins
		cut     bool // the stream ends within a payload
		other   bool // there was a payload
		chat    bool // one was a chunk or an error
	)
	for _, p := range pieces(stream, lines) {
		for _, l := range p.lines {
			if name, value := field(stream[l.start:l.end]); name == "id" && !strings.Contains(value, "\x00") {
				lastID = value
			}
		}
		kind := p.judge(stream)
		if kind == keepAlive {
			continue
		}
		if kind == UnexpectedEOF {
			cut = true
			break
		}
		switch kind {
		case Chunk, Syntax:
			other, chat = true, chat || isChunk(p.text())
		case API:
			chat = true
		case Done:
			if other && !chat {
				kind = DoneNotChat
			}
		}
		next := p.lines[len(p.lines)-1].next
		results = append(results, Result{kind, p.typ(stream), p.text(), lastID, stream[raw:next]})
		if len(lastID) > 64<<10 { // a longer one counts for its own event alone
			lastID = ""
		}
		if kind.Done() {
			return results
		}
		raw = next
		if p.bare == "" && p.pending && p.values[0].alone && !p.values[0].isObject() {
			cut = p.lastIsCut()
		}
		if kind != Syntax {
			text := p.text()
			if !p.isError(stream) {
				text = strings.TrimPrefix(trim(text), "error:")
			}
			choices.see(onlyElement(text))
		}
	}
	kind := UnexpectedEOF
	switch {
	case cut:
	case other && !chat:
		kind = NotChat
	case choices.allFinished():
		kind = EOF
	}
	return append(results, Result{Kind: kind, Raw: stream[raw:]})
}

// isEventStream: not if "its first non-blank line starts with {, [ or <, or nothing in it was a known field or comment". A
// stream of nothing but blank lines is one that broke off early.
func isEventStream(stream string, lines []line) bool {
	if strings.HasPrefix(stream, "\x1F\x8B") && len(stream) >= 4 || strings.HasPrefix(stream, "\x28\xB5\x2F\xFD") {
		return false // gzip, zstd
	}
	blank := true
	for _, l := range lines {
		text := trim(stream[l.start:l.end])
		if text == "" {
			continue
		}
		if blank && strings.ContainsAny(text[:1], "{[<") {
			return false
		}
		if blank && !isKnownLine(stream[l.start:l.end]) && !isText(stream[l.start:l.end]) {
			return false
		}
		blank = false
		if isKnownLine(stream[l.start:l.end]) {
			return true
		}
	}
	return blank
}

// A piece is the lines that are read as one event.
type piece struct {
	lines   []line
	values  []value // of its data lines, or of its error lines
	pending bool    // the stream ended before its blank line
	bare    string  // the JSON of an error that stands in no field
}

// A value is the value of a line with a part of a payload.
type value struct {
	text    string
	isError bool // of an error line, not of a data line
	line    int  // which one of its block
	alone   bool // not joined with those around it
}

func (v value) isDone() bool   { return !v.isError && trim(v.text) == "[DONE]" }
func (v value) isObject() bool { return isObject(v.text) }

// pieces cuts a stream at its blank lines, and where lines do not join.
func pieces(stream string, lines []line) []piece {
	var all []piece
	var block []line
	isKnown, fieldsUntil := false, 0
	for i := 0; i < len(lines); i++ {
		l := lines[i]
		if isKnown && i >= fieldsUntil && opensBracket(stream[l.start:l.end]) && mayStandBare(stream, block) {
			n, text := bareJSON(stream, lines[i:])
			fieldsUntil = i + n
			if isBareError(text) {
				if len(valuesOf(stream, block)) > 0 {
					all = append(all, splitBlock(stream, block, false)...)
					block = nil
				}
				all = append(all, piece{lines: append(block, lines[i:i+n]...), bare: strings.Trim(text, " \t")})
				block = nil
				i += n - 1
				continue
			}
		}
		isKnown = isKnown || isKnownLine(stream[l.start:l.end])
		block = append(block, l)
		if l.blank() {
			all = append(all, splitBlock(stream, block, false)...)
			block = nil
		}
	}
	return append(all, splitBlock(stream, block, true)...)
}

// splitBlock splits the lines up to a blank line or the end of the stream: "If the first data line is a whole JSON object and
// another data or error line or the end follows, it is read as if a blank line stood after it. If the first line is not whole,
// lines are joined up to the blank line. If the joined text is not JSON, each line that is a whole object is an event, and each
// run of others is a SyntaxError. A [DONE] line never joins, and data and error do not join."
func splitBlock(stream string, block []line, pending bool) []piece {
	joined := group(valuesOf(stream, block), joins)
	var taken [][]value
	for _, p := range lay(block, joined, pending) {
		if !p.isAlone(stream) {
			taken = append(taken, p.values)
			continue
		}
		for i := range p.values {
			p.values[i].alone = true
		}
		taken = append(taken, group(p.values, func(first, next value) bool {
			return !first.isObject() && !next.isObject()
		})...)
	}
	return lay(block, taken, pending)
}

// valuesOf gives the values of a block's payload lines.
func valuesOf(stream string, block []line) (values []value) {
	for i, l := range block {
		if name, text := field(stream[l.start:l.end]); name == "data" || name == "error" {
			values = append(values, value{text: text, isError: name == "error", line: i})
		}
	}
	return values
}

// joins reports whether a line is joined to the first one of its event.
func joins(first, next value) bool {
	return !first.isObject() && !first.isDone() && !next.isDone() && first.isError == next.isError
}

// group cuts up values so that each goes with the first of its group.
func group(values []value, together func(first, next value) bool) [][]value {
	var groups [][]value
	begin := 0
	for i := range values {
		if i > begin && !together(values[begin], values[i]) {
			groups = append(groups, values[begin:i])
			begin = i
		}
	}
	return append(groups, values[begin:])
}

// lay says which lines of the block belong to each group of values. A line that must stand alone ends its event as if a blank
// line stood after it. Others have all lines up to the next value.
func lay(block []line, groups [][]value, pending bool) []piece {
	var all []piece
	begin := 0
	for i, values := range groups {
		isLast := i == len(groups)-1
		end := len(block)
		if !isLast {
			end = groups[i+1][0].line
		}
		if len(values) == 1 {
			after := values[0].line + 1
			switch {
			case values[0].isDone():
				// The stream ends here, or with the blank line if that is the next line.
				if !isLast || after < len(block) && !block[after].blank() {
					end = after
				}
			case values[0].isObject() && (!isLast || pending):
				end = after
			}
		}
		all = append(all, piece{lines: block[begin:end], values: values, pending: pending && isLast})
		begin = end
	}
	return all
}

// isAlone reports whether the lines of the piece must be taken alone. The text of an error is text if it is no JSON; and a
// payload without a whole line in it may be no JSON only because the stream ended.
func (p piece) isAlone(stream string) bool {
	if len(p.values) < 2 || isJSON(p.text()) || p.isError(stream) {
		return false
	}
	return !p.pending || !isCut(p.text()) || slices.ContainsFunc(p.values, value.isObject)
}

// judge says what comes of a piece.
func (p piece) judge(stream string) Kind {
	text := p.text()
	isError := p.isError(stream)
	switch trimmed := trim(text); {
	case p.bare != "":
		return API
	case len(p.values) == 0:
		return keepAlive
	case p.values[0].isDone():
		return Done
	case p.pending && !p.values[0].alone && isCut(text) && (!isError || trimmed[0] == '{'):
		return UnexpectedEOF
	case isError:
		return API
	case trimmed == "" || trimmed == `""`:
		return keepAlive
	case strings.HasPrefix(trimmed, "error:"), isBareError(text):
		return API
	case p.values[0].alone && !p.values[0].isObject(), !isObject(text):
		return Syntax
	case hasError(text):
		return API
	}
	return Chunk
}

// lastIsCut reports whether the last line of a run may be the beginning of one.
func (p piece) lastIsCut() bool {
	last := p.values[len(p.values)-1].text
	return isCut(last) || trim(last) == ""
}

func (p piece) text() string {
	if p.bare != "" {
		return p.bare
	}
	var lines []string
	for _, v := range p.values {
		lines = append(lines, v.text)
	}
	return strings.Join(lines, "\n")
}

// typ is the event type buffer at the end of the piece.
func (p piece) typ(stream string) string {
	typ := ""
	for _, l := range p.lines {
		if name, value := field(stream[l.start:l.end]); name == "event" {
			typ = value
		}
	}
	return typ
}

func (p piece) isError(stream string) bool {
	return len(p.values) > 0 && p.values[0].isError || p.typ(stream) == "error"
}
