package inspect

import (
	"context"
	"iter"

	"asof/replay"
	"asof/replay/state"
)

// A Subject is what a question is asked of: a timeline and how it is folded.
type Subject struct {
	Timeline  *replay.Timeline
	Fold      replay.Fold
	Snapshots replay.Snapshots // of this timeline under this fold; nil: none
	Folded    *Folded          // counts what is folded, for [Subject.Account]; nil: nobody counts
}

// Steps folds the subject's events up to the moment, the event there included.
func (s Subject) Steps(ctx context.Context, upTo replay.Moment, o replay.FoldOptions) iter.Seq2[*replay.Step, error] {
	if upTo.IsStart() {
		return func(yield func(*replay.Step, error) bool) {
			if err := s.initial(ctx, o.Init); err != nil {
				yield(nil, err)
			}
		}
	}
	o.Span = replay.UpTo(*upTo.Version)
	return s.run(ctx, o)
}

// run folds, and counts.
func (s Subject) run(ctx context.Context, o replay.FoldOptions) iter.Seq2[*replay.Step, error] {
	return func(yield func(*replay.Step, error) bool) {
		for step, err := range s.Timeline.Run(ctx, s.Fold, o) {
			if err == nil {
				s.see(step)
			}
			if !yield(step, err) {
				return
			}
		}
	}
}

// initial shows the state before the first event.
func (s Subject) initial(ctx context.Context, show func(state.Value)) error {
	if show == nil {
		return nil
	}
	root, err := replay.InitialState(ctx, s.Fold)
	if err != nil {
		return err
	}
	show(root)
	return nil
}

// complete fills in a moment of which only the version is sure.
func (s Subject) complete(ctx context.Context, m *replay.Moment) (err error) {
	*m, _, err = s.Timeline.Resolve(ctx, replay.AtVersion(*m.Version))
	return err
}

// justBefore is before the event of a moment, as far as folding needs to know.
func justBefore(m replay.Moment) replay.Moment {
	if !m.IsStart() {
		v := *m.Version - 1
		m.Version = &v
	}
	return m
}

// StateAt returns the state at a moment, frozen, and what was counted on the way.
func (s Subject) StateAt(ctx context.Context, at replay.Moment) (state.Value, Tally, error) {
	p := s.passage(ctx, at)
	err := p.run(ctx, at, nil)
	if err == nil {
		err = p.tally.Readable()
	}
	return state.Clone(p.root), p.tally, err
}
