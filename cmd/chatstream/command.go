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

// report is what the command makes of one stream.
type report interface {
	// observe is called after each step of the Decoder. The chunk is nil where
	// none was decoded, err is nil where nothing is wrong.
	observe(c *chunk, err error)
	// finish is called at the end of the stream. hint is what the stream seems to
	// be if it is no chat completion, or "".
	finish(hint string)
}

// run does what the options say, and returns the exit status.
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

// readerIsGone reports whether output failed because nobody wants more of it, as
// in chatstream | head. That is no failure.
func readerIsGone(err error) bool {
	return errors.Is(err, errBrokenPipe) || errors.Is(err, io.ErrClosedPipe)
}

// file reports on one file.
func (c *command) file(name string) {
	in, closeInput, err := c.open(name)
	if err != nil {
		var pathErr *fs.PathError
		if errors.As(err, &pathErr) { // which has the name again
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

// newReport makes the report on a stream, and writes the heading that keeps it
// apart from the one before.
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

// heading keeps the streams of several files apart. The text report writes the
// heading that is returned. Tables name their stream, so that an empty line is
// enough. JSON stays alone on standard output; its headings go to standard error.
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

// stream shows the Decoder's results to the report, and its errors to the user. An
// error that ends the stream comes last.
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

// errNoChatCompletion is what a stream ends with that has nothing of one.
var errNoChatCompletion = errors.New("no chat completion in this stream")

// goesOn reports whether the stream goes on after an error.
func goesOn(err error) bool {
	var syntaxErr *chatstream.SyntaxError
	var apiErr *chatstream.APIError
	return errors.As(err, &syntaxErr) || errors.As(err, &apiErr) || errors.Is(err, chatstream.ErrEventTooLarge)
}

// complain says what is wrong with a stream or file, and sees to the exit status.
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

// beforeErr makes room on standard error for a line: what was written to standard
// output before comes before it, and where both are the terminal, ends its line.
func (c *command) beforeErr() {
	if c.out.terminal != nil && c.err.terminal != nil {
		c.out.freshLine()
	}
	c.out.flush()
	c.err.freshLine()
}
