package table

import (
	"asof/replay/store/cell"
	"asof/replay/store/source"
)

// A Piecemeal reads a store that has no index for the order of all its events. It serves
// the queries that do not need this order: those for one stream or for stream ids. Its
// columns are those of the layout, but From differs.
type Piecemeal struct {
	// Streams is SQL that yields the streams through an index that leads from each to the
	// next; empty if there is none.
	Streams string
	// Stream returns SQL that yields the events of a stream, and possibly others.
	Stream func(one OneValue, stream string) (string, error)
	Data   string // SQL for the payload there, if it is not the layout's

	// Rows is SQL that yields all events, and Row a unique integer of each, for questions
	// that need no versions; both are empty if there is no such SQL. Ordered is set if
	// versions count from 1 in the order of Row.
	Rows, Row string
	Ordered   bool
}

// Uncounted returns a copy of the layout that has numbers of rows in place of versions
// that are counted, and the layout itself if it cannot.
func (l *Layout) Uncounted() *Layout {
	if l.Piecemeal == nil || l.Piecemeal.Row == "" {
		return l
	}
	c := l.ReadFrom(l.Piecemeal.Rows)
	c.Cols[source.Version] = l.Piecemeal.Row
	return c
}

// OneValue returns the single value of a query.
type OneValue func(sql string, args ...any) (cell.Value, error)

// ReadFrom returns a copy of the layout that reads from other SQL.
func (l *Layout) ReadFrom(from string) *Layout {
	c := *l
	c.From = from
	return &c
}
