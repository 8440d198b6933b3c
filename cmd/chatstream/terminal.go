package main

import (
	"io"
	"os"

	"golang.org/x/term"
)

// terminal describes a terminal.
type terminal struct {
	columns int
	escapes bool // it accepts escape sequences
}

// terminalOf describes the terminal that w writes to. It returns nil if w is not a terminal.
func terminalOf(w io.Writer) *terminal {
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return nil
	}
	columns, _, err := term.GetSize(int(f.Fd()))
	if err != nil || columns <= 0 {
		columns = 80
	}
	return &terminal{
		columns: columns,
		escapes: os.Getenv("NO_COLOR") == "" && acceptsEscapes(f),
	}
}

// isTerminal reports whether a reader is a terminal.
func isTerminal(r io.Reader) bool {
	f, ok := r.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}
