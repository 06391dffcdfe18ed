package source

import "asof/replay/fault"

// A MissingError is a name that the user wrote and the store does not have.
type MissingError struct {
	msg, name string
	near      []string
	from      []string
}

// Missing returns the error of a name that is none of those in from. What says so begins
// the message.
func Missing(what, name string, from []string) error {
	return &MissingError{what + DidYouMean(name, from), name, fault.Near(name, from, 1), from}
}

func (e *MissingError) Error() string { return e.msg }

// Class returns [fault.Store].
func (*MissingError) Class() fault.Class { return fault.Store }

// Fault returns [fault.KindBadStore].
func (*MissingError) Fault() fault.Kind { return fault.KindBadStore }

// Remedy replaces the name by the nearest one, which the message has, or says what there is.
func (e *MissingError) Remedy() fault.Remedy {
	switch {
	case len(e.near) == 0 && len(e.from) == 0:
		return fault.Remedy{}
	case len(e.near) == 0:
		return fault.Remedy{Text: "choose one of " + Listed(e.from, 10), Said: e.from[:min(10, len(e.from))]}
	}
	return fault.Remedy{For: e.name, Instead: e.near[0], Said: e.near}
}
