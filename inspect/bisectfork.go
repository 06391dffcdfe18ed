package inspect

import (
	"context"

	"asof/replay"
)

// A fork is the scan's way from the culprit on: the state goes on being folded,
// and beside it what it would be without the culprit. The events are read once
// for both.
type fork struct {
	twin    *replay.Twin
	without Counterfactual
}

// forks reports whether the scan is to fork here, where it has found the culprit.
func (b *scan) forks(p *passage) bool {
	return b.o.Explain && p.begun && b.subject.Fold.CanTwin() && p.last < *b.o.To.Version
}

// forkAt returns the passage that goes on after the culprit. What is needed of the
// culprit is had first.
func (b *scan) forkAt(ctx context.Context, p *passage, chain replay.Chain) (*passage, error) {
	now := p.held()
	now.cp.Chain = chain
	if err := b.foldCulprit(ctx); err != nil {
		return nil, err
	}
	if b.before != nil {
		twin, err := replay.NewTwin(ctx, b.subject.Fold, *b.before)
		if err != nil {
			return nil, err
		}
		b.fork = &fork{twin: twin}
	}
	rest := &passage{s: p.s, whole: p.whole}
	rest.begin(&now.cp)
	return rest, nil
}

// note folds an event without the culprit, and judges the state.
func (f *fork) note(ctx context.Context, t *replay.Timeline, c Condition, e *replay.Event) {
	if f.without.Err != nil {
		return
	}
	step, err := f.twin.Fold(ctx, e)
	if err == nil {
		err = f.without.note(t, c, step)
	}
	f.without.Err = err
}
