//go:build unix

package workload

import "syscall"

// allocate gives n bytes that are not on the heap.
func allocate(n int) []byte {
	b, err := syscall.Mmap(-1, 0, n, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		panic(err) // there is not so much memory
	}
	return b
}

func release(b []byte) {
	if err := syscall.Munmap(b); err != nil {
		panic(err)
	}
}
