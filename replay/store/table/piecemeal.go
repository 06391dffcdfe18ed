package table

import (
	"asof/replay/store/cell"
)

// A Piecemeal reads a store that has no index for the order of all its events. It serves
// the queries that do not need this order: those for one stream or for stream ids. Its
// columns are those of the layout, but From differs.
type Piecemeal struct {
	// Streams is SQL that yields the streams through an index that leads from each to the
	// next.
	Streams string
	// Stream returns SQL that yields the events of a stream, and possibly others.
	Stream func(one OneValue, stream string) (string, error)
}

// OneValue returns the single value of a query.
type OneValue func(sql string, args ...any) (cell.Value, error)

// ReadFrom returns a copy of the layout that reads from other SQL.
func (l *Layout) ReadFrom(from string) *Layout {
	c := *l
	c.From = from
	return &c
}
