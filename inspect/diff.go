package inspect

import (
	"context"

	"asof/replay"
	"asof/replay/state"
)

// Diffed is the difference between two points: applied to the state at From, the
// changes give the state at To.
type Diffed struct {
	From, To         replay.Moment
	FromFold, ToFold string // the fold of each side
	Changes          []state.Change
	A, B             state.Value    // the two states
	Events           int64          // of the timeline, after From, up to To; 0 across timelines
	Account, Other   replay.Account // of the sides From and To; Other only across timelines or folds

	// Parted is the first event after which two folds differ; nil unless folds are
	// compared.
	Parted *replay.Moment
}

// DiffRange returns what changed in an interval of one timeline. It folds the events
// once.
func DiffRange(ctx context.Context, s replay.Subject, from, to replay.Moment) (*Diffed, error) {
	if !from.IsStart() && (to.IsStart() || to.Version() < from.Version()) {
		d, err := DiffRange(ctx, s, to, from)
		if err != nil {
			return nil, err
		}
		back := diffOf(s, s, d.To, d.From, d.B, d.A, d.Events)
		back.Account = d.Account
		return back, nil
	}
	s = s.Counting()
	p := s.FoldFrom(ctx, to)
	var a state.Value
	var before int64 // events up to from
	if p.Covers(from) {
		q := s.FoldFrom(ctx, from)
		if err := q.To(ctx, from, nil); err != nil {
			return nil, err
		}
		a, before = state.Clone(q.Root), q.Tally.Events
	} else if from.IsStart() {
		p.Start = func(v state.Value) { a = state.Clone(v) }
	}
	err := p.To(ctx, to, func(step *replay.Step) {
		if !from.IsStart() && s.Timeline.Version(step.Event) == from.Version() {
			a, before = state.Clone(step.Root), p.Tally.Events
		}
	})
	if err == nil {
		err = p.Tally.Readable()
	}
	if err != nil {
		return nil, err
	}
	d := diffOf(s, s, from, to, a, state.Clone(p.Root), p.Tally.Events-before)
	d.Account, err = s.Account(ctx)
	return d, err
}

// accounts sets what each side rests on.
func (d *Diffed) accounts(ctx context.Context, s, t replay.Subject) (err error) {
	if d.Account, err = s.Account(ctx); err == nil {
		d.Other, err = t.Account(ctx)
	}
	return err
}

// DiffPoints returns the difference between two states, of any subjects and points.
func DiffPoints(ctx context.Context, s replay.Subject, from replay.Moment, t replay.Subject, to replay.Moment) (*Diffed, error) {
	s, t = s.Counting(), t.Counting()
	a, _, err := s.StateAt(ctx, from)
	if err != nil {
		return nil, err
	}
	b, _, err := t.StateAt(ctx, to)
	if err != nil {
		return nil, err
	}
	d := diffOf(s, t, from, to, a, b, 0)
	return d, d.accounts(ctx, s, t)
}

func diffOf(s, t replay.Subject, from, to replay.Moment, a, b state.Value, n int64) *Diffed {
	return &Diffed{
		From: from, To: to, A: a, B: b, Events: n,
		FromFold: s.Fold.Reducer.Name(), ToFold: t.Fold.Reducer.Name(),
		Changes: state.LabeledDiff(a, b, state.DiffOptions{ArrayKeys: s.Fold.ArrayKeys}),
	}
}
