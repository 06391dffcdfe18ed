package query

import (
	"cmp"
	"fmt"
	"iter"
	"slices"
	"strings"

	"zombiezen.com/go/sqlite"

	"asof/replay"
)

// mostHeld bounds, in bytes, the rows and states that a question keeps in memory.
var mostHeld = 2 << 30

// hold counts what a question keeps.
func (db *DB) hold(n int) error {
	if db.held += n; db.held > mostHeld {
		return &SizeError{mostHeld}
	}
	return nil
}

// scan yields the rows of a table within limits.
func (t *table) scan(l limits, n need) (iter.Seq2[[]sqlite.Value, error], error) {
	asked := t.db.src.At
	if l.at != nil {
		asked = *l.at
	}
	if t.proj != nil && !slices.Contains(t.db.moments[t.proj], asked) {
		t.db.moments[t.proj] = append(t.db.moments[t.proj], asked)
	}
	if l.none {
		return func(func([]sqlite.Value, error) bool) {}, nil
	}
	at, err := t.narrowTo(&l, asked)
	if err != nil {
		return nil, err
	}
	var cut replay.Cut
	if t.proj != nil {
		err = t.db.resolve(at)
	} else {
		cut, err = t.db.cut(at)
	}
	if err != nil {
		return nil, err
	}
	var seq iter.Seq2[[]sqlite.Value, error]
	switch t.kind {
	case ofEvents:
		if seq = t.events(cut, l, n); l.byType {
			seq = t.inTypes(seq)
		}
	case ofStreams:
		seq = t.streams(cut, l, n)
	case ofStates:
		return t.states(at, l, n)
	case ofHistory:
		seq = t.history(at, l, n)
	case ofChanges:
		seq = t.changes(at, l, n)
	}
	return t.asOf(seq, asked), nil
}

// narrowTo takes over a range of moments: the events after its first one. It returns the
// moment of the table, which is the range's last.
func (t *table) narrowTo(l *limits, at string) (string, error) {
	if !strings.Contains(at, "..") {
		return at, nil
	}
	r, err := replay.ParseRange(at, t.db.src.Env)
	if err != nil || r.Single {
		return at, err
	}
	if t.kind == ofStates || t.kind == ofStreams {
		return at, &Error{Offset: -1, Msg: fmt.Sprintf("%q is a range, and %s has one moment", at, t.name), Next: "name one point; the tables of events, history and changes take ranges"}
	}
	after, err := t.db.cut(r.From.String())
	l.after = &after
	return r.To.String(), err
}

// asOf fills in the hidden column of the moment.
func (t *table) asOf(seq iter.Seq2[[]sqlite.Value, error], at string) iter.Seq2[[]sqlite.Value, error] {
	return func(yield func([]sqlite.Value, error) bool) {
		for row, err := range seq {
			if err == nil {
				row[t.index(momentColumn)] = sqlite.TextValue(at)
			}
			if !yield(row, err) {
				return
			}
		}
	}
}

// cut is the moment that a text names.
func (db *DB) cut(at string) (replay.Cut, error) {
	if c, ok := db.cuts[at]; ok {
		return c, nil
	}
	if at == "" && !db.src.Reader.Info().Has("positions") {
		return replay.Cut{}, nil // no event is the last of the store
	}
	p, err := db.point(at)
	if err != nil {
		return replay.Cut{}, err
	}
	cuts, notices, err := db.whole.Cuts(db.ctx, db.src.Store, p)
	for _, n := range notices {
		db.note(n)
	}
	if err != nil {
		return replay.Cut{}, err
	}
	db.cuts[at] = cuts[0]
	return cuts[0], nil
}

func (db *DB) point(at string) (replay.Point, error) {
	if at == "" {
		return replay.Head(), nil
	}
	return replay.ParsePoint(at, db.src.Env)
}

// resolve finds the moment that a text names. Where each stream ends then, which takes a look
// at all events, is left to [DB.cut], unless the text is a time.
func (db *DB) resolve(at string) error {
	p, err := db.point(at)
	if err != nil {
		return err
	}
	if _, byTime := p.Time(); at == "" || byTime {
		_, err := db.cut(at)
		return err
	}
	if _, ok := db.resolved[at]; ok {
		return nil
	}
	m, notices, err := db.src.Store.Resolve(db.ctx, p)
	for _, n := range notices {
		db.note(n)
	}
	if err == nil {
		db.resolved[at] = m
	}
	return err
}

func (t *table) events(cut replay.Cut, l limits, n need) iter.Seq2[[]sqlite.Value, error] {
	return func(yield func([]sqlite.Value, error) bool) {
		if cut.IsStart() {
			return
		}
		if cut.ByPosition() && !cut.Moment.IsStart() && cut.Moment.Position != replay.NoPosition {
			l.positions.high = min(l.positions.high, int64(cut.Moment.Position))
		}
		if a := l.after; a != nil && a.ByPosition() && !a.Moment.IsStart() && a.Moment.Position != replay.NoPosition {
			l.positions.low = max(l.positions.low, int64(a.Moment.Position)+1)
		}
		if l.positions.low > l.positions.high {
			return
		}
		for e, err := range t.db.src.Reader.Events(t.db.ctx, t.query(l, n)) {
			if err != nil {
				yield(nil, err)
				return
			}
			if cut.Has(e) && l.has(e) && !yield(t.row(&fact{e: e, stream: e.Stream}, n), nil) {
				return
			}
		}
	}
}

