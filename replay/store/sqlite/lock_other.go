//go:build !(linux || darwin || freebsd || netbsd || openbsd || dragonfly)

package sqlite

import (
	"errors"
	"os"
)

// lockShared is not supported: it cannot keep a -wal from being removed here, so the
// caller reads a private copy.
func lockShared(*os.File) error { return errors.ErrUnsupported }
