package query

import (
	"cmp"
	"iter"
	"maps"
	"slices"

	"zombiezen.com/go/sqlite"

	"asof/replay"
)

// A repeated is a row that comes several times in a row.
type repeated struct {
	row   []sqlite.Value
	times int64
}

// counted returns the rows of a scan of events that are alike, such as those of count(*): a
// store counts its events without reading them. ok is false if the rows are not alike.
func (t *table) counted(l limits, n need) (all []repeated, ok bool, err error) {
	asked := t.db.src.At
	if l.at != nil {
		asked = *l.at
	}
	if t.kind != ofEvents || l.none || l.category != nil || l.typ != nil && l.stream != nil || !t.fixed(&l, n) {
		return nil, false, nil
	}
	typ := l.typ
	if l.typ = nil; l.narrow() {
		return nil, false, nil
	}
	if _, err := t.narrowTo(&l, asked); err != nil || l.after != nil {
		return nil, false, nil //nolint:nilerr // the scan says so
	}
	cut, err := t.db.cut(asked)
	if err != nil || !cut.HasAll() {
		return nil, false, nil //nolint:nilerr // the scan says so
	}
	if typ != nil || l.byType {
		all, ok = t.countTypes(typ, asked)
		return all, ok, nil
	}
	one := repeated{row: t.alike(asked)}
	q := replay.StreamQuery{}
	if l.stream != nil {
		q.IDs = []replay.StreamID{*l.stream}
		one.row[t.index("stream")] = sqlite.TextValue(string(*l.stream))
	}
	for s, err := range t.db.src.Reader.Streams(t.db.ctx, q) {
		if err != nil {
			return nil, false, err
		}
		one.times += s.Events
	}
	return []repeated{one}, true, nil
}

// fixed reports whether the columns that a statement uses are the same in each row, or in
// each row of a type where the rows are ordered by it.
func (t *table) fixed(l *limits, n need) bool {
	for i, c := range t.cols {
		switch {
		case !n.has(i), c.name == momentColumn, c.name == "stream" && l.stream != nil, c.name == "type" && (l.typ != nil || l.byType):
		default:
			return false
		}
	}
	return true
}

// alike is a row without values but for the moment.
func (t *table) alike(asked string) []sqlite.Value {
	row := make([]sqlite.Value, len(t.cols))
	row[t.index(momentColumn)] = sqlite.TextValue(asked)
	return row
}

// countTypes returns a row for each type, or for one, in the order of types. ok is false if
// the store does not know how many events of a type it has.
func (t *table) countTypes(only *string, asked string) (all []repeated, ok bool) {
	types, ok := t.db.types()
	if !ok {
		return nil, false
	}
	events := map[string]int64{}
	for _, one := range types {
		if only == nil || one.Type == *only {
			events[one.Type] += one.Events
		}
	}
	for name, times := range events {
		row := t.alike(asked)
		row[t.index("type")] = textValue(name)
		all = append(all, repeated{row, times})
	}
	column := t.index("type")
	slices.SortFunc(all, func(a, b repeated) int { return cmp.Compare(a.row[column].Text(), b.row[column].Text()) })
	return all, true
}

// types are the counts of all events, if the store knows them.
func (db *DB) types() ([]replay.TypeCount, bool) {
	c, ok := db.src.Reader.(replay.Counter)
	if !ok {
		return nil, false
	}
	return c.Types()
}

// ordersTypes reports whether rows come in the order of types: nothing else of an event is
// asked for. It does not depend on what is known of the store: without ORDER BY, rows such
// as those of SELECT DISTINCT type have this order, and pages of them need the same one.
func (t *table) ordersTypes(in *sqlite.IndexInputs, pushed []sqlite.IndexConstraint) bool {
	if t.kind != ofEvents || len(pushed) > 0 || len(in.OrderBy) != 1 || in.OrderBy[0].Desc || !t.fixed(&limits{byType: true}, need(in.ColumnsUsed)) {
		return false
	}
	i := in.OrderBy[0].Column
	return i >= 0 && t.cols[i].name == "type"
}

// inTypes yields rows that are fixed but for their type in the order of types.
func (t *table) inTypes(seq iter.Seq2[[]sqlite.Value, error]) iter.Seq2[[]sqlite.Value, error] {
	return func(yield func([]sqlite.Value, error) bool) {
		column := t.index("type")
		byType := map[string]*repeated{}
		for row, err := range seq {
			if err != nil {
				yield(nil, err)
				return
			}
			name := row[column].Text()
			if byType[name] == nil {
				byType[name] = &repeated{row: slices.Clone(row)}
			}
			byType[name].times++
		}
		for _, name := range slices.Sorted(maps.Keys(byType)) {
			for one := byType[name]; one.times > 0; one.times-- {
				if !yield(slices.Clone(one.row), nil) {
					return
				}
			}
		}
	}
}

// repeat returns the next row of those that repeat, or nil.
func (r *rows) repeat() []sqlite.Value {
	for len(r.repeats) > 0 {
		if one := &r.repeats[0]; one.times > 0 {
			one.times--
			return one.row
		}
		r.repeats = r.repeats[1:]
	}
	return nil
}
