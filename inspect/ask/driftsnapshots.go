package ask

import (
	"context"
	"slices"
	"strconv"

	"asof/inspect/drift"
	"asof/inspect/query"
	"asof/replay"
	"asof/replay/state"
	"asof/replay/workspace"
)

// snapshotStreams is how many streams' snapshots are in memory at a time.
const snapshotStreams = 50

// snapshots compares the states that the application saved in the store with those that
// replay gives at the same versions.
func (q Drift) snapshots(ctx context.Context, s *workspace.Store) (*Drifted, error) {
	saved, at, err := replay.Saved(s.Reader)
	if err != nil {
		return nil, err
	}
	defer saved.Close() //nolint:errcheck // only read
	o := q.options()
	o.Order = bySnapshot
	c, err := drift.New(o)
	if err != nil {
		return nil, err
	}
	d := savedStates{q: q, c: c, from: saved, at: state.Path{Pointer: at}, paths: q.paths()}
	for _, col := range q.columns() {
		path, err := state.ParsePath(col.Name)
		if err != nil {
			return nil, err
		}
		d.named = append(d.named, path)
	}
	answer := &Drifted{Kind: DriftSnapshots}
	err = withTables(ctx, s, q.Folding, "", func(db *query.DB) error {
		p, err := db.Only()
		if err != nil {
			return err
		}
		if p.Many != nil {
			return workspace.Usagef("name a projection that folds each stream by itself", "%s folds many streams, but a snapshot holds one", p.Name)
		}
		answer.Projection = p.Name
		ids, err := d.streams(ctx, s.Reader, p)
		if err != nil {
			return err
		}
		for part := range slices.Chunk(ids, snapshotStreams) {
			if err := d.compare(ctx, db, p, part); err != nil {
				return err
			}
		}
		return nil
	})
	answer.Result = c.Result()
	return answer, err
}

// savedStates are the snapshots of a store under comparison.
type savedStates struct {
	q     Drift
	c     *drift.Comparison
	from  replay.Reader
	at    state.Path   // of the state within a snapshot
	named []state.Path // of the columns, within it
	paths []state.Path // of the columns, in the state of replay
}

// A savedState is one snapshot.
type savedState struct {
	event *replay.Event
	seen  bool
}

// streams are those with a snapshot, without those that the projection does not fold.
func (d *savedStates) streams(ctx context.Context, of replay.Reader, p *query.Projection) (ids []replay.StreamID, err error) {
	left := map[replay.StreamID]bool{}
	if p.Takes != nil {
		for s, err := range of.Streams(ctx, replay.StreamQuery{}) {
			if err != nil {
				return nil, err
			}
			left[s.ID] = !p.Takes(s.ID, s.Category)
		}
	}
	for s, err := range d.from.Streams(ctx, replay.StreamQuery{IDsOnly: true}) {
		if err != nil {
			return nil, err
		}
		if !left[s.ID] {
			ids = append(ids, s.ID)
		}
	}
	return ids, nil
}

// compare compares the snapshots of some streams.
func (d *savedStates) compare(ctx context.Context, db *query.DB, p *query.Projection, ids []replay.StreamID) error {
	all := map[replay.StreamID]map[replay.Version]*savedState{}
	var order []*savedState
	for e, err := range d.from.Events(ctx, replay.Query{Streams: ids, Order: replay.ByStream}) {
		if err != nil {
			return err
		}
		of := all[e.Stream]
		if of == nil {
			of = map[replay.Version]*savedState{}
			all[e.Stream] = of
		}
		one := &savedState{event: e.Clone()}
		of[e.Version], order = one, append(order, one)
	}
	for row, err := range db.Trail(p, ids) {
		if err != nil {
			return err
		}
		one := all[row.Stream][row.Version]
		if one == nil {
			continue
		}
		one.seen = true
		if err := d.compareOne(row, one.event); err != nil {
			return err
		}
	}
	for _, one := range order {
		if !one.seen {
			d.c.Extra(snapshotKey(one.event))
		}
	}
	return nil
}

func snapshotKey(e *replay.Event) string {
	return string(e.Stream) + "@" + strconv.FormatInt(int64(e.Version), 10)
}

func (d *savedStates) compareOne(row *query.StateRow, e *replay.Event) error {
	w := wanted(row)
	w.Key = snapshotKey(e)
	d.q.fill(&w, d.paths)
	body, err := e.Body()
	if err == nil {
		body, err = d.at.Lookup(body)
	}
	if err != nil {
		w.Err = err
	}
	got := drift.Got{Key: w.Key, State: body}
	for _, path := range d.named {
		v, err := path.Lookup(body)
		if err != nil {
			v = state.Value{} // it has none
		}
		got.Values = append(got.Values, v)
	}
	return d.c.Compare(&w, &got)
}
