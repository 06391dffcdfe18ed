package table

import (
	"context"

	"asof/replay"
	"asof/replay/store/cell"
	"asof/replay/store/source"
)

// An Engine runs SQL for a binding.
type Engine interface {
	Flavour() Flavour
	// Open runs the statement for a query.
	Open(ctx context.Context, q replay.Query) (*Events, error)
	// Select runs a statement that does not select events.
	Select(ctx context.Context, st *Statement) (Rows, error)
	// Values returns the first n columns of the first row, or NULL if there are no rows.
	Values(ctx context.Context, n int, sql string, args ...any) ([]cell.Value, error)
	// EachValue calls each for the first column of every row.
	EachValue(ctx context.Context, sql string, each func(*cell.Value)) error
	// Uniques returns the columns of the unique indexes of the table, if only one is read,
	// and whether they are known.
	Uniques(ctx context.Context) (uniques [][]string, known bool, err error)
	// Failed converts an error of the engine to a StoreError.
	Failed(ctx context.Context, err error) error
}

// one returns the single value of a query.
func (b *Binding) one(ctx context.Context, sql string, args ...any) (cell.Value, error) {
	vs, err := b.engine.Values(ctx, 1, sql, args...)
	if err != nil {
		return cell.Value{}, err
	}
	return vs[0], nil
}

// Each yields the events that match a query. At the end, before the rows are closed, it
// calls after, unless it is nil, with the number of events; after may return an error.
func (b *Binding) Each(ctx context.Context, q replay.Query, yield func(*replay.Event, error) bool, after func(n int) error) {
	err := b.inTime(ctx)
	if err == nil && wantsUnique(q) {
		err = b.Sound(ctx, nil)
	}
	if err != nil {
		yield(nil, err)
		return
	}
	c, err := b.engine.Open(ctx, q)
	if err != nil {
		yield(nil, err)
		return
	}
	defer c.Close()
	n := 0
	for ; q.Limit <= 0 || n < q.Limit; n++ {
		e, err := c.Next()
		if err != nil {
			yield(nil, b.engine.Failed(ctx, err))
			return
		}
		if e == nil {
			break
		}
		if !yield(e, nil) {
			return
		}
	}
	if after == nil {
		return
	}
	if err := after(n); err != nil {
		yield(nil, b.engine.Failed(ctx, err))
	}
}

// Summarize counts the contents of a store, and counts the events a second time by their
// streams.
func (b *Binding) Summarize(ctx context.Context) (s replay.Summary, counted int64, err error) {
	if err := b.Sound(ctx, nil); err != nil {
		return s, 0, err
	}
	// The payload is read to count unreadable ones.
	q := replay.Query{Skip: replay.FieldID | replay.FieldMeta}
	if !b.Layout.Has(source.Position) {
		q.Order = replay.ByStream
	}
	c, err := b.engine.Open(ctx, q)
	if err != nil {
		return s, 0, err
	}
	defer c.Close()
	if err := countEvents(c.Next, &s, &c.payloadsSeen); err != nil {
		return s, 0, err
	}
	counts, err := b.engine.Values(ctx, 2, b.Layout.Uncounted().countStreams(b.engine.Flavour()))
	if err != nil {
		return s, 0, err
	}
	s.Streams, counted = counts[0].Num, counts[1].Num
	if b.Layout.Snapshots != "" {
		v, err := b.one(ctx, b.Layout.Snapshots)
		if err != nil {
			return s, counted, err
		}
		s.Snapshots = v.Num
	}
	if b.Layout.Live != nil {
		if s.Live, err = b.LiveTables(ctx); err != nil {
			return s, counted, err
		}
	}
	s.Times = c.writtenTimes()
	left, err := b.countLeftOut(ctx, func(*Omission) bool { return true })
	s.LeftOut = append(append([]string{}, left...), c.unread()...) // not nil: these counts replace the list in Info
	return s, counted, err
}

// With returns a binding with another layout of the same store and another engine.
func (b *Binding) With(l *Layout, engine Engine) *Binding {
	c := *b
	c.Layout, c.engine, c.sound = l, engine, false
	return &c
}
