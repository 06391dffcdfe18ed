package fault

import "errors"

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

// ClassOf returns the class of the outermost [Error] in err's chain, or Bug.
func ClassOf(err error) Class {
	var e Error
	if errors.As(err, &e) {
		return e.Class()
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
