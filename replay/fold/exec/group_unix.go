//go:build unix

package exec

import (
	"os/exec"
	"syscall"
)

// OwnGroup makes a command the leader of a process group, so that what it starts
// ends with it, and so that Ctrl-C is for asof alone to handle.
func OwnGroup(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// KillGroup kills the command and what it has started. That nobody is left is no
// concern.
func KillGroup(cmd *exec.Cmd) { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
