//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package sqlite

import (
	"os"
	"syscall"
)

// SQLite's shared lock is on these bytes of the file (its os.h).
const (
	sharedFirst = 0x40000000 + 2
	sharedSize  = 510
)

// lockShared takes the lock that every SQLite reader holds. It is dropped with
// that of the connection that follows.
func lockShared(f *os.File) error {
	return syscall.FcntlFlock(f.Fd(), syscall.F_SETLK, &syscall.Flock_t{
		Type: syscall.F_RDLCK, Whence: 0, Start: sharedFirst, Len: sharedSize,
	})
}
