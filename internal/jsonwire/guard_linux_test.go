package jsonwire_test

import "syscall"

// The pages that guarded writes to.
var firstPage, lastPage = guardedPage(), guardedPage()

// guardedPage returns a page between two that may not be read.
func guardedPage() []byte {
	page := syscall.Getpagesize()
	m, err := syscall.Mmap(-1, 0, 3*page, syscall.PROT_NONE, syscall.MAP_PRIVATE|syscall.MAP_ANON)
	if err != nil {
		return nil
	}
	if err := syscall.Mprotect(m[page:2*page], syscall.PROT_READ|syscall.PROT_WRITE); err != nil {
		return nil
	}
	return m[page : 2*page : 2*page]
}

// guarded returns copies of text: at the beginning of memory before which a load faults,
// and at the end of memory after which it does. They are good until the next call.
func guarded(text []byte) [][]byte {
	if min(len(firstPage), len(lastPage)) < len(text) {
		return nil
	}
	first, last := firstPage[:len(text):len(text)], lastPage[len(lastPage)-len(text):]
	copy(first, text)
	copy(last, text)
	return [][]byte{first, last}
}
