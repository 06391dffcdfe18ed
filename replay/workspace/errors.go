package workspace

import (
	"fmt"
)

// A UsageError is a question that cannot be understood.
type UsageError struct {
	Msg  string
	Next string // what to do about it
}

func (e *UsageError) Error() string { return e.Msg }

// Hint says what to do next.
func (e *UsageError) Hint() string { return e.Next }

// Usagef returns a [UsageError].
func Usagef(next, format string, args ...any) error {
	return &UsageError{Msg: fmt.Sprintf(format, args...), Next: next}
}
