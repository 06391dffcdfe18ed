package replay

import (
	"errors"
	"fmt"

	"asof/replay/fault"
)

// Contradicted returns the error of an event that a store has given and then does not have,
// in place of err if that says so. The store is damaged: the reader asked for nothing that
// may be missing.
func Contradicted(r Reader, err error) error {
	if missing := new(NotFoundError); !errors.As(err, &missing) {
		return err
	}
	return ContradictionError(r, err.Error())
}

// ContradictionError is the error of a store whose parts disagree.
func ContradictionError(r Reader, how string) error {
	return &StoreError{
		Path: r.Info().Path, Op: "read", Err: fmt.Errorf("the store is damaged: its parts disagree: %s", how),
		Next: fault.Try("read a copy from a backup; in a copy of a SQLite file, REINDEX may mend an index that differs from its table"),
	}
}
