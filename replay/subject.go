package replay

import (
	"context"
	"iter"

	"asof/replay/state"
)

// A Subject is the subject of a question: a timeline and how it is folded.
type Subject struct {
	Timeline  *Timeline
	Fold      Fold
	Snapshots Snapshots // of this timeline under this fold; nil: none
	Folded    *Folded   // counts folded events for [Subject.Account]; nil: no counts
}

// Steps folds the subject's events up to and including the event of the moment.
func (s Subject) Steps(ctx context.Context, upTo Moment, o FoldOptions) iter.Seq2[*Step, error] {
	if upTo.IsStart() {
		return func(yield func(*Step, error) bool) {
			if err := s.initial(ctx, o.Init); err != nil {
				yield(nil, err)
			}
		}
	}
	o.Span = UpTo(upTo.Version())
	return s.Run(ctx, o)
}

// Run folds events of the subject and counts them.
func (s Subject) Run(ctx context.Context, o FoldOptions) iter.Seq2[*Step, error] {
	return func(yield func(*Step, error) bool) {
		for step, err := range s.Timeline.Run(ctx, s.Fold, o) {
			if err == nil {
				s.Count(step)
			}
			if !yield(step, err) {
				return
			}
		}
	}
}

// initial passes the state before the first event to show.
func (s Subject) initial(ctx context.Context, show func(state.Value)) error {
	if show == nil {
		return nil
	}
	root, err := InitialState(ctx, s.Fold)
	if err != nil {
		return err
	}
	show(root)
	return nil
}

// JustBefore returns a moment that excludes the event of m, for use in a fold only:
// its version may not exist.
func (m Moment) JustBefore() Moment {
	if !m.IsStart() {
		m = m.WithVersion(m.Version() - 1)
	}
	return m
}

// StateAt returns the frozen state at a moment, and the tally up to there.
func (s Subject) StateAt(ctx context.Context, at Moment) (state.Value, Tally, error) {
	p := s.FoldFrom(ctx, at)
	err := p.To(ctx, at, nil)
	if err == nil {
		err = p.Tally.Readable()
	}
	return state.Clone(p.Root), p.Tally, err
}
