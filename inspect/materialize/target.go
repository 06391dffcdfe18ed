package materialize

import (
	"context"
	"fmt"
	"iter"
	"slices"

	"asof/inspect/query"
	"asof/replay"
	"asof/replay/fault"
	"asof/replay/state"
)

// A Target is one table in a place that is not the store. It is used by one goroutine.
type Target interface {
	// Checkpoint returns what the rows of the table are; nil: there is no table. It fails
	// with a [RefusedError] if the place or the table is not asof's.
	Checkpoint(ctx context.Context) (*Checkpoint, error)

	// Heads yields the heads of the rows, in the order of streams, byte by byte. It is
	// called if there is a checkpoint.
	Heads(ctx context.Context) iter.Seq2[Head, error]

	// Typed reports whether the types of columns follow the kinds of their values, so that
	// another kind needs another table.
	Typed() bool

	// Begin starts to write a table aside: with no row, or, to go on, with those that it
	// has.
	Begin(ctx context.Context, p Plan) (Change, error)

	// Close ends the use of the target. A change that was not committed is undone.
	Close() error
}

// A Plan is how a table is written.
type Plan struct {
	Columns []Column
	Onto    *Checkpoint // of the rows that are kept; nil: none are

	History, Changes []query.ExportedColumn // of a [Trailer], if streams were folded
}

// Replaced refuses a table that took the place of the one that a checkpoint is of: it lacks
// some of its columns. nil: it has all. has are the columns of the table.
func (c *Checkpoint) Replaced(target, table string, has []string) error {
	for _, col := range c.Columns {
		if !slices.Contains(has, col.Name) {
			return &RefusedError{target, "the table " + table + " is not the one that asof wrote: it has no column " + col.Name, fault.Try("name another table, or drop this one").With("table", table+"_2")}
		}
	}
	return nil
}

// A Change is a table that is being written. Nobody sees it before Commit.
type Change interface {
	// Put adds a row, whose first value is the stream. It replaces the one of the same
	// stream that was kept.
	Put(row []state.Value, h Head) error

	// Finish writes the checkpoint and returns how many rows the table has.
	Finish(c *Checkpoint) (rows int64, err error)

	// Commit swaps the table in. The change is over, whether or not it succeeds.
	Commit() error

	// Discard undoes the change. It does nothing after Commit.
	Discard()
}

// A RefusedError is a target that asof must not write.
type RefusedError struct {
	Target string
	Why    string
	Next   fault.Remedy
}

func (e *RefusedError) Error() string { return e.Target + ": " + e.Why }

// Class returns fault.Usage.
func (*RefusedError) Class() fault.Class { return fault.Usage }

// Fault returns fault.KindCantWrite.
func (*RefusedError) Fault() fault.Kind { return fault.KindCantWrite }

// Remedy returns what to do next.
func (e *RefusedError) Remedy() fault.Remedy { return e.Next }

// A CountError is a table that does not have the rows that were written.
type CountError struct{ Written, Counted int64 }

func (e *CountError) Error() string {
	return fmt.Sprintf("%s written and %d counted: the target is left as it was", replay.Counted(e.Written, "row", "rows"), e.Counted)
}

// Class returns fault.Store.
func (*CountError) Class() fault.Class { return fault.Store }

// Fault returns fault.KindBadStore.
func (*CountError) Fault() fault.Kind { return fault.KindBadStore }

// Remedy returns what to do next.
func (*CountError) Remedy() fault.Remedy {
	return fault.Try("look for a trigger or a rule on the table")
}
