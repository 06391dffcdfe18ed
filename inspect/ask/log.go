package ask

import (
	"context"
	"iter"

	"asof/inspect"
	"asof/inspect/wire"
	"asof/replay"
	"asof/replay/workspace"
)

// Log asks for the events of a timeline.
type Log struct {
	Timeline
	Entries
}

// Check rejects an invalid request.
func (q Log) Check() error {
	if err := q.Entries.check(q.Folding); err != nil {
		return err
	}
	return q.Timeline.Check()
}

// Ask answers the question.
func (q Log) Ask(ctx context.Context, w *workspace.Workspace) iter.Seq2[*inspect.Entry, error] {
	return list(ctx, w, q)
}

// lines encodes the answer, one line per event.
func (q Log) lines(ctx context.Context, w *workspace.Workspace) iter.Seq2[wire.Entry, error] {
	return q.json(q.Ask(ctx, w))
}

// Of answers the question about an open store.
func (q Log) Of(ctx context.Context, s *workspace.Store) iter.Seq2[*inspect.Entry, error] {
	return lines(func(yield func(*inspect.Entry) error) error {
		o, err := q.options(s)
		if err != nil {
			return err
		}
		return q.in(ctx, s, func(t *workspace.Target) error {
			i, inRange, ok, err := span(ctx, t, q.At)
			if err != nil {
				return err
			}
			if q.resolved(i); !ok {
				return nil
			}
			o.Span = inRange
			notes := logNotes{w: s.Workspace(), timeline: t.Timeline}
			asked := q
			asked.Page = Page{}
			if ok, err := q.begin(asked, t.Timeline, &o, &notes); err != nil {
				return err
			} else if !ok {
				return notes.pass(ctx, nothing, yield)
			}
			if err := notes.pass(ctx, inspect.Log(ctx, t.Subject, o), yield); err != nil {
				return err
			}
			t.NoteBasis(ctx)
			return nil
		})
	})
}

// nothing is an empty log.
func nothing(func(*inspect.Entry, error) bool) {}

// LogAll asks for the events of a whole store, in position order. The change of an
// event is that of its stream's state.
type LogAll struct {
	workspace.StoreRef
	workspace.Folding
	Entries
	At    string `json:"at,omitempty" jsonschema:"a point of the store or a range A..B, such as pos:100..pos:200 or 2026-01-22..now; default all"`
	Shard string `json:"shard,omitempty" jsonschema:"only part I of N of the streams, as I/N, divided by a hash of the stream id"`
}

// Check rejects an invalid request.
func (q LogAll) Check() error {
	if err := q.StoreRef.Check(); err != nil {
		return err
	}
	if _, err := ParseShard(q.Shard); err != nil {
		return err
	}
	return q.Entries.check(q.Folding)
}

// In returns the store.
func (q LogAll) In() workspace.StoreRef { return q.StoreRef }

// Ask answers the question.
func (q LogAll) Ask(ctx context.Context, w *workspace.Workspace) iter.Seq2[*inspect.Entry, error] {
	return list(ctx, w, q)
}

// lines encodes the answer, one line per event.
func (q LogAll) lines(ctx context.Context, w *workspace.Workspace) iter.Seq2[wire.Entry, error] {
	return q.json(q.Ask(ctx, w))
}

// Of answers the question about an open store.
func (q LogAll) Of(ctx context.Context, s *workspace.Store) iter.Seq2[*inspect.Entry, error] {
	return lines(func(yield func(*inspect.Entry) error) error {
		if err := NoteLost(ctx, s); err != nil {
			return err
		}
		return q.pass(ctx, s, yield)
	})
}

func (q LogAll) pass(ctx context.Context, s *workspace.Store, yield func(*inspect.Entry) error) error {
	w := s.Workspace()
	shard, err := ParseShard(q.Shard)
	if err != nil {
		return err
	}
	o, err := q.options(s)
	if err != nil {
		return err
	}
	all := s.Whole()
	i, inRange, ok, err := span(ctx, all, q.At)
	if err != nil {
		return err
	}
	if q.resolved(i); !ok {
		return nil
	}
	o.Span = inRange
	whole := replay.NewWhole(replay.Sharded(s.Reader, shard))
	cut := replay.HeadCut(i.To)
	if q.At != "" { // the range is of the whole store, whatever the shard
		cuts, _, err := whole.Cuts(ctx, all.Timeline, replay.AtVersion(i.To.Version()))
		if err != nil {
			return err
		}
		cut = cuts[0]
	}
	part := *all.Timeline
	part.Reader = whole.Reader
	notes := logNotes{w: w, timeline: &part}
	o.Filter.NoPath = func(err error) { notes.noPath = err }
	asked := q
	asked.Page = Page{}
	if ok, err := q.begin(asked, &part, &o, &notes); err != nil {
		return err
	} else if !ok {
		return notes.pass(ctx, nothing, yield)
	}
	if !o.Changes && !o.Filter.Folds() {
		return notes.pass(ctx, inspect.Log(ctx, replay.Subject{Timeline: &part}, o), yield)
	}
	account := replay.Account{}
	o.Folded = &account.Tally
	folds := w.Folds(q.Folding)
	defer folds.Close()
	if err := notes.pass(ctx, inspect.LogAll(ctx, whole, folds.For(ctx), cut, o), yield); err != nil {
		return err
	}
	folds.NoteWarnings()
	w.Notices(append(whole.Notices(), account.Notices()...))
	return nil
}
