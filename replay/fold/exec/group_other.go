//go:build !unix

package exec

import (
	"os/exec"
)

// OwnGroup does nothing: there are no process groups here.
func OwnGroup(*exec.Cmd) {}

// KillGroup kills the command alone: there are no process groups here.
func KillGroup(cmd *exec.Cmd) { _ = cmd.Process.Kill() }
