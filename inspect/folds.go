package inspect

import (
	"context"
	"slices"

	"asof/replay"
	"asof/replay/state"
)

// DiffFolds returns how two folds of the same events differ at a moment, and the first
// event after which they differ.
func DiffFolds(ctx context.Context, s, t replay.Subject, at replay.Moment) (*Diffed, error) {
	s, t = s.Counting(), t.Counting()
	p, err := CompareFolds(ctx, s, t, at, false)
	if err != nil {
		return nil, err
	}
	d := diffOf(s, t, at, at, state.Clone(p.A), state.Clone(p.B), 0)
	d.Parted = p.FirstAt
	return d, d.accounts(ctx, s, t)
}

// A FoldComparison is the result of two folds of the same events.
type FoldComparison struct {
	A, B    state.Value
	FirstAt *replay.Moment // the first event after which they differ; nil: none
	First   *replay.Event
}

// CompareFolds folds the same events in two ways, up to a moment or, with stop, until
// the states differ. While the states are equal, only events that change them
// differently cost a comparison of whole states.
func CompareFolds(ctx context.Context, s, t replay.Subject, upTo replay.Moment, stop bool) (FoldComparison, error) {
	var p FoldComparison
	inits := [2]state.Value{}
	for i, f := range []replay.Fold{s.Fold, t.Fold} {
		v, err := replay.InitialState(ctx, f)
		if err != nil {
			return p, err
		}
		inits[i] = v
	}
	p.A, p.B = inits[0], inits[1]
	if !state.Equal(p.A, p.B) {
		start := s.Timeline.Start()
		p.FirstAt = &start
	}
	if upTo.IsStart() || stop && p.FirstAt != nil {
		return p, nil
	}
	o := replay.FoldOptions{Span: replay.UpTo(upTo.Version()), Changes: true}
	for steps, err := range s.Timeline.RunFolds(ctx, []replay.Fold{s.Fold, t.Fold}, o) {
		if err != nil {
			return p, err
		}
		s.Count(&steps[0])
		t.Count(&steps[1])
		p.A, p.B = steps[0].Root, steps[1].Root
		if p.FirstAt != nil || sameChanges(steps[0].Changes, steps[1].Changes) || state.Equal(p.A, p.B) {
			continue
		}
		m := s.Timeline.Moment(steps[0].Event)
		p.FirstAt, p.First = &m, steps[0].Event.Clone()
		if stop {
			return p, nil
		}
	}
	return p, nil
}

func sameChanges(a, b []state.Change) bool {
	return slices.EqualFunc(a, b, func(x, y state.Change) bool {
		return x.Op == y.Op && x.Path == y.Path && state.Equal(x.To, y.To)
	})
}
