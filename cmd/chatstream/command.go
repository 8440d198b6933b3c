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
	stdin  io.Reader
	out    *console
	err    *console
	failed bool
}

// report is what the command makes of one stream.
type report interface {
	// observe is called after each step of the Decoder. The chunk is nil where
	// none was decoded, err is nil where nothing is wrong.
	observe(c *chunk, err error)
	// finish is called at the end of the stream.
	finish()
}

// run does what the options say, and returns the exit status.
func (c *command) run() int {
	for i, name := range c.files {
		if len(c.files) > 1 {
			c.heading(i, name)
		}
		c.file(name)
		if c.out.err != nil {
			break
		}
	}
	c.out.flush()
	if err := c.out.err; err != nil && !readerIsGone(err) {
		c.complain("standard output", err)
	}
	if c.failed {
		return exitError
	}
	return 0
}

// readerIsGone reports whether output failed because nobody wants more of it, as
// in chatstream | head. That is no failure.
func readerIsGone(err error) bool {
	return errors.Is(err, errBrokenPipe) || errors.Is(err, io.ErrClosedPipe)
}

// heading says on standard error which file comes next.
func (c *command) heading(i int, name string) {
	c.beforeErr()
	if i > 0 {
		fmt.Fprintln(c.err)
	}
	fmt.Fprintf(c.err, "==> %s <==\n", name)
	c.err.flush()
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
	shown := c.newProgress(in)
	in.before = func() {
		c.out.flush()
		c.err.flush()
		shown.show(in.read, c.now())
	}
	d := chatstream.NewDecoder(in)
	defer d.Close()
	c.stream(in, d, c.newReport(in, d))
}

func (c *command) newReport(in *input, d *chatstream.Decoder) report {
	switch {
	case c.json:
		return &jsonReport{out: c.out}
	case c.completion:
		return newCompletionReport(c.out, func(err error) { c.complain(in.name, err) })
	case c.stats:
		return newStatsReport(c.out, in, d)
	case c.check:
		return newCheckReport(c.out, in, d)
	}
	return newTextReport(c.out, c.err)
}

// stream shows the Decoder's results to the report, and its errors to the user. An
// error that ends the stream comes last.
func (c *command) stream(in *input, d *chatstream.Decoder, r report) {
	var final error
	chunks := int64(0)
	for chunk, err := range d.All() {
		if n := d.Stats().Chunks; n == chunks {
			chunk = nil
		} else {
			chunks = n
		}
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
	c.err.clearStatus()
	c.err.flush()
	r.finish()
	c.out.flush()
	c.err.flush()
	if final != nil {
		c.complain(in.name, final)
	}
}

// goesOn reports whether the stream goes on after an error.
func goesOn(err error) bool {
	var syntaxErr *chatstream.SyntaxError
	var apiErr *chatstream.APIError
	return errors.As(err, &syntaxErr) || errors.As(err, &apiErr) || errors.Is(err, chatstream.ErrEventTooLarge)
}

// complain says what is wrong with a stream or file, and sees to the exit status.
func (c *command) complain(name string, err error) {
	c.failed = true
	c.beforeErr()
	fmt.Fprintf(c.err, "chatstream: %s: %s\n", name, strings.TrimPrefix(err.Error(), "chatstream: "))
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
