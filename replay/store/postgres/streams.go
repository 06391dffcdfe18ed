package postgres

import (
	"context"
	"iter"

	"asof/replay"
	"asof/replay/store/cell"
	"asof/replay/store/table"
)

// Streams yields the streams that match a query.
func (r *reader) Streams(ctx context.Context, q replay.StreamQuery) iter.Seq2[replay.Stream, error] {
	return r.ListStreams(ctx, r, q)
}

// List runs a statement.
func (r *reader) List(ctx context.Context, sql string, args []any) (table.Values, error) {
	return r.session.declare(ctx, sql, args)
}

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
