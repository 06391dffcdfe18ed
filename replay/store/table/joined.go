package table

import (
	"context"
	"fmt"
	"strings"

	"asof/replay"
	"asof/replay/store/cell"
	"asof/replay/store/source"
)

// summaryCells is the number of columns that SelectStreams selects: the id, the number of
// events, and the first and last version.
const summaryCells = 4

// eachJoined reads the streams of st together with their first and last events, by one
// statement that joins both.
func (b *Binding) eachJoined(ctx context.Context, in Lister, q replay.StreamQuery, st *Statement, each func(replay.Stream) bool) error {
	ends := joinEnds(b.Layout, in.Flavour(), st, q.Reverse)
	values, err := in.List(ctx, ends.SQL, ends.Args)
	if err != nil {
		return err
	}
	rows := &joinedRows{values: values, cells: make([]cell.Value, ends.width())}
	events := b.Read(ctx, ends.Statement, ends.query(), rows)
	defer events.Close()
	n := 0
	for {
		s, err := rows.stream(events)
		if err != nil || s == nil {
			return err
		}
		if !st.Rest.TakesID(string(s.ID)) || !st.Rest.TakesCategory(s.Category) {
			continue
		}
		if q.IDsOnly {
			s = &replay.Stream{ID: s.ID}
		}
		if n++; !each(*s) || n == q.Limit {
			return nil
		}
	}
}

// An endsStatement selects the columns of SelectStreams and then those of an event. A stream
// has a row for its first event and one for its last, which may be the same, or a single row
// without an event if the join finds none.
type endsStatement struct{ *Statement }

// query returns the query for events that the statement answers.
func (s endsStatement) query() replay.Query {
	return replay.Query{Order: replay.ByStream, Skip: replay.FieldID | replay.FieldMeta | replay.FieldData}
}

func joinEnds(l *Layout, f Flavour, streams *Statement, reverse bool) endsStatement {
	st := endsStatement{&Statement{Args: streams.Args, Item: -1}}
	want := l.wanted(st.query())
	stream, columns := l.Cols[source.Stream]+" AS stream", []string{}
	st.Cols[source.Stream] = 0 // that of the group: it is the same
	for c := range source.NumFields {
		if c == source.Stream {
			continue
		}
		st.Cols[c] = -1
		if l.Has(c) && want.Has(c) {
			st.Cols[c] = summaryCells + len(columns)
			columns = append(columns, l.Cols[c])
		}
	}
	if l.Item != "" {
		st.Item = summaryCells + len(columns)
		columns = append(columns, l.Item)
	}
	names := make([]string, len(columns))
	for i := range columns {
		names[i] = fmt.Sprint("c", summaryCells+i)
		columns[i] += " AS " + names[i]
	}
	where := ""
	if l.Where != "" {
		where = " WHERE " + l.Where
	}
	way := ""
	if reverse {
		way = " DESC"
	}
	version := fmt.Sprint("e.c", st.Cols[source.Version])
	st.SQL = "SELECT g.*, e." + strings.Join(names, ", e.") +
		" FROM (" + streams.SQL + ") AS g(stream, events, first, last)" +
		" LEFT JOIN (SELECT " + stream + ", " + strings.Join(columns, ", ") + " FROM " + l.From + where + ") AS e" +
		" ON " + f.equal("e.stream") + " = " + f.equal("g.stream") + " AND (" + version + " = g.first OR " + version + " = g.last)" +
		" ORDER BY " + f.Bytes("g.stream") + way + ", " + version
	return st
}

// width returns the number of columns.
func (s endsStatement) width() int {
	n := summaryCells
	for _, at := range append(s.Cols[:], s.Item) {
		n = max(n, at+1)
	}
	return n
}

// joinedRows reads the rows of an endsStatement.
type joinedRows struct {
	values Values
	cells  []cell.Value
}

func (r *joinedRows) Close() { r.values.Close() }

// Next reads the event of the next row.
func (r *joinedRows) Next(st *Statement, into *Row) (bool, error) {
	more, err := r.values.Read(r.cells)
	if err != nil || !more {
		return false, err
	}
	if id := &r.cells[0]; id.Kind != cell.Text {
		return false, fmt.Errorf("the stream of some events is %s, not text", id.Describe())
	}
	if _, _, err := VersionSpan(&r.cells[2], &r.cells[3]); err != nil {
		return false, fmt.Errorf("stream %q has %w", r.cells[0].B, err)
	}
	if r.cells[st.Cols[source.Version]].Kind == cell.Null {
		return false, fmt.Errorf("stream %q has no first event", r.cells[0].B)
	}
	for c, at := range st.Cols {
		if at >= 0 {
			into.Vals[c] = r.cells[at]
		}
	}
	if st.Item >= 0 {
		into.Item = r.cells[st.Item]
	}
	return true, nil
}

// stream reads the rows of the next stream, or returns nil at the end.
func (r *joinedRows) stream(events *Events) (*replay.Stream, error) {
	e, err := events.Next()
	if err != nil || e == nil {
		return nil, err
	}
	s := &replay.Stream{ID: e.Stream, Category: e.Category, FirstTime: e.Time, LastTime: e.Time, Events: r.cells[1].Num}
	if s.First, s.Last, err = VersionSpan(&r.cells[2], &r.cells[3]); err != nil || s.First == s.Last {
		return s, err
	}
	if e.Version != s.First {
		return nil, fmt.Errorf("stream %q has no first event", s.ID)
	}
	last, err := events.Next()
	if err != nil {
		return nil, err
	}
	if last == nil || last.Stream != s.ID || last.Version != s.Last {
		return nil, fmt.Errorf("stream %q has no last event", s.ID)
	}
	s.LastTime = last.Time
	return s, nil
}
