package replay

import (
	"context"
	"iter"

	"asof/replay/state"
)

// FoldFor returns the fold of a stream. Streams may share a Fold.
type FoldFor func(stream StreamID, category string) (Fold, error)

// RunEach folds each stream of a whole store separately, in the order of
// [Whole.Events]. After each event, it yields a Step with the state of that event's
// stream. It keeps one state per stream in memory.
func (w *Whole) RunEach(ctx context.Context, foldFor FoldFor, q WholeQuery, changes bool) iter.Seq2[*Step, error] {
	return func(yield func(*Step, error) bool) {
		if !q.Unsurveyed {
			if err := w.Survey(ctx, q.Streams); err != nil {
				yield(nil, err)
				return
			}
		}
		machines := map[StreamID]*streamMachine{}
		step := &Step{}
		q.Skip &^= FieldData
		a := ahead{seq: func(ctx context.Context) iter.Seq2[*Event, error] { return w.Events(ctx, q) }}
		for e, err := range a.events(ctx) {
			if err != nil {
				yield(nil, err)
				return
			}
			m, ok := machines[e.Stream]
			if !ok {
				m = &streamMachine{}
				f, err := foldFor(e.Stream, e.Category)
				if err == nil {
					m.machine = newMachine(f)
					err = m.start(ctx, nil)
				}
				if err != nil {
					yield(nil, err)
					return
				}
				machines[e.Stream] = m
			}
			if m.machine == nil {
				continue
			}
			w.Gaps.See(e.Stream, m.last, e.Version)
			m.last = e.Version
			if err := m.step(ctx, e, changes, step); err != nil {
				if q.Failed != nil {
					err = q.Failed(e, err)
				}
				if err != nil {
					yield(nil, err)
					return
				}
				m.machine = nil
				continue
			}
			if !yield(step, nil) {
				return
			}
		}
	}
}

// A streamMachine folds one stream of many.
type streamMachine struct {
	*machine         // nil: its fold failed
	last     Version // that was folded
}

// RunFolds folds the same events in several ways at once and yields a Step for
// each, in the order of folds.
func (t *Timeline) RunFolds(ctx context.Context, folds []Fold, o FoldOptions) iter.Seq2[[]Step, error] {
	return func(yield func([]Step, error) bool) {
		machines := make([]*machine, len(folds))
		for i, f := range folds {
			machines[i] = newMachine(f)
			if err := machines[i].start(ctx, nil); err != nil {
				yield(nil, err)
				return
			}
		}
		steps, events := make([]Step, len(folds)), make([]Event, len(folds))
		for e, err := range t.ahead(o).events(ctx) {
			if err != nil {
				yield(nil, err)
				return
			}
			for i, m := range machines {
				// Each machine needs its own payload tree: scripts attach wrappers to it,
				// and upcasters change it.
				events[i] = *e
				if i > 0 {
					events[i].body, events[i].parsed = state.Value{}, false
				}
				if err := m.step(ctx, &events[i], o.Changes, &steps[i]); err != nil {
					yield(nil, err)
					return
				}
			}
			if !yield(steps, nil) {
				return
			}
		}
	}
}

// ahead returns the events that o selects, as a sequence to read ahead.
func (t *Timeline) ahead(o FoldOptions) ahead {
	l := Listing{Span: o.Span, Skip: o.Skip &^ FieldData}
	return ahead{seq: func(ctx context.Context) iter.Seq2[*Event, error] { return t.List(ctx, l) }}
}
