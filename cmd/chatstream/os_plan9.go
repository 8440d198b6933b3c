package main

import (
	"io"
	"os"
)

// errBrokenPipe is the error of writing to a pipe that nobody reads any more. Plan 9
// sends a note instead, which ends the program.
var errBrokenPipe = io.ErrClosedPipe

// acceptsEscapes reports whether a terminal understands escape sequences.
func acceptsEscapes(*os.File) bool { return false }
