//go:build unix && !linux

package cmd

import "syscall"

func diesWithParent() *syscall.SysProcAttr { return nil }
