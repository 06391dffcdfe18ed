//go:build unix

package cmd

import (
	"os/exec"
	"syscall"
)

// ownGroup makes a command the leader of a process group, so that what it starts
// can be ended with it.
func ownGroup(c *exec.Cmd) { c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// killGroup ends a command and all that it has started. That nobody is left is no
// concern.
func killGroup(c *exec.Cmd) { _ = syscall.Kill(-c.Process.Pid, syscall.SIGKILL) }
