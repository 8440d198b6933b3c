package main

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// lineCheck checks the lines of the stream against the event stream standard. It reads the Raw
// of each event; together they are the whole stream, in order.
type lineCheck struct {
	f       *findings
	at      place  // of the next line, with the event of that line
	cr      *place // of the previous line, if it ends in a CR whose LF may follow
	unended bool   // the last line had no line end
	block   block
	last    place  // of the first field of the last event that ended
	open    *place // of an event that was returned without its empty line
}

// block is the part of an event that has been read.
type block struct {
	begun  bool // a field was read
	begin  place
	typ    []byte
	data   int // lines
	blank  int // of these, the empty ones
	quotes int // and those with an empty JSON string
}

const inStream = "event stream"

func (k *lineCheck) found(c *check, at place) { k.f.add(c, inStream, "", at) }

// feed checks the next bytes of the stream, which begin at the given offset.
func (k *lineCheck) feed(raw []byte, offset int64) {
	k.at.offset = offset
	const bom = "\xEF\xBB\xBF"
	if offset == 0 && bytes.HasPrefix(raw, []byte(bom)) {
		k.found(sseBOM, k.at)
		raw = raw[len(bom):]
		k.at.offset += int64(len(bom))
	}
	if len(raw) > 0 {
		raw = k.endCR(raw)
	}
	for len(raw) > 0 {
		raw = k.next(raw)
	}
}

// endCR decides, by the next byte, whether a CR at the end of the previous bytes was a line end
// or half of a CRLF.
func (k *lineCheck) endCR(raw []byte) []byte {
	if k.cr == nil {
		return raw
	}
	at := *k.cr
	k.cr = nil
	if len(raw) == 0 || raw[0] != '\n' {
		k.found(sseCR, at)
		return raw
	}
	k.found(sseCRLF, at)
	k.at.offset++
	return raw[1:]
}

// next checks the first line of raw and returns what follows it.
func (k *lineCheck) next(raw []byte) []byte {
	begin := k.at
	end := bytes.IndexAny(raw, "\r\n")
	if k.unended = end < 0; k.unended {
		end = len(raw)
	}
	k.line(raw[:end])
	rest := raw[end:]
	k.at.offset += int64(end)
	if k.unended {
		return rest
	}
	k.at.offset++
	if rest[0] == '\n' {
		return rest[1:]
	}
	k.cr = &begin
	if rest = rest[1:]; len(rest) > 0 {
		rest = k.endCR(rest)
	}
	return rest
}

// line checks one line.
func (k *lineCheck) line(line []byte) {
	const longest = 64 << 10 // the limit of bufio.Scanner and similar readers
	if len(line) > longest {
		k.found(sseLongLine, k.at)
	}
	if !utf8.Valid(line) {
		k.found(sseNotUTF8, k.at)
	}
	if len(line) == 0 {
		k.endBlock()
		return
	}
	if line[0] == ':' {
		if k.block.begun {
			k.found(sseComment, k.at)
		}
		return
	}
	if !k.block.begun {
		k.block.begun, k.block.begin = true, k.at
	}
	name, value, _ := bytes.Cut(line, []byte(":"))
	k.field(string(name), value)
}

// field checks a field; the value still has the space that it may begin with.
func (k *lineCheck) field(name string, spaced []byte) {
	value := bytes.TrimPrefix(spaced, []byte(" "))
	switch name {
	case "data":
		k.data(value)
		if len(spaced) > 0 && spaced[0] != ' ' {
			k.found(sseNoSpace, k.at)
		}
	case "event":
		k.block.typ = value
		if len(value) > 0 && string(value) != "message" {
			k.f.add(sseEventType, inStream, quote(value), k.at)
		}
	case "id":
		if bytes.IndexByte(value, 0) >= 0 {
			k.found(sseNulID, k.at)
		}
	case "retry":
		if strings.Trim(string(value), "0123456789") != "" || len(value) == 0 {
			k.found(sseRetry, k.at)
		}
	case "error":
		k.found(sseErrorField, k.at)
	default:
		k.f.add(sseUnknownField, inStream, quote([]byte(name)), k.at)
	}
}

// data counts a data line by its contents.
func (k *lineCheck) data(value []byte) {
	k.block.data++
	switch string(bytes.TrimSpace(value)) {
	case "":
		k.block.blank++
	case `""`:
		k.block.quotes++
	}
}

// endBlock ends an event at its empty line.
func (k *lineCheck) endBlock() {
	b := k.block
	k.block = block{}
	if !b.begun {
		return
	}
	k.at.event++
	k.last = b.begin
	switch {
	case b.data == 0 && len(b.typ) > 0:
		k.found(sseNoData, b.begin)
	case b.data > 0 && b.data == b.blank:
		k.found(sseEmptyData, b.begin)
	case b.data > 0 && b.data == b.blank+b.quotes:
		k.found(sseEmptyString, b.begin)
	case b.data > 1:
		k.found(sseSeveralLines, b.begin)
	}
}

// eventGiven is called when the Decoder has returned the last event that was fed. events is the
// number of events so far.
func (k *lineCheck) eventGiven(events int64) {
	k.separate(sseNoBlankLine)
	if k.block.begun { // before its empty line
		begin := k.block.begin
		k.last, k.open = begin, &begin
		k.block = block{}
	}
	k.at.event = events + 1
}

// separate is called when something follows the previous event.
func (k *lineCheck) separate(missing *check) {
	if k.open != nil {
		k.found(missing, *k.open)
		k.open = nil
	}
}

// end is called at the end of the reader.
func (k *lineCheck) end() {
	k.separate(sseLastEvent)
	k.endCR(nil)
	if k.unended {
		at := k.last
		if k.block.begun {
			at = k.block.begin
		}
		k.found(sseLastLine, at)
	}
}
