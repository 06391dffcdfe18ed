package postgres

import (
	"context"
	"iter"
	"strconv"

	"asof/replay"
	"asof/replay/store/cell"
	"asof/replay/store/table"
)

// Streams yields the streams that match a query.
func (r *reader) Streams(ctx context.Context, q replay.StreamQuery) iter.Seq2[replay.Stream, error] {
	return r.ListStreams(ctx, r, q)
}

// List runs a statement. The server plans a cursor for the first tenth of its rows, by
// walking an index; a list is read to its end.
func (r *reader) List(ctx context.Context, sql string, args []any) (table.Values, error) {
	s := r.session
	if s.broken != nil {
		return nil, s.broken
	}
	was, err := s.one(ctx, "SELECT current_setting('"+tupleFraction+"', true)")
	if err != nil {
		return nil, err
	}
	if _, err := strconv.ParseFloat(string(was.Text()), 64); err != nil { // another server than PostgreSQL
		return s.declare(ctx, sql, args)
	}
	set := "SET LOCAL " + tupleFraction + " = "
	return s.declareBetween(ctx, set+"1", set+string(was.Text()), sql, args)
}

// tupleFraction is the setting that says for what part of a cursor's rows its plan is made.
const tupleFraction = "cursor_tuple_fraction"

// Ask runs a statement for events.
func (r *reader) Ask(ctx context.Context, st *table.Statement, q replay.Query) (*table.Events, error) {
	return r.ask(ctx, st, q)
}

// Read reads the values of the next row.
func (c *cursor) Read(into []cell.Value) (bool, error) {
	row, err := c.next()
	if err != nil || row == nil {
		return false, err
	}
	for i := range into {
		row.read(i, &into[i])
	}
	return true, nil
}
