package when

import "asof/replay/fault"

// An Error is a text that is not a time.
type Error struct {
	Reason  string
	Next    string // what to write instead; empty if no form is the likeliest
	Unknown bool   // nothing in the text looks like a time
}

func (e *Error) Error() string { return "bad time: " + e.Reason }

// Class returns [fault.Usage].
func (e *Error) Class() fault.Class { return fault.Usage }

// Fault returns [fault.KindBadTime].
func (*Error) Fault() fault.Kind { return fault.KindBadTime }

// Remedy returns what to do next.
func (e *Error) Remedy() fault.Remedy { return fault.Try(e.Next) }

func bad(reason, next string) error { return &Error{Reason: reason, Next: next} }
