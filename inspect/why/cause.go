package why

import (
	"context"
	"errors"
	"slices"
	"time"

	"asof/inspect"
	"asof/inspect/past"
	"asof/replay"
	"asof/replay/state"
)

// A Cause is what made a state bad: the value that is wrong, and the input of it that
// makes the state good with its earlier value.
type Cause struct {
	Path, Label string
	Value       state.Value // absent: the event removed it
	Input       *Input      // set by another event; nil: there is none
	Or          []*Input    // other values that would do, set by other events, at most [mostOr]
}

// mostOr is the most other inputs of a cause.
const mostOr = 2

// mostReverted is the most changes of an event that are taken back to find the wrong one.
const mostReverted = 20

// FindCause returns the cause of a state that an event made bad, or nil if no single
// change of it did. It folds at most *left events, and subtracts them; beyond it, the error
// is [past.ErrTooLong], and the cause, if any, lacks what earlier events set. A nil left is no
// limit.
func FindCause(ctx context.Context, s replay.Subject, at replay.Moment, c inspect.Condition, left *int64) (*Cause, error) {
	a := newAsking(s, at, Options{})
	a.past.Left = left
	root, err := a.past.Read(ctx, at)
	if err != nil {
		return nil, err
	}
	n := &Node{Value: root}
	if err := a.setBy(ctx, n, at.Version()); err != nil {
		return nil, err
	}
	a.judge = func(root state.Value, e *replay.Event) bool {
		bad, err := c.Bad(root, e)
		return err == nil && !bad
	}
	var out *Cause
	judged := func(e *replay.Event) bool { // the event as the fold gets it
		if wrong := a.wrong(root, n, e); wrong != nil {
			out = &Cause{Path: wrong.Path, Label: a.label(root, wrong.Path)}
			out.Value, _ = state.Lookup(root, wrong.Path)
			a.first = wrong.Path
		}
		return out != nil
	}
	if _, ahead := s.Fold.Reducer.(replay.Prefetcher); ahead {
		e, err := a.upcast(ctx, at)
		if err == nil {
			judged(e)
		}
		return out, err
	}
	var failed *replay.FoldError
	err = a.past.Try(ctx, at, func(t *replay.Trial) error {
		if !judged(t.Event()) {
			return nil
		}
		return a.inputs(ctx, n, t)
	})
	switch {
	case errors.As(err, &failed) && out != nil:
		return out, nil // the question was answered without it
	case err != nil:
		return nil, err
	}
	if out != nil {
		out.choose(n.Suspects(), at.Version())
	}
	if a.cut {
		err = past.ErrTooLong
	}
	return out, err
}

// choose takes the suspects that make the state good and that another event than the one at
// v set, latest first.
func (c *Cause) choose(suspects []*Input, v replay.Version) {
	for _, in := range suspects {
		switch {
		case !in.cures || in.By.Moment.Version() == v:
		case c.Input == nil:
			c.Input = in
		case !in.Parts && len(c.Or) < mostOr:
			c.Or = append(c.Or, in)
		}
	}
}

// upcast reads the event at a moment as the fold gets it.
func (a *asking) upcast(ctx context.Context, at replay.Moment) (*replay.Event, error) {
	e, err := inspect.EventAt(ctx, a.past.Subject.Timeline, at)
	if err == nil && a.past.Subject.Fold.Upcaster != nil {
		err = a.past.Subject.Fold.Upcaster.Upcast(e)
	}
	return e, err
}

// wrong returns the change of a node's event that makes the state good if it is taken
// back alone, or nil.
func (a *asking) wrong(root state.Value, n *Node, e *replay.Event) *state.Change {
	changes := a.past.Changes(n.Moment.Version())
	for i := range changes[:min(len(changes), mostReverted)] {
		was, err := state.Apply(root, state.Invert(changes[i:i+1]))
		if err == nil && a.judge(was, e) {
			return &changes[i]
		}
	}
	return nil
}

// spacing is that of a [past.Past]; tests have a smaller one.
var spacing int

// newAsking returns a question about the history up to a moment.
func newAsking(s replay.Subject, at replay.Moment, o Options) *asking {
	if o.Budget == 0 {
		o.Budget = time.Second
	}
	return &asking{
		past: past.Past{Subject: s, Spacing: spacing}, o: o, keys: s.Fold.ArrayKeys, byID: map[key][]*Node{}, events: map[replay.Version]*replay.Event{}, causes: map[string]causing{},
		out: &Answer{Moment: at, Projection: s.Fold.Reducer.Name()},
	}
}

// putFirst moves the out at a path to the front.
func putFirst(all []out, path string) {
	if i := slices.IndexFunc(all, func(x out) bool { return x.path == path }); i > 0 {
		all[0], all[i] = all[i], all[0]
	}
}
