package workspace

import (
	"fmt"

	"asof/replay/fault"
)

// A UsageError is a question that cannot be understood.
type UsageError struct {
	Msg  string
	Next fault.Remedy
}

func (e *UsageError) Error() string { return e.Msg }

// Class returns [fault.Usage].
func (e *UsageError) Class() fault.Class { return fault.Usage }

// Remedy returns what to do next.
func (e *UsageError) Remedy() fault.Remedy { return e.Next }

// Usagef returns a [UsageError], with what to do about it as text.
func Usagef(next, format string, args ...any) error {
	return Usage(fault.Try(next), format, args...)
}

// Usage returns a [UsageError], with what to do about it in no front end's words.
func Usage(next fault.Remedy, format string, args ...any) error {
	return &UsageError{Msg: fmt.Sprintf(format, args...), Next: next}
}

// Option is an option as the host writes it, for a remark that names one.
func (w *Workspace) Option(name string) string {
	if w.host.Option == nil {
		return name
	}
	return w.host.Option(name)
}
