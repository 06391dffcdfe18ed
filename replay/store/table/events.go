package table

import (
	"context"

	"asof/replay"
)

// Rows reads the rows of one statement from an engine.
type Rows interface {
	// Next fills in the selected values and returns false at the end.
	Next(st *Statement, into *Row) (bool, error)
	Close()
}

// Events reads the events of one statement.
type Events struct {
	assembler
	Rows Rows // nil if nothing can match
	path string
}

// Read builds events from the rows of a statement.
func (b *Binding) Read(ctx context.Context, st *Statement, q replay.Query, rows Rows) *Events {
	return &Events{assembler: b.assemble(ctx, st, q), Rows: rows, path: b.path}
}

// Next returns the next event that the query wants, or nil at the end. It is valid until
// the next call.
func (e *Events) Next() (*replay.Event, error) {
	if e.Rows == nil {
		return nil, nil
	}
	for {
		more, err := e.Rows.Next(e.st, &e.row)
		if err != nil || !more {
			return nil, err
		}
		in, err := e.fill()
		if err != nil {
			return nil, &replay.StoreError{Path: e.path, Op: "read", Err: e.row.fault(err)}
		}
		if in {
			return &e.event, nil
		}
	}
}

// Restart resets the state after the rows were selected again with other arguments.
func (e *Events) Restart() { e.started = false }

// Statement returns the statement that selects the events.
func (e *Events) Statement() *Statement { return e.st }

// Close closes the rows.
func (e *Events) Close() {
	if e.Rows != nil {
		e.Rows.Close()
	}
}

// drain reads all events and returns the first error.
func (e *Events) drain() error {
	defer e.Close()
	for {
		if event, err := e.Next(); event == nil || err != nil {
			return err
		}
	}
}
