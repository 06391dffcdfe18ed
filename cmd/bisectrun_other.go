//go:build !unix

package cmd

import "os/exec"

// ownGroup does nothing where there are no process groups.
func ownGroup(*exec.Cmd) {}

// killGroup kills the command.
func killGroup(c *exec.Cmd) { _ = c.Process.Kill() }
