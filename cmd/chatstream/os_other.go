//go:build !windows && !plan9

package main

import (
	"os"
	"syscall"
)

// errBrokenPipe is the error of writing to a pipe that nobody reads any more.
const errBrokenPipe = syscall.EPIPE

// acceptsEscapes reports whether a terminal understands escape sequences.
func acceptsEscapes(*os.File) bool { return os.Getenv("TERM") != "dumb" }
