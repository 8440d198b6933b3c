package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"

	"github.com/seed-08fc7208/chatstream"
)

// checkReport prints the departures of a stream.
type checkReport struct {
	c        *command
	in       *input
	d        *chatstream.Decoder
	findings findings
	lines    lineCheck
	seen     seen
	strict   *strictReader
	fed      int64 // bytes of the stream that lines and strict have read
	other    bool  // the body is not an event stream
	broken   bool  // an error ended the stream
}

func newCheckReport(c *command, in *input, d *chatstream.Decoder) *checkReport {
	r := &checkReport{c: c, in: in, d: d, strict: newStrictReader()}
	r.lines.f = &r.findings
	r.lines.at.event = 1
	return r
}

func (r *checkReport) observe(c *chunk, err error) {
	if errors.Is(err, chatstream.ErrNotEventStream) {
		r.other = true
		r.fault(err)
		return
	}
	r.feed()
	if r.broken = err != nil && !goesOn(err); !r.broken {
		r.lines.eventGiven(r.d.Stats().Events)
	}
	if c != nil && (err == nil || c.Choices != nil) { // an error without a chunk does not count
		checkSchema(&r.findings, c, r.lines.last)
		r.seen.look(c)
		runChecks(&r.findings, &r.seen, c, r.lines.last)
		r.seen.add(c)
	}
	if err != nil {
		r.fault(err)
	}
}

// feed passes the bytes of the Decoder's last event to lines and strict, once.
func (r *checkReport) feed() {
	raw, end := r.d.Event().Raw, r.d.Stats().Bytes
	if end == r.fed {
		return
	}
	r.fed = end
	r.lines.feed(raw, end-int64(len(raw)))
	_, _ = r.strict.Write(raw) // the pipe is read to its end
}

// placedError matches a message of the Decoder with a place. Before the first event it has no
// event number.
var placedError = regexp.MustCompile(`(?s)^chatstream: (?:event (\d+) )?at byte (\d+): (.*)$`)

// fault adds an error.
func (r *checkReport) fault(err error) {
	var at place
	where, what := inStream, strings.TrimPrefix(err.Error(), "chatstream: ")
	if parts := placedError.FindStringSubmatch(err.Error()); parts != nil {
		at.event, _ = strconv.ParseInt(parts[1], 10, 64)
		at.offset, _ = strconv.ParseInt(parts[2], 10, 64)
		what = parts[3]
	}
	c, reason := errorCheck(err)
	if reason != "" {
		where, what = "payload", reason
	}
	if c == errorAPI {
		where = "payload"
	}
	r.findings.addWhat(c, where, what, "", at)
}

// errorCheck returns the check that an error belongs to. For a SyntaxError it also returns the
// reason, without the place in the payload.
func errorCheck(err error) (c *check, reason string) {
	var syntaxErr *chatstream.SyntaxError
	var apiErr *chatstream.APIError
	switch {
	case errors.Is(err, chatstream.ErrNotEventStream):
		return errorBody, ""
	case errors.As(err, &syntaxErr):
		return errorSyntax, syntaxErr.Reason
	case errors.As(err, &apiErr):
		return errorAPI, ""
	case errors.Is(err, chatstream.ErrEventTooLarge):
		return errorTooLarge, ""
	case errors.Is(err, io.ErrUnexpectedEOF):
		return errorTruncated, ""
	case errors.Is(err, chatstream.ErrNotChatCompletion):
		return errorNotChat, ""
	}
	return errorOther, ""
}

// end is the place where the Decoder is.
func (r *checkReport) end() place {
	stats := r.d.Stats()
	return place{stats.Events, stats.Bytes}
}

func (r *checkReport) finish(hint string) {
	switch {
	case r.other:
	case r.d.Done():
		r.feed()
		r.lines.eventGiven(r.end().event)
		r.lines.open = nil // its empty line is checked below
		r.endAfterDone()
	default:
		r.feed()
		r.lines.end()
		if !r.broken {
			r.findings.add(streamNoDone, inStream, "", r.end())
		}
	}
	if !r.other && !r.broken {
		endChecks(&r.findings, &r.seen, r.lines.last)
	}
	if r.seen.full {
		r.findings.add(notChecked, "-", "", r.end())
	}
	strict := r.strict.count()
	if r.c.json {
		r.c.out.Write(r.json(hint, strict))
	} else {
		r.print(strict)
	}
	r.failStrict()
}

// endAfterDone checks the bytes after [DONE] that can be read without waiting. Clients do not
// read them.
func (r *checkReport) endAfterDone() {
	const marker = "[DONE]"
	at := r.lines.last
	if r.d.Stats().Chunks == 0 {
		r.lines.found(streamNoChunk, at)
	}
	if string(r.d.Event().Data) != marker {
		r.lines.found(streamDoneSpaces, at)
	}
	rest, complete := r.in.rest(r.d.Stats().Bytes)
	buffered := bufio.NewReader(rest)
	next, _ := buffered.Peek(len("\r\n\r\n"))
	r.lines.endCR(next)
	raw := r.d.Event().Raw
	after := raw[bytes.LastIndex(raw, []byte(marker))+len(marker):]
	switch ends := lineEnds(append(bytes.Clone(after), next...)); {
	case ends > 1 || len(next) == 0 && !complete:
	case ends == 0:
		r.lines.found(sseLastLine, at)
	default:
		r.lines.found(sseAfterDone, at)
	}
	if n := countEvents(buffered).events; n > 0 {
		r.findings.add(streamAfterDone, inStream, plural(n, "event"), r.end())
	}
}

// lineEnds counts the line ends at the beginning of b, up to two.
func lineEnds(b []byte) int {
	n := 0
	for b = bytes.TrimLeft(b, " \t"); n < 2 && len(b) > 0 && (b[0] == '\r' || b[0] == '\n'); n++ {
		if bytes.HasPrefix(b, []byte("\r\n")) {
			b = b[1:]
		}
		b = b[1:]
	}
	return n
}

func (r *checkReport) print(strict strictCount) {
	stats := r.d.Stats()
	end := "ends without [DONE]"
	if r.d.Done() {
		end = "ends with [DONE]"
	}
	fmt.Fprintf(r.c.out, "%s: %s in %s, %s, %s, %s\n", printable(r.in.name),
		plural(stats.Chunks, "chunk"), plural(stats.Events, "event"),
		plural(stats.Comments, "comment"), plural(stats.Bytes, "byte"), end)
	if len(r.findings.list) == 0 {
		fmt.Fprintln(r.c.out, "Nothing departs from the schema or the standard.")
		return
	}
	fmt.Fprint(r.c.out, r.findings.table())
	if !r.other && strict.objects < stats.Chunks {
		fmt.Fprintf(r.c.out, "A reader that keeps to the letter of the standard gets %d of the %d chunks.\n", strict.objects, stats.Chunks)
	}
}

// failStrict fails the command if -strict names any of the findings.
func (r *checkReport) failStrict() {
	n := int64(0)
	for _, f := range r.findings.list {
		if r.c.strict.takes(f.check) {
			n++
		}
	}
	if n > 0 {
		r.c.strictFound = true
		r.c.say(fmt.Sprintf("%s: -strict=%s: %s", r.in.name, &r.c.strict, plural(n, "finding")))
	}
}

func plural(n int64, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return fmt.Sprintf("%d %s", n, noun)
}
