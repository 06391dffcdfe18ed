package query

import (
	"asof/replay"
	"asof/replay/state"
)

// A Trail receives what the events of an export did. It is nil for an export of the states
// alone.
type Trail interface {
	// Begin receives the columns of NAME_history and NAME_changes that are no members.
	Begin(history, changes []ExportedColumn)

	// Step receives a state and the event that made it.
	Step(s *TrailStep) error

	// End says that the streams of the steps so far have no more events.
	End() error
}

// A TrailStep is a state after an event, and what the event changed: rows of the tables
// NAME_history and NAME_changes. It is valid until the next.
type TrailStep struct {
	Stream  replay.StreamID
	State   state.Value     // absent if the fold failed
	History []state.Value   // a row; the end of the state is absent
	Since   [2]state.Value  // position and time of the event, at which the state before ends
	Changes [][]state.Value // rows
}

// UntilPosition and UntilTime are the columns of [TrailStep.History] that say when a state
// ended.
const (
	UntilPosition = "until_position"
	UntilTime     = "until_time"
)

// trail passes a fact on.
func (x *Export) trail(f *fact) error {
	if x.Trail == nil {
		return nil
	}
	if x.history == nil {
		x.history, x.changes = x.declared(ofHistory, nil), x.declared(ofChanges, nil)
		x.Trail.Begin(exported(x.history), exported(x.changes))
	}
	s := TrailStep{Stream: f.stream, State: f.state()}
	var err error
	if s.History, err = x.values(x.history, f); err != nil {
		return err
	}
	s.Since = [2]state.Value{rawOf(positionOf(f.e)), rawOf(timeValue(f.e.Time))}
	for i := range f.changes {
		f.change = &f.changes[i]
		row, err := x.values(x.changes, f)
		if err != nil {
			return err
		}
		s.Changes = append(s.Changes, row)
	}
	return x.Trail.Step(&s)
}

// TrailColumns returns the columns of NAME_history and NAME_changes: those that Begin
// received, and then the members. It is called after [Export.Columns].
func (x *Export) TrailColumns() (history, changes []ExportedColumn) {
	return exported(x.declared(ofHistory, x.found)), exported(x.declared(ofChanges, nil))
}
