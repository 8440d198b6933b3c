package main

import (
	"io"
	"os"
)

// errBrokenPipe is what writing to a pipe gives when nobody reads it any more. A
// program here gets a note that ends it instead.
var errBrokenPipe = io.ErrClosedPipe

// acceptsEscapes reports whether a terminal understands escape sequences.
func acceptsEscapes(*os.File) bool { return false }
