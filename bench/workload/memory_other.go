//go:build !unix

package workload

// allocate gives n bytes, on the heap where there is nothing else.
func allocate(n int) []byte { return make([]byte, n) }

func release([]byte) {}
