//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package sqlite

import (
	"os"
	"syscall"
)

// SQLite's shared lock covers these bytes of the file, see its os.h.
const (
	sharedFirst = 0x40000000 + 2
	sharedSize  = 510
)

// lockShared takes the shared lock of SQLite readers. Closing the connection that
// follows drops it too.
func lockShared(f *os.File) error {
	return syscall.FcntlFlock(f.Fd(), syscall.F_SETLK, &syscall.Flock_t{
		Type: syscall.F_RDLCK, Whence: 0, Start: sharedFirst, Len: sharedSize,
	})
}
