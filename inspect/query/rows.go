package query

import (
	"errors"
	"iter"
	"slices"
	"strings"

	"asof/replay"
	"asof/replay/state"
)

// A StateRow is the state of a stream or partition. It is valid until the next.
type StateRow struct {
	Stream replay.StreamID
	At     string // its last event, as a point of its own timeline
	State  state.Value
	Err    error // why there is no state
}

// chunk is how many streams are folded at a time, and so how many states are in memory.
const chunk = 500

// States yields the states of a projection, in the order of the ids of their streams, byte
// by byte. Between two rows the store can be read.
func (db *DB) States(p *Projection) iter.Seq2[StateRow, error] {
	return func(yield func(StateRow, error) bool) {
		cut, err := db.cut(db.src.At)
		if err != nil {
			yield(StateRow{}, err)
			return
		}
		if p.Many != nil {
			db.partStates(p, cut, nil, yield)
			return
		}
		ids, err := db.streamsOf(p)
		if err != nil {
			yield(StateRow{}, err)
			return
		}
		for part := range slices.Chunk(ids, chunk) {
			if !db.partStates(p, cut, part, yield) {
				return
			}
		}
	}
}

// streamsOf are the streams that a projection folds, in order.
func (db *DB) streamsOf(p *Projection) (ids []replay.StreamID, err error) {
	for s, err := range db.src.Reader.Streams(db.ctx, replay.StreamQuery{Categories: p.Categories}) {
		if err != nil {
			return nil, err
		}
		if p.Takes == nil || p.Takes(s.ID, s.Category) {
			ids = append(ids, s.ID)
		}
	}
	slices.Sort(ids)
	return ids, nil
}

// partStates yields the states of some streams. It returns false if that was the end.
func (db *DB) partStates(p *Projection, cut replay.Cut, ids []replay.StreamID, yield func(StateRow, error) bool) (more bool) {
	all, err := db.foldPart(passOf{proj: p, at: db.src.At, cut: cut, limits: allRows(), failures: true}, ids)
	if err != nil {
		yield(StateRow{}, err)
		return false
	}
	slices.SortFunc(all.order, func(a, b *fact) int { return strings.Compare(string(a.stream), string(b.stream)) })
	for _, f := range all.order {
		if !yield(StateRow{Stream: f.stream, At: p.pointOf(f.e), State: f.state(), Err: f.err}, nil) {
			return false
		}
	}
	return true
}

// pointOf is an event as a point of its state's timeline.
func (p *Projection) pointOf(e *replay.Event) string {
	if p.Many != nil {
		return replay.AtPosition(e.Position).String()
	}
	return replay.AtVersion(e.Version).String()
}

// foldPart folds some streams, or all of a projection over many.
func (db *DB) foldPart(p passOf, ids []replay.StreamID) (*states, error) {
	out := &states{byStream: map[replay.StreamID]*fact{}}
	take := func(now *fact) {
		f, e := out.at(now.stream), now.e
		*f.e = replay.Event{Stream: e.Stream, Version: e.Version, Position: e.Position}
		f.root, f.err = now.root, now.err
	}
	if p.proj.Many != nil {
		for now, err := range db.manyFacts(p) {
			if err != nil {
				return nil, err
			}
			take(now)
		}
		return out, nil
	}
	q := replay.WholeQuery{Cut: p.cut, Streams: ids}
	q.Failed = func(e *replay.Event, err error) error {
		var failed *replay.FoldError
		if db.src.Strict || !errors.As(err, &failed) {
			return err
		}
		db.noteFailed(e, err)
		take(&fact{e: e, stream: e.Stream, err: err})
		return nil
	}
	for step, err := range replay.NewWhole(db.src.Reader).RunEach(db.ctx, p.proj.Fold, q, false) {
		if err != nil {
			return nil, err
		}
		take(&fact{e: step.Event, stream: step.Event.Stream, root: step.Root})
	}
	return out, nil
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
