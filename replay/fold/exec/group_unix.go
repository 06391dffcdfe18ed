//go:build unix

package exec

import (
	"os/exec"
	"syscall"
)

// ownGroup makes the command the leader of a process group. The processes it
// starts then end with it, and only asof receives Ctrl-C.
func ownGroup(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// killGroup kills the command and the processes it started. It ignores the error
// for an empty group.
func killGroup(cmd *exec.Cmd) { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
