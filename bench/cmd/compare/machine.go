package main

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"github.com/klauspost/cpuid/v2"
)

// machine is where and when the figures were taken.
type machine struct {
	cpu  string
	os   string
	goes string
	date string
}

func thisMachine() machine {
	return machine{
		cpu:  fmt.Sprintf("%s, %d cores", cpuModel(), runtime.NumCPU()),
		os:   runtime.GOOS + "/" + runtime.GOARCH,
		goes: runtime.Version(),
		date: time.Now().UTC().Format(time.DateOnly),
	}
}

// cpuModel is the brand string, or what the kernel calls the model: virtual
// machines often have a name in one of them only.
func cpuModel() string {
	if name := strings.TrimSpace(cpuid.CPU.BrandName); name != "" {
		return name
	}
	info, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(info)) {
		if name, ok := strings.CutPrefix(line, "model name"); ok {
			return strings.Trim(name, " \t:\n")
		}
	}
	return "unknown CPU"
}

// version is that of a module in this binary.
func version(module string) string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	for _, dep := range info.Deps {
		if dep.Path == module {
			return dep.Version
		}
	}
	return ""
}
