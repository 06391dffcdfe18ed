package workspace

import (
	"fmt"

	"asof/replay/fault"
)

// A UsageError is a question that cannot be understood.
type UsageError struct {
	Msg  string
	Next string // what to do about it
}

func (e *UsageError) Error() string { return e.Msg }

// Class returns [fault.Usage].
func (e *UsageError) Class() fault.Class { return fault.Usage }

// Remedy returns what to do next.
func (e *UsageError) Remedy() fault.Remedy { return fault.Try(e.Next) }

// Usagef returns a [UsageError].
func Usagef(next, format string, args ...any) error {
	return &UsageError{Msg: fmt.Sprintf(format, args...), Next: next}
}
