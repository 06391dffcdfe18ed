package inspect

import (
	"context"

	"asof/replay"
	"asof/replay/state"
)

// Diffed is what changed between two points: applied to the state at From, the
// changes give the state at To.
type Diffed struct {
	From, To         replay.Moment
	FromFold, ToFold string // what folded either side
	Changes          []state.Change
	A, B             state.Value // the two states
	Events           int64       // of the timeline after From, up to To; 0 across timelines

	// Parted is the first event after which two folds differ; only for those.
	Parted *replay.Moment
}

// DiffRange answers what changed in an interval of one timeline. It folds the
// events once.
func DiffRange(ctx context.Context, s Subject, from, to replay.Moment) (*Diffed, error) {
	if !from.IsStart() && (to.IsStart() || *to.Version < *from.Version) {
		d, err := DiffRange(ctx, s, to, from)
		if err != nil {
			return nil, err
		}
		return diffOf(s, s, d.To, d.From, d.B, d.A, d.Events), nil
	}
	p := s.passage(ctx, to)
	var a state.Value
	var before int64 // events up to from
	if p.covers(from) {
		q := s.passage(ctx, from)
		if err := q.run(ctx, from, nil); err != nil {
			return nil, err
		}
		a, before = state.Clone(q.root), q.tally.Events
	} else if from.IsStart() {
		p.start = func(v state.Value) { a = state.Clone(v) }
	}
	err := p.run(ctx, to, func(step *replay.Step) {
		if !from.IsStart() && s.Timeline.Version(step.Event) == *from.Version {
			a, before = state.Clone(step.Root), p.tally.Events
		}
	})
	if err == nil {
		err = p.tally.Readable()
	}
	if err != nil {
		return nil, err
	}
	return diffOf(s, s, from, to, a, state.Clone(p.root), p.tally.Events-before), nil
}

// DiffPoints answers how the state of one subject at a point differs from that
// of another at another.
func DiffPoints(ctx context.Context, s Subject, from replay.Moment, t Subject, to replay.Moment) (*Diffed, error) {
	a, _, err := s.StateAt(ctx, from)
	if err != nil {
		return nil, err
	}
	b, _, err := t.StateAt(ctx, to)
	if err != nil {
		return nil, err
	}
	return diffOf(s, t, from, to, a, b, 0), nil
}

func diffOf(s, t Subject, from, to replay.Moment, a, b state.Value, n int64) *Diffed {
	return &Diffed{
		From: from, To: to, A: a, B: b, Events: n,
		FromFold: s.Fold.Reducer.Name(), ToFold: t.Fold.Reducer.Name(),
		Changes: state.Diff(a, b, state.DiffOptions{ArrayKeys: s.Fold.ArrayKeys}),
	}
}
