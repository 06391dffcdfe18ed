package fault

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

// A Class says whose fault an error is. It determines exit codes, HTTP statuses and MCP
// errors.
type Class uint8

// The classes of errors.
const (
	Bug      Class = iota // asof is wrong
	Usage                 // the question is wrong
	Store                 // the store is missing, unreadable, damaged or unknown
	NotFound              // what the question names does not exist
	Fold                  // a fold, or another program that asof runs, failed
)

// An Error is an error that knows its class and what to do next.
type Error interface {
	error
	Class() Class
	Remedy() Remedy // zero: nothing to advise
}

// ClassOf returns the class of the outermost [Error] in err's chain. Without one, it is
// Store for a full or broken disk, Usage for another error of a file, because such a
// file is one that the user named, and Bug for anything else.
func ClassOf(err error) Class {
	var e Error
	if errors.As(err, &e) {
		return e.Class()
	}
	return systemClass(err)
}

func systemClass(err error) Class {
	var file *fs.PathError
	var link *os.LinkError
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT), errors.Is(err, syscall.EIO):
		return Store
	case errors.As(err, &file), errors.As(err, &link), errors.Is(err, fs.ErrNotExist), errors.Is(err, fs.ErrPermission):
		return Usage
	}
	return Bug
}

// RemedyOf returns the first remedy in err's chain, the outermost error first.
func RemedyOf(err error) Remedy {
	var e Error
	for errors.As(err, &e) {
		if r := e.Remedy(); !r.IsZero() {
			return r
		}
		err = errors.Unwrap(e)
	}
	return Remedy{}
}
