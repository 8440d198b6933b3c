package jsonwire_test

import "syscall"

// guardedPages is memory whose last page may not be read.
var guardedPages = func() []byte {
	page := syscall.Getpagesize()
	m, err := syscall.Mmap(-1, 0, 2*page, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_PRIVATE|syscall.MAP_ANON)
	if err != nil {
		return nil
	}
	if err := syscall.Mprotect(m[page:], syscall.PROT_NONE); err != nil {
		return nil
	}
	return m[:page:page]
}()

// guarded returns text at the end of memory after which a load faults. It is good until
// the next call.
func guarded(text []byte) []byte {
	if len(guardedPages) < len(text) {
		return nil
	}
	b := guardedPages[len(guardedPages)-len(text):]
	copy(b, text)
	return b
}
