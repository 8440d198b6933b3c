//go:build !windows && !plan9

package main

import (
	"os"
	"syscall"
)

// errBrokenPipe is what writing to a pipe gives when nobody reads it any more.
const errBrokenPipe = syscall.EPIPE

// acceptsEscapes reports whether a terminal understands escape sequences.
func acceptsEscapes(*os.File) bool { return os.Getenv("TERM") != "dumb" }
