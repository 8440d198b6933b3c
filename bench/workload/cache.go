package workload

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// LastLevelCache is the size in bytes of the largest cache of this machine, as Linux has
// it under /sys, or 64 MiB where nothing says. On a virtual machine it may be that of
// the host.
func LastLevelCache() int { return largestCache("/sys/devices/system/cpu/cpu0/cache") }

func largestCache(dir string) int {
	const unknown = 64 << 20
	largest := 0
	files, _ := filepath.Glob(filepath.Join(dir, "index*", "size"))
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			continue
		}
		largest = max(largest, cacheSize(strings.TrimSpace(string(text))))
	}
	if largest == 0 {
		return unknown
	}
	return largest
}

// cacheSize reads a size such as 48K or 30M.
func cacheSize(text string) int {
	unit := 1
	switch {
	case strings.HasSuffix(text, "K"):
		unit = 1 << 10
	case strings.HasSuffix(text, "M"):
		unit = 1 << 20
	case strings.HasSuffix(text, "G"):
		unit = 1 << 30
	}
	n, err := strconv.Atoi(strings.TrimRight(text, "KMG"))
	if err != nil {
		return 0
	}
	return n * unit
}
