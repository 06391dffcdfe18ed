package when

// An Error is a text that is not a time.
type Error struct {
	Reason  string
	Next    string // what to write instead; empty when no one form is likelier
	Unknown bool   // nothing in the text looks like a time
}

func (e *Error) Error() string { return "bad time: " + e.Reason }

func bad(reason, next string) error { return &Error{Reason: reason, Next: next} }
