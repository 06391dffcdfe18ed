package inspect

import (
	"context"
	"errors"

	"asof/replay"
	"asof/replay/fault"
	"asof/replay/state"
)

// Shown is one event in full, with its changes.
type Shown struct {
	Moment     replay.Moment
	Event      *replay.Event
	Projection string
	Handled    bool
	Changes    []state.Change
	FoldError  error // the event could not be folded; it is shown anyway
	Account    replay.Account
}

// Show returns one event and its changes to the state. The event is a copy and stays
// valid.
func Show(ctx context.Context, s replay.Subject, at replay.Moment) (*Shown, error) {
	if at.IsStart() {
		return nil, &replay.NotFoundError{Kind: "event", Name: "start", In: s.Timeline.Name, Next: fault.Try("start is the point before the first event; name an event, such as head")}
	}
	out := &Shown{Moment: at, Projection: s.Fold.Reducer.Name()}
	s = s.Counting()
	p := s.FoldFrom(ctx, at.JustBefore())
	p.Changes, p.WholeEvents = true, true
	var label error
	out.FoldError = p.To(ctx, at, func(step *replay.Step) {
		if s.Timeline.Version(step.Event) == at.Version() {
			out.Event, out.Changes, out.Handled = step.Event.Clone(), step.Changes, step.Handled
			label = state.LabelChangesTo(step.Root, step.Changes, state.DiffOptions{ArrayKeys: s.Fold.ArrayKeys})
		}
	})
	if label != nil {
		return nil, label
	}
	var twice *replay.DuplicateError
	if errors.As(out.FoldError, &twice) {
		return nil, out.FoldError // either of the two may be meant
	}
	var err error
	if out.Account, err = s.Account(ctx); err != nil {
		return nil, err
	}
	if out.Event != nil {
		return out, nil
	}
	l := replay.Listing{Span: replay.Between(at.Version(), at.Version()), Limit: 1}
	for e, err := range s.Timeline.List(ctx, l) {
		if err != nil {
			return nil, err
		}
		out.Event = e.Clone()
	}
	if out.Event == nil {
		return nil, &replay.NotFoundError{Kind: "event", Name: at.Label(), In: s.Timeline.Name}
	}
	return out, nil
}
