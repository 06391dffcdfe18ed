//go:build !unix

package exec

import (
	"os/exec"
)

// OwnGroup does nothing where there are no process groups.
func OwnGroup(*exec.Cmd) {}

// KillGroup kills the command.
func KillGroup(cmd *exec.Cmd) { _ = cmd.Process.Kill() }
