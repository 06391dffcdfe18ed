package replay

import (
	"context"
	"iter"

	"asof/replay/state"
)

// A LiveReader is a [Reader] of the versions of rows that also reads the rows as they are
// now, in the same snapshot.
type LiveReader interface {
	// LiveTables lists the tables of the history by category, and what is known of their
	// rows. A store without live tables yields an [UnsupportedError].
	LiveTables(ctx context.Context) ([]LiveTable, error)

	// LiveRows yields the rows of these tables, as far as they have a name, ordered by
	// stream, byte by byte. If it cannot reach the end, it yields (nil, error) last. A row
	// is valid until the next.
	LiveRows(ctx context.Context, tables []LiveTable) iter.Seq2[*LiveRow, error]
}

// A LiveTable is the table that has the rows of a category now.
type LiveTable struct {
	Category string
	Name     string       // of the table; empty if there is none
	Reason   string       // why there is no table, or why only the presence of rows can be compared
	Key      []string     // the names that the columns of the key have in the history
	Columns  []LiveColumn // the others

	// Partial is set if other categories have rows in the table too, so that a row without
	// a history may be one of theirs.
	Partial bool

	Keyless int64 // rows whose key is NULL, which are not yielded

	Source any // for the reader
}

// A LiveColumn is a column of a live table.
type LiveColumn struct {
	Name string

	// Recorded are the names that the column may have in the history.
	Recorded []string

	// Same reports whether a recorded value is a value of the column. A library may write
	// it in another form.
	Same func(recorded, live state.Value) bool
}

// A LiveRow is a row as it is now.
type LiveRow struct {
	Table  int // index of its table
	Stream StreamID
	Data   []byte // a JSON object
}
