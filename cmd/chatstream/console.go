package main

import (
	"bufio"
	"io"
)

// console is standard output or standard error. It escapes characters that control a terminal,
// because the text comes from a provider.
type console struct {
	w        *bufio.Writer
	terminal *terminal // nil if it is not a terminal
	fresh    bool      // the next byte begins a line
	used     bool      // something was written
	status   bool      // a status line is shown
	err      error
}

func newConsole(w io.Writer, t *terminal) *console {
	return &console{w: bufio.NewWriter(w), terminal: t, fresh: true}
}

// styled reports whether escape sequences may be written.
func (c *console) styled() bool { return c.terminal != nil && c.terminal.escapes }

// Write writes text, which must not end within a character. The text is buffered until flush.
// The first error is kept, and ends all writing.
func (c *console) Write(p []byte) (int, error) {
	if len(p) == 0 || c.err != nil {
		return len(p), c.err
	}
	c.clearStatus()
	c.used = true
	c.fresh = p[len(p)-1] == '\n'
	if c.terminal != nil {
		c.raw(visible(p))
	} else {
		c.raw(p)
	}
	return len(p), c.err
}

// dim writes dimmed text. It resets the terminal after each piece, so that an interrupt leaves
// the terminal in order.
func (c *console) dim(p []byte) {
	if !c.styled() || len(p) == 0 {
		c.Write(p)
		return
	}
	c.clearStatus()
	c.raw([]byte("\x1b[2m"))
	c.Write(p)
	c.raw([]byte("\x1b[22m"))
}

// freshLine ends the line, if one was begun.
func (c *console) freshLine() {
	if !c.fresh {
		c.Write([]byte("\n"))
	}
}

// setStatus shows a line that the next output replaces.
func (c *console) setStatus(s string) {
	if !c.fresh || !c.styled() {
		return
	}
	line := []rune(printable(s))
	line = line[:min(len(line), max(c.terminal.columns-1, 0))]
	c.raw([]byte("\r" + string(line) + "\x1b[K"))
	c.status = true
	c.flush()
}

func (c *console) clearStatus() {
	if c.status {
		c.status = false
		c.raw([]byte("\r\x1b[K"))
	}
}

func (c *console) raw(p []byte) {
	if c.err == nil {
		_, c.err = c.w.Write(p)
	}
}

func (c *console) flush() {
	if c.err == nil {
		c.err = c.w.Flush()
	}
}
