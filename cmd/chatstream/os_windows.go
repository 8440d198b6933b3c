package main

import (
	"os"

	"golang.org/x/sys/windows"
)

// errBrokenPipe is the error of writing to a pipe that nobody reads any more.
const errBrokenPipe = windows.ERROR_NO_DATA

// acceptsEscapes reports whether a terminal understands escape sequences. A
// console does so only after a request.
func acceptsEscapes(f *os.File) bool {
	var mode uint32
	h := windows.Handle(f.Fd())
	return windows.GetConsoleMode(h, &mode) == nil &&
		windows.SetConsoleMode(h, mode|windows.ENABLE_VIRTUAL_TERMINAL_PROCESSING) == nil
}
