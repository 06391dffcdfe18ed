//go:build unix

package cmd

import (
	"os"
	"syscall"
)

// runAgain replaces the process by the same program with other arguments. It
// returns only where that fails.
func runAgain(args []string, env string) {
	self, err := os.Executable()
	if err != nil {
		return
	}
	_ = syscall.Exec(self, append([]string{os.Args[0]}, args...), append(os.Environ(), env)) // then they are seen
}
