package query

import (
	"errors"
	"iter"
	"maps"
	"slices"
	"strings"

	"asof/inspect"
	"asof/replay"
	"asof/replay/state"
)

// A StateRow is the state of a stream or partition. It is valid until the next.
type StateRow struct {
	Stream  replay.StreamID
	Version replay.Version // of its last event
	State   state.Value
	Err     error               // why there is no state
	Unread  *replay.OpaqueError // the first payload that could not be read; nil: none

	left    bool // the projection does not take the stream
	setters *inspect.Setters
}

// Setter returns the event that last set the value at a path, or anything inside it; nil
// if none did. A path that does not exist is a [state.PathError].
func (r *StateRow) Setter(path state.Path) (*replay.Event, error) {
	if r.setters == nil {
		return nil, nil //nolint:nilnil // there is no event
	}
	return r.setters.Last(path)
}

// unread takes the reason why the payload of an event could not be read; empty: it could.
func (r *StateRow) unread(e *replay.Event, reason string) {
	if reason != "" && r.Unread == nil {
		r.Unread = &replay.OpaqueError{At: e.Moment(), Reason: reason}
	}
}

// States yields the states of a projection, in the order of the ids of their streams, byte
// by byte. If it folds each stream by itself, one state is in memory.
func (db *DB) States(p *Projection) iter.Seq2[*StateRow, error] {
	if p.Many != nil {
		return db.manyStates(p)
	}
	return func(yield func(*StateRow, error) bool) {
		for rows, err := range db.Together(p) {
			if err != nil {
				yield(nil, err)
				return
			}
			if !yield(&rows[0], nil) {
				return
			}
		}
	}
}

// StreamIDs yields the streams with events as of the moment of the tables, of the categories
// that a projection folds.
func (db *DB) StreamIDs(p *Projection) iter.Seq2[replay.StreamID, error] {
	return func(yield func(replay.StreamID, error) bool) {
		cut, err := db.cut(db.src.At)
		if err != nil {
			yield("", err)
			return
		}
		if cut.HasAll() {
			for s, err := range db.src.Reader.Streams(db.ctx, replay.StreamQuery{IDsOnly: true, Categories: p.Categories}) {
				if !yield(s.ID, err) || err != nil {
					return
				}
			}
			return
		}
		last, begun := replay.StreamID(""), false
		q := replay.Query{Order: replay.ByStream, Categories: p.Categories, Skip: replay.FieldID | replay.FieldTime | replay.FieldMeta | replay.FieldData}
		for e, err := range db.src.Reader.Events(db.ctx, q) {
			if err != nil {
				yield("", err)
				return
			}
			if !cut.Has(e) || begun && e.Stream == last {
				continue
			}
			if last, begun = e.Stream, true; !yield(last, nil) {
				return
			}
		}
	}
}

// Together yields the states of each stream under several projections, which fold each
// stream by itself, in the order of ids. A projection that does not take a stream has no
// state of it.
func (db *DB) Together(of ...*Projection) iter.Seq2[[]StateRow, error] {
	return func(yield func([]StateRow, error) bool) {
		r := stateRun{db: db, of: of, rows: make([]StateRow, len(of))}
		begun := false
		for step, err := range r.steps(nil) {
			if err == nil && step.First && begun && !yield(r.rows, nil) {
				return
			}
			if err == nil {
				begun, err = true, r.see(step)
			}
			if err != nil {
				yield(nil, err)
				return
			}
		}
		if begun {
			yield(r.rows, nil)
		}
	}
}

// Trail yields the state after each event of some streams, stream after stream, under a
// projection that folds each by itself.
func (db *DB) Trail(p *Projection, streams []replay.StreamID) iter.Seq2[*StateRow, error] {
	return func(yield func(*StateRow, error) bool) {
		r := stateRun{db: db, of: []*Projection{p}, rows: make([]StateRow, 1)}
		for step, err := range r.steps(streams) {
			if err == nil {
				err = r.see(step)
			}
			if err != nil {
				yield(nil, err)
				return
			}
			if !yield(&r.rows[0], nil) {
				return
			}
		}
	}
}

func (p *Projection) takes(id replay.StreamID, category string) bool {
	return p.Takes == nil || p.Takes(id, category)
}

// A stateRun folds one stream after another.
type stateRun struct {
	db   *DB
	of   []*Projection
	rows []StateRow // by projection
}

func (r *stateRun) steps(streams []replay.StreamID) iter.Seq2[*replay.StreamStep, error] {
	cut, err := r.db.cut(r.db.src.At)
	if err != nil {
		return func(yield func(*replay.StreamStep, error) bool) { yield(nil, err) }
	}
	folds := make([]replay.FoldFor, len(r.of))
	for i, p := range r.of {
		folds[i] = p.Fold
	}
	q := replay.WholeQuery{Cut: cut, Streams: streams, Takes: func(id replay.StreamID, category string) bool {
		return slices.ContainsFunc(r.of, func(p *Projection) bool { return p.takes(id, category) })
	}}
	whole := replay.NewWhole(r.db.src.Reader)
	whole.Gaps = r.db.whole.Gaps
	return whole.RunStreams(r.db.ctx, folds, q, true)
}

// see takes the rows from a step.
func (r *stateRun) see(step *replay.StreamStep) error {
	for i := range r.rows {
		row, e := &r.rows[i], step.Event
		if step.First {
			*row = StateRow{Stream: e.Stream, setters: inspect.NewSetters(step.Inits[i]), left: !r.of[i].takes(e.Stream, e.Category)}
		}
		row.Version = e.Version
		switch err := step.Errs[i]; {
		case row.Err != nil || row.left:
		case err != nil:
			var failed *replay.FoldError
			if r.db.src.Strict || !errors.As(err, &failed) {
				return err
			}
			r.db.noteFailed(e.Stream, err)
			row.Err, row.State, row.setters = err, state.Value{}, nil
		default:
			row.State = step.Steps[i].Root
			row.unread(e, step.Steps[i].Unread)
			if err := row.setters.See(&step.Steps[i], e.Moment()); err != nil {
				return err
			}
		}
	}
	return nil
}

// manyStates yields the states of a projection over many streams, by partition.
func (db *DB) manyStates(p *Projection) iter.Seq2[*StateRow, error] {
	return func(yield func(*StateRow, error) bool) {
		rows := map[replay.StreamID]*StateRow{}
		for f, err := range db.manyFacts(passOf{proj: p, at: db.src.At, limits: allRows(), changes: true, inits: true}) {
			if err != nil {
				yield(nil, err)
				return
			}
			row := rows[f.stream]
			if row == nil {
				row = &StateRow{Stream: f.stream, setters: inspect.NewSetters(f.init)}
				rows[f.stream] = row
			}
			row.Version, row.State = f.e.Version, f.root
			row.unread(f.e, f.unread)
			if err := row.setters.See(&replay.Step{Event: f.e, Root: f.root, Changes: f.changes}, replay.Moment{}); err != nil {
				yield(nil, err)
				return
			}
		}
		for _, row := range slices.SortedFunc(maps.Values(rows), func(a, b *StateRow) int { return strings.Compare(string(a.Stream), string(b.Stream)) }) {
			if !yield(row, nil) {
				return
			}
		}
	}
}

// Only is the projection of a database that has one.
func (db *DB) Only() (*Projection, error) {
	all := db.src.Projections
	if len(all) == 1 {
		return &all[0], nil
	}
	var names []string
	for _, p := range all {
		names = append(names, p.Name)
	}
	return nil, &Error{Offset: -1, Msg: "no projection is given", Next: "name one of " + strings.Join(names, ", ")}
}