// query is what the reader of events is asked for.
func (t *table) query(l limits, n need) replay.Query {
	q := replay.Query{Reverse: l.reverse}
	if !t.db.src.Reader.Info().Has("positions") {
		q.Order = replay.ByStream
	} else if l.positions != allNumbers {
		q.Positions = replay.Between(replay.Position(l.positions.low), replay.Position(l.positions.high))
	}
	if l.stream != nil {
		q.Streams = []replay.StreamID{*l.stream}
		if l.versions != allNumbers {
			q.Versions = replay.Between(replay.Version(l.versions.low), replay.Version(l.versions.high))
		}
	}
	// Not the category: a reader may take that of streams, and an event may have another.
	if l.typ != nil {
		q.Types = []string{*l.typ}
	}
	for names, field := range map[string]replay.Fields{
		"data opaque": replay.FieldData, "id": replay.FieldID, "time": replay.FieldTime,
		"metadata actor correlation_id causation_id": replay.FieldMeta,
	} {
		if !t.wants(n, strings.Fields(names)...) && (field != replay.FieldTime || len(l.times) == 0) {
			q.Skip |= field
		}
	}
	return q
}

// streams counts the events of each stream up to a moment.
func (t *table) streams(cut replay.Cut, l limits, n need) iter.Seq2[[]sqlite.Value, error] {
	return func(yield func([]sqlite.Value, error) bool) {
		q := replay.StreamQuery{}
		if l.stream != nil {
			q.IDs = []replay.StreamID{*l.stream}
		}
		if l.category != nil {
			q.Categories = []string{*l.category}
		}
		for s, err := range t.db.streamsAt(cut, q) {
			if err != nil {
				yield(nil, err)
				return
			}
			if !yield(t.row(&fact{of: &s}, n), nil) {
				return
			}
		}
	}
}

// streamsAt yields the streams of a moment, in the order of [replay.Reader.Streams]: pages
// of a list are of one moment, which is the head only as long as the store does not grow.
func (db *DB) streamsAt(cut replay.Cut, q replay.StreamQuery) iter.Seq2[replay.Stream, error] {
	if cut.HasAll() {
		return db.src.Reader.Streams(db.ctx, q)
	}
	return func(yield func(replay.Stream, error) bool) {
		byID := map[replay.StreamID]*replay.Stream{}
		var order []*replay.Stream
		w := replay.WholeQuery{Cut: cut, Streams: q.IDs, Skip: replay.FieldData | replay.FieldMeta | replay.FieldID}
		if len(q.Categories) > 0 {
			w.Takes = func(_ replay.StreamID, category string) bool { return category == q.Categories[0] }
		}
		whole := db.part(q.IDs)
		if err := whole.Survey(db.ctx, q.IDs); err != nil {
			yield(replay.Stream{}, err)
			return
		}
		for e, err := range whole.Events(db.ctx, w) {
			if err != nil {
				yield(replay.Stream{}, err)
				return
			}
			s := byID[e.Stream]
			if s == nil {
				s = &replay.Stream{ID: e.Stream, Category: e.Category, First: e.Version, FirstTime: e.Time}
				byID[e.Stream], order = s, append(order, s)
			}
			s.Events, s.Last, s.LastTime = s.Events+1, e.Version, e.Time
		}
		slices.SortFunc(order, func(a, b *replay.Stream) int { return cmp.Compare(a.ID, b.ID) })
		for _, s := range order {
			if !yield(*s, nil) {
				return
			}
		}
	}
}

// part is the store, or a few streams of it, which are surveyed by themselves.
func (db *DB) part(streams []replay.StreamID) *replay.Whole {
	if streams == nil {
		return db.whole
	}
	w := replay.NewWhole(db.src.Reader)
	w.Gaps = db.whole.Gaps
	return w
}

// folding is the part of the store that a pass folds. What is missing from it is noted,
// unless the states are a sample.
func (db *DB) folding(p passOf, streams []replay.StreamID) *replay.Whole {
	w := db.part(streams)
	if p.sample {
		sampled := *w
		sampled.Gaps = nil
		w = &sampled
	}
	return w
}

// history yields a row for each event. The row is held back until the next event of its
// stream says how long the state held.
func (t *table) history(at string, l limits, n need) iter.Seq2[[]sqlite.Value, error] {
	return func(yield func([]sqlite.Value, error) bool) {
		last := map[replay.StreamID][]sqlite.Value{}
		var order []replay.StreamID
		late := t.wants(n, "until_position", "until_time")
		p := passOf{proj: t.proj, at: at, limits: l, changes: t.wants(n, "changed"), failures: true, every: true, early: !late}
		for f, err := range t.db.facts(p) {
			if err != nil {
				yield(nil, err)
				return
			}
			if held := last[f.stream]; held != nil {
				last[f.stream] = nil
				_ = t.db.hold(-rowBytes(held)) // it was held
				if t.finish(held, &fact{next: f.e}, n); !yield(held, nil) {
					return
				}
			}
			switch {
			case !l.has(f.e):
			case late:
				if _, ok := last[f.stream]; !ok {
					order = append(order, f.stream)
				}
				last[f.stream] = t.row(f, n)
				if err := t.db.hold(rowBytes(last[f.stream])); err != nil {
					yield(nil, err)
					return
				}
			case !yield(t.row(f, n), nil):
				return
			}
		}
		for _, id := range order {
			if row := last[id]; row != nil && !yield(row, nil) {
				return
			}
		}
	}
}

// changes yields a row for each change that an event made.
func (t *table) changes(at string, l limits, n need) iter.Seq2[[]sqlite.Value, error] {
	return func(yield func([]sqlite.Value, error) bool) {
		for f, err := range t.db.facts(passOf{proj: t.proj, at: at, limits: l, changes: true, every: true, early: true}) {
			if err != nil {
				yield(nil, err)
				return
			}
			if !l.has(f.e) {
				continue
			}
			for i := range f.changes {
				f.change = &f.changes[i]
				if !yield(t.row(f, n), nil) {
					return
				}
			}
		}
	}
}
