//go:build darwin || freebsd || netbsd

package source

import (
	"fmt"
	"io/fs"
	"syscall"
	"time"
)

// fileID identifies a file and returns its change time, which programs cannot set.
func fileID(info fs.FileInfo) (id string, changed time.Time, ok bool) {
	s, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return "", changed, false
	}
	return fmt.Sprint(s.Dev, s.Ino), time.Unix(s.Ctimespec.Unix()), true
}
