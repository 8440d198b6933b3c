// Package heap measures what a program holds.
package heap

import "runtime"

// Live is how many bytes the objects have that something still refers to.
// What only a sync.Pool keeps is not among them.
//
// A test that calls it must not run beside others: it counts their objects as well.
func Live() int {
	// A pool gives up what it keeps in the second collection after it was last used,
	// and what had a finalizer goes one collection later than what had none.
	for range 3 {
		runtime.GC()
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}
