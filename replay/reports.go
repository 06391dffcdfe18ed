package replay

// A Warner is a Reducer or a predicate that notices what may surprise the user,
// such as numbers that a script rounded.
type Warner interface{ Warnings() []string }

// An Effector is a Reducer whose handlers ask for more than a change of state.
type Effector interface {
	// Effects are those of the last event; the next call of Apply overwrites them.
	Effects() []Effect
}

// An Effect is what a projection would have done besides changing its state. It is
// collected and never performed.
type Effect struct {
	Kind   string // emit, linkTo, linkStreamTo, log
	Stream string // that it would have been written to
	Type   string // of the event emitted
	Link   string // what would have been linked: VERSION@STREAM, or a stream
	Body   []byte // JSON; nil: none
	Meta   []byte // JSON; nil: none
	Text   string // of log
}

// A StderrTailer is a Closer that runs a command.
type StderrTailer interface {
	// StderrTail returns the last lines that the command wrote to its standard
	// error, once Close has ended it.
	StderrTail() string
}
