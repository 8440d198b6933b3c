package main

import (
	"os"

	"golang.org/x/sys/windows"
)

// errBrokenPipe is what writing to a pipe gives when nobody reads it any more.
const errBrokenPipe = windows.ERROR_NO_DATA

// acceptsEscapes reports whether a terminal understands escape sequences. A
// console must be asked to.
func acceptsEscapes(f *os.File) bool {
	var mode uint32
	h := windows.Handle(f.Fd())
	return windows.GetConsoleMode(h, &mode) == nil &&
		windows.SetConsoleMode(h, mode|windows.ENABLE_VIRTUAL_TERMINAL_PROCESSING) == nil
}
