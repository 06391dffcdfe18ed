//go:build unix

package cmd

import (
	"os"
	"syscall"
)

// runAgain replaces the process with the same program and the given arguments. It
// returns only on failure.
func runAgain(args []string, env string) {
	self, err := os.Executable()
	if err != nil {
		return
	}
	_ = syscall.Exec(self, append([]string{os.Args[0]}, args...), append(os.Environ(), env)) // on failure the arguments stay visible
}
