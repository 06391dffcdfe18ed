//go:build !(linux || darwin || freebsd || netbsd || openbsd || dragonfly)

package sqlite

import (
	"errors"
	"os"
)

// lockShared has no way here to keep a -wal from being removed, so that a
// private copy is read instead.
func lockShared(*os.File) error { return errors.ErrUnsupported }
