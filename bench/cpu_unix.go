//go:build unix

package bench

import (
	"syscall"
	"time"
)

// CPUTime is the time that processors have spent for this process. On a busy machine it
// says more than the clock does.
func CPUTime() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
