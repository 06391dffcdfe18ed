package inspect

import (
	"context"
	"slices"

	"asof/replay"
	"asof/replay/state"
)

// DiffFolds answers how the states that two folds make of the same events
// differ at a moment, and after which event they first did.
func DiffFolds(ctx context.Context, s, t replay.Subject, at replay.Moment) (*Diffed, error) {
	s, t = s.Counting(), t.Counting()
	p, err := follow(ctx, s, t, at, false)
	if err != nil {
		return nil, err
	}
	d := diffOf(s, t, at, at, state.Clone(p.a), state.Clone(p.b), 0)
	d.Parted = p.parted
	return d, d.accounts(ctx, s, t)
}

// parting is what two folds of the same events came to.
type parting struct {
	a, b   state.Value
	parted *replay.Moment // the first event after which they differ; nil: none
	event  *replay.Event
}

// follow folds the same events in two ways, up to a moment or, with stop, until
// the states part. As long as they are equal, only events that change them
// differently cost a comparison of the whole.
func follow(ctx context.Context, s, t replay.Subject, upTo replay.Moment, stop bool) (parting, error) {
	var p parting
	inits := [2]state.Value{}
	for i, f := range []replay.Fold{s.Fold, t.Fold} {
		v, err := replay.InitialState(ctx, f)
		if err != nil {
			return p, err
		}
		inits[i] = v
	}
	p.a, p.b = inits[0], inits[1]
	if !state.Equal(p.a, p.b) {
		start := s.Timeline.Start()
		p.parted = &start
	}
	if upTo.IsStart() || stop && p.parted != nil {
		return p, nil
	}
	o := replay.FoldOptions{Span: replay.UpTo(*upTo.Version), Changes: true}
	for steps, err := range s.Timeline.RunFolds(ctx, []replay.Fold{s.Fold, t.Fold}, o) {
		if err != nil {
			return p, err
		}
		s.Count(&steps[0])
		t.Count(&steps[1])
		p.a, p.b = steps[0].Root, steps[1].Root
		if p.parted != nil || sameChanges(steps[0].Changes, steps[1].Changes) || state.Equal(p.a, p.b) {
			continue
		}
		m := s.Timeline.Moment(steps[0].Event)
		p.parted, p.event = &m, steps[0].Event.Clone()
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
