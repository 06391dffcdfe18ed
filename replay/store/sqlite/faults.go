package sqlite

import (
	"errors"
	"fmt"

	"zombiezen.com/go/sqlite"

	"asof/replay"
	"asof/replay/fault"
	"asof/replay/store/cell"
	"asof/replay/store/source"
)

// isEngineError reports whether err comes from SQLite itself.
func isEngineError(err error) bool {
	return err != nil && sqlite.ErrCode(err) != sqlite.ResultOK && sqlite.ErrCode(err) != sqlite.ResultError
}

// storeError wraps an error about a store and adds a remedy.
func storeError(path, op string, err error) error {
	e := &replay.StoreError{Path: path, Op: op, Err: err}
	var unknown *source.UnknownDialectError
	switch {
	case errors.Is(err, source.ErrMoved):
		e.Next = fault.Try("the file is being written to: run the command again")
		return e
	case errors.As(err, &unknown):
		e.Next = unknown.Remedy()
		return e
	}
	code := sqlite.ErrCode(err)
	switch code.ToPrimary() {
	case sqlite.ResultCorrupt:
		e.Err = engineError{"the database is damaged", err}
		e.Next = fault.Try("take a copy from a backup, or try `sqlite3 FILE .recover` on a copy")
	case sqlite.ResultNotADB:
		e.Err = engineError{"the header is SQLite's but the rest is not: damaged or encrypted", err}
		e.Next = fault.Try("decrypt it first, or take a copy from a backup")
	case sqlite.ResultBusy, sqlite.ResultLocked:
		e.Err = engineError{"another program has locked it", err}
		e.Next = fault.Try("wait until it finishes, or read a copy of the file")
	case sqlite.ResultIOErr:
		e.Err = engineError{"the file is unreadable", err}
		e.Next = fault.Try("if the file is being replaced or is on a network, read a copy")
	case sqlite.ResultTooBig:
		e.Err = engineError{fmt.Sprintf("a value is larger than %d MiB", cell.MaxPayload*2>>20), err}
	case sqlite.ResultCantOpen:
		e.Err = engineError{"SQLite can't open it", err}
	}
	return e
}

// An engineError replaces SQLite's message by asof's own.
type engineError struct {
	message string
	cause   error
}

func (e engineError) Error() string {
	if code := sqlite.ErrCode(e.cause); code != sqlite.ResultOK {
		return fmt.Sprintf("%s (%s)", e.message, code)
	}
	return e.message
}

func (e engineError) Unwrap() error { return e.cause }
