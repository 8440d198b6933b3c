//go:build !race && !chatstream_poison

package chatstream_test

// instrumented tells that the build is slower than usual and allocates: for the
// race detector, or to overwrite borrowed memory as it expires.
const instrumented = false
