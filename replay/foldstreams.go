package replay

import (
	"context"
	"iter"

	"asof/replay/state"
)

// A StreamStep is the effect of one event on the state of its stream, under each of
// several folds.
type StreamStep struct {
	Event *Event
	First bool    // it is the first event of its stream
	Steps []Step  // by fold; invalid where Errs has an error
	Errs  []error // by fold: why it failed, at this event or at one before it

	// Inits are the states before the first event of the stream, by fold, if changes are
	// asked for.
	Inits []state.Value
}

// RunStreams folds each stream separately in several ways at once, stream after stream in
// ascending order of ids. It keeps the states of one stream in memory. q.Failed is not
// used: a fold that fails is left out up to the next stream.
func (w *Whole) RunStreams(ctx context.Context, folds []FoldFor, q WholeQuery, changes bool) iter.Seq2[*StreamStep, error] {
	return func(yield func(*StreamStep, error) bool) {
		if q.Cut.IsStart() {
			return
		}
		r := streamRun{gaps: w.Gaps, folds: folds, changes: changes, machines: make([]*machine, len(folds)), events: make([]Event, len(folds))}
		r.step = StreamStep{Steps: make([]Step, len(folds)), Errs: make([]error, len(folds)), Inits: make([]state.Value, len(folds))}
		a := ahead{seq: func(ctx context.Context) iter.Seq2[*Event, error] { return w.eventsByStream(ctx, q) }}
		for e, err := range a.events(ctx) {
			if err == nil {
				err = r.take(ctx, e)
			}
			if err != nil {
				yield(nil, err)
				return
			}
			if !yield(&r.step, nil) {
				return
			}
		}
	}
}

// eventsByStream yields the events that q selects, stream after stream.
func (w *Whole) eventsByStream(ctx context.Context, q WholeQuery) iter.Seq2[*Event, error] {
	return func(yield func(*Event, error) bool) {
		if q.Takes != nil {
			yield = taking(yield, func(e *Event) bool { return q.Takes(e.Stream, e.Category) })
		}
		for e, err := range w.Reader.Events(ctx, Query{Streams: q.Streams, Skip: q.Skip &^ FieldData, Order: ByStream}) {
			if err == nil && q.Seen != nil {
				err = q.Seen(e)
			}
			if err != nil {
				yield(nil, err)
				return
			}
			if q.Cut.Has(e) && !yield(e, nil) {
				return
			}
		}
	}
}

// A streamRun folds one stream after another.
type streamRun struct {
	gaps     *Gaps
	last     Version // of the stream
	folds    []FoldFor
	changes  bool
	machines []*machine
	events   []Event
	stream   StreamID
	begun    bool
	step     StreamStep
}

func (r *streamRun) take(ctx context.Context, e *Event) error {
	r.step.Event, r.step.First = e, !r.begun || e.Stream != r.stream
	if r.step.First {
		r.stream, r.begun, r.last = e.Stream, true, 0
		if err := r.start(ctx, e); err != nil {
			return err
		}
	}
	r.gaps.See(e.Stream, r.last, e.Version)
	r.last = e.Version
	for i, m := range r.machines {
		if r.step.Errs[i] != nil {
			continue
		}
		of := e
		if len(r.machines) > 1 {
			// Each machine needs its own payload tree: scripts attach wrappers to it, and
			// upcasters change it.
			if r.events[i] = *e; i > 0 {
				r.events[i].body, r.events[i].parsed = state.Value{}, false
			}
			of = &r.events[i]
		}
		r.step.Errs[i] = m.step(ctx, of, r.changes, &r.step.Steps[i])
	}
	return nil
}

func (r *streamRun) start(ctx context.Context, e *Event) error {
	for i, foldFor := range r.folds {
		f, err := foldFor(e.Stream, e.Category)
		if err == nil {
			r.machines[i] = newMachine(f)
			err = r.machines[i].start(ctx, nil)
		}
		if err != nil {
			return err
		}
		if r.step.Errs[i] = nil; r.changes {
			r.step.Inits[i] = state.Clone(r.machines[i].root())
		}
	}
	return nil
}
