package why

import (
	"context"
	"errors"
	"slices"
	"time"

	"asof/inspect"
	"asof/replay"
	"asof/replay/state"
)

// A Cause is what made a state bad: the value that is wrong, and the input of it that
// makes the state good with its earlier value.
type Cause struct {
	Path, Label string
	Value       state.Value // absent: the event removed it
	Input       *Input      // set by another event; nil: there is none
}

// mostReverted is the most changes of an event that are taken back to find the wrong one.
const mostReverted = 20

// FindCause returns the cause of a state that an event made bad, or nil if no single
// change of it did.
func FindCause(ctx context.Context, s replay.Subject, at replay.Moment, c inspect.Condition) (*Cause, error) {
	a := newAsking(s, at, Options{})
	root, err := a.past.read(ctx, at)
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
	wrong := a.wrong(root, n)
	if wrong == nil {
		return nil, nil
	}
	out := &Cause{Path: wrong.Path, Label: a.label(root, wrong.Path)}
	out.Value, _ = state.Lookup(root, wrong.Path)
	a.first = wrong.Path
	if _, ahead := s.Fold.Reducer.(replay.Prefetcher); ahead {
		return out, nil
	}
	var failed *replay.FoldError
	if err := a.open(ctx, n); errors.As(err, &failed) {
		return out, nil // the question was answered without it
	} else if err != nil {
		return nil, err
	}
	for _, in := range n.Suspects() {
		if in.cures && in.By.Moment.Version() != at.Version() {
			out.Input = in
			break
		}
	}
	return out, nil
}

// wrong returns the change of a node's event that makes the state good if it is taken
// back alone, or nil.
func (a *asking) wrong(root state.Value, n *Node) *state.Change {
	changes := a.past.changes(n.Moment.Version())
	for i := range changes[:min(len(changes), mostReverted)] {
		was, err := state.Apply(root, state.Invert(changes[i:i+1]))
		if err == nil && a.judge(was, n.Event) {
			return &changes[i]
		}
	}
	return nil
}

// newAsking returns a question about the history up to a moment.
func newAsking(s replay.Subject, at replay.Moment, o Options) *asking {
	if o.Budget == 0 {
		o.Budget = time.Second
	}
	return &asking{
		past: past{s: s}, o: o, keys: s.Fold.ArrayKeys, byID: map[key]*Node{}, events: map[replay.Version]*replay.Event{},
		out: &Answer{Moment: at, Projection: s.Fold.Reducer.Name()},
	}
}

// putFirst moves the out at a path to the front.
func putFirst(all []out, path string) {
	if i := slices.IndexFunc(all, func(x out) bool { return x.path == path && !x.parts }); i > 0 {
		all[0], all[i] = all[i], all[0]
	}
}
