// Package jsonwire reads and writes JSON text (RFC 8259) in slices of bytes.
//
// Its functions keep no state and know no type of package chatstream. Those that
// read take the text and the index to read from, and return the index after what
// they read. Those that can fail return a [Fault] beside it, and with a fault the
// index of the offending byte: len(b) where the text ended too soon.
package jsonwire
