package table

import (
	"asof/replay/store/cell"
)

// A Piecemeal reads a store that has no index for the order of all its events, for
// the questions that do not need it: those about one stream, and those for ids. The
// columns are those of the layout; only what they are read from differs.
type Piecemeal struct {
	// Streams is SQL that yields the streams, so that an index leads from each to the
	// next.
	Streams string
	// Stream returns SQL that yields the events of the stream, and may yield others.
	Stream func(one OneValue, stream string) (string, error)
}

// OneValue returns the one value that SQL gives.
type OneValue func(sql string, args ...any) (cell.Value, error)

// ReadFrom returns the layout, read from other SQL.
func (l *Layout) ReadFrom(from string) *Layout {
	c := *l
	c.From = from
	return &c
}
