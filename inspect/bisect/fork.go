package bisect

import (
	"bytes"
	"context"

	"asof/inspect"
	"asof/replay"
	"asof/replay/state"
)

// A fork continues the scan after the culprit: it folds the state and, next to it, the
// state without the culprit. The events are read once for both.
type fork struct {
	twin    *replay.Twin // nil: both states are equal
	pure    bool         // the fold's next state depends on state and event alone
	without Counterfactual

	folded, next int    // events until the next comparison of the states
	a, b         []byte // length of that interval
}

// firstCompared is the number of events before the two states are first compared. It
// doubles each time.
const firstCompared = 8

// differs reports whether there is a state without the culprit that differs.
func (f *fork) differs() bool { return f != nil && f.twin != nil && f.without.Err == nil }

// forks reports whether the scan forks here, after finding the culprit.
func (b *scan) forks(p *replay.FoldRun) bool {
	return b.o.Explain && p.Begun && b.subject.Fold.CanTwin() && p.Last < b.o.To.Version()
}

// forkAt returns the run that continues after the culprit. It first reads what it needs
// of the culprit.
func (b *scan) forkAt(ctx context.Context, p *replay.FoldRun, chain replay.Chain) (*replay.FoldRun, error) {
	now := p.Save()
	now.Chain = chain
	if err := b.foldCulprit(ctx); err != nil {
		return nil, err
	}
	if b.before != nil {
		twin, err := replay.NewTwin(ctx, b.subject.Fold, *b.before)
		if err != nil {
			return nil, err
		}
		id, ok := b.subject.Fold.Reducer.(replay.Identifier)
		if ok {
			_, ok = id.Identity()
		}
		b.fork = &fork{twin: twin, pure: ok, next: firstCompared}
	}
	return p.Resume(now), nil
}

// note folds an event without the culprit, and tests the state. The state with the
// culprit was already tested.
func (f *fork) note(ctx context.Context, t *replay.Timeline, c inspect.Condition, with *replay.Step, bad bool) {
	if f.without.Err != nil {
		return
	}
	if f.twin == nil {
		f.without.add(t, with.Event, bad)
		return
	}
	step, err := f.twin.Fold(ctx, with.Event)
	if err == nil {
		err = f.without.note(t, c, step)
	}
	if err != nil {
		f.without.Err = err
		return
	}
	if f.folded++; f.pure && f.folded == f.next {
		f.next *= 2
		f.a, f.b = state.AppendJSON(f.a[:0], with.Root), state.AppendJSON(f.b[:0], step.Root)
		if bytes.Equal(f.a, f.b) { // they stay equal from here on
			f.twin = nil
		}
	}
}
