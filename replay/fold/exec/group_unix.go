//go:build unix

package exec

import (
	"os/exec"
	"syscall"
)

// OwnGroup makes the command the leader of a process group. The processes it
// starts then end with it, and only asof receives Ctrl-C.
func OwnGroup(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// KillGroup kills the command and the processes it started. It ignores the error
// for an empty group.
func KillGroup(cmd *exec.Cmd) { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
