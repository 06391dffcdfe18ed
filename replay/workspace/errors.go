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

// Fault returns [fault.KindUsage].
func (*UsageError) Fault() fault.Kind { return fault.KindUsage }

// Remedy returns what to do next.
func (e *UsageError) Remedy() fault.Remedy { return e.Next }

// Usagef returns a [UsageError] whose remedy is the text next.
func Usagef(next, format string, args ...any) error {
	return Usage(fault.Try(next), format, args...)
}

// Usage returns a [UsageError] with a remedy that each front end words its own way.
func Usage(next fault.Remedy, format string, args ...any) error {
	return &UsageError{Msg: fmt.Sprintf(format, args...), Next: next}
}

// Option returns the name of an option as the host writes it, for use in a note.
func (w *Workspace) Option(name string) string {
	if w.host.Option == nil {
		return name
	}
	return w.host.Option(name)
}
