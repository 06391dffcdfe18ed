//go:build unix && !aix && !solaris

package aside

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// lock locks a folder until it is unlocked or the process ends. It returns errHeld if
// another process has locked it, fs.ErrNotExist if it is gone, and nil without an error if the
// file system has no locks of folders.
func lock(path string) (*os.File, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	err = unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if err == nil {
		_, err = os.Stat(path) // the one who had locked it may have removed it
		if err == nil {
			return f, nil
		}
	} else if errors.Is(err, unix.EWOULDBLOCK) {
		err = errHeld
	} else {
		err = nil
	}
	_ = f.Close()
	return nil, err
}

func unlock(f *os.File) {
	if f != nil {
		_ = f.Close()
	}
}
