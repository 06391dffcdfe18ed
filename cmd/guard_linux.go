package cmd

import "syscall"

// diesWithParent keeps a process from outliving the one that waits for it.
func diesWithParent() *syscall.SysProcAttr { return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }
