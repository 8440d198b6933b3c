package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"github.com/seed-08fc7208/chatstream"
)

type chunk = chatstream.CreateChatCompletionData

// command is one run of the program.
type command struct {
	options
	system
	stdin       io.Reader
	out         *console
	err         *console
	opened      int // files
	failed      bool
	strictFound bool
	interrupted bool
}

// report prints the results for one stream.
type report interface {
	// observe is called after each step of the Decoder. The chunk is nil if there was none,
	// and err is nil if there was no error.
	observe(c *chunk, err error)
	// finish is called at the end of the stream. hint explains a stream that is not a chat
	// completion, or is "".
	finish(hint string)
}

// run runs the command and returns the exit status.
func (c *command) run() int {
	for _, name := range c.files {
		c.file(name)
		if c.out.err != nil || c.interrupted {
			break
		}
	}
	c.out.flush()
	if err := c.out.err; err != nil && !readerIsGone(err) {
		c.complain("standard output", err)
	}
	switch {
	case c.interrupted:
		return exitInterrupted
	case c.failed:
		return exitError
	case c.strictFound:
		return exitStrict
	}
	return 0
}

// readerIsGone reports whether output failed because its reader has ended, as in
// chatstream | head. That is not a failure.
func readerIsGone(err error) bool {
	return errors.Is(err, errBrokenPipe) || errors.Is(err, io.ErrClosedPipe)
}

// file reports on one file.
func (c *command) file(name string) {
	in, closeInput, err := c.open(name)
	if err != nil {
		var pathErr *fs.PathError
		if errors.As(err, &pathErr) { // it repeats the name
			err = pathErr.Err
		}
		c.complain(name, err)
		return
	}
	defer closeInput()
	if name == "-" && c.keyboard(c.stdin) {
		c.say("reading from the terminal: pipe a stream into chatstream or name a file, or see chatstream -help")
	}
	d := chatstream.NewDecoder(in)
	defer d.Close()
	r := c.newReport(in, d)
	defer c.showStatus(in, r)()
	c.stream(in, d, r)
}

// newReport makes the report on a stream, and writes the heading that separates it from the
// previous one.
func (c *command) newReport(in *input, d *chatstream.Decoder) report {
	heading := c.heading(in)
	switch {
	case c.check:
		return newCheckReport(c, in, d)
	case c.stats:
		return newStatsReport(c.out, in, d, c.json)
	case c.json:
		return &jsonReport{out: c.out}
	case c.completion:
		return newCompletionReport(c.out, func(err error) { c.complain(in.name, err) })
	}
	return newTextReport(c.out, c.err, heading)
}

// heading separates the streams of several files. The text report writes the returned heading.
// Tables name their stream, so they need only an empty line. With JSON, headings go to standard
// error, so that standard output has only JSON.
func (c *command) heading(in *input) string {
	first := c.opened == 0
	c.opened++
	if len(c.files) == 1 {
		return ""
	}
	c.out.freshLine()
	heading := fmt.Sprintf("==> %s <==\n", printable(in.name))
	if !first {
		heading = "\n" + heading
	}
	switch {
	case !c.json && !c.completion && !c.check && !c.stats:
		return heading
	case c.check || c.stats:
		if !first && !c.json {
			io.WriteString(c.out, "\n")
		}
	default:
		c.beforeErr()
		io.WriteString(c.err, heading)
		c.err.flush()
	}
	return ""
}

// stream passes the results of the Decoder to the report, and prints its errors. An error that
// ends the stream comes last.
func (c *command) stream(in *input, d *chatstream.Decoder, r report) {
	var final error
	var other otherAPI
	chunks := int64(0)
	for chunk, err := range d.All() {
		if n := d.Stats().Chunks; n == chunks {
			chunk = nil
		} else {
			chunks = n
		}
		other.observe(chunk, err)
		r.observe(chunk, err)
		if c.out.err != nil {
			return
		}
		switch {
		case err == nil:
		case goesOn(err):
			c.complain(in.name, err)
		default:
			final = err
		}
	}
	hint := hintFor(in, &other, final)
	c.err.clearStatus()
	c.err.flush()
	r.finish(hint)
	c.out.flush()
	c.err.flush()
	if final != nil {
		c.complain(in.name, final)
		c.interrupted = errors.Is(final, errInterrupted)
	} else if hint != "" {
		c.complain(in.name, errNoChatCompletion)
	}
	if hint != "" {
		c.say(hint)
	}
}

// errNoChatCompletion ends a stream without any part of a chat completion.
var errNoChatCompletion = errors.New("no chat completion in this stream")

// goesOn reports whether the stream goes on after an error.
func goesOn(err error) bool {
	var syntaxErr *chatstream.SyntaxError
	var apiErr *chatstream.APIError
	return errors.As(err, &syntaxErr) || errors.As(err, &apiErr) || errors.Is(err, chatstream.ErrEventTooLarge)
}

// complain prints an error of a stream or file, and sets the exit status.
func (c *command) complain(name string, err error) {
	c.failed = true
	c.say(name + ": " + strings.TrimPrefix(err.Error(), "chatstream: "))
}

// say writes a line for the user on standard error.
func (c *command) say(line string) {
	c.beforeErr()
	fmt.Fprintf(c.err, "chatstream: %s\n", line)
	c.err.flush()
}

// beforeErr prepares standard error for a line. It flushes standard output first, and ends its
// line if both are the terminal.
func (c *command) beforeErr() {
	if c.out.terminal != nil && c.err.terminal != nil {
		c.out.freshLine()
	}
	c.out.flush()
	c.err.freshLine()
}
