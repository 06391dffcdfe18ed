//go:build unix

package main

import (
	"fmt"
	"io"
	"maps"
	"os"
	"runtime"
	"slices"
	"strings"
)

// machine prints the machine and the versions of the peers.
func (b *bench) machine(w io.Writer, before string) {
	var with, without []string
	for _, name := range slices.Sorted(maps.Keys(b.versions)) {
		if v := b.versions[name]; v == "" {
			without = append(without, name)
		} else {
			with = append(with, strings.TrimSpace(name+" "+strings.TrimPrefix(strings.Trim(v, `"`), name+"-")))
		}
	}
	fmt.Fprintf(w, "%s, %d cores, %s/%s, %s; load %s before, %s after; %d events, %d runs\n",
		processor(), runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, runtime.Version(), before, load(), b.events, b.runs)
	fmt.Fprintf(w, "with %s\n", strings.Join(with, ", "))
	if len(without) > 0 {
		fmt.Fprintf(w, "left out because not installed: %s\n", strings.Join(without, ", "))
	}
	fmt.Fprintln(w)
}

func processor() string {
	b, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return "unknown processor"
	}
	for line := range strings.Lines(string(b)) {
		if name, ok := strings.CutPrefix(line, "model name"); ok {
			return strings.Trim(name, "\t :\n")
		}
	}
	return "unknown processor"
}

func load() string {
	b, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	return strings.Fields(string(b))[0]
}
