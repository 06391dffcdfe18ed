//go:build unix

package project

import (
	"io/fs"
	"os"
	"syscall"
)

// othersMayWrite says who except the user may write to a file; empty if nobody. The
// user's own group does not count.
func othersMayWrite(info fs.FileInfo) string {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return ""
	}
	link := info.Mode()&fs.ModeSymlink != 0 // a link's mode has no meaning
	switch perm := info.Mode().Perm(); {
	case st.Uid != 0 && int(st.Uid) != os.Geteuid():
		return "is owned by someone else"
	case link:
		return ""
	case perm&0o002 != 0:
		return "is writable by everyone"
	case perm&0o020 != 0 && int(st.Gid) != os.Getegid():
		return "is writable by its group"
	}
	return ""
}

func sameOwner(a, b fs.FileInfo) bool {
	sa, okA := a.Sys().(*syscall.Stat_t)
	sb, okB := b.Sys().(*syscall.Stat_t)
	return okA && okB && sa.Uid == sb.Uid
}
