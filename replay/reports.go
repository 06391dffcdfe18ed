package replay

// A Warner is a Reducer or a predicate that collects warnings, for example about
// numbers that a script rounded.
type Warner interface{ Warnings() []string }

// An Effector is a Reducer whose handlers request effects in addition to a change of
// state.
type Effector interface {
	// Effects returns those of the last event; the next call of Apply overwrites them.
	Effects() []Effect
}

// An Effect is an action that a projection requests, other than changing its state.
// It is collected and never performed.
type Effect struct {
	Kind   string // emit, linkTo, linkStreamTo, log
	Stream string // the stream it would be written to
	Type   string // type of the emitted event
	Link   string // the target of the link: VERSION@STREAM, or a stream
	Body   []byte // JSON; nil: none
	Meta   []byte // JSON; nil: none
	Text   string // the text of a log
}

// A StderrTailer is a Closer that runs a command.
type StderrTailer interface {
	// StderrTail returns the last lines that the command wrote to its standard
	// error, once Close has ended it.
	StderrTail() string
}
