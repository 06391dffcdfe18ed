package cmd

import "syscall"

// diesWithParent returns attributes that kill a child process when its parent ends.
func diesWithParent() *syscall.SysProcAttr { return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }
